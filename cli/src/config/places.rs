//! Where settings stand in the file.

use std::ops::Range;

use super::problem::Problem;
use super::read;
use super::section::At;
use super::settle::{Config, inherited_by};

/// Where the fields of the settings stand in the file.
#[derive(Debug, Default)]
pub struct Places {
    pub fields: Vec<(String, Range<usize>)>,
    pub syncs: Vec<SyncPlaces>,
}

/// The same of one sync.
#[derive(Debug)]
pub struct SyncPlaces {
    header: Range<usize>,
    members: Vec<(String, Range<usize>)>,
    /// Mapping options that the sync sets.
    own: Vec<String>,
    /// Mapping options that it takes from `[mapping]`.
    inherited: Vec<String>,
}

impl Config {
    /// A problem at the place of a form field, a member of the export configuration or a mapping option.
    pub fn problem(&self, field: &str, sync: Option<&str>, message: impl Into<String>) -> Problem {
        match self.span(field, sync) {
            Some(span) => self.source.problem(span, message),
            None => Problem::with_file(&self.source.file, message),
        }
    }

    /// Where the value of a sync's mapping option comes from.
    pub fn origin_of(&self, option: &str, sync: &str) -> &'static str {
        let index = self.syncs.iter().position(|other| other.name == sync);
        let places = index.and_then(|index| self.places.syncs.get(index));
        let has = |names: &[String]| names.iter().any(|name| name == option);
        match places {
            Some(places) if has(&places.own) => "[sync.mapping]",
            Some(places) if has(&places.inherited) => "[mapping]",
            _ => "default",
        }
    }

    fn span(&self, field: &str, sync: Option<&str>) -> Option<Range<usize>> {
        let find = |members: &[(String, Range<usize>)]| {
            members
                .iter()
                .find(|(name, _)| name == field)
                .map(|(_, span)| span.clone())
        };
        let index = sync.and_then(|name| self.syncs.iter().position(|sync| sync.name == name));
        let places = index.and_then(|index| self.places.syncs.get(index));
        places
            .and_then(|places| find(&places.members))
            .or_else(|| find(&self.places.fields))
            .or_else(|| places.map(|places| places.header.clone()))
    }
}

/// Where the settings of a sync stand, its own and those of `[mapping]`.
pub fn sync_places(sync: &read::Sync, inherited: &[(At<String>, String)]) -> SyncPlaces {
    let named = [
        ("name", &sync.name),
        ("project", &sync.project),
        ("test-case-aql", &sync.test_case_aql),
        ("launches-aql", &sync.launches_aql),
    ];
    let members = named
        .into_iter()
        .filter_map(|(name, at)| at.as_ref().map(|at| (name.to_owned(), at.span.clone())));
    let mapping = sync
        .mapping
        .iter()
        .map(|(name, _)| (name.value.clone(), name.span.clone()));
    let above: Vec<(String, Range<usize>)> = inherited_by(sync, inherited)
        .map(|(name, _)| (name.value.clone(), name.span.clone()))
        .collect();
    SyncPlaces {
        header: sync.span.clone(),
        members: members.chain(mapping).chain(above.clone()).collect(),
        own: sync.mapping.iter().map(|(name, _)| name.value.clone()).collect(),
        inherited: above.into_iter().map(|(name, _)| name).collect(),
    }
}
