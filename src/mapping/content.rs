//! A test case as a Test's content.

use super::definition::{self, TestKind, Wish};
use super::description::{Sections, ended, sections};
use super::field::{Field, FieldTexts};
use super::fields::{Plan, Values};
use super::options::{Coverage, Options, Policies, Policy};
use super::precondition::{self, Precondition};
use super::procedure::Procedure;
use super::rich_text::RichText;
use super::step;
use super::test_set::TestSets;
use super::{Dialect, coverage, details, file, folder, full_text, label, xray_field};
use crate::domain::TestCase;
use crate::markup::{Document, shorten};
use itertools::Itertools;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What a Test holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    /// Summary, within Jira's 255 characters.
    pub summary: String,
    /// ADF document or wiki text; null where it is left to people.
    pub description: RichText,
    /// Labels from tags, without markers.
    pub labels: Vec<String>,
    /// What is done.
    pub procedure: Procedure,
    /// Values of Jira fields filled by configuration.
    pub fields: Values,
    /// Keys of the issues that it covers, sorted.
    pub coverage: Vec<String>,
    /// Path in the Test Repository, with a leading slash.
    pub folder: Option<String>,
    /// Test Sets that it is added to.
    pub test_sets: TestSets,
    /// All texts of the case, where a field had no room for one.
    pub full_text: Option<String>,
    /// Precondition issue; absent where the text is a section of the description.
    pub precondition: Option<Precondition>,
    /// What could not be carried over, for people.
    pub losses: Vec<String>,
}

impl Content {
    /// A digest of each field that it holds, to see on a later run which ones changed at the source.
    pub fn digests(&self) -> BTreeMap<Field, String> {
        let mut digests = self.texts().digests();
        let sets = Some(self.test_sets.digest()).filter(|sets| !sets.is_empty());
        digests.extend(sets.map(|sets| (Field::TestSets, sets)));
        digests
    }

    /// Its fields as people read them.
    pub fn shown(&self) -> BTreeMap<Field, String> {
        let mut shown = self.texts().shown();
        shown.insert(Field::TestSets, self.test_sets.shown());
        shown
    }

    /// Its fields as they are compared and shown, but those that are issues.
    fn texts(&self) -> FieldTexts<'_> {
        FieldTexts {
            summary: &self.summary,
            description: Cow::Owned(self.description.value()),
            labels: &self.labels,
            kind: self.procedure.kind.name(),
            definition: &self.procedure.definition,
            steps: &self.procedure.steps,
            fields: self.fields.digests(),
            coverage: &self.coverage,
            folder: self.folder.as_deref().unwrap_or_default(),
            precondition: self.precondition.as_ref().map(|it| it.digest.clone()),
        }
    }

    /// Without what is left to people: fields that are never written, and on a Test that exists the labels of a field that
    /// was written once.
    #[must_use]
    pub fn restricted(mut self, policies: &Policies, exists: bool) -> Self {
        let never = |field| policies.of(field) == Policy::Never;
        if never(Field::Description) {
            self.description = RichText::default();
        }
        if never(Field::Labels) || exists && policies.of(Field::Labels) == Policy::SeedOnce {
            self.labels.clear();
        }
        let left = |field| never(field) || exists && policies.of(field) == Policy::SeedOnce;
        if left(Field::Coverage) {
            self.coverage.clear();
        }
        if left(Field::Fields) {
            self.fields = Values::default();
        }
        if left(Field::Folder) {
            self.folder = None;
        }
        if left(Field::Precondition) {
            self.precondition = None;
        }
        if left(Field::TestSets) {
            self.test_sets = TestSets::default();
        }
        if never(Field::Definition) {
            self.procedure.definition.clear();
        }
        if never(Field::Steps) {
            self.procedure.steps.clear();
            self.procedure.calling.clear();
        }
        self
    }

    /// Bytes of text, to bound what is held at once.
    pub fn size(&self) -> usize {
        let precondition = self.precondition.as_ref().map_or(0, |it| it.definition.len());
        self.summary.len() + self.procedure.size() + precondition + self.description.size()
    }
}

/// What a Test's content depends on beside its case.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Address of the case.
    pub url: &'a str,
    /// Address of TestOps: what texts refer to there are files of the case, or links.
    pub testops: &'a str,
    /// How the destination takes formatted text.
    pub dialect: Dialect,
    /// The destination has Cucumber Tests.
    pub cucumber: bool,
    /// How a person wants it mapped.
    pub options: &'a Options,
    /// Jira fields to fill.
    pub plan: &'a Plan,
    /// Xray's own fields of steps to fill.
    pub step_fields: &'a Plan,
    /// Address of the destination's Jira.
    pub site: &'a str,
}

