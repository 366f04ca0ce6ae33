//! The way to other servers: what an operator decides for every tenant.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tms_sync_host::{EgressPolicy, Proxy};
use tms_sync_server::Options;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::rig::{Rig, Servers, Variant, sync};

/// A proxy of SOCKS 5 without a log-in (RFC 1928), and how many connections it made.
async fn socks() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let made = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&made);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let counted = Arc::clone(&counted);
            tokio::spawn(async move {
                counted.fetch_add(1, Ordering::SeqCst);
                connect(stream).await
            });
        }
    });
    (address, made)
}

async fn connect(mut stream: TcpStream) -> std::io::Result<()> {
    let mut greeting = [0; 2];
    stream.read_exact(&mut greeting).await?;
    let mut methods = vec![0; usize::from(greeting[1])];
    stream.read_exact(&mut methods).await?;
    stream.write_all(&[5, 0]).await?;
    // Version, command, reserved, the kind of address 1, and that address: simulated servers are on loopback.
    let mut request = [0; 8];
    stream.read_exact(&mut request).await?;
    let port = stream.read_u16().await?;
    stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0]).await?;
    let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
    copy_bidirectional(&mut stream, &mut server).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exports_of_every_tenant_go_through_the_proxy_of_the_service() {
    let (address, made) = socks().await;
    let rig = Rig::start_with(move |options| Options {
        egress: EgressPolicy::public_only().proxy(Proxy::new(&format!("socks5://{address}")).unwrap()),
        ..options
    })
    .await;
    let servers = Servers::start(&rig, Variant::Dc, 2).await;
    let owner = rig.token("acme", "manage").await;
    let credentials = servers.set_up(&rig, &owner).await;
    let test = owner
        .post(&owner.own(&format!("/credentials/{credentials}/test")), json!({}))
        .await;
    assert_eq!(test["passed"], true, "{test}");
    assert!(made.load(Ordering::SeqCst) > 0, "the connection test goes that way");
    let made_sync = owner.post(&owner.own("/syncs"), sync(&credentials, "main")).await;
    let path = owner.own(&format!("/syncs/{}/runs", made_sync["id"].as_str().unwrap()));
    let before = made.load(Ordering::SeqCst);
    let run = owner.post(&path, json!({ "mode": "export" })).await;
    let run = owner.over(run["id"].as_str().unwrap()).await;
    assert_eq!(run["summary"]["totals"]["test-case"], json!({ "created": 2 }), "{run}");
    assert!(made.load(Ordering::SeqCst) > before, "and so does the export");
}
