//! Rules of all kinds.

use serde_json::Value;

use super::bench::{Bench, broadcast, call, example, fault, message, odd_texts, place};
use super::headroom::{WARNING_PERCENT, headroom};
use super::{Finding, Rule};
use crate::local::wire::Outcome;
use crate::local::{Called, Settings};
use crate::transcript::Step;
use neustream_contract::Kind;
use serde_json::json;

/// The rules.
pub(super) static RULES: [Rule; 9] = [
    Rule {
        name: "package-loads",
        asks: "The package loads: its size, its imports against plugin.toml, its exports, its compilation.",
        why: "A server refuses a package that does not, when it is published.",
        fix: "Do what the message says, and build again.",
        check: package_loads,
    },
    Rule {
        name: "answers-without-network",
        asks: "A call without a network, without a grant and without secrets is answered; an error will do.",
        why: "A server makes such a call when a package is published and when it is installed.",
        fix: "Answer an error where something is missing; do not panic.",
        check: answers_without_network,
    },
    Rule {
        name: "within-budget",
        asks: "Every call of the transcripts leaves a fifth of each limit free.",
        why: "Real inputs are larger than those of transcripts, and a call above a limit is ended.",
        fix: "Compute, remember or ask less in a call; the figures below say what comes near and where.",
        check: within_budget,
    },
    Rule {
        name: "deterministic",
        asks: "The same calls give the same requests and the same answers, every time.",
        why: "Calls are repeated after failures and replayed in appeals; answers that change by themselves cannot be.",
        fix: "Take time from ctx.now alone, and do not let answers depend on addresses or the order of a hash map.",
        check: deterministic,
    },
    Rule {
        name: "keeps-secrets",
        asks: "Nothing that is secret is written into the log: no secret that a platform repeats, no key that it gives.",
        why: "A log is read by more people than a secret is meant for.",
        fix: "Log ids and states, not bodies of answers.",
        check: keeps_secrets,
    },
    Rule {
        name: "config-examples-work",
        asks: "The examples and defaults of config.schema.json are valid, and the plugin takes them.",
        why: "The dashboard shows them, and tenants begin with them.",
        fix: "Change the example or default, or what the plugin demands of it.",
        check: config_examples_work,
    },
    Rule {
        name: "invalid-config-is-pointed-at",
        asks: "A setting that the schema takes and the plugin does not is answered with invalid-config, and the message \
               begins with the JSON pointer of the setting.",
        why: "The dashboard shows the message beside the field that the pointer names.",
        fix: "Begin the message with the pointer, a colon and a space: \"/server: ...\".",
        check: invalid_config_is_pointed_at,
    },
    Rule {
        name: "errors-have-codes",
        asks: "Every error and problem has a code of lower-case words with dashes.",
        why: "Programs read the code; the host replaces one that it cannot take.",
        fix: "Write codes like `title-empty`.",
        check: errors_have_codes,
    },
    Rule {
        name: "survives-odd-inputs",
        asks: "Empty, long, strange and huge inputs are answered without a trap and within the limits.",
        why: "What people and platforms write reaches the plugin as it is.",
        fix: "Do not index, unwrap or convert without a look; cut what is too long.",
        check: survives_odd_inputs,
    },
];

/// The package was loaded before any rule is asked; what a server looks at besides is its scan.
fn package_loads(bench: &mut Bench<'_>) -> Finding {
    let report = bench.host.scan();
    let checks = report.checks.iter().filter(|check| check.name != "self-test");
    let wrong = checks.filter_map(|check| Some((check, check.problem.as_ref()?)));
    let wrong =
        wrong.map(|(check, problem)| format!("{}: {}: {}", check.name, problem.code, problem.message));
    Finding::of(wrong.collect(), format!("{} kB", bench.host.package_bytes().div_ceil(1000)))
}

