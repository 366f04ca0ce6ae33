//! What readers make of addresses and references, and how the exporter works with the tree.

use tms_sync_xray::markup::address::{Address, AttachmentOwner, classify};
use tms_sync_xray::markup::tree::FilePlace;
use tms_sync_xray::markup::{Document, Tree, adf, plain, shorten, wiki};

fn shown_in_wiki(tree: &Tree) -> String {
    wiki::write(tree, shorten::DESCRIPTION).0
}

#[test]
fn only_http_https_and_mailto_live() {
    for good in [
        "http://a",
        "https://a.example/b?c#d",
        "HTTPS://A.EXAMPLE",
        "https://пример.рф/я",
        "mailto:a@b.example",
    ] {
        assert!(matches!(classify(good), Address::Web(_) | Address::Mail(_)), "{good}");
    }
    let bad = [
        "javascript:x",
        "java\tscript:x",
        "\u{1}javascript:x",
        "data:x",
        "file:///x",
        "vbscript:x",
        "http:x",
        "http://",
        "https:///x",
        "https://[::1]/",
        "ftp://a",
        "mailto:nobody",
        "blob:https://a",
        "x y:z",
    ];
    for bad in bad {
        assert_eq!(classify(bad), Address::Refused, "{bad}");
    }
    for relative in ["/a", "a/b:c", "#a", "?a", "", "../a"] {
        assert_eq!(classify(relative), Address::Relative, "{relative}");
    }
}

#[test]
fn an_address_holds_nothing_that_ends_a_link() {
    let Address::Web(url) = classify("https://a.example/]|[{x}!y! \\\"\u{202E}\n%zz%41") else {
        panic!()
    };
    assert_eq!(
        url,
        "https://a.example/%5D%7C%5B%7Bx%7D%21y%21%20%5C%22%E2%80%AE%0A%25zz%41"
    );
}

#[test]
fn files_of_testops_are_recognised_by_path() {
    let ours = [
        ("/api/rs/testcase/attachment/7/content", None, AttachmentOwner::TestCase),
        (
            "/api/testcase/attachment/7/content?inline=false",
            None,
            AttachmentOwner::TestCase,
        ),
        ("api/rs/testcase/attachment/7/content", None, AttachmentOwner::TestCase),
        (
            "https://t.example/api/sharedstep/attachment/7/content",
            Some("https://t.example"),
            AttachmentOwner::SharedStep,
        ),
        (
            "http://t.example/allure/api/rs/testresult/attachment/7/content",
            Some("http://t.example"),
            AttachmentOwner::TestResult,
        ),
        (
            "/api/testfixtureresult/attachment/7/content#x",
            None,
            AttachmentOwner::FixtureResult,
        ),
    ];
    for (address, origin, owner) in ours {
        let Address::Attachment(file) = classify(address) else {
            panic!("{address}")
        };
        assert_eq!(
            (file.origin.as_deref(), file.owner, file.id),
            (origin, owner, 7),
            "{address}"
        );
    }
    for other in [
        "/api/rs/testcase/attachment/x/content",
        "/api/rs/testcase/attachment/7",
        "/api/rs/launch/attachment/7/content",
        "/api/rs/testcase/attachment/7/content/more",
        "/api/rs/testcase/attachment/99999999999999999999999/content",
    ] {
        assert_eq!(classify(other), Address::Relative, "{other}");
    }
}

#[test]
fn files_become_live_once_they_are_uploaded() {
    let text = "![shot](/api/rs/testcase/attachment/7/content) and [log](/api/rs/testcase/attachment/8/content)";
    let mut tree = Document::from_markdown(text).tree;
    assert_eq!(
        tree.attachments().iter().map(|file| file.id).collect::<Vec<_>>(),
        [7, 8]
    );
    assert_eq!(shown_in_wiki(&tree), "shot and log");
    tree.resolve_attachments(|file| FilePlace::Attached(format!("file {}.png", file.id)));
    assert_eq!(shown_in_wiki(&tree), "!file 7.png|thumbnail! and [^file 8.png]");
    let (body, losses) = adf::write(&tree, shorten::DESCRIPTION);
    assert_eq!(body["content"][0]["content"][0]["text"], "shot (file 7.png)");
    assert!(losses.is_empty());
}

#[test]
fn an_uploaded_name_that_is_markup_stays_text() {
    let mut tree = Document::from_markdown("![x](/api/rs/testcase/attachment/7/content)").tree;
    tree.resolve_attachments(|_| FilePlace::Attached("a!b|c].png".to_owned()));
    assert_eq!(shown_in_wiki(&tree), r"x \(a\!b\|c\].png)".replace(r"\(", "("));
}

#[test]
fn a_step_falls_back_to_its_plain_body() {
    let step = Document::from_step("Open *the* page\nthen http://a.example.", None);
    assert_eq!(
        shown_in_wiki(&step.tree),
        "Open \\*the\\* page\nthen [http://a.example]."
    );
    assert_eq!(plain::write(&step.tree), "Open *the* page\nthen http://a.example.");
}

#[test]
fn texts_can_be_put_together() {
    let mut tree = Document::from_markdown("one").tree;
    tree.push_heading(3, "Expected {result}");
    tree.append(Document::from_markdown("- two").tree);
    assert_eq!(shown_in_wiki(&tree), "one\n\nh3. Expected \\{result\\}\n\n* two");
}

#[test]
fn losses_speak() {
    let losses = Document::from_markdown("[a](/x) [b](/y) <odd>").losses;
    let words: Vec<String> = losses.iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        [
            "a link without a host was left as text (2 times, first: \"/x\")",
            "an HTML tag was left as text (\"<odd>\")",
        ]
    );
}
