//! Simulated servers in this process, and the command with a configuration for them: what arrived is read from the
//! servers' own state.

use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tms_sync_sim::answers::Answers;
use tms_sync_sim::cloud::{self, Cloud};
use tms_sync_sim::generate::Plan;
use tms_sync_sim::jira::account::Actor;
use tms_sync_sim::jira::dc::DataCenter;
use tms_sync_sim::jira::id::IssueId;
use tms_sync_sim::jira::input::IssueInput;
use tms_sync_sim::server::Server;
use tms_sync_sim::testops;
use tms_sync_sim::testops::data::Project;
use tms_sync_sim::world::{self, Tracker, World};

use crate::printed::printed;
use crate::{code, err, out, tms_sync};

/// Which Xray.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    Cloud,
    Dc,
}

/// Runs one scenario over both variants.
#[macro_export]
macro_rules! over_both {
    ($($name:ident),+ $(,)?) => {
        mod cloud {
            $(#[test] fn $name() { super::$name($crate::rig::Variant::Cloud); })+
        }
        mod dc {
            $(#[test] fn $name() { super::$name($crate::rig::Variant::Dc); })+
        }
    };
}

pub struct Rig {
    /// Serves as long as it is there.
    runtime: tokio::runtime::Runtime,
    pub world: World,
    /// The switches of a Cloud site.
    cloud: Option<Cloud>,
    /// Further servers, which serve as long as they are there.
    beside: Vec<Server>,
    pub folder: tempfile::TempDir,
    pub variables: Vec<(String, String)>,
}

impl Rig {
    /// A project of `cases` cases and one launch of all of them.
    pub fn start(variant: Variant, cases: usize) -> Self {
        Self::with(variant, Plan::new(cases, 1).launch(cases).build())
    }

    /// A project of one's own.
    pub fn with(variant: Variant, project: Project) -> Self {
        Self::answering(variant, project, |_| ())
    }

    /// Servers that answer otherwise than by default.
    pub fn answering(variant: Variant, project: Project, choose: impl FnOnce(&Answers)) -> Self {
        let answers = Answers::default();
        choose(&answers);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let (world, cloud) = runtime.block_on(serve(variant, project, answers));
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("tms-sync.toml"), file(variant, &world)).unwrap();
        let jira = match variant {
            Variant::Cloud => world::JIRA_TOKEN,
            Variant::Dc => world::PASSWORD,
        };
        let variables = [
            ("TESTOPS_TOKEN", testops::TOKEN),
            ("JIRA_SECRET", jira),
            ("XRAY_CLIENT_ID", cloud::XRAY_CLIENT_ID),
            ("XRAY_CLIENT_SECRET", cloud::XRAY_CLIENT_SECRET),
        ];
        Self {
            runtime,
            world,
            cloud,
            beside: Vec::new(),
            folder,
            variables: variables
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
        }
    }

    /// The command with its arguments.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let _serving = self.runtime.enter();
        let mut command = tms_sync(self.folder.path());
        command.args(arguments).envs(self.variables.iter().cloned());
        command
    }

    /// The command with its arguments, to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What the command prints, with the servers by name. Progress depends on the time that things take.
    pub fn printed(&self, arguments: &[&str]) -> String {
        let runs = ["plan", "export", "verify", "undo"];
        let progress: &[&str] = match arguments {
            [command, ..] if runs.contains(command) => &["--progress", "none"],
            _ => &[],
        };
        self.named(printed(&self.run(&[arguments, progress].concat())))
    }

    /// A text with the servers by name.
    pub fn named(&self, text: String) -> String {
        let servers = &self.world.tracker;
        let xray = servers.xray.as_ref().map(|xray| (xray.url(), "http://xray"));
        let named = [
            (self.world.testops.url(), "http://testops"),
            (servers.jira.url(), "http://jira"),
        ];
        named
            .into_iter()
            .chain(xray)
            .fold(text, |text, (url, name)| text.replace(&url, name))
    }

    /// Has the file name a server for messages, and returns what that server gets: path and body.
    pub fn notified(&self) -> Arc<Mutex<Vec<String>>> {
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let listener = self
            .runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let address = listener.local_addr().unwrap();
        let kept = Arc::clone(&heard);
        let answer = move |uri: axum::http::Uri, body: String| {
            kept.lock().unwrap().push(format!("{} {body}", uri.path()));
            std::future::ready("ok")
        };
        let router = axum::Router::new().fallback(answer);
        self.runtime.spawn(async move { axum::serve(listener, router).await });
        let file = self.folder.path().join("tms-sync.toml");
        let written = std::fs::read_to_string(&file).unwrap();
        let allowed = written.replace("allow = [", &format!("allow = [\"{address}\", "));
        let notify = format!("\n[notify]\nwebhook = \"http://{address}/hook\"\nping = \"http://{address}/ping\"\n");
        std::fs::write(&file, allowed + &notify).unwrap();
        heard
    }

    /// The command with `--json`, its exit code and its answer.
    pub fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let output = self.run(&[arguments, &["--json"]].concat());
        let answer = serde_json::from_str(&out(&output));
        let answer = answer.unwrap_or_else(|error| panic!("{error}: {}{}", out(&output), err(&output)));
        (code(&output).unwrap(), answer)
    }

    /// Starts something beside the servers.
    pub fn serve<T>(&self, start: impl Future<Output = T>) -> T {
        self.runtime.block_on(start)
    }

    /// Starts the authorization server of a Cloud site; its address.
    pub fn sign_in(&mut self) -> String {
        let cloud = self.cloud.as_ref().unwrap();
        let server = self.runtime.block_on(cloud.start_sign_in(0)).unwrap();
        let url = server.url();
        self.beside.push(server);
        url
    }

    /// Changes the configuration.
    pub fn rewrite(&self, change: impl FnOnce(String) -> String) {
        let file = self.folder.path().join("tms-sync.toml");
        let written = std::fs::read_to_string(&file).unwrap();
        let changed = change(written.clone());
        assert_ne!(changed, written);
        std::fs::write(&file, changed).unwrap();
    }

    /// Adds mapping options to the configuration.
    pub fn map(&self, options: &[(&str, &str)]) {
        let lines = options.iter().map(|(name, value)| format!("{name} = {value:?}\n"));
        self.rewrite(|file| format!("{file}[mapping]\n{}", lines.collect::<String>()));
    }

    /// A person adds an issue of a type to the destination project: its id and key.
    pub fn add_issue(&self, issue_type: &str, summary: &str) -> (IssueId, String) {
        let mut site = self.world.site.lock();
        let fields = serde_json::json!({
            "project": {"key": world::PROJECT}, "issuetype": {"name": issue_type}, "summary": summary
        });
        let input = IssueInput::from_json(&serde_json::json!({ "fields": fields })).unwrap();
        let id = site.create_issue(&Actor::System, &input).unwrap();
        site.xray.learn(id);
        (id, site.issue(id).unwrap().key.clone())
    }

    /// Writes a file that its owner alone can read.
    pub fn keep_secret(&self, name: &str, content: &str) {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(self.folder.path().join(name)).unwrap();
        std::io::Write::write_all(&mut file, content.as_bytes()).unwrap();
    }

    /// Stores another secret in the variable that the configuration names.
    pub fn store(&mut self, variable: &str, value: &str) {
        for (name, stored) in &mut self.variables {
            if name == variable {
                value.clone_into(stored);
            }
        }
    }
}

