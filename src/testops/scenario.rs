//! From TestOps' normalised scenario (maps of steps that point at each other) to a tree of steps.

use super::wire::{Attachment, FirstScenario, Scenario, Step as Wire};
use crate::domain::Step;
use crate::markup::Document;
use std::collections::{BTreeMap, BTreeSet};

/// Levels of nesting that are followed. The UI has no small limit; a cycle has none at all.
const DEPTH: usize = 32;
/// Steps of one case that are read, called ones included.
const STEPS: usize = 10_000;

/// A shared step that was read on its own.
#[derive(Default)]
pub struct Shared {
    pub name: Option<String>,
    /// Absent: deleted.
    pub scenario: Option<Scenario>,
}

/// Where step ids are looked up: the case's own maps, or a shared step's.
#[derive(Clone, Copy)]
struct Maps<'s> {
    steps: Option<&'s BTreeMap<String, Wire>>,
    attachments: Option<&'s BTreeMap<String, Attachment>>,
}

/// Reads one scenario.
pub struct Reader<'s> {
    scenario: &'s Scenario,
    uses_shared_steps: bool,
    losses: BTreeSet<String>,
    read: usize,
}

impl<'s> Reader<'s> {
    pub fn new(scenario: &'s Scenario) -> Self {
        Reader {
            scenario,
            uses_shared_steps: false,
            losses: BTreeSet::new(),
            read: 0,
        }
    }

    /// Shared steps that are called and not carried by the scenario itself.
    pub fn missing_shared_steps(&self) -> Vec<u64> {
        let called = self
            .scenario
            .scenario_steps
            .iter()
            .flat_map(BTreeMap::values)
            .filter_map(|step| step.shared_step_id);
        let carried = |id: &u64| {
            self.scenario
                .shared_steps
                .as_ref()
                .is_some_and(|map| map.contains_key(&id.to_string()))
        };
        BTreeSet::from_iter(called.filter(|id| !carried(id)))
            .into_iter()
            .collect()
    }

    /// The top-level steps in order.
    pub fn read(&mut self, shared: &BTreeMap<u64, Shared>) -> Vec<Step> {
        let maps = Maps {
            steps: self.scenario.scenario_steps.as_ref(),
            attachments: self.scenario.attachments.as_ref(),
        };
        let top = self
            .scenario
            .root
            .as_ref()
            .and_then(|root| root.children.as_deref())
            .unwrap_or_default();
        self.children(top, maps, shared, 0).1
    }

    /// Whether shared steps were called, and what could not be read.
    pub fn finish(self) -> (bool, Vec<String>) {
        (self.uses_shared_steps, self.losses.into_iter().collect())
    }

    /// Names of the attachments among the ids, and the steps.
    fn children(
        &mut self,
        ids: &[u64],
        maps: Maps<'_>,
        shared: &BTreeMap<u64, Shared>,
        depth: usize,
    ) -> (Vec<String>, Vec<Step>) {
        let (mut files, mut steps) = (Vec::new(), Vec::new());
        if depth >= DEPTH {
            self.losses
                .insert(format!("steps nested deeper than {DEPTH} levels are left out"));
            return (files, steps);
        }
        for id in ids {
            self.read += 1;
            if self.read > STEPS {
                self.losses
                    .insert(format!("steps after the first {STEPS} are left out"));
                break;
            }
            let Some(wire) = maps.steps.and_then(|map| map.get(&id.to_string())) else {
                self.losses
                    .insert("a step that the scenario names is missing in it".to_owned());
                continue;
            };
            if let Some(file) = wire.attachment_id {
                let name = file_name(file, maps);
                // An attachment that stands at the top is a step of its own; below a step it belongs to the step.
                if depth == 0 {
                    steps.push(Step::of_file(name));
                } else {
                    files.push(name);
                }
            } else if let Some(called) = wire.shared_step_id {
                steps.extend(self.called(called, shared, depth));
            } else {
                steps.push(self.step(wire, maps, shared, depth));
            }
        }
        (files, steps)
    }

