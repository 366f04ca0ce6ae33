//! A file that says how a service reaches other servers: `[host]` and nothing else.

use std::path::Path;

use tms_sync_host::EgressPolicy;
use toml::de::DeTable;

use super::problem::{Problem, Severity, Source};
use super::read::{Host, Sections, document, folder_of};
use super::section::Section;
use crate::files;

/// Keys of `[host]` in a network file.
const NETWORK: [&str; 4] = ["authority", "allow", "proxy", "server"];

/// The policy of a file that has `[host]` alone, for a service: what it reaches, and how.
pub fn network(file: &Path, variable: &dyn Fn(&str) -> Option<String>) -> Result<EgressPolicy, Vec<Problem>> {
    let text = files::read_text(file, files::TEXT).map_err(|error| {
        vec![Problem::with_file(
            file,
            format!("cannot read the network file: {error}"),
        )]
    })?;
    let source = Source {
        file: file.to_owned(),
        text,
    };
    let (document, mut problems) = document(&source);
    let mut found = Sections {
        source: &source,
        problems: Vec::new(),
    };
    let host = found.host_alone(document.get_ref());
    problems.append(&mut found.problems);
    let (policy, others) = host
        .network
        .apply(host.policy.clone(), &source, folder_of(&source), variable);
    problems.extend(others);
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        problems.sort_by_key(|problem| problem.place);
        return Err(problems);
    }
    Ok(policy)
}

impl<'a> Sections<'a> {
    /// `[host]` of a file that has nothing else: a service has options of its own for the rest.
    fn host_alone(&mut self, root: &'a DeTable<'a>) -> Host {
        let mut top = Section::new(self.source, "a network file", 0..0, root);
        top.refuse_unknown(&["host"], |_| None);
        self.problems.extend(top.problems());
        let host = self.table(root, "host", "[host]", true);
        self.host(host, &NETWORK)
    }
}
