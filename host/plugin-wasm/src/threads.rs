//! The platform's own threads, apart from those that carry media.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::Runtime;

/// Threads that run guests. Two keep one busy guest from delaying the next; media has its own.
const THREADS: usize = 2;
/// What the threads add to the process's niceness.
const NICENESS: i32 = 5;

/// A runtime whose threads bear `mark`.
pub(crate) fn runtime(mark: ThreadMark) -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .max_blocking_threads(4)
        .thread_name("plugin")
        .on_thread_start(move || {
            mark.set();
            // On Linux niceness belongs to threads. Failing to be polite is no reason to fail.
            let thread = rustix::thread::gettid();
            let _ = rustix::process::setpriority_process(Some(thread), NICENESS);
        })
        .enable_all()
        .build()
}

/// Tells whether the current thread is one of a platform's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ThreadMark(usize);

thread_local! {
    static MARK: Cell<usize> = const { Cell::new(0) };
}

impl ThreadMark {
    /// The mark of a new platform.
    pub(crate) fn new() -> Self {
        static LAST: AtomicUsize = AtomicUsize::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Marks the current thread.
    fn set(self) {
        MARK.set(self.0);
    }

    /// Whether the current thread bears it.
    pub(crate) fn is_current(self) -> bool {
        MARK.get() == self.0
    }
}
