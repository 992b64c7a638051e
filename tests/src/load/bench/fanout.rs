//! Goal 1: one stream of 5 Mbit/s to many players; goal 3: what a player costs in memory.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;

use super::{Settings, Subject, alternate, machine, megabytes, record};
use crate::load::engine::{Engine, PeerId};
use crate::load::neustream::Neustream;
use crate::load::report::{Figures, Report};
use crate::load::samples::Samples;
use crate::load::server::{NginxApplication, Server, start_nginx, start_raw};
use crate::load::session::Role;

pub(super) const BITS_PER_SECOND: u64 = 5_000_000;
pub(super) const COLUMNS: [&str; 11] = [
    "CPU s/Gbit",
    "x raw(73)",
    "p50 ms",
    "p99 ms",
    "max ms",
    "delivered %",
    "lost",
    "kB/player",
    "RSS MB",
    "load CPU %",
    "pub late p99 ms",
];
/// Every chunk header of at most so many players is parsed; of more, an even selection.
const SAMPLED: usize = 500;
/// Players that shake hands at the same time; less than any server's backlog.
const AT_ONCE: usize = 50;
/// Steps of the search for what one core can serve.
const STEPS: [usize; 7] = [500, 1000, 1500, 2000, 2500, 3000, 4000];
const SUSTAINED_P99_MS: f64 = 250.0;
const SUSTAINED_PERCENT: f64 = 99.0;

pub(super) fn run(settings: &Settings) -> Report {
    if settings.is_search {
        return search(settings);
    }
    let (window, rounds) = (settings.window(10, 4), settings.rounds(3));
    let known = [Subject::Raw73, Subject::Raw30, Subject::Nginx, Subject::Neustream];
    let subjects: Vec<_> =
        settings.subjects(&known).into_iter().map(|subject| (subject.name(), subject)).collect();
    let ratio = (subjects.first().map(|first| first.1) == Some(Subject::Raw73)).then_some((0, 1));
    let rows = alternate(rounds, &subjects, COLUMNS.len(), ratio, |subject| {
        measure(settings, subject, settings.players, window)
    });
    let players = settings.players;
    let mut report = Report {
        bench: "fanout",
        conditions: format!(
            "One stream of 5 Mbit/s (30 pictures, 43 audio frames a second) to {players} players."
        ),
        machine: machine(settings, rounds, window),
        columns: COLUMNS.to_vec(),
        rows,
        goals: Vec::new(),
    };
    let name = Subject::Neustream.name();
    if players <= 1000 {
        report.hold("goal 1: CPU per Gbit as a share of raw(73)", name, "x raw(73)", 0.55);
        report.hold("goal 1: p99 in ms", name, "p99 ms", 50.0);
    } else {
        report.hold("goal 1: p99 in ms with very many players", name, "p99 ms", SUSTAINED_P99_MS);
    }
    report.hold("goal 3: kB a player", name, "kB/player", 20.0);
    report
}

/// More and more players on one core until a server no longer delivers in time.
fn search(settings: &Settings) -> Report {
    let window = settings.window(8, 4);
    let known = [Subject::Nginx, Subject::Neustream];
    let mut rows = Vec::new();
    for subject in settings.subjects(&known) {
        let mut failed_steps = 0;
        for players in STEPS.into_iter().filter(|players| *players <= settings.players.max(4000)) {
            let name = format!("{} x {players}", subject.name());
            let step = alternate(1, &[(&name, subject)], COLUMNS.len(), None, |subject| {
                measure(settings, subject, players, window)
            });
            let is_sustained = step.iter().all(|row| {
                row.figures[3].is_some_and(|p99| p99 <= SUSTAINED_P99_MS)
                    && row.figures[5].is_some_and(|percent| percent >= SUSTAINED_PERCENT)
            });
            rows.extend(step);
            // One bad step may be a bad moment of the machine.
            failed_steps = if is_sustained { 0 } else { failed_steps + 1 };
            if failed_steps == 2 {
                break;
            }
        }
    }
    let mut report = Report {
        bench: "fanout",
        conditions: format!(
            "One stream of 5 Mbit/s to more and more players, until twice less than {SUSTAINED_PERCENT} % arrives or \
             the p99 exceeds {SUSTAINED_P99_MS} ms."
        ),
        machine: machine(settings, 1, window),
        columns: COLUMNS.to_vec(),
        rows,
        goals: Vec::new(),
    };
    report.hold(
        "goal 1: p99 in ms with 4000 players on one core",
        "neustream x 4000",
        "p99 ms",
        SUSTAINED_P99_MS,
    );
    report
}

