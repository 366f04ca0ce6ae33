//! What the demo shows between the answers of its commands.

use std::fmt::Write as _;
use std::path::Path;

use super::text::{ATTENTION, FAINT, GOOD, HINT, STRONG, counted, styled, table};
use crate::simulated::Addresses;
use crate::simulated::Variant;

/// Writes that reached Jira and Xray, counted by the servers themselves.
#[derive(Debug, Clone, Copy)]
pub struct Writes {
    pub plan: usize,
    pub first: usize,
    pub second: usize,
}

/// What is there before anything happens.
pub fn servers(addresses: &Addresses, cases: u32, file: &Path) -> String {
    let mut text = String::new();
    let product = match addresses.variant {
        Variant::Cloud => "Jira Cloud with Xray Cloud",
        Variant::Dc => "Jira Data Center with Xray",
    };
    let _ = writeln!(
        text,
        "{}",
        styled(
            STRONG,
            format!("From Allure TestOps to {product}, all simulated on this machine")
        )
    );
    let cases = counted(u64::from(cases), "test case", "test cases");
    let mut rows = vec![
        vec![
            "TestOps".to_owned(),
            addresses.testops.clone(),
            format!("{cases}, 2 launches"),
        ],
        vec![
            "Jira".to_owned(),
            addresses.jira.clone(),
            format!("empty project {}", addresses.project),
        ],
    ];
    rows.extend(addresses.xray.iter().map(|xray| vec!["Xray".to_owned(), xray.clone()]));
    rows.push(vec!["configuration".to_owned(), file.display().to_string()]);
    text.push_str(&table(&rows, "  "));
    text
}

/// The head of a step: the command as a person would type it, and what it is for.
pub fn step(number: usize, command: &str, option: &str, why: &str) -> String {
    let line = styled(STRONG, format!("{number}. tms-sync {command}{option}"));
    format!("\n{line}\n   {}\n", styled(FAINT, why))
}

/// An answer, set off from the demo's own words.
pub fn quoted(answer: &str) -> String {
    let line = |line: &str| {
        if line.is_empty() {
            "\n".to_owned()
        } else {
            format!("   {line}\n")
        }
    };
    answer.trim_end().lines().map(line).collect()
}

/// What it came to.
pub fn closing(addresses: &Addresses, writes: &Writes, keeps_running: bool, option: &str) -> String {
    let mut text = format!("\n{}\n", styled(STRONG, "What the servers counted"));
    let mut line = |what: &str, number: usize, as_promised: bool| {
        let style = if as_promised { GOOD } else { ATTENTION };
        let number = styled(style, counted(number as u64, "write", "writes"));
        let _ = writeln!(text, "  {what:<14}  {number} to Jira and Xray");
    };
    line("plan", writes.plan, writes.plan == 0);
    line("first export", writes.first, writes.first > 0);
    line("second export", writes.second, writes.second == 0);
    if keeps_running {
        let _ = writeln!(
            text,
            "\nLook at what arrived: {}/projects/{}",
            addresses.jira, addresses.project
        );
        let _ = writeln!(text, "Or go on yourself:    tms-sync export{option}");
        text.push_str("The servers stay up until Ctrl-C\n");
    } else {
        let _ = writeln!(
            text,
            "\n{}: --keep-running leaves the servers up, to look at every issue in a browser",
            styled(HINT, "next")
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn addresses() -> Addresses {
        Addresses {
            variant: Variant::Dc,
            testops: "http://127.0.0.1:8081".into(),
            jira: "http://127.0.0.1:8082".into(),
            xray: None,
            username: "exporter".into(),
            testops_project: 1,
            project: "CALC".into(),
        }
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn the_demo_opens_with_the_servers_it_started() {
        assert_snapshot!(plain(&servers(&addresses(), 12, Path::new("/tmp/demo/tms-sync.toml"))), @r#"
            From Allure TestOps to Jira Data Center with Xray, all simulated on this machine
              TestOps        http://127.0.0.1:8081    12 test cases, 2 launches
              Jira           http://127.0.0.1:8082    empty project CALC
              configuration  /tmp/demo/tms-sync.toml
            "#);
    }

    #[test]
    fn a_step_shows_the_command_to_type() {
        let text = step(3, "plan", " -c my.toml", "What would it do?") + &quoted("one\n\ntwo\n");
        assert_snapshot!(plain(&text), @r#"
            3. tms-sync plan -c my.toml
               What would it do?
               one

               two
            "#);
    }

    #[test]
    fn the_demo_closes_with_what_the_servers_counted() {
        let writes = Writes {
            plan: 0,
            first: 7,
            second: 0,
        };
        assert_snapshot!(plain(&closing(&addresses(), &writes, true, " -c my.toml")), @r#"
            What the servers counted
              plan            0 writes to Jira and Xray
              first export    7 writes to Jira and Xray
              second export   0 writes to Jira and Xray

            Look at what arrived: http://127.0.0.1:8082/projects/CALC
            Or go on yourself:    tms-sync export -c my.toml
            The servers stay up until Ctrl-C
            "#);
    }
}
