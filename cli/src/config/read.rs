//! The file as text, turned into a draft: everything that can be judged without knowing the plugin.

use std::path::Path;

use tms_sync_host::EgressPolicy;
use toml::de::{DeTable, DeValue};

use super::network::Network;
use super::notify::Notify;
use super::problem::{Problem, Source};
use super::secret::SecretSource;
use super::section::{At, Entry, Section};
use super::vault::VaultDraft;
use crate::files;
use crate::plugin::{Acceptance, Named, refused};
use crate::state::State;

/// The file's sections and their keys. What `[integration]` holds beyond these depends on the plugin.
const SECTIONS: [&str; 6] = ["testops", "integration", "mapping", "sync", "host", "notify"];
const TESTOPS: [&str; 3] = ["endpoint", "project-id", "token"];
pub const INTEGRATION: [&str; 3] = ["type", "name", "id"];
const SYNC: [&str; 9] = [
    "name",
    "project",
    "testops-project-id",
    "test-case-aql",
    "launches-aql",
    "disable-test-case-create",
    "disable-launches-sync",
    "disable-export",
    "mapping",
];
const HOST: [&str; 10] = [
    "authority",
    "state",
    "allow",
    "plugin",
    "plugin-policy",
    "plugin-mib",
    "plugin-instances",
    "proxy",
    "server",
    "vault",
];

/// Mapping options: name with its place, and value.
pub type Options = Vec<(At<String>, String)>;

/// A configuration file that has been read and not yet been held against a plugin's manifest.
#[derive(Debug)]
pub struct Draft {
    pub source: Source,
    /// In the order of the file.
    pub problems: Vec<Problem>,
    pub testops: TestOps,
    pub integration: Integration,
    /// `[mapping]`: what every sync takes that does not set it otherwise.
    pub mapping: Options,
    pub syncs: Vec<Sync>,
    pub host: Host,
    pub notify: Option<Notify>,
}

#[derive(Debug, Default)]
pub struct TestOps {
    pub endpoint: Option<At<String>>,
    pub project_id: Option<At<u64>>,
    pub token: Option<At<SecretSource>>,
}

#[derive(Debug, Default)]
pub struct Integration {
    pub span: std::ops::Range<usize>,
    pub kind: Option<At<String>>,
    pub name: Option<At<String>>,
    /// What the ledger knows it by; the name, if absent.
    pub id: Option<At<String>>,
    pub entries: Vec<(At<String>, At<Entry>)>,
}

/// One `[[sync]]`.
#[derive(Debug)]
pub struct Sync {
    pub span: std::ops::Range<usize>,
    pub name: Option<At<String>>,
    pub project: Option<At<String>>,
    /// Its project of TestOps, where that is not the one of `[testops]`.
    pub testops_project: Option<At<u64>>,
    pub test_case_aql: Option<At<String>>,
    pub launches_aql: Option<At<String>>,
    pub disable_test_case_create: bool,
    pub disable_launches_sync: bool,
    pub disable_export: bool,
    pub mapping: Options,
}

/// `[host]`; paths are already relative to nothing.
#[derive(Debug)]
pub struct Host {
    pub state: State,
    pub policy: EgressPolicy,
    pub network: Network,
    pub vault: Option<VaultDraft>,
    pub plugin: Option<At<Named>>,
    pub acceptance: Acceptance,
}

impl Draft {
    /// Reads the file. The error is for a file that cannot be read at all.
    pub fn read(file: &Path) -> Result<Self, Problem> {
        let text = files::read_text(file, files::TEXT).map_err(|error| {
            Problem::with_file(file, format!("cannot read the configuration: {error}"))
                .hint("name it with -c FILE; `tms-sync sim` prints one that is ready to use")
        })?;
        Ok(Self::parse(Source {
            file: file.to_owned(),
            text,
        }))
    }

    pub fn parse(source: Source) -> Self {
        let (document, mut problems) = document(&source);
        // After a broken line the parser guesses; what follows from its guesses would only confuse.
        let broken = !problems.is_empty();
        let mut found = Sections {
            source: &source,
            problems: Vec::new(),
        };
        let (testops, integration, mapping, syncs, host) = found.read(document.get_ref());
        let notify = found.notify(document.get_ref());
        if !broken {
            problems.append(&mut found.problems);
        }
        let mut draft = Self {
            source,
            problems,
            testops,
            integration,
            mapping,
            syncs,
            host,
            notify,
        };
        draft.sort();
        draft
    }

    /// Problems in the order a person meets them in the file.
    pub fn sort(&mut self) {
        self.problems.sort_by_key(|problem| problem.place);
    }

    /// Whether it cannot be held against a plugin.
    pub fn is_blocked(&self) -> bool {
        self.problems.iter().any(Problem::blocks)
    }

