//! Preconditions as issues of their own: each text once in a destination project, found or created before the Tests that
//! name it are written, by the same rules as Tests. A Test is never kept back: what cannot be settled is linked later.

use super::Run;
use super::cases::Item;
use super::creation::{Created, Creations};
use super::decide::Decision;
use super::lookup;
use crate::domain::{IssueId, IssueKey, Unit};
use crate::error::Result;
use crate::mapping::{Field, Marker, Precondition};
use crate::ports::{Entity, Pending};
use crate::state::Entry;
use crate::target::{Condition, Destination, Issue, Relink, Remote, Submission};
use std::collections::BTreeSet;

/// Preconditions looked at a request.
const LOOK_UP: usize = 100;

/// What is known about a Test's Precondition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Nothing is to be done about it.
    #[default]
    Left,
    /// It cannot be settled now.
    Open,
    Settled,
}

/// A case's link to its Precondition.
#[derive(Debug, Default)]
pub(super) struct Link {
    state: State,
    /// The issue that holds the case's text.
    wanted: Option<Issue>,
    /// The issue that an earlier export linked, where its text is no longer the case's.
    before: Option<Issue>,
    /// What is to be written.
    pub relink: Relink,
}

impl Link {
    /// The Precondition of a Test that is to be created.
    pub fn of_new(&self) -> Option<&Issue> {
        self.wanted.as_ref()
    }

    /// Brings the entry in step: `kept` is what it told before, and stays where nothing was settled. Gives what a person
    /// should know.
    pub fn record(
        &self,
        entry: &mut Entry,
        kept: Option<(String, String)>,
        remote: &Remote,
        project: &Destination,
    ) -> Option<String> {
        let name = Field::Precondition.name();
        let now = entry.detail.fields.remove(name);
        let text = |pair: &Option<(String, String)>| pair.as_ref().map(|(text, _)| text.clone());
        let linked = self
            .wanted
            .as_ref()
            .is_none_or(|issue| held(remote, issue, project).is_some());
        let settled = self.state == State::Settled && (linked || text(&kept) == text(&now));
        let pair = if settled { now } else { kept };
        let said = pair.filter(|(text, told)| !text.is_empty() || !told.is_empty());
        entry.detail.fields.extend(said.map(|pair| (name.to_owned(), pair)));
        entry.detail.precondition_pending = self.state != State::Left && !settled;
        (self.state == State::Settled && !settled)
            .then(|| "precondition: Xray does not show the link yet; the next run looks again".to_owned())
    }
}

/// A text that a case has, or had.
struct Text {
    entry: Entry,
    marker: Marker,
    /// What its issue should hold, where a Test is to be linked to it.
    draft: Option<Precondition>,
    /// Why there is no issue.
    why: Option<String>,
    /// A plan would create it.
    planned: bool,
}

impl Text {
    fn issue(&self) -> Option<Issue> {
        self.entry.issue().or_else(|| self.planned.then(Issue::to_be))
    }
}

/// Digest of the text whose Precondition an export linked last.
fn exported(entry: &Entry) -> Option<&str> {
    let (text, _) = entry.digests(Field::Precondition)?;
    Some(text.as_str()).filter(|text| !text.is_empty())
}

/// A Precondition among those of a Test, as the destination tells it: by id, or by a key, which another key of the project
/// stands for after a rename.
fn held<'r>(remote: &'r Remote, issue: &Issue, project: &Destination) -> Option<&'r String> {
    let Issue { id, key } = issue;
    let number = key.as_str().rsplit_once('-');
    let number: Option<u64> = number.and_then(|(_, number)| number.parse().ok());
    let is = |there: &&String| {
        let known = [id.as_str(), key.as_str()].contains(&there.as_str());
        known || number.is_some() && project.number(&there.as_str().into()) == number
    };
    remote.preconditions.iter().find(is)
}

