//! Starting and stopping.

use std::net::SocketAddr;
use std::sync::Arc;

use tms_sync_host::LedgerError;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::app::{Address, App, Parts};
use crate::options::{Keys, Options};
use crate::places::{Guard, Places};
use crate::plugins::Plugins;
use crate::problem::Problem;
use crate::router;
use crate::runs::{Hub, carry_out};
use crate::schedule::LocalDispatcher;
use crate::secrets::{KeyError, KeySource, Keyring, ReferringStore, SealedStore, SecretError};
use crate::store::StoreError;
use crate::telemetry::{self, Metrics};
use crate::upkeep::Upkeep;
use crate::users::{Requests, Users};

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
        let (places, guard) = Places::open_alone(&options).await?;
        let listener = TcpListener::bind(options.listen)
            .await
            .map_err(io(format!("listening on {}", options.listen)))?;
        let address = listener.local_addr().map_err(io("listening"))?;
        let app = assemble(&options, address, places)?;
        app.dispatcher()
            .begin()
            .await
            .map_err(|problem| ServerError::Schedule(Box::new(problem)))?;
        let (stop, mut stopped) = watch::channel(false);
        let service = router::router(app.clone());
        let until = async move {
            // An error is a sender that is gone: stop as well.
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        let serving = axum::serve(listener, service).with_graceful_shutdown(until);
        let listening = tokio::spawn(std::future::IntoFuture::into_future(serving));
        let mut working = work(&app, options.wheel, stop.subscribe());
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

fn work(app: &App, wheel: bool, stopped: watch::Receiver<bool>) -> Vec<JoinHandle<()>> {
    let claiming = tokio::spawn(claim(app.clone(), stopped));
    let mut working = vec![claiming];
    if wheel {
        let scheduling = app.clone();
        working.push(tokio::spawn(
            async move { scheduling.dispatcher().keep_turning().await },
        ));
        working.push(tokio::spawn(Upkeep::default().keep_turning(app.clone())));
    }
    working
}

/// Carries out run after run until the service stops, and asks those under way to end then.
async fn claim(app: App, mut stopped: watch::Receiver<bool>) {
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
    app.hub().cancel_all();
    while under_way.join_next().await.is_some() {}
}

fn assemble(options: &Options, address: SocketAddr, places: Places) -> Result<App, ServerError> {
    let Places { store, ledger } = places;
    if let Keys::File(None) = &options.keys {
        let folder = options.state.display().to_string();
        std::fs::create_dir_all(&options.state).map_err(io(format!("the state folder {folder}")))?;
    }
    let keys: Arc<dyn KeySource> = match &options.keys {
        Keys::Text(text) => Arc::new(Keyring::parse(text)?),
        Keys::File(path) => Arc::new(Keyring::at(
            path.as_deref().unwrap_or(&options.state.join("master.key")),
        )?),
        Keys::Source(source) => Arc::clone(source),
    };
    let public = options
        .public_url
        .clone()
        .unwrap_or_else(|| format!("http://{address}"));
    let address = Address::parse(&public);
    let address = address.ok_or_else(|| ServerError::Option(format!("the public URL `{public}` is no URL")))?;
    let hub = Hub::default();
    let clock = Arc::clone(&options.clock);
    let dispatcher = LocalDispatcher::new(Arc::clone(&store), clock, hub.clone(), options.runs_at_once);
    let entered = SealedStore::new(keys, Arc::clone(&options.clock));
    Ok(App::new(Parts {
        users: Users::new(Arc::clone(&store), Arc::clone(&options.clock)),
        secrets: Arc::new(ReferringStore::new(entered, options.secret_places.clone())),
        ledger,
        plugins: Plugins::new(options.plugins.clone()),
        clock: Arc::clone(&options.clock),
        address,
        dispatcher: Arc::new(dispatcher),
        hub,
        metrics: Metrics::default(),
        requests: Requests::default(),
        mail: options.mail.clone(),
        single_sign_on: options.single_sign_on.clone(),
        egress: options.egress.clone(),
        store,
    }))
}