fn answers_without_network(bench: &mut Bench<'_>) -> Finding {
    let report = bench.host.scan();
    let Some(check) = report.checks.iter().find(|check| check.name == "self-test") else {
        return Finding::Skipped("the package does not load".to_owned());
    };
    match &check.problem {
        Some(problem) => Finding::Failed(vec![format!("{}: {}", problem.code, problem.message)]),
        None => Finding::Passed(check.note.clone()),
    }
}

fn within_budget(bench: &mut Bench<'_>) -> Finding {
    if bench.all().is_empty() {
        return Finding::Skipped("add a transcript: its calls are measured".to_owned());
    }
    let all = headroom(bench);
    let near = all.iter().filter(|headroom| headroom.percent() > WARNING_PERCENT);
    let wrong = near.map(|headroom| {
        let (name, percent) = (headroom.limit_name, headroom.percent());
        format!("{name} is used to {percent} %, {}: {}", headroom.figures(), headroom.place)
    });
    Finding::of(wrong.collect(), "")
}

fn deterministic(bench: &mut Bench<'_>) -> Finding {
    let mut wrong = Vec::new();
    let mut played: Vec<(String, Settings, Vec<Step>)> = bench
        .all()
        .into_iter()
        .map(|(transcript, _)| {
            (transcript.name.clone(), transcript.settings.clone(), transcript.steps.clone())
        })
        .collect();
    played.push((
        "a call without a transcript".to_owned(),
        bench.settings(),
        vec![bench.probe(), bench.probe()],
    ));
    for (name, settings, steps) in &played {
        let first = bench.play(settings, steps);
        // A filter's second call meets an instance that was made ahead: it must not matter.
        for _ in 0..2 {
            let again = bench.play(settings, steps);
            let differs = first.iter().zip(&again).position(|(first, again)| !is_same(first, again));
            if let Some(index) = differs {
                let (one, other) = (&first[index].outcome, &again[index].outcome);
                wrong.push(format!("{name}, call {}: {one}, and then {other}", index + 1));
                break;
            }
        }
    }
    Finding::of(wrong, format!("{} times 3 runs", played.len()))
}

fn is_same(one: &Called, other: &Called) -> bool {
    let requests =
        |called: &Called| called.exchanges.iter().map(|one| one.request.clone()).collect::<Vec<_>>();
    one.outcome == other.outcome && requests(one) == requests(other)
}

fn keeps_secrets(bench: &mut Bench<'_>) -> Finding {
    let mut wrong = Vec::new();
    let mut lines = 0;
    for (transcript, ran) in bench.all() {
        let mut secret: Vec<String> = transcript.settings.secrets.values().cloned().collect();
        for step in &ran.calls {
            let key = step.called.outcome.answer().and_then(|answer| answer.get("key")?.as_str());
            secret.extend(key.map(str::to_owned));
            for line in &step.called.said {
                lines += 1;
                let is_secret = |secret: &String| secret.len() >= 6 && line.contains(secret.as_str());
                if line.contains("***") || secret.iter().any(is_secret) {
                    let place = place(transcript, step.step, &step.function);
                    wrong.push(format!("{place} logs a secret, or a text that holds one"));
                }
            }
        }
    }
    Finding::of(wrong, format!("{lines} lines"))
}

fn config_examples_work(bench: &mut Bench<'_>) -> Finding {
    let schema = bench.host.schema().schema().clone();
    let has_settings = schema.get("properties").and_then(Value::as_object).is_some_and(|all| !all.is_empty());
    if !has_settings {
        return Finding::Passed("the plugin has no settings".to_owned());
    }
    let mut configs: Vec<(String, Value)> = Vec::new();
    for (index, example) in schema.get("examples").and_then(Value::as_array).into_iter().flatten().enumerate()
    {
        configs.push((format!("/examples/{index}"), example.clone()));
    }
    if configs.is_empty() {
        let made = example(&schema);
        // What is required and has no example cannot be made up.
        if bench.host.schema().validate(&made).is_err() && !has_wrong_example(bench, &schema) {
            return Finding::Skipped(
                "give config.schema.json `examples`: required settings have neither example nor default"
                    .to_owned(),
            );
        }
        configs.push(("the examples and defaults of its properties".to_owned(), made));
    }
    let mut wrong = Vec::new();
    for (name, config) in &configs {
        if let Some(error) = bench.host.schema().validate_all(config).first() {
            wrong.push(format!("{name} is not valid: {error}"));
            continue;
        }
        let settings =
            Settings { config: config.clone(), secrets: bench.made_up_secrets(), ..Settings::default() };
        let Some(called) = bench.last(&settings, &[bench.probe()]) else { continue };
        if called.outcome.case() == Some("invalid-config") || matches!(called.outcome, Outcome::Fault(_)) {
            wrong.push(format!("with {name}: {}", called.outcome));
        }
    }
    Finding::of(wrong, format!("{} configurations", configs.len()))
}

