//! All the servers of one scenario, started together around one clock: TestOps, and a tracker site with its servers.
//!
//! The seam to a tracker is [`Builder::start_with`]: the world makes the site with a project and a user, the given
//! function puts servers in front of it, and TestOps learns the tracker's address as integration [`INTEGRATION`].

use std::future::Future;
use std::io;

use crate::answers::{Answers, IndexLag, ProjectStyle, RunStatuses, StepEntities, StepStatuses};
use crate::clock::Clock;
use crate::jira::account::{Token, User};
use crate::jira::index::Lag;
use crate::jira::site::{SharedSite, Site};
use crate::jira::variant::Variant;
use crate::server::Server;
use crate::testops::data::{Integration, Project};
use crate::testops::{self, TestOps};

/// The key of the Jira project that is there from the start.
pub const PROJECT: &str = "CALC";
/// The Jira user, with all ordinary permissions; on Cloud the accountId.
pub const USER: &str = "exporter";
/// Their e-mail address, Cloud's Basic user name.
pub const EMAIL: &str = "exporter@example.com";
/// Their password on Data Center.
pub const PASSWORD: &str = "canary-password-Kq7ZtW2mXv9RbN4cLp8DsY6j";
/// Their personal access token on Data Center, their API token on Cloud.
pub const JIRA_TOKEN: &str = "canary-jira-token-Hf3JxE5nQz8TuC7kMw4GaV";
/// The id under which TestOps knows the tracker; test keys name it.
pub const INTEGRATION: i64 = 1;

/// A running scenario; dropping it stops every server.
#[derive(Debug)]
pub struct World {
    /// The clock all servers share.
    pub clock: Clock,
    /// The switches of answers that all servers share.
    pub answers: Answers,
    /// The source.
    pub testops: TestOps,
    /// The target's state: ground truth for assertions.
    pub site: SharedSite,
    /// The servers in front of it.
    pub tracker: Tracker,
}

/// The servers of a tracker site.
#[derive(Debug)]
pub struct Tracker {
    /// Jira; on Data Center Xray's REST API too.
    pub jira: Server,
    /// Xray Cloud, which has its own address.
    pub xray: Option<Server>,
}

impl Tracker {
    /// Requests that reached the target so far, all servers together: what budgets count.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.jira.journal().len() + self.xray.as_ref().map_or(0, |xray| xray.journal().len())
    }

    /// Those of them that were declared writes.
    #[must_use]
    pub fn writes(&self) -> usize {
        self.jira.journal().counts().writes + self.xray.as_ref().map_or(0, |xray| xray.journal().counts().writes)
    }
}

impl World {
    /// TestOps, and a Data Center site.
    #[must_use]
    pub fn dc() -> Builder {
        Builder::new(Variant::DataCenter)
    }

    /// TestOps, and a Cloud site.
    #[must_use]
    pub fn cloud() -> Builder {
        Builder::new(Variant::Cloud)
    }
}

/// What a scenario needs.
#[derive(Debug)]
pub struct Builder {
    variant: Variant,
    clock: Clock,
    answers: Answers,
    testops: testops::Builder,
}

impl Builder {
    fn new(variant: Variant) -> Self {
        Self {
            variant,
            clock: Clock::real(),
            answers: Answers::default(),
            testops: TestOps::builder(),
        }
    }

    /// The clock of all servers.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The switches of answers of all servers.
    #[must_use]
    pub fn answers(mut self, answers: Answers) -> Self {
        self.answers = answers;
        self
    }

    /// Adds a TestOps project.
    #[must_use]
    pub fn project(mut self, project: Project) -> Self {
        self.testops = self.testops.project(project);
        self
    }

    /// Changes anything else about the TestOps to come.
    #[must_use]
    pub fn testops(mut self, change: impl FnOnce(testops::Builder) -> testops::Builder) -> Self {
        self.testops = change(self.testops);
        self
    }

    /// Starts everything; `serve` puts servers in front of the site.
    ///
    /// # Errors
    /// When a port cannot be bound.
    pub async fn start_with<F, T>(self, serve: F) -> io::Result<World>
    where
        F: FnOnce(SharedSite, Clock) -> T,
        T: Future<Output = io::Result<Tracker>>,
    {
        let site = SharedSite::new(site(self.variant, &self.clock, &self.answers));
        let tracker = serve(site.clone(), self.clock.clone()).await?;
        let kind = if self.variant == Variant::Cloud {
            "xray_cloud"
        } else {
            "xray"
        };
        let integration = Integration::new(INTEGRATION, kind, &tracker.jira.url());
        let testops = self
            .testops
            .clock(self.clock.clone())
            .answers(self.answers.clone())
            .integration(integration)
            .start()
            .await?;
        Ok(World {
            clock: self.clock,
            answers: self.answers,
            testops,
            site,
            tracker,
        })
    }
}

/// A site with the project and the user of the constants above.
fn site(variant: Variant, clock: &Clock, answers: &Answers) -> Site {
    let mut site = Site::new(variant, clock.clone());
    site.answers = answers.clone();
    site.name_xray_types(answers.of());
    site.index.set_lag(match answers.of() {
        IndexLag::None => Lag::None,
        IndexLag::Seconds => Lag::After(8_000),
        IndexLag::Minutes => Lag::After(120_000),
    });
    site.xray.settings.decodes_entities = answers.of::<StepEntities>() == StepEntities::Decoded;
    if answers.of::<RunStatuses>() == RunStatuses::Other {
        site.xray.settings.rename_run_statuses();
    }
    if answers.of::<StepStatuses>() == StepStatuses::Other {
        site.xray.settings.rename_step_statuses();
    }
    let project = site.add_project(PROJECT, "Calculator");
    let is_team_managed = variant == Variant::Cloud && answers.of::<ProjectStyle>() == ProjectStyle::TeamManaged;
    if let Some(project) = site.project_mut(project) {
        project.team_managed = is_team_managed;
    }
    site.accounts.add(User {
        id: USER.to_owned(),
        email: EMAIL.to_owned(),
        display_name: "Exporter".to_owned(),
        password: PASSWORD.to_owned(),
        tokens: vec![Token {
            secret: JIRA_TOKEN.to_owned(),
            expires: None,
            revoked: false,
        }],
        active: true,
        admin: false,
        failed_logins: 0,
    });
    site
}
