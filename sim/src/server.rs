//! An [`axum::Router`] behind a real socket on loopback, with its journal and its faults.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::fault::Faults;
use crate::hang_up::HangUp;
use crate::journal::{Class, Classify, Journal};

/// A running server; dropping it stops it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    journal: Journal,
    faults: Faults,
    clock: Clock,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl Server {
    /// Describes a server for `app`; [`Builder::start`] runs it.
    #[must_use]
    pub fn builder(app: Router) -> Builder {
        Builder {
            app,
            port: 0,
            clock: Clock::real(),
            classify: Arc::new(|call| Class::of_method(call.method)),
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request that arrived.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The faults to come.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The clock this server lives by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Stops accepting, lets the requests under way finish, and frees the port; from then on connections are refused.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(task) = self.task.take() {
            // A server task ends normally or was aborted with its runtime; both mean stopped.
            let _ = task.await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// How a server is to run.
pub struct Builder {
    app: Router,
    port: u16,
    clock: Clock,
    classify: Classify,
}

impl Builder {
    /// A fixed port on 127.0.0.1; by default the system picks a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The clock for journal times, latency and late commits.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Which requests count as reads, writes or sign-ins. By default GET, HEAD and OPTIONS read and all others write.
    #[must_use]
    pub fn classify(mut self, classify: Classify) -> Self {
        self.classify = classify;
        self
    }

    /// Binds the port and serves until the [`Server`] is dropped. Needs a tokio runtime.
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn start(self) -> io::Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
        let address = listener.local_addr()?;
        let journal = Journal::new(self.clock.clone(), self.classify);
        let faults = Faults::new(self.clock.clone());
        let app = journal.layer(faults.layer(self.app));
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(accept(listener, app, stopped));
        Ok(Server {
            address,
            journal,
            faults,
            clock: self.clock,
            stop,
            task: Some(task),
        })
    }
}

async fn accept(listener: TcpListener, app: Router, mut stopped: watch::Receiver<bool>) {
    let graceful = GracefulShutdown::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted,
            // An error means that the handle is gone, which stops the server as well.
            _ = stopped.wait_for(|stop| *stop) => break,
        };
        // A failed accept concerns the one peer that went away.
        let Ok((stream, _)) = stream else { continue };
        let _ = stream.set_nodelay(true);
        let reset = Arc::new(AtomicBool::new(false));
        let io = TokioIo::new(Connection {
            stream,
            reset: Arc::clone(&reset),
        });
        let inner = TowerToHyperService::new(app.clone());
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            answer(inner.clone(), request.map(Body::new), Arc::clone(&reset))
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .half_close(true)
            .serve_connection(io, service);
        let connection = graceful.watch(connection);
        // A connection that breaks is the client's business, or a fault that did its work.
        tokio::spawn(async move { drop(connection.await) });
    }
    drop(listener);
    graceful.shutdown().await;
}

async fn answer(
    app: TowerToHyperService<Router>,
    request: Request,
    reset: Arc<AtomicBool>,
) -> Result<Response, io::Error> {
    let response = match hyper::service::Service::call(&app, request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    match response.extensions().get::<HangUp>() {
        None => Ok(response),
        Some(how) => {
            reset.store(*how == HangUp::Reset, Ordering::Relaxed);
            Err(io::Error::from(io::ErrorKind::ConnectionAborted))
        }
    }
}

/// A connection that can end with a reset instead of an orderly close.
struct Connection {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            // Lingering for zero seconds makes the kernel answer with RST; if refused, the close is orderly.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
