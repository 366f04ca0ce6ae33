//! Sins against memory and handles.

use guest_contract::{StreamWriter, clock, exporter, future, http, spawn_local, stream};

pub fn hog() {
    let mut kept = Vec::new();
    loop {
        kept.push(std::hint::black_box(vec![1_u8; 1 << 20]));
    }
}

pub fn streams() -> ! {
    loop {
        std::mem::forget(stream());
    }
}

pub fn futures() -> ! {
    loop {
        std::mem::forget(future());
    }
}

pub async fn timers() {
    for _ in 0..5_000 {
        spawn_local(Box::pin(clock::sleep(3_600_000)));
    }
    clock::sleep(3_600_000).await;
}

/// Keeps every file it gets, reports how many there were, and holds on to them.
pub async fn files(events: &mut StreamWriter<exporter::Event>) {
    for number in 0_u32.. {
        let request = http::Request {
            connection: "plain".into(),
            method: http::Method::Get,
            path: "/open/file".into(),
            query: vec![],
            headers: vec![],
            body: None,
            timeout_ms: None,
        };
        match http::fetch(request, u64::MAX).await {
            Ok(fetched) => std::mem::forget(fetched),
            Err(error) => {
                events.write_all(vec![exporter::Event::Note(format!("{number} files, then {error:?}"))]).await;
                return clock::sleep(u64::MAX).await;
            }
        }
    }
}