impl Run<'_> {
    /// Finds or creates the Preconditions that Tests are to be linked to. Boxed like [`Run::resolve`].
    pub(super) fn settle_preconditions<'r>(&'r self, items: &'r mut [Item]) -> Pending<'r, Result<()>> {
        Box::pin(self.preconditions(items))
    }

    async fn preconditions(&self, items: &mut [Item]) -> Result<()> {
        if !self.job.options.scenario.preconditions {
            return Ok(());
        }
        let texts = items.iter().flat_map(|item| {
            let wanted = item.content.precondition.as_ref().map(|it| it.digest.as_str());
            [wanted, exported(&item.entry)].into_iter().flatten().map(str::to_owned)
        });
        let digests: Vec<String> = BTreeSet::from_iter(texts).into_iter().collect();
        let entries = self.ledger.get(Entity::Precondition, &digests).await?;
        let text = |entry: Entry| Text {
            marker: self.precondition_marker(&entry),
            entry,
            draft: None,
            why: None,
            planned: false,
        };
        let mut texts: Vec<Text> = entries.into_iter().map(text).collect();
        for item in items.iter() {
            let Some(wanted) = &item.content.precondition else {
                continue;
            };
            let linked = exported(&item.entry) == Some(wanted.digest.as_str()) && !self.job.recreate;
            if let (Some(at), false) = (place(&texts, &wanted.digest), linked)
                && let Some(text) = texts.get_mut(at)
            {
                text.draft.get_or_insert_with(|| wanted.clone());
            }
        }
        self.check_known(&mut texts).await?;
        self.find_or_create(&mut texts).await?;
        for item in items {
            self.link_item(item, &texts);
        }
        Ok(())
    }

    fn precondition_marker(&self, entry: &Entry) -> Marker {
        let generation = entry.generation(self.job.recreate);
        let (source, project) = (self.source.identity(), &self.destination.project_id);
        Marker::precondition(source, project, entry.id(), generation)
    }

    /// Preconditions of earlier runs that Tests are to be linked to now: a Test that names a deleted one would be refused.
    async fn check_known(&self, texts: &mut [Text]) -> Result<()> {
        let known = texts.iter_mut().filter(|text| text.draft.is_some());
        let mut known: Vec<(&mut Text, Issue)> = known
            .filter_map(|text| text.entry.issue().map(|issue| (text, issue)))
            .collect();
        for chunk in known.chunks_mut(LOOK_UP) {
            let keys: Vec<IssueKey> = chunk.iter().map(|(_, issue)| issue.key.clone()).collect();
            let mut found = self.jira.by_key(&keys).await?;
            for (text, issue) in chunk {
                let key = match found.remove(&issue.key) {
                    Some(key) => Some(key),
                    // The index may be behind.
                    None => self.jira.current(&issue.id).await?.map(|issue| issue.key),
                };
                let moved = match key {
                    Some(key) => {
                        self.notice(&key);
                        text.entry.rename(&key)
                    }
                    None => {
                        text.entry.orphan();
                        true
                    }
                };
                if moved {
                    self.ledger.put_one(&mut text.entry).await?;
                }
            }
        }
        Ok(())
    }

    async fn find_or_create(&self, texts: &mut [Text]) -> Result<()> {
        let open = texts
            .iter_mut()
            .filter(|text| text.draft.is_some() && text.entry.issue().is_none());
        let mut open: Vec<&mut Text> = open.collect();
        for text in &mut open {
            // One that was found deleted just now.
            text.marker = self.precondition_marker(&text.entry);
        }
        let mut entries: Vec<(&mut Entry, Marker)> = open
            .iter_mut()
            .map(|text| (&mut text.entry, text.marker.clone()))
            .collect();
        if entries.is_empty() {
            return Ok(());
        }
        let lookups = self.look_up(&mut entries).await?;
        for (text, lookup) in open.iter_mut().zip(lookups) {
            text.why = lookup::verdict(&lookup, Unit::TestCase, 0, "").and_then(|verdict| verdict.reason);
        }
        let absent = open
            .into_iter()
            .filter(|text| text.entry.issue().is_none() && text.why.is_none());
        let mut absent: Vec<&mut Text> = absent.collect();
        if self.job.mode.reads_only() {
            for text in absent {
                text.planned = true;
                let digest = text.entry.id().to_owned();
                self.new_preconditions.borrow_mut().insert(digest);
            }
            return Ok(());
        }
        for chunk in absent.chunks_mut(self.target.preconditions_batch()) {
            self.create_preconditions(chunk).await?;
        }
        Ok(())
    }

    /// Creates Preconditions that are proven to be absent.
    async fn create_preconditions(&self, texts: &mut [&mut Text]) -> Result<()> {
        let creates = texts.iter_mut().filter_map(|text| {
            let (marker, content) = (&text.marker, text.draft.as_ref()?);
            text.entry.stamped("", content.fingerprint());
            Some((&mut text.entry, Condition { marker, content }))
        });
        let send = async |drafts: Vec<Condition<'_>>| {
            let answers = self.target.create_preconditions(&drafts).await?;
            Ok(Submission::Done(answers))
        };
        let Creations { outcomes, stop } = self.creator().create(creates.collect(), send).await?;
        for (text, outcome) in texts.iter_mut().zip(outcomes) {
            match outcome {
                Created::Issue(issue) => self.notice(&issue.key),
                Created::Refused(why) | Created::Waiting(why) => text.why = Some(why),
                Created::Unsent => {}
            }
        }
        stop.map_or(Ok(()), Err)
    }

    /// What an item's Test should be linked to, and no longer.
    fn link_item(&self, item: &mut Item, texts: &[Text]) {
        let of = |digest: &str| place(texts, digest).and_then(|at| texts.get(at));
        let exists = item.entry.issue().is_some();
        if exists && !self.job.options.policies.follow(Field::Precondition) {
            return;
        }
        let wanted = item.content.precondition.as_ref();
        let before = exported(&item.entry).filter(|digest| wanted.is_none_or(|it| it.digest != **digest));
        let link = &mut item.link;
        link.before = before.and_then(of).and_then(Text::issue);
        link.state = State::Settled;
        let Some(text) = wanted.and_then(|it| of(&it.digest)) else {
            return;
        };
        link.wanted = text.issue();
        if link.wanted.is_none() {
            // A Precondition that is gone and that nobody asks for again stays with the Test as it is.
            link.state = if text.draft.is_some() { State::Open } else { State::Left };
            let why = text.why.iter();
            let losses = &mut item.content.losses;
            losses.extend(why.map(|why| format!("precondition: it is linked later: {why}")));
        }
    }

    /// Decides about the link of a Test that exists. Links that people made stay, and one that they took away stays away.
    pub(super) fn relink(&self, item: &mut Item, remote: &Remote, decision: &mut Decision) {
        let link = &mut item.link;
        if link.state != State::Settled {
            return;
        }
        let there = |issue: &Issue| held(remote, issue, &self.destination);
        link.relink.remove = link.before.as_ref().and_then(there).cloned();
        let missing = link.wanted.as_ref().filter(|issue| there(issue).is_none());
        if let Some(issue) = missing {
            let digest = item.content.precondition.as_ref().map(|it| it.digest.as_str());
            let known = exported(&item.entry) == digest;
            let fits = remote.kind == Some(item.content.kind) || decision.write.contains(&Field::Kind);
            if known {
                decision.edited.push(Field::Precondition);
            }
            if !fits {
                let words = "precondition: it is not linked, because Xray links it to Manual Tests only";
                decision.remarks.push(words.to_owned());
                link.state = State::Left;
            } else if !known || self.job.recreate {
                link.relink.add = Some(issue.clone());
            }
        }
        if link.relink.add.is_some() || link.relink.remove.is_some() {
            decision.write.push(Field::Precondition);
        }
    }

    /// Links new Tests, where their create could not say it. An item's refusal shows when the Test is read back.
    pub(super) async fn link_new(&self, items: &[(Item, Vec<Field>)]) -> Result<()> {
        let links = items.iter().filter_map(|(item, _)| {
            let (test, precondition) = (item.entry.issue()?, item.link.of_new()?);
            Some((test.id, precondition.id.clone()))
        });
        let links: Vec<(IssueId, IssueId)> = links.collect();
        if links.is_empty() {
            return Ok(());
        }
        self.target.link(&links).await
    }
}

/// Where a text stands in the list, which is ordered.
fn place(texts: &[Text], digest: &str) -> Option<usize> {
    let found = texts.binary_search_by(|text| text.entry.id().cmp(digest));
    found.ok()
}
