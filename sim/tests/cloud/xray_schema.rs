//! The schema is the vendor's: every operation, argument, input member and object field by name and type.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::bed::Bed;

const TYPE: &str = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";

fn type_name(ty: &Value) -> String {
    match ty["kind"].as_str() {
        Some("NON_NULL") => format!("{}!", type_name(&ty["ofType"])),
        Some("LIST") => format!("[{}]", type_name(&ty["ofType"])),
        _ => ty["name"].as_str().unwrap_or_default().to_owned(),
    }
}

fn members(of: &Value) -> String {
    let mut members: Vec<String> = of
        .as_array()
        .into_iter()
        .flatten()
        .map(|member| format!("{}:{}", member["name"].as_str().unwrap(), type_name(&member["type"])))
        .collect();
    members.sort();
    members.join(" ")
}

fn lines(ty: &Value) -> Vec<String> {
    let name = ty["name"].as_str().unwrap();
    let fields = || ty["fields"].as_array().into_iter().flatten();
    match (name, ty["kind"].as_str()) {
        ("Query" | "Mutation", _) => fields()
            .map(|field| {
                let word = name.to_lowercase();
                let own = field["name"].as_str().unwrap();
                format!(
                    "{word} {own}({}) {}",
                    members(&field["args"]),
                    type_name(&field["type"])
                )
            })
            .collect(),
        (_, Some("INPUT_OBJECT")) => vec![format!("input {name}({})", members(&ty["inputFields"]))],
        (_, Some("OBJECT")) => {
            let mut shown: Vec<String> = fields()
                .map(|field| {
                    let (own, result) = (field["name"].as_str().unwrap(), type_name(&field["type"]));
                    match members(&field["args"]).as_str() {
                        "" => format!("{own}:{result}"),
                        args => format!("{own}({args}):{result}"),
                    }
                })
                .collect();
            shown.sort();
            vec![format!("object {name} {}", shown.join(" "))]
        }
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn every_operation_and_type_is_the_vendors() {
    let bed = Bed::new().await;
    let document = format!(
        "{{ __schema {{ types {{ kind name inputFields {{ name type {{ {TYPE} }} }}
            fields {{ name args {{ name type {{ {TYPE} }} }} type {{ {TYPE} }} }} }} }} }}"
    );
    let data = bed.graphql(&document, json!({})).await;
    let types = data["__schema"]["types"].as_array().unwrap();
    let own = |ty: &&Value| !ty["name"].as_str().unwrap().starts_with("__");
    let found: BTreeSet<String> = types.iter().filter(own).flat_map(lines).collect();
    let fixture = include_str!("../fixtures/xray-cloud-operations.txt");
    let expected = fixture
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let expected: BTreeSet<String> = expected.map(str::to_owned).collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    let extra: Vec<_> = found.difference(&expected).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "missing: {missing:#?}\nnot the vendor's: {extra:#?}"
    );
}
