//! Where an artifact is.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use oci_client::Reference;

use crate::ArtifactError;

/// Registry, repository, and tag or digest: `registry.example.com/team/plugin:1.2`, or with `@sha256:…` for good.
///
/// Registries are asked over TLS. `http://` before the name asks one on this machine without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    reference: Reference,
    is_plain: bool,
}

const DIGEST: &str = "@sha256:";

/// Whether a text names an artifact by its digest, and thus no file.
pub fn is_pinned(text: &str) -> bool {
    text.contains(DIGEST)
}

impl Source {
    /// Host and port of the registry.
    pub fn registry(&self) -> &str {
        self.reference.registry()
    }

    /// Registry and repository, which policies speak about.
    pub fn repository(&self) -> String {
        format!("{}/{}", self.reference.registry(), self.reference.repository())
    }

    /// The digest that was named.
    pub fn digest(&self) -> Option<&str> {
        self.reference.digest()
    }

    /// Whether it is asked without TLS.
    pub fn is_plain(&self) -> bool {
        self.is_plain
    }

    pub(crate) fn reference(&self) -> &Reference {
        &self.reference
    }

    /// The artifact of the same repository with a digest.
    #[must_use]
    pub fn pinned(&self, digest: &str) -> Self {
        let (registry, repository) = (self.reference.registry(), self.reference.repository());
        Self {
            reference: Reference::with_digest(registry.to_owned(), repository.to_owned(), digest.to_owned()),
            is_plain: self.is_plain,
        }
    }

    /// The artifact of the same repository with a tag.
    pub(crate) fn tagged(&self, tag: String) -> Self {
        let (registry, repository) = (self.reference.registry(), self.reference.repository());
        Self {
            reference: Reference::with_tag(registry.to_owned(), repository.to_owned(), tag),
            is_plain: self.is_plain,
        }
    }
}

impl FromStr for Source {
    type Err = ArtifactError;

    fn from_str(text: &str) -> Result<Self, ArtifactError> {
        let wrong = |reason| ArtifactError::Source {
            text: text.to_owned(),
            reason,
        };
        let plain = text.strip_prefix("http://");
        let name = plain.unwrap_or(text);
        let (host, _) = name
            .split_once('/')
            .ok_or_else(|| wrong("it needs a registry and a repository"))?;
        if !(host.contains(['.', ':']) || host == "localhost") {
            return Err(wrong("it has to begin with the host of a registry"));
        }
        if plain.is_some() && !is_this_machine(host) {
            return Err(wrong("only registries on this machine are asked without TLS"));
        }
        let reference: Reference = name
            .parse()
            .map_err(|_| wrong("write it as registry/repository:tag or registry/repository@sha256:…"))?;
        if reference.digest().is_some_and(|digest| !digest.starts_with("sha256:")) {
            return Err(wrong("digests are sha256"));
        }
        Ok(Self {
            reference,
            is_plain: plain.is_some(),
        })
    }
}

fn is_this_machine(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let address = name.trim_matches(['[', ']']).parse::<IpAddr>();
    name == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_plain { "http://" } else { "" };
        write!(f, "{scheme}{}", self.reference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        text.parse::<Source>().unwrap_err().to_string()
    }

    #[test]
    fn a_source_names_its_registry() {
        let digest = format!("sha256:{}", "a".repeat(64));
        for text in [
            "registry.example.com/team/plugin:1.2".to_owned(),
            format!("registry.example.com:5000/plugin@{digest}"),
            format!("http://127.0.0.1:5000/plugin@{digest}"),
        ] {
            let source: Source = text.parse().unwrap();
            assert_eq!(source.to_string(), text);
        }
        assert!(refused("plugin:1.2").ends_with("it needs a registry and a repository"));
        assert!(refused("team/plugin").ends_with("it has to begin with the host of a registry"));
        assert!(refused("localhost/a@sha256:12").contains("write it as"));
    }

    #[test]
    fn only_this_machine_is_asked_without_tls() {
        for text in ["http://localhost:5000/a", "http://127.0.0.1/a:1"] {
            text.parse::<Source>()
                .map(|source| assert!(source.is_plain(), "{text}"))
                .unwrap();
        }
        assert!(refused("http://registry.example.com/a").contains("without TLS"));
        assert!(refused("https://registry.example.com/a").contains("names no artifact"));
    }
}
