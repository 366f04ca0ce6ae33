//! What a service is made of, by its options.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::app::{Address, App, Parts};
use crate::options::{Keys, Options};
use crate::places::Places;
use crate::plugins::Plugins;
use crate::runs::Hub;
use crate::schedule::{Dispatcher, JetStreamDispatcher, LocalDispatcher, Shared};
use crate::secrets::{KeySource, Keyring, ReferringStore, SealedStore};
use crate::server::{ServerError, io};
use crate::telemetry::Metrics;
use crate::users::{Requests, Users};

pub(crate) async fn assemble(options: &Options, address: SocketAddr, places: Places) -> Result<App, ServerError> {
    let public = options
        .public_url
        .clone()
        .unwrap_or_else(|| format!("http://{address}"));
    let address = Address::parse(&public);
    let address = address.ok_or_else(|| ServerError::Option(format!("the public URL `{public}` is no URL")))?;
    let hub = Hub::default();
    let entered = SealedStore::new(keys(options)?, Arc::clone(&places.clock));
    let dispatcher = dispatcher(options, &places, hub.clone()).await?;
    let Places { store, ledger, clock } = places;
    Ok(App::new(Parts {
        users: Users::new(Arc::clone(&store), Arc::clone(&clock)),
        secrets: Arc::new(ReferringStore::new(entered, options.secret_places.clone())),
        ledger,
        plugins: Plugins::new(options.plugins.clone()),
        clock,
        address,
        dispatcher,
        hub,
        metrics: Metrics::default(),
        traces: options.traces.clone(),
        requests: Requests::default(),
        mail: options.mail.clone(),
        single_sign_on: options.single_sign_on.clone(),
        egress: options.egress.clone(),
        store,
    }))
}

fn keys(options: &Options) -> Result<Arc<dyn KeySource>, ServerError> {
    Ok(match &options.keys {
        Keys::Text(text) => Arc::new(Keyring::parse(text)?),
        Keys::Source(source) => Arc::clone(source),
        Keys::File(Some(path)) => Arc::new(Keyring::at(path)?),
        // Each node would make one of its own, and none would open what another sealed.
        Keys::File(None) if options.fleet.is_some() => {
            return Err(ServerError::Option(
                "all nodes of a fleet need the same master key: give it to each of them by TMS_SYNC_MASTER_KEYS, --keys or --transit"
                    .to_owned(),
            ));
        }
        Keys::File(None) => {
            let folder = options.state.display().to_string();
            std::fs::create_dir_all(&options.state).map_err(io(format!("the state folder {folder}")))?;
            Arc::new(Keyring::at(&options.state.join("master.key"))?)
        }
    })
}

async fn dispatcher(options: &Options, places: &Places, hub: Hub) -> Result<Arc<dyn Dispatcher>, ServerError> {
    let (store, clock) = (Arc::clone(&places.store), Arc::clone(&places.clock));
    let Some(fleet) = &options.fleet else {
        return Ok(Arc::new(LocalDispatcher::new(store, clock, hub, options.runs_at_once)));
    };
    let shared = Shared {
        store,
        ledger: Arc::clone(&places.ledger),
        clock,
    };
    let joined = JetStreamDispatcher::join(fleet.clone(), shared, hub, options.runs_at_once).await;
    match joined {
        Ok(dispatcher) => Ok(Arc::new(dispatcher)),
        Err(problem) => Err(ServerError::Schedule(Box::new(problem))),
    }
}
