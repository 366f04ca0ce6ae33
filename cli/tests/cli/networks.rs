//! Log-ins and networks of companies: a proxy as the only way out, Atlassian's gateway, a company's authority, client
//! certificates.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tms_sync_sim::cloud::{OAUTH_CLIENT_ID, OAUTH_CLIENT_SECRET, SCOPED_TOKEN};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::authority::Authority;
use crate::code;
use crate::rig::{Rig, Variant};

over_both!(a_jira_that_wants_a_client_certificate_gets_the_one_of_the_file);

/// Atlassian's gateway, which the simulated site is as well.
const GATEWAY: &str = "api.atlassian.com:443";
const PASSWORD: &str = "s3cret-of-the-proxy";

/// What a proxy was asked for, and whether it knew who asked.
type Asked = Arc<Mutex<Vec<(String, bool)>>>;

/// A proxy that alone knows the way to the gateway.
async fn proxy(gateway: SocketAddr) -> (SocketAddr, Asked) {
    let (listener, asked) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), Asked::default());
    let (address, kept) = (listener.local_addr().unwrap(), Arc::clone(&asked));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(tunnel(stream, gateway, Arc::clone(&kept)));
        }
    });
    (address, asked)
}

async fn tunnel(mut stream: TcpStream, gateway: SocketAddr, asked: Asked) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let pair = STANDARD.encode(format!("tms-sync:{PASSWORD}"));
    let is_known = head.contains(&format!("Basic {pair}"));
    let target = head.split(" HTTP/").next().unwrap().to_owned();
    let is_gateway = target.ends_with(GATEWAY);
    asked.lock().unwrap().push((target, is_known));
    let answer: &[u8] = match (is_known, is_gateway) {
        (false, _) => b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
        (true, false) => b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
        (true, true) => b"HTTP/1.1 200 OK\r\n\r\n",
    };
    stream.write_all(answer).await.unwrap();
    if is_known && is_gateway {
        let mut server = TcpStream::connect(gateway).await.unwrap();
        // Either end may close first.
        let _ = copy_bidirectional(&mut stream, &mut server).await;
    }
}

/// A site whose gateway is reached through a proxy only, and vouched for by the company's own authority.
fn behind_a_proxy() -> (Rig, Asked) {
    let mut rig = Rig::start(Variant::Cloud, 3);
    let authority = Authority::new();
    let name = GATEWAY.split(':').next().unwrap();
    let gateway = rig.serve(authority.front(name, &rig.world.tracker.jira.url(), None));
    let (proxy, asked) = rig.serve(proxy(gateway));
    std::fs::write(rig.folder.path().join("company.pem"), authority.pem).unwrap();
    let network = format!(
        "authority = \"company.pem\"\n\
         proxy = {{ url = \"http://{proxy}\", username = \"tms-sync\", password = {{ env = \"PROXY_PASSWORD\" }}, except = [\"127.0.0.1\"] }}\n"
    );
    rig.variables.push(("PROXY_PASSWORD".into(), PASSWORD.into()));
    rig.rewrite(|file| file.replace("allow = [", &format!("allow = [\"{GATEWAY}\", \"{proxy}\", ")) + &network);
    (rig, asked)
}

/// What carried a credential to the site's own address.
fn shown_to_the_site(rig: &Rig) -> Vec<String> {
    let entries = rig.world.tracker.jira.journal().entries().into_iter();
    let carried = entries.filter(|entry| entry.credential.is_some() && !entry.path.starts_with("/ex/jira/"));
    carried.map(|entry| entry.path).collect()
}

fn only_the_gateway_was_asked_for(asked: &Asked) {
    let asked = asked.lock().unwrap();
    let way = (format!("CONNECT {GATEWAY}"), true);
    assert!(!asked.is_empty() && asked.iter().all(|one| *one == way), "{asked:?}");
}

#[test]
fn a_token_with_scopes_works_behind_a_proxy_that_alone_reaches_the_gateway() {
    let (mut rig, asked) = behind_a_proxy();
    rig.store("JIRA_SECRET", SCOPED_TOKEN);
    let test = rig.printed(&["test"]);
    let export = rig.printed(&["export"]);
    reports!(test, export);
    assert_eq!(shown_to_the_site(&rig), ["/rest/api/3/myself"], "once, to learn it");
    only_the_gateway_was_asked_for(&asked);
}

#[test]
fn a_service_accounts_client_logs_in_and_exports_through_the_gateway() {
    let (mut rig, asked) = behind_a_proxy();
    let sign_in = rig.sign_in();
    rig.store("JIRA_SECRET", OAUTH_CLIENT_SECRET);
    rig.rewrite(|file| {
        let keys: Vec<&str> = file
            .lines()
            .filter(|line| !line.starts_with("username"))
            .map(|line| match line.starts_with("api-token") {
                true => "oauth-client-secret = { env = \"JIRA_SECRET\" }",
                false => line,
            })
            .collect();
        let client = format!(
            "[integration]\noauth-client-id = \"{}\"\nsign-in-endpoint = \"{sign_in}\"",
            OAUTH_CLIENT_ID
        );
        let address = sign_in.trim_start_matches("http://");
        let file = keys.join("\n") + "\n";
        file.replace("[integration]", &client)
            .replace("allow = [", &format!("allow = [\"{address}\", "))
    });
    let (exit, report) = rig.json(&["export"]);
    assert_eq!(exit, 0, "{report:#}");
    assert_eq!(report["syncs"][0]["totals"]["test-cases"]["created"], 3, "{report:#}");
    only_the_gateway_was_asked_for(&asked);
}

fn a_jira_that_wants_a_client_certificate_gets_the_one_of_the_file(variant: Variant) {
    let rig = Rig::start(variant, 2);
    let (company, clients) = (Authority::new(), Authority::new());
    let jira = rig.world.tracker.jira.url();
    let address = rig.serve(company.front("localhost", &jira, Some(&clients)));
    let origin = format!("https://localhost:{}", address.port());
    rig.rewrite(|file| {
        let moved = file.replace(&format!("endpoint = \"{jira}\""), &format!("endpoint = \"{origin}\""));
        moved.replace("allow = [", &format!("allow = [\"localhost:{}\", ", address.port()))
    });
    let named = |text: String| text.replace(&origin["https://".len()..], "jira.example");
    let unknown_authority = named(rig.printed(&["test"]));
    std::fs::write(rig.folder.path().join("company.pem"), &company.pem).unwrap();
    rig.rewrite(|file| file + "authority = \"company.pem\"\n");
    assert_eq!(code(&rig.run(&["test"])), Some(2), "it wants a certificate");

    let (certificate, key) = clients.certify("tms-sync", false);
    std::fs::write(rig.folder.path().join("tms-sync.pem"), certificate.pem()).unwrap();
    rig.keep_secret("tms-sync.key", &key.serialize_pem());
    rig.rewrite(|file| {
        file + &format!(
            "[[host.server]]\norigin = \"{origin}\"\ncertificate = \"tms-sync.pem\"\nkey = \"tms-sync.key\"\n"
        )
    });
    let test = named(rig.printed(&["test"]));
    reports!(variant => unknown_authority, test);
    let (exit, report) = rig.json(&["export"]);
    assert_eq!(exit, 0, "{report:#}");
}
