//! Connections: how they are made, what a server must promise before a row goes there, and how a restored one is noticed.
//! Whoever keeps tables of another schema in the same database connects in the same way: [`Database`].

use std::time::Duration;

use deadpool_postgres::{
    Client, ClientWrapper, Hook, HookError, Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime,
};
use tokio_postgres::Config;

use super::super::LedgerError;
use super::tls::Tls;
use super::{cluster, schema};

/// Connections of one host.
const CONNECTIONS: usize = 8;
/// How long one attempt to connect may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a call waits for a server that restarts or hands over to another.
const PATIENCE: Duration = Duration::from_secs(30);
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(250);
/// How long a silent network is believed in.
const SILENCE: Duration = Duration::from_secs(30);

/// A host that stands still in the middle of a transaction keeps nobody waiting for longer than this.
const SESSION: &str = "SET statement_timeout = '60s'; SET lock_timeout = '30s'; \
                       SET idle_in_transaction_session_timeout = '30s'; SET application_name = 'tms-sync'; \
                       SET client_encoding = 'UTF8'; SET standard_conforming_strings = on;";

const PROMISES: &str = "SELECT current_setting('synchronous_commit'), current_setting('fsync'), \
                        current_setting('server_encoding'), pg_is_in_recovery()";

/// A connection of a [`Database`]; whoever drops it gives it back.
pub type Connection = Client;

/// A schema in a database of PostgreSQL 13 or newer, and at most eight connections to it. Clones share them.
#[derive(Clone)]
pub struct Database {
    pool: Pool,
}

impl Database {
    /// Connects, makes the schema where there is none, and brings its tables to the current version: the number of
    /// `migrations`, each of which leads from its index to the next version. `url` is what libpq takes, for example
    /// `postgres://tms-sync@db.example/tms-sync?sslmode=require`; a password that it does not name is taken from the
    /// environment variable `PGPASSWORD`.
    ///
    /// # Errors
    ///
    /// The server cannot be reached for 30 seconds, does not promise that what it acknowledged is durable, or was written
    /// to by a newer version.
    pub async fn connect(
        url: &str,
        schema: &'static str,
        migrations: &[impl AsRef<str> + Sync],
    ) -> Result<Self, LedgerError> {
        let database = Self {
            pool: pool(url, schema)?,
        };
        let mut client = database.client().await?;
        schema::prepare(&mut client, schema, migrations).await?;
        cluster::notice(&client).await?;
        Ok(database)
    }

    /// A connection, waited for while the server is away, up to 30 seconds. Names without a schema are the schema's own.
    ///
    /// # Errors
    ///
    /// As [`Database::connect`].
    pub async fn client(&self) -> Result<Connection, LedgerError> {
        connect(&self.pool).await
    }
}

/// The pool for a connection string as libpq has it: a URL or `key=value` pairs.
fn pool(url: &str, schema: &'static str) -> Result<Pool, LedgerError> {
    let mut config: Config = url.parse().map_err(|error| {
        let error: tokio_postgres::Error = error;
        LedgerError::Unavailable(format!(
            "the address of the database cannot be read: {}",
            reason(&error)
        ))
    })?;
    if config.get_password().is_none()
        && let Ok(password) = std::env::var("PGPASSWORD")
    {
        config.password(password);
    }
    config.connect_timeout(CONNECT).tcp_user_timeout(SILENCE);
    let manager = ManagerConfig {
        // A server that was started anew is noticed before a call is sent into a dead connection.
        recycling_method: RecyclingMethod::Verified,
    };
    let manager = Manager::from_config(config, Tls::new()?, manager);
    let built = Pool::builder(manager)
        .max_size(CONNECTIONS)
        .runtime(Runtime::Tokio1)
        .create_timeout(Some(CONNECT))
        .recycle_timeout(Some(CONNECT))
        .post_create(Hook::async_fn(move |client, _| Box::pin(settle(client, schema))))
        .build();
    built.map_err(|error| LedgerError::Unavailable(error.to_string()))
}

/// A connection, waited for while the server is away.
async fn connect(pool: &Pool) -> Result<Client, LedgerError> {
    let mut waited = Duration::ZERO;
    loop {
        match pool.get().await {
            Ok(client) => return Ok(client),
            Err(PoolError::Backend(error)) if waited < PATIENCE && is_away(&error) => {
                tokio::time::sleep(BETWEEN_ATTEMPTS).await;
                waited += BETWEEN_ATTEMPTS;
            }
            Err(PoolError::Backend(error)) => return Err(error.into()),
            Err(PoolError::PostCreateHook(HookError::Message(message))) => {
                return Err(LedgerError::Unavailable(message.into_owned()));
            }
            Err(PoolError::PostCreateHook(HookError::Backend(error))) => return Err(error.into()),
            Err(error) => return Err(LedgerError::Unavailable(error.to_string())),
        }
    }
}

/// Nothing listens, or what listens starts up or shuts down: class 57P.
fn is_away(error: &tokio_postgres::Error) -> bool {
    match error.as_db_error() {
        Some(error) => error.code().code().starts_with("57P"),
        None => {
            let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<std::io::Error>());
            // A certificate that is not believed is no better in 30 seconds.
            error.is_closed() || source.is_some_and(|source| source.kind() != std::io::ErrorKind::InvalidData)
        }
    }
}

/// Prepares a new connection, and refuses a server that could lose what it acknowledged.
async fn settle(client: &mut ClientWrapper, schema: &str) -> Result<(), HookError> {
    let session = format!("{SESSION} SET search_path = {schema};");
    client.batch_execute(&session).await.map_err(HookError::Backend)?;
    let promises = client.query_one(PROMISES, &[]).await.map_err(HookError::Backend)?;
    let setting = |column| promises.get::<_, String>(column);
    if promises.get(3) {
        return Err(HookError::message(
            "the database is a standby, which takes no rows: name the primary",
        ));
    }
    // `local` and `remote_write` acknowledge what a failover forgets, `off` what a crash does.
    if !matches!(setting(0).as_str(), "on" | "remote_apply") {
        return Err(HookError::message(format!(
            "the database acknowledges rows before they are durable (synchronous_commit = {}): run \
             ALTER ROLE … SET synchronous_commit = on for the role that tms-sync uses",
            setting(0)
        )));
    }
    if setting(1) != "on" {
        return Err(HookError::message(
            "the database writes nothing through to its disk (fsync = off)",
        ));
    }
    if setting(2) != "UTF8" {
        return Err(HookError::message(format!(
            "the database has the encoding {}: create it with ENCODING 'UTF8'",
            setting(2)
        )));
    }
    cluster::notice(client).await.map_err(HookError::Backend)
}

/// What the server answered, or what became of the connection.
fn reason(error: &tokio_postgres::Error) -> String {
    if let Some(error) = error.as_db_error() {
        return format!("{} ({})", error.message(), error.code().code());
    }
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

impl From<tokio_postgres::Error> for LedgerError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Unavailable(format!("PostgreSQL: {}", reason(&error)))
    }
}
