//! Running a transcript, and what differs from it.

use std::sync::Arc;

use serde_json::Value;

use super::compare::{in_the_form_of, matches, settled};
use super::file::{Call, Expected, Step, Transcript};
use super::script::Script;
use super::side_by_side::side_by_side;
use crate::failure::Diagnostic;
use crate::local::wire::{Malformed, Outcome};
use crate::local::{Called, LocalHost, Silence};

/// A transcript that was run.
#[derive(Debug, Clone)]
pub struct Ran {
    /// The calls, in order.
    pub calls: Vec<Stepped>,
    /// What is wrong with the transcript itself, so that it could not be run to its end.
    pub invalid: Vec<Diagnostic>,
    /// What differs.
    pub differences: Vec<Difference>,
}

impl Ran {
    /// Whether everything came as expected.
    pub fn is_good(&self) -> bool {
        self.invalid.is_empty() && self.differences.is_empty()
    }
}

/// A call that was made.
#[derive(Debug, Clone)]
pub struct Stepped {
    /// Which step it was, from 0.
    pub step: usize,
    /// Which function.
    pub function: String,
    /// What it came to.
    pub called: Called,
}

/// One thing that did not come as expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Where the expectation stands, or the step where there is none: a JSON pointer.
    pub pointer: String,
    /// What differs, in a sentence.
    pub what: String,
    /// What was expected, with what came in all places that are met or left open.
    pub expected: Option<Value>,
    /// What came, in the form of the expectation.
    pub got: Option<Value>,
}

impl Difference {
    /// Both sides beside each other.
    pub fn lines(&self) -> Vec<String> {
        side_by_side(self.expected.as_ref(), self.got.as_ref())
    }
}

/// Runs all steps in a new installation.
pub fn run(host: &mut LocalHost, transcript: &Transcript) -> Ran {
    let mut ran = Ran { calls: Vec::new(), invalid: Vec::new(), differences: Vec::new() };
    let mut session = match host.session(&transcript.settings, Arc::new(Silence)) {
        Ok(session) => session,
        Err(invalid) => {
            ran.invalid = invalid.0.iter().map(|error| transcript.diagnostic(error)).collect();
            return ran;
        }
    };
    for (index, step) in transcript.steps.iter().enumerate() {
        let call = match step {
            Step::Wait { ms } => {
                session.wait(*ms);
                continue;
            }
            Step::Call(call) => call,
        };
        session.answer_with(Script::of(&call.http));
        match session.call(&call.function, &call.with) {
            Ok(called) => {
                ran.differences.extend(differences(call, &called));
                ran.calls.push(Stepped { step: index, function: call.function.clone(), called });
            }
            Err(Malformed { pointer, message }) => {
                let pointer = format!("{}{pointer}", call.pointer);
                ran.invalid.push(transcript.diagnostic(&Malformed { pointer, message }));
                return ran;
            }
        }
    }
    ran
}

fn differences(call: &Call, called: &Called) -> Vec<Difference> {
    let mut differences = Vec::new();
    let passed: Vec<_> = called.exchanges.iter().filter(|exchange| exchange.reply.is_some()).collect();
    for index in 0..call.http.len().max(passed.len()) {
        let pointer = format!("{}/http/{index}/request", call.pointer);
        match (call.http.get(index), passed.get(index)) {
            (Some(wanted), Some(got)) if !matches(&wanted.request, &got.request) => {
                let what = format!("request {} of `{}` is another", index + 1, call.function);
                differences.push(difference(pointer, what, &wanted.request, &got.request));
            }
            (Some(wanted), None) => {
                let what = format!("request {} of `{}` was not made", index + 1, call.function);
                let expected = Some(wanted.request.clone());
                differences.push(Difference {
                    pointer,
                    what: with_refusals(what, called),
                    expected,
                    got: None,
                });
            }
            (None, Some(got)) => {
                let what = format!(
                    "`{}` made a request more than `http` announces; write it with its answer, or record it with \
                     `neustream-plugin run --record`",
                    call.function
                );
                let (pointer, got) = (call.pointer.clone(), Some(got.request.clone()));
                differences.push(Difference { pointer, what, expected: None, got });
            }
            _ => {}
        }
    }
    differences.extend(outcome_difference(call, called));
    differences
}

/// Requests that the rules refused are not in `http`; they often explain what is missing there.
fn with_refusals(what: String, called: &Called) -> String {
    let mut refused = called.exchanges.iter().filter_map(|exchange| exchange.refused.as_ref());
    match refused.next() {
        Some((code, message)) => format!("{what}; a request was refused: {code}: {message}"),
        None => what,
    }
}

fn outcome_difference(call: &Call, called: &Called) -> Option<Difference> {
    let outcome = &called.outcome;
    let got = keyed(outcome.key(), outcome.value());
    let Some(Expected { key, value }) = &call.expected else {
        let what = format!(
            "`{}` has no `answer`, `error` or `fault`: `neustream-plugin test --update` writes what came",
            call.function
        );
        return Some(Difference { pointer: call.pointer.clone(), what, expected: None, got: Some(got) });
    };
    let expected = with_state_left_out(call, value, outcome);
    if *key == outcome.key() && matches(&expected, outcome.value()) {
        return None;
    }
    let pointer = format!("{}/{key}", call.pointer);
    let what = if *key == outcome.key() {
        format!("the {key} of `{}` is another", call.function)
    } else {
        format!("`{}` came to {}, not to the expected {key}", call.function, article(outcome.key()))
    };
    let what = with_refusals(what, called);
    Some(difference(pointer, what, &keyed(key, &expected), &got))
}

fn article(key: &str) -> String {
    if key.starts_with('f') { format!("a {key}") } else { format!("an {key}") }
}

fn keyed(key: &str, value: &Value) -> Value {
    Value::Object([(key.to_owned(), value.clone())].into_iter().collect())
}

/// A chat connector's state is its own affair: it may be left out of an answer.
fn with_state_left_out(call: &Call, expected: &Value, outcome: &Outcome) -> Value {
    let mut expected = expected.clone();
    let is_chat = matches!(call.function.as_str(), "open" | "handle");
    if let (true, Some(members), Some(state)) =
        (is_chat, expected.as_object_mut(), outcome.answer().and_then(|answer| answer.get("state")))
    {
        members.entry("state").or_insert_with(|| state.clone());
    }
    expected
}

fn difference(pointer: String, what: String, expected: &Value, got: &Value) -> Difference {
    let (shown, got) = (settled(expected, got), in_the_form_of(expected, got));
    // Bytes that the expectation has as JSON are shown as JSON on both sides.
    let shown = in_the_form_of(expected, &shown);
    Difference { pointer, what, expected: Some(shown), got: Some(got) }
}
