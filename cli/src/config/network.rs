//! `[host] proxy` and `[[host.server]]`: the way to the servers, and what they want beside the credential.

use std::ops::Range;
use std::path::{Path, PathBuf};

use tms_sync_host::{EgressPolicy, Proxy, origin_of};

use super::problem::{Problem, Source};
use super::secret::SecretSource;
use super::section::{At, Section};
use crate::files;

const PROXY: [&str; 4] = ["url", "username", "password", "except"];
/// What the password of the proxy is remembered as.
pub const PROXY_PASSWORD: &str = "proxy.password";
const SERVER: [&str; 4] = ["origin", "certificate", "key", "headers"];

/// What the file has about the network, before secrets are fetched.
#[derive(Debug, Default)]
pub struct Network {
    proxy: Option<ProxyDraft>,
    servers: Vec<ServerDraft>,
}

#[derive(Debug)]
struct ProxyDraft {
    url: At<String>,
    username: Option<At<String>>,
    password: Option<At<SecretSource>>,
    except: Vec<At<String>>,
}

/// A secret of the network, and the server that gets it.
#[derive(Debug)]
pub struct NetworkSecret {
    /// Its key in the file, below `host`.
    pub key: String,
    pub origin: String,
    pub span: Range<usize>,
}

/// One `[[host.server]]`.
#[derive(Debug)]
struct ServerDraft {
    origin: At<String>,
    certificate: Option<At<String>>,
    key: Option<At<String>>,
    headers: Vec<(At<String>, At<SecretSource>)>,
}

impl Network {
    pub fn read(section: &mut Section<'_>) -> Self {
        let servers = section.tables("server", "[[host.server]]", server);
        Self {
            proxy: section.text_or_table("proxy", "[host.proxy]", proxy),
            servers: servers.into_iter().flatten().collect(),
        }
    }

    /// Which secrets go where.
    pub fn secrets(&self) -> Vec<NetworkSecret> {
        let proxy = self.proxy.iter().filter_map(|proxy| {
            let span = proxy.password.as_ref()?.span.clone();
            let origin = Proxy::new(&proxy.url.value).ok()?.to_string();
            let key = PROXY_PASSWORD.to_owned();
            Some(NetworkSecret { key, origin, span })
        });
        let headers = self.servers.iter().flat_map(|server| {
            let headers = server.headers.iter();
            headers.map(|(name, value)| (name.value.to_ascii_lowercase(), &server.origin.value, &value.span))
        });
        let headers = headers.filter_map(|(name, origin, span)| {
            let (key, span) = (format!("headers.{name}"), span.clone());
            let origin = origin_of(origin)?;
            Some(NetworkSecret { key, origin, span })
        });
        proxy.chain(headers).collect()
    }

    /// The policy with all of it, and everything that is wrong with it.
    pub fn apply(
        &self,
        policy: EgressPolicy,
        source: &Source,
        folder: &Path,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> (EgressPolicy, Vec<Problem>) {
        let mut applying = Applying {
            policy,
            source,
            folder,
            variable,
            problems: Vec::new(),
        };
        if let Some(proxy) = &self.proxy {
            applying.proxy(proxy);
        }
        self.servers.iter().for_each(|server| applying.server(server));
        (applying.policy, applying.problems)
    }
}

fn proxy(section: &mut Section<'_>, text: Option<At<String>>) -> Option<ProxyDraft> {
    if let Some(url) = text {
        return Some(ProxyDraft {
            url,
            username: None,
            password: None,
            except: Vec::new(),
        });
    }
    section.refuse_unknown(&PROXY, |_| None);
    Some(ProxyDraft {
        url: section.required("url", "\"http://proxy.example.com:3128\"")?,
        username: section.string("username"),
        password: section.optional_secret("password"),
        except: section.strings("except"),
    })
}

fn server(section: &mut Section<'_>) -> Option<ServerDraft> {
    section.refuse_unknown(&SERVER, |_| None);
    Some(ServerDraft {
        origin: section.required("origin", "\"https://jira.example.com\"")?,
        certificate: section.string("certificate"),
        key: section.string("key"),
        headers: section.secrets("headers"),
    })
}

struct Applying<'a> {
    policy: EgressPolicy,
    source: &'a Source,
    folder: &'a Path,
    variable: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<Problem>,
}

