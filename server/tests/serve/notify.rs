//! Who hears of what.

use std::time::Duration;

use hmac::{Hmac, Mac};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tms_sync_server::Options;
use tms_sync_server::notify::Mail;

use crate::mailbox::{Hook, Mailbox};
use crate::rig::{Client, Rig, Servers, Variant, sync};

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn with_mail() -> (Rig, Mailbox) {
    let mailbox = Mailbox::start().await;
    let mail = Mail::new(&mailbox.url, "tms-sync <sync@example.com>").unwrap();
    let rig = Rig::start_with(move |options| Options {
        mail: Some(mail.clone()),
        ..options
    });
    (rig.await, mailbox)
}

/// A channel that hears of everything, with what differs.
async fn channel(owner: &Client, differs: Value) -> String {
    let mut body = json!({ "name": "Team", "target": { "type": "mail", "to": ["team@example.com"] } });
    for (name, value) in differs.as_object().unwrap() {
        body[name] = value.clone();
    }
    let made = owner.post(&owner.own("/channels"), body).await;
    made["id"].as_str().unwrap().to_owned()
}

/// A sync that cannot work, run once.
async fn failing(owner: &Client, credentials: &str, name: &str, differs: Value) {
    let mut body = sync(credentials, name);
    body["destination"] = json!("GONE");
    for (name, value) in differs.as_object().unwrap() {
        body[name] = value.clone();
    }
    let made = owner.post(&owner.own("/syncs"), body).await;
    let path = owner.own(&format!("/syncs/{}/runs", made["id"].as_str().unwrap()));
    let run = owner.post(&path, json!({ "mode": "export" })).await;
    owner.over(run["id"].as_str().unwrap()).await;
}

/// Time passes, and what is due is done.
async fn after(rig: &Rig, pause: Duration) {
    rig.clock.advance(pause);
    rig.server.tick().await.unwrap();
}

