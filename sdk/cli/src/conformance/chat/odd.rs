//! What makes no sense: frames, answers and states that no plugin expects.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::steps::{handle, payloads, steps};
use crate::conformance::Finding;
use crate::conformance::bench::{Bench, call, fault, odd_texts};
use crate::transcript::Transcript;

/// Events that any connector may be handed, whatever it has connected to.
pub(in crate::conformance) fn odd_events() -> Vec<Value> {
    let texts = odd_texts();
    let of = |text: &String| {
        let problem = json!({ "code": "closed", "message": text });
        [
            json!({ "send": { "id": "odd", "text": text } }),
            json!({ "send": { "id": "odd", "text": "Hello", "reply-to": text } }),
            json!({ "remove": text }),
            json!({ "timer": text }),
            json!({ "opened": text }),
            json!({ "closed": { "connection": text, "problem": problem } }),
        ]
    };
    texts.iter().flat_map(of).collect()
}

pub(super) fn survives_unknown_frames(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    let mut met = BTreeMap::new();
    for (transcript, _) in bench.good() {
        for (id, transport) in connections(bench, transcript) {
            // Where a connection is known from many transcripts, three of its moments will do.
            let times: &mut u32 = met.entry((id.clone(), transport.clone())).or_default();
            *times += 1;
            if *times > 3 {
                continue;
            }
            for (what, event) in unknown_frames(&id, &transport) {
                let mut played = transcript.steps.clone();
                played.push(handle(&[event]));
                let Some(called) = bench.last(&transcript.settings, &played) else { continue };
                seen += 1;
                // A delivery that nobody signed is refused, as it should be; where the key is not set, it cannot be read.
                let is_unproven = called.outcome.case() == Some("unauthorized")
                    || called.outcome.code() == Some("secret-missing");
                let is_refused = transport == "webhook" && is_unproven;
                if called.outcome.answer().is_none() && !is_refused {
                    wrong.push(format!("{}, then {what} over `{id}`: {}", transcript.name, called.outcome));
                }
            }
        }
    }
    if seen == 0 {
        return Finding::Skipped(
            "one that begins with `open` and goes on with what the platform sends".to_owned(),
        );
    }
    wrong.truncate(10);
    Finding::of(wrong, format!("{seen} frames"))
}

/// The connections that a transcript opens, by name, with the word of their transport.
fn connections(bench: &Bench<'_>, transcript: &Transcript) -> Vec<(String, String)> {
    let mut all = BTreeSet::new();
    for (other, ran) in bench.good() {
        if other.name != transcript.name {
            continue;
        }
        for step in &ran.calls {
            for one in payloads(&step.called, "reopen") {
                let transport = one["transport"].as_object().and_then(|transport| transport.keys().next());
                if let (Some(id), Some(transport)) = (one["id"].as_str(), transport) {
                    all.insert((id.to_owned(), transport.clone()));
                }
            }
        }
    }
    all.into_iter().collect()
}

/// What nobody expects of a connection.
fn unknown_frames(id: &str, transport: &str) -> Vec<(String, Value)> {
    let texts = [
        "{\"type\":",
        "[]",
        "null",
        "{\"a\":{\"b\":[1,null]}}",
        ":",
        "@x",
        ":a!b@c PRIVMSG",
        "\u{0}\u{1}",
        "",
        "PING",
    ];
    let texts = texts.into_iter().map(str::to_owned).chain(["x".repeat(60_000)]);
    let shown = |text: &str| {
        let start: String = text.chars().take(20).collect();
        format!("{start:?}")
    };
    match transport {
        "websocket" | "line" => {
            let text = |text: String| {
                let event = json!({ "received": { "connection": id, "payload": { "text": text } } });
                (format!("the text {}", shown(&text)), event)
            };
            let mut all: Vec<_> = texts.map(text).collect();
            for bytes in ["", "AAEC/w=="] {
                let payload = json!({ "binary": { "base64": bytes } });
                let event = json!({ "received": { "connection": id, "payload": payload } });
                all.push((format!("the bytes {bytes:?}"), event));
            }
            all
        }
        "webhook" => texts
            .map(|body| {
                let event = json!({ "delivered": { "connection": id, "headers": [], "body": body } });
                (format!("the delivery {}", shown(&body)), event)
            })
            .collect(),
        _ => {
            let answered = |outcome: Value| json!({ "answered": { "id": id, "outcome": outcome } });
            let answer = |text: String| {
                let event = answered(json!({ "ok": { "status": 200, "headers": [], "body": text } }));
                (format!("the answer {}", shown(&text)), event)
            };
            let mut all: Vec<_> = texts.map(answer).collect();
            for status in [204, 302, 404, 500] {
                let outcome = json!({ "ok": { "status": status, "headers": [], "body": "<html>" } });
                all.push((format!("a {status}"), answered(outcome)));
            }
            let lost = json!({ "err": { "code": "timed-out", "message": "no answer in time" } });
            all.push(("no answer".to_owned(), answered(lost)));
            all
        }
    }
}

pub(super) fn survives_unknown_state(bench: &mut Bench<'_>) -> Finding {
    let settings = bench.settings();
    let mut states: Vec<Value> = odd_texts().into_iter().map(Value::from).collect();
    states.push(json!({ "base64": "//79AAECgICA" }));
    for (.., called) in steps(bench) {
        if let Some(state) = called.outcome.answer().and_then(|answer| answer["state"].as_str()) {
            let half: String = state.chars().take(state.chars().count() / 2).collect();
            states.extend([Value::from(half), Value::from(state.chars().rev().collect::<String>())]);
        }
    }
    states.truncate(40);
    let mut wrong = Vec::new();
    let count = states.len();
    for state in states {
        for events in
            [json!([]), json!([{ "timer": "unknown" }]), json!([{ "send": { "id": "o1", "text": "Hi" } }])]
        {
            let step = call("handle", json!({ "state": state, "events": events }));
            let Some(called) = bench.last(&settings, &[step]) else { continue };
            if let Some(fault) = fault(&called.outcome) {
                let shown: String = state.to_string().chars().take(60).collect();
                wrong.push(format!("the state {shown}: {fault}"));
            }
        }
    }
    Finding::of(wrong, format!("{count} states"))
}
