//! Messages that come, by their ids: floods of them, the same ones again, and ids that no host takes.

use std::sync::Arc;

use neustream_contract::chat::MAX_STATE_BYTES;
use serde_json::{Value, json};

use super::steps::{events, handle, payloads, steps};
use crate::conformance::Finding;
use crate::conformance::bench::{Bench, before, fault, place};
use crate::conformance::headroom::WARNING_PERCENT;
use crate::local::{Called, Silence};
use crate::transcript::{Call, Step, Transcript};

/// A flood: batches, and how often a message comes in each.
const BATCHES: u32 = 100;
const BATCH: u32 = 50;
/// After so many batches in which it did not grow, a state is taken for bounded.
const QUIET_BATCHES: u32 = 5;

const ADD_PUBLISH: &str = "one in which a message comes from the platform and is published";

pub(super) fn state_within_limit(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    // Floods take time; those of two sorts of messages will do.
    for (transcript, step, call, ids) in publishing(bench).into_iter().take(2) {
        seen += 1;
        let place = place(transcript, step, "handle");
        match flooded(bench, transcript, step, events(call), &ids[0]) {
            Flood::Fault(fault) => wrong.push(format!("{place}, again and again: {fault}")),
            Flood::Percent(percent) if percent > WARNING_PERCENT => {
                wrong.push(format!("{place}, five thousand times: the state takes {percent} % of 64 KiB"));
            }
            Flood::Percent(_) => {}
        }
    }
    if seen == 0 {
        Finding::Skipped(ADD_PUBLISH.to_owned())
    } else {
        Finding::of(wrong, format!("{seen} floods"))
    }
}

enum Flood {
    /// The most that the state took of its limit.
    Percent(u64),
    Fault(String),
}

/// Hands the events of a step over again and again, `id` in them each time another one, for as long as the state
/// grows.
fn flooded(bench: &mut Bench<'_>, transcript: &Transcript, step: usize, events: &[Value], id: &str) -> Flood {
    let Ok(mut session) = bench.host.session(&transcript.settings, Arc::new(Silence)) else {
        return Flood::Percent(0);
    };
    for before in &transcript.steps[..step] {
        match before {
            Step::Wait { ms } => session.wait(*ms),
            Step::Call(call) => drop(session.call(&call.function, &call.with)),
        }
    }
    let (mut most, mut grew_last) = (0, 0);
    for batch in 0..BATCHES {
        // An id of its own for each, as long as the first one.
        let other = |number: u32| format!("{number:0width$}", width = id.len());
        let numbers = batch * BATCH..(batch + 1) * BATCH;
        let events: Vec<_> = numbers.flat_map(|number| with_id(events, id, &other(number))).collect();
        let Ok(called) = session.call("handle", &json!({ "events": events })) else { break };
        if let Some(fault) = fault(&called.outcome) {
            return Flood::Fault(fault);
        }
        if session.state().len() > most {
            (most, grew_last) = (session.state().len(), batch);
        }
        if batch > grew_last + QUIET_BATCHES {
            break;
        }
    }
    Flood::Percent(most as u64 * 100 / MAX_STATE_BYTES as u64)
}

pub(super) fn ids_are_valid(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (transcript, step, call, ids) in publishing(bench) {
        for (what, other) in [
            ("empty", String::new()),
            ("300 bytes long", "x".repeat(300)),
            ("a control character", "\u{1}".to_owned()),
        ] {
            let mut played = before(transcript, step);
            played.push(handle(&with_id(events(call), &ids[0], &other)));
            let Some(called) = bench.last(&transcript.settings, &played) else { continue };
            seen += 1;
            if called.outcome.code().is_some_and(|code| code.starts_with("answer-") || code == "step-invalid")
            {
                let place = place(transcript, step, "handle");
                wrong.push(format!("{place}, an id that is {what}: {}", called.outcome));
            }
        }
    }
    if seen == 0 {
        Finding::Skipped(ADD_PUBLISH.to_owned())
    } else {
        Finding::of(wrong, format!("{seen} ids"))
    }
}

pub(super) fn redelivery_keeps_ids(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (transcript, step, call, ids) in publishing(bench) {
        let mut played = before(transcript, step + 1);
        played.push(handle(events(call)));
        let Some(again) = bench.last(&transcript.settings, &played) else { continue };
        seen += 1;
        let published = payloads(&again, "publish").into_iter().filter_map(|message| message["id"].as_str());
        if let Some(new) = published.into_iter().find(|id| !ids.iter().any(|known| known == id)) {
            let place = place(transcript, step, "handle");
            wrong.push(format!(
                "{place}: the same events again publish `{new}`, which is another message to the host"
            ));
        }
    }
    if seen == 0 {
        Finding::Skipped(ADD_PUBLISH.to_owned())
    } else {
        Finding::of(wrong, format!("{seen} redeliveries"))
    }
}

/// A step that published, and the event of it with the ids that came of it.
fn publishing<'a>(bench: &Bench<'a>) -> Vec<(&'a Transcript, usize, &'a Call, Vec<String>)> {
    let ids = |called: &Called| {
        let ids = payloads(called, "publish").into_iter();
        ids.filter_map(|message| message["id"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let all = steps(bench)
        .into_iter()
        .map(|(transcript, step, call, called)| (transcript, step, call, ids(called)));
    all.filter(|(.., ids)| !ids.is_empty()).collect()
}

/// The events of a step with `id` replaced wherever it stands.
fn with_id(events: &[Value], id: &str, other: &str) -> Vec<Value> {
    // As JSON within a text is escaped twice, the plain form and the escaped one are both replaced.
    fn replaced(value: &Value, id: &str, other: &str) -> Value {
        match value {
            Value::String(text) if text.starts_with('{') || text.starts_with('[') => {
                let quoted = Value::from(other).to_string();
                Value::from(text.replace(id, &quoted[1..quoted.len() - 1]))
            }
            Value::String(text) => Value::from(text.replace(id, other)),
            Value::Array(list) => list.iter().map(|one| replaced(one, id, other)).collect(),
            Value::Object(members) => {
                let members = members.iter().map(|(key, one)| (key.clone(), replaced(one, id, other)));
                Value::Object(members.collect())
            }
            other => other.clone(),
        }
    }
    events.iter().map(|event| replaced(event, id, other)).collect()
}
