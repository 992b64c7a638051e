//! What is opened, lost and opened again, and messages that are written meanwhile.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::steps::{effects, events, handle, payloads, steps};
use crate::conformance::Finding;
use crate::conformance::bench::{Bench, before, call, place};
use crate::local::{Called, Session, Silence};
use crate::transcript::{Step, Transcript};

pub(super) fn logs_in_again(bench: &mut Bench<'_>) -> Finding {
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

pub(super) fn sends_are_settled(bench: &mut Bench<'_>) -> Finding {
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

pub(super) fn transmits_to_open_connections(bench: &mut Bench<'_>) -> Finding {
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