async fn serve(variant: Variant, project: Project, answers: Answers) -> (World, Option<Cloud>) {
    let builder = match variant {
        Variant::Cloud => World::cloud(),
        Variant::Dc => World::dc(),
    };
    let mut cloud = None;
    let builder = builder.answers(answers).project(project);
    let servers = builder.start_with(|site, clock| {
        cloud = (variant == Variant::Cloud).then(|| Cloud::new(site.clone(), clock.clone()));
        let cloud = cloud.clone();
        async move {
            match cloud {
                Some(cloud) => cloud.start().await,
                None => Ok(Tracker {
                    jira: DataCenter::new(site).start(clock, 0).await?,
                    xray: None,
                }),
            }
        }
    });
    let world = servers.await.unwrap();
    (world, cloud)
}

fn file(variant: Variant, world: &World) -> String {
    let (testops, jira) = (world.testops.url(), world.tracker.jira.url());
    let xray = world.tracker.xray.as_ref().map(|xray| xray.url());
    let keys = match &xray {
        Some(xray) => format!(
            "type = \"xray-cloud\"\nxray-endpoint = \"{xray}\"\nusername = \"{}\"\n\
             api-token = {{ env = \"JIRA_SECRET\" }}\nxray-client-id = {{ env = \"XRAY_CLIENT_ID\" }}\n\
             xray-client-secret = {{ env = \"XRAY_CLIENT_SECRET\" }}",
            world::EMAIL
        ),
        None => format!(
            "type = \"xray-dc\"\nusername = \"{}\"\npassword = {{ env = \"JIRA_SECRET\" }}",
            world::USER
        ),
    };
    let allowed: Vec<String> = [Some(&testops), Some(&jira), xray.as_ref()]
        .into_iter()
        .flatten()
        .map(|url| format!("\"{}\"", url.trim_start_matches("http://")))
        .collect();
    format!(
        "[testops]\nendpoint = \"{testops}\"\nproject-id = 1\ntoken = {{ env = \"TESTOPS_TOKEN\" }}\n\
         [integration]\nname = \"{variant:?}\"\nendpoint = \"{jira}\"\n{keys}\n\
         [[sync]]\nname = \"main\"\nproject = \"{}\"\n\
         [host]\nallow = [{}]\n",
        world::PROJECT,
        allowed.join(", ")
    )
}