    fn step(&mut self, wire: &Wire, maps: Maps<'_>, shared: &BTreeMap<u64, Shared>, depth: usize) -> Step {
        let ids = wire.children.as_deref().unwrap_or_default();
        let (mut attachments, children) = self.children(ids, maps, shared, depth + 1);
        let (expected, files) = expected(wire, maps);
        attachments.extend(files);
        Step {
            action: text(wire),
            expected,
            attachments,
            children,
            ..Step::default()
        }
    }

    fn called(&mut self, id: u64, shared: &BTreeMap<u64, Shared>, depth: usize) -> Option<Step> {
        self.uses_shared_steps = true;
        let key = id.to_string();
        let carried = self.scenario.shared_steps.as_ref().and_then(|map| map.get(&key));
        if let Some(wire) = carried {
            let maps = Maps {
                steps: self.scenario.shared_step_scenario_steps.as_ref(),
                attachments: self.scenario.shared_step_attachments.as_ref(),
            };
            let name = wire.body.as_deref().or(wire.name.as_deref());
            let ids = wire.children.as_deref().unwrap_or_default();
            let (attachments, children) = self.children(ids, maps, shared, depth + 1);
            return Some(Step {
                action: Document::from_plain(name.unwrap_or_default()),
                attachments,
                children,
                called: Some(id),
                ..Step::default()
            });
        }
        let known = shared.get(&id);
        let Some(scenario) = known.and_then(|known| known.scenario.as_ref()) else {
            self.losses.insert(format!("shared step {id} no longer exists"));
            return None;
        };
        let maps = Maps {
            steps: scenario.scenario_steps.as_ref(),
            attachments: scenario.attachments.as_ref(),
        };
        let ids = scenario
            .root
            .as_ref()
            .and_then(|root| root.children.as_deref())
            .unwrap_or_default();
        let (attachments, children) = self.children(ids, maps, shared, depth + 1);
        let name = known.and_then(|known| known.name.as_deref()).unwrap_or_default();
        Some(Step {
            action: Document::from_plain(name),
            attachments,
            children,
            called: Some(id),
            ..Step::default()
        })
    }
}

/// The text of a scenario whose every step has one of Gherkin's keywords: only the first form of scenarios has them.
pub fn gherkin(scenario: Option<&FirstScenario>) -> Option<String> {
    let steps = scenario?.steps.as_ref().filter(|steps| !steps.is_empty())?;
    let line = |step: &super::wire::FirstStep| {
        let keyword = step.keyword.as_deref().map(str::trim).filter(|word| !word.is_empty())?;
        Some(format!("{keyword} {}", step.name.as_deref().unwrap_or_default().trim()))
    };
    let lines: Option<Vec<String>> = steps.iter().map(line).collect();
    lines.map(|lines| lines.join("\n"))
}

/// The expected result in both of TestOps' forms: inline text, or a wrapper step whose children are its lines. The
/// wrapper wins where it has lines, because it is the younger form.
fn expected(wire: &Wire, maps: Maps<'_>) -> (Option<Document>, Vec<String>) {
    let (mut lines, mut files): (Option<Document>, _) = (None, Vec::new());
    let find = |id: &u64| maps.steps.and_then(|map| map.get(&id.to_string()));
    let wrapper = wire.expected_result_id.as_ref().and_then(find);
    for line in wrapper
        .and_then(|w| w.children.as_deref())
        .unwrap_or_default()
        .iter()
        .filter_map(find)
    {
        match line.attachment_id {
            Some(file) => files.push(file_name(file, maps)),
            None => match (text(line), &mut lines) {
                (line, _) if line.tree.is_empty() => {}
                (line, Some(above)) => above.append_line(line),
                (line, none) => *none = Some(line),
            },
        }
    }
    let inline = || wire.expected_result.as_deref().map(Document::from_plain);
    (lines.or_else(inline).filter(|text| !text.tree.is_empty()), files)
}

/// A step's own text, with its looks where TestOps has them.
fn text(wire: &Wire) -> Document {
    Document::from_step(wire.body.as_deref().unwrap_or_default(), wire.body_json.as_ref())
}

