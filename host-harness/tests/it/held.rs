//! What a plugin gets to hold: never a secret.

use tms_sync_host::{CallLimits, Engine, EngineLimits, LoadedPlugin, Place, SecretWatch};

use crate::egress::tokens;
use crate::rig::{self, Server, TOKEN, obey};

async fn watched() -> (Engine, LoadedPlugin) {
    let limits = EngineLimits {
        watch: true,
        ..rig::limits()
    };
    let engine = Engine::new(limits).unwrap();
    let plugin = LoadedPlugin::load(&engine, rig::speaks().await).await.unwrap();
    (engine, plugin)
}

fn places(watch: &SecretWatch) -> Vec<(String, Place)> {
    watch
        .leaks()
        .into_iter()
        .map(|leak| (leak.secret, leak.place))
        .collect()
}

#[tokio::test]
async fn no_secret_or_token_is_in_memory_or_crosses_the_boundary() {
    let (engine, plugin) = watched().await;
    let server = Server::start(tokens).await;
    let tenant = rig::tenant(&plugin, &server, "jdoe", CallLimits::default());
    let orders = [
        "exchange GET /open/a",
        "exchange GET /open/b",
        "basic GET /open/c",
        "bearer POST /open/d",
        "link put 1",
        "link get 1",
    ];
    let (said, _) = obey(&tenant, &orders).await;
    assert!(said[0].starts_with("200"), "{said:?}");
    tenant.test(None).await.unwrap();
    tenant.validate(None).await.unwrap();
    let watch = engine.watch().unwrap();
    assert_eq!(places(watch), []);
    // Three secrets, the pair of name and password, two tokens.
    assert!(watch.secrets() >= 5, "{}", watch.secrets());
    assert!(watch.memory_bytes() > 1 << 20 && watch.values() > 20);
}

#[tokio::test]
async fn a_planted_secret_is_found_wherever_it_goes() {
    let (engine, plugin) = watched().await;
    let server = Server::start(rig::fine).await;
    let tenant = rig::tenant(&plugin, &server, TOKEN, CallLimits::default());
    let order = format!("plain GET /open/{TOKEN}");
    obey(&tenant, &[&order]).await;
    let token = |place| ("token".to_owned(), place);
    let everywhere = [Place::Memory, Place::IntoPlugin, Place::OutOfPlugin].map(token);
    assert_eq!(places(engine.watch().unwrap()), everywhere);
}

#[tokio::test]
async fn a_planted_secret_is_found_in_the_memory_of_a_call_that_was_killed() {
    let (engine, plugin) = watched().await;
    let server = Server::start(rig::fine).await;
    let tenant = rig::tenant(&plugin, &server, TOKEN, CallLimits::default());
    let waiting = format!("plain GET /open/{TOKEN}");
    let mut run = tenant.run(rig::job(&["plain GET /open/a", "wait", &waiting]));
    run.next_event().await.unwrap();
    run.kill();
    run.finish().await;
    assert!(places(engine.watch().unwrap()).contains(&("token".to_owned(), Place::Memory)));
}
