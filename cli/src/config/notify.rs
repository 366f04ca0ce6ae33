//! `[notify]`: who hears how exports ended.

use super::problem::Source;
use super::section::{At, Entry, Section};

const KEYS: [&str; 6] = ["when", "webhook", "ping", "mail", "from", "smtp"];
/// Those whose value may be a secret.
const PLAIN: [&str; 3] = ["when", "mail", "from"];

/// Of which exports people hear.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum When {
    /// Those that failed, and the first one that is all right again.
    #[default]
    Failure,
    Always,
}

#[derive(Debug, Default)]
pub struct Notify {
    pub when: When,
    /// Gets JSON with `text`, which Slack, Mattermost and their like show.
    pub webhook: Option<Entry>,
    /// Is asked after each export; with `/fail` at its end where the export failed.
    pub ping: Option<Entry>,
    pub mail: Vec<String>,
    #[cfg_attr(not(feature = "service"), expect(dead_code, reason = "mail goes with the service"))]
    pub from: Option<String>,
    /// Server for mail; absent: the machine's `sendmail`.
    pub smtp: Option<Entry>,
}

impl Notify {
    pub fn read(section: &mut Section<'_>, source: &Source) -> (Self, Vec<super::Problem>) {
        let mut problems = Vec::new();
        section.refuse_unknown(&KEYS, |_| None);
        let when = match section.string("when") {
            None => When::default(),
            Some(At { value, .. }) if value == "failure" => When::Failure,
            Some(At { value, .. }) if value == "always" => When::Always,
            Some(At { span, .. }) => {
                let problem = source.problem(span, "`when` must be \"failure\" or \"always\"");
                problems.push(problem);
                When::default()
            }
        };
        let mut notify = Self {
            when,
            mail: section.strings("mail").into_iter().map(|at| at.value).collect(),
            from: section.string("from").map(|at| at.value),
            ..Self::default()
        };
        for (key, entry) in section.entries(&PLAIN) {
            if let Entry::Secret(secret) = &entry.value
                && secret.reference().is_some()
            {
                let message = format!("`{}` cannot come from the vault", key.value.escape_debug());
                let hint =
                    "keep it in a variable, { env = \"…\" }, or in a file: people hear of a vault that is away, too";
                problems.push(source.problem(entry.span.clone(), message).hint(hint));
            }
            let place = match key.value.as_str() {
                "webhook" => &mut notify.webhook,
                "ping" => &mut notify.ping,
                "smtp" => &mut notify.smtp,
                _ => continue,
            };
            *place = Some(entry.value);
        }
        (notify, problems)
    }
}
