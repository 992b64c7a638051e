//! How providers fail, and where those who ask them die.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::super::oauth::Answer;

/// How a request goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// It is done, and the connection ends before the answer.
    LostAnswer,
    /// The connection ends before anything is done.
    LostRequest,
    /// This is answered before anything is done.
    Refused(u16, Value),
    /// 429 with `Retry-After`, before anything is done.
    TooMany {
        /// Seconds.
        retry_after_s: u32,
    },
    /// It is done, and what is answered is no JSON.
    Malformed,
    /// It is done after so long, and answered then.
    Slow(Duration),
    /// It is done, and never answered: the connection stays open.
    Silent,
}

/// What a test does when a request has come so far.
type Deed = Box<dyn FnOnce() + Send>;

/// Faults that wait for their requests: those that write, and those that read.
#[derive(Default)]
pub struct Faults {
    writing: Mutex<VecDeque<Fault>>,
    reading: Mutex<VecDeque<Fault>>,
    /// Passed points until a deed is done; every request has two, before and after it is done.
    deed: Mutex<Option<(u32, Deed)>>,
}

impl Faults {
    /// The next request that writes goes wrong so.
    pub fn next_write(&self, fault: Fault) {
        lock(&self.writing).push_back(fault);
    }

    /// The next request that reads goes wrong so.
    pub fn next_read(&self, fault: Fault) {
        lock(&self.reading).push_back(fault);
    }

    /// Does `deed` at the point `number` from now on, counted from 0: 0 is before the next request is done, 1 after
    /// it is done and before it is answered, 2 before the one after that, ...
    pub fn at_point(&self, number: u32, deed: impl FnOnce() + Send + 'static) {
        *lock(&self.deed) = Some((number, Box::new(deed)));
    }

    /// Whether the deed of [`Faults::at_point`] is still to be done; it is taken back.
    pub fn take_deed(&self) -> bool {
        lock(&self.deed).take().is_some()
    }

    pub(super) fn take(&self, is_writing: bool) -> Option<Fault> {
        lock(if is_writing { &self.writing } else { &self.reading }).pop_front()
    }

    /// Passes a point. True when the deed was done: whoever asked is gone, so nobody is answered.
    pub(super) fn pass(&self) -> bool {
        let mut waiting = lock(&self.deed);
        match waiting.as_mut() {
            None => false,
            Some((0, _)) => {
                if let Some((_, deed)) = waiting.take() {
                    deed();
                }
                true
            }
            Some((left, _)) => {
                *left -= 1;
                false
            }
        }
    }
}

/// Does what `act` does, as `fault` and the points will have it.
pub(super) async fn with_faults(
    faults: &Faults,
    is_writing: bool,
    act: impl FnOnce() -> Answer,
) -> Option<Answer> {
    if faults.pass() {
        return None;
    }
    let fault = faults.take(is_writing);
    match &fault {
        Some(Fault::LostRequest) => return None,
        Some(Fault::Refused(status, body)) => return Some(Answer::json(*status, body)),
        Some(Fault::TooMany { retry_after_s }) => {
            let headers = vec![("retry-after", retry_after_s.to_string())];
            return Some(Answer { status: 429, headers, body: "{}".to_owned() });
        }
        Some(Fault::Slow(delay)) => tokio::time::sleep(*delay).await,
        _ => {}
    }
    let answer = act();
    if faults.pass() {
        return None;
    }
    match fault {
        Some(Fault::LostAnswer) => None,
        Some(Fault::Silent) => pending().await,
        Some(Fault::Malformed) => Some(Answer { body: "<html>502 Bad Gateway".to_owned(), ..answer }),
        _ => Some(answer),
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
