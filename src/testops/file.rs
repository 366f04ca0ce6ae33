//! Files: which ones a scenario brings, and their contents.

use super::TestOps;
use super::page::Place;
use super::wire;
use crate::domain::{File, FileOwner};
use crate::error::{Kind, Result};
use crate::ports::Blob;
use std::collections::BTreeMap;

/// A file's content, or why there is none.
pub type Content = std::result::Result<Blob, Lack>;

/// Why a file's content is not there.
#[derive(Clone, Debug)]
pub struct Lack {
    /// In words.
    pub message: String,
    /// Another try later makes sense.
    pub passing: bool,
}

impl TestOps<'_> {
    /// The content of a file, kept by the host; at most `limit` bytes.
    pub async fn content(&self, file: &File, limit: u64) -> Result<Content> {
        let lack = |message: String, passing| Ok(Err(Lack { message, passing }));
        if let Some(why) = self.broken_store.borrow().as_ref() {
            return lack(why.clone(), true);
        }
        let fetched = match self.api.content(owner(file.owner), file.id, limit).await {
            Ok(fetched) => fetched,
            Err(error) if error.ends_the_run() => return Err(error),
            // Larger than the limit.
            Err(error) if error.kind == Kind::Rejected => return lack(error.into_parts().message, false),
            // One broken file must not end the run, and a broken store not cost the repetitions for every file.
            Err(error) => {
                let error = self.files_read.failed(error).unwrap_or_else(|error| {
                    let why = format!("no file of TestOps is tried in this run any more: {}", error.message);
                    self.broken_store.replace(Some(why));
                    error
                });
                return lack(error.into_parts().message, true);
            }
        };
        self.files_read.passed();
        let Some(blob) = fetched.blob else {
            let message = match fetched.answer.status {
                404 => "TestOps no longer has its content".to_owned(),
                _ => format!("TestOps gives no content: {}", crate::web::describe(&fetched.answer)),
            };
            return lack(message, true);
        };
        let sent = fetched.answer.header("content-type").unwrap_or_default();
        let is_page = sent.starts_with("text/html") && !file.content_type.starts_with("text/html");
        match file.size {
            Some(size) if size != blob.size => lack(
                format!("TestOps sent {} bytes of it where it lists {size}", blob.size),
                true,
            ),
            None if is_page => lack("a page came instead of its content".to_owned(), true),
            _ => Ok(Ok(blob)),
        }
    }

    /// Files of a result and of its steps, without those that came from its case.
    pub async fn result_files(&self, result: u64) -> Result<Vec<File>> {
        let mut files = Vec::new();
        let mut place = Some(Place::default());
        while let Some(page) = place {
            let listed = self.api.result_files(result, page).await?;
            let own = listed.rows.iter().filter(|row| row.from_test_case != Some(true));
            files.extend(own.filter_map(|row| from_row(None, row, FileOwner::TestResult)));
            place = listed.next;
        }
        Ok(files)
    }
}

fn owner(owner: FileOwner) -> &'static str {
    match owner {
        FileOwner::TestCase => "testcase",
        FileOwner::SharedStep => "sharedstep",
        FileOwner::TestResult => "testresult",
    }
}

/// The files of a scenario, of the steps that it carries, and of shared steps that were read for it; each once, the
/// oldest of each owner first. `own`: whom those of its own steps belong to.
pub(super) fn of_scenario<'a>(
    scenario: &wire::Scenario,
    shared: impl Iterator<Item = &'a wire::Scenario>,
    own: FileOwner,
) -> Vec<File> {
    let mut files: Vec<File> = Vec::new();
    let mut add = |rows: &Option<BTreeMap<String, wire::Attachment>>, owner, called| {
        for (key, row) in rows.iter().flatten() {
            let Some(mut file) = from_row(Some(key), row, owner) else {
                continue;
            };
            file.called = called;
            let place = files
                .iter()
                .position(|other| (other.owner, other.id) >= (file.owner, file.id));
            let place = place.unwrap_or(files.len());
            if files
                .get(place)
                .is_none_or(|other| (other.owner, other.id) != (file.owner, file.id))
            {
                files.insert(place, file);
            }
        }
    };
    add(&scenario.attachments, own, false);
    add(&scenario.shared_step_attachments, FileOwner::SharedStep, true);
    for scenario in shared {
        add(&scenario.attachments, FileOwner::SharedStep, true);
    }
    files
}

/// A row; in a map its id may stand in the key alone.
fn from_row(key: Option<&str>, row: &wire::Attachment, owner: FileOwner) -> Option<File> {
    let id = row.id.or_else(|| key?.parse().ok())?;
    Some(File {
        owner,
        id,
        name: row.name.clone().unwrap_or_else(|| format!("attachment {id}")),
        content_type: row.content_type.clone().unwrap_or_default(),
        size: row.content_length,
        missed: row.missed.unwrap_or(false),
        called: false,
        text: None,
    })
}
