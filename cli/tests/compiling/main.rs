//! Components that are small to send and large to compile. The compiler is the `tms-sync` command itself, in a process of
//! its own.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

#[path = "../../../host-harness/tests/hostile/neighbour.rs"]
mod neighbour;
#[path = "../../../host-harness/tests/it/rig.rs"]
#[expect(dead_code, reason = "each suite uses a part of the rig")]
mod rig;

use std::time::Duration;

use tms_sync_host::{CompilerProcess, Engine, EngineLimits, LoadedPlugin, RefusedComponent};

use neighbour::Neighbour;

/// A component around a module of functions without parameters or results.
fn component(functions: usize, body: &[u8]) -> Vec<u8> {
    let body = [&number(body.len() + 2)[..], &[0], body, &[0x0b]].concat();
    let section = |id: u8, content: Vec<u8>| [&[id][..], &number(content.len()), &content].concat();
    let module = [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, vec![1, 0x60, 0, 0]),
        section(3, [number(functions), vec![0; functions]].concat()),
        section(10, [number(functions), body.repeat(functions)].concat()),
    ]
    .concat();
    [b"\0asm\x0d\0\x01\0".to_vec(), section(1, module)].concat()
}

/// Unsigned LEB128.
fn number(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn engine(process: CompilerProcess) -> Engine {
    let limits = EngineLimits {
        compiler: Some(process),
        ..EngineLimits::default()
    };
    Engine::new(limits).unwrap()
}

fn command() -> CompilerProcess {
    CompilerProcess::new(env!("CARGO_BIN_EXE_tms-sync"), ["--compile-component".into()])
}

async fn refusal(engine: &Engine, component: Vec<u8>) -> RefusedComponent {
    match LoadedPlugin::load(engine, component).await {
        Err(refused) => refused,
        Ok(_) => panic!("the component was taken"),
    }
}

#[tokio::test]
async fn an_honest_plugin_comes_out_of_the_process_as_it_went_in() {
    let engine = engine(command());
    let neighbour = Neighbour::start(&engine).await;
    neighbour.finished_untouched("none").await;
    let empty = refusal(&engine, component(1, &[])).await;
    assert!(matches!(empty, RefusedComponent::MissingExport(_)), "{empty}");
    let broken = refusal(&engine, component(1, &[0xff])).await;
    assert!(matches!(&broken, RefusedComponent::Invalid(_)), "{broken}");
}

#[tokio::test]
async fn compile_bombs_are_refused_within_their_limits() {
    let engine = engine(CompilerProcess {
        cpu: Duration::from_secs(20),
        ..command()
    });
    let neighbour = Neighbour::start(&engine).await;
    // From here on time is short: only the first compilation was meant to succeed.
    let bounded = |cpu: u64, memory_bytes: u64| CompilerProcess {
        cpu: Duration::from_secs(cpu),
        memory_bytes,
        ..command()
    };
    let call = [0x10, 0];
    let bombs = [
        ("many functions", component(900_000, &call), bounded(2, 1 << 30)),
        (
            "a huge function",
            component(1, &call.repeat(3_000_000)),
            bounded(2, 1 << 30),
        ),
        (
            "many functions in little memory",
            component(900_000, &call),
            bounded(60, 128 << 20),
        ),
    ];
    for (name, bomb, process) in bombs {
        let limits = EngineLimits {
            compiler: Some(process),
            ..EngineLimits::default()
        };
        let refused = refusal(&Engine::new(limits).unwrap(), bomb).await;
        assert!(matches!(refused, RefusedComponent::Compiling(_)), "{name}: {refused}");
    }
    // Deep nesting and a giant jump table are no bombs: they compile, or are refused for their form.
    let nested = [[0x02, 0x40].repeat(200_000), vec![0x0b; 200_000]].concat();
    let jumps = [vec![0x41, 0, 0x0e], number(500_000), vec![0; 500_001], vec![0x0b]].concat();
    for body in [nested, [vec![0x02, 0x40], jumps].concat()] {
        drop(refusal(&engine, component(1, &body)).await);
    }
    assert!(neighbour.went_on());
    neighbour.finished_untouched("compile bombs").await;
}

#[tokio::test]
async fn a_compiler_that_is_none_is_named() {
    for program in ["/bin/true", "/no/such/program"] {
        let refused = refusal(&engine(CompilerProcess::new(program, [])), component(1, &[])).await;
        assert!(
            matches!(refused, RefusedComponent::Compiling(_)),
            "{program}: {refused}"
        );
    }
}
