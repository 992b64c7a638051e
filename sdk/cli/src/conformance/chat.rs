//! Rules of chat connectors.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use neustream_contract::chat::MAX_STATE_BYTES;
use serde_json::{Value, json};

use super::bench::{Bench, before, call, fault, odd_texts, place};
use super::headroom::WARNING_PERCENT;
use super::{Finding, Rule};
use crate::local::{Called, Session, Silence};
use crate::transcript::{Call, Step, Transcript};

/// The rules.
pub(super) static RULES: [Rule; 10] = [
    Rule {
        name: "survives-unknown-frames",
        asks: "Frames and answers that make no sense are answered with a step: half lines, binary, broken JSON, a 500.",
        why: "The host hands the same events over until a step with them commits; an error or a trap stops the chat.",
        fix: "Skip what you cannot read, and go on.",
        check: survives_unknown_frames,
    },
    Rule {
        name: "survives-unknown-state",
        asks: "A state that is not the plugin's own is answered, with the error code `state-unreadable` or a step.",
        why: "A state may come from another version; the host then begins anew.",
        fix: "Answer an error with the code `state-unreadable` where the state cannot be read.",
        check: survives_unknown_state,
    },
    Rule {
        name: "state-within-limit",
        asks: "The state stays below a fifth short of 64 KiB, however many messages come.",
        why: "A step with a larger one is refused, and so are all that follow.",
        fix: "Forget the oldest of what you remember; bound every list in the state.",
        check: state_within_limit,
    },
    Rule {
        name: "logs-in-again",
        asks: "A connection that was lost and is opened again is logged in to again.",
        why: "Connections are lost every day; the host opens them again, and the plugin must speak first.",
        fix: "Do on every `opened` what you do on the first.",
        check: logs_in_again,
    },
    Rule {
        name: "sends-are-settled",
        asks: "Each `send` ends in sent or failed, or is being worked on: by a transmission, a request or a timer.",
        why: "The tenant waits to be told; what is forgotten looks as if it were on its way.",
        fix: "Answer sent, failed, or what leads to it; answer failed when the connection or the request is lost.",
        check: sends_are_settled,
    },
    Rule {
        name: "transmits-to-open-connections",
        asks: "Nothing is transmitted over a connection that is not open.",
        why: "The host drops it without a word.",
        fix: "Remember what is open, and keep what is to be sent until it is.",
        check: transmits_to_open_connections,
    },
    Rule {
        name: "effects-are-permitted",
        asks: "Connections, requests and secrets of the transcripts are within plugin.toml.",
        why: "The host carries out nothing else.",
        fix: "Add the host to [capabilities.connect] or [capabilities.http], and to the secret's hosts.",
        check: effects_are_permitted,
    },
    Rule {
        name: "ids-are-valid",
        asks: "Ids that a platform sends and the host does not take (empty, longer than 256 bytes, with control \
               characters) do not spoil the step.",
        why: "One bad id makes the whole step an error, and the same events come again.",
        fix: "Drop a message whose id the host does not take.",
        check: ids_are_valid,
    },
    Rule {
        name: "redelivery-keeps-ids",
        asks: "The same frames again lead to no message with another id.",
        why: "The host drops an id that it has; a new one would show the message twice.",
        fix: "Take the platform's own id, not a counter.",
        check: redelivery_keeps_ids,
    },
    Rule {
        name: "forged-delivery-is-refused",
        asks: "A webhook delivery of which a byte is another is answered with unauthorized.",
        why: "Anybody can send one.",
        fix: "Verify the raw body before reading it, and answer unauthorized.",
        check: forged_delivery_is_refused,
    },
];

/// Events that any connector may be handed, whatever it has connected to.
pub(super) fn odd_events() -> Vec<Value> {
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

fn handle(events: &[Value]) -> Step {
    call("handle", json!({ "events": events }))
}

/// The events of a step.
fn events(call: &Call) -> &[Value] {
    call.with.get("events").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn effects(called: &Called) -> &[Value] {
    let answer = called.outcome.answer().and_then(|answer| answer["effects"].as_array());
    answer.map_or(&[], Vec::as_slice)
}

/// What the effects called `name` carry.
fn payloads<'a>(called: &'a Called, name: &str) -> Vec<&'a Value> {
    effects(called).iter().filter_map(|effect| effect.get(name)).collect()
}

