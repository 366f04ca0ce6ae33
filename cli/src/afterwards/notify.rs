//! Sends news: webhook, mail, and the address that a watchdog waits for.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use tms_sync_host::{EgressPolicy, HostRequest};
use zeroize::Zeroizing;

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

fn value(entry: &Entry, folder: &Path) -> Value {
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
    answered(
        HostRequest::get(&format!("{}{fail}", address.trim_end_matches('/'))),
        policy,
    )
    .await
}

async fn webhook(address: &Value, policy: &EgressPolicy, news: &News) -> Result<(), String> {
    let address = address.as_ref().map_err(Clone::clone)?;
    let request = HostRequest::post(address, news.json().to_string().into_bytes());
    answered(request.header("content-type", "application/json"), policy).await
}

async fn answered(request: HostRequest, policy: &EgressPolicy) -> Result<(), String> {
    match request.send(policy).await?.status {
        200..300 => Ok(()),
        status => Err(format!("the server answered {status}")),
    }
}

async fn mail(notify: &Notify, folder: &Path, news: &News) -> Result<(), String> {
    let from = notify.from.as_deref().unwrap_or("tms-sync@localhost");
    let mailbox = |text: &str| {
        text.parse::<Mailbox>()
            .map_err(|_| format!("`{text}` is no mail address"))
    };
    let mut message = lettre::Message::builder()
        .from(mailbox(from)?)
        .subject(news.title.clone());
    for to in &notify.mail {
        message = message.to(mailbox(to)?);
    }
    let message = message.body(news.text.clone()).map_err(|error| error.to_string())?;
    let Some(server) = &notify.smtp else {
        return sendmail(&message.formatted()).map_err(|error| format!("sendmail: {error}"));
    };
    let server = value(server, folder)?;
    let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&server);
    let transport = transport
        .map_err(|_| "`smtp` is no URL such as smtp://mail.example.com")?
        .build();
    transport
        .send(message)
        .await
        .map(drop)
        .map_err(|error| error.to_string())
}

/// The mailer of the machine. It reads the recipients from the message.
fn sendmail(message: &[u8]) -> std::io::Result<()> {
    let mut child = Command::new("sendmail")
        .args(["-i", "-t"])
        .stdin(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(message)?;
    }
    let status = child.wait()?;
    match status.success() {
        true => Ok(()),
        false => Err(std::io::Error::other(format!("ended with {status}"))),
    }
}
