//! What differs between Jira Cloud and Jira Data Center, as values. Everything else in this module is the same for both.

/// A kind of Jira.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flavour {
    /// Root of the REST API.
    pub(super) api: &'static str,
    /// How a search is sent and goes on.
    pub(super) search: SearchStyle,
    /// Issues are read by id or key in one request from the database, a hundred at a time (`issue/bulkfetch`); otherwise a
    /// list of them is searched for, and each that must not be missed is read by itself.
    pub(super) bulk_fetch: bool,
    /// Key numbers of a project that are looked at without the search index in one go.
    pub(super) keys_per_look: u64,
    /// Query parameter of `user/search`.
    pub(super) user_search: &'static str,
    /// Query parameter of `user`: how an account is identified.
    pub(super) user: &'static str,
    /// `mypermissions` requires the permissions that are asked for; otherwise it returns all.
    pub(super) names_permissions: bool,
    /// Projects are listed in pages and by a query (`project/search`); otherwise in one list (`project`).
    pub(super) project_pages: bool,
    /// Rows per page of create-meta.
    pub(super) meta_page: usize,
}

/// How a search is sent and goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SearchStyle {
    /// `search/jql`, continued by the token of the last page.
    Token,
    /// `search`, continued by the number of issues so far.
    Offset,
}

impl Flavour {
    /// Jira Cloud, REST v3.
    pub const CLOUD: Flavour = Flavour {
        api: "/rest/api/3",
        search: SearchStyle::Token,
        bulk_fetch: true,
        keys_per_look: 5_000,
        user_search: "query",
        user: "accountId",
        names_permissions: true,
        project_pages: true,
        meta_page: 200,
    };

    /// Jira Data Center or Server, REST v2.
    pub const DATA_CENTER: Flavour = Flavour {
        api: "/rest/api/2",
        search: SearchStyle::Offset,
        bulk_fetch: false,
        keys_per_look: 1_000,
        user_search: "username",
        user: "username",
        names_permissions: false,
        project_pages: false,
        meta_page: 1_000,
    };
}
