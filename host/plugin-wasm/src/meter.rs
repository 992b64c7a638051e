//! How much CPU time and wall-clock time one call has used.
//!
//! Time is that of the thread while it polls the call: instantiation, guest
//! code and the lifting of its values count, waiting does not. A guest that
//! computes is looked at on every epoch tick, or each time it yields for fuel.
//! Where fuel is the budget, CPU time is only told, never held against the
//! guest: it is read from the cheap wall clock then.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// CPU time and deadline of one call.
#[derive(Debug)]
pub(crate) struct Meter {
    began: Instant,
    /// CPU nanoseconds of finished polls.
    used_ns: AtomicU64,
    /// The clock at which the current poll began.
    poll_began_ns: AtomicU64,
    /// None where fuel is the budget.
    cpu_budget: Option<Duration>,
    deadline: Instant,
}

/// Which budget ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exceeded {
    Cpu,
    Wall,
}

impl Meter {
    pub(crate) fn new(cpu_budget: Option<Duration>, deadline: Instant) -> Self {
        let (used_ns, poll_began_ns) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { began: Instant::now(), used_ns, poll_began_ns, cpu_budget, deadline }
    }

    /// Nanoseconds of the clock that polls are measured with.
    fn clock_ns(&self) -> u64 {
        match self.cpu_budget {
            Some(_) => thread_cpu_ns(),
            None => u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX),
        }
    }

    /// CPU time used, the current poll included when called from within it.
    fn used_within_poll(&self) -> Duration {
        let began = self.poll_began_ns.load(Ordering::Relaxed);
        let current = self.clock_ns().saturating_sub(began);
        Duration::from_nanos(self.used_ns.load(Ordering::Relaxed) + current)
    }

    /// CPU time of finished polls.
    pub(crate) fn used(&self) -> Duration {
        Duration::from_nanos(self.used_ns.load(Ordering::Relaxed))
    }

    /// Which budget has run out, asked from within a poll.
    pub(crate) fn exceeded(&self) -> Option<Exceeded> {
        self.exceeded_with(self.used_within_poll())
    }

    /// Which budget has run out, asked after the call.
    pub(crate) fn exceeded_at_end(&self) -> Option<Exceeded> {
        self.exceeded_with(self.used())
    }

    fn exceeded_with(&self, used: Duration) -> Option<Exceeded> {
        if self.cpu_budget.is_some_and(|budget| used >= budget) {
            return Some(Exceeded::Cpu);
        }
        self.is_late().then_some(Exceeded::Wall)
    }

    fn is_late(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// Wall-clock time that is left.
    pub(crate) fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

/// A future whose polls are charged to a meter. It answers none when the deadline had passed before a poll, so
/// that a guest which only ever yields does not depend on anybody's timer.
pub(crate) struct Metered<F> {
    future: Pin<Box<F>>,
    meter: Arc<Meter>,
}

impl<F> Metered<F> {
    pub(crate) fn new(future: F, meter: Arc<Meter>) -> Self {
        Self { future: Box::pin(future), meter }
    }
}

impl<F: Future> Future for Metered<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.meter.is_late() {
            return Poll::Ready(None);
        }
        let began = self.meter.clock_ns();
        self.meter.poll_began_ns.store(began, Ordering::Relaxed);
        let result = self.future.as_mut().poll(context);
        self.meter.used_ns.fetch_add(self.meter.clock_ns().saturating_sub(began), Ordering::Relaxed);
        result.map(Some)
    }
}

fn thread_cpu_ns() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