impl Applying<'_> {
    fn proxy(&mut self, draft: &ProxyDraft) {
        let mut proxy = match Proxy::new(&draft.url.value) {
            Ok(proxy) => proxy,
            Err(error) => {
                let hint = "write scheme, host and port, for example \"http://proxy.example.com:3128\"; user name and \
                            password have keys of their own";
                return self.problem(&draft.url, format!("`proxy`: {error}"), hint);
            }
        };
        for entry in &draft.except {
            match proxy.clone().except(&entry.value) {
                Ok(wider) => proxy = wider,
                Err(error) => {
                    let hint = "for example \"testops.internal\", \"jira.internal:8443\" or \".corp.example\"";
                    self.problem(entry, format!("`except`: {error}"), hint);
                }
            }
        }
        match (&draft.username, &draft.password) {
            (Some(username), Some(password)) => {
                if let Some(value) = self.fetch("password", password) {
                    proxy = proxy.credentials(&username.value, value);
                }
            }
            (None, None) => {}
            (Some(one), None) => self.problem(
                one,
                "`proxy` has a `username` and no `password`",
                "write both, or neither",
            ),
            (None, Some(one)) => self.problem(
                one,
                "`proxy` has a `password` and no `username`",
                "write both, or neither",
            ),
        }
        self.policy = self.policy.clone().proxy(proxy);
    }

    fn server(&mut self, draft: &ServerDraft) {
        let origin = origin_of(&draft.origin.value);
        let host_port = origin.as_deref().and_then(|origin| {
            let default = if origin.starts_with("https:") { 443 } else { 80 };
            let (_, server) = origin.split_once("://")?;
            let has_port = server
                .rsplit_once(':')
                .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
            Some(if has_port {
                server.to_owned()
            } else {
                format!("{server}:{default}")
            })
        });
        let Some(host_port) = host_port else {
            let hint = "write scheme, host and port, for example \"https://jira.example.com\"";
            return self.problem(&draft.origin, "`origin` is not the address of a server", hint);
        };
        for (name, secret) in &draft.headers {
            if let Some(value) = self.fetch(&name.value, secret) {
                match self.policy.clone().header(&host_port, &name.value, &value) {
                    Ok(policy) => self.policy = policy,
                    Err(error) => {
                        let hint = "headers of the request itself and `authorization` cannot be added";
                        self.problem(name, format!("`headers`: {error}"), hint);
                    }
                }
            }
        }
        match (&draft.certificate, &draft.key) {
            (Some(certificate), Some(key)) => self.identity(&host_port, certificate, key),
            (None, None) => {}
            (Some(one), None) | (None, Some(one)) => {
                self.problem(
                    one,
                    "a client certificate needs both `certificate` and `key`",
                    "name a PEM file by each",
                );
            }
        }
    }

    fn identity(&mut self, host_port: &str, certificate: &At<String>, key: &At<String>) {
        let (Some(chain), Some(private)) = (self.file("certificate", certificate), self.file("key", key)) else {
            return;
        };
        let private = zeroize::Zeroizing::new(private);
        match self.policy.clone().identity(host_port, &chain, &private) {
            Ok(policy) => self.policy = policy,
            Err(error) => {
                let hint =
                    "name PEM files: the certificate with those between it and its authority, and its private key";
                self.problem(certificate, format!("`certificate`: {error}"), hint);
            }
        }
    }

    fn file(&mut self, key: &str, named: &At<String>) -> Option<Vec<u8>> {
        let path: PathBuf = self.folder.join(&named.value);
        match files::read(&path, files::TEXT) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                let message = format!("`{key}`: {}: {error}", path.display());
                self.problem(named, message, "the path starts at the folder of this file");
                None
            }
        }
    }

    fn fetch(&mut self, key: &str, secret: &At<SecretSource>) -> Option<String> {
        match secret.value.fetch(self.folder, self.variable) {
            Ok(fetched) => {
                if let Some((message, hint)) = fetched.warning {
                    let warning = self.source.warning(secret.span.clone(), message);
                    self.problems.push(warning.hint(hint));
                }
                Some(fetched.value.to_string())
            }
            Err(error) => {
                self.problem(
                    secret,
                    format!("`{}`: {}", key.escape_debug(), error.message),
                    error.hint,
                );
                None
            }
        }
    }

    fn problem<T>(&mut self, at: &At<T>, message: impl Into<String>, hint: impl Into<String>) {
        let problem = self.source.problem(at.span.clone(), message);
        self.problems.push(problem.hint(hint));
    }
}
