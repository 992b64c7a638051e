//! What is printed of a call.

use serde_json::{Value, json};

use super::text_of;
use crate::local::Called;
use crate::local::wire::Outcome;
use crate::output::{Output, Tint};
use crate::recording::{Heard, Origin};
use crate::transcript::{Transcript, pretty};

/// The transcript that is about to be played.
pub(super) fn title(output: &Output, transcript: &Transcript) {
    output.line(format!("{}  {}", transcript.name, transcript.about).trim_end());
}

/// A call with its requests, log lines and outcome.
pub(super) fn call(output: &Output, function: &str, called: &Called, heard: &[Heard]) {
    output.line(format!("  {function}"));
    let mut heard = heard.iter();
    for exchange in &called.exchanges {
        let came = match (&exchange.reply, &exchange.refused) {
            (Some((_, reply)), _) => {
                let origin = heard.next().map_or(Origin::Nobody, |heard| heard.origin);
                format!("{} ({})", answered(reply), word(origin))
            }
            (None, Some((code, message))) => {
                output.tinted(Tint::Yellow, &format!("refused: {code}: {message}"))
            }
            (None, None) => "no answer".to_owned(),
        };
        output.line(format!("    {} -> {came}", request(&exchange.request)));
    }
    for line in &called.log {
        output.line(format!("    {} {}", output.tinted(tint(&line.level), &line.level), line.text));
    }
    for (place, problem) in &called.denied {
        let what =
            format!("effect {place} would be refused: {}: {}", problem.reason.code, problem.reason.message);
        output.line(format!("    {}", output.tinted(Tint::Yellow, &what)));
    }
    outcome(output, &called.outcome);
}

fn outcome(output: &Output, outcome: &Outcome) {
    let word = match outcome {
        Outcome::Answer(_) => output.tinted(Tint::Green, outcome.key()),
        Outcome::Error(_) => output.tinted(Tint::Yellow, outcome.key()),
        Outcome::Fault(_) => output.tinted(Tint::Red, outcome.key()),
    };
    output.line(format!("    {word} {}", pretty(outcome.value(), 4)));
}

/// A call for `--json`.
pub(super) fn call_document(function: &str, called: &Called, heard: &[Heard]) -> Value {
    let mut heard = heard.iter();
    let requests: Vec<Value> = called
        .exchanges
        .iter()
        .map(|exchange| match (&exchange.reply, &exchange.refused) {
            (Some((key, reply)), _) => {
                let origin = heard.next().map(|heard| heard.origin);
                json!({ "request": exchange.request, *key: reply, "from": origin })
            }
            (None, refused) => {
                let refused =
                    refused.as_ref().map(|(code, message)| json!({ "code": code, "message": message }));
                json!({ "request": exchange.request, "refused": refused })
            }
        })
        .collect();
    let log: Vec<Value> =
        called.log.iter().map(|line| json!({ "level": line.level, "text": line.text })).collect();
    json!({
        "call": function,
        "requests": requests,
        "log": log,
        called.outcome.key(): called.outcome.value(),
    })
}

/// `GET https://api.example/v1`
pub(super) fn request(request: &Value) -> String {
    format!("{} {}", text_of(request, "method"), text_of(request, "url"))
}

fn answered(reply: &Value) -> String {
    match reply["status"].as_u64() {
        Some(status) => status.to_string(),
        None => format!("{}: {}", text_of(reply, "code"), text_of(reply, "message")),
    }
}

fn word(origin: Origin) -> &'static str {
    match origin {
        Origin::Transcript => "transcript",
        Origin::Recording => "recording",
        Origin::Platform => "platform",
        Origin::Nobody => "nobody answers here",
    }
}

fn tint(level: &str) -> Tint {
    match level {
        "error" => Tint::Red,
        "warn" => Tint::Yellow,
        "info" => Tint::Green,
        _ => Tint::Dim,
    }
}
