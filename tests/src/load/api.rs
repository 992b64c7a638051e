//! The HTTP API under a steady stream of mixed requests, on each database.
//!
//! * **Open loop.** A request is due every 1/rate seconds, whatever became of those before. Its latency counts from
//!   the moment that it was due to the last byte of its answer, so a server that stalls is charged for everything that
//!   waited meanwhile. When no connection is free, another one is opened.
//! * **Everything shares the machine**: server, database and this generator; nothing is tied to a core. How late the
//!   generator was is shown beside the figures that it is part of.
//! * **The mix** is what dashboards and integrations ask (see `mix`): nine reads to one write, of many organisations
//!   that each have sources and destinations. Limits of requests are off, everything else is as installed; PostgreSQL
//!   runs as Debian ships it, with durable commits.

mod client;
mod mix;
mod tenants;

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rand::SeedableRng;
use rand::rngs::StdRng;

use self::client::{Client, Outcome};
use self::mix::Mix;
use self::tenants::Tenants;
use super::process::{own_cpu, usage_of_tree};
use super::report::{Figures, Report, row};
use super::samples::Samples;
use crate::kit::postgres::Postgres;
use crate::kit::server::Settings;

/// What 95 of 100 requests may take at most, in milliseconds.
const GOAL_P95_MS: f64 = 20.0;

const COLUMNS: [&str; 11] = [
    "answered/s",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "max ms",
    "read p95 ms",
    "write p95 ms",
    "failed",
    "server CPU %",
    "generator CPU %",
    "generator late p99 ms",
];

/// How a run is done.
#[derive(Debug, Clone)]
pub struct Run {
    /// Requests a second.
    pub rate: u32,
    /// How long is measured.
    pub window: Duration,
    /// How long it runs before that.
    pub warm_up: Duration,
    /// How many organisations ask.
    pub tenants: usize,
    /// The databases, in the order of the report.
    pub databases: Vec<Database>,
    /// Which requests come, and when: the same for the same seed.
    pub seed: u64,
}

/// Where the server keeps things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// The embedded default.
    Sqlite,
    /// A private cluster on this machine.
    Postgres,
}

