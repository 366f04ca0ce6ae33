//! Linear memory that is shown to the [`SecretWatch`] before it is gone.

#![expect(unsafe_code, reason = "memory for machine code is unsafe by nature")]

use std::sync::Arc;

use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

use crate::credentials::secret_watch::SecretWatch;

const PAGE: usize = 4_096;

#[derive(Clone)]
#[repr(C, align(4096))]
struct Page([u8; PAGE]);

/// Makes memories on the heap. Needs an engine without guard pages and reservations: its code checks every access.
pub(crate) struct WatchedMemories(pub(crate) Arc<SecretWatch>);

struct WatchedMemory {
    pages: Vec<Page>,
    base: *mut u8,
    watch: Arc<SecretWatch>,
}

// SAFETY: `base` points into `pages`, which the value owns; wasmtime alone uses it, under its own locking.
unsafe impl Send for WatchedMemory {}
// SAFETY: as above; nothing is reached through a shared reference but numbers and the pointer itself.
unsafe impl Sync for WatchedMemory {}

// SAFETY: memories are zeroed, aligned to pages, and as long as they say. Guard pages are refused, so that no code relies
// on them; what `reserved` asks for is the capacity, within which the base does not move.
unsafe impl MemoryCreator for WatchedMemories {
    fn new_memory(
        &self,
        _: MemoryType,
        minimum: usize,
        _: Option<usize>,
        reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        if guard != 0 {
            return Err("watched memory has no guard pages".to_owned());
        }
        let mut pages = Vec::with_capacity(reserved.unwrap_or_default().max(minimum).div_ceil(PAGE));
        pages.resize(minimum.div_ceil(PAGE), Page([0; PAGE]));
        Ok(Box::new(WatchedMemory {
            base: pages.as_mut_ptr().cast(),
            pages,
            watch: Arc::clone(&self.0),
        }))
    }
}

// SAFETY: see above.
unsafe impl LinearMemory for WatchedMemory {
    fn byte_size(&self) -> usize {
        self.pages.len() * PAGE
    }

    fn byte_capacity(&self) -> usize {
        self.pages.capacity() * PAGE
    }

    fn grow_to(&mut self, size: usize) -> wasmtime::Result<()> {
        self.pages.resize(size.div_ceil(PAGE), Page([0; PAGE]));
        self.base = self.pages.as_mut_ptr().cast();
        Ok(())
    }

    fn as_ptr(&self) -> *mut u8 {
        self.base
    }
}

impl Drop for WatchedMemory {
    fn drop(&mut self) {
        // SAFETY: the instance is gone; the pages are initialised and nobody else has the pointer any more.
        let bytes = unsafe { std::slice::from_raw_parts(self.base, self.pages.len() * PAGE) };
        self.watch.memory(bytes);
    }
}
