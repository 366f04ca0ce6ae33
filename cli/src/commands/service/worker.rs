//! `tms-sync worker`: carries runs of a fleet out until it is asked to end.

use std::net::SocketAddr;
use std::time::Duration;

use tms_sync_server::{Options, Server};

use super::node::{FleetOptions, NodeOptions, Part};
use crate::interrupt::Interrupts;
use crate::log::{self, Level};
use crate::render::diagnostic::{self, Diagnostic};

/// Carries out runs that the consoles of a fleet ask for and schedule (serve --nats)
///
/// As many as you like, on any machines. Ctrl-C or SIGTERM: it begins no more runs, lets those under way go on for a
/// while, and hands over what is left. The master key comes from TMS_SYNC_MASTER_KEYS, --keys or --transit.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub node: NodeOptions,
    #[command(flatten)]
    pub fleet: FleetOptions,
    /// Where it answers /healthz and /readyz
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8081")]
    pub listen: SocketAddr,
    /// How long runs under way may go on when it ends, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub drain: u64,
}

impl Args {
    pub async fn perform(self) -> u8 {
        self.node.log.begin();
        let mut interrupts = Interrupts::listen();
        let server = match self.start().await {
            Ok(server) => server,
            Err(problems) => {
                for problem in &problems {
                    diagnostic::log(problem);
                }
                return 2;
            }
        };
        log::write(Level::Info, &format!("Working; health at http://{}", server.address()));
        interrupts.reached(1).await;
        log::write(Level::Info, "Begins no more runs; Ctrl-C again ends at once");
        tokio::select! {
            () = server.stop() => 0,
            () = interrupts.reached(2) => 1,
        }
    }

    async fn start(&self) -> Result<Server, Vec<Diagnostic>> {
        let Some(fleet) = self.fleet.named(Part::Works) else {
            let problem = Diagnostic::new("a worker needs --nats and --postgres");
            return Err(vec![
                problem.hint("without them `tms-sync serve` carries out its runs itself"),
            ]);
        };
        let options = Options {
            listen: self.listen,
            fleet: Some(fleet),
            drain: Duration::from_secs(self.drain),
            ..self.node.options().await?
        };
        let started = Server::start(options).await;
        started.map_err(|error| vec![Diagnostic::new(error.to_string())])
    }
}