impl Database {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// Measures every database in turn, with the server that was built beside this program.
///
/// # Errors
/// When something that is needed is not installed.
pub async fn run(run: &Run) -> Result<Report> {
    let mut rows = Vec::new();
    for database in &run.databases {
        eprintln!("{}:", database.name());
        let (rounds, failures) = match measure(run, *database).await {
            Ok(figures) => (vec![figures], Vec::new()),
            Err(error) => (Vec::new(), vec![format!("{error:#}")]),
        };
        rows.push(row(database.name(), &rounds, failures, COLUMNS.len()));
    }
    let mut report = Report {
        bench: "api",
        conditions: format!(
            "{} requests/s, open loop, mixed (nine reads to one write), of {} organisations with {} sources each; latency \
             from the moment that a request was due.",
            run.rate,
            run.tenants,
            tenants::SOURCES
        ),
        machine: machine(run),
        columns: COLUMNS.to_vec(),
        rows,
        goals: Vec::new(),
    };
    for database in &run.databases {
        let goal = format!("p95 in ms at {} requests/s, {}", run.rate, database.name());
        report.hold(&goal, database.name(), "p95 ms", GOAL_P95_MS);
        report.hold(&format!("failed requests, {}", database.name()), database.name(), "failed", 0.0);
    }
    Ok(report)
}

async fn measure(run: &Run, database: Database) -> Result<Figures> {
    let postgres = match database {
        Database::Postgres => Some(Postgres::start_durable().await?),
        Database::Sqlite => None,
    };
    // Everybody comes from one address here.
    let mut settings =
        Settings::new()?.with("NEUSTREAM_LOG", "warn").with("NEUSTREAM_RATE_LIMIT_ANONYMOUS", "off");
    if let Some(postgres) = &postgres {
        settings = settings.with("NEUSTREAM_DATABASE_URL", postgres.url());
    }
    let server = settings.start().await?;
    eprintln!("  making {} organisations", run.tenants);
    let tenants = Tenants::make(&server, run.tenants).await?;
    let client = Client::new(server.http());
    let mut mix = Mix::new(tenants, StdRng::seed_from_u64(run.seed));
    eprintln!("  warming up for {} s, measuring for {} s", run.warm_up.as_secs(), run.window.as_secs());
    offer(run, &client, &mut mix, run.warm_up).await?;

    let (before, own_before, start) = (usage_of_tree(server.pid())?, own_cpu(), Instant::now());
    let outcomes = offer(run, &client, &mut mix, run.window).await?;
    let wall = start.elapsed();
    let (after, own) = (usage_of_tree(server.pid())?, own_cpu().saturating_sub(own_before));
    let figures = figures(&outcomes, run.window);
    print_by_route(&outcomes);
    let percent = |cpu: Duration| Some(cpu.as_secs_f64() / wall.as_secs_f64() * 100.0);
    let mut all = figures;
    all[8] = percent(after.cpu.saturating_sub(before.cpu));
    all[9] = percent(own);
    Ok(all)
}

/// Offers requests at the run's rate for `duration`, and waits for their answers.
async fn offer(run: &Run, client: &Client, mix: &mut Mix, duration: Duration) -> Result<Vec<Outcome>> {
    let gap = Duration::from_secs(1) / run.rate;
    let count = (duration.as_secs_f64() * f64::from(run.rate)) as u32;
    let mut under_way = tokio::task::JoinSet::new();
    let start = Instant::now();
    let mut outcomes = Vec::with_capacity(count as usize);
    for number in 0..count {
        let due = start + gap * number;
        tokio::time::sleep_until(due.into()).await;
        under_way.spawn(client.clone().ask(mix.next_request(), due));
        while let Some(done) = under_way.try_join_next() {
            keep(done.context("a request's task")?, mix, &mut outcomes);
        }
    }
    while let Some(done) = under_way.join_next().await {
        keep(done.context("a request's task")?, mix, &mut outcomes);
    }
    ensure!(!outcomes.is_empty(), "nothing was asked");
    Ok(outcomes)
}

fn keep(outcome: Outcome, mix: &mut Mix, outcomes: &mut Vec<Outcome>) {
    mix.learn(&outcome);
    outcomes.push(outcome);
}

fn figures(outcomes: &[Outcome], window: Duration) -> Figures {
    let (mut all, mut reads, mut writes, mut late) =
        (Samples::default(), Samples::default(), Samples::default(), Samples::default());
    for outcome in outcomes {
        all.push(outcome.latency);
        late.push(outcome.sent_late);
        if outcome.request.is_write() { writes.push(outcome.latency) } else { reads.push(outcome.latency) }
    }
    let failed = outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
    let [p50, p95, p99, max] = all.percentiles_ms([50.0, 95.0, 99.0, 100.0]);
    let [read] = reads.percentiles_ms([95.0]);
    let [write] = writes.percentiles_ms([95.0]);
    let [late] = late.percentiles_ms([99.0]);
    let answered = (outcomes.len() - failed) as f64 / window.as_secs_f64();
    vec![Some(answered), p50, p95, p99, max, read, write, Some(failed as f64), None, None, late]
}

/// What each kind of request took, on standard error: for whoever looks for the slow one.
fn print_by_route(outcomes: &[Outcome]) {
    for kind in mix::KINDS {
        let mut samples = Samples::default();
        let of_kind = || outcomes.iter().filter(|outcome| outcome.request.kind == kind.name);
        of_kind().for_each(|outcome| samples.push(outcome.latency));
        let [p50, p95, p99] = samples.percentiles_ms([50.0, 95.0, 99.0]).map(Option::unwrap_or_default);
        eprintln!("  {:28} {:6}  p50 {p50:7.2}  p95 {p95:7.2}  p99 {p99:7.2} ms", kind.name, samples.count());
        if let Some(failed) = of_kind().find_map(|outcome| outcome.failure.as_ref()) {
            eprintln!("    one of those that failed: {failed}");
        }
    }
}

fn machine(run: &Run) -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let processor = read("/proc/cpuinfo");
    let processor = processor.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!(
        "{}, Linux {}; server, database and generator on the same {cores} cores; one window of {} s after {} s.",
        processor.map_or("", |(_, name)| name),
        read("/proc/sys/kernel/osrelease").trim(),
        run.window.as_secs(),
        run.warm_up.as_secs()
    )
}
