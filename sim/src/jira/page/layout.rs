//! What all pages share.

/// Text as HTML.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

const STYLE: &str = "\
:root{color-scheme:light dark;--line:#d8dce3;--soft:#f4f5f7;--text:#1d2433;--quiet:#5c6575;--link:#0b5cd5}\
@media(prefers-color-scheme:dark){:root{--line:#3a4150;--soft:#252b36;--text:#e4e7ec;--quiet:#9aa4b5;--link:#7ab0ff}}\
*{box-sizing:border-box}body{font:16px/1.5 system-ui,sans-serif;color:var(--text);background:Canvas;margin:0}\
header{border-bottom:1px solid var(--line);padding:.6rem 1rem;color:var(--quiet)}\
main{max-width:70rem;margin:0 auto;padding:1rem}h1{font-size:1.6rem;line-height:1.25;margin:.2rem 0 1rem}\
h2{font-size:1.1rem;margin:2rem 0 .5rem}a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}\
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;\
padding:.45rem .6rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere}th{color:var(--quiet);font-weight:600}\
td.key{white-space:nowrap;overflow-wrap:normal}dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:0}\
dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}pre{background:var(--soft);padding:.7rem;overflow-x:auto;\
border-radius:4px}code{background:var(--soft);padding:0 .2em;border-radius:3px}pre code{padding:0}\
.tag,.status{display:inline-block;background:var(--soft);border:1px solid var(--line);border-radius:1rem;\
padding:0 .6rem;font-size:.85rem}.status{border-left:.7rem solid var(--c,#888);border-radius:4px}\
.quiet{color:var(--quiet)}nav.pages{margin:1rem 0}blockquote{border-left:3px solid var(--line);margin:.5rem 0;padding-left:1rem}\
td p,dd p{margin:.1rem 0}";

/// A whole page.
pub(super) fn document(base: &str, title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><header><a href=\"{}/\">All projects</a> · simulated Jira with Xray</header>\
         <main>{body}</main></body></html>",
        escape(base)
    )
}

/// A table with a heading row; cells are HTML already.
pub(super) fn table(headings: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut out = String::from("<div class=\"scroll\"><table><thead><tr>");
    for heading in headings {
        out.push_str(&format!("<th scope=\"col\">{}</th>", escape(heading)));
    }
    out.push_str("</tr></thead><tbody>");
    for row in rows {
        out.push_str("<tr>");
        for (position, cell) in row.iter().enumerate() {
            let class = if position == 0 { " class=\"key\"" } else { "" };
            out.push_str(&format!("<td{class}>{cell}</td>"));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    out
}

/// Links to the neighbouring windows of a long list.
pub(super) fn pager(start: usize, shown: usize, size: usize, total: usize) -> String {
    if total <= size && start == 0 {
        return String::new();
    }
    let mut out = format!(
        "<nav class=\"pages\" aria-label=\"Pages\">{}–{} of {total}",
        start + 1,
        start + shown
    );
    if start > 0 {
        out.push_str(&format!(
            " · <a href=\"?start={}\">previous</a>",
            start.saturating_sub(size)
        ));
    }
    if start + shown < total {
        out.push_str(&format!(" · <a href=\"?start={}\">next</a>", start + size));
    }
    out.push_str("</nav>");
    out
}
