//! `tms-sync serve`: the service until Ctrl-C.

use std::net::SocketAddr;

use tms_sync_host::EgressPolicy;
use tms_sync_server::notify::Mail;
use tms_sync_server::users::SingleSignOn;
use tms_sync_server::{Options, Server};

use super::node::{FleetOptions, NodeOptions, Part, secret};
use crate::interrupt::Interrupts;
use crate::log::{self, Level};
use crate::output::Output;
use crate::render::diagnostic::{self, Diagnostic};

/// Holds the address of the mail server, since it has a password.
const MAIL_SERVER: &str = "TMS_SYNC_SMTP_URL";
/// Holds this service's secret at the OpenID provider.
const OIDC_SECRET: &str = "TMS_SYNC_OIDC_SECRET";

/// Serves pages and an API for many teams, and runs syncs on a schedule
///
/// The first start prints a link that makes the administrator. Everything is kept in the state folder. Secrets of the
/// service itself come from variables: TMS_SYNC_MASTER_KEYS (instead of a file), TMS_SYNC_TRANSIT_TOKEN,
/// TMS_SYNC_SMTP_URL and TMS_SYNC_OIDC_SECRET.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub node: NodeOptions,
    #[command(flatten)]
    pub fleet: FleetOptions,
    /// Where to listen; put a proxy with TLS in front of anything but loopback
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// How people reach it, for links and cookies: https://sync.example.com or with a path
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Sender of mails; the server is in TMS_SYNC_SMTP_URL: smtps://user:password@smtp.example.com
    #[arg(long, value_name = "ADDRESS")]
    pub mail_from: Option<String>,
    #[command(flatten)]
    pub provider: ProviderOptions,
    #[cfg(feature = "sim")]
    /// Show it with simulated servers, two teams and some history, in a folder that is gone afterwards
    #[arg(long, conflicts_with_all = ["state", "plugin", "keys", "allow", "network", "postgres", "nats"])]
    pub demo: bool,
}

// An OpenID provider beside local accounts.
#[derive(Debug, clap::Args)]
pub struct ProviderOptions {
    /// An OpenID provider where people log in as well, for example https://login.example.com/realms/main
    #[arg(long, value_name = "URL", requires = "oidc_client")]
    pub oidc_issuer: Option<String>,
    /// Id of this service there; its secret is in TMS_SYNC_OIDC_SECRET
    #[arg(long, value_name = "ID", requires = "oidc_issuer")]
    pub oidc_client: Option<String>,
    /// How people call the provider
    #[arg(long, value_name = "NAME", default_value = "single sign-on")]
    pub oidc_title: String,
}

impl Args {
    pub async fn perform(self) -> u8 {
        self.node.log.begin();
        #[cfg(feature = "sim")]
        if self.demo {
            return super::serve_demo::perform(&self, Interrupts::listen()).await;
        }
        perform(&self, Interrupts::listen()).await
    }
}

async fn perform(serve: &Args, mut interrupts: Interrupts) -> u8 {
    let server = match start(serve).await {
        Ok(server) => server,
        Err(problem) => {
            for problem in &problem {
                diagnostic::log(problem);
            }
            return 2;
        }
    };
    match server.first_link().await {
        Ok(Some(link)) => Output::default().text(&format!(
            "Nobody keeps this instance yet. Open this link once:\n  {link}\n"
        )),
        Ok(None) => {}
        Err(error) => log::write(Level::Error, &format!("error: {error}")),
    }
    log::write(
        Level::Info,
        &format!("Serving http://{} until Ctrl-C", server.address()),
    );
    interrupts.reached(1).await;
    log::write(
        Level::Info,
        "Runs under way end at the next safe place; Ctrl-C again ends at once",
    );
    tokio::select! {
        () = server.stop() => 0,
        () = interrupts.reached(2) => 1,
    }
}

async fn start(serve: &Args) -> Result<Server, Vec<Diagnostic>> {
    let options = serve.node.options().await?;
    let options = Options {
        listen: serve.listen,
        public_url: serve.public_url.clone(),
        mail: mail(serve.mail_from.as_deref())?,
        single_sign_on: serve.provider.provider(&options.egress)?,
        fleet: serve.fleet.named(Part::Serves),
        ..options
    };
    Server::start(options)
        .await
        .map_err(|error| vec![Diagnostic::new(error.to_string())])
}

fn mail(from: Option<&str>) -> Result<Option<Mail>, Vec<Diagnostic>> {
    let problem = match (from, secret(MAIL_SERVER)) {
        (None, None) => return Ok(None),
        (Some(from), Some(server)) => match Mail::new(&server, from) {
            Ok(mail) => return Ok(Some(mail)),
            Err(error) => Diagnostic::new(error.to_string()),
        },
        (Some(_), None) => Diagnostic::new(format!("{MAIL_SERVER} is not set, and --mail-from needs a mail server"))
            .hint("set it to smtps://user:password@smtp.example.com"),
        (None, Some(_)) => Diagnostic::new(format!("{MAIL_SERVER} is set, and mails have no sender"))
            .hint("add --mail-from 'tms-sync <sync@example.com>'"),
    };
    Err(vec![problem])
}

impl ProviderOptions {
    fn provider(&self, egress: &EgressPolicy) -> Result<Option<SingleSignOn>, Vec<Diagnostic>> {
        let (Some(issuer), Some(client_id)) = (&self.oidc_issuer, &self.oidc_client) else {
            return Ok(None);
        };
        let unset = || vec![Diagnostic::new(format!("{OIDC_SECRET} is not set"))];
        Ok(Some(SingleSignOn {
            title: self.oidc_title.clone(),
            issuer: issuer.clone(),
            client_id: client_id.clone(),
            client_secret: secret(OIDC_SECRET).ok_or_else(unset)?,
            egress: egress.clone(),
        }))
    }
}
