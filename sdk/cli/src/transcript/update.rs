//! Writing what came into a transcript, in place of what differs; everything else stays as its author wrote it.

use std::ops::Range;

use serde_json::{Map, Value};

use super::compare::{in_the_form_of, matches};
use super::file::{Call, Expected, Step, Transcript};
use super::pretty::pretty;
use super::run::Ran;
use crate::local::Called;

/// The text of the transcript with what came; none where nothing differs that can be written. The answers of a
/// platform are its author's to write: a request that `http` does not announce is left for them.
pub fn updated(transcript: &Transcript, ran: &Ran) -> Option<String> {
    let mut edits = Edits { transcript, edits: Vec::new() };
    for stepped in &ran.calls {
        if let Some(Step::Call(call)) = transcript.steps.get(stepped.step) {
            edits.call(call, &stepped.called);
        }
    }
    (!edits.edits.is_empty()).then(|| transcript.located.with(edits.edits))
}

struct Edits<'a> {
    transcript: &'a Transcript,
    edits: Vec<(Range<usize>, String)>,
}

impl Edits<'_> {
    fn call(&mut self, call: &Call, called: &Called) {
        let passed: Vec<_> = called.exchanges.iter().filter(|exchange| exchange.reply.is_some()).collect();
        for (index, (wanted, got)) in call.http.iter().zip(&passed).enumerate() {
            if !matches(&wanted.request, &got.request) {
                self.value(&format!("{}/http/{index}/request", call.pointer), &wanted.request, &got.request);
            }
        }
        if passed.len() < call.http.len() {
            self.fewer(call, passed.len());
        }
        let (key, value) = (called.outcome.key(), called.outcome.value());
        match &call.expected {
            Some(Expected { key: wanted_key, value: wanted }) if *wanted_key == key => {
                let mut got = value.clone();
                let is_chat = matches!(call.function.as_str(), "open" | "handle");
                if is_chat
                    && wanted.get("state").is_none()
                    && let Some(got) = got.as_object_mut()
                {
                    got.remove("state");
                }
                if !matches(wanted, &got) {
                    self.value(&format!("{}/{key}", call.pointer), wanted, &got);
                }
            }
            Some(Expected { key: wanted_key, .. }) => self.other_key(call, wanted_key, key, value),
            None => self.new_key(call, key, value),
        }
    }

    /// The smallest places in which `got` differs from `wanted`, which stands at `pointer`.
    fn value(&mut self, pointer: &str, wanted: &Value, got: &Value) {
        let got = in_the_form_of(wanted, got);
        match (wanted, &got) {
            (Value::Object(wanted), Value::Object(have)) if has_same_keys(wanted, have) => {
                for (key, have) in have {
                    let Some(wanted) = wanted.get(key) else { continue };
                    if !matches(wanted, have) {
                        let key = key.replace('~', "~0").replace('/', "~1");
                        self.value(&format!("{pointer}/{key}"), wanted, have);
                    }
                }
            }
            (Value::Array(wanted), Value::Array(have)) if wanted.len() == have.len() => {
                for (index, (wanted, have)) in wanted.iter().zip(have).enumerate() {
                    if !matches(wanted, have) {
                        self.value(&format!("{pointer}/{index}"), wanted, have);
                    }
                }
            }
            _ => self.replace(pointer, &got),
        }
    }

    fn replace(&mut self, pointer: &str, value: &Value) {
        if let Some(span) = self.transcript.located.span(pointer) {
            let indent = self.transcript.located.indent(span.start);
            self.edits.push((span, pretty(value, indent)));
        }
    }

    /// Only the first `count` requests were made.
    fn fewer(&mut self, call: &Call, count: usize) {
        let located = &self.transcript.located;
        let http = format!("{}/http", call.pointer);
        let Some(all) = located.span(&http) else { return };
        match count.checked_sub(1).and_then(|last| located.span(&format!("{http}/{last}"))) {
            Some(last) => self.edits.push((last.end..all.end - 1, String::new())),
            None => {
                // None at all: an edit within it would overlap, and there is none.
                self.edits.push((all, "[]".to_owned()));
            }
        }
    }

    /// An answer instead of an error, or the like: the key changes, too.
    fn other_key(&mut self, call: &Call, wanted: &str, key: &str, value: &Value) {
        let located = &self.transcript.located;
        let (Some(step), Some(old)) =
            (located.span(&call.pointer), located.span(&format!("{}/{wanted}", call.pointer)))
        else {
            return;
        };
        let quoted = format!("\"{wanted}\"");
        let Some(at) = located.find_key(&quoted, step.start..old.start) else { return };
        let indent = located.indent(at);
        self.edits.push((at..old.end, format!("\"{key}\": {}", pretty(value, indent))));
    }

    /// The step said nothing of what must come: it is written behind its last key.
    fn new_key(&mut self, call: &Call, key: &str, value: &Value) {
        let located = &self.transcript.located;
        let Some(last) = located.keys(&call.pointer).last().map(|last| (*last).to_owned()) else { return };
        let (Some(span), Some(step)) =
            (located.span(&format!("{}/{last}", call.pointer)), located.span(&call.pointer))
        else {
            return;
        };
        let indent = located.indent(step.start) + 2;
        let text = format!(",\n{}\"{key}\": {}", " ".repeat(indent), pretty(value, indent));
        self.edits.push((span.end..span.end, text));
    }
}

fn has_same_keys(wanted: &Map<String, Value>, have: &Map<String, Value>) -> bool {
    let is_nothing = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    let is_open = wanted.contains_key("...");
    wanted.iter().all(|(key, value)| key == "..." || have.contains_key(key) || is_nothing(value))
        && have.iter().all(|(key, value)| is_open || wanted.contains_key(key) || is_nothing(value))
}
