//! Where a process can die: every operation of journal and provider passes a point before and after its effect.

use std::future::{Future, pending};
use std::pin::{Pin, pin};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use tokio::sync::Notify;

/// The points that a run passes. One of them may be its last.
#[derive(Default)]
pub struct Points {
    passed: AtomicU64,
    last: Mutex<Option<u64>>,
    died: Notify,
}

impl Points {
    /// Called at a point. Does not return at the last one: whoever waits is dead.
    pub async fn pass(&self) {
        tokio::task::yield_now().await;
        let number = self.passed.fetch_add(1, Ordering::SeqCst);
        let is_last = self.last.lock().unwrap().is_some_and(|last| last == number);
        if is_last {
            self.died.notify_one();
            pending::<()>().await;
        }
    }

    /// Runs `work` until it ends or dies at the point `last`, counted from now. None when it died.
    pub async fn dying_at<T>(&self, last: u64, work: impl Future<Output = T>) -> Option<T> {
        *self.last.lock().unwrap() = Some(self.passed.load(Ordering::SeqCst) + last);
        let work = Box::pin(work);
        let outcome = tokio::select! {
            biased;
            () = self.died.notified() => None,
            outcome = work => Some(outcome),
        };
        *self.last.lock().unwrap() = None;
        outcome
    }
}

/// Polls `work` at most `polls` times, then drops it. None when it was dropped: this ends it at every await that
/// really waits, whether or not it is one of ours.
pub async fn polled<T>(polls: u64, work: impl Future<Output = T>) -> Option<T> {
    struct Polled<'a, F> {
        left: u64,
        work: Pin<&'a mut F>,
    }

    impl<T, F: Future<Output = T>> Future for Polled<'_, F> {
        type Output = Option<T>;

        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
            if self.left == 0 {
                return Poll::Ready(None);
            }
            self.left -= 1;
            self.work.as_mut().poll(context).map(Some)
        }
    }

    Polled { left: polls, work: pin!(work) }.await
}