/// The Test of a case.
pub fn test(case: &TestCase, context: &Context<'_>) -> Content {
    let mut losses = case.losses.clone();
    let (summary, loss) = shorten::summary(&case.name);
    losses.extend(loss.map(|loss| format!("summary: {loss}")));
    let summary = if summary.is_empty() {
        format!("Test case {}", case.id)
    } else {
        summary
    };
    let wish = Wish {
        test_type: context.options.scenario.test_type,
        cucumber: context.cucumber,
        preconditions: context.options.scenario.preconditions,
    };
    let (kind, definition) = definition::of(case, wish, &mut losses);
    let mut with_files = match kind {
        TestKind::Manual => step::placed(&case.scenario.steps, &|source| {
            file::place(&case.files, source, context.testops)
        }),
        TestKind::Generic | TestKind::Cucumber => Vec::new(),
    };
    let missing = match context.options.policies.of(Field::Steps) {
        Policy::Never => Vec::new(),
        _ => xray_field::fill_steps(&mut with_files, case, context, &mut losses),
    };
    let steps = step::flatten(&with_files, &[], &mut losses);
    let calling = match context.options.scenario.calls && with_files.iter().any(|step| step.called.is_some()) {
        true => with_files,
        false => Vec::new(),
    };
    let precondition = match context.options.scenario.preconditions {
        true if !definition.background.is_empty() => Some(Precondition::background(&definition.background)),
        true => precondition::of(case, kind, context.testops, &mut losses),
        false => None,
    };
    // The text of a case beside a background stays where it is read.
    let is_text = |precondition: &Precondition| precondition.kind == TestKind::Manual;
    let with = Sections {
        precondition: !precondition.as_ref().is_some_and(is_text),
        feature: definition.feature.as_deref(),
    };
    let text = sections(case, with, context, &mut losses);
    let link = format!("[Open in Allure TestOps](<{}>)", context.url);
    let (description, lost) = ended(&text, &Document::from_markdown(&link).tree, context.dialect);
    losses.extend(lost.into_iter().map(|loss| format!("description: {loss}")));
    let labels = labels(case, &definition.tags, context.options, &mut losses);
    let mut fields = Values::of(case, context, &mut losses);
    fields.missing.extend(missing);
    Content {
        summary,
        description: RichText::from(&description),
        labels,
        fields,
        coverage: covered(case, context, &mut losses),
        folder: folder::path(&case.attributes, &context.options.places.folder, &mut losses),
        test_sets: TestSets::of(&case.attributes, context.options.places.test_sets.as_ref()),
        full_text: full_text::of(case, &losses),
        precondition,
        procedure: Procedure {
            kind,
            definition: definition.text,
            steps,
            calling,
        },
        losses,
    }
}

fn covered(case: &TestCase, context: &Context<'_>, losses: &mut Vec<String>) -> Vec<String> {
    match context.options.places.coverage {
        Coverage::Nothing => Vec::new(),
        _ => coverage::keys(&case.attributes, context.site, losses),
    }
}

fn labels(case: &TestCase, of_scenario: &[String], options: &Options, losses: &mut Vec<String>) -> Vec<String> {
    let mut labels = details::labels(&case.attributes, &options.attributes);
    labels.extend(label::of_tags(&case.tags, losses));
    labels.extend(label::of_tags(of_scenario, losses));
    labels.into_iter().sorted().dedup().collect()
}

#[cfg(test)]
mod tests {
    use super::{Content, Context, TestKind};
    use crate::domain::{Automation, CaseId, CaseScenario, CaseTexts, Step, TestCase};
    use crate::mapping::{Dialect, Options};
    use crate::markup::Document;

    fn test(case: &TestCase, url: &str, dialect: Dialect) -> Content {
        let context = Context {
            url,
            testops: "https://t.example",
            dialect,
            cucumber: true,
            options: &Options::default(),
            plan: &[],
            step_fields: &[],
            site: "",
        };
        super::test(case, &context)
    }

    fn automation() -> Automation {
        Automation {
            automated: true,
            full_name: Some("com.acme.T.m".to_owned()),
            has_manual_scenario: false,
        }
    }

    fn of_steps(steps: Vec<Step>) -> TestCase {
        TestCase {
            scenario: CaseScenario {
                steps,
                ..CaseScenario::default()
            },
            ..TestCase::default()
        }
    }

