//! Every switch. The documentation of a type is the statement of its assumption, that of a variant the meaning of the
//! form; the first variant is the default.

use super::{Assumption, Form, Switch};

macro_rules! switches {
    ($(
        $(#[doc = $statement:literal])+
        $switch:ident = $name:literal from $source:literal {
            $(#[doc = $first_meaning:literal])+
            $first:ident = $first_value:literal,
            $(
                $(#[doc = $meaning:literal])+
                $form:ident = $value:literal,
            )+
        }
    )+) => {
        $(
            $(#[doc = $statement])+
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
            pub enum $switch {
                $(#[doc = $first_meaning])+
                #[default]
                $first,
                $( $(#[doc = $meaning])+ $form, )+
            }

            impl Switch for $switch {
                const ASSUMPTION: &'static Assumption = &Assumption {
                    name: $name,
                    statement: concat!($($statement),+),
                    forms: &[
                        Form { value: $first_value, meaning: concat!($($first_meaning),+) },
                        $( Form { value: $value, meaning: concat!($($meaning),+) }, )+
                    ],
                    source: $source,
                };

                fn from_position(position: usize) -> Option<Self> {
                    [Self::$first, $( Self::$form ),+].get(position).copied()
                }

                fn position(self) -> usize {
                    self as usize
                }
            }
        )+

        /// All assumptions, by product.
        pub const ASSUMPTIONS: &[&Assumption] = &[$( $switch::ASSUMPTION ),+];
    };
}

switches! {
    /// The generation of the TestOps API that is served; chosen at the start.
    Version = "testops.version" from "The vendor's OpenAPI documents of 26.1.1 and 4.24.1" {
        /// 26.1: `/api` and `/api/rs`.
        V26 = "26",
        /// 4.24: `/api/rs` only, inline expected results only, first-generation executions.
        V4 = "4",
    }

    /// What TestOps answers at a path that it does not know.
    UnknownPath = "testops.unknown-path" from "Seen by clients of both generations; not documented" {
        /// 200 with the page of the product.
        Page = "page",
        /// 404 with an error object.
        NotFound = "not-found",
    }

    /// How a 429 of any server says when to come back.
    RetryAfter = "all.retry-after" from "RFC 9110, 10.2.3: both forms are allowed; the vendors document seconds" {
        /// `Retry-After` in whole seconds.
        Seconds = "seconds",
        /// `Retry-After` as an HTTP date.
        Date = "date",
    }

    /// The names of Xray's issue types; chosen at the start.
    IssueTypes = "jira.issue-types" from "Xray: administrators rename issue types and map them in \"Issue Types Mapping\"; Jira translates names" {
        /// Test, Test Execution, Precondition (Cloud) or Pre-Condition (Data Center), and so on.
        English = "english",
        /// Testfall, Testausführung, Vorbedingung, and so on.
        German = "german",
        /// Test Case, Test Cycle, Set-up, and so on.
        Renamed = "renamed",
    }

    /// Who manages the project on Jira Cloud; chosen at the start.
    ProjectStyle = "jira-cloud.project-style" from "Atlassian, \"What are team-managed and company-managed projects?\"; Xray supports both" {
        /// An administrator of the site: `style` is `classic`.
        CompanyManaged = "company-managed",
        /// Its team: `style` is `next-gen`, and the issue types belong to the project.
        TeamManaged = "team-managed",
    }

    /// When searches see what was written; chosen at the start.
    IndexLag = "jira.index-lag" from "Atlassian: Cloud's search is eventually consistent; nodes of a Data Center differ for seconds" {
        /// At once.
        None = "none",
        /// 8 seconds later.
        Seconds = "8s",
        /// 2 minutes later.
        Minutes = "2m",
    }

    /// Whether answers at a Jira's own address name the account, in `X-AACCOUNTID` (Cloud) or `X-AUSERNAME` (Data Center).
    Identity = "jira.identity" from "Atlassian, \"Jira Cloud platform REST API\", special headers; seen of Data Center, where proxies may take them off" {
        /// They do.
        Named = "named",
        /// They do not.
        Unnamed = "unnamed",
    }

    /// Whether Jira Data Center takes user names with passwords.
    BasicLogin = "jira-dc.basic-login" from "Atlassian: basic authentication is off by default from Jira 11.0; the headers beside the refusal are not documented" {
        /// It does, as up to Jira 10.
        Accepted = "accepted",
        /// 403 with the identity headers of an anonymous request.
        Refused = "refused",
        /// 403 without identity headers, as from a filter in front of Jira.
        RefusedBare = "refused-bare",
        /// 403 with `X-Seraph-LoginReason: AUTHENTICATION_DENIED`.
        RefusedDenied = "refused-denied",
    }

    /// How Atlassian's gateway takes the API token of a service account.
    ServiceToken = "jira-cloud.service-token" from "Atlassian's page on service accounts shows Basic with the account's address; some clients needed Bearer, others saw it refused" {
        /// Basic, with the service account's e-mail address.
        Basic = "basic",
        /// Bearer only.
        Bearer = "bearer",
        /// Either.
        Either = "either",
    }

    /// Whether answers through Atlassian's gateway name the account in `X-AACCOUNTID`.
    GatewayIdentity = "jira-cloud.gateway-identity" from "Not documented" {
        /// They do, as on the site's own address.
        Named = "named",
        /// They do not.
        Unnamed = "unnamed",
    }

    /// What Xray calls the statuses of runs that passed and failed; chosen at the start.
    RunStatuses = "xray.run-statuses" from "Xray, \"Manage Test Statuses\": each variant has names of its own" {
        /// PASS and FAIL on Data Center, PASSED and FAILED on Cloud.
        Own = "own",
        /// The names of the other variant, as after a migration.
        Other = "other",
    }

    /// What Xray calls the statuses of steps that passed and failed; chosen at the start.
    StepStatuses = "xray.step-statuses" from "Xray, \"Manage Test Step Statuses\": each variant has names of its own" {
        /// PASS and FAIL on Data Center, PASSED and FAILED on Cloud.
        Own = "own",
        /// The names of the other variant, as after a migration.
        Other = "other",
    }

    /// What Xray makes of HTML entities in the texts of a step; chosen at the start.
    StepEntities = "xray.step-entities" from "Not documented" {
        /// It keeps them as they were sent.
        Kept = "kept",
        /// It stores the characters that they stand for.
        Decoded = "decoded",
    }

    /// What an import does with a run of a final status that lacks a required field of Test Runs.
    RequiredRunField = "xray.required-run-field" from "Xray Server + DC, \"Test Runs - REST\": an update to a final status is refused; nothing is said of imports" {
        /// It is refused.
        Refused = "refused",
        /// It is recorded.
        Accepted = "accepted",
    }

    /// What a detailed list of the runs of a Test Execution (`testexec/KEY/test?detailed=true`) holds.
    RunList = "xray-dc.run-list" from "Xray Server + DC, \"Test Executions - REST\" and recorded answers of a live server" {
        /// Id, status, assignee, executedBy, startedOn, finishedOn, defects, evidences, key and rank.
        Documented = "documented",
        /// Everything that a run has, steps and iterations too.
        WithSteps = "with-steps",
    }

    /// How `fileSize` of evidence is written.
    FileSize = "xray-dc.file-size" from "Xray Server + DC, \"Test Runs - REST\" (\"0,0 kB\") and a recorded answer (\"19 kB\")" {
        /// As text with a unit, rounded.
        Text = "text",
        /// As a number of bytes.
        Bytes = "bytes",
    }

    /// What an import of results does with evidence that the run already has.
    ImportEvidence = "xray-dc.import-evidence" from "Not documented; the page on imports says that an existing run is overwritten" {
        /// The sent files replace it.
        Replaces = "replaces",
        /// The sent files are added to it.
        Appends = "appends",
    }

    /// The most items that a page of Xray's REST API has, which an administrator sets.
    PageMaximum = "xray-dc.page-maximum" from "Xray Server + DC, \"Global Preferences\": maximum of items per REST page; the value is the site's" {
        /// 100 items.
        Hundred = "100",
        /// 250 items, as many as an export asks for.
        TwoHundredFifty = "250",
        /// 20 items.
        Twenty = "20",
        /// 2 items, for looking at pages.
        Two = "2",
    }

    /// Whether only the last page of a list may hold fewer items than were asked for.
    PageFilling = "xray-dc.page-filling" from "Xray Server + DC: a list ends with an empty page; nothing is said of short ones" {
        /// Every page but the last is full.
        Full = "full",
        /// Pages hold one item less than was asked for, and the next one begins there.
        Short = "short",
    }

    /// What a look-up of runs by Test Execution and Test finds.
    RunLookup = "xray-dc.run-lookup" from "Xray Server + DC, \"Test Runs - REST\": both keys together intersect; some clients saw the Test ignored" {
        /// The run of that Test in that Test Execution.
        Exact = "exact",
        /// The runs of the Test Execution, whatever the Test.
        IgnoresTest = "ignores-test",
    }

    /// Whether a run with iterations shows step results of its own.
    IterationSteps = "xray-dc.iteration-steps" from "Xray Server + DC, \"Test Runs - REST\": steps are part of each iteration" {
        /// It does not: each iteration has them.
        InIterations = "in-iterations",
        /// It shows both.
        Both = "both",
    }

    /// What an import of results answers.
    ImportAnswer = "xray-dc.import-answer" from "Xray Server + DC, \"Import Execution Results - REST\" of several releases" {
        /// 1.0 answers in the old shape, 2.0 and latest in the new one.
        ByVersion = "by-version",
        /// `{"testExecIssue"}` only, as older releases do in both versions.
        Short = "short",
        /// With `testIssues` and `infoMessages` in both versions.
        Long = "long",
    }

    /// What an import of results does with a `testKey` that does not exist.
    DcUnknownTestKey = "xray-dc.unknown-test-key" from "Xray Server + DC, \"Import Execution Results\": answers of several releases" {
        /// The whole import is refused.
        Reject = "reject",
        /// The answer lists the entry among its errors, and the others are imported.
        Listed = "listed",
    }

    /// What an import of results does with a status that does not exist.
    DcUnknownStatus = "xray-dc.unknown-status" from "Seen by clients; not documented" {
        /// It is refused.
        Reject = "reject",
        /// The run gets the status of runs that nobody worked on.
        Initial = "initial",
    }

    /// What an import into Xray Cloud does with evidence that the run already has.
    CloudImportEvidence = "xray-cloud.import-evidence" from "Not documented" {
        /// The sent files are added to it.
        Appends = "appends",
        /// The sent files replace it.
        Replaces = "replaces",
    }

    /// What an import into Xray Cloud does with a `testKey` that does not exist.
    UnknownTestKey = "xray-cloud.unknown-test-key" from "Not documented" {
        /// The whole import is refused.
        Reject = "reject",
        /// The entry is left out in silence.
        Skip = "skip",
    }

    /// What an import into Xray Cloud does with a status that does not exist.
    CloudUnknownStatus = "xray-cloud.unknown-status" from "Seen by clients; not documented" {
        /// The run gets the status of runs that nobody worked on.
        Initial = "initial",
        /// The whole import is refused.
        Reject = "reject",
    }

    /// Whether a token exchange counts against Xray Cloud's request limit.
    SignInLimit = "xray-cloud.sign-in-limit" from "Not documented" {
        /// The exchange counts, and is refused with 429 beyond the limit.
        Counted = "counted",
        /// Only calls with a token count.
        Free = "free",
    }

    /// Whether import jobs of Xray Cloud come to an end.
    JobEnd = "xray-cloud.job-end" from "Xray Cloud, \"Import Tests - REST v2\"; clients reported jobs that never ended" {
        /// They do.
        Finish = "finish",
        /// They stay `working`; their Tests are created.
        Stuck = "stuck",
        /// They stay `working`, and nothing is created.
        StuckEmpty = "stuck-empty",
    }
}
