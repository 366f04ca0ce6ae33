//! How many files are carried over.

use super::reader::Reader;

/// Which files of test cases are attached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Attachments {
    /// Every one within the limits.
    #[default]
    All,
    /// None.
    None,
}

/// Which results bring their files as evidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Evidence {
    /// Failed and broken ones.
    #[default]
    Failed,
    /// Every one.
    All,
    /// None.
    None,
}

/// Files of cases and results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// Files of test cases.
    pub attachments: Attachments,
    /// One file of a case, in bytes.
    pub attachment_bytes: u64,
    /// All files of a case, in bytes.
    pub attachments_bytes: u64,
    /// Files of a case.
    pub attachments_count: u64,
    /// Files of results.
    pub evidence: Evidence,
    /// All evidence of a run, in bytes.
    pub evidence_bytes: u64,
}

impl Default for Files {
    fn default() -> Self {
        read(&mut Reader::new([]))
    }
}

/// The host keeps 64 MiB a file by default. Of evidence, the vendor's own migration tool takes files of 10 MB.
pub(super) fn read(reader: &mut Reader<'_>) -> Files {
    const ANY: std::ops::RangeInclusive<u64> = 1..=1 << 40;
    let attachments = [("all", Attachments::All), ("none", Attachments::None)];
    let evidence = [
        ("failed", Evidence::Failed),
        ("all", Evidence::All),
        ("none", Evidence::None),
    ];
    Files {
        attachments: reader.choice("attachments", &attachments).unwrap_or_default(),
        attachment_bytes: reader.number("attachment-max-bytes", 64 << 20, ANY),
        attachments_bytes: reader.number("attachments-max-bytes", 256 << 20, ANY),
        attachments_count: reader.number("attachments-max-count", 100, 0..=2_000),
        evidence: reader.choice("evidence", &evidence).unwrap_or_default(),
        evidence_bytes: reader.number("evidence-max-bytes", 20_000_000, 1..=40_000_000),
    }
}
