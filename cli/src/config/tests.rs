use insta::assert_snapshot;
use tms_sync_host::model::{AuthRecipe, BasicAuth, Connection, FormField, IntegrationKind, ValueType};

use super::{Config, Draft, Problem, Source};

const SOUND: &str = r#"
[testops]
endpoint = "http://127.0.0.1:8081"
project-id = 1
token = { env = "TESTOPS_TOKEN" }

[integration]
type = "xray-cloud"
name = "Xray production"
endpoint = "https://example.atlassian.net/"
username = "qa@example.com"
api-token = { env = "JIRA_API_TOKEN" }

[[sync]]
name = "main"
project = "CALC"
test-case-aql = 'tag = "smoke"'
disable-launches-sync = true

[sync.mapping]
labels = "none"

[host]
state = "state/tms-sync.db"
allow = ["127.0.0.1:8081"]
"#;

fn field(name: &str, secret: bool) -> FormField {
    FormField {
        name: name.to_owned(),
        label: format!("label of {name}"),
        help: String::new(),
        value_type: ValueType::Text,
        required: true,
        secret,
        tab: None,
        default: None,
    }
}

fn kind(id: &str, fields: &[(&str, bool)]) -> IntegrationKind {
    let basic = BasicAuth {
        username: "username".to_owned(),
        secret: "api-token".to_owned(),
        locks: false,
    };
    let jira = Connection {
        name: "jira".to_owned(),
        title: "Jira".to_owned(),
        sides: vec!["tracker".into()],
        base_field: "endpoint".to_owned(),
        default_base: None,
        alternatives: Vec::new(),
        routes: Vec::new(),
        open_paths: Vec::new(),
        auth: vec![AuthRecipe::Basic(basic)],
        identity: Vec::new(),
        rate_windows: Vec::new(),
        gateway: None,
    };
    let testops = [
        ("testops-endpoint", false),
        ("testops-project-id", false),
        ("testops-token", true),
    ];
    IntegrationKind {
        id: id.to_owned(),
        title: id.to_owned(),
        fields: testops
            .iter()
            .chain(fields)
            .map(|(name, secret)| field(name, *secret))
            .collect(),
        options: Vec::new(),
        connections: vec![jira],
    }
}

fn settle(text: &str) -> Result<Config, Vec<Problem>> {
    let kinds = [
        kind(
            "xray-cloud",
            &[("endpoint", false), ("username", false), ("api-token", true)],
        ),
        kind(
            "xray-dc",
            &[
                ("endpoint", false),
                ("username", false),
                ("password", true),
                ("token", true),
            ],
        ),
    ];
    let draft = Draft::parse(Source {
        file: "conf/my.toml".into(),
        text: text.to_owned(),
    });
    draft.settle(&kinds, &|name| (name != "UNSET").then(|| format!("value-of-{name}")))
}

fn shown_problems(text: &str) -> String {
    let problems = match settle(text) {
        Ok(config) => config.remarks,
        Err(problems) => problems,
    };
    let line = |problem: Problem| match &problem.hint {
        Some(hint) => format!("{problem}\n  hint: {hint}\n"),
        None => format!("{problem}\n"),
    };
    problems.into_iter().map(line).collect()
}

