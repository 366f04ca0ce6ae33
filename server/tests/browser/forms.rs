//! Forms keep what is stored: saved as it is shown, a form changes nothing, and a change of one setting leaves the others.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tms_sync_sim::generate::Plan;

use crate::rig::{Variant, sync};
use crate::stage::Furnished;

/// 2027-03-01 10:20:30.123 UTC: no end of a day.
const EXPIRES: u64 = 1_803_896_430_123;

/// Members that every save changes, or that a run does.
const MOVING: [&str; 7] = [
    "revision",
    "due-at",
    "test",
    "tested-at",
    "sent-at",
    "succeeded-at",
    "error",
];

fn settled(mut value: Value) -> Value {
    for member in MOVING {
        value.as_object_mut().unwrap().remove(member);
    }
    value
}

impl Furnished {
    async fn read(&self, path: &str) -> Value {
        settled(self.owner.get(&self.owner.own(path)).await)
    }

    async fn put(&self, path: &str, body: Value) {
        let (status, answer) = self.owner.send(Method::PUT, &self.owner.own(path), Some(body)).await;
        assert!(status.is_success(), "{path}: {answer}");
    }

    async fn tenant(&self) -> Value {
        let tenants = self.rig.admin.get("/admin/tenants").await;
        let own = tenants.as_array().unwrap().iter().find(|one| one["name"] == "acme");
        own.unwrap().clone()
    }

    /// Opens a page, presses the button, and waits until the form is gone or said no.
    async fn save(&self, page: &str, button: &str) {
        self.browser.open(page).await;
        self.press(button).await;
    }

    async fn press(&self, button: &str) {
        if self.browser.here().await.ends_with("/edit") {
            self.browser.find("#destinations input").await;
        }
        self.browser
            .script("document.documentElement.dataset.old = 'yes';")
            .await;
        self.browser.click(button).await;
        self.browser.find("html:not([data-old]) main").await;
    }
}

