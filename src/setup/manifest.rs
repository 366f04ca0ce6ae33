//! The two integration kinds: form fields, and the servers with what may be requested from them.

mod fields;

use super::{
    AuthRecipe, Base, BasicAuth, Connection, Gateway, IdentitySign, IntegrationKind, Method, PluginInfo, RateWindow,
    Route, TokenEncoding, TokenExchange, TokenParameter, TokenValue, terms,
};
use crate::error::Side;
use crate::mapping::options::XRAY_PLAN;

/// Id of the kind "Xray Test Management for Jira" (Jira Data Center and Server).
pub const DC: &str = "xray-dc";
/// Id of the kind "Xray Test Management for Jira Cloud".
pub const CLOUD: &str = "xray-cloud";

/// The plugin and its permission manifest.
pub fn describe() -> PluginInfo {
    PluginInfo {
        name: "tms-sync-xray",
        version: env!("CARGO_PKG_VERSION"),
        sides: terms::SIDES,
        entities: terms::ENTITIES,
        phases: terms::PHASES,
        kinds: KINDS,
    }
}

/// The kind with this id.
pub fn kind(id: &str) -> Option<&'static IntegrationKind> {
    KINDS.iter().find(|kind| kind.id == id)
}

/// Every kind of integration.
pub const KINDS: &[IntegrationKind] = &[
    IntegrationKind {
        id: DC,
        title: "Xray Test Management for Jira",
        fields: fields::DC,
        connections: &[TESTOPS, JIRA_DC],
    },
    IntegrationKind {
        id: CLOUD,
        title: "Xray Test Management for Jira Cloud",
        fields: fields::CLOUD,
        connections: &[TESTOPS, JIRA_CLOUD, SIGN_IN, XRAY_CLOUD],
    },
];

const TESTOPS: Connection = Connection {
    name: "testops",
    title: "Allure TestOps",
    sides: &[Side::TestOps],
    base: Base::of_field("testops-endpoint"),
    routes: &[
        reads("/api"),
        // The Test's key of a case, where the mapping asks for it; nothing else is written to TestOps.
        writes_test_keys("/api/rs/testcase/*/testkey"),
        writes_test_keys("/api/testcase/*/testkey"),
    ],
    open_paths: &[],
    auth: &[AuthRecipe::Exchange(TokenExchange {
        connection: None,
        path: "/api/uaa/oauth/token",
        encoding: TokenEncoding::Form,
        parameters: &[
            literal("grant_type", "apitoken"),
            literal("scope", "openid"),
            TokenParameter {
                name: "token",
                value: TokenValue::Secret("testops-token"),
            },
        ],
        token_pointer: "/access_token",
        lifetime_pointer: Some("/expires_in"),
        // The product's own default (ALLURE_JWT_ACCESS_TOKEN_VALIDITY_SECONDS).
        lifetime_seconds: 3600,
    })],
    identity: &[],
    rate_windows: &[],
    gateway: None,
};

const JIRA_CLOUD: Connection = Connection {
    name: "jira",
    title: "Jira Cloud",
    sides: &[Side::Jira],
    base: Base::of_field("endpoint"),
    routes: &[
        reads("/rest/api/3"),
        // A Data Center that was taken for a Cloud answers this alone.
        reads("/rest/api/2/serverInfo"),
        Route {
            // Delete is for undo, and for what a probe made.
            methods: &[Method::Post, Method::Put, Method::Delete],
            prefix: "/rest/api/3/issue",
        },
        Route {
            methods: &[Method::Post],
            prefix: "/rest/api/3/issueLink",
        },
        Route {
            methods: &[Method::Post],
            prefix: "/rest/api/3/search",
        },
    ],
    // Which product answers is known before a credential goes there.
    open_paths: &["/rest/api/3/serverInfo", "/rest/api/2/serverInfo"],
    auth: &[
        AuthRecipe::Basic(BasicAuth {
            username: "username",
            secret: "api-token",
            locks: false,
        }),
        // Some sites take the API token of a service account as Bearer alone.
        AuthRecipe::Bearer("api-token"),
        // support.atlassian.com, "Create OAuth 2.0 credential for service accounts".
        AuthRecipe::Exchange(TokenExchange {
            connection: Some("sign-in"),
            path: "/oauth/token",
            encoding: TokenEncoding::Json,
            parameters: &[
                literal("grant_type", "client_credentials"),
                TokenParameter {
                    name: "client_id",
                    value: TokenValue::Field("oauth-client-id"),
                },
                TokenParameter {
                    name: "client_secret",
                    value: TokenValue::Secret("oauth-client-secret"),
                },
            ],
            token_pointer: "/access_token",
            lifetime_pointer: Some("/expires_in"),
            lifetime_seconds: 3600,
        }),
    ],
    // A wrong or expired token is no 401 where anonymous users may ask: these headers show it
    // (developer.atlassian.com, "Jira Cloud platform REST API", special headers).
    identity: &[
        anonymous("x-seraph-loginreason", "AUTHENTICATED_FAILED"),
        account("x-aaccountid"),
    ],
    // Limits by cost, which the vendor does not give in requests.
    rate_windows: &[],
    // Scoped API tokens and those of service accounts work here alone (developer.atlassian.com, "Manage API tokens").
    gateway: Some(Gateway {
        discovery_path: "/_edge/tenant_info",
        pointer: "/cloudId",
        base_template: "https://api.atlassian.com/ex/jira/{}",
    }),
};

