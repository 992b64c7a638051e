//! Goal 2: twenty publishers of 5 Mbit/s to five destinations each, ingest included.
//!
//! The floor that the goal names copies the same bytes to all hundred sockets at once. Twenty streams with moments of
//! their own wake a program twenty times as often for a twentieth of the work; that floor is shown beside it, for information.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;

use super::fanout::{BITS_PER_SECOND, raw_arguments};
use super::{Settings, Subject, alternate, machine, megabytes, record};
use crate::load::engine::Engine;
use crate::load::neustream::Neustream;
use crate::load::raw::stagger;
use crate::load::report::{Figures, Report};
use crate::load::samples::Samples;
use crate::load::server::{NginxApplication, Server, start_nginx, start_raw};
use crate::load::session::Role;

const SOURCES: usize = 20;
const DESTINATIONS: usize = 5;
const COLUMNS: [&str; 11] = [
    "CPU s/Gbit",
    "x raw(73)",
    "p50 ms",
    "p99 ms",
    "max ms",
    "delivered %",
    "lost",
    "RSS MB",
    "kB/destination",
    "load CPU %",
    "pub late p99 ms",
];

pub(super) fn run(settings: &Settings) -> Report {
    let (window, rounds) = (settings.window(20, 6), settings.rounds(3));
    let known = [Subject::Raw73, Subject::RawStreams, Subject::Raw30, Subject::Nginx, Subject::Neustream];
    let subjects: Vec<_> =
        settings.subjects(&known).into_iter().map(|subject| (subject.name(), subject)).collect();
    let ratio = (subjects.first().map(|first| first.1) == Some(Subject::Raw73)).then_some((0, 1));
    let rows =
        alternate(rounds, &subjects, COLUMNS.len(), ratio, |subject| measure(settings, subject, window));
    let mut report = Report {
        bench: "relay",
        conditions: format!(
            "{SOURCES} publishers of 5 Mbit/s, each to {DESTINATIONS} destinations, ingest included."
        ),
        machine: machine(settings, rounds, window),
        columns: COLUMNS.to_vec(),
        rows,
        goals: Vec::new(),
    };
    let name = Subject::Neustream.name();
    report.hold("goal 2: CPU per Gbit as a share of raw(73)", name, "x raw(73)", 1.0);
    report.hold("goal 2: p99 in ms", name, "p99 ms", 50.0);
    report.hold("goal 2: MB of the whole process", name, "RSS MB", 60.0);
    report
}

fn measure(settings: &Settings, subject: Subject, window: Duration) -> Result<Figures> {
    let mut engine = Engine::new()?;
    let readers = SOURCES * DESTINATIONS;
    let (server, publishers) = match subject {
        Subject::Raw73 | Subject::RawStreams | Subject::Raw30 => {
            let streams = if subject == Subject::RawStreams { SOURCES } else { 1 };
            let (server, address) =
                start_raw(settings.server_core, &raw_arguments(subject, readers, streams))?;
            for _ in 0..readers {
                engine.read(address, Role::Bare, true)?;
            }
            (server, Vec::new())
        }
        Subject::Nginx | Subject::Neustream => {
            let listener = engine.listen()?;
            set_up(settings, subject, engine.address(listener))?
        }
    };
    let idle = server.usage()?;
    for (index, (address, role)) in publishers.into_iter().enumerate() {
        engine.publish(address, role, BITS_PER_SECOND, stagger(index))?;
    }
    engine.run_until("media at every destination", Duration::from_mins(1), |engine| {
        engine.readers().filter(|reader| reader.is_open() && reader.first_media.is_some()).count() >= readers
    })?;
    engine.run_for(settings.warm_up())?;
    let spent = record(&mut engine, &server, window)?;

    let mut ages = Samples::default();
    let (mut bytes, mut lost) = (0, 0);
    for reader in engine.readers() {
        ages.extend(&reader.tally.ages);
        bytes += reader.tally.bytes;
        lost += reader.tally.lost;
    }
    let sent: u64 = engine.publishers().map(|publisher| publisher.tally.bytes).sum();
    let nominal = BITS_PER_SECOND as f64 / 8.0 * spent.wall.as_secs_f64() * SOURCES as f64;
    let offered = if sent > 0 { sent as f64 } else { nominal };
    let growth = spent.resident_bytes.saturating_sub(idle.resident_bytes) as f64;
    let [p50, p99, max] = ages.percentiles_ms([50.0, 99.0, 100.0]);
    let [late] = engine.lateness().percentiles_ms([99.0]);
    Ok(vec![
        spent.cpu_per_gbit(bytes),
        None,
        p50,
        p99,
        max,
        Some(bytes as f64 / (offered * DESTINATIONS as f64) * 100.0),
        Some(lost as f64),
        Some(megabytes(spent.resident_bytes)),
        (sent > 0).then(|| growth / 1000.0 / readers as f64),
        Some(spent.generator_percent),
        late,
    ])
}

/// Starts a server that relays each of its sources to the destinations at `receivers`; who publishes where.
fn set_up(
    settings: &Settings,
    subject: Subject,
    receivers: SocketAddr,
) -> Result<(Server, Vec<(SocketAddr, Role)>)> {
    let key = |source: usize, destination: usize| format!("s{source}-d{destination}");
    if subject == Subject::Nginx {
        let applications: Vec<NginxApplication> = (0..SOURCES)
            .map(|source| NginxApplication {
                name: format!("s{source}"),
                push_to: (0..DESTINATIONS)
                    .map(|destination| format!("rtmp://{receivers}/d/{}", key(source, destination)))
                    .collect(),
            })
            .collect();
        let (server, address) = start_nginx(settings.server_core, &applications)?;
        let role = |app: String| Role::Publisher { app, name: "bench".into() };
        let publishers =
            applications.into_iter().map(|application| (address, role(application.name))).collect();
        return Ok((server, publishers));
    }
    let (server, neustream) = Neustream::start(settings.server_core, settings.binary()?)?;
    let mut publishers = Vec::new();
    for index in 0..SOURCES {
        let source = neustream.create_source(&format!("relay {index}"))?;
        for destination in 0..DESTINATIONS {
            neustream.add_destination(&source, receivers, &key(index, destination))?;
        }
        publishers.push((neustream.rtmp, Role::Publisher { app: "live".into(), name: source.stream_key }));
    }
    Ok((server, publishers))
}
