//! The rules, each with its trials.

use std::marker::PhantomData;
use std::sync::Mutex;

use super::trial::{Call, Stage, TrialEnd};
use super::{Finding, Thoroughness, World};
use crate::call::http::mishap::MishapKind;
use crate::engine::Engine;
use crate::model::{Field, Outcome, Severity};
use crate::plugin::LoadedPlugin;

/// An option that no plugin has.
const NO_OPTION: &str = "no-such-option-of-any-plugin";
/// Runs after a lost answer until everything must have settled.
const RUNS_TO_SETTLE: usize = 4;

/// Answers that no server of the plugin gives.
const NONSENSE: [MishapKind; 9] = [
    answered(200, "application/json", b""),
    answered(200, "application/json", b"{"),
    answered(200, "application/json", b"[]"),
    answered(200, "application/json", b"null"),
    answered(
        200,
        "application/json",
        br#"{"content":7,"issues":"x","data":[],"id":{},"access_token":1}"#,
    ),
    answered(200, "text/html", b"<!DOCTYPE html><title>Please wait</title>"),
    answered(200, "application/json", &[0xff, 0xfe, 0x00]),
    answered(500, "text/plain", b"no"),
    answered(204, "", b""),
];

const fn answered(status: u16, media: &'static str, body: &'static [u8]) -> MishapKind {
    MishapKind::Answered { status, media, body }
}

type Verdict = Result<(), String>;

struct Kit<'a, M, W> {
    engine: &'a Engine,
    component: &'a [u8],
    plugin: &'a LoadedPlugin,
    world: &'a M,
    places: usize,
    /// The first request beyond the manifest, of any trial.
    denied: Mutex<Option<String>>,
    of: PhantomData<fn() -> W>,
}

pub(super) async fn all<W: World>(
    engine: &Engine,
    component: &[u8],
    plugin: &LoadedPlugin,
    thoroughness: Thoroughness,
    world: &impl AsyncFn() -> W,
) -> Vec<Finding> {
    let kit = Kit {
        engine,
        component,
        plugin,
        world,
        places: thoroughness.places.max(1),
        denied: Mutex::new(None),
        of: PhantomData,
    };
    let finding = |rule, verdict: Verdict| Finding {
        rule,
        broken: verdict.err(),
    };
    vec![
        finding("it describes itself the same every time", kit.describes().await),
        finding(
            "good settings have no error, and an unknown mapping option is named",
            kit.validates().await,
        ),
        finding("testing and listing projects work and write nothing", kit.looks().await),
        finding("a plan writes nothing", kit.plan_writes_nothing().await),
        finding("a run does what its plan said", kit.run_follows_plan().await),
        finding(
            "every entity has one verdict, and the report adds up",
            kit.adds_up().await,
        ),
        finding("a second run changes nothing", kit.second_run().await),
        finding("a cancelled run ends promptly", kit.cancels().await),
        finding("no answer breaks it", kit.survives().await),
        finding("a lost answer loses and repeats nothing", kit.settles().await),
        finding("it asks for nothing outside its manifest", kit.stays_inside()),
    ]
}

