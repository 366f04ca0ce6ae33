//! Mail.

use lettre::message::{Mailbox, header::ContentType};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

/// The service's mail server.
#[derive(Clone)]
pub struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Why there is no mail.
#[derive(Debug, thiserror::Error)]
pub enum InvalidMail {
    /// The address of the server. It may hold a password, so it is not repeated.
    #[error("the mail server is no URL such as smtps://user:password@smtp.example.com, smtp://…?tls=required ({0})")]
    Server(String),
    /// The sender.
    #[error("the sender `{0}` is no mail address such as `tms-sync <sync@example.com>`")]
    Sender(String),
}

impl Mail {
    /// By a server's URL: `smtps://user:password@host`, `smtp://user:password@host?tls=required` for STARTTLS, or plain
    /// `smtp://host` in a network that may read everything.
    ///
    /// # Errors
    ///
    /// See [`InvalidMail`].
    pub fn new(server: &str, from: &str) -> Result<Self, InvalidMail> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(server);
        let builder = builder.map_err(|error| InvalidMail::Server(error.to_string()))?;
        Ok(Self {
            transport: builder.timeout(Some(std::time::Duration::from_secs(20))).build(),
            from: from.parse().map_err(|_| InvalidMail::Sender(from.to_owned()))?,
        })
    }

    /// Sends a text to everybody.
    ///
    /// # Errors
    ///
    /// An address is none, or the server does not take the mail.
    pub async fn send(&self, to: &[String], title: &str, text: &str) -> Result<(), String> {
        let mail = composed(self.from.clone(), to, title, text)?;
        let sent = self.transport.send(mail).await;
        sent.map(drop).map_err(|error| error.to_string())
    }

    /// The same as the mailer of a machine reads it, for where there is no server.
    ///
    /// # Errors
    ///
    /// An address is none.
    pub fn formatted(from: &str, to: &[String], title: &str, text: &str) -> Result<Vec<u8>, String> {
        Ok(composed(mailbox(from)?, to, title, text)?.formatted())
    }
}

fn composed(from: Mailbox, to: &[String], title: &str, text: &str) -> Result<lettre::Message, String> {
    let mut mail = lettre::Message::builder()
        .from(from)
        .subject(title)
        .header(ContentType::TEXT_PLAIN);
    for address in to {
        mail = mail.to(mailbox(address)?);
    }
    mail.body(text.to_owned()).map_err(|error| error.to_string())
}

fn mailbox(text: &str) -> Result<Mailbox, String> {
    text.parse().map_err(|_| format!("`{text}` is no mail address"))
}

pub(super) fn is_address(text: &str) -> bool {
    text.parse::<Address>().is_ok()
}
