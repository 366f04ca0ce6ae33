//! What `sim` prints about its servers.

use std::fmt::Write as _;
use std::path::Path;

use super::text::{STRONG, styled};
use crate::options::quoted;
use crate::simulated::Variant;
use crate::simulated::{Addresses, NamedSecret, SecretsIn};

/// Addresses, credentials, and a configuration file to save.
pub fn text(addresses: &Addresses, secrets: &[NamedSecret]) -> String {
    let (title, file) = titles(addresses.variant);
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}",
        styled(
            STRONG,
            format!("# {title}: save the following as {file}, then run what is below it")
        )
    );
    text.push_str(&addresses.toml(secrets, SecretsIn::Environment));
    text.push('\n');
    for secret in secrets {
        let _ = writeln!(text, "export {}='{}'", secret.variable, secret.value);
    }
    let _ = writeln!(text, "tms-sync export -c {file}");
    let _ = writeln!(
        text,
        "# issues, for a browser: {}/projects/{}\n",
        addresses.jira, addresses.project
    );
    text
}

/// The command to begin with, where the configuration was written to a file, and where to look.
pub fn written(addresses: &Addresses, file: &Path) -> String {
    let (title, _) = titles(addresses.variant);
    let mut text = format!("{}\n", styled(STRONG, title));
    let _ = writeln!(text, "  tms-sync export -c {}", quoted(file));
    let _ = writeln!(text, "  TestOps, to edit cases and launches: {}", addresses.testops);
    let _ = writeln!(
        text,
        "  Jira, to look at issues: {}/projects/{}",
        addresses.jira, addresses.project
    );
    text
}

fn titles(variant: Variant) -> (&'static str, &'static str) {
    match variant {
        Variant::Cloud => ("Jira Cloud with Xray Cloud", "sim-cloud.toml"),
        Variant::Dc => ("Jira Data Center with Xray", "sim-dc.toml"),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn everything_needed_is_printed_ready_to_paste() {
        let addresses = Addresses {
            variant: Variant::Dc,
            testops: "http://127.0.0.1:8081".into(),
            jira: "http://127.0.0.1:8082".into(),
            xray: None,
            username: "exporter".into(),
            testops_project: 1,
            project: "CALC".into(),
        };
        let secret = |key, variable, value: &str| NamedSecret {
            key,
            variable,
            value: value.into(),
        };
        let secrets = [
            secret("token", "TESTOPS_TOKEN", "a-token"),
            secret("password", "JIRA_PASSWORD", "a-password"),
        ];
        assert_snapshot!(anstream::adapter::strip_str(&text(&addresses, &secrets)).to_string(), @r#"
            # Jira Data Center with Xray: save the following as sim-dc.toml, then run what is below it
            [testops]
            endpoint = "http://127.0.0.1:8081"
            project-id = 1
            token = { env = "TESTOPS_TOKEN" }

            [integration]
            type = "xray-dc"
            name = "Simulated Xray Data Center"
            endpoint = "http://127.0.0.1:8082"
            username = "exporter"
            password = { env = "JIRA_PASSWORD" }

            [[sync]]
            name = "main"
            project = "CALC"
            test-case-aql = 'true'
            launches-aql = 'true'

            [host]
            state = "tms-sync.db"
            allow = ["127.0.0.1:8081", "127.0.0.1:8082"]

            export TESTOPS_TOKEN='a-token'
            export JIRA_PASSWORD='a-password'
            tms-sync export -c sim-dc.toml
            # issues, for a browser: http://127.0.0.1:8082/projects/CALC
            "#);
    }
}