    fn case() -> TestCase {
        TestCase {
            id: CaseId(7),
            name: "Log in".to_owned(),
            texts: CaseTexts {
                description: Some("Checks **the** form".to_owned()),
                precondition: Some("An account".to_owned()),
                expected_result: None,
            },
            tags: vec!["smoke".to_owned(), "two words".to_owned(), "smoke".to_owned()],
            ..of_steps(vec![Step {
                action: Document::from_plain("Open"),
                expected: Some(Document::from_plain("The page is open")),
                children: vec![Step {
                    action: Document::from_plain("Type"),
                    ..Step::default()
                }],
                ..Step::default()
            }])
        }
    }

    #[test]
    fn a_manual_case_brings_steps_sections_labels_and_the_way_back() {
        let content = test(&case(), "https://testops.example/project/1/test-cases/7", Dialect::Wiki);
        assert_eq!(content.procedure.kind, TestKind::Manual);
        assert_eq!(content.labels, ["smoke", "two_words"]);
        let steps: Vec<_> = content
            .procedure
            .steps
            .iter()
            .map(|s| (s.action.as_str(), s.result.as_str()))
            .collect();
        assert_eq!(steps, [("1. Open", "The page is open"), ("1.1. Type", "")]);
        let text = content.description.value();
        let text = text.as_str().unwrap();
        assert!(
            text.contains("Checks *the* form") && text.contains("h3. Precondition"),
            "{text}"
        );
        assert!(
            text.contains("[Open in Allure TestOps|https://testops.example/project/1/test-cases/7]"),
            "{text}"
        );
    }

    #[test]
    fn shared_steps_become_calls_where_their_tests_are_known_and_stay_expanded_elsewhere() {
        let shared = |id: u64| Step {
            action: Document::from_plain("Shared"),
            children: vec![Step {
                action: Document::from_plain("Do"),
                ..Step::default()
            }],
            called: Some(id),
            ..Step::default()
        };
        let mut options = Options::default();
        options.scenario.calls = true;
        let made = |case: &TestCase| {
            let context = Context {
                url: "https://t.example/1",
                testops: "https://t.example",
                dialect: Dialect::Adf,
                cucumber: true,
                options: &options,
                plan: &[],
                step_fields: &[],
                site: "",
            };
            super::test(case, &context)
        };
        let mut content = made(&of_steps(vec![shared(5), shared(6)]));
        assert_eq!(
            (
                content.procedure.steps.len(),
                content.procedure.calls().collect::<Vec<_>>()
            ),
            (4, vec![5, 6])
        );
        let before = content.digests();
        assert!(!content.procedure.call(|_| None) && content.digests() == before);
        assert!(!content.procedure.call(|id| (id == 5).then(|| "10".to_owned())));
        assert_eq!(
            (
                content.procedure.steps.len(),
                content.procedure.steps[0].call.as_deref()
            ),
            (3, Some("10"))
        );
        assert!(content.procedure.call(|id| Some(format!("1{id}"))));
        assert_eq!(content.procedure.steps.len(), 2);
        assert_ne!(content.digests(), before);

        let automated = made(&TestCase {
            automation: automation(),
            ..of_steps(vec![shared(5)])
        });
        assert_eq!(automated.procedure.calls().count(), 0, "only Manual Tests call others");
    }

    #[test]
    fn an_automated_case_without_manual_scenario_is_generic_with_its_full_name() {
        let automated = TestCase {
            automation: automation(),
            ..case()
        };
        let content = test(&automated, "https://t.example/", Dialect::Adf);
        assert_eq!(
            (
                content.procedure.kind,
                content.procedure.definition.as_str(),
                content.procedure.steps.len()
            ),
            (TestKind::Generic, "com.acme.T.m", 0)
        );
        assert_eq!(content.description.value()["type"], "doc");
    }

    #[test]
    fn the_way_back_stays_where_the_description_is_shortened() {
        let mut long = case();
        long.texts.description = Some("word ".repeat(10_000));
        for dialect in [Dialect::Wiki, Dialect::Adf] {
            let content = test(&long, "https://t.example/", dialect);
            let text = content.description.value().to_string();
            assert!(text.contains("(shortened)") && text.contains("Open in Allure TestOps"));
            assert!(content.losses.iter().any(|loss| loss.starts_with("description:")));
        }
    }

    #[test]
    fn an_edit_moves_the_digest_of_its_field_only() {
        let before = test(&case(), "https://t.example/", Dialect::Wiki).digests();
        let after = test(
            &TestCase {
                name: "Sign in".to_owned(),
                ..case()
            },
            "https://t.example/",
            Dialect::Wiki,
        )
        .digests();
        let moved: Vec<_> = before
            .iter()
            .filter(|(f, d)| after.get(f) != Some(d))
            .map(|(f, _)| f.name())
            .collect();
        assert_eq!(moved, ["summary"]);
    }
}
