//! A network between a worker and its servers that can stop forwarding: connections stay open, and nothing comes through.

use std::path::Path;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::watch;

use crate::nodes::Fleet;

/// The ways to one database and one nats-server.
pub struct Network {
    /// For whoever goes this way.
    pub database: String,
    pub nats: String,
    is_cut: watch::Sender<bool>,
    _folder: tempfile::TempDir,
}

impl Network {
    pub async fn before(fleet: &Fleet) -> Self {
        let is_cut = watch::Sender::new(false);
        let folder = tempfile::tempdir().unwrap();
        // `postgres://ROLE@FOLDER/DATABASE`, with the folder of a socket as the host.
        let (scheme, rest) = fleet.database.split_once('@').unwrap();
        let (host, name) = rest.split_once('/').unwrap();
        let socket = |folder: &Path| folder.join(".s.PGSQL.5432");
        let real = socket(Path::new(&host.replace("%2F", "/")));
        let listener = UnixListener::bind(socket(folder.path())).unwrap();
        let own = folder.path().display().to_string().replace('/', "%2F");
        let heard = is_cut.subscribe();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (real, heard) = (real.clone(), heard.clone());
                tokio::spawn(async move { between(client, UnixStream::connect(real).await, heard).await });
            }
        });

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let nats = format!("nats://{}", listener.local_addr().unwrap());
        let real = fleet.nats.address().trim_start_matches("nats://").to_owned();
        let heard = is_cut.subscribe();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (real, heard) = (real.clone(), heard.clone());
                tokio::spawn(async move { between(client, TcpStream::connect(real).await, heard).await });
            }
        });
        Self {
            database: format!("{scheme}@{own}/{name}"),
            nats,
            is_cut,
            _folder: folder,
        }
    }

    /// From now on nothing comes through.
    pub fn cut(&self) {
        self.is_cut.send_replace(true);
    }

    /// What was held back comes through, and everything after it.
    pub fn mend(&self) {
        self.is_cut.send_replace(false);
    }
}

async fn between<S>(client: S, server: std::io::Result<S>, is_cut: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite,
{
    let Ok(server) = server else { return };
    let (from_client, to_client) = tokio::io::split(client);
    let (from_server, to_server) = tokio::io::split(server);
    // Where one side ends, so does the other.
    tokio::select! {
        () = forward(from_client, to_server, is_cut.clone()) => {}
        () = forward(from_server, to_client, is_cut) => {}
    }
}

async fn forward(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, mut is_cut: watch::Receiver<bool>) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let is_open = is_cut.wait_for(|is_cut| !is_cut).await.is_ok();
        if !is_open || to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
