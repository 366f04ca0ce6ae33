//! Starting and stopping.

use std::net::SocketAddr;
use std::time::Duration;

use tms_sync_host::LedgerError;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::app::App;
use crate::assembling::assemble;
use crate::options::Options;
use crate::places::{Guard, Places};
use crate::problem::Problem;
use crate::router;
use crate::runs::carry_out;
use crate::secrets::{KeyError, SecretError};
use crate::store::StoreError;
use crate::telemetry;
use crate::upkeep::Upkeep;

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The folder, the port or the lock.
    #[error("{what}: {error}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        error: std::io::Error,
    },
    /// Another process works in the folder or database.
    #[error("another tms-sync works in {0}: one service per place, unless they share their runs (--nats)")]
    Busy(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// What the schedule could not take up.
    #[error("{}", .0.message)]
    Schedule(Box<Problem>),
    /// A copy of a store.
    #[error(transparent)]
    StoreCopy(#[from] crate::store::CopyError),
    /// A copy of a ledger.
    #[error(transparent)]
    LedgerCopy(#[from] tms_sync_host::ledger::CopyError),
    /// The master keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// A secret that the master keys do not open.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// An option.
    #[error("{0}")]
    Option(String),
}

pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> ServerError {
    let what = what.into();
    move |error| ServerError::Io { what, error }
}

/// The service, running. Dropping it stops it.
pub struct Server {
    app: App,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    listening: JoinHandle<std::io::Result<()>>,
    /// What works by itself: claims, and the schedule.
    working: Vec<JoinHandle<()>>,
    /// Held while it runs: two services on one folder would start every run twice.
    _guard: Guard,
}

impl Server {
    /// Opens the stores and listens.
    ///
    /// # Errors
    ///
    /// See [`ServerError`].
    pub async fn start(options: Options) -> Result<Self, ServerError> {
        let (places, guard) = Places::open(&options).await?;
        let listener = TcpListener::bind(options.listen)
            .await
            .map_err(io(format!("listening on {}", options.listen)))?;
        let address = listener.local_addr().map_err(io("listening"))?;
        let app = assemble(&options, address, places).await?;
        app.dispatcher()
            .begin()
            .await
            .map_err(|problem| ServerError::Schedule(Box::new(problem)))?;
        let (stop, mut stopped) = watch::channel(false);
        let service = match options.fleet.as_ref().is_none_or(|fleet| fleet.serves) {
            true => router::router(app.clone()),
            false => telemetry::health().with_state(app.clone()),
        };
        let until = async move {
            // An error is a sender that is gone: stop as well.
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        let serving = axum::serve(listener, service).with_graceful_shutdown(until);
        let listening = tokio::spawn(std::future::IntoFuture::into_future(serving));
        let mut working = work(&app, &options, &stop);
        if let Some(address) = options.metrics {
            let listener = TcpListener::bind(address)
                .await
                .map_err(io(format!("listening on {address}")))?;
            let serving = axum::serve(listener, telemetry::metrics(app.clone()));
            working.push(tokio::spawn(async move {
                // It ends with the service; nobody waits for it.
                let _ = serving.await;
            }));
        }
        Ok(Self {
            working,
            app,
            address,
            stop,
            listening,
            _guard: guard,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its state.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The link by which the first administrator sets a password; absent where there is one already.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn first_link(&self) -> Result<Option<String>, StoreError> {
        if !self.app.users().is_unclaimed().await? {
            return Ok(None);
        }
        let proof = self.app.users().first_link().await?;
        Ok(Some(self.app.url(&format!("/link/{}", *proof))))
    }

    /// Puts into the queue what is due, and sends the messages that are, where [`Options::wheel`] is off.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn tick(&self) -> Result<(), Problem> {
        self.app.dispatcher().turn().await?;
        Upkeep::default().turn(&self.app).await
    }

    /// Begins no more runs, asks those under way to end, and waits until everything is recorded and answered.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        let mut working = self.working.drain(..);
        if let Some(claiming) = working.next() {
            let _ = claiming.await;
        }
        for task in working {
            task.abort();
        }
        let _ = (&mut self.listening).await;
        self.app.traces().deliver().await;
    }
}

/// A server that is dropped is gone at once, as if it had been killed.
impl Drop for Server {
    fn drop(&mut self) {
        for task in &self.working {
            task.abort();
        }
        self.listening.abort();
    }
}

/// What this node does by itself. The claims are the first.
fn work(app: &App, options: &Options, stop: &watch::Sender<bool>) -> Vec<JoinHandle<()>> {
    let fleet = options.fleet.as_ref();
    let mut working = Vec::new();
    if fleet.is_none_or(|fleet| fleet.works) {
        working.push(tokio::spawn(claim(app.clone(), options.drain, stop.subscribe())));
    } else {
        working.push(tokio::spawn(std::future::ready(())));
    }
    if options.wheel {
        let scheduling = app.clone();
        working.push(tokio::spawn(
            async move { scheduling.dispatcher().keep_turning().await },
        ));
    }
    // Workers have no mail server.
    if options.wheel && fleet.is_none_or(|fleet| fleet.serves) {
        working.push(tokio::spawn(Upkeep::default().keep_turning(app.clone())));
    }
    working
}

/// Carries out run after run until the service stops. Those under way then may go on for a while, and are handed over
/// to the next process or another worker.
async fn claim(app: App, drain: Duration, mut stopped: watch::Receiver<bool>) {
    let dispatcher = app.dispatcher();
    let mut under_way = JoinSet::new();
    // Kept while others are waited for: a claim that is dropped half-way is a run that nobody carries out.
    let mut next = dispatcher.claim();
    loop {
        tokio::select! {
            claim = &mut next => {
                let carrier = app.clone();
                under_way.spawn(async move { carry_out(&carrier, claim).await });
                next = dispatcher.claim();
            }
            Some(_) = under_way.join_next() => {}
            _ = stopped.wait_for(|stop| *stop) => break,
        }
    }
    drop(next);
    let mut ended = async || while under_way.join_next().await.is_some() {};
    if tokio::time::timeout(drain, ended()).await.is_err() {
        app.hub().hand_over_all();
        ended().await;
    }
}
