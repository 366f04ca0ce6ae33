//! Questions to which versions and installations of the vendors' products give different answers.
//!
//! A [`Switch`] is one such question. Servers answer in its first form, which is what the vendor documents or, where
//! nothing is documented, what most clients saw, until another form is chosen. [`ASSUMPTIONS`] lists every switch with its source.
//! The same list is `assumptions/list.json` at the root for other programs, the plugin's probe among them, and `docs/assumptions.md` for people.
//!
//! ```
//! use tms_sync_sim::answers::{Answers, RunList};
//!
//! let answers = Answers::default();
//! assert_eq!(answers.of::<RunList>(), RunList::Documented);
//! answers.choose(RunList::WithSteps);
//! assert!(answers.set("xray-dc.run-list=documented").is_ok());
//! ```

mod list;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use list::*;

/// A question with a known number of answers.
#[derive(Debug, PartialEq, Eq)]
pub struct Assumption {
    /// Its name, such as `xray-dc.run-list`: the product, then the subject.
    pub name: &'static str,
    /// What the question is about, in a sentence.
    pub statement: &'static str,
    /// The answers; the first is the default.
    pub forms: &'static [Form],
    /// Where the answers come from.
    pub source: &'static str,
}

/// One answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Form {
    /// Its name on a command line.
    pub value: &'static str,
    /// What a server does that answers so.
    pub meaning: &'static str,
}

/// An assumption as a type: its values are the forms.
pub trait Switch: Copy + Default + 'static {
    /// The assumption.
    const ASSUMPTION: &'static Assumption;

    /// The form at this position of [`Assumption::forms`].
    fn from_position(position: usize) -> Option<Self>;

    /// The position of this form.
    fn position(self) -> usize;
}

/// The assumption with this name.
#[must_use]
pub fn assumption(name: &str) -> Option<&'static Assumption> {
    ASSUMPTIONS.iter().copied().find(|assumption| assumption.name == name)
}

/// The forms that servers use; clones share them.
#[derive(Clone, Default)]
pub struct Answers {
    /// Position of the form by the assumption's name, where it is not the default.
    chosen: Arc<Mutex<BTreeMap<&'static str, usize>>>,
}

impl Answers {
    /// The form in use.
    #[must_use]
    pub fn of<S: Switch>(&self) -> S {
        let position = self.lock().get(S::ASSUMPTION.name).copied();
        position.and_then(S::from_position).unwrap_or_default()
    }

    /// Uses a form from now on.
    pub fn choose<S: Switch>(&self, form: S) {
        self.put(S::ASSUMPTION, form.position());
    }

    /// Uses the form that `NAME=VALUE` names.
    ///
    /// # Errors
    /// When there is no such assumption or form; the error lists those there are.
    pub fn set(&self, text: &str) -> Result<(), UnknownAnswer> {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| UnknownAnswer::Shape(text.to_owned()))?;
        let assumption = assumption(name.trim()).ok_or_else(|| UnknownAnswer::Name(name.trim().to_owned()))?;
        let position = assumption.forms.iter().position(|form| form.value == value.trim());
        let position = position.ok_or_else(|| UnknownAnswer::Value(assumption, value.trim().to_owned()))?;
        self.put(assumption, position);
        Ok(())
    }

    /// Every assumption for which another form than the default is in use, with that form.
    #[must_use]
    pub fn deviations(&self) -> Vec<(&'static Assumption, &'static Form)> {
        let chosen = self.lock();
        let form = |assumption: &&'static Assumption| {
            let form = assumption.forms.get(*chosen.get(assumption.name)?)?;
            Some((*assumption, form))
        };
        ASSUMPTIONS.iter().filter_map(form).collect()
    }

    fn put(&self, assumption: &'static Assumption, position: usize) {
        let mut chosen = self.lock();
        if position == 0 {
            chosen.remove(assumption.name);
        } else {
            chosen.insert(assumption.name, position);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, usize>> {
        self.chosen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let deviations = self.deviations();
        let named = deviations
            .iter()
            .map(|(assumption, form)| (assumption.name, form.value));
        f.debug_map().entries(named).finish()
    }
}

/// Text that names no form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnknownAnswer {
    /// It is not `NAME=VALUE`.
    Shape(String),
    /// No assumption has this name.
    Name(String),
    /// The assumption has no such form.
    Value(&'static Assumption, String),
}

impl fmt::Display for UnknownAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |names: Vec<&str>| names.join(", ");
        match self {
            Self::Shape(text) => write!(f, "\"{text}\" is not of the form NAME=VALUE"),
            Self::Name(name) => {
                let names = ASSUMPTIONS.iter().map(|assumption| assumption.name).collect();
                write!(f, "no answer is named \"{name}\"; there are {}", list(names))
            }
            Self::Value(assumption, value) => {
                let forms = assumption.forms.iter().map(|form| form.value).collect();
                write!(f, "{} has no form \"{value}\"; it has {}", assumption.name, list(forms))
            }
        }
    }
}

impl std::error::Error for UnknownAnswer {}
