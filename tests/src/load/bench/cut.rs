//! Goal 5: a destination that refuses for three seconds shows a picture again within a second of being reachable.
//!
//! The cut closes the listener and resets the connection; attempts meanwhile are refused. When the next attempt comes
//! is the server's choice, so both moments are shown: the new connection, and the first whole keyframe on it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::lane::{set_up, wait_for_media};
use super::{Settings, Subject, alternate, machine};
use crate::load::engine::Engine;
use crate::load::report::{Figures, Report};
use crate::load::samples::median;

const BITS_PER_SECOND: u64 = 5_000_000;
const GONE: Duration = Duration::from_secs(3);
/// Between two cuts: long enough that a server which waits longer after every failure takes the next cut for a new one.
const CALM: Duration = Duration::from_secs(8);
const PATIENCE: Duration = Duration::from_mins(1);
const COLUMNS: [&str; 6] = [
    "connection s (median)",
    "connection s (max)",
    "picture s (median)",
    "picture s (max)",
    "picture after connection s (max)",
    "neighbour lost",
];

pub(super) fn run(settings: &Settings) -> Report {
    let cuts = if settings.is_quick { 3 } else { 8 };
    let known = [Subject::Nginx, Subject::Neustream];
    let subjects: Vec<_> =
        settings.subjects(&known).into_iter().map(|subject| (subject.name(), subject)).collect();
    let rows = alternate(1, &subjects, COLUMNS.len(), None, |subject| measure(settings, subject, cuts));
    let mut report = Report {
        bench: "cut",
        conditions: format!(
            "One publisher of 5 Mbit/s to 2 destinations, one of which is gone for {} s, {cuts} times; times from the \
             moment it is reachable again.",
            GONE.as_secs()
        ),
        machine: machine(settings, 1, GONE),
        columns: COLUMNS.to_vec(),
        rows,
        goals: Vec::new(),
    };
    let name = Subject::Neustream.name();
    report.hold("goal 5: s to the picture, median", name, "picture s (median)", 1.0);
    report.hold("goal 5: s to the picture, worst", name, "picture s (max)", 1.0);
    report.hold("frames that the neighbour lost", name, "neighbour lost", 0.0);
    report
}

fn measure(settings: &Settings, subject: Subject, cuts: usize) -> Result<Figures> {
    let mut engine = Engine::new()?;
    let (_server, lanes) = set_up(settings, subject, &mut engine, 1, 2)?;
    let lane = &lanes[0];
    engine.publish(lane.address, lane.publisher.clone(), BITS_PER_SECOND, Duration::ZERO)?;
    wait_for_media(&mut engine, &lane.listeners)?;
    engine.run_for(settings.warm_up())?;

    let (victim, neighbour) = (lane.listeners[0], lane.listeners[1]);
    engine.start_recording();
    let (mut connections, mut pictures) = (Vec::new(), Vec::new());
    for _ in 0..cuts {
        let known = engine.accepted(victim).count();
        engine.cut(victim)?;
        engine.run_for(GONE)?;
        engine.reopen(victim)?;
        let reachable = Instant::now();
        engine.run_until("a picture after the cut", PATIENCE, |engine| {
            engine.accepted(victim).skip(known).any(|peer| peer.first_keyframe.is_some())
        })?;
        let fresh = engine.accepted(victim).skip(known).find(|peer| peer.first_keyframe.is_some());
        let fresh = fresh.context("a fresh connection")?;
        let picture = fresh.first_keyframe.context("a keyframe")?;
        connections.push((fresh.opened - reachable).as_secs_f64());
        pictures.push((picture - reachable).as_secs_f64());
        engine.run_for(CALM)?;
    }
    let after = connections.iter().zip(&pictures).map(|(connection, picture)| picture - connection);
    let lost: u64 = engine.accepted(neighbour).map(|peer| peer.tally.lost + u64::from(!peer.is_open())).sum();
    Ok(vec![
        median(connections.clone()),
        connections.iter().copied().reduce(f64::max),
        median(pictures.clone()),
        pictures.iter().copied().reduce(f64::max),
        after.reduce(f64::max),
        Some(lost as f64),
    ])
}