impl<M: AsyncFn() -> W, W: World> Kit<'_, M, W> {
    async fn stage(&self) -> Result<Stage<W>, String> {
        Stage::new((self.world)().await, self.plugin)
    }

    /// Remembers what was denied.
    fn seen(&self, ended: TrialEnd) -> TrialEnd {
        if ended.denied() > 0
            && let Ok(mut denied) = self.denied.lock()
        {
            let denials = format!("{} of {} requests", ended.denied(), ended.requests);
            denied.get_or_insert(denials);
        }
        ended
    }

    async fn call(&self, stage: &Stage<W>, call: Call) -> Result<TrialEnd, String> {
        stage.call(call).await.map(|ended| self.seen(ended))
    }

    async fn describes(&self) -> Verdict {
        let again = LoadedPlugin::load(self.engine, self.component).await;
        let again = again.map_err(|error| error.to_string())?;
        let (first, second) = (format!("{:?}", self.plugin.info()), format!("{:?}", again.info()));
        if first == second {
            Ok(())
        } else {
            Err(format!("{first}\nand then\n{second}"))
        }
    }

    async fn validates(&self) -> Verdict {
        let stage = self.stage().await?;
        let tenant = stage.tenant(None)?;
        let mut export = stage.world.export();
        let findings = tenant.validate(Some(&export)).await;
        let findings = findings.map_err(|error| error.to_string())?;
        if let Some(error) = findings.iter().find(|finding| finding.severity == Severity::Error) {
            return Err(format!("{}: {}", error.field, error.message));
        }
        export.mapping.push(Field {
            name: NO_OPTION.into(),
            value: "x".into(),
        });
        let findings = tenant.validate(Some(&export)).await;
        let findings = findings.map_err(|error| error.to_string())?;
        let names = |text: &str| text.contains(NO_OPTION);
        if findings
            .iter()
            .any(|finding| names(&finding.field) || names(&finding.message))
        {
            Ok(())
        } else {
            Err(format!("`{NO_OPTION}` was accepted"))
        }
    }

    async fn looks(&self) -> Verdict {
        let stage = self.stage().await?;
        let tenant = stage.tenant(None)?;
        let export = stage.world.export();
        let tested = tenant.test(Some(&export)).await;
        tested.map_err(|error| format!("test: {error}"))?;
        let listed = tenant.projects("").await;
        let listed = listed.map_err(|error| format!("projects: {error}"))?;
        if !listed.iter().any(|project| project.key == export.project) {
            return Err(format!("the projects lack {}", export.project));
        }
        wrote_nothing(&stage)
    }

    async fn plan_writes_nothing(&self) -> Verdict {
        let stage = self.stage().await?;
        let plan = self.call(&stage, Call::Plan).await?;
        plan.done()?;
        wrote_nothing(&stage)
    }

    async fn run_follows_plan(&self) -> Verdict {
        let stage = self.stage().await?;
        let plan = self.call(&stage, Call::Plan).await?;
        plan.done()?;
        let run = self.call(&stage, Call::Run).await?;
        run.done()?;
        if run.verdicts.len() < 2 {
            return Err("the world has less than two entities, or the plugin reports less".into());
        }
        same(&plan.outcomes(), &run.outcomes())
    }

    async fn adds_up(&self) -> Verdict {
        let stage = self.stage().await?;
        for call in [Call::Plan, Call::Run, Call::Run] {
            self.call(&stage, call).await?.adds_up()?;
        }
        Ok(())
    }

    async fn second_run(&self) -> Verdict {
        let stage = self.stage().await?;
        self.call(&stage, Call::Run).await?.done()?;
        let (writes, found) = (stage.world.writes(), stage.found());
        let second = self.call(&stage, Call::Run).await?;
        second.done()?;
        let still = |outcome: &Outcome| matches!(outcome, Outcome::Unchanged | Outcome::Skipped);
        if let Some((entity, outcome)) = second.outcomes().iter().find(|(_, outcome)| !still(outcome)) {
            return Err(format!("{entity} is {outcome:?}"));
        }
        if stage.world.writes() != writes {
            return Err(format!("it wrote {} times", stage.world.writes() - writes));
        }
        same(&found, &stage.found())
    }

    async fn cancels(&self) -> Verdict {
        for (call, at) in self.places().await? {
            let stage = self.stage().await?;
            let ended = self.seen(stage.cancelled(call, at).await?);
            ended.is_whole().map_err(|what| format!("request {at}: {what}"))?;
        }
        Ok(())
    }

    async fn survives(&self) -> Verdict {
        for (nth, (call, at)) in self.places().await?.into_iter().enumerate() {
            // Each place meets three of them, in turn.
            for way in NONSENSE.iter().cycle().skip(3 * nth).take(3) {
                let stage = self.stage().await?;
                let ended = self.seen(stage.mishap(call, at, *way).await?);
                ended
                    .is_whole()
                    .and_then(|()| ended.adds_up())
                    .map_err(|what| format!("request {at}, {way:?}: {what}"))?;
            }
        }
        Ok(())
    }

    async fn settles(&self) -> Verdict {
        let good = self.stage().await?;
        self.call(&good, Call::Run).await?.done()?;
        let expected = good.found();
        for (_, at) in self.places().await? {
            for way in [MishapKind::AnswerLost, MishapKind::NotSent] {
                let stage = self.stage().await?;
                self.seen(stage.mishap(Call::Run, at, way).await?);
                for _ in 0..RUNS_TO_SETTLE {
                    self.call(&stage, Call::Run).await?;
                }
                same(&expected, &stage.found()).map_err(|what| format!("request {at}, {way:?}: {what}"))?;
            }
        }
        Ok(())
    }

    fn stays_inside(&self) -> Verdict {
        let denied = self.denied.lock().ok().and_then(|denied| denied.clone());
        denied.map_or(Ok(()), |denials| Err(format!("the host denied {denials}")))
    }

    /// Requests of a run at which things go wrong, evenly spread.
    async fn places(&self) -> Result<Vec<(Call, u64)>, String> {
        let stage = self.stage().await?;
        let run = self.call(&stage, Call::Run).await?;
        let requests = run.requests.max(1);
        let places = u64::try_from(self.places).unwrap_or(1).min(requests);
        Ok((0..places)
            .map(|nth| (Call::Run, 1 + nth * requests / places))
            .collect())
    }
}

fn wrote_nothing<W: World>(stage: &Stage<W>) -> Verdict {
    match (stage.world.writes(), stage.found().is_empty()) {
        (0, true) => Ok(()),
        (writes, _) => Err(format!("the destination had {writes} writing requests")),
    }
}

fn same<T: PartialEq + std::fmt::Debug>(expected: &T, found: &T) -> Verdict {
    if expected == found {
        Ok(())
    } else {
        Err(format!("{found:?} instead of {expected:?}"))
    }
}
