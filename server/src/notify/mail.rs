//! Mail.

use lettre::message::{Mailbox, header::ContentType};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::Message;
use super::post::Delivery;

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

    /// One mail with everything.
    pub(super) async fn send(&self, to: &[String], delivery: &Delivery) -> Result<(), String> {
        let mut mail = lettre::Message::builder()
            .from(self.from.clone())
            .subject(delivery.title())
            .header(ContentType::TEXT_PLAIN);
        for address in to {
            mail = mail.to(Mailbox::new(
                None,
                address.parse::<Address>().map_err(|error| error.to_string())?,
            ));
        }
        let mail = mail.body(text(delivery)).map_err(|error| error.to_string())?;
        let sent = self.transport.send(mail).await;
        sent.map(drop).map_err(|error| error.to_string())
    }
}

pub(super) fn is_address(text: &str) -> bool {
    text.parse::<Address>().is_ok()
}

fn text(delivery: &Delivery) -> String {
    let one = |message: &Message| format!("{}\n\n{}\n{}\n", message.title, message.text, message.url);
    let all: Vec<String> = delivery.messages.iter().map(one).collect();
    let mut text = all.join("\n--\n\n");
    if delivery.others > 0 {
        text.push_str(&format!("\n--\n\nand {} more.\n", delivery.others));
    }
    text
}
