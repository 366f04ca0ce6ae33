//! Which files are carried over, and under which names.

use super::content::Content;
use super::options::{Attachments, Files};
use crate::digest;
use crate::domain::{File, FileOwner, TestCase};
use crate::markup::address::{AttachmentOwner, AttachmentRef};
use crate::markup::tree::FilePlace;

/// Longest name, in bytes: file systems behind Data Center take 255, and it prefixes some of its own.
const NAME: usize = 120;
/// Names that Windows keeps for devices.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com1", "lpt1"];

/// Leaves a case with the files that are carried over, under the names that they get, and says why others are not.
pub fn choose(case: &mut TestCase, options: &Files) {
    let (mut bytes, mut chosen) = (0_u64, Vec::new());
    let mut taken = Vec::new();
    for file in std::mem::take(&mut case.files) {
        let why = if file.missed {
            Some("TestOps says that its content was removed".to_owned())
        } else if options.attachments == Attachments::None {
            Some("the option attachments is none".to_owned())
        } else if file.size == Some(0) {
            Some("it is empty, and Jira takes no empty file".to_owned())
        } else if file.size.is_some_and(|size| size > options.attachment_bytes) {
            Some(format!("it has more than {} bytes", options.attachment_bytes))
        } else if bytes.saturating_add(file.size.unwrap_or(0)) > options.attachments_bytes {
            Some(format!(
                "the files of the case have more than {} bytes",
                options.attachments_bytes
            ))
        } else if chosen.len() as u64 >= options.attachments_count {
            Some(format!("the case has more than {} files", options.attachments_count))
        } else {
            None
        };
        if let Some(why) = why {
            case.losses.push(left_out(&file.name, &why));
            continue;
        }
        bytes += file.size.unwrap_or(0);
        let name = own_name(&file, &mut taken);
        chosen.push(File { name, ..file });
    }
    case.files = chosen;
}

/// Adds the file with a full text, where there is one; `of` names whose it is, such as `test-case-7`.
pub fn with_full_text(files: &mut Vec<File>, content: &mut Content, of: &str, options: &Files) {
    let Some(text) = content.full_text.take() else { return };
    let name = format!("{of}-full-text.txt");
    if options.attachments == Attachments::None {
        let why = "the option attachments is none";
        content.losses.push(left_out(&name, why));
        return;
    }
    let digest = digest::short(text.as_bytes());
    files.push(File {
        owner: FileOwner::TestCase,
        // Another text is another file.
        id: u64::from_str_radix(digest.get(..12).unwrap_or_default(), 16).unwrap_or(0),
        name,
        content_type: "text/plain".to_owned(),
        size: Some(text.len() as u64),
        missed: false,
        called: false,
        text: Some(text),
    });
}

/// Gives files names of their own, the oldest first.
pub fn numbered(files: &mut [File]) {
    let mut taken = Vec::new();
    let mut named = 0;
    while let Some(file) = files
        .iter_mut()
        .filter(|file| file.id > named)
        .min_by_key(|file| file.id)
    {
        named = file.id;
        file.name = own_name(file, &mut taken);
    }
}

/// A file that does not arrive, for people.
pub fn left_out(name: &str, why: &str) -> String {
    format!("the file “{}” is left out: {why}", safe_name(name))
}

/// Where a file that a text refers to is found, with the files that are attached and the address of TestOps. A file of
/// another server stays a link to it, and so does one of TestOps that is not attached, such as that of another case.
pub fn place(files: &[File], wanted: &AttachmentRef, testops: &str) -> FilePlace {
    let url = wanted.url(testops);
    if !wanted.is_of(testops) {
        return FilePlace::Foreign(url);
    }
    attached_name(files, wanted).map_or(FilePlace::Elsewhere(url), FilePlace::Attached)
}

/// The name under which a file is attached, where it is.
fn attached_name(files: &[File], wanted: &AttachmentRef) -> Option<String> {
    let owner = match wanted.owner {
        AttachmentOwner::TestCase => FileOwner::TestCase,
        AttachmentOwner::SharedStep => FileOwner::SharedStep,
        AttachmentOwner::TestResult | AttachmentOwner::FixtureResult => FileOwner::TestResult,
    };
    let file = files.iter().find(|file| file.owner == owner && file.id == wanted.id)?;
    Some(file.name.clone())
}

/// A name that means one thing to every file system, form and browser, and reads like the one it had.
pub fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last
        .chars()
        .map(|c| if is_unsafe(c) { '_' } else { c })
        .collect::<String>()
        .trim_matches(|c: char| c.is_whitespace() || c == '.')
        .to_owned();
    let (stem, extension) = split(&clean);
    let stem = if stem.is_empty() || DEVICES.contains(&stem.to_ascii_lowercase().as_str()) {
        format!("file{}{stem}", if stem.is_empty() { "" } else { "_" })
    } else {
        stem.to_owned()
    };
    shortened(&stem, "", extension)
}

