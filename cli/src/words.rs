//! The plugin's own words as people read them.

use std::sync::OnceLock;

use tms_sync_host::model::{self, Method, PluginInfo, Term};

/// What the plugin of this process declares: one command works with one plugin.
static DECLARED: OnceLock<Declared> = OnceLock::new();

struct Declared {
    sides: Vec<Term>,
    entities: Vec<Term>,
    phases: Vec<Term>,
}

/// From here on the plugin's words are shown by their titles.
pub fn learn(info: &PluginInfo) {
    learn_terms(info.sides.clone(), info.entities.clone(), info.phases.clone());
}

/// The same of a plugin that is elsewhere.
pub fn learn_terms(sides: Vec<Term>, entities: Vec<Term>, phases: Vec<Term>) {
    // A second plugin of one process would be a second command.
    let _ = DECLARED.set(Declared {
        sides,
        entities,
        phases,
    });
}

#[cfg(not(test))]
fn declared() -> Option<&'static Declared> {
    DECLARED.get()
}

/// Renderings of the unit tests are those of the bundled plugin.
#[cfg(test)]
fn declared() -> Option<&'static Declared> {
    let term = |name: &str, title: &str, plural: &str| Term {
        name: name.into(),
        title: title.into(),
        plural: plural.into(),
    };
    Some(DECLARED.get_or_init(|| Declared {
        sides: vec![
            term("testops", "TestOps", "TestOps"),
            term("tracker", "Jira", "Jira"),
            term("product", "Xray", "Xray"),
        ],
        entities: vec![
            term("test-case", "test case", "test cases"),
            term("launch", "launch", "launches"),
        ],
        phases: vec![
            term("reading-cases", "reading cases", "reading cases"),
            term("writing-cases", "writing cases", "writing cases"),
            term("reading-launches", "reading launches", "reading launches"),
        ],
    }))
}

fn term(name: &str, of: impl Fn(&Declared) -> &[Term]) -> Option<&'static Term> {
    of(declared()?).iter().find(|term| term.name == name)
}

pub fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    }
}

/// A phase of a run as progress shows it.
pub fn phase(phase: &str) -> &str {
    term(phase, |declared| &declared.phases).map_or(phase, |term| &term.title)
}

/// An entity in a sentence.
pub fn entity(entity: &str) -> &str {
    term(entity, |declared| &declared.entities).map_or(entity, |term| &term.title)
}

/// Several entities in a sentence.
pub fn entities(entity: &str) -> &str {
    term(entity, |declared| &declared.entities).map_or(entity, |term| &term.plural)
}

/// The side at fault, as a person calls it.
pub fn whose(side: &str) -> &str {
    match side {
        model::SETTINGS => "configuration",
        model::HOST => "this host",
        side => term(side, |declared| &declared.sides).map_or(side, |term| &term.title),
    }
}
