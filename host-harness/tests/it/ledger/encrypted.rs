//! TLS to a real PostgreSQL server. Which authorities the machine believes is in the process's variables, so processes of their
//! own connect: this test binary, started once more.

use std::path::Path;
use std::process::Command;

use tms_sync_host::{Ledger, PostgresLedger};

use super::postgres::scope;
use crate::postgres::own;
use crate::tls::Authority;

/// The database's address, and the file for what became of connecting; only in processes that the test starts.
const PLACES: [&str; 2] = ["TMS_SYNC_TEST_TLS_DATABASE", "TMS_SYNC_TEST_TLS_OUTCOME"];

/// What is started; on its own it tests nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_takes_a_lease_where_it_is_started_to() {
    let [Ok(address), Ok(file)] = PLACES.map(std::env::var) else {
        return;
    };
    let lease = async {
        let ledger = PostgresLedger::connect(&address).await?;
        ledger.lease(&scope(), "1".into(), "one".into(), 60_000).await
    };
    let outcome = lease
        .await
        .map_or_else(|error| error.to_string(), |_| "held".to_owned());
    std::fs::write(file, outcome).unwrap();
}

/// A process that believes the authorities of a file, and what it came to.
fn outcome(folder: &Path, address: &str, authorities: &str) -> String {
    let [outcome, believed] = ["outcome", "authorities.pem"].map(|name| folder.join(name));
    std::fs::write(&believed, authorities).unwrap();
    let [database, file] = PLACES;
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "ledger::encrypted::a_process_takes_a_lease_where_it_is_started_to",
        ])
        .env(database, address)
        .env(file, &outcome)
        .env("SSL_CERT_FILE", &believed)
        .env_remove("SSL_CERT_DIR")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    std::fs::read_to_string(outcome).unwrap()
}

#[test]
fn a_database_over_tls_is_believed_by_authority_and_name() {
    let Some(server) = own("a PostgreSQL server over TLS") else {
        return;
    };
    // Its own, so that the usual port is free there.
    let id = std::process::id();
    let host = format!("127.{}.{}.{}", 1 + id % 250, 1 + id / 250 % 250, 2 + id / 62_500 % 250);
    let (ours, others) = (Authority::new(), Authority::new());
    let (certificate, key) = ours.certify(&host, false);
    server.listen(&host, &certificate.pem(), &key.serialize_pem());
    let local = server.database();
    let name = local.rsplit('/').next().unwrap();
    let address = |mode: &str| format!("postgres://tms@{host}/{name}?sslmode={mode}");
    let folder = tempfile::tempdir().unwrap();
    let reached = |mode: &str, authority: &Authority| outcome(folder.path(), &address(mode), &authority.pem);

    assert_eq!(reached("require", &ours), "held");
    assert_eq!(server.sql(name, "SELECT count(*) FROM tms_sync_ledger.lease"), "1");
    let refused = reached("require", &others);
    assert!(refused.contains("invalid peer certificate"), "{refused}");
    let plain = reached("disable", &ours);
    assert!(plain.contains("no encryption"), "{plain}");

    let (of_another, key) = ours.certify("db.example.com", false);
    server.listen(&host, &of_another.pem(), &key.serialize_pem());
    let refused = reached("require", &ours);
    assert!(refused.contains("not valid for name"), "{refused}");
}
