//! The link between a Test and its Precondition: what it should be, and what is to be written.

use super::Text;
use crate::mapping::Field;
use crate::state::Entry;
use crate::sync::ctx::Ctx;
use crate::sync::decide::Decision;
use crate::sync::upsert::Item;
use crate::target::{Destination, Issue, PreconditionChange, RemoteTest};

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
pub(in crate::sync) struct Link {
    state: State,
    /// The issue that holds the case's text.
    wanted: Option<Issue>,
    /// The issue that an earlier export linked, where its text is no longer the case's.
    before: Option<Issue>,
    /// What is to be written.
    pub change: PreconditionChange,
}

impl Link {
    /// The Precondition of a Test that is to be created.
    pub fn of_new(&self) -> Option<&Issue> {
        self.wanted.as_ref()
    }

    /// Brings the entry in step: `kept` is what it held before, and stays where nothing was settled. Gives what a person
    /// should know.
    pub fn record(
        &self,
        entry: &mut Entry,
        kept: Option<(String, String)>,
        remote: &RemoteTest,
        project: &Destination,
    ) -> Option<String> {
        let name = Field::Precondition.name();
        let now = entry.detail.fields.remove(name);
        let text = |pair: &Option<(String, String)>| pair.as_ref().map(|(text, _)| text.clone());
        let linked = self
            .wanted
            .as_ref()
            .is_none_or(|issue| there(remote, issue, project).is_some());
        let settled = self.state == State::Settled && (linked || text(&kept) == text(&now));
        let pair = if settled { now } else { kept };
        let held = pair.filter(|(text, seen)| !text.is_empty() || !seen.is_empty());
        entry.detail.fields.extend(held.map(|pair| (name.to_owned(), pair)));
        entry.detail.relations.precondition_pending = self.state != State::Left && !settled;
        (self.state == State::Settled && !settled)
            .then(|| "precondition: Xray does not show the link yet; the next run looks again".to_owned())
    }
}

/// Digest of the text whose Precondition an export linked last.
pub(super) fn exported(entry: &Entry) -> Option<&str> {
    let (text, _) = entry.digests(Field::Precondition)?;
    Some(text.as_str()).filter(|text| !text.is_empty())
}

/// A Precondition among those of a Test, as the destination shows it: by id, or by a key, which another key of the project
/// stands for after a rename.
fn there<'r>(remote: &'r RemoteTest, issue: &Issue, project: &Destination) -> Option<&'r String> {
    remote
        .associations
        .preconditions
        .iter()
        .find(|held| project.means(held, issue))
}

/// What an item's Test should be linked to, and no longer.
pub(super) fn link_item(ctx: &Ctx<'_>, item: &mut Item, texts: &[Text]) {
    let of = |digest: &str| texts.get(texts.binary_search_by(|text| text.entry.id().cmp(digest)).ok()?);
    let exists = item.entry.issue().is_some();
    if exists && !ctx.job.options.policies.follow(Field::Precondition) {
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
pub(in crate::sync) fn relink(ctx: &Ctx<'_>, item: &mut Item, remote: &RemoteTest, decision: &mut Decision) {
    let link = &mut item.link;
    if link.state != State::Settled {
        return;
    }
    let holds = |issue: &Issue| there(remote, issue, &ctx.destination);
    link.change.remove = link.before.as_ref().and_then(holds).cloned();
    let missing = link.wanted.as_ref().filter(|issue| holds(issue).is_none());
    if let Some(issue) = missing {
        let digest = item.content.precondition.as_ref().map(|it| it.digest.as_str());
        let known = exported(&item.entry) == digest;
        let fits = remote.kind == Some(item.content.procedure.kind) || decision.write.contains(&Field::Kind);
        if known {
            decision.edited.push(Field::Precondition);
        }
        if !fits {
            let remark = "precondition: it is not linked, because Xray links it to Manual Tests only";
            decision.remarks.push(remark.to_owned());
            link.state = State::Left;
        } else if !known || ctx.job.switches.recreate {
            link.change.add = Some(issue.clone());
        }
    }
    if link.change.add.is_some() || link.change.remove.is_some() {
        decision.write.push(Field::Precondition);
    }
}
