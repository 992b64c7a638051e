//! What transcripts hand over, and what comes of it.

use serde_json::{Value, json};

use crate::conformance::bench::{Bench, call};
use crate::local::Called;
use crate::transcript::{Call, Step, Transcript};

pub(super) fn handle(events: &[Value]) -> Step {
    call("handle", json!({ "events": events }))
}

/// The events of a step.
pub(super) fn events(call: &Call) -> &[Value] {
    call.with.get("events").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub(super) fn effects(called: &Called) -> &[Value] {
    let answer = called.outcome.answer().and_then(|answer| answer["effects"].as_array());
    answer.map_or(&[], Vec::as_slice)
}

/// What the effects called `name` carry.
pub(super) fn payloads<'a>(called: &'a Called, name: &str) -> Vec<&'a Value> {
    effects(called).iter().filter_map(|effect| effect.get(name)).collect()
}

/// Steps of good transcripts that handle events.
pub(super) fn steps<'a>(bench: &Bench<'a>) -> Vec<(&'a Transcript, usize, &'a Call, &'a Called)> {
    let mut all = Vec::new();
    for (transcript, ran) in bench.good() {
        for step in &ran.calls {
            if let Step::Call(call) = &transcript.steps[step.step]
                && call.function == "handle"
            {
                all.push((transcript, step.step, call, &step.called));
            }
        }
    }
    all
}
