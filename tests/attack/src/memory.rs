//! Bytes allocated and not freed, as the server counts them.

use core::alloc::{GlobalAlloc, Layout};
use core::sync::atomic::{AtomicIsize, Ordering};
use std::alloc::System;

static IN_USE: AtomicIsize = AtomicIsize::new(0);

/// The system's allocator, counted.
pub(crate) struct Counting;

// SAFETY: every call is handed on to the system's allocator unchanged; counting touches no memory it manages.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        IN_USE.fetch_add(layout.size() as isize, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`, which is the same here.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size() as isize, Ordering::Relaxed);
        // SAFETY: `pointer` came from `alloc` above with this layout, as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// How many there are.
pub(crate) fn in_use() -> isize {
    IN_USE.load(Ordering::Relaxed)
}
