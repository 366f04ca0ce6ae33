use super::{
    Export, Field, Finding, Integration, IntegrationKind, KINDS, Settings, credentials, endpoint, export, kind,
};
use crate::text::{nearest, shown};

/// Everything that can be said about settings without asking a server. Empty: nothing to say.
///
/// `secrets` are the names of the stored secrets.
pub fn validate(settings: &Settings, secrets: &[String]) -> Vec<Finding> {
    review(settings, secrets).1
}

/// Settings as typed values, as far as they can be read, and everything that can be said about them.
pub(super) fn review(settings: &Settings, secrets: &[String]) -> (Option<Integration>, Vec<Finding>) {
    let (export, of_export) = settings
        .export
        .as_ref()
        .map(|config| export::read(config, &settings.kind))
        .unzip();
    let (integration, mut findings) = match kind(&settings.kind) {
        Some(kind) => integration(kind, settings, secrets, export),
        None => (None, vec![unknown_kind(&settings.kind)]),
    };
    findings.extend(of_export.into_iter().flatten());
    (integration, findings)
}

/// The integration, and the findings about it in the order of the form's fields.
fn integration(
    kind: &'static IntegrationKind,
    settings: &Settings,
    secrets: &[String],
    export: Option<Export>,
) -> (Option<Integration>, Vec<Finding>) {
    let mut findings = fields(kind, settings);
    findings.extend(stored(kind, secrets));
    let (addresses, of_addresses) = endpoint::read(settings);
    findings.extend(of_addresses);
    let project_id = settings.value("testops-project-id").map(project_id);
    let (project_id, of_project) = match project_id {
        Some(Err(finding)) => (None, Some(finding)),
        Some(Ok(id)) => (Some(id), None),
        None => (None, None),
    };
    findings.extend(of_project);
    findings.extend(credentials::check(kind, settings, secrets));
    let place = |finding: &Finding| kind.fields.iter().position(|field| field.name == finding.field);
    findings.sort_by_key(|finding| place(finding).unwrap_or(usize::MAX));
    let integration = addresses.and_then(|(testops, site)| {
        Some(Integration {
            kind,
            testops,
            project_id: project_id?,
            site,
            export,
        })
    });
    (integration, findings)
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

fn project_id(id: &str) -> Result<u64, Finding> {
    let digits = id.bytes().position(|b| !b.is_ascii_digit());
    // TestOps ids are positive 64-bit signed integers.
    let number = id.parse().ok().filter(|id| (1..=i64::MAX as u64).contains(id));
    number.filter(|_| digits.is_none()).ok_or_else(|| {
        let hint = "It is the number in the address of the project: 7 in …/project/7.";
        let message = "The id of a TestOps project is a positive whole number.";
        Finding::error("testops-project-id", message)
            .hint(hint)
            .at(id, digits.unwrap_or_default())
    })
}

#[cfg(test)]
mod tests;
