//! Mail, through a server or the mailer of the machine.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use tms_sync_server::notify::Mail;

use super::news::News;
use super::notify::value;
use crate::config::Notify;

pub async fn mail(notify: &Notify, folder: &Path, news: &News) -> Result<(), String> {
    let from = notify.from.as_deref().unwrap_or("tms-sync@localhost");
    let Some(server) = &notify.smtp else {
        let mail = Mail::formatted(from, &notify.mail, &news.title, &news.text)?;
        return sendmail(&mail).map_err(|error| format!("sendmail: {error}"));
    };
    let mail = Mail::new(&value(server, folder)?, from).map_err(|error| error.to_string())?;
    mail.send(&notify.mail, &news.title, &news.text).await
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
