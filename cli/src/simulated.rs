//! Simulated servers, and the configuration file that works with them.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use tms_sync_sim::generate::Plan;
use tms_sync_sim::jira::dc::DataCenter;
#[cfg(feature = "service")]
use tms_sync_sim::testops::data::Case;
use tms_sync_sim::world::{self, Tracker};
use tms_sync_sim::{Answers, Cloud, World, cloud, testops};

/// Where Jira and Xray run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Variant {
    /// Jira Data Center with the Xray app
    Dc,
    /// Jira Cloud with Xray Cloud
    Cloud,
}

impl Variant {
    /// As it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dc => "dc",
            Self::Cloud => "cloud",
        }
    }
}

/// Running servers; dropping it stops them.
#[derive(Debug)]
pub struct Simulation {
    world: World,
    pub addresses: Addresses,
    /// In the order of the configuration file.
    pub secrets: Vec<NamedSecret>,
}

impl Simulation {
    /// Starts a TestOps with a generated project, and a Jira with Xray. `port` is TestOps'; the others take the ports
    /// after it. 0 picks free ones.
    pub async fn start(variant: Variant, port: u16, cases: u32, answers: Answers) -> io::Result<Self> {
        let cases = usize::try_from(cases).map_err(io::Error::other)?;
        let plan = Plan::showcase(cases);
        let ports = ports(port)?;
        let builder = match variant {
            Variant::Dc => World::dc(),
            Variant::Cloud => World::cloud(),
        };
        let builder = builder
            .project(plan.build())
            .answers(answers)
            .testops(|testops| testops.port(ports.testops));
        let world = builder
            .start_with(|site, clock| async move {
                match variant {
                    Variant::Dc => {
                        let jira = DataCenter::new(site).start(clock, ports.jira).await?;
                        Ok(Tracker { jira, xray: None })
                    }
                    Variant::Cloud => Cloud::new(site, clock).start_on(ports.jira, ports.xray).await,
                }
            })
            .await?;
        Ok(Self {
            addresses: Addresses::of(variant, &world),
            secrets: secrets(variant),
            world,
        })
    }

    /// Writes the configuration and its secrets into a folder, each readable for this account alone. Returns the
    /// configuration's path.
    pub fn write(&self, folder: &Path) -> io::Result<PathBuf> {
        std::fs::create_dir_all(folder)?;
        for secret in &self.secrets {
            private(&folder.join(secret.variable), &secret.value)?;
        }
        let file = folder.join("tms-sync.toml");
        private(&file, &self.addresses.toml(&self.secrets, SecretsIn::Files))?;
        Ok(file)
    }

    /// Somebody renames a test case in TestOps.
    #[cfg(feature = "service")]
    pub fn rename(&self, case: i64, name: &str) {
        let renamed = |case: &mut Case| name.clone_into(&mut case.name);
        // A project without such a case has nothing to rename.
        let _ = self.world.testops.edit(|site| site.edit_case(case, renamed));
    }

    /// Writes that reached Jira and Xray so far, counted by the servers.
    pub fn writes(&self) -> usize {
        self.world.tracker.writes()
    }
}

fn private(path: &Path, content: &str) -> io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(content.as_bytes())
}

/// Where the servers listen.
#[derive(Clone, Copy)]
struct Ports {
    testops: u16,
    jira: u16,
    xray: u16,
}

fn ports(first: u16) -> io::Result<Ports> {
    let after = |number: u16| match first {
        0 => Ok(0),
        _ => first
            .checked_add(number)
            .ok_or_else(|| io::Error::other("ports end at 65535")),
    };
    Ok(Ports {
        testops: first,
        jira: after(1)?,
        xray: after(2)?,
    })
}

fn secrets(variant: Variant) -> Vec<NamedSecret> {
    let secret = |key, variable, value: &str| NamedSecret {
        key,
        variable,
        value: value.to_owned(),
    };
    let testops = secret("token", "TESTOPS_TOKEN", testops::TOKEN);
    match variant {
        Variant::Dc => vec![testops, secret("password", "JIRA_PASSWORD", world::PASSWORD)],
        Variant::Cloud => vec![
            testops,
            secret("api-token", "JIRA_API_TOKEN", world::JIRA_TOKEN),
            secret("xray-client-id", "XRAY_CLIENT_ID", cloud::XRAY_CLIENT_ID),
            secret("xray-client-secret", "XRAY_CLIENT_SECRET", cloud::XRAY_CLIENT_SECRET),
        ],
    }
}

/// One simulated destination, with the TestOps that exports into it.
#[derive(Debug)]
pub struct Addresses {
    pub variant: Variant,
    pub testops: String,
    pub jira: String,
    /// Xray Cloud; on Data Center Xray lives inside Jira.
    pub xray: Option<String>,
    /// Jira user name or e-mail address.
    pub username: String,
    pub testops_project: u64,
    /// Key of the destination project.
    pub project: String,
}

