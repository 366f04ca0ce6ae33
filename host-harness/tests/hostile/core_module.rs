//! Plugins written by hand, for sins that no compiler lets through: one function of an honest plugin is replaced.

use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Loops for ever; fits wherever one number is expected.
pub const SPIN: &str = "(loop $again (br $again)) (unreachable)";

/// Answers with an empty list, a `none` or an `ok` of nothing: sixteen zeros.
const NOTHING: &str = "(i32.const 512)";

/// Bodies of the functions; each results in one number unless it says otherwise.
pub struct Core<'a> {
    /// Module fields of its own, for example a table.
    pub fields: &'a str,
    /// The memory's type.
    pub memory: &'a str,
    /// Runs when the instance is made; results in nothing.
    pub start: Option<&'a str>,
    pub realloc: &'a str,
    pub describe: &'a str,
    pub validate: &'a str,
    /// Runs after the host has read the findings; results in nothing.
    pub post_validate: &'a str,
    pub run: &'a str,
}

impl Default for Core<'_> {
    /// Has the kind `probe` with three secrets, no connection, and nothing to say.
    fn default() -> Self {
        Self {
            fields: "",
            memory: "16",
            start: None,
            realloc: "(global.get $free) (global.set $free (i32.add (global.get $free)
                (i32.and (i32.add (local.get 3) (i32.const 15)) (i32.const -16))))",
            describe: "(i32.const 16)",
            validate: NOTHING,
            post_validate: "",
            run: "(unreachable)",
        }
    }
}

impl Core<'_> {
    /// As a component of the contract's world.
    pub fn component(&self) -> Vec<u8> {
        let mut module = wat::parse_str(self.text()).unwrap();
        let mut resolve = Resolve::default();
        let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
        let (package, _) = resolve.push_dir(wit).unwrap();
        let world = resolve.select_world(&[package], Some("tms-sync")).unwrap();
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
        let mut encoder = ComponentEncoder::default();
        encoder.validate(true).module(&module).unwrap();
        encoder.encode().unwrap()
    }

    fn text(&self) -> String {
        let Self {
            fields,
            memory,
            realloc,
            describe,
            validate,
            post_validate,
            run,
            ..
        } = self;
        let start = self
            .start
            .map(|body| format!("(func $start {body}) (start $start)"))
            .unwrap_or_default();
        let mapping = NOTHING;
        let form = form();
        format!(
            r#"(module
              (memory (export "memory") {memory})
              (global $free (mut i32) (i32.const 65536))
              {form}
              {fields}
              {start}
              (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) {realloc})
              (func (export "testops:tms-sync/setup@0.2.0#describe") (result i32) {describe})
              (func (export "testops:tms-sync/setup@0.2.0#validate") (param i32) (result i32) {validate})
              (func (export "cabi_post_testops:tms-sync/setup@0.2.0#validate") (param i32) {post_validate})
              (func (export "testops:tms-sync/setup@0.2.0#mapping") (param i32) (result i32) {mapping})
              (func (export "testops:tms-sync/connection@0.2.0#test") (param i32) (result i32) {mapping})
              (func (export "testops:tms-sync/connection@0.2.0#projects") (param i32) (result i32) {mapping})
              (func (export "testops:tms-sync/connection@0.2.0#count") (param i32) (result i32) {mapping})
              (func (export "testops:tms-sync/connection@0.2.0#probe") (param i32) (result i32) {mapping})
              (func (export "testops:tms-sync/exporter@0.2.0#adopt") (param i32) (result i32) {run})
              (func (export "testops:tms-sync/exporter@0.2.0#plan") (param i32) (result i32) {run})
              (func (export "testops:tms-sync/exporter@0.2.0#verify") (param i32) (result i32) {run})
              (func (export "testops:tms-sync/exporter@0.2.0#undo") (param i32) (result i32) {run})
              (func (export "testops:tms-sync/exporter@0.2.0#run") (param i32) (result i32) {run}))"#
        )
    }
}

/// The answer of `describe` at 16: one kind at 64 with the four fields at 128, each secret but `user`.
fn form() -> String {
    let names = ["url", "user", "password", "token", "client"];
    let mut data = vec![0_u8; 1024];
    let mut put = |at: usize, number: u32| data[at..at + 4].copy_from_slice(&number.to_le_bytes());
    // Name, version, sides, entities and phases are empty; one kind.
    put(56, 64);
    put(60, 1);
    // The kind's id, and its fields.
    put(64, 700);
    put(68, 5);
    put(80, 128);
    put(84, names.len() as u32);
    let mut text = 705;
    for (index, name) in names.iter().enumerate() {
        let at = 128 + index * 80;
        put(at, text);
        put(at + 4, name.len() as u32);
        // Its type is `text`, the variant's first case; then whether it is required and secret.
        put(at + 48, if index < 2 { 0 } else { 1 << 8 });
        text += name.len() as u32;
    }
    let texts = format!("probe{}", names.concat());
    data[700..700 + texts.len()].copy_from_slice(texts.as_bytes());
    data.truncate(700 + texts.len());
    let escaped: String = data[16..].iter().map(|byte| format!("\\{byte:02x}")).collect();
    format!("(data (i32.const 16) \"{escaped}\")")
}
