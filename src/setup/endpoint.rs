//! Addresses of the servers: are they addresses, of servers and not of pages, and of the right product.

use super::url::Url;
use super::{CLOUD, DC, Finding, Settings};
use crate::domain::BaseUrl;

/// Paths of pages and resources below a server's address, by their first segment.
const JIRA_PAGES: &[&str] = &[
    "browse",
    "secure",
    "rest",
    "projects",
    "issues",
    "plugins",
    "servicedesk",
    "login",
    "wiki",
    "si",
];
const TESTOPS_PAGES: &[&str] = &[
    "project",
    "launch",
    "api",
    "login",
    "dashboard",
    "testcase",
    "admin",
    "user",
];

/// Gateway for scoped API tokens (developer.atlassian.com, "Basic auth for REST APIs").
const GATEWAY: &str = "api.atlassian.com";
const XRAY: &str = "getxray.app";

/// The addresses of TestOps and of Jira, where both are addresses, and what is to be said about all endpoints.
pub(super) fn read(settings: &Settings) -> (Option<(BaseUrl, BaseUrl)>, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut urls: Vec<(&str, Url<'_>)> = Vec::new();
    for (field, judge) in [
        ("testops-endpoint", testops as fn(&str, &Url<'_>, &str) -> Vec<Finding>),
        ("endpoint", jira),
        ("xray-endpoint", xray),
    ] {
        let applies = field != "xray-endpoint" || settings.kind == CLOUD;
        let Some(text) = settings.value(field).filter(|_| applies) else {
            continue;
        };
        match Url::parse(field, text) {
            Ok(url) => {
                findings.extend(judge(field, &url, &settings.kind));
                findings.extend(same(field, &url, &urls));
                urls.push((field, url));
            }
            Err(finding) => findings.push(finding),
        }
    }
    let found = |name: &str| {
        let url = urls.iter().find(|(field, _)| *field == name);
        url.map(|(_, url)| BaseUrl::new(url.text))
    };
    (found("testops-endpoint").zip(found("endpoint")), findings)
}

fn same(field: &str, url: &Url<'_>, others: &[(&str, Url<'_>)]) -> Option<Finding> {
    let (other, _) = others.iter().find(|(_, other)| other.is_same(url))?;
    let message = format!("The address is the same as that of {other}.");
    Some(Finding::warning(field, message).hint("Each product has an address of its own."))
}

fn testops(field: &str, url: &Url<'_>, _kind: &str) -> Vec<Finding> {
    let mut findings = page(field, url, TESTOPS_PAGES, "TestOps");
    if is_jira_cloud(url) {
        findings.push(Finding::error(
            field,
            "This is the address of a Jira site, not of Allure TestOps.",
        ));
    }
    findings.extend(plain(field, url, false));
    findings
}

fn jira(field: &str, url: &Url<'_>, kind: &str) -> Vec<Finding> {
    let mut findings = match kind {
        CLOUD if url.host.eq_ignore_ascii_case(GATEWAY) => gateway(field, url).into_iter().collect(),
        CLOUD if is_jira_cloud(url) => whole(field, url, "Jira Cloud").into_iter().collect(),
        _ => page(field, url, JIRA_PAGES, "Jira"),
    };
    if kind == DC && is_jira_cloud(url) {
        findings.push(
            Finding::error(
                field,
                format!(
                    "{} is a Jira Cloud site; this integration is for Jira Data Center.",
                    url.host
                ),
            )
            .hint(format!("Use the integration type {CLOUD}.")),
        );
    }
    if url.is_below(XRAY) {
        findings.push(
            Finding::error(field, "This is the address of Xray Cloud, not of a Jira site.")
                .hint("A Jira site looks like https://example.atlassian.net."),
        );
    } else if kind == CLOUD && !is_jira_cloud(url) && !url.is_loopback() {
        findings.push(
            Finding::warning(field, format!("{} does not look like a Jira Cloud site.", url.host))
                .hint(format!("If it is Jira Data Center, use the integration type {DC}.")),
        );
    }
    findings.extend(plain(field, url, is_jira_cloud(url)));
    findings
}

fn xray(field: &str, url: &Url<'_>, _kind: &str) -> Vec<Finding> {
    let hosts = "https://xray.cloud.getxray.app, or the same with us., eu. or au. before it";
    let is_vendor = url.is_below(XRAY);
    let mut findings = if is_vendor {
        whole(field, url, "Xray Cloud").into_iter().collect()
    } else {
        page(field, url, &["api"], "Xray Cloud")
    };
    if is_jira_cloud(url) {
        findings.push(
            Finding::error(
                field,
                "This is the address of a Jira site; Xray Cloud has one of its own.",
            )
            .hint(format!("Leave it empty, or write {hosts}.")),
        );
    } else if url.is_below("xpand-it.com") {
        findings.push(
            Finding::error(field, "Xray Cloud no longer answers at this address.").hint(format!("Write {hosts}.")),
        );
    } else if !is_vendor && !url.is_loopback() {
        findings.push(
            Finding::warning(field, format!("{} is not an address of Xray Cloud.", url.host))
                .hint(format!("The vendor's are {hosts}.")),
        );
    }
    findings.extend(plain(field, url, is_vendor));
    findings
}

fn is_jira_cloud(url: &Url<'_>) -> bool {
    url.is_below("atlassian.net") || url.is_below("jira.com") || url.host.eq_ignore_ascii_case(GATEWAY)
}

/// The address of a page or of a resource instead of the server's.
fn page(field: &str, url: &Url<'_>, pages: &[&str], product: &str) -> Vec<Finding> {
    let is_page = |segment: &str| {
        let segment = segment.to_ascii_lowercase();
        pages.contains(&segment.as_str()) || segment.ends_with(".jsp") || segment.ends_with(".jspa")
    };
    let found = url.segments().find(|(_, segment)| is_page(segment));
    found
        .map(|(at, _)| too_long(field, url, at, product))
        .into_iter()
        .collect()
}

/// Any path where the product has none.
fn whole(field: &str, url: &Url<'_>, product: &str) -> Option<Finding> {
    url.segments().next().map(|(at, _)| too_long(field, url, at, product))
}

fn too_long(field: &str, url: &Url<'_>, at: usize, product: &str) -> Finding {
    Finding::error(
        field,
        format!("This is the address of something in {product}, not of {product} itself."),
    )
    .hint(format!("Write {}", url.up_to(at)))
    .at(url.text, at)
}

fn gateway(field: &str, url: &Url<'_>) -> Option<Finding> {
    let segments: Vec<_> = url.segments().collect();
    match segments.as_slice() {
        [(_, "ex"), (_, "jira"), _] => None,
        [(_, "ex"), (_, "jira"), _, (at, _), ..] => Some(too_long(field, url, *at, "Jira Cloud")),
        _ => Some(
            Finding::error(field, "The gateway's address does not name the site.")
                .hint("Write https://api.atlassian.com/ex/jira/ and the site's cloud id.")
                .at(url.text, url.path_at),
        ),
    }
}

/// No encryption. The clouds do not even answer.
fn plain(field: &str, url: &Url<'_>, https_only: bool) -> Option<Finding> {
    if url.secure || url.is_loopback() {
        return None;
    }
    let secured = url.text.split_once("://").map_or("", |(_, rest)| rest);
    let finding = if https_only {
        Finding::error(field, format!("{} answers by https only.", url.host))
    } else {
        Finding::warning(
            field,
            "Without https, credentials and test data can be read on the way.",
        )
    };
    Some(finding.hint(format!("Write https://{secured}")).at(url.text, 0))
}
