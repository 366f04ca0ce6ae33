//! `tms-sync validate`, and the same judgement before every command that acts.

use std::fmt::Write as _;
use std::net::IpAddr;

use serde_json::{Map, Value, json};
use tms_sync_host::model::{ExportConfig, Finding};
use tms_sync_host::origin_of;

use super::Configured;
use crate::answer::{Answer, Json};
use crate::options::ConfigOptions;
use crate::render::diagnostic::{self, Diagnostic};
use crate::render::text::{GOOD, STRONG, counted, harmless, styled, table};
use crate::session::Session;
use crate::state::LedgerUse;

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
    const JUDGES: bool = true;

    fn config(&self) -> &ConfigOptions {
        &self.configured
    }

    async fn answer(self, session: &Session) -> Result<Answer, Vec<Diagnostic>> {
        answer(session, self.show_mapping).await
    }
}

pub async fn answer(session: &Session, show_mapping: bool) -> Result<Answer, Vec<Diagnostic>> {
    let mut diagnostics = session.remarks.clone();
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
        let found = session.tenant_of(sync).validate(sync).await;
        for finding in found.map_err(|error| Diagnostic::from_call(&error))? {
            let withheld = withheld_server(session, &finding);
            let mut one = Diagnostic::from_finding(finding, &session.config, sync.map(|sync| sync.name.as_str()));
            if let (Some(server), None) = (withheld, &one.hint) {
                one = one.hint(format!(
                    "if that server is meant, add \"{server}\" to `allow` under [host]"
                ));
            }
            if !diagnostics.contains(&one) {
                diagnostics.push(one);
            }
        }
    }
    Ok(diagnostics)
}

/// The server, as host and port, of an address that is reached only if the operator allows it: one with plain http, or with
/// a private address.
fn withheld_server(session: &Session, finding: &Finding) -> Option<String> {
    let field = session.config.fields.iter().find(|field| field.name == finding.field)?;
    let origin = origin_of(&field.value)?;
    let (scheme, server) = origin.split_once("://")?;
    let has_port = server
        .rsplit_once(':')
        .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let host = if has_port { server.rsplit_once(':')?.0 } else { server };
    let is_private = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_private() || address.is_loopback(),
        Ok(IpAddr::V6(address)) => address.is_loopback() || address.is_unique_local(),
        Err(_) => false,
    };
    let port = if scheme == "http" { 80 } else { 443 };
    let named = if has_port {
        server.to_owned()
    } else {
        format!("{server}:{port}")
    };
    (scheme == "http" || is_private).then_some(named)
}

type Rules = Vec<(String, String)>;

/// The mapping rules in force, by sync.
async fn rules(session: &Session) -> Result<Vec<(ExportConfig, Rules)>, Diagnostic> {
    let mut all = Vec::new();
    for sync in &session.config.syncs {
        let rules = session.tenant_of(sync).mapping(Some(sync)).await;
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