#[test]
fn a_sound_file_becomes_settings_and_secrets() {
    let config = settle(SOUND).ok().unwrap();
    let fields: Vec<String> = config
        .fields
        .iter()
        .map(|field| format!("{}={}", field.name, field.value))
        .collect();
    assert_eq!(
        fields,
        [
            "testops-endpoint=http://127.0.0.1:8081",
            "testops-project-id=1",
            "endpoint=https://example.atlassian.net/",
            "username=qa@example.com"
        ]
    );
    let export = config.syncs.first().unwrap();
    assert_eq!(
        (export.name.as_str(), export.test_case_aql.as_str()),
        ("main", r#"tag = "smoke""#)
    );
    assert!(export.disable_launches_sync && !export.disable_export);
    assert_eq!(export.mapping.first().map(|option| option.value.as_str()), Some("none"));
}

#[test]
fn every_secret_is_bound_to_its_server() {
    let config = settle(SOUND).ok().unwrap();
    let jira = config
        .secrets
        .iter()
        .find(|secret| secret.field == "api-token")
        .unwrap();
    assert_eq!(
        (jira.value.as_str(), jira.origin.as_str()),
        ("value-of-JIRA_API_TOKEN", "https://example.atlassian.net/")
    );
}

#[test]
fn relative_paths_start_at_the_file() {
    let with_plugin = SOUND.replace("[host]", "[host]\nplugin = \"my.wasm\"");
    let draft = Draft::parse(Source {
        file: "conf/my.toml".into(),
        text: with_plugin,
    });
    assert_eq!(draft.host.plugin.unwrap().value.to_string(), "conf/my.wasm");
    assert_eq!(draft.host.state.to_string(), "conf/state/tms-sync.db");
    assert_eq!(
        Draft::parse(Source {
            file: "x.toml".into(),
            text: String::new()
        })
        .host
        .state
        .to_string(),
        "tms-sync.db"
    );
}

#[test]
fn all_problems_are_reported_at_once_with_place_and_advice() {
    let text = r#"
[testops]
endpont = "http://127.0.0.1:8081"
project-id = "one"
token = "s3cret-in-the-file"
allow = []

[integration]
type = "xray-clod"
name = ""
api-token = { environment = "X" }

[[sync]]
name = "main"
project = "CALC"
disable-export = "yes"

[[sync]]
name = "main"
projekt = "CALC"

[hots]

[host]
allow = ["127.0.0.1:8081", "127.0.0.1"]
"#;
    assert_snapshot!(shown_problems(text), @r#"
        conf/my.toml:2:1: `endpoint` is missing from [testops]
          hint: add: endpoint = "https://testops.example.com"
        conf/my.toml:3:1: unknown key `endpont` in [testops]
          hint: did you mean `endpoint`?
        conf/my.toml:4:14: `project-id` must be a whole number above 0, this is a value of type string
        conf/my.toml:5:9: `token` is a secret and must not stand in the file
          hint: write token = { env = "TOKEN" } or token = { file = "path/to/token" }
        conf/my.toml:6:1: unknown key `allow` in [testops]
          hint: `allow` belongs under [host]
        conf/my.toml:9:8: the plugin knows no integration type `xray-clod`
          hint: did you mean `xray-cloud`?
        conf/my.toml:10:8: `name` is empty
          hint: for example: name = "Xray production"
        conf/my.toml:11:13: `api-token` cannot come from `environment`, only from `env`, `file` or `vault`
          hint: write api-token = { env = "API_TOKEN" } or api-token = { file = "path/to/api-token" }
        conf/my.toml:16:18: `disable-export` must be `true` or `false`, this is a value of type string
        conf/my.toml:18:1: `project` is missing from [[sync]]
          hint: add: project = "CALC"
        conf/my.toml:19:8: there are two syncs named `main`
          hint: give each a name of its own; commands pick a sync by it
        conf/my.toml:20:1: unknown key `projekt` in [[sync]]
          hint: did you mean `project`?
        conf/my.toml:22:2: unknown key `hots` in the file
          hint: did you mean `host`?
        conf/my.toml:25:28: `allow`: `127.0.0.1` is not a host and a port, such as `127.0.0.1:8081` or `jira.internal:443`
          hint: write host:port, for example "127.0.0.1:8081" or "jira.internal:8443"
        "#);
}

#[test]
fn integration_keys_are_checked_against_the_manifest() {
    let text = SOUND
        .replace(
            "username = \"qa@example.com\"",
            "username = { env = \"X\" }\npassword = { env = \"P\" }",
        )
        .replace(
            "api-token = { env = \"JIRA_API_TOKEN\" }",
            "api-token = 's3cret'\nusrname = 'x'\ntestops-token = { env = 'T' }",
        );
    assert_snapshot!(shown_problems(&text), @r#"
        conf/my.toml:11:12: `username` is no secret: label of username
          hint: write it as text: username = "…"
        conf/my.toml:12:1: unknown key `password` in [integration] of type "xray-cloud"
          hint: it is a key of type "xray-dc"
        conf/my.toml:13:13: `api-token` is a secret and must not stand in the file
          hint: write api-token = { env = "API_TOKEN" } or api-token = { file = "path/to/api-token" }
        conf/my.toml:14:1: unknown key `usrname` in [integration] of type "xray-cloud"
          hint: did you mean `username`?
        conf/my.toml:15:1: unknown key `testops-token` in [integration] of type "xray-cloud"
          hint: write it as `token` under [testops]
        "#);
}

#[test]
fn an_unset_variable_is_named_where_it_is_asked_for() {
    assert_snapshot!(shown_problems(&SOUND.replace("TESTOPS_TOKEN", "UNSET")), @r#"
        conf/my.toml:5:9: `token`: environment variable `UNSET` is not set, or is not text
          hint: export UNSET=…  (or keep the secret in a file: { file = "…" })
        "#);
}

#[test]
fn sections_of_the_wrong_shape_are_explained() {
    assert_snapshot!(shown_problems("sync = 3\n[[testops]]\n[integration]\n"), @r#"
        conf/my.toml:1:8: `sync` must be a list of tables
          hint: write [[sync]] with two brackets; there can be several
        conf/my.toml:2:1: `testops` must be one table
          hint: start it with a line [testops]
        conf/my.toml:3:1: `type` is missing from [integration]
          hint: add: type = "xray-cloud"
        conf/my.toml:3:1: `name` is missing from [integration]
          hint: add: name = "Xray production"
        "#);
}

#[test]
fn no_problem_ever_shows_a_value() {
    // Each of these puts the secret where it does not belong, one of them into broken TOML.
    let misplaced = [
        SOUND.replace("{ env = \"TESTOPS_TOKEN\" }", "\"s3cret\""),
        SOUND.replace("{ env = \"TESTOPS_TOKEN\" }", "s3cret"),
        SOUND.replace("{ env = \"TESTOPS_TOKEN\" }", "\"s3cret"),
        SOUND.replace("{ env = \"TESTOPS_TOKEN\" }", "[\"s3cret\"]"),
        SOUND.replace("{ env = \"TESTOPS_TOKEN\" }", "{ value = \"s3cret\" }"),
        SOUND.replace("{ env = \"JIRA_API_TOKEN\" }", "\"s3cret\""),
        SOUND.replace("project-id = 1", "project-id = \"s3cret\""),
        SOUND.replace("disable-launches-sync = true", "disable-launches-sync = \"s3cret\""),
    ];
    for text in misplaced {
        let shown = shown_problems(&text);
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}

#[test]
fn a_finding_of_the_plugin_is_reported_at_its_place() {
    let config = settle(SOUND).ok().unwrap();
    let at = |field, sync| config.problem(field, sync, "x").to_string();
    assert_eq!(at("test-case-aql", Some("main")), "conf/my.toml:17:17: x");
    assert_eq!(at("testops-endpoint", None), "conf/my.toml:3:12: x");
    assert_eq!(at("labels", Some("main")), "conf/my.toml:21:1: x");
    // A member that was left out is shown at its sync, and an unknown field at the file.
    assert_eq!(at("launches-aql", Some("main")), "conf/my.toml:14:1: x");
    assert_eq!(at("nowhere", None), "conf/my.toml: x");
}

#[test]
fn a_sync_inherits_the_mapping_of_the_file_and_its_own_wins() {
    let text = SOUND.replace(
        "[[sync]]",
        "[mapping]\nlabels = \"all\"\nfields.Epic = \"Epic name\"\n\n[[sync]]",
    );
    let config = settle(&text).ok().unwrap();
    let sync = config.syncs.first().unwrap();
    let mapping: Vec<_> = sync
        .mapping
        .iter()
        .map(|option| {
            (
                option.name.as_str(),
                option.value.as_str(),
                config.origin_of(&option.name, "main"),
            )
        })
        .collect();
    assert_eq!(
        mapping,
        [
            ("labels", "none", "[sync.mapping]"),
            ("fields.Epic", "Epic name", "[mapping]")
        ]
    );
    assert_eq!(config.origin_of("layer", "main"), "default");
}

#[test]
fn an_authority_is_read_from_beside_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let pem = params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem();
    std::fs::write(folder.path().join("ours.pem"), pem).unwrap();
    std::fs::write(folder.path().join("page.pem"), "<html>").unwrap();
    let problems = |file: &str| {
        let draft = Draft::parse(Source {
            file: folder.path().join("my.toml"),
            text: SOUND.replace("[host]", &format!("[host]\nauthority = \"{file}\"")),
        });
        draft.problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(problems("ours.pem"), [] as [&str; 0]);
    for file in ["page.pem", "none.pem"] {
        let shown = problems(file).concat();
        assert!(shown.contains("`authority`") && shown.contains(file), "{shown}");
    }
}

/// `[host]` with more lines, and the policy that comes of it.
fn policy(lines: &str) -> String {
    let text = SOUND.replace("state = \"state/tms-sync.db\"", lines);
    format!("{:?}", settle(&text).ok().unwrap().policy)
}

#[test]
fn a_proxy_is_an_address_or_a_table_with_more_of_it() {
    let alone = policy("proxy = \"http://proxy.example:3128\"");
    assert!(alone.contains("http://proxy.example:3128"), "{alone}");
    let table = policy(
        "proxy = { url = \"socks5://proxy.example\", username = \"me\", password = { env = \"PROXY\" }, except = [\".corp\"] }",
    );
    assert!(
        table.contains("socks5://proxy.example:1080") && !table.contains("value-of-PROXY"),
        "{table}"
    );
}

#[test]
fn headers_and_certificates_belong_to_a_server() {
    let lines = "[[host.server]]\norigin = \"https://jira.example\"\nheaders = { CF-Access-Client-Id = { env = \"CF_ID\" } }\n\n[x]";
    let text = SOUND
        .replace("allow = [\"127.0.0.1:8081\"]", lines)
        .replace("\n[x]", "");
    let policy = format!("{:?}", settle(&text).ok().unwrap().policy);
    assert!(
        policy.contains("jira.example") && !policy.contains("value-of-CF_ID"),
        "{policy}"
    );
}

#[test]
fn everything_wrong_about_the_network_is_named() {
    let host = "proxy = { url = \"http://me:s3cret@proxy\", user = \"me\", password = { env = \"UNSET\" } }\n\
                [[host.server]]\norigin = \"jira.example\"\n\
                [[host.server]]\norigin = \"https://jira.example\"\ncertificate = \"absent.pem\"\n\
                headers = { authorization = { env = \"A\" }, x-a = \"literal\", x-b = { env = \"UNSET\" } }\n";
    let text = SOUND
        .replace("state = \"state/tms-sync.db\"\n", "")
        .replace("allow = [\"127.0.0.1:8081\"]", host);
    let shown = shown_problems(&text);
    assert!(!shown.contains("s3cret"), "{shown}");
    assert_snapshot!(shown, @r#"
    conf/my.toml:24:17: `proxy`: user name and password must not stand in the address
      hint: write scheme, host and port, for example "http://proxy.example.com:3128"; user name and password have keys of their own
    conf/my.toml:24:43: unknown key `user` in [host.proxy]
      hint: did you mean `username`?
    conf/my.toml:26:10: `origin` is not the address of a server
      hint: write scheme, host and port, for example "https://jira.example.com"
    conf/my.toml:29:15: a client certificate needs both `certificate` and `key`
      hint: name a PEM file by each
    conf/my.toml:30:13: `headers`: `authorization` is no header that can be added
      hint: headers of the request itself and `authorization` cannot be added
    conf/my.toml:30:50: `x-a` is a secret and must not stand in the file
      hint: write x-a = { env = "X_A" } or x-a = { file = "path/to/x-a" }
    conf/my.toml:30:67: `x-b`: environment variable `UNSET` is not set, or is not text
      hint: export UNSET=…  (or keep the secret in a file: { file = "…" })
    "#);
}

#[test]
fn a_secret_may_say_when_it_ends() {
    let text = SOUND.replace(
        "{ env = \"JIRA_API_TOKEN\" }",
        "{ env = \"JIRA_API_TOKEN\", expires = \"2027-03-01\" }",
    );
    let config = settle(&text).ok().unwrap();
    let ends: Vec<_> = config
        .secrets
        .iter()
        .map(|secret| (secret.field.as_str(), secret.expires))
        .collect();
    assert_eq!(ends, [("testops-token", None), ("api-token", Some(1_803_859_200_000))]);
    let text = SOUND.replace(
        "{ env = \"JIRA_API_TOKEN\" }",
        "{ env = \"JIRA_API_TOKEN\", expires = \"soon\" }",
    );
    assert_snapshot!(shown_problems(&text), @r#"
    conf/my.toml:12:13: `api-token` needs a day in `expires`, for example "2027-03-01"
      hint: write api-token = { env = "API_TOKEN" } or api-token = { file = "path/to/api-token" }
    "#);
}

#[test]
fn everything_wrong_about_a_vault_is_named_without_asking_it() {
    let vault =
        |text: &str| SOUND.replace("{ env = \"JIRA_API_TOKEN\" }", "{ vault = \"tms-sync/jira#token\" }") + text;
    let sound =
        "[host.vault]\naddress = \"https://bao.example\"\nrole-id = \"reader\"\nsecret-id = { env = \"VAULT\" }\n";
    let config = settle(&vault(sound)).ok().unwrap();
    let waiting: Vec<_> = config.secrets.iter().filter(|secret| secret.kept.is_some()).collect();
    assert_eq!(waiting.len(), 1);
    let bound: Vec<_> = config
        .network
        .iter()
        .map(|secret| (secret.key.as_str(), secret.origin.as_str()))
        .collect();
    assert_eq!(bound, [("vault.secret-id", "https://bao.example")]);

    let elsewhere = "proxy = { url = \"http://proxy\", username = \"me\", password = { vault = \"a#b\" } }\n\
                     [host.vault]\naddress = \"bao\"\nrole = \"reader\"\nrole-id = { env = \"UNSET\" }\nsecret-id = \"s3cret\"\n\
                     [notify]\nwebhook = { vault = \"a#b\" }\n";
    let odd = vault("").replace("{ env = \"TESTOPS_TOKEN\" }", "{ vault = \"../jira#token\" }");
    let shown = [vault(""), odd, vault(elsewhere), vault("[host.vault]\n")].map(|text| shown_problems(&text));
    assert_snapshot!(shown.join("--\n"), @r#"
    conf/my.toml:12:13: `api-token` is in a vault, and there is no [host.vault]
      hint: add [host.vault] with `address`, `role-id` and `secret-id`
    --
    conf/my.toml:5:9: `token` needs path and member in `vault`, for example "tms-sync/jira#token"
      hint: write token = { env = "TOKEN" } or token = { file = "path/to/token" }
    conf/my.toml:12:13: `api-token` is in a vault, and there is no [host.vault]
      hint: add [host.vault] with `address`, `role-id` and `secret-id`
    --
    conf/my.toml:26:61: `password`: cannot come from a vault, which has secrets of [testops] and [integration] alone
      hint: keep it in a variable, { env = "…" }, or in a file, { file = "…" }
    conf/my.toml:28:11: `address` is not the address of a server
      hint: for example: address = "https://bao.example.com:8200"
    conf/my.toml:29:1: unknown key `role` in [host.vault]
      hint: did you mean `role-id`?
    conf/my.toml:30:11: `role-id`: environment variable `UNSET` is not set, or is not text
      hint: export UNSET=…  (or keep the secret in a file: { file = "…" })
    conf/my.toml:31:13: `secret-id` is a secret and must not stand in the file
      hint: write secret-id = { env = "SECRET_ID" } or secret-id = { file = "path/to/secret-id" }
    conf/my.toml:33:11: `webhook` cannot come from the vault
      hint: keep it in a variable, { env = "…" }, or in a file: people hear of a vault that is away, too
    --
    conf/my.toml:26:1: `address` is missing from [host.vault]
      hint: add: address = "https://bao.example.com:8200"
    conf/my.toml:26:1: `role-id` is missing from [host.vault]
      hint: add: role-id = { env = "VAULT_ROLE_ID" }
    conf/my.toml:26:1: `secret-id` is missing from [host.vault]
      hint: add: secret-id = { file = "secret-id" }
    "#);
}

#[test]
fn a_network_file_has_the_host_section_of_a_configuration_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("network.toml");
    let read = |text: &str| {
        std::fs::write(&file, text).unwrap();
        super::network(&file, &|name| (name != "UNSET").then(|| format!("value-of-{name}")))
    };
    let sound = "[host]\nallow = [\"testops.internal:443\"]\nproxy = \"socks5://proxy.example\"\n\
                 [[host.server]]\norigin = \"https://jira.example\"\nheaders = { X-Gate = { env = \"GATE\" } }\n";
    let policy = format!("{:?}", read(sound).unwrap());
    for known in ["testops.internal", "socks5://proxy.example:1080", "jira.example"] {
        assert!(policy.contains(known), "{policy}");
    }
    let wrong = "[testops]\n[host]\nstate = \"a\"\nplugin = \"b\"\nproxi = \"c\"\nallow = [\"d\"]\n";
    let problems = read(wrong).unwrap_err();
    let name = folder.path().display().to_string();
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| problem.to_string().replace(&name, "…"))
        .collect();
    assert_snapshot!(lines.join("\n"), @r"
    …/network.toml:1:2: unknown key `testops` in a network file
    …/network.toml:3:1: unknown key `state` in [host]
    …/network.toml:4:1: unknown key `plugin` in [host]
    …/network.toml:5:1: unknown key `proxi` in [host]
    …/network.toml:6:10: `allow`: `d` is not a host and a port, such as `127.0.0.1:8081` or `jira.internal:443`
    ");
}
