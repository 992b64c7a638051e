//! Rules of destinations.

use serde_json::{Value, json};

use super::bench::{Bench, before, call, fault, odd_texts, place};
use super::{Finding, Rule};
use crate::local::wire::Outcome;
use crate::local::{Called, Exchange};
use crate::transcript::{Call, Ran, Step, Transcript};

/// The rules.
pub(super) static RULES: [Rule; 7] = [
    Rule {
        name: "prepare-is-idempotent",
        asks: "Asked again with the same broadcast id, `prepare` answers the same target and creates nothing anew.",
        why: "The host asks again when an answer was lost; viewers must not see two broadcasts.",
        fix: "Remember what was created under the broadcast's id (kv), or ask the platform for it before creating.",
        check: prepare_is_idempotent,
    },
    Rule {
        name: "target-is-usable",
        asks: "Each target is one that the host takes: its URL parses, fits its protocol and lies within the manifest.",
        why: "The host refuses any other, and the broadcast does not begin.",
        fix: "Check the URL before answering it, and put the host into [capabilities.push].",
        check: target_is_usable,
    },
    Rule {
        name: "key-by-reference",
        asks: "The key of a target names a secret; plain it is only where the platform itself gave it.",
        why: "A key in the configuration or in the code is shown to whoever reads it.",
        fix: "Make the key a secret of the manifest with push = true, and answer it by its name.",
        check: key_by_reference,
    },
    Rule {
        name: "finish-twice-succeeds",
        asks: "Ending a broadcast that has ended is a success.",
        why: "The host ends again when an answer was lost.",
        fix: "Take the platform's word for \"has ended\" and \"is not there\" as success.",
        check: finish_twice_succeeds,
    },
    Rule {
        name: "survives-unknown-state",
        asks: "`check` and `finish` answer whatever state they are given, an error where they cannot read it.",
        why: "A state may come from another version of the plugin.",
        fix: "Read the state with a look at every step, and answer an error for what is not yours.",
        check: survives_unknown_state,
    },
    Rule {
        name: "state-within-limit",
        asks: "The state of a target has at most 16 KiB, however long the title is.",
        why: "The host refuses a target with a longer one.",
        fix: "Keep ids in the state, and ask the platform for the rest.",
        check: state_within_limit,
    },
    Rule {
        name: "unknown-visibility-is-private",
        asks: "A visibility that the plugin does not know is treated as `private`.",
        why: "The vocabulary grows; nothing may become public for want of a word.",
        fix: "Match the words that you know, and let everything else be private.",
        check: unknown_visibility_is_private,
    },
];

/// Calls of `function` in good transcripts, with their steps.
fn calls<'a>(bench: &Bench<'a>, function: &str) -> Vec<(&'a Transcript, usize, &'a Call, &'a Called)> {
    let of = |(transcript, ran): (&'a Transcript, &'a Ran)| {
        ran.calls.iter().filter_map(move |step| match &transcript.steps[step.step] {
            Step::Call(call) => Some((transcript, step.step, call, &step.called)),
            Step::Wait { .. } => None,
        })
    };
    let all = bench.good().into_iter().flat_map(of);
    all.filter(|(_, _, call, _)| call.function == function).collect()
}

/// Requests that change something at the platform.
fn writes(called: &Called) -> Vec<&Value> {
    let is_write =
        |exchange: &&Exchange| !matches!(exchange.request["method"].as_str(), Some("GET" | "HEAD"));
    called.exchanges.iter().filter(is_write).map(|exchange| &exchange.request).collect()
}

/// The target itself: the state is the plugin's own affair, and the clock has moved on.
fn place_and_key(outcome: &Outcome) -> Value {
    let mut answer = outcome.value().clone();
    if let Some(members) = answer.as_object_mut() {
        members.retain(|name, _| !matches!(name.as_str(), "state" | "expires-at"));
    }
    answer
}

fn requests(called: &Called) -> Vec<&Value> {
    called.exchanges.iter().map(|exchange| &exchange.request).collect()
}

