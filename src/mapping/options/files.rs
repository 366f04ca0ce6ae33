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
    let attachments = [
        ("all", "All within the limits", Attachments::All),
        ("none", "None", Attachments::None),
    ];
    let evidence = [
        ("failed", "Of failed and broken results", Evidence::Failed),
        ("all", "Of all results", Evidence::All),
        ("none", "None", Evidence::None),
    ];
    reader.group("Files");
    Files {
        attachments: reader
            .option(
                "attachments",
                "Files of test cases",
                "Which files of a case are attached to its Test.",
            )
            .choice(&attachments)
            .unwrap_or_default(),
        attachment_bytes: reader
            .option(
                "attachment-max-bytes",
                "Largest file of a case",
                "In bytes; larger files are left out.",
            )
            .number(64 << 20, ANY),
        attachments_bytes: reader
            .option(
                "attachments-max-bytes",
                "All files of a case",
                "In bytes together; the rest is left out.",
            )
            .number(256 << 20, ANY),
        attachments_count: reader
            .option(
                "attachments-max-count",
                "Number of files of a case",
                "The rest is left out.",
            )
            .number(100, 0..=2_000),
        evidence: reader
            .option(
                "evidence",
                "Files of results",
                "Results whose files become evidence of their Test Run.",
            )
            .choice(&evidence)
            .unwrap_or_default(),
        evidence_bytes: reader
            .option(
                "evidence-max-bytes",
                "All evidence of a Test Run",
                "In bytes together; the rest is left out.",
            )
            .number(20_000_000, 1..=40_000_000),
    }
}