/// Whether an example or default of a property is itself what its schema refuses.
fn has_wrong_example(bench: &Bench<'_>, schema: &Value) -> bool {
    let made = example(schema);
    let given = |pointer: &str| {
        let path =
            pointer.split('/').skip(1).fold(String::new(), |path, step| format!("{path}/properties/{step}"));
        schema.pointer(&path).is_some_and(|one| one.get("examples").is_some() || one.get("default").is_some())
    };
    bench.host.schema().validate_all(&made).iter().any(|error| given(&error.pointer))
}

fn invalid_config_is_pointed_at(bench: &mut Bench<'_>) -> Finding {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (transcript, ran) in bench.all() {
        for step in &ran.calls {
            let place = || place(transcript, step.step, &step.function);
            seen += note_pointer(&step.called.outcome, &transcript.settings.config, &place, &mut wrong);
        }
    }
    let base = bench.settings();
    for (pointer, config) in odd_configs(bench, &base.config) {
        let settings = Settings { config: config.clone(), ..base.clone() };
        let Some(called) = bench.last(&settings, &[bench.probe()]) else { continue };
        let place = || format!("with an odd {pointer}");
        if let Some(fault) = fault(&called.outcome) {
            wrong.push(format!("{}: {fault}", place()));
        }
        seen += note_pointer(&called.outcome, &config, &place, &mut wrong);
    }
    wrong.dedup();
    Finding::of(wrong, format!("{seen} refusals"))
}

/// Notes a refusal of a configuration that does not begin with a pointer into it. Counts refusals.
fn note_pointer(
    outcome: &Outcome,
    config: &Value,
    place: &dyn Fn() -> String,
    wrong: &mut Vec<String>,
) -> usize {
    let is_own = outcome.case() == Some("invalid-config") && outcome.code() != Some("secret-missing");
    let (true, Some(message)) = (is_own, outcome.message()) else { return 0 };
    let pointer = message.split_once(':').map(|(pointer, _)| pointer);
    // What is missing has a pointer that leads nowhere; its parent must be there.
    let leads = |pointer: &str| {
        let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        pointer.starts_with('/') && !pointer.contains(' ') && config.pointer(parent).is_some()
    };
    if !pointer.is_some_and(leads) {
        wrong.push(format!("{}: the message begins with no JSON pointer: {message}", place()));
    }
    1
}

/// Configurations that the schema takes, each with one text that nobody expects.
fn odd_configs(bench: &Bench<'_>, base: &Value) -> Vec<(String, Value)> {
    let schema = bench.host.schema();
    let properties = schema.schema().get("properties").and_then(Value::as_object);
    let mut configs = Vec::new();
    for (name, _) in properties.into_iter().flatten() {
        let odd = ["", "x", "https://", "rtmp://user:word@host/app#x", "javascript:alert(1)", "\u{1}"]
            .map(Value::from);
        for value in odd.into_iter().chain([json!(0), json!([]), json!({}), json!(u64::MAX)]) {
            let mut config = base.clone();
            if let Some(members) = config.as_object_mut() {
                members.insert(name.clone(), value);
            }
            if schema.validate(&config).is_ok() {
                configs.push((format!("/{name}"), config));
            }
        }
    }
    configs
}

