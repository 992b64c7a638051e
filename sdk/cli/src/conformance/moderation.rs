//! Rules of filters.

use serde_json::{Value, json};

use super::bench::{Bench, call, call_answered, fault, message, place};
use super::headroom::WARNING_PERCENT;
use super::{Finding, Rule};
use crate::local::wire::http::Reply;
use crate::local::{Called, Settings};
use crate::transcript::Step;

/// The rules.
pub(super) static RULES: [Rule; 7] = [
    Rule {
        name: "one-verdict-a-message",
        asks: "Each verdict is about a message of the batch, and no message has two.",
        why: "The host refuses the whole answer otherwise, and every message of the batch waits.",
        fix: "Go through the batch once, and push one verdict with the message's own id.",
        check: one_verdict_a_message,
    },
    Rule {
        name: "rules-have-words",
        asks: "The rule of a verdict is a word of lower-case letters, digits and dashes, at most 64 characters.",
        why: "An appeal refers to it, and the host refuses any other.",
        fix: "Write rules like `caps` or `link-shortener`; make a word of what tenants name.",
        check: rules_have_words,
    },
    Rule {
        name: "order-does-not-matter",
        asks: "A message gets the same verdict wherever it stands in its batch.",
        why: "The host gathers batches as messages come; where one stands is chance.",
        fix: "Judge each message by itself.",
        check: order_does_not_matter,
    },
    Rule {
        name: "batches-do-not-matter",
        asks: "A message gets the same verdict alone as among others.",
        why: "How many messages come together depends on how busy a chat is.",
        fix: "Judge each message by itself, and keep nothing between calls.",
        check: batches_do_not_matter,
    },
    Rule {
        name: "empty-batch-is-answered",
        asks: "A batch without messages is answered with no verdicts.",
        why: "The host shows an empty batch to every new instance, before anybody waits for it.",
        fix: "Do not take the first message without a look.",
        check: empty_batch_is_answered,
    },
    Rule {
        name: "full-batch-within-budget",
        asks: "A hundred messages of 100 characters are judged with a fifth of the instructions and memory to spare.",
        why: "That is the largest batch; one above its budget is given up, and its messages wait.",
        fix: "Prepare tables once (an instance is shown an empty batch first), and read each text once.",
        check: full_batch_within_budget,
    },
    Rule {
        name: "lookups-may-fail",
        asks: "Where a lookup has no answer, or one that makes no sense, the batch is judged all the same.",
        why: "A service that is away must not stop a chat.",
        fix: "Judge by what is known, and hold what cannot be known.",
        check: lookups_may_fail,
    },
];

/// Batches to judge, with the settings they belong to: those of the transcripts, and one that anybody would send.
fn batches(bench: &Bench<'_>) -> Vec<(String, Settings, Vec<Value>, Vec<Reply>)> {
    let mut all = Vec::new();
    for (transcript, _) in bench.good() {
        for (index, step) in transcript.steps.iter().enumerate() {
            if let Step::Call(call) = step
                && let Some(messages) = call.with.get("messages").and_then(Value::as_array)
            {
                let replies = call.http.iter().map(|scripted| scripted.reply.clone()).collect();
                let name = place(transcript, index, "judge");
                all.push((name, transcript.settings.clone(), messages.clone(), replies));
            }
        }
    }
    let texts =
        ["Hello everybody!", "FREE MONEY at https://example.com/now", "a b c", "ＦＲＥＥ ｍｏｎｅｙ", ""];
    let ordinary = texts.iter().enumerate().map(|(index, text)| message(&format!("m{index}"), text));
    all.push(("an ordinary batch".to_owned(), bench.settings(), ordinary.collect(), Vec::new()));
    all
}

fn judge(
    bench: &mut Bench<'_>,
    settings: &Settings,
    messages: &[Value],
    replies: &[Reply],
) -> Option<Called> {
    let step = call_answered("judge", json!({ "messages": messages }), replies.to_vec());
    bench.last(settings, &[step])
}

/// Answers that the host refused, in all runs and for ordinary batches.
fn refused(bench: &mut Bench<'_>, is_it: impl Fn(&str) -> bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut note = |place: String, called: &Called| {
        if called.outcome.code().is_some_and(|code| matches!(code, "answer-invalid" | "answer-too-large"))
            && called.outcome.message().is_some_and(&is_it)
        {
            wrong.push(format!("{place}: {}", called.outcome));
        }
    };
    for (transcript, ran) in bench.all() {
        for step in &ran.calls {
            note(place(transcript, step.step, &step.function), &step.called);
        }
    }
    for (name, settings, messages, replies) in batches(bench) {
        if let Some(called) = judge(bench, &settings, &messages, &replies) {
            note(name, &called);
        }
    }
    wrong.sort();
    wrong.dedup();
    wrong
}

fn one_verdict_a_message(bench: &mut Bench<'_>) -> Finding {
    let about = |message: &str| message.contains("verdict") && !message.contains("a verdict's rule");
    Finding::of(refused(bench, about), "")
}

fn rules_have_words(bench: &mut Bench<'_>) -> Finding {
    Finding::of(refused(bench, |message| message.contains("a verdict's rule")), "")
}

/// The verdict about the message `id`.
fn verdict<'a>(called: &'a Called, id: &Value) -> Option<&'a Value> {
    called.outcome.answer()?.as_array()?.iter().find(|verdict| verdict["id"] == *id)
}