    /// Where relative paths start.
    pub fn folder(&self) -> &Path {
        folder_of(&self.source)
    }
}

/// The file as TOML, as far as it is.
pub(super) fn document(source: &Source) -> (toml::Spanned<DeTable<'_>>, Vec<Problem>) {
    let (document, errors) = DeTable::parse_recoverable(&source.text);
    // Only the parser's own words: its full display quotes the line, which may hold a secret.
    let problem = |error: &toml::de::Error| {
        let message = format!("not TOML: {}", error.message());
        source.problem(error.span().unwrap_or_default(), message)
    };
    let problems = errors.iter().map(problem).collect();
    (document, problems)
}

pub fn folder_of(source: &Source) -> &Path {
    source.file.parent().unwrap_or(Path::new(""))
}

/// The section a key belongs under, if it is a key of this file at all.
fn section_of(key: &str) -> Option<&'static str> {
    let sections: [(&str, &[&str]); 3] = [("[testops]", &TESTOPS), ("[[sync]]", &SYNC), ("[host]", &HOST)];
    // `endpoint`, `name` and `token` are keys of several sections, so no advice follows from them.
    let shared = ["endpoint", "name", "token"];
    sections
        .into_iter()
        .find(|(_, keys)| keys.contains(&key) && !shared.contains(&key))
        .map(|(title, _)| title)
}

pub(super) struct Sections<'a> {
    pub source: &'a Source,
    pub problems: Vec<Problem>,
}

impl<'a> Sections<'a> {
    fn read(&mut self, root: &'a DeTable<'a>) -> (TestOps, Integration, Options, Vec<Sync>, Host) {
        let mut top = Section::new(self.source, "the file", 0..0, root);
        top.refuse_unknown(&SECTIONS, section_of);
        let mapping = top.options("mapping");
        self.problems.extend(top.problems());

        let testops = self
            .table(root, "testops", "[testops]", true)
            .map(|section| self.testops(section));
        let integration = self
            .table(root, "integration", "[integration]", true)
            .map(|section| self.integration(section));
        let host = self.table(root, "host", "[host]", false);
        let host = self.host(host, &HOST);
        (
            testops.unwrap_or_default(),
            integration.unwrap_or_default(),
            mapping,
            self.syncs(root),
            host,
        )
    }

    fn notify(&mut self, root: &'a DeTable<'a>) -> Option<Notify> {
        let mut section = self.table(root, "notify", "[notify]", false)?;
        let (notify, problems) = Notify::read(&mut section, self.source);
        self.problems.extend(section.problems().into_iter().chain(problems));
        Some(notify)
    }

    pub fn table(&mut self, root: &'a DeTable<'a>, key: &str, title: &'a str, needed: bool) -> Option<Section<'a>> {
        let Some((_, value)) = root.iter().find(|(name, _)| name.get_ref() == key) else {
            if needed {
                self.problems
                    .push(Problem::with_file(&self.source.file, format!("{title} is missing")));
            }
            return None;
        };
        match value.get_ref() {
            DeValue::Table(table) => Some(Section::new(self.source, title, value.span(), table)),
            _ => {
                let problem = self.source.problem(value.span(), format!("`{key}` must be one table"));
                self.problems
                    .push(problem.hint(format!("start it with a line {title}")));
                None
            }
        }
    }

    fn testops(&mut self, mut section: Section<'a>) -> TestOps {
        section.refuse_unknown(&TESTOPS, section_of);
        let testops = TestOps {
            endpoint: section.required("endpoint", "\"https://testops.example.com\""),
            project_id: section.positive("project-id", "1"),
            token: section.secret("token", "TESTOPS_TOKEN"),
        };
        self.problems.extend(section.problems());
        testops
    }

    fn integration(&mut self, mut section: Section<'a>) -> Integration {
        let span = section.span();
        let integration = Integration {
            span,
            kind: section.required("type", "\"xray-cloud\""),
            name: section.required("name", "\"Xray production\""),
            id: section.string("id"),
            entries: section.entries(&INTEGRATION),
        };
        self.problems.extend(section.problems());
        integration
    }

    fn syncs(&mut self, root: &'a DeTable<'a>) -> Vec<Sync> {
        let Some((_, value)) = root.iter().find(|(name, _)| name.get_ref() == "sync") else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            let problem = self.source.problem(value.span(), "`sync` must be a list of tables");
            self.problems
                .push(problem.hint("write [[sync]] with two brackets; there can be several"));
            return Vec::new();
        };
        let mut syncs: Vec<Sync> = Vec::new();
        for item in array.iter() {
            let Some(table) = item.get_ref().as_table() else {
                let problem = self.source.problem(item.span(), "each `sync` must be a table");
                self.problems
                    .push(problem.hint("write [[sync]] on a line of its own, and its keys below"));
                continue;
            };
            let sync = self.sync(Section::new(self.source, "[[sync]]", item.span(), table));
            self.refuse_second(&syncs, &sync);
            syncs.push(sync);
        }
        syncs
    }