fn errors_have_codes(bench: &mut Bench<'_>) -> Finding {
    let mut wrong = Vec::new();
    let mut note = |called: &Called, place: String| {
        let lines = called.log.iter().filter(|line| line.level == "warn");
        let replaced =
            lines.filter(|line| line.text.starts_with("the code `") && line.text.ends_with(" stands for it"));
        wrong.extend(replaced.map(|line| format!("{place}: {}", line.text)));
    };
    for (transcript, ran) in bench.all() {
        for step in &ran.calls {
            note(&step.called, place(transcript, step.step, &step.function));
        }
    }
    let settings = bench.settings();
    for steps in odd_calls(bench.host.kind()) {
        let Some(called) = bench.last(&settings, &steps) else { continue };
        note(&called, format!("an odd call of {}", last(&steps).0));
    }
    wrong.sort();
    wrong.dedup();
    Finding::of(wrong, "")
}

/// Function and arguments of the last step.
fn last(steps: &[Step]) -> (&str, &Value) {
    match steps.last() {
        Some(Step::Call(call)) => (&call.function, &call.with),
        _ => ("", &Value::Null),
    }
}

fn survives_odd_inputs(bench: &mut Bench<'_>) -> Finding {
    let settings = bench.settings();
    let calls = odd_calls(bench.host.kind());
    let count = calls.len();
    let mut wrong = Vec::new();
    for steps in calls {
        let Some(called) = bench.last(&settings, &steps) else { continue };
        if let Some(fault) = fault(&called.outcome) {
            let (function, with) = last(&steps);
            let shown: String = with.to_string().chars().take(80).collect();
            wrong.push(format!("{function} with {shown}...: {fault}"));
        }
    }
    Finding::of(wrong, format!("{count} calls"))
}

/// Calls that nobody expects, each with the steps before it.
fn odd_calls(kind: Kind) -> Vec<Vec<Step>> {
    let texts = odd_texts();
    let texts = texts.iter().map(String::as_str);
    let single: Vec<Step> = match kind {
        Kind::Destination => texts
            .flat_map(|text| {
                [
                    call("prepare", json!({ "broadcast": broadcast("odd", text, text) })),
                    call("prepare", json!({ "broadcast": broadcast(text, "A title", "public") })),
                ]
            })
            .collect(),
        Kind::Chat => {
            let begun = |event| vec![call("open", json!({})), call("handle", json!({ "events": [event] }))];
            return super::chat::odd_events().into_iter().map(begun).collect();
        }
        Kind::Moderation => {
            let odd = texts.enumerate().map(|(index, text)| message(&format!("m{index}"), text));
            let odd: Vec<_> = odd.collect();
            let each = odd.iter().map(|one| call("judge", json!({ "messages": [one] })));
            let unlike = json!({
                "id": "odd", "platform": "\u{1}", "author-hash": "", "roles": vec!["x".repeat(256); 64],
                "text": "x", "traits": vec![["account-age-days", "18446744073709551616"]; 64],
            });
            each.chain([
                call("judge", json!({ "messages": odd })),
                call("judge", json!({ "messages": [unlike] })),
            ])
            .collect()
        }
        Kind::Payment => texts
            .flat_map(|text| {
                let amount = json!({ "minor": u64::MAX, "currency": "XXX" });
                let charge = json!({
                    "key": "odd", "amount": amount, "description": text, "payer-ref": text, "return-url": text,
                });
                [
                    call("start", json!({ "charge": charge })),
                    call("find", json!({ "key": text })),
                    call("confirm", json!({ "key": text, "provider-id": text, "returned": [[text, text]] })),
                    call("refund", json!({ "key": "odd", "provider-id": text, "amount": amount })),
                    call("receive", json!({ "webhook": { "headers": [[text, text]], "body": text } })),
                ]
            })
            .collect(),
    };
    single.into_iter().map(|step| vec![step]).collect()
}