/// Atlassian's authorization server, for the OAuth 2.0 credential of a service account.
const SIGN_IN: Connection = Connection {
    name: "sign-in",
    title: "Atlassian sign-in",
    sides: &[Side::Jira],
    base: Base {
        field: "sign-in-endpoint",
        default: Some(fields::SIGN_IN_BASE),
        alternatives: &[],
    },
    routes: &[],
    open_paths: &[],
    auth: &[],
    identity: &[],
    rate_windows: &[],
    gateway: None,
};

const XRAY_CLOUD: Connection = Connection {
    name: "xray",
    title: "Xray Cloud",
    sides: &[Side::Xray],
    base: Base {
        field: "xray-endpoint",
        default: Some(fields::XRAY_CLOUD_BASE),
        // Data residency regions (docs.getxray.app, "REST API").
        alternatives: &[
            "https://us.xray.cloud.getxray.app",
            "https://eu.xray.cloud.getxray.app",
            "https://au.xray.cloud.getxray.app",
        ],
    },
    routes: &[
        Route {
            methods: &[Method::Post],
            prefix: "/api/v2/graphql",
        },
        Route {
            methods: &[Method::Get, Method::Post],
            prefix: "/api/v2/import",
        },
    ],
    open_paths: &[],
    auth: &[AuthRecipe::Exchange(TokenExchange {
        connection: None,
        path: "/api/v2/authenticate",
        encoding: TokenEncoding::Json,
        parameters: &[
            TokenParameter {
                name: "client_id",
                value: TokenValue::Secret("xray-client-id"),
            },
            TokenParameter {
                name: "client_secret",
                value: TokenValue::Secret("xray-client-secret"),
            },
        ],
        token_pointer: "",
        lifetime_pointer: None,
        lifetime_seconds: 24 * 3600,
    })],
    identity: &[],
    // docs.getxray.app, "REST API": per licence, whoever asks.
    rate_windows: &[
        RateWindow {
            requests: 300,
            seconds: 300,
            reserve_percent: 10,
            when: None,
        },
        RateWindow {
            requests: 1_000,
            seconds: 300,
            reserve_percent: 10,
            when: Some((XRAY_PLAN, "enterprise")),
        },
    ],
    gateway: None,
};

const JIRA_DC: Connection = Connection {
    name: "jira",
    title: "Jira Data Center with Xray",
    sides: &[Side::Jira, Side::Xray],
    base: Base::of_field("endpoint"),
    routes: &[
        reads("/rest/api/2"),
        Route {
            // Delete is for undo, and for what a probe made.
            methods: &[Method::Post, Method::Put, Method::Delete],
            prefix: "/rest/api/2/issue",
        },
        Route {
            methods: &[Method::Post],
            prefix: "/rest/api/2/issueLink",
        },
        Route {
            methods: &[Method::Post],
            prefix: "/rest/api/2/search",
        },
        reads("/rest/raven/2.0"),
        Route {
            methods: &[Method::Post],
            prefix: "/rest/raven/2.0/import",
        },
        Route {
            // Folders are made, and Tests are put into them.
            methods: &[Method::Post, Method::Put],
            prefix: "/rest/raven/2.0/api/testrepository",
        },
        Route {
            // Test Executions are put into a Test Plan.
            methods: &[Method::Post],
            prefix: "/rest/raven/2.0/api/testplan",
        },
        Route {
            // Steps of a version that is not the default one.
            methods: &[Method::Post, Method::Put, Method::Delete],
            prefix: "/rest/raven/2.0/api/test/*/steps",
        },
        Route {
            // Tests are added to Test Sets.
            methods: &[Method::Post],
            prefix: "/rest/raven/2.0/api/testset",
        },
    ],
    open_paths: &["/rest/api/2/serverInfo"],
    auth: &[
        AuthRecipe::Basic(BasicAuth {
            username: "username",
            secret: "password",
            locks: true,
        }),
        AuthRecipe::Bearer("token"),
    ],
    // AUTHENTICATION_DENIED is the CAPTCHA lock after several wrong passwords
    // (developer.atlassian.com, "Basic authentication" for Jira Server).
    identity: &[
        anonymous("x-seraph-loginreason", "AUTHENTICATED_FAILED"),
        anonymous("x-seraph-loginreason", "AUTHENTICATION_DENIED"),
        anonymous("x-ausername", "anonymous"),
        account("x-ausername"),
    ],
    rate_windows: &[],
    gateway: None,
};

const fn reads(prefix: &'static str) -> Route {
    Route {
        methods: &[Method::Get],
        prefix,
    }
}

const fn writes_test_keys(prefix: &'static str) -> Route {
    Route {
        methods: &[Method::Post],
        prefix,
    }
}

const fn literal(name: &'static str, value: &'static str) -> TokenParameter {
    TokenParameter {
        name,
        value: TokenValue::Literal(value),
    }
}

const fn anonymous(header: &'static str, value: &'static str) -> IdentitySign {
    IdentitySign {
        header,
        value: Some(value),
        authenticated: false,
    }
}

const fn account(header: &'static str) -> IdentitySign {
    IdentitySign {
        header,
        value: None,
        authenticated: true,
    }
}

#[cfg(test)]
mod tests;
