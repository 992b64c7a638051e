//! Goal 7: a hundred publishers of 2.5 Mbit/s and nobody who reads; goal 3: what a stream costs in memory.

use std::time::Duration;

use anyhow::Result;

use super::{Settings, Subject, alternate, machine, megabytes, record};
use crate::load::engine::Engine;
use crate::load::neustream::Neustream;
use crate::load::peer::Peer;
use crate::load::raw::stagger;
use crate::load::report::{Figures, Report};
use crate::load::server::{NginxApplication, start_nginx, start_raw};
use crate::load::session::Role;

const PUBLISHERS: usize = 100;
const BITS_PER_SECOND: u64 = 2_500_000;
const COLUMNS: [&str; 7] =
    ["CPU s/Gbit in", "x raw(read)", "accepted %", "RSS MB", "MB/stream", "load CPU %", "pub late p99 ms"];

pub(super) fn run(settings: &Settings) -> Report {
    let (window, rounds) = (settings.window(10, 4), settings.rounds(3));
    let known = [Subject::Raw73, Subject::Nginx, Subject::Neustream];
    let name = |subject: Subject| if subject == Subject::Raw73 { "raw(read)" } else { subject.name() };
    let subjects: Vec<_> =
        settings.subjects(&known).into_iter().map(|subject| (name(subject), subject)).collect();
    let ratio = (subjects.first().map(|first| first.1) == Some(Subject::Raw73)).then_some((0, 1));
    let rows =
        alternate(rounds, &subjects, COLUMNS.len(), ratio, |subject| measure(settings, subject, window));
    let mut report = Report {
        bench: "ingest",
        conditions: format!("{PUBLISHERS} publishers of 2.5 Mbit/s, no readers."),
        machine: machine(settings, rounds, window),
        columns: COLUMNS.to_vec(),
        rows,
        goals: Vec::new(),
    };
    report.hold("goal 7: CPU s per Gbit in", Subject::Neustream.name(), "CPU s/Gbit in", 0.30);
    report.hold("goal 3: MB a stream of 2.5 Mbit/s", Subject::Neustream.name(), "MB/stream", 1.0);
    report
}

fn measure(settings: &Settings, subject: Subject, window: Duration) -> Result<Figures> {
    let mut engine = Engine::new()?;
    let role = |app: &str, name: String| Role::Publisher { app: app.to_owned(), name };
    let (server, address, roles) = match subject {
        Subject::Raw73 | Subject::RawStreams | Subject::Raw30 => {
            let (server, address) = start_raw(settings.server_core, &["drain".to_owned()])?;
            (server, address, vec![Role::Bare; PUBLISHERS])
        }
        Subject::Nginx => {
            let live = NginxApplication { name: "live".into(), push_to: Vec::new() };
            let (server, address) = start_nginx(settings.server_core, &[live])?;
            (server, address, (0..PUBLISHERS).map(|index| role("live", format!("s{index}"))).collect())
        }
        Subject::Neustream => {
            let (server, neustream) = Neustream::start(settings.server_core, settings.binary()?)?;
            let mut roles = Vec::new();
            for index in 0..PUBLISHERS {
                let source = neustream.create_source(&format!("ingest {index}"))?;
                roles.push(role("live", source.stream_key));
            }
            (server, neustream.rtmp, roles)
        }
    };
    let idle = server.usage()?;
    for (index, role) in roles.into_iter().enumerate() {
        engine.publish(address, role, BITS_PER_SECOND, stagger(index))?;
    }
    engine.run_until("consent to every publisher", Duration::from_secs(30), |engine| {
        engine.publishers().all(Peer::is_streaming)
    })?;
    engine.run_for(Duration::from_secs(2) + settings.warm_up())?;
    let spent = record(&mut engine, &server, window)?;

    let bytes: u64 = engine.publishers().map(|publisher| publisher.tally.bytes).sum();
    let offered = BITS_PER_SECOND as f64 / 8.0 * spent.wall.as_secs_f64() * PUBLISHERS as f64;
    let growth = spent.resident_bytes.saturating_sub(idle.resident_bytes);
    let [late] = engine.lateness().percentiles_ms([99.0]);
    Ok(vec![
        spent.cpu_per_gbit(bytes),
        None,
        Some(bytes as f64 / offered * 100.0),
        Some(megabytes(spent.resident_bytes)),
        Some(megabytes(growth) / PUBLISHERS as f64),
        Some(spent.generator_percent),
        late,
    ])
}
