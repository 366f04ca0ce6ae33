//! Where a secret comes from, and how it is fetched from there.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};
use toml::value::Datetime;
use zeroize::Zeroizing;

use super::vault::Reference;
use crate::files;

/// A secret as the file names it: never the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretSource {
    place: SecretPlace,
    /// When it ends, as the file has it, in milliseconds since the Unix epoch.
    pub expires: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum SecretPlace {
    /// An environment variable.
    Env(String),
    /// A file; a relative path starts at the configuration file.
    File(PathBuf),
    /// The vault of `[host.vault]`.
    Vault(Reference),
}

/// Tokens and passwords are short; anything longer is the wrong file.
const LARGEST_FILE: u64 = 64 * 1024;

/// A fetched secret, wiped when it is dropped. Deliberately without `Debug` and `Display`.
pub struct Fetched {
    pub value: Zeroizing<String>,
    /// What a person should know although the secret was found.
    pub warning: Option<(String, String)>,
}

/// Why there is no secret: what is wrong, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub struct NoSecret {
    pub message: String,
    pub hint: String,
}

impl SecretSource {
    /// Reads `{ env = "…" }`, `{ file = "…" }` or `{ vault = "…" }`, perhaps with `expires`; the error completes a sentence that starts with
    /// the key.
    pub fn from_table(table: &DeTable<'_>) -> Result<Self, String> {
        let (dates, places): (Vec<_>, Vec<_>) = table.iter().partition(|(key, _)| key.get_ref() == "expires");
        let expires = dates.first().map(|(_, value)| date(value.get_ref()));
        let expires = match expires {
            Some(None) => return Err("needs a day in `expires`, for example \"2027-03-01\"".to_owned()),
            Some(at) => at,
            None => None,
        };
        let [(key, value)] = places.as_slice() else {
            return Err("must name exactly one place: `env`, `file` or `vault`".to_owned());
        };
        let text = value.get_ref().as_str().filter(|text| !text.trim().is_empty());
        let place = match (key.get_ref().as_ref(), text) {
            ("env", Some(name)) => SecretPlace::Env(name.to_owned()),
            ("file", Some(path)) => SecretPlace::File(path.into()),
            ("vault", Some(text)) => {
                let reference = Reference::read(text);
                SecretPlace::Vault(
                    reference.ok_or("needs path and member in `vault`, for example \"tms-sync/jira#token\"")?,
                )
            }
            (place @ ("env" | "file" | "vault"), None) => return Err(format!("needs a name in `{place}`, in quotes")),
            (other, _) => {
                return Err(format!(
                    "cannot come from `{}`, only from `env`, `file` or `vault`",
                    other.escape_debug()
                ));
            }
        };
        Ok(Self { place, expires })
    }

    /// Where it is in the vault, if it is there.
    pub fn reference(&self) -> Option<&Reference> {
        match &self.place {
            SecretPlace::Vault(reference) => Some(reference),
            SecretPlace::Env(_) | SecretPlace::File(_) => None,
        }
    }

    /// Fetches the value from this machine. `folder` is where relative paths start.
    pub fn fetch(&self, folder: &Path, variable: &dyn Fn(&str) -> Option<String>) -> Result<Fetched, NoSecret> {
        let fetched = match &self.place {
            SecretPlace::Env(name) => {
                let value = variable(name).ok_or_else(|| NoSecret {
                    message: format!("environment variable `{name}` is not set, or is not text"),
                    hint: format!("export {name}=…  (or keep the secret in a file: {{ file = \"…\" }})"),
                })?;
                Fetched {
                    value: Zeroizing::new(value),
                    warning: None,
                }
            }
            SecretPlace::File(path) => read(&folder.join(path))?,
            SecretPlace::Vault(_) => {
                return Err(NoSecret {
                    message: "cannot come from a vault, which has secrets of [testops] and [integration] alone"
                        .to_owned(),
                    hint: "keep it in a variable, { env = \"…\" }, or in a file, { file = \"…\" }".to_owned(),
                });
            }
        };
        usable(&fetched.value, &self.name())?;
        Ok(fetched)
    }

    fn name(&self) -> String {
        match &self.place {
            SecretPlace::Env(name) => format!("environment variable `{name}`"),
            SecretPlace::File(path) => format!("secret file {}", path.display()),
            SecretPlace::Vault(Reference { path, member }) => format!("`{path}#{member}` in the vault"),
        }
    }
}

/// Whether a value can be a secret. `name` is where it is.
pub fn usable(value: &str, name: &str) -> Result<(), NoSecret> {
    let (message, hint) = match value.chars().find(|character| character.is_control()) {
        _ if value.is_empty() => ("is empty", "put the secret there, and nothing else"),
        Some(_) => (
            "holds a line break or another control character",
            "put the secret there on one line, and nothing else",
        ),
        None => return Ok(()),
    };
    Err(NoSecret {
        message: format!("{name} {message}"),
        hint: hint.to_owned(),
    })
}

/// Editors and `echo` end a file with a newline that is not part of the secret.
pub fn cut_newline(value: &mut String) {
    let trimmed = value
        .strip_suffix('\n')
        .map_or(value.len(), |rest| rest.strip_suffix('\r').unwrap_or(rest).len());
    value.truncate(trimmed);
}

