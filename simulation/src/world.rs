//! Everything outside of the plugin: the servers with their data, the network, the ledger, time.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use axum::Router;
use futures_util::FutureExt as _;
use futures_util::future::{Either, LocalBoxFuture, pending, select};
use tms_sync_sim::jira::site::SharedSite;
use tms_sync_xray::app::Order;
use tms_sync_xray::domain::Verdict;
use tms_sync_xray::error::Error;
use tms_sync_xray::ports::{Event, Events, Pending, Ports};
use tms_sync_xray::report::Report;
use tms_sync_xray::setup;
use tms_sync_xray::sync::Mode;

use crate::executor::Executor;
use crate::installation::{self, Installation, Variant};
use crate::ledger::{Ledger, Session};
use crate::mutation::Mutation;
use crate::network::Network;
use crate::process::Process;
use crate::project::Project;
use crate::random::Random;
use crate::server::Server;
use crate::trace::Trace;
use crate::wire::{Delivery, Wire};

/// Everything outside of the plugin.
pub struct World {
    /// Time and tasks.
    pub executor: Executor,
    /// What can go wrong with requests.
    pub network: Rc<Network>,
    /// What is durable at the host.
    pub ledger: Rc<Ledger>,
    /// What is durable at another host that knows nothing of the first.
    pub other_ledger: Rc<Ledger>,
    /// What happened.
    pub trace: Rc<Trace>,
    /// Every request that reached a server.
    pub journal: RefCell<Vec<Delivery>>,
    /// The servers and what is in them.
    pub installation: Installation,
    servers: Vec<(&'static str, Server)>,
    runs: Cell<u64>,
}

/// How a run ended.
#[derive(Debug)]
pub enum End {
    /// It came to its end, or stopped by itself.
    Reported(Report),
    /// It could not begin.
    Refused(Error),
    /// Its process was killed.
    Killed,
}

/// A run as its host saw it.
#[derive(Debug)]
pub struct Run {
    /// How it ended.
    pub end: End,
    /// The verdicts of its event stream.
    pub verdicts: Vec<Verdict>,
    /// Boundaries that its process passed.
    pub boundaries: u64,
    /// Deliveries before it began.
    pub journal_from: usize,
}

impl Run {
    /// The report, where the run came to its end with every entity looked at.
    pub fn complete(&self) -> Option<&Report> {
        match &self.end {
            End::Reported(report) if report.stopped.is_none() => Some(report),
            _ => None,
        }
    }

    /// What stopped it.
    pub fn stopped(&self) -> Option<&Error> {
        match &self.end {
            End::Reported(report) => report.stopped.as_ref(),
            End::Refused(error) => Some(error),
            End::Killed => None,
        }
    }
}

/// How a run is to be.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    /// Number of the host.
    pub host: u8,
    /// The boundary at which its process is killed.
    pub killed_at: Option<u64>,
    /// What is wrong with the ports.
    pub mutation: Option<Mutation>,
    /// It has a ledger of its own.
    pub other_ledger: bool,
}

impl World {
    /// Servers with this project in them.
    pub fn new(variant: Variant, project: Project, random: &mut Random) -> Rc<Self> {
        let executor = Executor::default();
        let installation = Installation::new(variant, project, &executor);
        let kind = setup::kind(variant.kind()).unwrap();
        let server = |connection: &'static setup::Connection| {
            let router: Router = installation.router(connection.name)?;
            let server = Server::new(router, connection, installation::stored, executor.clone());
            Some((connection.name, server))
        };
        let servers = kind.connections.iter().filter_map(server).collect();
        Rc::new(World {
            network: Rc::new(Network::new(random.fork())),
            ledger: Rc::default(),
            other_ledger: Rc::default(),
            trace: Rc::default(),
            journal: RefCell::default(),
            installation,
            servers,
            runs: Cell::new(0),
            executor,
        })
    }

    /// The server behind a connection.
    ///
    /// # Panics
    /// When the manifest names no such connection.
    pub fn server(&self, connection: &str) -> &Server {
        let found = self.servers.iter().find(|(name, _)| *name == connection);
        &found.expect("a connection of the manifest").1
    }

    /// Jira's data.
    pub fn jira(&self) -> &SharedSite {
        &self.installation.jira
    }

    /// Runs an export in a process of its own.
    pub fn start(self: &Rc<Self>, how: How) -> LocalBoxFuture<'static, Run> {
        let world = Rc::clone(self);
        self.runs.set(self.runs.get() + 1);
        let run_id = format!("run-{}", self.runs.get());
        let order = Order::new(self.installation.settings(), run_id, Mode::Run);
        async move { world.run(order, how).await }.boxed_local()
    }

    /// Runs an export to its end, with nothing beside it but what is still on the way.
    pub fn run_once(self: &Rc<Self>, how: How) -> Run {
        self.executor.run(self.start(how))
    }

    async fn run(self: Rc<Self>, order: Order, how: How) -> Run {
        let process = Rc::new(Process::new(how.host, how.killed_at));
        let ledger = match how.other_ledger {
            true => &self.other_ledger,
            false => &self.ledger,
        };
        let session = Session {
            ledger: Rc::clone(ledger),
            process: Rc::clone(&process),
            executor: self.executor.clone(),
            network: Rc::clone(&self.network),
            trace: Rc::clone(&self.trace),
            epoch: Cell::new(None),
        };
        let wire = Wire {
            world: Rc::clone(&self),
            process: Rc::clone(&process),
        };
        let (http, links) = Mutation::apply(how.mutation, Box::new(wire), Box::new(session));
        let stream = Stream::default();
        let ports = Ports {
            http: &*http,
            clock: &self.executor,
            links: &*links,
            events: &stream,
        };
        let journal_from = self.journal.borrow().len();
        let secrets = self.installation.secrets();
        let export = std::pin::pin!(async { Ok(order.prepare(&secrets)?.run(ports, pending()).await) });
        let end = match select(export, std::pin::pin!(process.death())).await {
            Either::Left((Ok(report), _)) => End::Reported(report),
            Either::Left((Err(error), _)) => End::Refused(error),
            Either::Right(_) => End::Killed,
        };
        if !matches!(end, End::Killed) {
            ledger.release(&process);
        }
        process.die(self.executor.now());
        let line = format!("host {} ends: {}", how.host, described(&end));
        self.trace.line(self.executor.now() - crate::executor::START, &line);
        Run {
            end,
            verdicts: stream.0.take(),
            boundaries: process.passed(),
            journal_from,
        }
    }
}

fn described(end: &End) -> String {
    match end {
        End::Killed => "killed".to_owned(),
        End::Refused(error) => format!("refused: {error}"),
        End::Reported(report) => match &report.stopped {
            Some(error) => format!("stopped: {error}"),
            None => format!("{:?} {:?}", report.test_cases, report.launches),
        },
    }
}

#[derive(Default)]
struct Stream(RefCell<Vec<Verdict>>);

impl Events for Stream {
    fn emit(&self, event: Event) -> Pending<'_, ()> {
        if let Event::Verdict(verdict) = event {
            self.0.borrow_mut().push(verdict);
        }
        futures_util::future::ready(()).boxed_local()
    }
}
