//! Goal 8: from publish to the first byte at the destination, the adapter's `prepare` included.
//!
//! The clock starts before the publisher's TCP connection, so the handshake of the publisher is in it too.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::lane::{set_up, wait_for_media};
use super::{Settings, Subject, alternate, machine};
use crate::load::engine::Engine;
use crate::load::report::{Figures, Report};
use crate::load::samples::median;

const BITS_PER_SECOND: u64 = 5_000_000;
const COLUMNS: [&str; 5] = [
    "connection s (median)",
    "first byte s (first)",
    "first byte s (median)",
    "first byte s (max)",
    "picture s (max)",
];

pub(super) fn run(settings: &Settings) -> Report {
    let starts = if settings.is_quick { 4 } else { 12 };
    let known = [Subject::Nginx, Subject::Neustream];
    let subjects: Vec<_> =
        settings.subjects(&known).into_iter().map(|subject| (subject.name(), subject)).collect();
    let rows = alternate(1, &subjects, COLUMNS.len(), None, |subject| measure(settings, subject, starts));
    let mut report = Report {
        bench: "start",
        conditions: format!(
            "{starts} sources with one destination each go live one after the other; times from just before the \
             publisher connects."
        ),
        machine: machine(settings, 1, Duration::ZERO),
        columns: COLUMNS.to_vec(),
        rows,
        goals: Vec::new(),
    };
    let name = Subject::Neustream.name();
    report.hold("goal 8: s to the first byte at the destination, median", name, "first byte s (median)", 1.0);
    report.hold("goal 8: s to the first byte at the destination, worst", name, "first byte s (max)", 1.0);
    report
}

fn measure(settings: &Settings, subject: Subject, starts: usize) -> Result<Figures> {
    let mut engine = Engine::new()?;
    let (_server, lanes) = set_up(settings, subject, &mut engine, starts, 1)?;
    let (mut connections, mut first_bytes, mut pictures) = (Vec::new(), Vec::new(), Vec::new());
    for lane in &lanes {
        let start = Instant::now();
        let publisher =
            engine.publish(lane.address, lane.publisher.clone(), BITS_PER_SECOND, Duration::ZERO)?;
        wait_for_media(&mut engine, &lane.listeners)?;
        engine.run_until("a picture at the destination", Duration::from_secs(10), |engine| {
            engine.accepted(lane.listeners[0]).any(|peer| peer.first_keyframe.is_some())
        })?;
        let destination = engine.accepted(lane.listeners[0]).find(|peer| peer.first_keyframe.is_some());
        let destination = destination.context("a destination")?;
        connections.push((destination.opened - start).as_secs_f64());
        first_bytes.push((destination.first_media.context("media")? - start).as_secs_f64());
        pictures.push((destination.first_keyframe.context("a keyframe")? - start).as_secs_f64());
        engine.unpublish(publisher)?;
        engine.run_for(Duration::from_millis(200))?;
    }
    Ok(vec![
        median(connections),
        first_bytes.first().copied(),
        median(first_bytes.clone()),
        first_bytes.iter().copied().reduce(f64::max),
        pictures.iter().copied().reduce(f64::max),
    ])
}