/// The start of a day in UTC, in milliseconds since the Unix epoch; nothing where it is no day after it.
fn date(value: &DeValue<'_>) -> Option<u64> {
    let text = match value {
        DeValue::Datetime(at) => at.to_string(),
        value => value.as_str()?.trim().to_owned(),
    };
    let at: Datetime = text.parse().ok()?;
    let date = at.date.filter(|_| at.time.is_none())?;
    // By Howard Hinnant's `days_from_civil`: years begin in March, so that the leap day is the last of its year.
    let (month, day) = (u64::from(date.month), u64::from(date.day));
    let year = u64::from(date.year) - u64::from(month <= 2);
    let (era, year_of_era) = (year / 400, year % 400);
    let month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = (era * 146_097 + day_of_era).checked_sub(719_468)?;
    Some(days * 86_400_000)
}

fn read(path: &Path) -> Result<Fetched, NoSecret> {
    let failed = |error: std::io::Error| NoSecret {
        message: format!("cannot read secret file {}: {error}", path.display()),
        hint: match error.kind() {
            ErrorKind::NotFound => "a relative path starts at the folder of the configuration file".to_owned(),
            _ => "the file must be readable by the account that runs tms-sync, and be plain text".to_owned(),
        },
    };
    let file = files::open(path).map_err(failed)?;
    let warning = open_to_others(&file, path);
    // Large enough from the start: a text that grows leaves its bytes behind.
    let mut value = Zeroizing::new(String::with_capacity(capacity(&file)));
    let read = file.take(LARGEST_FILE + 1).read_to_string(&mut value).map_err(failed)?;
    if read as u64 > LARGEST_FILE {
        return Err(NoSecret {
            message: format!("secret file {} is larger than {LARGEST_FILE} bytes", path.display()),
            hint: "name the file that holds the secret alone".to_owned(),
        });
    }
    cut_newline(&mut value);
    Ok(Fetched { value, warning })
}

/// One byte more than the file has, so that reading it to its end fits.
fn capacity(file: &File) -> usize {
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    usize::try_from(length.min(LARGEST_FILE) + 1).unwrap_or_default()
}

#[cfg(unix)]
fn open_to_others(file: &File, path: &Path) -> Option<(String, String)> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata().ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then(|| {
        let message = format!(
            "secret file {} is open to other accounts (mode {mode:03o})",
            path.display()
        );
        (message, format!("chmod 600 {}", path.display()))
    })
}

#[cfg(not(unix))]
fn open_to_others(_file: &File, _path: &Path) -> Option<(String, String)> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetch(source: &SecretSource) -> Result<String, String> {
        source
            .fetch(Path::new("/"), &|_| None)
            .map(|fetched| fetched.value.to_string())
            .map_err(|error| error.message)
    }

    fn secret(place: SecretPlace) -> SecretSource {
        SecretSource { place, expires: None }
    }

    fn file_with(content: &str) -> (tempfile::TempDir, SecretSource) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, content).unwrap();
        (folder, secret(SecretPlace::File(path)))
    }

    #[test]
    fn one_trailing_newline_is_not_part_of_a_secret() {
        for content in ["s3cret", "s3cret\n", "s3cret\r\n"] {
            let (_folder, source) = file_with(content);
            assert_eq!(fetch(&source).as_deref(), Ok("s3cret"));
        }
        let (_folder, spaced) = file_with("  a b \n");
        assert_eq!(fetch(&spaced).as_deref(), Ok("  a b "));
    }

    #[test]
    fn two_lines_are_refused_without_showing_them() {
        let (_folder, source) = file_with("one\ntwo\n");
        let message = fetch(&source).unwrap_err();
        assert!(message.contains("line break") && !message.contains("one"), "{message}");
    }

    #[test]
    fn a_day_of_the_calendar_ends_a_secret() {
        let read = |text: &str| {
            let table = DeTable::parse(text).unwrap();
            SecretSource::from_table(table.get_ref()).map(|secret| secret.expires)
        };
        let day = 86_400_000;
        assert_eq!(read("env = \"A\"\nexpires = \"1970-01-02\""), Ok(Some(day)));
        assert_eq!(read("env = \"A\"\nexpires = 2000-03-01"), Ok(Some(11_017 * day)));
        assert_eq!(read("expires = \"2024-02-29\"\nfile = \"a\""), Ok(Some(19_782 * day)));
        for text in ["soon", "2027-02-30", "2027-03-01T10:00:00Z", "1969-01-01"] {
            assert!(read(&format!("env = \"A\"\nexpires = \"{text}\"")).is_err(), "{text}");
        }
    }

    #[test]
    fn an_unset_variable_is_named() {
        let error = fetch(&secret(SecretPlace::Env("JIRA_API_TOKEN".into()))).unwrap_err();
        assert!(error.contains("`JIRA_API_TOKEN` is not set"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_others_can_read_is_warned_about() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, source) = file_with("s");
        let warned = |mode| {
            std::fs::set_permissions(folder.path().join("secret"), PermissionsExt::from_mode(mode)).unwrap();
            source.fetch(Path::new("/"), &|_| None).ok().unwrap().warning.is_some()
        };
        assert!(warned(0o644));
        assert!(!warned(0o600));
    }
}
