use crate::error::Side;
use crate::mapping::options::{MappingOption, ValueType};
use crate::text::{self, Position, Severity};

/// A field of the form that an administrator or a project fills in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormField {
    /// Name in the settings.
    pub name: &'static str,
    /// What the form shows.
    pub label: &'static str,
    /// One or two sentences: what to fill in and where to find it.
    pub help: &'static str,
    /// What a value is.
    pub value_type: ValueType,
    /// Must be filled in; for a field of a tab: if the tab is the chosen one.
    pub required: bool,
    /// Kept by the host; the plugin never sees the value.
    pub secret: bool,
    /// Tab of the credentials form. Fields of different tabs exclude each other; absent: always shown.
    pub tab: Option<&'static str>,
    /// Value where the field is left empty.
    pub default: Option<&'static str>,
}

/// HTTP method of a [`Route`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// HEAD
    Head,
    /// POST
    Post,
    /// PUT
    Put,
    /// DELETE
    Delete,
}

/// A part of a token request's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenParameter {
    /// Name of the form field or JSON member.
    pub name: &'static str,
    /// Where its value comes from.
    pub value: TokenValue,
}

/// Where the value of a [`TokenParameter`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenValue {
    /// This text.
    Literal(&'static str),
    /// Value of the secret field with this name.
    Secret(&'static str),
    /// Value of the plain field with this name.
    Field(&'static str),
}

/// A word of the plugin in its contract with hosts, and what people read instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// Stable name: hosts store it.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// For people, of several.
    pub plural: &'static str,
}

/// How many requests a server takes within a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateWindow {
    /// Requests within the window.
    pub requests: u32,
    /// Length of the window.
    pub seconds: u32,
    /// Share that is left to others, in percent.
    pub reserve_percent: u8,
    /// Holds instead of windows without a condition, where this mapping option has this value.
    pub when: Option<(&'static str, &'static str)>,
}

/// Another base URL of the same server, for credentials that the base URL refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gateway {
    /// Path below the base URL that is read without a credential.
    pub discovery_path: &'static str,
    /// JSON pointer to what names the site.
    pub pointer: &'static str,
    /// The other base URL, with `{}` where that name stands.
    pub base_template: &'static str,
}

/// Body of a token request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenEncoding {
    /// `application/x-www-form-urlencoded`
    Form,
    /// `application/json`, one object
    Json,
}

/// How the host trades secrets for a bearer token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenExchange {
    /// The connection that answers, where it is not the recipe's own.
    pub connection: Option<&'static str>,
    /// Path below the connection's base URL. Always POST.
    pub path: &'static str,
    /// Body of the request.
    pub encoding: TokenEncoding,
    /// Members of the body.
    pub parameters: &'static [TokenParameter],
    /// JSON pointer to the token in the answer; empty where the answer is the token as a JSON string.
    pub token_pointer: &'static str,
    /// JSON pointer to the lifetime in seconds.
    pub lifetime_pointer: Option<&'static str>,
    /// Lifetime in seconds where the answer does not name one.
    pub lifetime_seconds: u32,
}

/// User name and password, or user name and API token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasicAuth {
    /// Form field with the user name.
    pub username: &'static str,
    /// Secret form field with the password or API token.
    pub secret: &'static str,
    /// A few refusals bring a CAPTCHA: a person logs in with it too.
    pub locks: bool,
}

/// How the host authenticates a connection's requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthRecipe {
    /// `Authorization: Basic`
    Basic(BasicAuth),
    /// `Authorization: Bearer`, with the value of this secret form field.
    Bearer(&'static str),
    /// `Authorization: Bearer`, with a token obtained by this exchange.
    Exchange(TokenExchange),
}

/// Methods and a path prefix that the plugin uses. Only what a rule covers is reachable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Allowed methods.
    pub methods: &'static [Method],
    /// Matches whole path segments: `/rest/api/2` covers `/rest/api/2/issue`, not `/rest/api/20`.
    pub prefix: &'static str,
}

/// What a response header says about whom the server took the request for. The first sign that matches decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdentitySign {
    /// Header name, lower case.
    pub header: &'static str,
    /// Value that must stand there, compared without case; absent: any value.
    pub value: Option<&'static str>,
    /// What the sign means: an account, or an anonymous request.
    pub authenticated: bool,
}

/// Where a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Base {
    /// Form field that holds the base URL.
    pub field: &'static str,
    /// Base URL where the field is empty.
    pub default: Option<&'static str>,
    /// Other base URLs that the vendor offers.
    pub alternatives: &'static [&'static str],
}

impl Base {
    /// The base URL that stands in this form field.
    pub const fn of_field(field: &'static str) -> Self {
        Base {
            field,
            default: None,
            alternatives: &[],
        }
    }
}

/// A server the plugin talks to: the permission manifest's unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Name that requests use.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Sides that answer over it.
    pub sides: &'static [Side],
    /// Where it is.
    pub base: Base,
    /// What may be requested.
    pub routes: &'static [Route],
    /// Paths that answer everybody: asked without the credential.
    pub open_paths: &'static [&'static str],
    /// The first recipe whose secrets are all stored is used.
    pub auth: &'static [AuthRecipe],
    /// What sets an authenticated answer apart from an anonymous one.
    pub identity: &'static [IdentitySign],
    /// Limits that the vendor documents.
    pub rate_windows: &'static [RateWindow],
    /// Where requests go whose credential the base URL refuses.
    pub gateway: Option<Gateway>,
}

/// A kind of integration that an administrator can add.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntegrationKind {
    /// Stable name, for example `xray-cloud`.
    pub id: &'static str,
    /// The product's name.
    pub title: &'static str,
    /// Form fields, in the order of the form.
    pub fields: &'static [FormField],
    /// Servers it talks to.
    pub connections: &'static [Connection],
}

impl IntegrationKind {
    /// Its mapping options.
    pub fn options(&self) -> Vec<MappingOption> {
        let mut options = crate::mapping::options::describe();
        options.retain(|option| self.id == super::CLOUD || option.name != crate::mapping::options::XRAY_PLAN);
        options
    }
}

/// The plugin and its permission manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PluginInfo {
    /// Name of the plugin.
    pub name: &'static str,
    /// Version of the plugin.
    pub version: &'static str,
    /// Whose matter something can be.
    pub sides: &'static [Term],
    /// What verdicts and ledger rows are about.
    pub entities: &'static [Term],
    /// Parts of a run, in their order.
    pub phases: &'static [Term],
    /// The kinds of integration it serves.
    pub kinds: &'static [IntegrationKind],
}

/// Something to say about settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// Form field, member of the export configuration or mapping option.
    pub field: String,
    /// What is wrong, one sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Where in the value.
    pub at: Option<Position>,
    /// The line of text and a caret below the place, where `at` is given.
    pub excerpt: Option<String>,
}

impl Finding {
    pub(super) fn error(field: impl Into<String>, message: impl Into<String>) -> Self {
        let (field, message) = (field.into(), message.into());
        Self {
            severity: Severity::Error,
            field,
            message,
            hint: None,
            at: None,
            excerpt: None,
        }
    }

    pub(super) fn warning(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(field, message)
        }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// Points at a byte of the field's value and shows it: not for values with secrets in them.
    pub(super) fn at(self, value: &str, offset: usize) -> Self {
        Self {
            at: Some(Position::at(value, offset)),
            excerpt: Some(text::excerpt(value, offset)),
            ..self
        }
    }
}