fn difference(name: &str, messages: &[Value], whole: &Called, other: &Called, how: &str) -> Option<String> {
    let differs =
        messages.iter().find(|message| verdict(whole, &message["id"]) != verdict(other, &message["id"]))?;
    let shown = |called| verdict(called, &differs["id"]).map_or_else(|| "none".to_owned(), Value::to_string);
    Some(format!("{name}, message {}: {}, and {how} {}", differs["id"], shown(whole), shown(other)))
}

fn order_does_not_matter(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (name, settings, messages, replies) in batches(bench) {
        // Answers of a service come in the order of the lookups, which may follow that of the messages.
        if messages.len() < 2 || !replies.is_empty() {
            continue;
        }
        let turned: Vec<_> = messages.iter().rev().cloned().collect();
        let (whole, other) = (judge(bench, &settings, &messages, &[]), judge(bench, &settings, &turned, &[]));
        if let (Some(whole), Some(other)) = (whole, other) {
            seen += 1;
            wrong.extend(difference(&name, &messages, &whole, &other, "from behind"));
        }
    }
    Finding::of(wrong, format!("{seen} batches"))
}

fn batches_do_not_matter(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (name, settings, messages, replies) in batches(bench) {
        if messages.len() < 2 || !replies.is_empty() {
            continue;
        }
        let Some(whole) = judge(bench, &settings, &messages, &[]) else { continue };
        for one in &messages {
            let Some(alone) = judge(bench, &settings, std::slice::from_ref(one), &[]) else { continue };
            seen += 1;
            wrong.extend(difference(&name, std::slice::from_ref(one), &whole, &alone, "alone"));
        }
    }
    Finding::of(wrong, format!("{seen} messages"))
}

fn empty_batch_is_answered(bench: &mut Bench<'_>) -> Finding {
    let settings = bench.settings();
    match bench.last(&settings, &[call("judge", json!({ "messages": [] }))]) {
        Some(called) if called.outcome.answer() == Some(&json!([])) => Finding::Passed(String::new()),
        Some(called) => Finding::Failed(vec![format!("no messages: {}", called.outcome)]),
        None => Finding::Skipped("one whose settings the plugin takes".to_owned()),
    }
}

fn full_batch_within_budget(bench: &mut Bench<'_>) -> Finding {
    let mut wrong = Vec::new();
    let mut settings: Vec<_> =
        bench.good().into_iter().map(|(transcript, _)| transcript.settings.clone()).collect();
    settings.push(bench.settings());
    settings.dedup();
    let texts = [
        "What a show, I have not laughed so much in a long time! ",
        "GO GO GO ",
        "ünïcödé ｆｕｌｌ 𝕨𝕚𝕕𝕖 ",
        "aAbB1!.-_ ",
    ];
    let messages: Vec<_> = (0..100)
        .map(|index| {
            let text: String = texts[index % texts.len()].chars().cycle().take(100).collect();
            message(&format!("m{index}"), &text)
        })
        .collect();
    let mut most = 0;
    for settings in &settings {
        let Some(called) = judge(bench, settings, &messages, &[]) else { continue };
        // Other faults are for other rules.
        let is_exhausted = called.outcome.code().is_some_and(|code| {
            matches!(code, "plugin-cpu" | "plugin-memory" | "plugin-timeout" | "plugin-stack")
        });
        if let Some(fault) = fault(&called.outcome).filter(|_| is_exhausted) {
            wrong.push(fault);
        }
        for used in called.usage.iter().flat_map(|usage| &usage.used) {
            if !matches!(used.limit_name, "fuel" | "memory-bytes") {
                continue;
            }
            let percent = used.amount.saturating_mul(100) / used.limit.max(1);
            most = most.max(percent);
            if percent > WARNING_PERCENT && fault(&called.outcome).is_none() {
                wrong.push(format!("{} is used to {percent} %", used.limit_name));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    Finding::of(wrong, format!("at most {most} %"))
}

fn lookups_may_fail(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (name, settings, messages, replies) in batches(bench) {
        if replies.is_empty() {
            continue;
        }
        let failed = |code: &str| Reply::Fails { code: code.to_owned(), message: String::new() };
        let nonsense = |body: &'static [u8]| {
            Reply::Response(neustream_outbound::HttpResponse {
                status: 200,
                headers: Vec::new(),
                body: bytes::Bytes::from_static(body),
            })
        };
        for other in [
            failed("timed-out"),
            failed("dns-failed"),
            nonsense(b""),
            nonsense(b"{\"a\":[[["),
            nonsense(&[0xff]),
        ] {
            let replies = vec![other.clone(); replies.len()];
            let Some(called) = judge(bench, &settings, &messages, &replies) else { continue };
            seen += 1;
            if called.outcome.answer().is_none() {
                wrong.push(format!("{name}, with {other:?}: {}", called.outcome));
            }
        }
    }
    let has_http = bench.host.manifest().capabilities.http.is_some();
    match seen {
        0 if has_http => Finding::Skipped("one with a lookup and its answer in `http`".to_owned()),
        0 => Finding::Passed("the plugin makes no lookups".to_owned()),
        _ => Finding::of(wrong, format!("{seen} failures")),
    }
}
