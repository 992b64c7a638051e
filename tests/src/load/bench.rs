//! The benches: what each sets up, measures and is held to.
//!
//! One file a bench, all of the same shape: `COLUMNS`, `run` for the whole bench, `measure` for one server once.

mod cut;
mod fanout;
mod ingest;
mod lane;
mod relay;
mod slow;
mod start;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::engine::Engine;
use super::process::{own_cpu, pin_self, raise_open_files};
use super::report::{Figures, Report, Row, row};
use super::server::Server;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bench {
    /// 20 publishers to 5 destinations each.
    Relay,
    /// One publisher to many players.
    Fanout,
    /// 100 publishers without readers.
    Ingest,
    /// A destination that reads at a tenth of the bitrate.
    Slow,
    /// A destination that is gone for three seconds.
    Cut,
    /// From publish to the first byte at a destination.
    Start,
}

/// Who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The floor, one write a frame, the same bytes to every socket.
    Raw73,
    /// As that, but of as many streams as the bench has publishers, each with its own moments.
    RawStreams,
    /// The floor, one write a picture.
    Raw30,
    /// nginx with its RTMP module.
    Nginx,
    /// This house.
    Neustream,
}

impl Subject {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw73 => "raw(73)",
            Self::RawStreams => "raw(73), 20 streams",
            Self::Raw30 => "raw(30)",
            Self::Nginx => "nginx-rtmp",
            Self::Neustream => "neustream",
        }
    }
}

/// How a bench is run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The binary; without it only the others are measured.
    pub neustream: Option<PathBuf>,
    /// Who is measured, as far as the bench knows them.
    pub subjects: Vec<Subject>,
    /// Length of a window; each bench has its own default.
    pub window: Option<Duration>,
    /// Short windows, one round: a look, no figure for the record.
    pub is_quick: bool,
    /// How many times every server has its turn.
    pub rounds: Option<usize>,
    /// Readers of `fanout`.
    pub players: usize,
    /// `fanout` tries more and more players instead.
    pub is_search: bool,
    /// The server's core.
    pub server_core: usize,
    /// The generator's core.
    pub load_core: usize,
}

impl Settings {
    fn window(&self, usual_s: u64, quick_s: u64) -> Duration {
        self.window.unwrap_or(Duration::from_secs(if self.is_quick { quick_s } else { usual_s }))
    }

    fn rounds(&self, usual: usize) -> usize {
        self.rounds.unwrap_or(if self.is_quick { 1 } else { usual })
    }

    fn warm_up(&self) -> Duration {
        Duration::from_secs(if self.is_quick { 2 } else { 4 })
    }

    fn binary(&self) -> Result<&PathBuf> {
        self.neustream.as_ref().context("--neustream PATH is needed to measure it")
    }

    /// Those of `known` that were asked for.
    fn subjects(&self, known: &[Subject]) -> Vec<Subject> {
        known.iter().copied().filter(|subject| self.subjects.contains(subject)).collect()
    }
}

/// Runs one bench.
pub fn run(bench: Bench, settings: &Settings) -> Result<Report> {
    pin_self(settings.load_core)?;
    raise_open_files(settings.players as u64 + 1024)?;
    ensure!(settings.players <= 10_000, "at most 10000 players");
    let bench = match bench {
        Bench::Relay => relay::run,
        Bench::Fanout => fanout::run,
        Bench::Ingest => ingest::run,
        Bench::Slow => slow::run,
        Bench::Cut => cut::run,
        Bench::Start => start::run,
    };
    Ok(bench(settings))
}

/// Gives every server its turn, round after round. `ratio` names the column of the CPU price and the column that
/// gets its ratio to the first subject's price of the same round.
fn alternate(
    rounds: usize,
    subjects: &[(&str, Subject)],
    columns: usize,
    ratio: Option<(usize, usize)>,
    mut measure: impl FnMut(Subject) -> Result<Figures>,
) -> Vec<Row> {
    let mut found: Vec<(Vec<Figures>, Vec<String>)> = vec![(Vec::new(), Vec::new()); subjects.len()];
    for round in 1..=rounds {
        let mut floor = None;
        for (index, (name, subject)) in subjects.iter().enumerate() {
            eprintln!("round {round} of {rounds}: {name}");
            match measure(*subject) {
                Ok(mut figures) => {
                    if let Some((price, target)) = ratio {
                        if index == 0 {
                            floor = figures[price];
                        }
                        figures[target] = figures[price].zip(floor).map(|(price, floor)| price / floor);
                    }
                    eprintln!("  {figures:.3?}");
                    found[index].0.push(figures);
                }
                Err(error) => {
                    eprintln!("  failed: {error:#}");
                    found[index].1.push(format!("{error:#}"));
                }
            }
        }
    }
    let rows = subjects.iter().zip(found);
    rows.map(|((name, _), (figures, failures))| row(name, &figures, failures, columns)).collect()
}

/// What a window cost.
#[derive(Debug, Clone, Copy)]
struct Window {
    wall: Duration,
    server_cpu: Duration,
    resident_bytes: u64,
    /// Share of its core that the generator used, in percent.
    generator_percent: f64,
}

/// Records for `duration`.
fn record(engine: &mut Engine, server: &Server, duration: Duration) -> Result<Window> {
    let (before, own_before, start) = (server.usage()?, own_cpu(), Instant::now());
    engine.start_recording();
    engine.run_for(duration)?;
    engine.stop_recording();
    let (after, wall) = (server.usage()?, start.elapsed());
    for publisher in engine.publishers() {
        ensure!(publisher.is_open(), "a publisher was ended: {}", publisher.end().unwrap_or("no reason"));
    }
    Ok(Window {
        wall,
        server_cpu: after.cpu.saturating_sub(before.cpu),
        resident_bytes: after.resident_bytes,
        generator_percent: own_cpu().saturating_sub(own_before).as_secs_f64() / wall.as_secs_f64() * 100.0,
    })
}

impl Window {
    fn cpu_per_gbit(&self, bytes: u64) -> Option<f64> {
        (bytes > 0).then(|| self.server_cpu.as_secs_f64() / (bytes as f64 * 8.0 / 1e9))
    }
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Processor, kernel and the way the cores were shared out.
fn machine(settings: &Settings, rounds: usize, window: Duration) -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let processor = read("/proc/cpuinfo")
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name.to_owned()))
        .unwrap_or_default();
    let kernel = read("/proc/sys/kernel/osrelease");
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!(
        "{processor}, Linux {}; server on core {}, generator on core {} ({cores} usable by it); {rounds} round(s), \
         windows of {} s, medians.",
        kernel.trim(),
        settings.server_core,
        settings.load_core,
        window.as_secs()
    )
}
