//! Whatever happens to creates, to runs and to issues: of one entity there is never more than one issue that nobody deleted.

use super::{Lookup, SENDING};
use crate::domain::Issue;
use crate::ports::{Entity, Phase};
use crate::state::Entry;
use proptest::prelude::*;

/// How long a create may commit after its last byte: of itself, and of a job.
const QUIESCENCE: u64 = 5 * 60_000;
const QUIESCENCE_OF_JOB: u64 = 60 * 60_000;

fn quiescence(accepted: bool) -> u64 {
    if accepted { QUIESCENCE_OF_JOB } else { QUIESCENCE }
}

/// What becomes of a create that is sent.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Created,
    Refused,
    /// The run is killed while it waits for the answer; the server commits after so long, or never.
    Killed(Option<u64>),
    /// The run waits so long, gives up and records it; the server commits so much later, or never.
    GivenUp(u64, Option<u64>),
    /// The server accepts a job, and the run is killed; the server commits after so long, or never.
    Accepted(Option<u64>),
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Passes(u64),
    Exports { fate: Fate, recreate: bool },
    Deletes,
    TakesBack,
}

fn fate() -> impl Strategy<Value = Fate> {
    let within = |most: u64| prop::option::of(0..most);
    prop_oneof![
        Just(Fate::Created),
        Just(Fate::Refused),
        within(SENDING + QUIESCENCE).prop_map(Fate::Killed),
        (0..SENDING, within(QUIESCENCE)).prop_map(|(waits, commits)| Fate::GivenUp(waits, commits)),
        within(QUIESCENCE_OF_JOB).prop_map(Fate::Accepted),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let passes = prop_oneof![0..60_000_u64, 0..2 * QUIESCENCE_OF_JOB].prop_map(Event::Passes);
    let exports = (fate(), any::<bool>()).prop_map(|(fate, recreate)| Event::Exports { fate, recreate });
    prop_oneof![3 => passes, 5 => exports, 1 => Just(Event::Deletes), 1 => Just(Event::TakesBack)]
}

/// An issue at the server, from when it commits.
struct Made {
    commits: u64,
    generation: u32,
    deleted: bool,
}

struct World {
    now: u64,
    entry: Entry,
    made: Vec<Made>,
    /// What the last export reported about its wait.
    waits: Option<u64>,
}

impl World {
    fn new() -> Self {
        World {
            now: 1_795_000_000_000,
            entry: Entry::fresh(Entity::TestCase, "10", "7"),
            made: Vec::new(),
            waits: None,
        }
    }

    fn living(&self) -> usize {
        self.made.iter().filter(|made| !made.deleted).count()
    }

    fn find(&self, generation: u32) -> Vec<Issue> {
        let is_there = |made: &&Made| made.generation == generation && !made.deleted && made.commits <= self.now;
        let issue = |made: &Made| Issue::new(made.commits.to_string(), format!("A-{}", made.commits));
        self.made.iter().filter(is_there).map(issue).collect()
    }

    fn export(&mut self, fate: Fate, recreate: bool) {
        let there = |world: &World, issue: &Issue| {
            let mut made = world.made.iter();
            made.any(|made| made.commits.to_string() == issue.id.as_str() && !made.deleted)
        };
        if let Some(issue) = self.entry.issue() {
            match there(self, &issue) {
                true => self.entry.sync(),
                false => self.entry.orphan(),
            }
            return;
        }
        let generation = self.entry.generation(recreate);
        let found = self.find(generation);
        match self.entry.judge(&found, self.now, recreate, quiescence) {
            Lookup::Absent => self.create(fate, generation),
            Lookup::Pending(at) => {
                assert!(at > self.now);
                assert_eq!(*self.waits.get_or_insert(at), at, "the wait moved");
                return;
            }
            Lookup::Several(keys) => panic!("several issues: {keys:?}"),
            Lookup::Found | Lookup::Deleted | Lookup::Unread | Lookup::Theirs => {}
        }
        self.waits = None;
    }

    fn create(&mut self, fate: Fate, generation: u32) {
        self.entry.intend("run", self.now, 0);
        assert_eq!(
            self.entry.generation(true),
            generation,
            "it is created with the marker that was looked for"
        );
        let mut commits = |commits: Option<u64>| {
            let made = |commits| Made {
                commits,
                generation,
                deleted: false,
            };
            self.made.extend(commits.map(made));
        };
        match fate {
            Fate::Created => {
                commits(Some(self.now));
                self.entry
                    .link_to(&Issue::new(self.now.to_string(), format!("A-{}", self.now)));
            }
            Fate::Refused => self.entry.refuse(),
            Fate::Killed(after) => commits(after.map(|after| self.now + after)),
            Fate::GivenUp(waits, after) => {
                let gave_up = self.now + waits;
                commits(after.map(|after| gave_up + after));
                self.now = gave_up;
                self.entry.give_up(gave_up);
            }
            Fate::Accepted(after) => {
                commits(after.map(|after| self.now + after));
                self.entry.accept("job", 0, self.now);
            }
        }
    }

    fn meet(&mut self, event: Event) {
        match event {
            Event::Passes(time) => self.now += time + 1,
            Event::Exports { fate, recreate } => self.export(fate, recreate),
            Event::Deletes => {
                let now = self.now;
                self.made
                    .iter_mut()
                    .filter(|made| made.commits <= now)
                    .for_each(|made| made.deleted = true);
            }
            Event::TakesBack => {
                let Some(issue) = self.entry.issue() else { return };
                self.made
                    .iter_mut()
                    .filter(|made| made.commits.to_string() == issue.id.as_str())
                    .for_each(|made| made.deleted = true);
                self.entry.take_back();
            }
        }
    }
}

proptest! {
    #[test]
    fn an_entity_never_has_two_issues(events in prop::collection::vec(event(), 1..40)) {
        let mut world = World::new();
        for event in events {
            world.meet(event);
            prop_assert!(world.living() <= 1, "{} issues after {event:?}", world.living());
        }
    }

    #[test]
    fn what_can_be_created_is_created_in_the_end(events in prop::collection::vec(event(), 0..20)) {
        let mut world = World::new();
        events.into_iter().for_each(|event| world.meet(event));
        for _ in 0..3 {
            world.meet(Event::Passes(SENDING + QUIESCENCE_OF_JOB));
            world.meet(Event::Exports { fate: Fate::Created, recreate: true });
        }
        prop_assert!(world.entry.issue().is_some());
        prop_assert_eq!(world.living(), 1);
    }
}

#[test]
fn a_new_life_knows_nothing_of_the_earlier_issue() {
    let mut entry = Entry::fresh(Entity::Launch, "10", "5");
    entry.intend("first", 1, 40);
    entry.link_to(&Issue::new("1".to_owned(), "A-1".to_owned()));
    entry.detail.launch.sent = "digest".to_owned();
    entry.detail.files.stamp = "files".to_owned();
    entry.detail.workflow = ("Done".to_owned(), "Done".to_owned());
    entry.sync();
    entry.orphan();
    entry.intend("second", 2, 50);
    assert_eq!((entry.phase(), entry.issue(), entry.above()), (Phase::Intent, None, 50));
    assert_eq!((entry.generation(true), entry.created_by()), (1, Some("second")));
    let detail = &entry.detail;
    assert!(detail.launch.sent.is_empty() && detail.files.stamp.is_empty() && detail.workflow.0.is_empty());
}

#[test]
fn where_an_unseen_issue_would_be_stays_known_until_it_is_settled() {
    let mut entry = Entry::fresh(Entity::TestCase, "10", "5");
    entry.intend("first", 1, 40);
    entry.give_up(2);
    entry.intend("second", SENDING + QUIESCENCE, 90);
    assert_eq!(entry.above(), 40);
    entry.refuse();
    entry.intend("third", 3 * SENDING, 90);
    assert_eq!(entry.above(), 90);
}

#[test]
fn a_row_without_a_date_of_its_own_waits_from_when_it_was_written() {
    let mut entry = Entry::fresh(Entity::TestCase, "10", "5");
    entry.intend("old", 0, 0);
    entry.link.updated_at = 1_000;
    assert_eq!(entry.again(quiescence), Some(1_000 + SENDING + QUIESCENCE));
}

#[test]
fn the_same_issue_is_taken_over_with_what_was_written_to_it_and_another_one_without() {
    let mut before = Entry::fresh(Entity::TestCase, "10", "5");
    before.link_to(&Issue::new("7", "OLD-1"));
    before.detail.launch.sent = "digest".to_owned();
    before.sync();
    for (id, sent) in [("7", "digest"), ("8", "")] {
        let issue = Issue::new(id, "NEW-1");
        let mut entry = Entry::fresh(Entity::TestCase, "20", "5");
        entry.take_over(&issue, Some(&before));
        assert_eq!((entry.issue(), entry.detail.launch.sent.as_str()), (Some(issue), sent));
        assert!(!entry.is_synced(), "the next export compares it");
    }
}