/// A channel of each way to be named, and every setting of every form at a value that is no default.
async fn everything_set(stage: &Furnished) -> [String; 3] {
    let owner = &stage.owner;
    let mut channels = Vec::new();
    for (name, every) in [("On call", false), ("Chat", true)] {
        let body = json!({
            "name": name, "target": { "type": "slack" }, "occasions": ["failed", "stale"], "every-sync": every,
            "secret": "https://hooks.example.com/abc",
        });
        let made = owner.post(&owner.own("/channels"), body).await;
        channels.push(made["id"].as_str().unwrap().to_owned());
    }
    let mut draft = sync(&stage.credentials, "Regression");
    let set = json!({
        "test-case-aql": "id > 0\nand id < 100", "launches-aql": "closed = true", "disable-test-case-create": true,
        "disable-launches-sync": true, "schedule": { "type": "cron", "expression": "5 4 * * 1-5", "zone": "Europe/Berlin" },
        "delay-minutes": 7, "notify": channels, "stale-hours": 36,
        "mapping": {
            "links": "none", "attachments": "none", "status.skipped": "ABORTED", "user.Jane Doe": "jane",
            "user.John Doe": "john",
        },
    });
    let draft_members = draft.as_object_mut().unwrap();
    draft_members.extend(set.as_object().unwrap().clone());
    stage.put(&format!("/syncs/{}", stage.sync), draft).await;

    let credentials = format!("/credentials/{}", stage.credentials);
    let known = owner.get(&owner.own(&credentials)).await;
    let body = json!({
        "project": known["project"], "integration": known["integration"], "fields": known["fields"],
        "expires-at": EXPIRES,
    });
    stage.put(&credentials, body).await;
    let project = known["project"].as_str().unwrap().to_owned();
    let path = format!("/projects/{project}");
    let known_project = owner.get(&owner.own(&path)).await;
    let body = json!({
        "name": known_project["name"], "endpoint": known_project["endpoint"], "number": 1, "expires-at": EXPIRES,
    });
    stage.put(&path, body).await;
    let integration = known["integration"].as_str().unwrap().to_owned();
    [channels[0].clone(), project, integration]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_is_saved_as_it_is_shown_changes_nothing() {
    let Some(stage) = Furnished::start(Variant::Dc, Plan::new(3, 1).build()).await else {
        return;
    };
    let [channel, project, integration] = everything_set(&stage).await;
    let sync = stage.sync.clone();
    let credentials = stage.credentials.clone();
    let forms = [
        (format!("/syncs/{sync}"), format!("syncs/{sync}/edit"), "Submit"),
        (
            format!("/credentials/{credentials}"),
            format!("credentials/{credentials}"),
            "Save",
        ),
        (
            format!("/projects/{project}"),
            format!("projects/{project}/settings"),
            "Save",
        ),
        (format!("/channels/{channel}"), format!("channels/{channel}"), "Save"),
        (
            format!("/integrations/{integration}"),
            format!("integrations/{integration}"),
            "Save",
        ),
    ];
    for (path, page, button) in &forms {
        let before = stage.owner.get(&stage.owner.own(path)).await;
        stage.save(&stage.page(page), button).await;
        let after = stage.owner.get(&stage.owner.own(path)).await;
        assert!(
            after["revision"].as_u64() > before["revision"].as_u64(),
            "{page} was saved: {}",
            stage.browser.text("main").await
        );
        assert_eq!(settled(after), settled(before), "{page}");
    }
    let before = stage.tenant().await;
    stage.save("/admin/tenants/acme", "Save").await;
    assert_eq!(stage.tenant().await, before);
    stage.browser.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_setting_that_is_changed_leaves_all_others_as_they_are() {
    let Some(stage) = Furnished::start(Variant::Dc, Plan::new(3, 1).build()).await else {
        return;
    };
    everything_set(&stage).await;
    let path = format!("/syncs/{}", stage.sync);
    let before = stage.read(&path).await;
    stage
        .browser
        .open(&stage.page(&format!("syncs/{}/edit", stage.sync)))
        .await;
    stage.browser.fill("name", "Nightly").await;
    stage.press("Submit").await;
    let mut expected = before;
    expected["name"] = "Nightly".into();
    assert_eq!(stage.read(&path).await, expected);

    let path = format!("/credentials/{}", stage.credentials);
    let page = stage.page(&format!("credentials/{}", stage.credentials));
    stage.browser.open(&page).await;
    let script = "document.querySelector('#expires-at').value = '2027-06-30';";
    stage.browser.script(script).await;
    stage.press("Save").await;
    let end_of_june = 1_814_399_999_000_u64;
    assert_eq!(stage.read(&path).await["expires-at"], end_of_june);
    stage.browser.open(&page).await;
    stage
        .browser
        .script("document.querySelector('#expires-at').value = '';")
        .await;
    stage.press("Save").await;
    assert_eq!(stage.read(&path).await["expires-at"], Value::Null);
    stage.browser.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_else_saved_meanwhile_is_not_overwritten_unseen() {
    let Some(stage) = Furnished::start(Variant::Dc, Plan::new(3, 1).build()).await else {
        return;
    };
    let path = format!("/syncs/{}", stage.sync);
    stage
        .browser
        .open(&stage.page(&format!("syncs/{}/edit", stage.sync)))
        .await;
    let mut draft = sync(&stage.credentials, "Regression");
    draft["stale-hours"] = 36.into();
    stage.put(&path, draft).await;
    stage.browser.fill("name", "Nightly").await;
    stage.press("Submit").await;
    stage
        .browser
        .sees("Somebody else saved this while you had the form open")
        .await;
    let kept = stage.read(&path).await;
    assert_eq!(
        (&kept["name"], &kept["stale-hours"]),
        (&json!("Regression"), &json!(36))
    );
    // Who goes on has been warned.
    stage.press("Submit").await;
    assert_eq!(stage.read(&path).await["name"], "Nightly");
    stage.browser.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_is_replaced_leaves_the_end_of_another() {
    let Some(stage) = Furnished::start(Variant::Cloud, Plan::new(3, 1).build()).await else {
        return;
    };
    everything_set(&stage).await;
    let path = format!("/credentials/{}", stage.credentials);
    let enable = stage.owner.own(&format!("/syncs/{}/enable", stage.sync));
    let (field, right) = stage.servers.a_secret();
    let body = json!({ "secrets": { field: right } });
    let (status, answer) = stage.owner.send(Method::POST, &enable, Some(body)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(stage.read(&path).await["expires-at"], EXPIRES);
    stage.browser.close().await;
}
