//! Issues to create, and what became of them.

use super::{Issue, RemoteTest};
use crate::error::Error;
use crate::mapping::{Content, Marker, Precondition};

/// A Test to create.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    /// Identifies the case; becomes a label.
    pub marker: &'a Marker,
    /// What it holds.
    pub content: &'a Content,
    /// Link to the case, for the issue's property.
    pub source: String,
    /// The Precondition that it is to be linked to, where [`creates_link_preconditions`] holds.
    ///
    /// [`creates_link_preconditions`]: super::Capability::creates_link_preconditions
    pub precondition: Option<&'a Issue>,
    /// It calls other Tests, which the create of many cannot express, or it comes with few others.
    pub singly: bool,
}

/// A Precondition to create.
#[derive(Clone, Debug)]
pub struct NewPrecondition<'a> {
    /// Identifies the text; becomes a label.
    pub marker: &'a Marker,
    /// What it holds.
    pub content: &'a Precondition,
}

/// What became of a draft.
#[derive(Clone, Debug)]
pub enum Creation {
    /// The issue; verified to carry the marker only where the target verifies it by finding it again.
    Created(Issue),
    /// Refused; nothing was created.
    Refused(String),
    /// Nobody knows.
    Unknown(String),
}

/// What a submission came to.
#[derive(Clone, Debug)]
pub enum Submission {
    /// The server works on it under this job id.
    Accepted(String),
    /// Outcomes in the order of the drafts.
    Done(Vec<Creation>),
    /// The same, and the Tests that carry the markers of the drafts: they were looked up to recognise the new ones.
    Recognised(Vec<Creation>, Vec<RemoteTest>),
    /// The server took the drafts; an error kept us from reading what became of them.
    Unread(Error),
}
