//! Playing steps in new installations, and what rules need to know of a project.

use std::collections::BTreeMap;

use neustream_contract::manifest::SecretKind;
use neustream_contract::{CLIENT_ID_SUFFIX, Kind};
use serde_json::{Map, Value, json};

use crate::local::wire::Outcome;
use crate::local::wire::http::Reply;
use crate::local::{Called, LocalHost, Settings, Silence};
use crate::transcript::{Call, Ran, Script, Scripted, Step, Transcript};

/// What rules look at: a plugin in its host, its transcripts, and how they ran.
pub struct Bench<'a> {
    /// The plugin.
    pub host: &'a mut LocalHost,
    /// Its transcripts.
    pub transcripts: &'a [Transcript],
    /// How each of them ran.
    pub runs: &'a [Ran],
}

impl<'a> Bench<'a> {
    /// Transcripts that came as expected, with their runs: what others came to says nothing about rules.
    pub fn good(&self) -> Vec<(&'a Transcript, &'a Ran)> {
        let (transcripts, runs) = (self.transcripts, self.runs);
        transcripts.iter().zip(runs).filter(|(_, ran)| ran.is_good()).collect()
    }

    /// All transcripts that could be run, as expected or not.
    pub fn all(&self) -> Vec<(&'a Transcript, &'a Ran)> {
        let (transcripts, runs) = (self.transcripts, self.runs);
        transcripts.iter().zip(runs).filter(|(_, ran)| ran.invalid.is_empty()).collect()
    }

    /// Plays `steps` in a new installation. Ends early, with what was played, at a step that is not one.
    pub fn play(&mut self, settings: &Settings, steps: &[Step]) -> Vec<Called> {
        let mut all = Vec::new();
        let Ok(mut session) = self.host.session(settings, std::sync::Arc::new(Silence)) else { return all };
        for step in steps {
            match step {
                Step::Wait { ms } => session.wait(*ms),
                Step::Call(call) => {
                    session.answer_with(Script::of(&call.http));
                    match session.call(&call.function, &call.with) {
                        Ok(called) => all.push(called),
                        Err(_) => return all,
                    }
                }
            }
        }
        all
    }

    /// What the last of `steps` comes to.
    pub fn last(&mut self, settings: &Settings, steps: &[Step]) -> Option<Called> {
        let calls = steps.iter().filter(|step| matches!(step, Step::Call(_))).count();
        let mut all = self.play(settings, steps);
        if all.len() == calls { all.pop() } else { None }
    }

    /// Settings that the plugin is content with, as far as is known: those of the first good transcript in which it
    /// answered, otherwise the schema's example and made-up secrets.
    pub fn settings(&self) -> Settings {
        let has_answer = |ran: &Ran| ran.calls.iter().any(|step| step.called.outcome.answer().is_some());
        let known = self
            .good()
            .into_iter()
            .find(|(transcript, ran)| transcript.settings.grant.is_none() && has_answer(ran));
        match known {
            Some((transcript, _)) => transcript.settings.clone(),
            None => Settings {
                config: example(self.host.schema().schema()),
                secrets: self.made_up_secrets(),
                ..Settings::default()
            },
        }
    }

    /// A secret for each that the manifest has.
    pub fn made_up_secrets(&self) -> BTreeMap<String, String> {
        let secrets = self.host.manifest().capabilities.secrets.iter();
        let made_up = secrets.flat_map(|(name, secret)| {
            let client = (secret.kind == SecretKind::Oauth2)
                .then(|| (format!("{name}{CLIENT_ID_SUFFIX}"), format!("client-of-{name}")));
            [(name.clone(), format!("made-up-{name}-0123456789"))].into_iter().chain(client)
        });
        made_up.collect()
    }

