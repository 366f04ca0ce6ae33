//! `tms-sync validate`, and the same judgement before every command that acts.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use tms_sync_host::model::ExportConfig;

use super::Configured;
use crate::answer::{Answer, Json};
use crate::options::ConfigOptions;
use crate::render::diagnostic::{self, Diagnostic};
use crate::render::text::{GOOD, STRONG, counted, harmless, styled, table};
use crate::session::{LedgerUse, Session};

/// Checks the configuration without asking any server
///
/// Finds unknown keys, missing secrets, malformed addresses and mistakes in AQL, all at once, each with its place in
/// the file and what to do about it.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub configured: ConfigOptions,
    /// Print every mapping option in force, with where its value comes from
    #[arg(long)]
    pub show_mapping: bool,
}

impl Configured for Args {
    const NAME: &'static str = "validate";
    const LEDGER: LedgerUse = LedgerUse::Look;
    // They are among its answer's problems.
    const SHOWS_WARNINGS: bool = false;

    fn config(&self) -> &ConfigOptions {
        &self.configured
    }

    async fn answer(self, session: &Session) -> Result<Answer, Vec<Diagnostic>> {
        answer(session, self.show_mapping).await
    }
}

pub async fn answer(session: &Session, show_mapping: bool) -> Result<Answer, Vec<Diagnostic>> {
    let mut diagnostics = session.warnings.clone();
    diagnostics.extend(
        findings(session, &session.config.syncs)
            .await
            .map_err(|diagnostic| vec![diagnostic])?,
    );
    let rules = rules(session).await.map_err(|diagnostic| vec![diagnostic])?;
    let exit_code = if diagnostics.iter().any(Diagnostic::is_error) {
        2
    } else {
        0
    };
    let text = if exit_code == 0 {
        text(session, &rules, show_mapping)
    } else {
        String::new()
    };
    let members = Map::from_iter([
        (
            "problems".to_owned(),
            diagnostics.iter().map(diagnostic::json).collect(),
        ),
        (
            "syncs".to_owned(),
            rules.iter().map(|(sync, rules)| json(session, sync, rules)).collect(),
        ),
    ]);
    Ok(Answer {
        exit_code,
        text,
        json: Json::Members(members),
        problems: diagnostics,
        reasons: Vec::new(),
    })
}

/// Checks that the plugin takes the settings, and shows its warnings before anything happens.
pub async fn passes(session: &Session, syncs: &[ExportConfig]) -> Result<(), Vec<Diagnostic>> {
    let diagnostics = findings(session, syncs).await.map_err(|diagnostic| vec![diagnostic])?;
    if diagnostics.iter().any(Diagnostic::is_error) {
        return Err(diagnostics);
    }
    for warning in &diagnostics {
        diagnostic::log(warning);
    }
    Ok(())
}

/// What the plugin finds in the integration and each of `syncs`, everything once.
async fn findings(session: &Session, syncs: &[ExportConfig]) -> Result<Vec<Diagnostic>, Diagnostic> {
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let each = syncs.iter().map(Some);
    // Without a sync the integration is judged alone; with one, together with it.
    let judged: Vec<Option<&ExportConfig>> = if syncs.is_empty() { vec![None] } else { each.collect() };
    for sync in judged {
        let found = session.tenant.validate(sync).await;
        for finding in found.map_err(|error| Diagnostic::from_call(&error))? {
            let one = Diagnostic::from_finding(finding, &session.config, sync.map(|sync| sync.name.as_str()));
            if !diagnostics.contains(&one) {
                diagnostics.push(one);
            }
        }
    }
    Ok(diagnostics)
}

type Rules = Vec<(String, String)>;

/// The mapping rules in force, by sync.
async fn rules(session: &Session) -> Result<Vec<(ExportConfig, Rules)>, Diagnostic> {
    let mut all = Vec::new();
    for sync in &session.config.syncs {
        let rules = session.tenant.mapping(Some(sync)).await;
        all.push((sync.clone(), rules.map_err(|error| Diagnostic::from_call(&error))?));
    }
    Ok(all)
}

fn text(session: &Session, rules: &[(ExportConfig, Rules)], show_mapping: bool) -> String {
    let syncs = counted(rules.len() as u64, "sync", "syncs");
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}: {} ({}), {syncs}",
        styled(GOOD, "Configuration is sound"),
        harmless(&session.config.name),
        harmless(&session.config.kind),
    );
    for (sync, rules) in rules {
        let _ = writeln!(
            text,
            "{} → {}",
            styled(STRONG, harmless(&sync.name)),
            harmless(&sync.project)
        );
        let origin = |name: &str| session.config.origin_of(name, &sync.name);
        let shown = rules
            .iter()
            .filter(|(name, _)| show_mapping || origin(name) != "default");
        let rows: Vec<Vec<String>> = shown
            .map(|(name, value)| {
                let cells = [name.as_str(), value.as_str(), origin(name)].map(|cell| harmless(cell).into_owned());
                cells.to_vec()
            })
            .collect();
        text.push_str(&table(&rows, "  "));
    }
    text
}

fn json(session: &Session, sync: &ExportConfig, rules: &Rules) -> Value {
    let mapping: Map<String, Value> = rules.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let origin = |name: &String| json!(session.config.origin_of(name, &sync.name));
    let origins: Map<String, Value> = rules.iter().map(|(name, _)| (name.clone(), origin(name))).collect();
    json!({ "name": sync.name, "project": sync.project, "mapping": mapping, "mapping-origins": origins })
}