    fn sync(&mut self, mut section: Section<'a>) -> Sync {
        section.refuse_unknown(&SYNC, section_of);
        let sync = Sync {
            span: section.span(),
            name: section.required("name", "\"main\""),
            project: section.required("project", "\"CALC\""),
            testops_project: section.optional_positive("testops-project-id"),
            test_case_aql: section.string("test-case-aql"),
            launches_aql: section.string("launches-aql"),
            disable_test_case_create: section.flag("disable-test-case-create"),
            disable_launches_sync: section.flag("disable-launches-sync"),
            disable_export: section.flag("disable-export"),
            mapping: section.options("mapping"),
        };
        self.problems.extend(section.problems());
        sync
    }

    fn refuse_second(&mut self, earlier: &[Sync], sync: &Sync) {
        let Some(name) = &sync.name else { return };
        let taken = earlier
            .iter()
            .filter_map(|other| other.name.as_ref())
            .any(|other| other.value == name.value);
        if taken {
            let message = format!("there are two syncs named `{}`", name.value.escape_debug());
            let problem = self.source.problem(name.span.clone(), message);
            self.problems
                .push(problem.hint("give each a name of its own; commands pick a sync by it"));
        }
    }

    pub fn host(&mut self, section: Option<Section<'a>>, keys: &[&str]) -> Host {
        let folder = folder_of(self.source);
        let mut host = Host {
            state: State::File(folder.join("tms-sync.db")),
            policy: EgressPolicy::public_only(),
            network: Network::default(),
            vault: None,
            plugin: None,
            acceptance: Acceptance::default(),
        };
        let Some(mut section) = section else { return host };
        section.refuse_unknown(keys, section_of);
        if let Some(state) = section.string("state") {
            host.state = State::of(&state.value, folder);
            if host.state.has_password() {
                let problem = self.source.problem(state.span, "`state` has a password in it");
                self.problems
                    .push(problem.hint("leave it out here, and set the environment variable PGPASSWORD"));
            }
        }
        let allowed = section.strings("allow");
        let authority = section.string("authority");
        let plugin = section.string("plugin");
        if let Some(policy) = section.string("plugin-policy") {
            host.acceptance.policy = Some(folder.join(policy.value));
        }
        if let Some(mib) = section.optional_positive("plugin-mib") {
            host.acceptance.mib = mib.value;
        }
        if let Some(instances) = section.optional_positive("plugin-instances") {
            host.acceptance.instances = instances.value;
        }
        host.network = Network::read(&mut section);
        host.vault = section
            .table("vault", "[host.vault]", |section| {
                VaultDraft::read(section, self.source)
            })
            .filter(|_| keys.contains(&"vault"));
        self.problems.extend(section.problems());
        host.plugin = plugin.and_then(|plugin| self.named(plugin, folder));
        host.policy = self.policy(&allowed);
        if let Some(authority) = authority {
            host.policy = self.trusting(host.policy, &folder.join(&authority.value), authority.span);
        }
        host
    }

    fn named(&mut self, plugin: At<String>, folder: &Path) -> Option<At<Named>> {
        let span = plugin.span;
        match Named::read(&plugin.value, folder) {
            Ok(value) => Some(At { value, span }),
            Err(error) => {
                let refused = refused(error);
                let problem = self.source.problem(span, format!("`plugin`: {}", refused.message));
                self.problems.push(problem.hint(refused.hint.unwrap_or_default()));
                None
            }
        }
    }

    /// With the authorities of a file, or as it was where the file is not usable.
    fn trusting(&mut self, policy: EgressPolicy, file: &Path, span: std::ops::Range<usize>) -> EgressPolicy {
        let read = files::read(file, files::TEXT).map_err(|error| error.to_string());
        let trusted = read.and_then(|pem| policy.clone().trust(&pem).map_err(|error| error.to_string()));
        trusted.unwrap_or_else(|error| {
            let message = format!("`authority`: {}: {error}", file.display());
            let problem = self.source.problem(span, message);
            let hint = "name a PEM file with the certificates of your authority; its path starts at this file's folder";
            self.problems.push(problem.hint(hint));
            policy
        })
    }

    fn policy(&mut self, allowed: &[At<String>]) -> EgressPolicy {
        let mut policy = EgressPolicy::public_only();
        for entry in allowed {
            match policy.clone().allow(&entry.value) {
                Ok(wider) => policy = wider,
                Err(error) => {
                    let problem = self.source.problem(entry.span.clone(), format!("`allow`: {error}"));
                    let hint = "write host:port, for example \"127.0.0.1:8081\" or \"jira.internal:8443\"";
                    self.problems.push(problem.hint(hint));
                }
            }
        }
        policy
    }
}
