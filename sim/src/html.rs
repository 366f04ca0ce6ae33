//! Pages for people: what those of Jira and of TestOps share.

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
td p,dd p{margin:.1rem 0}\
form label{display:block;color:var(--quiet);margin:.6rem 0 .1rem}input[type=text],textarea{width:100%;font:inherit;\
color:inherit;background:Canvas;border:1px solid var(--line);border-radius:4px;padding:.35rem .5rem}\
button{font:inherit;margin:.8rem 0;padding:.35rem .9rem;border:1px solid var(--line);border-radius:4px;\
background:var(--soft);color:inherit;cursor:pointer}\
@media(max-width:40rem){.rows>thead{display:none}.rows,.rows>tbody{display:block}.rows>tbody>tr{display:block;\
border-bottom:1px solid var(--line);padding:.5rem 0}.rows>tbody>tr>td{display:grid;grid-template-columns:7rem 1fr;\
gap:.5rem;border:0;padding:.15rem 0}.rows>tbody>tr>td::before{content:attr(data-label);color:var(--quiet)}\
.rows>tbody>tr>td>*{min-width:0;grid-column:2}.rows>tbody>tr>td:empty{display:none}.rows td.key{white-space:normal}}";

/// A whole page; its header leads `home`, to the list of all projects of what `product` names.
pub(crate) fn document(home: &str, product: &str, title: &str, body: &str) -> String {
    let (title, product) = (escape(title), escape(product));
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><header><a href=\"{}/\">All projects</a> · simulated {product}</header>\
         <main>{body}</main></body></html>",
        escape(home)
    )
}

/// A table with a heading row; cells are HTML already. On a narrow screen each row becomes a list of its cells, each
/// beside its heading.
pub(crate) fn table(headings: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut out = String::from("<div class=\"scroll\"><table class=\"rows\"><thead><tr>");
    for heading in headings {
        out.push_str(&format!("<th scope=\"col\">{}</th>", escape(heading)));
    }
    out.push_str("</tr></thead><tbody>");
    for row in rows {
        out.push_str("<tr>");
        for (position, cell) in row.iter().enumerate() {
            let class = if position == 0 { " class=\"key\"" } else { "" };
            let label = escape(headings.get(position).copied().unwrap_or_default());
            out.push_str(&format!("<td{class} data-label=\"{label}\">{}</td>", narrow(cell)));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    out
}

/// A cell as one element, so that its parts stay together beside the heading.
fn narrow(cell: &str) -> String {
    match cell {
        "" => String::new(),
        cell => format!("<div>{cell}</div>"),
    }
}

/// Links to the neighbouring windows of a long list.
pub(crate) fn pager(start: usize, shown: usize, size: usize, total: usize) -> String {
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
