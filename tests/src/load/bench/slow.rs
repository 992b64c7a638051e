//! Goal 4: a destination that reads at a tenth of the bitrate is bounded in memory and in staleness, and its
//! neighbours do not notice.

use std::time::Duration;

use anyhow::Result;

use super::lane::{set_up, wait_for_media};
use super::{Settings, Subject, alternate, machine, megabytes};
use crate::load::engine::{Engine, ListenerId};
use crate::load::report::{Figures, Report};
use crate::load::samples::Samples;

const BITS_PER_SECOND: u64 = 5_000_000;
const SLOW_BYTES_PER_SECOND: u64 = BITS_PER_SECOND / 8 / 10;
const DESTINATIONS: usize = 5;
/// The first part of the window, in which a server finds out, is also shown without the rest.
const FINDING_OUT: Duration = Duration::from_secs(10);
const COLUMNS: [&str; 11] = [
    "oldest frame s",
    "oldest later s",
    "p50 age s",
    "frames read",
    "connections",
    "RSS growth MB",
    "neighbours lost",
    "neighbours p99 ms before",
    "neighbours p99 ms during",
    "added ms",
    "neighbours max ms",
];

pub(super) fn run(settings: &Settings) -> Report {
    let (window, rounds) = (settings.window(40, 20), settings.rounds(1));
    let known = [Subject::Nginx, Subject::Neustream];
    let subjects: Vec<_> =
        settings.subjects(&known).into_iter().map(|subject| (subject.name(), subject)).collect();
    let rows =
        alternate(rounds, &subjects, COLUMNS.len(), None, |subject| measure(settings, subject, window));
    let mut report = Report {
        bench: "slow",
        conditions: format!(
            "One publisher of 5 Mbit/s to {DESTINATIONS} destinations, one of which reads {} kbit/s.",
            SLOW_BYTES_PER_SECOND * 8 / 1000
        ),
        machine: machine(settings, rounds, window),
        columns: COLUMNS.to_vec(),
        rows,
        goals: Vec::new(),
    };
    let name = Subject::Neustream.name();
    report.hold("goal 4: age in s of the oldest frame that the slow one reads", name, "oldest frame s", 4.0);
    report.hold("goal 4: growth in MB of the process (4 MiB)", name, "RSS growth MB", 4.195);
    report.hold("goal 4: frames that neighbours lost", name, "neighbours lost", 0.0);
    report.hold("goal 4: ms added to the neighbours' p99", name, "added ms", 50.0);
    report
}

fn measure(settings: &Settings, subject: Subject, window: Duration) -> Result<Figures> {
    let mut engine = Engine::new()?;
    let (server, lanes) = set_up(settings, subject, &mut engine, 1, DESTINATIONS)?;
    let lane = &lanes[0];
    engine.publish(lane.address, lane.publisher.clone(), BITS_PER_SECOND, Duration::ZERO)?;
    wait_for_media(&mut engine, &lane.listeners)?;
    engine.run_for(settings.warm_up())?;

    let (slow, neighbours) = (lane.listeners[0], &lane.listeners[1..]);
    engine.start_recording();
    engine.run_for(window / 4)?;
    let [before] = ages(&engine, neighbours).percentiles_ms([99.0]);
    let calm = server.usage()?;

    engine.throttle(slow, SLOW_BYTES_PER_SECOND)?;
    let mut largest = calm.resident_bytes;
    let (mut slow_ages, mut later_ages, mut near_ages) =
        (Samples::default(), Samples::default(), Samples::default());
    let mut lost = 0;
    for part in [FINDING_OUT.min(window), window.saturating_sub(FINDING_OUT)] {
        engine.start_recording();
        for _ in 0..part.as_secs() {
            engine.run_for(Duration::from_secs(1))?;
            largest = largest.max(server.usage()?.resident_bytes);
        }
        engine.stop_recording();
        later_ages = ages(&engine, &[slow]);
        slow_ages.extend(&later_ages);
        near_ages.extend(&ages(&engine, neighbours));
        let near = neighbours.iter().flat_map(|listener| engine.accepted(*listener));
        lost += near.map(|peer| peer.tally.lost + u64::from(!peer.is_open())).sum::<u64>();
    }
    let [during, worst] = near_ages.percentiles_ms([99.0, 100.0]);
    let [middle, oldest] = slow_ages.percentiles_ms([50.0, 100.0]);
    let [oldest_later] = later_ages.percentiles_ms([100.0]);
    Ok(vec![
        oldest.map(|ms| ms / 1000.0),
        oldest_later.map(|ms| ms / 1000.0),
        middle.map(|ms| ms / 1000.0),
        Some(slow_ages.count() as f64),
        Some(engine.accepted(slow).count() as f64),
        Some(megabytes(largest - calm.resident_bytes)),
        Some(lost as f64),
        before,
        during,
        during.zip(before).map(|(during, before)| (during - before).max(0.0)),
        worst,
    ])
}

fn ages(engine: &Engine, listeners: &[ListenerId]) -> Samples {
    let mut ages = Samples::default();
    for peer in listeners.iter().flat_map(|listener| engine.accepted(*listener)) {
        ages.extend(&peer.tally.ages);
    }
    ages
}