/// Steps of good transcripts that handle events.
fn steps<'a>(bench: &Bench<'a>) -> Vec<(&'a Transcript, usize, &'a Call, &'a Called)> {
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

fn survives_unknown_frames(bench: &mut Bench<'_>) -> Finding {
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

fn survives_unknown_state(bench: &mut Bench<'_>) -> Finding {
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

/// A flood: batches, and how often a message comes in each.
const BATCHES: u32 = 100;
const BATCH: u32 = 50;
/// After so many batches in which it did not grow, a state is taken for bounded.
const QUIET_BATCHES: u32 = 5;

const ADD_PUBLISH: &str = "one in which a message comes from the platform and is published";

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

fn state_within_limit(bench: &mut Bench<'_>) -> Finding {
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

/// Steps in which a socket was opened, and what was transmitted then.
fn openings<'a>(bench: &Bench<'a>) -> Vec<(&'a Transcript, usize, &'a str, &'a Called)> {
    let mut all = Vec::new();
    for (transcript, step, call, called) in steps(bench) {
        for event in events(call) {
            let Some(id) = event["opened"].as_str() else { continue };
            let is_to_it = |frame: &&Value| frame["connection"] == id;
            if payloads(called, "transmit").iter().any(is_to_it) {
                all.push((transcript, step, id, called));
            }
        }
    }
    all
}

fn closed(id: &str) -> Value {
    json!({ "closed": { "connection": id, "problem": { "code": "lost", "message": "the connection was lost" } } })
}

fn logs_in_again(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (transcript, step, id, _) in openings(bench) {
        let mut played = before(transcript, step + 1);
        played.push(handle(&[closed(id)]));
        played.push(Step::Wait { ms: 1000 });
        played.push(handle(&[json!({ "opened": id })]));
        let Some(again) = bench.last(&transcript.settings, &played) else { continue };
        seen += 1;
        let speaks = payloads(&again, "transmit").iter().any(|frame| frame["connection"] == id)
            || !payloads(&again, "request").is_empty();
        if !speaks {
            let place = place(transcript, step, "handle");
            wrong.push(format!(
                "{place}: `{id}` is lost and opened again, and nothing is transmitted: {}",
                again.outcome
            ));
        }
    }
    let has_sockets = bench.host.manifest().capabilities.connect.is_some();
    let is_opened = steps(bench)
        .iter()
        .any(|(_, _, call, _)| events(call).iter().any(|event| event.get("opened").is_some()));
    match seen {
        0 if has_sockets && !is_opened => Finding::Skipped("one in which a connection is opened".to_owned()),
        0 if has_sockets => Finding::Passed("the plugin does not speak first".to_owned()),
        0 => Finding::Passed("the plugin keeps no sockets".to_owned()),
        _ => Finding::of(wrong, format!("{seen} connections")),
    }
}

fn sends_are_settled(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    let mut starts: Vec<_> = bench
        .good()
        .into_iter()
        .map(|(transcript, _)| {
            (transcript.name.clone(), transcript.settings.clone(), transcript.steps.clone())
        })
        .collect();
    starts.push(("a fresh start".to_owned(), bench.settings(), vec![call("open", json!({}))]));
    for (name, settings, played) in starts {
        let Ok(mut session) = bench.host.session(&settings, Arc::new(Silence)) else { continue };
        let mut last = None;
        for step in &played {
            match step {
                Step::Wait { ms } => session.wait(*ms),
                Step::Call(call) => last = session.call(&call.function, &call.with).ok(),
            }
        }
        // A connector that has not begun has nothing to write with.
        if last.is_none_or(|called| called.outcome.answer().is_none()) {
            continue;
        }
        seen += 1;
        if let Err(why) = settled(&mut session, "conformance-send") {
            wrong.push(format!("after {name}: {why}"));
        }
    }
    Finding::of(wrong, format!("{seen} messages"))
}

/// Writes a message, and then lets everything fail that it waits for, until it is sent or failed.
fn settled(session: &mut Session<'_>, id: &str) -> Result<(), String> {
    let mut next = vec![json!({ "send": { "id": id, "text": "Hello from the other side" } })];
    let mut has_begun = false;
    for _ in 0..20 {
        let with = json!({ "events": next });
        let Ok(called) = session.call("handle", &with) else {
            return Err("it cannot be handed over".to_owned());
        };
        if called.outcome.answer().is_none() {
            return Err(format!("{}", called.outcome));
        }
        let is_it = |payload: &&Value| **payload == *id || payload["id"] == *id;
        if payloads(&called, "sent").iter().any(is_it) || payloads(&called, "failed").iter().any(is_it) {
            return Ok(());
        }
        next = Vec::new();
        for request in payloads(&called, "request") {
            let lost = json!({ "err": { "code": "timed-out", "message": "no answer in time" } });
            next.push(json!({ "answered": { "id": request["id"], "outcome": lost } }));
        }
        let transmitted = payloads(&called, "transmit");
        has_begun |= !next.is_empty() || !transmitted.is_empty() || !payloads(&called, "wake").is_empty();
        if next.is_empty()
            && let Some(alarm) = payloads(&called, "wake").into_iter().find(|alarm| alarm["after-ms"] != 0)
        {
            session.wait(alarm["after-ms"].as_u64().unwrap_or(0));
            next.push(json!({ "timer": alarm["name"] }));
        }
        if next.is_empty() {
            let Some(frame) = transmitted.first() else { break };
            next.push(closed(frame["connection"].as_str().unwrap_or_default()));
        }
    }
    // Kept until a connection is there: the host lets it expire.
    if has_begun || session.has_kept(id) {
        return Ok(());
    }
    Err("a `send` has no effect at all, and nothing of it is kept in the state".to_owned())
}

fn transmits_to_open_connections(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (transcript, ran) in bench.all() {
        // Who does not begin with `open` has connections that the transcript does not tell of.
        let begins = transcript.calls().next().is_some_and(|call| call.function == "open");
        if !begins {
            continue;
        }
        let calls = ran.calls.iter().map(|step| (step.step, &step.called));
        let mut open = BTreeSet::new();
        for (step, called) in calls {
            let Step::Call(call) = &transcript.steps[step] else { continue };
            seen += 1;
            let place = place(transcript, step, &call.function);
            wrong.extend(
                early(events(call), called, &mut open).map(|id| format!("{place}: `{id}` is not open")),
            );
        }
    }
    // A message is to be written before any connection is open, and after one was lost.
    let mut starts =
        vec![("before a connection is open".to_owned(), bench.settings(), vec![call("open", json!({}))])];
    for (transcript, step, id, _) in openings(bench) {
        let mut played = before(transcript, step + 1);
        played.push(handle(&[closed(id)]));
        starts.push((
            format!("after `{id}` of {} was lost", transcript.name),
            transcript.settings.clone(),
            played,
        ));
    }
    for (name, settings, mut played) in starts {
        let is_first = played.len() == 1;
        played.push(handle(&[json!({ "send": { "id": "early", "text": "Too early" } })]));
        let Some(called) = bench.last(&settings, &played) else { continue };
        seen += 1;
        let frames = payloads(&called, "transmit");
        if let Some(frame) = frames.iter().find(|frame| {
            is_first || name.contains(&format!("`{}`", frame["connection"].as_str().unwrap_or_default()))
        }) {
            wrong.push(format!("a message is written {name}: it transmits over {}", frame["connection"]));
        }
    }
    Finding::of(wrong, format!("{seen} steps"))
}

/// The first connection that a step transmits over while it is not open.
fn early(events: &[Value], called: &Called, open: &mut BTreeSet<String>) -> Option<String> {
    for event in events {
        if let Some(id) = event["opened"].as_str() {
            open.insert(id.to_owned());
        } else if let Some(id) = event.pointer("/closed/connection").and_then(Value::as_str) {
            open.remove(id);
        } else if let Some(id) = event.pointer("/received/connection").and_then(Value::as_str) {
            open.insert(id.to_owned());
        }
    }
    let mut early = None;
    for effect in effects(called) {
        if let Some(id) = effect.pointer("/transmit/connection").and_then(Value::as_str)
            && !open.contains(id)
        {
            early.get_or_insert_with(|| id.to_owned());
        } else if let Some(id) =
            effect.pointer("/reopen/id").or_else(|| effect.get("close")).and_then(Value::as_str)
        {
            open.remove(id);
        }
    }
    early
}

fn effects_are_permitted(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    let whole = bench.all().into_iter().filter(|(transcript, _)| transcript.settings.grant.is_none());
    for (transcript, ran) in whole {
        for step in &ran.calls {
            seen += effects(&step.called).len();
            let denied = step.called.denied.iter().filter(|(_, problem)| {
                // Known by another rule, or a matter of the transcript's settings.
                !matches!(problem.reason.code.as_str(), "connection-unknown" | "secret-missing")
            });
            let place = place(transcript, step.step, &step.function);
            wrong.extend(denied.map(|(index, problem)| {
                format!("{place}, effect {}: {}: {}", index + 1, problem.reason.code, problem.reason.message)
            }));
        }
    }
    if seen == 0 {
        return Finding::Skipped("one that begins with `open`".to_owned());
    }
    Finding::of(wrong, format!("{seen} effects"))
}

fn ids_are_valid(bench: &mut Bench<'_>) -> Finding {
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

fn redelivery_keeps_ids(bench: &mut Bench<'_>) -> Finding {
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

fn forged_delivery_is_refused(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (transcript, step, call, _) in steps(bench) {
        let Some(delivery) = events(call).iter().find_map(|event| event.get("delivered")) else { continue };
        let body = crate::local::wire::At::root(delivery).optional_bytes("body").unwrap_or_default();
        let mut forged = delivery.clone();
        forged["body"] = crate::local::wire::write::bytes(&[&body[..], b" "].concat());
        let mut played = before(transcript, step);
        played.push(handle(&[json!({ "delivered": forged })]));
        let Some(called) = bench.last(&transcript.settings, &played) else { continue };
        seen += 1;
        if called.outcome.case() != Some("unauthorized") {
            let place = place(transcript, step, "handle");
            wrong.push(format!("{place}, a byte more: {}", called.outcome));
        }
    }
    let has_webhook = bench.host.manifest().capabilities.webhook.is_some();
    match seen {
        0 if has_webhook => Finding::Skipped("one with a genuine `delivered`".to_owned()),
        0 => Finding::Passed("the plugin takes no webhooks".to_owned()),
        _ => Finding::of(wrong, format!("{seen} deliveries")),
    }
}
