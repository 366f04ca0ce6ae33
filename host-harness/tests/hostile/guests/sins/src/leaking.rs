//! Sins against memory and handles.

use guest_contract::{clock, future, spawn_local, stream};

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
