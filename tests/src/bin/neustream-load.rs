//! `neustream-load`: measures Neustream beside nginx-rtmp and the kernel's own price. See `neustream_tests::load`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};
use neustream_tests::hostile;
use neustream_tests::load::api::{self, Database};
use neustream_tests::load::bench::{self, Bench, Settings, Subject};
use neustream_tests::load::raw::{self, Writes};
use neustream_tests::load::report::Report;

/// Load generator and benches of Neustream.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure servers side by side in one run and hold Neustream to its goals.
    Bench(BenchArguments),
    /// Ask the HTTP API steadily on each database and hold its latency to its goal.
    Api(ApiArguments),
    /// Run a thousand hostile plugins against a serving host, beside a neighbour and a broadcast.
    Hostile(HostileArguments),
    /// Be the floor: what `bench` starts to learn the kernel's price.
    #[command(subcommand)]
    Raw(RawCommand),
}

#[derive(Debug, Args)]
struct BenchArguments {
    /// What to measure.
    name: BenchName,
    /// The release build of `neustream`; without it only the floor and nginx-rtmp are measured.
    #[arg(long, value_name = "PATH")]
    neustream: Option<PathBuf>,
    /// Length of each measured window; each bench has its own default.
    #[arg(long)]
    seconds: Option<u64>,
    /// Short windows and one round: a look, no figure for the record.
    #[arg(long)]
    quick: bool,
    /// How many times each server has its turn (3, with --quick 1).
    #[arg(long)]
    rounds: Option<usize>,
    /// fanout: how many players.
    #[arg(long, default_value_t = 500)]
    players: usize,
    /// fanout: instead find out how many players one core sustains, up to 4000.
    #[arg(long)]
    search: bool,
    /// Who is measured; all by default.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    servers: Vec<SubjectName>,
    /// The core of the server.
    #[arg(long, default_value_t = 0)]
    server_core: usize,
    /// The core of the load generator.
    #[arg(long, default_value_t = 1)]
    load_core: usize,
    /// Also write the report as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Also write the report as Markdown, for docs/BENCHMARKS.md.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct ApiArguments {
    /// Requests a second.
    #[arg(long, default_value_t = 1000)]
    rate: u32,
    /// How long is measured.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// How long it runs before that.
    #[arg(long, default_value_t = 10)]
    warm_up_seconds: u64,
    /// How many organisations ask.
    #[arg(long, default_value_t = 50)]
    organisations: usize,
    /// Where the server keeps things; both by default.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    databases: Vec<DatabaseName>,
    /// Which requests come: the same for the same seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Also write the report as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Also write the report as Markdown, for docs/BENCHMARKS.md.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DatabaseName {
    /// The embedded default.
    Sqlite,
    /// A private cluster.
    Postgres,
}

