//! Which keys have to sign what comes from where.
//!
//! ```toml
//! [[source]]
//! from = "registry.example.com/team"   # this repository, and those below it
//! keys = ["team.pub", "release.pub"]   # beside this file
//! need = "all"                          # default: "any"
//! ```
//!
//! The longest `from` that fits decides. What no rule covers is refused, and so is what is not signed.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{ArtifactError, Signature, Source, Verifier};

/// A policy, with its keys.
#[derive(Debug, Clone)]
pub struct Policy {
    file: PathBuf,
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    from: String,
    keys: Vec<Verifier>,
    need: Need,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Need {
    #[default]
    Any,
    All,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    source: Vec<WrittenRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    from: String,
    keys: Vec<PathBuf>,
    #[serde(default)]
    need: Need,
}

impl Policy {
    /// Reads a policy and its keys.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, an unknown name in it, a rule without keys.
    pub fn read(file: &Path) -> Result<Self, ArtifactError> {
        let wrong = |reason: String| ArtifactError::Policy {
            file: file.display().to_string(),
            reason,
        };
        let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
        let written: Written = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let folder = file.parent().unwrap_or(Path::new(""));
        let mut rules = Vec::new();
        for rule in written.source {
            if rule.keys.is_empty() {
                return Err(wrong(format!("`{}` has no keys", rule.from)));
            }
            let keys: Result<Vec<Verifier>, ArtifactError> = rule.keys.iter().map(|key| key_in(folder, key)).collect();
            rules.push(Rule {
                from: rule.from.trim_end_matches('/').to_owned(),
                keys: keys?,
                need: rule.need,
            });
        }
        Ok(Self {
            file: file.to_owned(),
            rules,
        })
    }

    /// Whether an artifact is accepted; returns the keys that signed it.
    ///
    /// # Errors
    ///
    /// No rule covers the source, or its keys did not sign.
    pub fn judge(&self, source: &Source, digest: &str, signatures: &[Signature]) -> Result<Vec<String>, ArtifactError> {
        let repository = source.repository();
        let covers = self.rules.iter().filter(|rule| rule.covers(&repository));
        let rule = covers.max_by_key(|rule| rule.from.len());
        let rule = rule.ok_or_else(|| ArtifactError::Unlisted {
            file: self.file.display().to_string(),
            repository: repository.clone(),
        })?;
        let signed = rule.keys.iter().filter(|key| key.accepts(digest, signatures));
        let signed: Vec<String> = signed.map(|key| key.name().to_owned()).collect();
        let is_enough = match rule.need {
            Need::Any => !signed.is_empty(),
            Need::All => signed.len() == rule.keys.len(),
        };
        if is_enough {
            return Ok(signed);
        }
        let names: Vec<&str> = rule.keys.iter().map(Verifier::name).collect();
        Err(ArtifactError::Unsigned {
            repository,
            digest: digest.to_owned(),
            wanted: match rule.need {
                Need::Any => format!("by one of {}", names.join(", ")),
                Need::All => format!("by each of {}", names.join(", ")),
            },
        })
    }
}

impl Rule {
    fn covers(&self, repository: &str) -> bool {
        let rest = repository.strip_prefix(&self.from);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

fn key_in(folder: &Path, key: &Path) -> Result<Verifier, ArtifactError> {
    let name = key.display().to_string();
    let text = std::fs::read_to_string(folder.join(key));
    let text = text.map_err(|error| ArtifactError::Key {
        name: name.clone(),
        reason: error.to_string(),
    })?;
    Verifier::new(&name, &text)
}
