//! A case's attributes as a part of the description, and as labels.

use super::label;
use super::options::{Attributes as Options, Place};
use crate::domain::{Attributes, IssueLink, Link};
use crate::markup::Tree;
use crate::markup::address::{Address, classify};
use crate::markup::tree::{Block, Cell, Inline, Item, List, Marks, Row, Span, Table};

/// Adds the section “Details”: a table of attributes, and what the case links to. Nothing where there is nothing to say.
pub fn append(tree: &mut Tree, of: &Attributes, options: &Options, losses: &mut Vec<String>) {
    let rows = rows(of, options);
    let links = links(of, options, losses);
    if rows.is_empty() && links.is_empty() {
        return;
    }
    tree.push_heading(3, "Details");
    if !rows.is_empty() {
        tree.blocks.push(Block::Table(Table { rows }));
    }
    if !links.is_empty() {
        tree.blocks.push(Block::List(List {
            start: None,
            items: links,
        }));
    }
}

fn rows(of: &Attributes, options: &Options) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut add = |name: &str, value: &str| {
        let strong = Span {
            marks: Marks::STRONG,
            ..Span::plain(name)
        };
        let cells = [strong, Span::plain(value)].map(|span| Cell::new(vec![Inline::Span(span)]));
        rows.push(Row { cells: cells.into() });
    };
    for (name, value, place) in [
        ("Layer", &of.layer, options.layer),
        ("Status", &of.status, options.status),
    ] {
        if let (Some(value), Place::Description) = (value, place) {
            add(name, value);
        }
    }
    if options.members == Place::Description {
        for members in of.members.chunk_by(|a, b| a.role == b.role) {
            let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
            let role = members.first().map(|member| member.role.as_str()).unwrap_or_default();
            add(if role.is_empty() { "Member" } else { role }, &names.join(", "));
        }
    }
    if options.fields == Place::Description {
        for field in &of.fields {
            add(&field.name, &field.values.join(", "));
        }
    }
    rows
}

fn links(of: &Attributes, options: &Options, losses: &mut Vec<String>) -> Vec<Item> {
    if options.links != Place::Description {
        return Vec::new();
    }
    list(&of.issues, &of.links, losses)
}

/// What something links to, an item each.
pub fn list(issues: &[IssueLink], links: &[Link], losses: &mut Vec<String>) -> Vec<Item> {
    let issues = issues.iter().map(|issue| (issue.key.as_str(), issue.url.as_deref()));
    let links = links.iter().map(|link| (link.name.as_str(), Some(link.url.as_str())));
    issues
        .chain(links)
        .map(|(name, url)| {
            let link = match url.map(classify) {
                Some(Address::Web(url) | Address::Mail(url)) => Some(url),
                Some(Address::Attachment(file)) if file.origin.is_some() => Some(file.url("")),
                None => None,
                Some(_) => {
                    losses.push(format!("the link “{name}” leads to no web address and stays text"));
                    None
                }
            };
            let text = if name.is_empty() { url.unwrap_or_default() } else { name };
            let span = Span {
                link,
                ..Span::plain(text)
            };
            Item {
                done: None,
                blocks: vec![Block::Paragraph(vec![Inline::Span(span)])],
            }
        })
        .collect()
}

/// Attributes that are to be labels, as `name:value`.
pub fn labels(of: &Attributes, options: &Options) -> Vec<String> {
    let mut labels = Vec::new();
    if let (Some(layer), Place::Label) = (&of.layer, options.layer) {
        labels.extend(label::from_tag(&format!("layer:{layer}")));
    }
    if options.fields == Place::Label {
        for field in &of.fields {
            let each = field.values.iter().map(|value| format!("{}:{value}", field.name));
            labels.extend(each.filter_map(|text| label::from_tag(&text)));
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::{append, labels};
    use crate::domain::{Attributes, CustomField, IssueLink, Link, Member};
    use crate::mapping::options::{self, Attributes as Options};
    use crate::markup::{Tree, plain};

    fn attributes() -> Attributes {
        let member = |role: &str, name: &str| Member {
            role: role.to_owned(),
            name: name.to_owned(),
        };
        Attributes {
            layer: Some("API tests".to_owned()),
            status: Some("Draft".to_owned()),
            members: vec![member("Owner", "ann"), member("Owner", "bob"), member("Tester", "eve")],
            fields: vec![CustomField {
                name: "Epic".to_owned(),
                values: vec!["Cart".to_owned(), "Shop".to_owned()],
            }],
            links: vec![Link {
                name: "Bad".to_owned(),
                url: "javascript:alert(1)".to_owned(),
            }],
            issues: vec![IssueLink {
                key: "CALC-1".to_owned(),
                url: Some("https://jira.example/browse/CALC-1".to_owned()),
            }],
            ..Attributes::default()
        }
    }

    fn written(of: &Attributes, options: &Options) -> (String, Vec<String>) {
        let (mut tree, mut losses) = (Tree::default(), Vec::new());
        append(&mut tree, of, options, &mut losses);
        (plain::write(&tree), losses)
    }

    #[test]
    fn attributes_become_a_table_and_links_a_list_without_live_scripts() {
        let (text, losses) = written(&attributes(), &Options::default());
        for line in [
            "Details",
            "Layer | API tests",
            "Status | Draft",
            "Owner | ann, bob",
            "Tester | eve",
            "Epic | Cart, Shop",
            "- CALC-1 (https://jira.example/browse/CALC-1)",
            "- Bad",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
        assert!(losses.len() == 1 && losses[0].contains("Bad"), "{losses:?}");
    }

    #[test]
    fn what_is_left_out_or_a_label_is_not_in_the_description() {
        let names = ["case-status", "members", "links"].map(|name| (name, "none"));
        let given = names
            .into_iter()
            .chain([("layer", "label"), ("custom-fields", "label")]);
        let options = options::read(given).options.attributes;
        assert_eq!(written(&attributes(), &options).0, "");
        assert_eq!(
            labels(&attributes(), &options),
            ["layer:API_tests", "Epic:Cart", "Epic:Shop"]
        );
        assert_eq!(written(&Attributes::default(), &Options::default()).0, "");
    }
}