fn prepare_is_idempotent(bench: &mut Bench<'_>) -> Finding {
    const ADD: &str =
        "one in which `prepare` is called twice with the same broadcast id, with the requests of both";
    let (mut wrong, mut seen) = (Vec::new(), 0);
    let prepared = calls(bench, "prepare");
    let prepared: Vec<_> =
        prepared.into_iter().filter(|(.., called)| called.outcome.answer().is_some()).collect();
    for (index, (transcript, step, call, first)) in prepared.iter().enumerate() {
        let id = call.with.pointer("/broadcast/id");
        let is_again = |(other, _, again, _): &&(&Transcript, usize, &Call, &Called)| {
            other.name == transcript.name && again.with.pointer("/broadcast/id") == id
        };
        let again = match prepared[index + 1..].iter().find(is_again) {
            Some((.., again)) => (*again).clone(),
            // Reading twice reads the same; what writes is answered in a way that only its author knows.
            None if writes(first).is_empty() => {
                let mut steps = before(transcript, step + 1);
                steps.push(Step::Call((*call).clone()));
                match bench.last(&transcript.settings, &steps) {
                    // Who asks something else now, having remembered what was told, got the wrong answers.
                    Some(again) if requests(&again) == requests(first) => again,
                    _ => continue,
                }
            }
            None => continue,
        };
        seen += 1;
        let place = place(transcript, *step, "prepare");
        let repeated = writes(&again).into_iter().find(|request| writes(first).contains(request));
        if let Some(request) = repeated {
            wrong.push(format!("{place}: asked again, it makes the same request again: {request}"));
        } else if place_and_key(&first.outcome) != place_and_key(&again.outcome) {
            wrong.push(format!("{place}: {}, and asked again {}", first.outcome, again.outcome));
        }
    }
    if seen == 0 {
        Finding::Skipped(ADD.to_owned())
    } else {
        Finding::of(wrong, format!("{seen} targets asked again"))
    }
}

fn target_is_usable(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    let refused = |outcome: &Outcome| {
        let is_of_host = outcome.message().is_some_and(|message| message.starts_with("The plugin "));
        let codes =
            ["target-invalid", "protocol-unsupported", "host-denied", "secret-denied", "stream-key-invalid"];
        let is_target = outcome.code().is_some_and(|code| codes.contains(&code));
        (is_target && is_of_host || is_target_secret(outcome)).then(|| outcome.to_string())
    };
    for (transcript, ran) in
        bench.all().into_iter().filter(|(transcript, _)| transcript.settings.grant.is_none())
    {
        for step in ran.calls.iter().filter(|step| step.function == "prepare") {
            seen += 1;
            let place = place(transcript, step.step, "prepare");
            wrong.extend(refused(&step.called.outcome).map(|why| format!("{place}: {why}")));
        }
    }
    let settings = bench.settings();
    if let Some(called) = bench.last(&settings, &[bench.probe()]) {
        seen += 1;
        wrong.extend(refused(&called.outcome).map(|why| format!("a call without a network: {why}")));
    }
    Finding::of(wrong, format!("{seen} targets"))
}

fn is_target_secret(outcome: &Outcome) -> bool {
    outcome.message().is_some_and(|message| message.contains("does not let the secret"))
}

fn key_by_reference(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (transcript, ran) in bench.all() {
        let mut told: Vec<String> = transcript
            .settings
            .kv
            .values()
            .map(|value| String::from_utf8_lossy(value).into_owned())
            .collect();
        for step in &ran.calls {
            let replies = step.called.exchanges.iter().filter_map(|exchange| exchange.reply.as_ref());
            told.extend(replies.map(|(_, reply)| unescaped(reply)));
            let Some(key) = step.called.outcome.answer().and_then(|answer| answer.get("key")) else {
                continue;
            };
            seen += 1;
            let Some(plain) = key.as_str() else { continue };
            if !told.iter().any(|told| told.contains(plain)) {
                let place = place(transcript, step.step, &step.function);
                wrong.push(format!("{place}: the key is a plain text that no platform gave"));
            }
        }
    }
    if seen > 0 {
        return Finding::of(wrong, format!("{seen} keys"));
    }
    Finding::Skipped("one in which `prepare` answers a target".to_owned())
}

/// A reply with its body as text, so that what JSON escapes is found, too.
fn unescaped(reply: &Value) -> String {
    let body = reply.get("body").and_then(Value::as_str).unwrap_or_default();
    format!("{body} {reply} {}", body.replace("\\/", "/"))
}

fn finish_twice_succeeds(bench: &mut Bench<'_>) -> Finding {
    const ADD: &str = "one in which `finish` is called twice, with what the platform answers to the second";
    let (mut wrong, mut seen) = (Vec::new(), 0);
    let finished = calls(bench, "finish");
    for (index, (transcript, step, call, first)) in finished.iter().enumerate() {
        if first.outcome.answer().is_none() {
            continue;
        }
        let next = finished.get(index + 1).filter(|(other, ..)| other.name == transcript.name);
        let again = match next {
            Some((.., again)) => (*again).clone(),
            None if first.exchanges.is_empty() => {
                let mut steps = before(transcript, step + 1);
                steps.push(Step::Call((*call).clone()));
                let Some(again) = bench.last(&transcript.settings, &steps) else { continue };
                again
            }
            None => continue,
        };
        seen += 1;
        if again.outcome.answer().is_none() {
            let place = place(transcript, *step, "finish");
            wrong.push(format!("{place}: ended again, it answers {}", again.outcome));
        }
    }
    if seen == 0 { Finding::Skipped(ADD.to_owned()) } else { Finding::of(wrong, format!("{seen} ends")) }
}