/// Without what differs from run to run.
fn steady(rig: &Rig, mail: &str) -> String {
    let skipped = ["Date:", "MIME", "Content-T", "Message-ID"];
    let lines = mail
        .lines()
        .filter(|line| skipped.iter().all(|name| !line.starts_with(name)));
    let text: Vec<&str> = lines.collect();
    let text = text.join("\n").replace("=\n", "");
    let text = text.replace(&format!("http://{}", rig.server.address()), "SERVICE");
    let mut steady = String::new();
    for word in text.split_inclusive(['\n', ' ']) {
        match word.split_once("/syncs/") {
            Some((before, _)) => steady.push_str(&format!("{before}/syncs/ID\n")),
            None => steady.push_str(word),
        }
    }
    steady
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_is_one_mail() {
    let (rig, mailbox) = with_mail().await;
    let servers = Servers::start(&rig, Variant::Dc, 1).await;
    let owner = rig.token("acme", "manage").await;
    let credentials = servers.set_up(&rig, &owner).await;
    channel(&owner, json!({})).await;
    for name in ["first", "second", "third"] {
        failing(&owner, &credentials, name, json!({})).await;
        rig.clock.advance(Duration::from_secs(1));
    }
    rig.server.tick().await.unwrap();
    assert!(mailbox.taken().is_empty(), "others may follow");
    after(&rig, Duration::from_secs(40)).await;
    let mails = mailbox.taken();
    assert_eq!(mails.len(), 1, "{mails:?}");
    insta::assert_snapshot!(steady(&rig, &mails[0]), @r"
    From: tms-sync <sync@example.com>
    Subject: first failed, and 2 more
    To: team@example.com

    first failed

    Jira shows no project GONE to this account. Check the project key, and the account's Browse Projects permission there. It never was all right so far.
    SERVICE/t/acme/syncs/ID

    --

    second failed

    Jira shows no project GONE to this account. Check the project key, and the account's Browse Projects permission there. It never was all right so far.
    SERVICE/t/acme/syncs/ID

    --

    third failed

    Jira shows no project GONE to this account. Check the project key, and the account's Browse Projects permission there. It never was all right so far.
    SERVICE/t/acme/syncs/ID
    ");
    failing(&owner, &credentials, "fourth", json!({})).await;
    after(&rig, Duration::from_secs(60)).await;
    assert!(mailbox.taken().is_empty(), "a channel is left alone for ten minutes");
    after(&rig, Duration::from_secs(600)).await;
    assert_eq!(mailbox.taken().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_of_its_own_hears_of_the_syncs_that_name_it() {
    let (rig, mailbox) = with_mail().await;
    let servers = Servers::start(&rig, Variant::Dc, 1).await;
    let owner = rig.token("acme", "manage").await;
    let credentials = servers.set_up(&rig, &owner).await;
    let own = channel(&owner, json!({ "every-sync": false })).await;
    failing(&owner, &credentials, "of others", json!({})).await;
    after(&rig, Duration::from_secs(60)).await;
    assert!(mailbox.taken().is_empty());
    failing(&owner, &credentials, "its own", json!({ "notify": [own] })).await;
    after(&rig, Duration::from_secs(60)).await;
    assert_eq!(mailbox.taken().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_hears_of_a_failure_hears_that_it_is_over() {
    let (rig, mailbox) = with_mail().await;
    let servers = Servers::start(&rig, Variant::Dc, 1).await;
    let owner = rig.token("acme", "manage").await;
    let credentials = servers.set_up(&rig, &owner).await;
    channel(&owner, json!({ "occasions": ["recovered"] })).await;
    let made = owner.post(&owner.own("/syncs"), sync(&credentials, "main")).await;
    let sync = made["id"].as_str().unwrap();
    let off = owner.own(&format!("/syncs/{sync}/disable"));
    owner.post(&off, json!({})).await;
    let on = owner.own(&format!("/syncs/{sync}/enable"));
    let enabled = owner.post(&on, json!({})).await;
    owner.over(enabled["run"].as_str().unwrap()).await;
    after(&rig, Duration::from_secs(60)).await;
    let mails = mailbox.taken();
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert!(mails[0].contains("Subject: main works again"), "{}", mails[0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_without_success_for_too_long_is_reported_once() {
    let (rig, mailbox) = with_mail().await;
    let servers = Servers::start(&rig, Variant::Dc, 1).await;
    let owner = rig.token("acme", "manage").await;
    let credentials = servers.set_up(&rig, &owner).await;
    channel(&owner, json!({})).await;
    let mut body = sync(&credentials, "main");
    body["stale-hours"] = json!(30);
    owner.post(&owner.own("/syncs"), body).await;
    after(&rig, DAY).await;
    after(&rig, Duration::from_secs(60)).await;
    assert!(mailbox.taken().is_empty());
    after(&rig, DAY).await;
    after(&rig, Duration::from_secs(60)).await;
    let mails = mailbox.taken();
    assert_eq!(mails.len(), 1);
    insta::assert_snapshot!(steady(&rig, &mails[0]), @r"
    From: tms-sync <sync@example.com>
    Subject: main: no success for 30 hours
    To: team@example.com

    main: no success for 30 hours

    It never was all right so far. Its last runs are on its page.
    SERVICE/t/acme/syncs/ID
    ");
    after(&rig, DAY).await;
    after(&rig, DAY).await;
    assert!(mailbox.taken().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_are_reminded_before_a_secret_ends() {
    let (rig, mailbox) = with_mail().await;
    let owner = rig.person("acme", "owner").await;
    channel(&owner, json!({})).await;
    let project = json!({
        "name": "Calculator", "endpoint": "https://testops.example", "number": 1,
        "expires-at": crate::rig::START + 20 * 86_400_000,
    });
    owner.post(&owner.own("/projects"), project).await;
    let mut heard = Vec::new();
    for _ in 0..22 {
        after(&rig, DAY).await;
        after(&rig, Duration::from_secs(60)).await;
        let subjects = mailbox.taken();
        let subject = |mail: &String| {
            mail.lines()
                .find_map(|line| line.strip_prefix("Subject: "))
                .unwrap()
                .to_owned()
        };
        heard.extend(subjects.iter().map(subject));
    }
    insta::assert_debug_snapshot!(heard, @r#"
    [
        "The TestOps token of Calculator ends in 14 days",
        "The TestOps token of Calculator ends in 3 days",
        "The TestOps token of Calculator has ended",
    ]
    "#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_is_signed_and_repeated_until_it_is_taken() {
    let hook = Hook::start(&[503]).await;
    let rig = Rig::start().await;
    let owner = rig.person("acme", "owner").await;
    let target = json!({ "target": { "type": "webhook", "url": hook.url }, "secret": "s3cret" });
    let id = channel(&owner, target).await;
    let test = owner.own(&format!("/channels/{id}/test"));
    let (status, refused) = owner.send(Method::POST, &test, Some(json!({}))).await;
    assert_eq!(status, StatusCode::CONFLICT);
    insta::assert_snapshot!(refused["message"].as_str().unwrap().replace(hook.server(), "HOST:PORT"), @"The message could not be sent: the address must use https; the operator has not allowed plain http to HOST:PORT.");
    assert!(hook.taken().is_empty(), "a private address is not called");

    rig.admin
        .post("/admin/servers", json!({ "server": hook.server() }))
        .await;
    rig.token("acme", "read").await;
    after(&rig, 29 * DAY).await;
    after(&rig, Duration::from_secs(60)).await;
    assert_eq!(hook.taken().len(), 1, "answered 503");
    after(&rig, Duration::from_secs(60)).await;
    let (headers, body) = hook.taken().remove(0);
    let signature = headers["tms-sync-signature"].to_str().unwrap();
    let (seconds, signature) = signature.split_once(",v1=").unwrap();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"s3cret").unwrap();
    mac.update(format!("{}.{body}", seconds.trim_start_matches("t=")).as_bytes());
    let expected: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(signature, expected);
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["messages"][0]["occasion"], "expires", "{body}");
    after(&rig, Duration::from_secs(3600)).await;
    assert!(hook.taken().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slack_gets_text_without_links_of_others() {
    let hook = Hook::start(&[]).await;
    let rig = Rig::start().await;
    rig.admin
        .post("/admin/servers", json!({ "server": hook.server() }))
        .await;
    let owner = rig.person("acme", "owner").await;
    let slack = json!({ "name": "<!channel>", "target": { "type": "slack" }, "secret": hook.url });
    let id = channel(&owner, slack).await;
    let shown = owner.get(&owner.own(&format!("/channels/{id}"))).await;
    assert!(!shown.to_string().contains(&hook.url), "the URL is a secret: {shown}");
    owner
        .send(Method::POST, &owner.own(&format!("/channels/{id}/test")), None)
        .await;
    let (_, body) = hook.taken().remove(0);
    let text = serde_json::from_str::<Value>(&body).unwrap()["text"]
        .as_str()
        .unwrap()
        .to_owned();
    insta::assert_snapshot!(text.replace(&rig.server.address().to_string(), "SERVICE"), @r"
    *A test of the channel &lt;!channel&gt;*
    owner@acme.example asked for it. Nothing happened.
    <http://SERVICE/t/acme|Open>
    ");
}