/// Control characters, and those that reverse the reading, hide, or mean something in a path, a form or wiki markup.
fn is_unsafe(c: char) -> bool {
    let hidden = matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    c.is_control() || hidden || r#"/\:*?"<>|!^[]{}"#.contains(c)
}

/// The file's safe name, with its id where an older one has it already, so that names stay what they are when files are
/// added. Some file systems compare names without case.
fn own_name(file: &File, taken: &mut Vec<String>) -> String {
    let name = safe_name(&file.name);
    let (stem, extension) = split(&name);
    let (mut candidate, mut number) = (name.clone(), file.id);
    while taken.iter().any(|name| name.eq_ignore_ascii_case(&candidate)) {
        candidate = shortened(stem, &format!(" ({number})"), extension);
        number += 1;
    }
    taken.push(candidate.clone());
    candidate
}

/// Stem and extension with its dot; a long “extension” is none.
fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(at) if at > 0 && name.len() - at <= 12 => name.split_at(at),
        _ => (name, ""),
    }
}

fn shortened(stem: &str, number: &str, extension: &str) -> String {
    let mut stem = stem;
    while stem.len() + number.len() + extension.len() > NAME {
        let Some((end, _)) = stem.char_indices().next_back() else {
            break;
        };
        stem = stem.get(..end).unwrap_or_default();
    }
    format!("{stem}{number}{extension}")
}

/// A media type that can stand in a form's header.
pub fn media_type(declared: &str) -> &str {
    let token = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    let essence = declared.split(';').next().unwrap_or_default().trim();
    match essence.split_once('/') {
        Some((kind, subtype)) if essence.len() <= 100 && token(kind) && token(subtype) => essence,
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::{choose, media_type, safe_name};
    use crate::domain::{File, FileOwner, TestCase};
    use crate::mapping::options;

    fn file(id: u64, name: &str, size: u64) -> File {
        File {
            owner: FileOwner::TestCase,
            id,
            name: name.to_owned(),
            content_type: String::new(),
            size: Some(size),
            missed: false,
            called: false,
            text: None,
        }
    }

    #[test]
    fn hostile_names_become_harmless_ones() {
        for (name, safe) in [
            ("a.png", "a.png"),
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\x.log", "x.log"),
            ("a\"; name=\"b\r\nX: y.txt", "a_; name=_b__X_ y.txt"),
            ("\u{202e}gnp.exe", "_gnp.exe"),
            (".htaccess", "htaccess"),
            ("con.txt", "file_con.txt"),
            ("", "file"),
            ("…", "…"),
            ("...", "file"),
            ("Журнал 日本.txt", "Журнал 日本.txt"),
            ("a|b!c^[d].txt", "a_b_c__d_.txt"),
        ] {
            assert_eq!(safe_name(name), safe, "{name:?}");
        }
        let long = safe_name(&format!("{}.png", "ж".repeat(300)));
        assert!(long.len() <= 120 && long.ends_with("ж.png"), "{long}");
    }

    #[test]
    fn what_is_left_out_is_named_and_equal_names_are_numbered() {
        let mut case = TestCase {
            files: vec![
                file(1, "a.png", 10),
                file(2, "A.png", 10),
                file(3, "big.bin", 101),
                File {
                    missed: true,
                    ..file(4, "gone.txt", 1)
                },
                file(5, "c.txt", 80),
                file(6, "d.txt", 80),
                file(7, "empty.txt", 0),
            ],
            ..TestCase::default()
        };
        let read = options::read([("attachment-max-bytes", "100"), ("attachments-max-bytes", "150")]);
        assert_eq!(read.problems, vec![]);
        choose(&mut case, &read.options.files);
        let names: Vec<&str> = case.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["a.png", "A (2).png", "c.txt"]);
        assert_eq!(case.losses.len(), 4, "{:?}", case.losses);
        assert!(case.losses[0].contains("big.bin") && case.losses[1].contains("removed"));
        assert_eq!(
            case.losses[3],
            "the file “empty.txt” is left out: it is empty, and Jira takes no empty file"
        );
    }

    #[test]
    fn only_a_plain_media_type_stands_in_a_form() {
        assert_eq!(media_type("image/svg+xml; charset=utf-8"), "image/svg+xml");
        for declared in ["", "text", "text/plain\r\nx: y", "a/b/c", "\"/x"] {
            assert_eq!(media_type(declared), "application/octet-stream", "{declared:?}");
        }
    }
}