fn survives_unknown_state(bench: &mut Bench<'_>) -> Finding {
    let settings = bench.settings();
    let mut wrong = Vec::new();
    let mut states: Vec<Value> = odd_texts().into_iter().map(Value::from).collect();
    states.extend([
        json!({ "base64": "//79AAECgICA" }),
        json!({ "json": { "id": null, "version": u64::MAX } }),
    ]);
    // Those of its own, cut off and turned over.
    for (.., called) in calls(bench, "prepare") {
        if let Some(state) = called.outcome.answer().and_then(|answer| answer["state"].as_str()) {
            let half: String = state.chars().take(state.chars().count() / 2).collect();
            states.extend([Value::from(half), Value::from(state.chars().rev().collect::<String>())]);
        }
    }
    let count = states.len();
    for state in states {
        for function in ["check", "finish"] {
            let Some(called) = bench.last(&settings, &[call(function, json!({ "state": state }))]) else {
                continue;
            };
            if let Some(fault) = fault(&called.outcome) {
                let shown: String = state.to_string().chars().take(60).collect();
                wrong.push(format!("{function} of {shown}: {fault}"));
            }
        }
    }
    Finding::of(wrong, format!("{count} states"))
}

fn state_within_limit(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    let is_too_large = |called: &Called| called.outcome.code() == Some("state-too-large");
    for (transcript, ran) in bench.all() {
        for step in ran.calls.iter().filter(|step| is_too_large(&step.called)) {
            wrong.push(format!("{}: {}", place(transcript, step.step, &step.function), step.called.outcome));
        }
    }
    for (transcript, step, call, called) in calls(bench, "prepare") {
        if called.outcome.answer().is_none() {
            continue;
        }
        seen += 1;
        let mut long = call.clone();
        long.with["broadcast"]["title"] = Value::from("A very long title. ".repeat(2000));
        let mut steps = before(transcript, step);
        steps.push(Step::Call(long));
        let Some(called) = bench.last(&transcript.settings, &steps) else { continue };
        if is_too_large(&called) {
            let place = place(transcript, step, "prepare");
            wrong.push(format!("{place}, with a title of 38 kB: {}", called.outcome));
        }
    }
    if seen > 0 || !wrong.is_empty() {
        return Finding::of(wrong, format!("{seen} targets"));
    }
    Finding::Skipped("one in which `prepare` answers a target".to_owned())
}

fn unknown_visibility_is_private(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (transcript, step, call, called) in calls(bench, "prepare") {
        if called.outcome.answer().is_none() {
            continue;
        }
        let mut with = |visibility: &str| {
            let mut call = call.clone();
            call.with["broadcast"]["visibility"] = Value::from(visibility);
            let mut steps = before(transcript, step);
            steps.push(Step::Call(call));
            bench.last(&transcript.settings, &steps)
        };
        let (Some(private), Some(unknown)) = (with("private"), with("friends-of-friends")) else { continue };
        seen += 1;
        let texts = |called: &Called| requests(called).into_iter().map(Value::to_string).collect::<Vec<_>>();
        let (private, unknown) = (texts(&private), texts(&unknown));
        if let Some(index) =
            (0..private.len().max(unknown.len())).find(|index| private.get(*index) != unknown.get(*index))
        {
            let shown =
                |requests: &[String]| requests.get(index).cloned().unwrap_or_else(|| "nothing".to_owned());
            let place = place(transcript, step, "prepare");
            let (private, unknown) = (shown(&private), shown(&unknown));
            wrong.push(format!("{place}: for `private` it asks {private}, for an unknown word {unknown}"));
        }
    }
    if seen == 0 {
        return Finding::Skipped("one in which `prepare` answers a target".to_owned());
    }
    Finding::of(wrong, format!("{seen} targets"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_in_an_answer_that_escapes_it() {
        let reply = json!({ "status": 200, "body": "{\"key\":\"a\\/b\"}" });
        assert!(unescaped(&reply).contains("a/b"));
    }
}