/// A server that is fed, and how to play from it.
struct Stage {
    server: Server,
    address: SocketAddr,
    player: Role,
}

fn measure(settings: &Settings, subject: Subject, players: usize, window: Duration) -> Result<Figures> {
    let mut engine = Engine::new()?;
    let stage = set_up(settings, subject, players, &mut engine)?;
    let before = stage.server.usage()?;
    let readers = connect_players(&mut engine, &stage, players)?;
    let patience = Duration::from_secs(30 + players as u64 / 50);
    engine.run_until("media at every player", patience, |engine| {
        readers.iter().all(|id| engine.peer(*id).first_media.is_some())
    })?;
    engine.run_for(settings.warm_up())?;
    let spent = record(&mut engine, &stage.server, window)?;

    let mut ages = Samples::default();
    let (mut bytes, mut lost) = (0, 0);
    for reader in engine.readers() {
        ages.extend(&reader.tally.ages);
        bytes += reader.tally.bytes;
        lost += reader.tally.lost;
    }
    let offered = match engine.publishers().next() {
        Some(publisher) => publisher.tally.bytes as f64,
        None => BITS_PER_SECOND as f64 / 8.0 * spent.wall.as_secs_f64(),
    };
    let growth = spent.resident_bytes.saturating_sub(before.resident_bytes) as f64;
    let [p50, p99, max] = ages.percentiles_ms([50.0, 99.0, 100.0]);
    let [late] = engine.lateness().percentiles_ms([99.0]);
    Ok(vec![
        spent.cpu_per_gbit(bytes),
        None,
        p50,
        p99,
        max,
        Some(bytes as f64 / (offered * players as f64) * 100.0),
        Some(lost as f64),
        engine.publishers().next().map(|_| growth / 1000.0 / players as f64),
        Some(megabytes(spent.resident_bytes)),
        Some(spent.generator_percent),
        late,
    ])
}

fn set_up(settings: &Settings, subject: Subject, players: usize, engine: &mut Engine) -> Result<Stage> {
    let role = |app: &str, name: &str| (app.to_owned(), name.to_owned());
    let (server, address, (app, name), (player_app, player_name)) = match subject {
        Subject::Raw73 | Subject::RawStreams | Subject::Raw30 => {
            let (server, address) = start_raw(settings.server_core, &raw_arguments(subject, players, 1))?;
            return Ok(Stage { server, address, player: Role::Bare });
        }
        Subject::Nginx => {
            let live = NginxApplication { name: "live".into(), push_to: Vec::new() };
            let (server, address) = start_nginx(settings.server_core, &[live])?;
            (server, address, role("live", "bench"), role("live", "bench"))
        }
        Subject::Neustream => {
            let (server, neustream) = Neustream::start(settings.server_core, settings.binary()?)?;
            let source = neustream.create_source("fanout")?;
            (server, neustream.rtmp, role("live", &source.stream_key), role("play", &source.playback_id))
        }
    };
    let publisher = Role::Publisher { app, name };
    let publisher = engine.publish(address, publisher, BITS_PER_SECOND, Duration::ZERO)?;
    engine.run_until("consent to publish", Duration::from_secs(20), |engine| {
        engine.peer(publisher).is_streaming()
    })?;
    // Longer than a group of pictures: what the server keeps of the stream is in its memory before players come.
    engine.run_for(Duration::from_secs(3))?;
    Ok(Stage { server, address, player: Role::Player { app: player_app, name: player_name } })
}

fn connect_players(engine: &mut Engine, stage: &Stage, players: usize) -> Result<Vec<PeerId>> {
    let every = players.div_ceil(SAMPLED);
    let mut readers = Vec::with_capacity(players);
    while readers.len() < players {
        let first = readers.len();
        for index in first..players.min(first + AT_ONCE) {
            readers.push(engine.read(stage.address, stage.player.clone(), index % every == 0)?);
        }
        engine.run_until("consent to play", Duration::from_secs(30), |engine| {
            readers[first..].iter().all(|id| engine.peer(*id).is_streaming())
        })?;
    }
    Ok(readers)
}

/// What the floor is told for `sockets` readers of `streams` streams.
pub(super) fn raw_arguments(subject: Subject, sockets: usize, streams: usize) -> Vec<String> {
    let writes = if subject == Subject::Raw30 { "30" } else { "73" };
    let numbers = [sockets.to_string(), streams.to_string(), BITS_PER_SECOND.to_string()];
    let [sockets, streams, bits] = numbers;
    ["copy", "--sockets", &sockets, "--streams", &streams, "--bits", &bits, "--writes", writes]
        .map(str::to_owned)
        .to_vec()
}
