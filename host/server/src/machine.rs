//! The machine that the host runs on, as those who run it see it.
//!
//! Figures are measured at every asking. The checks are the doctor's: they ask other services and start processes, so
//! what they found is kept for [`FRESH`], and however many ask, one looks.

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use neustream_api::{CheckStatus, Machine, MachineCheck, MachineChecks, MachineFigures};
use neustream_model::UnixMillis;
use rustix::time::{ClockId, clock_gettime};

use crate::admin::Place;
use crate::admin::doctor::{Check, Verdict, disk_space, look_while_serving};

/// How long it is not looked again.
const FRESH: Duration = Duration::from_mins(1);
/// Over less than this a share of CPU time says nothing.
const SHORTEST_SPAN: Duration = Duration::from_millis(500);

/// The machine, and what is known of it.
pub struct ThisMachine {
    place: Place,
    started_at: UnixMillis,
    looked: tokio::sync::Mutex<Option<(Instant, MachineChecks)>>,
    cpu: Mutex<CpuShare>,
}

/// The share of a core that the process took between two askings.
struct CpuShare {
    asked_at: Instant,
    used: Duration,
    percent: f64,
}

impl ThisMachine {
    /// The machine on which a server of these settings begins to serve now.
    pub fn new(place: Place) -> Self {
        Self {
            place,
            started_at: UnixMillis::now(),
            looked: tokio::sync::Mutex::default(),
            cpu: Mutex::new(CpuShare { asked_at: Instant::now(), used: cpu_time(), percent: 0.0 }),
        }
    }

    fn cpu_percent(&self) -> f64 {
        let Ok(mut share) = self.cpu.lock() else { return 0.0 };
        share.asked(Instant::now(), cpu_time());
        share.percent
    }
}

#[async_trait]
impl Machine for ThisMachine {
    async fn checks(&self) -> MachineChecks {
        let mut looked = self.looked.lock().await;
        if let Some((at, checks)) = looked.as_ref()
            && at.elapsed() < FRESH
        {
            return checks.clone();
        }
        let found = Box::pin(look_while_serving(&self.place)).await;
        let checks = MachineChecks {
            checks: found.into_iter().map(machine_check).collect(),
            checked_at: UnixMillis::now(),
        };
        *looked = Some((Instant::now(), checks.clone()));
        checks
    }

    fn figures(&self) -> MachineFigures {
        MachineFigures {
            started_at: self.started_at,
            disk: disk_space(&self.place.config.data_dir),
            resident_bytes: resident_bytes(),
            cpu_percent: self.cpu_percent(),
            is_mail_configured: self.place.config.smtp_host.is_some(),
        }
    }
}

impl CpuShare {
    /// Takes note that by `now` so much was used at all.
    fn asked(&mut self, now: Instant, used: Duration) {
        let span = now.saturating_duration_since(self.asked_at);
        if span < SHORTEST_SPAN {
            return;
        }
        let percent = used.saturating_sub(self.used).as_secs_f64() / span.as_secs_f64() * 100.0;
        *self = Self { asked_at: now, used, percent };
    }
}

/// CPU time of all threads of this process so far.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let part = |number: i64| u64::try_from(number).unwrap_or_default();
    Duration::from_secs(part(time.tv_sec)) + Duration::from_nanos(part(time.tv_nsec))
}

/// What of this process is held in RAM: the second number of proc(5), /proc/self/statm, in pages.
fn resident_bytes() -> Option<u64> {
    let text = std::fs::read_to_string(Path::new("/proc/self/statm")).ok()?;
    let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * u64::try_from(rustix::param::page_size()).ok()?)
}

fn machine_check(check: Check) -> MachineCheck {
    MachineCheck {
        code: check.name.to_lowercase().replace(' ', "-"),
        status: match check.verdict {
            Verdict::Ok => CheckStatus::Ok,
            Verdict::Warning => CheckStatus::Warning,
            Verdict::Problem => CheckStatus::Problem,
        },
        message: check.found,
        advice: check.advice,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_cpu_time_is_of_the_time_since_the_last_asking() {
        let began = Instant::now();
        let mut share = CpuShare { asked_at: began, used: Duration::from_secs(4), percent: 0.0 };
        share.asked(began + Duration::from_secs(2), Duration::from_secs(5));
        assert!((share.percent - 50.0).abs() < 1e-9, "{}", share.percent);
        share.asked(began + Duration::from_millis(2100), Duration::from_secs(6));
        assert!((share.percent - 50.0).abs() < 1e-9, "who asks again at once hears the same");
        share.asked(began + Duration::from_secs(4), Duration::from_secs(9));
        assert!((share.percent - 200.0).abs() < 1e-9, "two cores");
    }

    #[test]
    fn this_process_is_in_memory_and_takes_time() {
        assert!(resident_bytes().is_some_and(|bytes| bytes > 1 << 20), "{:?}", resident_bytes());
        assert!(cpu_time() > Duration::ZERO);
    }
}
