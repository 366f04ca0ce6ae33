//! The words of generated projects.

pub(super) const FEATURES: &[&str] = &[
    "Cart", "Checkout", "Search", "Account", "Delivery", "Wishlist", "Reviews", "Payment",
];
pub(super) const SUITES: &[&str] = &["Smoke", "Regression", "Acceptance", "Localisation"];
pub(super) const PRIORITIES: &[&str] = &["Low", "Medium", "High", "Blocker"];
pub(super) const LAYERS: &[&str] = &["API Tests", "UI Tests", "Unit Tests"];
pub(super) const PEOPLE: &[&str] = &["ann", "bob", "chen", "dora", "émile"];
pub(super) const TAGS: &[&str] = &[
    "smoke",
    "web",
    "mobile",
    "needs review",
    "a11y",
    "slow",
    "качество",
    "v2.1",
];
pub(super) const SHARED: &[&str] = &[
    "Sign in",
    "Sign out",
    "Fill the cart",
    "Choose a delivery address",
    "Reset the shop",
];
pub(super) const STEPS: &[&str] = &[
    "Press the button",
    "Open the menu",
    "Type the text \"ÄÖ & <b>\"",
    "Choose the entry",
    "Scroll",
];
pub(super) const ACTIONS: &[&str] = &[
    "add an item",
    "remove an item",
    "change the quantity",
    "apply a voucher",
    "pay by card",
    "sort by price",
    "filter by colour",
    "share with a friend",
];

pub(super) const TRACE: &str = "java.lang.AssertionError: Expected <200> but was <500>\n\
    \tat shop.web.Page.check(Page.java:42)\n\
    \tat shop.web.PageTest.run(PageTest.java:17)";

/// A Markdown text with the constructs that people use: emphasis, lists, a table, code, a link.
pub(super) fn description(feature: &str, action: &str, at: usize) -> String {
    format!(
        "Checks that a customer can **{action}** in _{feature}_.\n\n\
         1. first with `item-{at}`\n2. then with a long name\n   - and with [an umlaut](https://example.com/?q=%C3%A4)\n\n\
         | field | value |\n|---|---|\n| item | {at} |\n| note | a \\| b |\n\n\
         ```json\n{{\"item\": {at}}}\n```\n"
    )
}
