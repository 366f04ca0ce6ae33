use super::{DC, ExportConfig, Field, Finding, IntegrationKind, KINDS, Settings, credentials, endpoint, export, kind};
use crate::mapping::options::SHARED_STEPS;
use crate::text::{nearest, shown};
use std::collections::BTreeMap;

/// Everything that can be said about settings without asking a server. Empty: nothing to say.
///
/// `secrets` are the names of the stored secrets.
pub fn validate(settings: &Settings, secrets: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    match kind(&settings.kind) {
        Some(kind) => {
            findings.extend(fields(kind, settings));
            findings.extend(stored(kind, secrets));
            findings.extend(endpoint::check(settings));
            findings.extend(settings.value("testops-project-id").and_then(project_id));
            findings.extend(credentials::check(kind, settings, secrets));
            let place = |finding: &Finding| kind.fields.iter().position(|field| field.name == finding.field);
            let placed = findings.into_iter().enumerate();
            let placed = placed.map(|(number, finding)| ((place(&finding).unwrap_or(usize::MAX), number), finding));
            findings = BTreeMap::from_iter(placed).into_values().collect();
        }
        None => findings.push(unknown_kind(&settings.kind)),
    }
    if let Some(config) = &settings.export {
        findings.extend(export::check(config));
        findings.extend(calls(settings, config));
    }
    findings
}

/// Calls of Tests can be read on Data Center, and no documented request writes one.
fn calls(settings: &Settings, config: &ExportConfig) -> Option<Finding> {
    let wanted = settings.kind == DC && config.options().options.scenario.calls;
    wanted.then(|| {
        let message = "Xray Data Center has no request that makes a Test call another.";
        Finding::error(SHARED_STEPS, message).hint("Take `expand`; `call` is for Xray Cloud (xray-cloud).")
    })
}

fn unknown_kind(id: &str) -> Finding {
    let finding = Finding::error("kind", format!("There is no integration type `{}`.", shown(id)));
    match nearest(id, KINDS.iter().map(|kind| kind.id)) {
        Some(known) => finding.hint(format!("Did you mean {known}?")),
        None => {
            let known: Vec<_> = KINDS
                .iter()
                .map(|kind| format!("{} ({})", kind.id, kind.title))
                .collect();
            finding.hint(format!("There are {}.", known.join(" and ")))
        }
    }
}

/// Names that do not belong here, secrets in the open, names given twice, white space around values.
fn fields(kind: &IntegrationKind, settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, Field { name, value }) in settings.fields.iter().enumerate() {
        match kind.fields.iter().find(|field| field.name == name) {
            None => findings.push(unknown(kind, name)),
            Some(field) if field.secret => findings.push(
                Finding::error(
                    field.name,
                    format!("{} is a secret and stands openly in the settings.", field.label),
                )
                .hint("Take it out, make a new one, and store that as a secret."),
            ),
            Some(field) if value.trim() != value && !value.trim().is_empty() => findings.push(
                Finding::error(field.name, format!("{} has white space around it.", field.label))
                    .hint("Take it out; it often comes with copying."),
            ),
            Some(_) => {}
        }
        if settings.fields.iter().take(index).any(|other| other.name == *name) {
            findings.push(Finding::error(name, format!("`{}` stands here twice.", shown(name))));
        }
    }
    findings
}

fn unknown(kind: &IntegrationKind, name: &str) -> Finding {
    let finding = Finding::error(name, format!("{} has no field `{}`.", kind.title, shown(name)));
    if let Some(owner) = KINDS
        .iter()
        .find(|other| other.fields.iter().any(|field| field.name == name))
    {
        return finding.hint(format!("It belongs to {} ({}).", owner.title, owner.id));
    }
    let open = || kind.fields.iter().filter(|field| !field.secret).map(|field| field.name);
    match nearest(name, kind.fields.iter().map(|field| field.name)) {
        Some(known) => finding.hint(format!("Did you mean {known}?")),
        None => finding.hint(format!("There are {}.", open().collect::<Vec<_>>().join(", "))),
    }
}

/// Stored secrets that this kind does not use.
fn stored(kind: &IntegrationKind, secrets: &[String]) -> Vec<Finding> {
    let known = || kind.fields.iter().filter(|field| field.secret).map(|field| field.name);
    let unused = secrets.iter().filter(|name| !known().any(|known| known == *name));
    unused
        .map(|name| {
            let message = format!("{} does not use the stored secret `{}`.", kind.title, shown(name));
            let finding = Finding::warning(name, message);
            match nearest(name, known()) {
                Some(known) => finding.hint(format!("Did you mean {known}?")),
                None => finding.hint("Remove it, so that it cannot leak."),
            }
        })
        .collect()
}

fn project_id(id: &str) -> Option<Finding> {
    let digits = id.bytes().position(|b| !b.is_ascii_digit());
    // TestOps ids are positive 64-bit signed integers.
    if digits.is_none() && id.parse::<i64>().is_ok_and(|id| id > 0) {
        return None;
    }
    let hint = "It is the number in the address of the project: 7 in …/project/7.";
    let message = "The id of a TestOps project is a positive whole number.";
    Some(
        Finding::error("testops-project-id", message)
            .hint(hint)
            .at(id, digits.unwrap_or_default()),
    )
}

#[cfg(test)]
mod tests;