#[derive(Debug, Args)]
struct HostileArguments {
    /// How many packages.
    #[arg(long, default_value_t = 1000)]
    count: u32,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    first: u32,
    /// Which packages: the same for the same seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How long the neighbour is measured alone.
    #[arg(long, default_value_t = 30)]
    quiet_seconds: u64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum BenchName {
    /// 20 publishers of 5 Mbit/s to 5 destinations each: CPU per Gbit, latency, memory (goal 2).
    Relay,
    /// One publisher of 5 Mbit/s to 500 players: CPU per Gbit, latency, memory a player (goals 1 and 3).
    Fanout,
    /// 100 publishers of 2.5 Mbit/s without readers: CPU per Gbit, memory a stream (goals 7 and 3).
    Ingest,
    /// A destination that reads at 10 %: staleness, memory, neighbours (goal 4).
    Slow,
    /// A destination that is gone for 3 s: time to the next picture (goal 5).
    Cut,
    /// From publish to the first byte at a destination (goal 8).
    Start,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SubjectName {
    /// One write a frame, the same bytes to every socket.
    Raw73,
    /// relay: one write a frame, of 20 streams with moments of their own.
    RawStreams,
    /// One write a picture.
    Raw30,
    /// nginx with its RTMP module.
    Nginx,
    /// The binary given by --neustream.
    Neustream,
}

#[derive(Debug, Subcommand)]
enum RawCommand {
    /// Copy the frames of synthetic streams to sockets with plain `write`.
    Copy {
        /// How many sockets to wait for.
        #[arg(long)]
        sockets: usize,
        /// How many streams they share.
        #[arg(long, default_value_t = 1)]
        streams: usize,
        /// Bitrate of a stream.
        #[arg(long, default_value_t = 5_000_000)]
        bits: u64,
        /// Writes a second and socket: 73 (each frame) or 30 (each picture).
        #[arg(long, default_value_t = 73, value_parser = clap::value_parser!(u8))]
        writes: u8,
    },
    /// Read from whoever connects and drop what comes.
    Drain,
}

fn main() -> Result<ExitCode> {
    match Cli::parse().command {
        Command::Bench(arguments) => run_bench(arguments),
        Command::Api(arguments) => run_api(&arguments),
        Command::Hostile(arguments) => run_hostile(&arguments),
        Command::Raw(RawCommand::Drain) => raw::drain().map(|()| ExitCode::SUCCESS),
        Command::Raw(RawCommand::Copy { sockets, streams, bits, writes }) => {
            let writes = if writes == 30 { Writes::EveryPicture } else { Writes::EveryFrame };
            raw::copy(raw::Copy { sockets, streams, bits_per_second: bits, writes })
                .map(|()| ExitCode::SUCCESS)
        }
    }
}

fn run_bench(arguments: BenchArguments) -> Result<ExitCode> {
    let mut subjects: Vec<Subject> = arguments.servers.iter().map(|name| subject(*name)).collect();
    if subjects.is_empty() {
        subjects =
            vec![Subject::Raw73, Subject::RawStreams, Subject::Raw30, Subject::Nginx, Subject::Neustream];
    }
    if arguments.neustream.is_none() {
        subjects.retain(|subject| *subject != Subject::Neustream);
    }
    let settings = Settings {
        neustream: arguments.neustream,
        subjects,
        window: arguments.seconds.map(Duration::from_secs),
        is_quick: arguments.quick,
        rounds: arguments.rounds,
        players: arguments.players,
        is_search: arguments.search,
        server_core: arguments.server_core,
        load_core: arguments.load_core,
    };
    let report = bench::run(bench_of(arguments.name), &settings)?;
    tell(&report, arguments.json.as_deref(), arguments.markdown.as_deref())?;
    let has_failed = report.rows.iter().any(|row| !row.failures.is_empty());
    Ok(if has_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Prints a report, and writes it where that is asked for.
fn tell(report: &Report, json: Option<&Path>, markdown: Option<&Path>) -> Result<()> {
    print!("{}", report.to_text());
    if let Some(path) = json {
        let text = serde_json::to_string_pretty(report)? + "\n";
        fs::write(path, text).with_context(|| path.display().to_string())?;
    }
    if let Some(path) = markdown {
        fs::write(path, report.to_markdown()).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn run_api(arguments: &ApiArguments) -> Result<ExitCode> {
    let database = |name: &DatabaseName| match name {
        DatabaseName::Sqlite => Database::Sqlite,
        DatabaseName::Postgres => Database::Postgres,
    };
    let mut databases: Vec<_> = arguments.databases.iter().map(database).collect();
    if databases.is_empty() {
        databases = vec![Database::Sqlite, Database::Postgres];
    }
    let run = api::Run {
        rate: arguments.rate,
        window: Duration::from_secs(arguments.seconds),
        warm_up: Duration::from_secs(arguments.warm_up_seconds),
        tenants: arguments.organisations,
        databases,
        seed: arguments.seed,
    };
    // One thread: the generator is to take as little as it can of what the server has.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(api::run(&run))?;
    tell(&report, arguments.json.as_deref(), arguments.markdown.as_deref())?;
    let is_met = report.goals.iter().all(|goal| goal.is_met == Some(true));
    Ok(if is_met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What a neighbour's 99th percentile may grow by.
const NEIGHBOUR_MAY_WAIT: Duration = Duration::from_millis(5);

fn run_hostile(arguments: &HostileArguments) -> Result<ExitCode> {
    let run = hostile::Run {
        numbers: (arguments.first..arguments.first + arguments.count).collect(),
        seed: arguments.seed,
        quiet: Duration::from_secs(arguments.quiet_seconds),
        is_told: true,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let outcome = runtime.block_on(hostile::run(&run))?;
    print!("{}", outcome.to_markdown());
    let is_met = outcome.added() <= NEIGHBOUR_MAY_WAIT;
    println!("goal: at most 5 ms added: {}", if is_met { "met" } else { "missed" });
    Ok(if is_met { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn bench_of(name: BenchName) -> Bench {
    match name {
        BenchName::Relay => Bench::Relay,
        BenchName::Fanout => Bench::Fanout,
        BenchName::Ingest => Bench::Ingest,
        BenchName::Slow => Bench::Slow,
        BenchName::Cut => Bench::Cut,
        BenchName::Start => Bench::Start,
    }
}

fn subject(name: SubjectName) -> Subject {
    match name {
        SubjectName::Raw73 => Subject::Raw73,
        SubjectName::RawStreams => Subject::RawStreams,
        SubjectName::Raw30 => Subject::Raw30,
        SubjectName::Nginx => Subject::Nginx,
        SubjectName::Neustream => Subject::Neustream,
    }
}