/// Where a secret of the file comes from.
#[derive(Debug, Clone, Copy)]
pub enum SecretsIn {
    /// `{ env = "NAME" }`
    Environment,
    /// `{ file = "NAME" }`, beside the configuration file.
    Files,
}

/// A secret of the configuration: key, environment variable, value.
#[derive(Debug, PartialEq, Eq)]
pub struct NamedSecret {
    pub key: &'static str,
    pub variable: &'static str,
    pub value: String,
}

impl SecretsIn {
    fn source(self, variable: &str) -> String {
        match self {
            Self::Environment => format!("{{ env = \"{variable}\" }}"),
            Self::Files => format!("{{ file = \"{variable}\" }}"),
        }
    }
}

impl Addresses {
    fn of(variant: Variant, world: &World) -> Self {
        Self {
            variant,
            testops: world.testops.url(),
            jira: world.tracker.jira.url(),
            xray: world.tracker.xray.as_ref().map(|xray| xray.url()),
            username: match variant {
                Variant::Dc => world::USER.to_owned(),
                Variant::Cloud => world::EMAIL.to_owned(),
            },
            testops_project: 1,
            project: world::PROJECT.to_owned(),
        }
    }

    /// A configuration that works as it stands. `secrets` are all of the file, the one for TestOps first.
    pub fn toml(&self, secrets: &[NamedSecret], kept: SecretsIn) -> String {
        let mut lines = secrets.iter().map(|secret| (secret.key, kept.source(secret.variable)));
        let mut toml = String::new();
        let _ = writeln!(
            toml,
            "[testops]\nendpoint = \"{}\"\nproject-id = {}",
            self.testops, self.testops_project
        );
        if let Some((_, source)) = lines.next() {
            let _ = writeln!(toml, "token = {source}");
        }
        let (kind, name) = match self.variant {
            Variant::Cloud => ("xray-cloud", "Simulated Xray Cloud"),
            Variant::Dc => ("xray-dc", "Simulated Xray Data Center"),
        };
        let _ = writeln!(
            toml,
            "\n[integration]\ntype = \"{kind}\"\nname = \"{name}\"\nendpoint = \"{}\"",
            self.jira
        );
        if let Some(xray) = &self.xray {
            let _ = writeln!(toml, "xray-endpoint = \"{xray}\"");
        }
        let _ = writeln!(toml, "username = \"{}\"", self.username);
        for (key, source) in lines {
            let _ = writeln!(toml, "{key} = {source}");
        }
        let _ = writeln!(
            toml,
            "\n[[sync]]\nname = \"main\"\nproject = \"{}\"\ntest-case-aql = 'true'\nlaunches-aql = 'true'",
            self.project
        );
        let _ = writeln!(toml, "\n[host]\nstate = \"tms-sync.db\"\nallow = [{}]", self.allowed());
        toml
    }

    /// Host and port of each.
    pub fn servers(&self) -> Vec<String> {
        let servers = [Some(&self.testops), Some(&self.jira), self.xray.as_ref()];
        let host_port = |url: &String| url.trim_start_matches("http://").to_owned();
        servers.into_iter().flatten().map(host_port).collect()
    }

    fn allowed(&self) -> String {
        let quoted: Vec<String> = self.servers().iter().map(|server| format!("\"{server}\"")).collect();
        quoted.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn the_printed_configuration_is_complete() {
        let addresses = Addresses {
            variant: Variant::Cloud,
            testops: "http://127.0.0.1:8081".into(),
            jira: "http://127.0.0.1:8082".into(),
            xray: Some("http://127.0.0.1:8083".into()),
            username: "qa@example.com".into(),
            testops_project: 1,
            project: "CALC".into(),
        };
        let secret = |key, variable| NamedSecret {
            key,
            variable,
            value: "x".into(),
        };
        let secrets = [secret("token", "TESTOPS_TOKEN"), secret("api-token", "JIRA_API_TOKEN")];
        assert_snapshot!(addresses.toml(&secrets, SecretsIn::Environment), @r#"
            [testops]
            endpoint = "http://127.0.0.1:8081"
            project-id = 1
            token = { env = "TESTOPS_TOKEN" }

            [integration]
            type = "xray-cloud"
            name = "Simulated Xray Cloud"
            endpoint = "http://127.0.0.1:8082"
            xray-endpoint = "http://127.0.0.1:8083"
            username = "qa@example.com"
            api-token = { env = "JIRA_API_TOKEN" }

            [[sync]]
            name = "main"
            project = "CALC"
            test-case-aql = 'true'
            launches-aql = 'true'

            [host]
            state = "tms-sync.db"
            allow = ["127.0.0.1:8081", "127.0.0.1:8082", "127.0.0.1:8083"]
            "#);
    }
}