    /// A call that every plugin of the kind answers.
    pub fn probe(&self) -> Step {
        match self.host.kind() {
            Kind::Destination => {
                call("prepare", json!({ "broadcast": broadcast("probe", "A title", "public") }))
            }
            Kind::Chat => call("open", json!({})),
            Kind::Moderation => call("judge", json!({ "messages": [message("probe", "Hello everybody!")] })),
            Kind::Payment => call("find", json!({ "key": "probe" })),
        }
    }
}

/// A step that calls `function` without a network.
pub fn call(function: &str, with: Value) -> Step {
    call_answered(function, with, Vec::new())
}

/// A step that calls `function`, whose requests are answered so, one after the other.
pub fn call_answered(function: &str, with: Value, replies: Vec<Reply>) -> Step {
    let http = replies.into_iter().map(|reply| Scripted { request: Value::from("*"), reply }).collect();
    Step::Call(Call { pointer: String::new(), function: function.to_owned(), with, http, expected: None })
}

/// A broadcast.
pub fn broadcast(id: &str, title: &str, visibility: &str) -> Value {
    json!({ "id": id, "title": title, "visibility": visibility })
}

/// A message for a filter.
pub fn message(id: &str, text: &str) -> Value {
    json!({ "id": id, "platform": "room", "author-hash": "author", "roles": [], "text": text, "traits": [] })
}

/// The steps before `index`, without what they expect.
pub fn before(transcript: &Transcript, index: usize) -> Vec<Step> {
    transcript.steps[..index].to_vec()
}

/// How a call was named in a report: `transcript x, step 2 (prepare)`.
pub fn place(transcript: &Transcript, step: usize, function: &str) -> String {
    format!("{}, step {} ({function})", transcript.name, step + 1)
}

/// Texts that nobody expects: empty, long, in other scripts, with controls, and what reads like code.
pub fn odd_texts() -> Vec<String> {
    vec![
        String::new(),
        " \t\r\n".to_owned(),
        "x".repeat(16 * 1024),
        "👨‍👩‍👧‍👦".repeat(400),
        "ẞĲÅ\u{301}\u{202e}نص\u{200d}\u{feff}𝕊".to_owned(),
        "\u{0}\u{1}\u{1b}[2J\u{7f}".to_owned(),
        "{\"a\":[1,{\"b\":\"\\u0000\"}]}".to_owned(),
        "../../etc/passwd %00 %s ${x} <b>'\"--;".to_owned(),
        "-1".to_owned(),
        "18446744073709551616".to_owned(),
    ]
}

/// Whether a call ended in a fault, and which.
pub fn fault(outcome: &Outcome) -> Option<String> {
    matches!(outcome, Outcome::Fault(_)).then(|| outcome.to_string())
}

/// A value that the schema shows or names as its default, and what is required besides. It need not be valid.
pub fn example(schema: &Value) -> Value {
    example_of(schema, 0)
}

fn example_of(schema: &Value, depth: usize) -> Value {
    let shown =
        schema.pointer("/examples/0").or_else(|| schema.get("default")).or_else(|| schema.get("const"));
    if let Some(value) = shown.or_else(|| schema.pointer("/enum/0")) {
        return value.clone();
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => Value::from(""),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or_else(|| Value::from(0)),
        Some("boolean") => Value::from(false),
        Some("array") => Value::Array(Vec::new()),
        Some("null") => Value::Null,
        _ if depth > 8 => Value::Null,
        _ => {
            let properties = schema.get("properties").and_then(Value::as_object);
            let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
            let required: Vec<_> = required.filter_map(Value::as_str).collect();
            let is_given = |name: &str, schema: &Value| {
                required.contains(&name)
                    || schema.get("examples").is_some()
                    || schema.get("default").is_some()
            };
            let members = properties.into_iter().flatten().filter(|(name, schema)| is_given(name, schema));
            Value::Object(
                members
                    .map(|(name, schema)| (name.clone(), example_of(schema, depth + 1)))
                    .collect::<Map<_, _>>(),
            )
        }
    }
}
