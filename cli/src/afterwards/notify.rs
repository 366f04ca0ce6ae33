//! Sends news: webhook, mail, and the address that a watchdog waits for.

use std::path::Path;

use tms_sync_host::{EgressPolicy, HostRequest};
use zeroize::Zeroizing;

#[cfg(feature = "service")]
use super::mail::mail;
use super::news::News;
use crate::config::{Entry, Notify};

/// Sends to everybody whom the section names. Returns what did not work.
pub async fn send(
    notify: &Notify,
    folder: &Path,
    policy: &EgressPolicy,
    news: Option<&News>,
    failed: bool,
) -> Vec<String> {
    let mut problems = Vec::new();
    if let Some(address) = &notify.ping {
        let sent = ping(&value(address, folder), policy, failed).await;
        problems.extend(sent.err().map(|error| format!("`ping` under [notify]: {error}")));
    }
    let Some(news) = news else { return problems };
    if let Some(address) = &notify.webhook {
        let sent = webhook(&value(address, folder), policy, news).await;
        problems.extend(sent.err().map(|error| format!("`webhook` under [notify]: {error}")));
    }
    if !notify.mail.is_empty() {
        let sent = mail(notify, folder, news).await;
        problems.extend(sent.err().map(|error| format!("`mail` under [notify]: {error}")));
    }
    problems
}

type Value = Result<Zeroizing<String>, String>;

pub fn value(entry: &Entry, folder: &Path) -> Value {
    match entry {
        Entry::Text(text) => Ok(Zeroizing::new(text.clone())),
        Entry::Secret(source) => match source.fetch(folder, &|name| std::env::var(name).ok()) {
            Ok(fetched) => Ok(fetched.value),
            Err(error) => Err(error.message),
        },
    }
}

async fn ping(address: &Value, policy: &EgressPolicy, failed: bool) -> Result<(), String> {
    let address = address.as_ref().map_err(Clone::clone)?;
    let fail = if failed { "/fail" } else { "" };
    let request = HostRequest::get(&format!("{}{fail}", address.trim_end_matches('/')));
    request.deliver(policy).await
}

async fn webhook(address: &Value, policy: &EgressPolicy, news: &News) -> Result<(), String> {
    let address = address.as_ref().map_err(Clone::clone)?;
    let request = HostRequest::post(address, news.json().to_string().into_bytes());
    request.header("content-type", "application/json").deliver(policy).await
}

#[cfg(not(feature = "service"))]
async fn mail(_: &Notify, _: &Path, _: &News) -> Result<(), String> {
    Err("this build of the command sends none; the feature `service` does".into())
}