fn file_name(id: u64, maps: Maps<'_>) -> String {
    let name = maps
        .attachments
        .and_then(|map| map.get(&id.to_string()))
        .and_then(|file| file.name.clone());
    name.unwrap_or_else(|| format!("attachment {id}"))
}

#[cfg(test)]
mod tests {
    use super::Reader;
    use crate::domain::Step;
    use crate::markup::{Document, plain, wiki};
    use std::collections::BTreeMap;

    fn shown(text: &Document) -> String {
        plain::write(&text.tree)
    }

    fn read(json: &str) -> (Vec<Step>, bool, Vec<String>) {
        let scenario = serde_json::from_slice(json.as_bytes()).unwrap();
        let mut reader = Reader::new(&scenario);
        assert!(reader.missing_shared_steps().is_empty());
        let steps = reader.read(&BTreeMap::new());
        let (shared, losses) = reader.finish();
        (steps, shared, losses)
    }

    #[test]
    fn steps_shared_steps_attachments_and_expected_lines_come_in_order() {
        let (steps, shared, losses) = read(
            r#"{"root":{"children":[10,20,30]},
            "scenarioSteps":{"10":{"body":"Open","children":[11],"expectedResultId":12},"11":{"attachmentId":7},
              "12":{"body":"Expected Result","children":[13,14]},"13":{"body":"Page is open"},"14":{"body":"Fast"},
              "20":{"sharedStepId":5},"30":{"body":"Parent","children":[31],"expectedResult":"inline"},"31":{"body":"Child"}},
            "attachments":{"7":{"name":"a.png"}},
            "sharedSteps":{"5":{"body":"Log in","children":[50]}},
            "sharedStepScenarioSteps":{"50":{"body":"Type the name"}},"sharedStepAttachments":{}}"#,
        );
        assert!(shared && losses.is_empty());
        let [open, log_in, parent] = steps.as_slice() else {
            panic!("{steps:?}")
        };
        assert_eq!(open.expected.as_ref().map(shown).as_deref(), Some("Page is open\nFast"));
        assert_eq!(open.attachments, ["a.png"]);
        assert_eq!((open.called, log_in.called), (None, Some(5)));
        assert_eq!(
            (shown(&log_in.action), shown(&log_in.children[0].action)),
            ("Log in".to_owned(), "Type the name".to_owned())
        );
        assert_eq!(
            (parent.expected.as_ref().map(shown), shown(&parent.children[0].action)),
            (Some("inline".to_owned()), "Child".to_owned())
        );
    }

    #[test]
    fn a_step_that_has_looks_keeps_them_and_one_that_has_none_is_plain() {
        let (steps, ..) = read(
            r#"{"root":{"children":[1,2]},"scenarioSteps":{
            "1":{"body":"Press Save","expectedResultId":9,"bodyJson":{"type":"doc","content":[{"type":"paragraph","content":[
              {"type":"text","text":"Press "},{"type":"text","text":"Save","marks":[{"type":"bold"}]}]}]}},
            "2":{"body":"*plain*"},"9":{"children":[10]},
            "10":{"body":"x","bodyJson":{"type":"doc","content":[{"type":"code_block","attrs":{"language":"sql"},
              "content":[{"type":"text","text":"select 1"}]}]}}}}"#,
        );
        let wiki = |text: &Document| wiki::write(&text.tree, usize::MAX).0;
        assert_eq!(wiki(&steps[0].action), "Press *Save*");
        assert_eq!(
            steps[0].expected.as_ref().map(wiki).as_deref(),
            Some("{code:sql}\nselect 1\n{code}")
        );
        assert_eq!(wiki(&steps[1].action), "\\*plain\\*");
    }

    #[test]
    fn a_cycle_and_a_missing_step_are_losses_and_not_an_endless_loop() {
        let (steps, _, losses) =
            read(r#"{"root":{"children":[1,9]},"scenarioSteps":{"1":{"body":"Again","children":[1]}}}"#);
        assert_eq!(steps.len(), 1);
        assert_eq!(losses.len(), 2, "{losses:?}");
    }
}
