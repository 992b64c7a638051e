//! Rules of payment providers.

use bytes::Bytes;
use neustream_outbound::HttpResponse;
use serde_json::{Value, json};

use super::bench::{Bench, before, place};
use super::{Finding, Rule};
use crate::local::Called;
use crate::local::wire::http::Reply;
use crate::transcript::{Call, Step, Transcript};

/// The rules.
pub(super) static RULES: [Rule; 9] = [
    Rule {
        name: "webhook-unsigned-is-refused",
        asks: "A webhook without its headers is answered with unauthorized.",
        why: "Anybody can send one; what is not proven to be the provider's would move money on paper.",
        fix: "Verify before parsing, and answer unauthorized where the signature is missing.",
        check: webhook_unsigned_is_refused,
    },
    Rule {
        name: "webhook-tampered-is-refused",
        asks: "A webhook of which one byte of the body, or of the headers, is another is answered with unauthorized.",
        why: "A signature proves the body that it was made for, and no other.",
        fix: "Verify the raw body as it came, with the host's verify-hmac-sha256.",
        check: webhook_tampered_is_refused,
    },
    Rule {
        name: "unknown-event-is-nothing",
        asks: "A genuine webhook about an event that the plugin does not know gives no update.",
        why: "Providers add events; an error would make them send it again and again, and at last switch the hook off.",
        fix: "Answer an empty list for what is not about a charge or refund of the host.",
        check: unknown_event_is_nothing,
    },
    Rule {
        name: "start-passes-the-key",
        asks: "`start` and `refund` send the host's key to the provider.",
        why: "The provider knows a repetition by it, and `find` asks for it: so a payer is charged once.",
        fix: "Send the key as the provider's idempotency key, and where `find` can look for it.",
        check: start_passes_the_key,
    },
    Rule {
        name: "lost-answer-is-unknown",
        asks: "Where the provider may have acted (no answer, or one of 5xx, to a request that writes), `start` and \
               `refund` fail with unknown, never with not-sent.",
        why: "What was not sent is sent again; what may have been is looked for. The wrong word charges a payer twice.",
        fix: "Answer not-sent only where the provider says that it has refused.",
        check: lost_answer_is_unknown,
    },
    Rule {
        name: "amounts-are-exact",
        asks: "Amounts are sent and told as they are, however large.",
        why: "Money is counted in whole minor units; floating point loses some above 2^53.",
        fix: "Keep amounts in whole numbers all the way.",
        check: amounts_are_exact,
    },
    Rule {
        name: "answered-amount-is-the-charge-s",
        asks: "What `start` and `refund` tell as settled or pending has the amount and currency that were asked for.",
        why: "The host books what was told.",
        fix: "Take the amount from the provider's answer, in its smallest unit, and refuse one that differs.",
        check: answered_amount_is_the_charge_s,
    },
    Rule {
        name: "find-of-unknown-is-none",
        asks: "`find` answers none for a key that the provider does not know.",
        why: "Only then may the host start the charge again.",
        fix: "Answer none for the provider's \"not found\" and for an empty list.",
        check: find_of_unknown_is_none,
    },
    Rule {
        name: "declined-is-declined",
        asks: "A payment that the provider declines comes as `declined`, not as an error.",
        why: "An error is tried again; a declined payment is told to the payer.",
        fix: "Read the provider's word for declined (often a 402) and answer declined with its reason.",
        check: declined_is_declined,
    },
];

/// Calls of good transcripts.
fn calls<'a>(bench: &Bench<'a>, functions: &[&str]) -> Vec<(&'a Transcript, usize, &'a Call, &'a Called)> {
    let mut all = Vec::new();
    for (transcript, ran) in bench.good() {
        for step in &ran.calls {
            if let Step::Call(call) = &transcript.steps[step.step]
                && functions.contains(&call.function.as_str())
            {
                all.push((transcript, step.step, call, &step.called));
            }
        }
    }
    all
}

/// The steps up to the one at `index`, which is another.
fn with_step(transcript: &Transcript, index: usize, call: Call) -> Vec<Step> {
    let mut steps = before(transcript, index);
    steps.push(Step::Call(call));
    steps
}

/// Webhooks that were taken for genuine.
fn accepted<'a>(bench: &Bench<'a>) -> Vec<(&'a Transcript, usize, &'a Call, &'a Called)> {
    let all = calls(bench, &["receive"]).into_iter();
    all.filter(|(.., called)| called.outcome.answer().is_some()).collect()
}

const ADD_WEBHOOK: &str = "one in which `receive` takes a webhook with its signature";

fn is_unauthorized(called: &Called) -> bool {
    called.outcome.case() == Some("unauthorized")
}

fn webhook_unsigned_is_refused(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (transcript, step, call, _) in accepted(bench) {
        let mut unsigned = call.clone();
        unsigned.with["webhook"]["headers"] = json!([]);
        let steps = with_step(transcript, step, unsigned);
        let Some(called) = bench.last(&transcript.settings, &steps) else { continue };
        seen += 1;
        if !is_unauthorized(&called) {
            wrong.push(format!("{} without headers: {}", place(transcript, step, "receive"), called.outcome));
        }
    }
    if seen == 0 {
        Finding::Skipped(ADD_WEBHOOK.to_owned())
    } else {
        Finding::of(wrong, format!("{seen} webhooks"))
    }
}

fn webhook_tampered_is_refused(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (transcript, step, call, _) in accepted(bench) {
        for (what, webhook) in tampered(&call.with["webhook"]) {
            let mut call = call.clone();
            call.with["webhook"] = webhook;
            let steps = with_step(transcript, step, call);
            let Some(called) = bench.last(&transcript.settings, &steps) else { continue };
            seen += 1;
            if !is_unauthorized(&called) {
                wrong.push(format!("{}, {what}: {}", place(transcript, step, "receive"), called.outcome));
            }
        }
    }
    if seen == 0 {
        Finding::Skipped(ADD_WEBHOOK.to_owned())
    } else {
        Finding::of(wrong, format!("{seen} webhooks"))
    }
}

/// Webhooks that differ a little from a genuine one.
fn tampered(webhook: &Value) -> Vec<(&'static str, Value)> {
    let body = crate::local::wire::At::root(webhook).optional_bytes("body").unwrap_or_default();
    let with_body = |body: &[u8]| {
        let mut webhook = webhook.clone();
        webhook["body"] = crate::local::wire::write::bytes(body);
        webhook
    };
    let mut all = Vec::new();
    if let Some(digit) = body.iter().position(u8::is_ascii_digit) {
        let mut other = body.clone();
        other[digit] = if other[digit] == b'9' { b'8' } else { other[digit] + 1 };
        all.push(("a digit of the body changed", with_body(&other)));
    }
    all.push(("a space behind the body", with_body(&[&body[..], b" "].concat())));
    let mut signed = webhook.clone();
    for header in signed["headers"].as_array_mut().into_iter().flatten() {
        let turned: String = header[1].as_str().unwrap_or_default().chars().map(turned).collect();
        header[1] = Value::from(turned);
    }
    all.push(("every character of the headers changed", signed));
    all
}

/// Another character of the same sort, so that a header keeps its form.
fn turned(c: char) -> char {
    match c {
        '0'..='8' | 'a'..='e' => char::from_u32(c as u32 + 1).unwrap_or(c),
        '9' => '0',
        'f' => 'a',
        other => other,
    }
}

fn unknown_event_is_nothing(bench: &mut Bench<'_>) -> Finding {
    const ADD: &str = "one in which `receive` takes a genuine webhook of an event that the plugin does not know, and \
                       answers an empty list";
    let received = bench.all().into_iter().flat_map(|(transcript, ran)| {
        ran.calls.iter().filter_map(move |step| match &transcript.steps[step.step] {
            Step::Call(call) if call.function == "receive" => Some((transcript, call, step)),
            _ => None,
        })
    });
    let expects_nothing = |call: &Call| {
        call.expected.as_ref().is_some_and(|expected| expected.key == "answer" && expected.value == json!([]))
    };
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (transcript, _, step) in received.filter(|(_, call, _)| expects_nothing(call)) {
        seen += 1;
        if step.called.outcome.answer() != Some(&json!([])) {
            wrong.push(format!("{}: {}", place(transcript, step.step, "receive"), step.called.outcome));
        }
    }
    if seen == 0 { Finding::Skipped(ADD.to_owned()) } else { Finding::of(wrong, format!("{seen} webhooks")) }
}

/// Whether a request carries `text` anywhere, also percent-encoded or within JSON.
fn carries(request: &Value, text: &str) -> bool {
    request.to_string().contains(text)
}

fn start_passes_the_key(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (transcript, step, call, called) in calls(bench, &["start", "refund"]) {
        let key = call.with.pointer("/charge/key").or_else(|| call.with.get("key")).and_then(Value::as_str);
        let writes: Vec<_> = called.exchanges.iter().filter(|one| is_write(&one.request)).collect();
        let (Some(key), false) = (key, writes.is_empty()) else { continue };
        seen += 1;
        if !writes.iter().any(|exchange| carries(&exchange.request, key)) {
            let place = place(transcript, step, &call.function);
            wrong.push(format!("{place}: no request that writes carries the key `{key}`"));
        }
    }
    if seen == 0 {
        return Finding::Skipped("one in which `start` makes its requests".to_owned());
    }
    Finding::of(wrong, format!("{seen} calls"))
}

fn is_write(request: &Value) -> bool {
    !matches!(request["method"].as_str(), Some("GET" | "HEAD"))
}

fn status(status: u16, body: &'static str) -> Reply {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Reply::Response(HttpResponse { status, headers, body: Bytes::from_static(body.as_bytes()) })
}

fn lost_answer_is_unknown(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    let fails = |code: &str| Reply::Fails { code: code.to_owned(), message: String::new() };
    for (transcript, step, call, called) in calls(bench, &["start", "refund"]) {
        let exchanges = called.exchanges.iter().filter(|exchange| exchange.reply.is_some());
        let writes = exchanges.enumerate().filter(|(_, exchange)| is_write(&exchange.request));
        for (index, _) in writes {
            for (what, lost) in [
                ("no answer in time", fails("timed-out")),
                ("a connection that broke", fails("http-failed")),
                ("a 500", status(500, "{}")),
                ("a 502", status(502, "<html>Bad gateway</html>")),
                ("a 503", status(503, "")),
            ] {
                let mut call = call.clone();
                let Some(scripted) = call.http.get_mut(index) else { continue };
                scripted.reply = lost;
                let Some(called) = bench.last(&transcript.settings, &with_step(transcript, step, call))
                else {
                    continue;
                };
                seen += 1;
                if called.outcome.certainty() == Some("not-sent") {
                    let place =
                        place(transcript, step, called.usage.first().map_or("start", |usage| usage.function));
                    wrong.push(format!("{place}, {what} to request {}: {}", index + 1, called.outcome));
                }
            }
        }
    }
    if seen == 0 {
        return Finding::Skipped("one in which `start` makes a request that writes".to_owned());
    }
    Finding::of(wrong, format!("{seen} lost answers"))
}

fn amounts_are_exact(bench: &mut Bench<'_>) -> Finding {
    // The first whole number that a double cannot hold.
    const LARGE: u64 = 9_007_199_254_740_993;
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (transcript, step, call, _) in calls(bench, &["start", "refund"]) {
        let mut large = call.clone();
        let pointer = if call.function == "start" { "/charge/amount/minor" } else { "/amount/minor" };
        let Some(minor) = large.with.pointer_mut(pointer) else { continue };
        *minor = Value::from(LARGE);
        let steps = with_step(transcript, step, large);
        let Some(called) = bench.last(&transcript.settings, &steps) else { continue };
        let writes: Vec<_> = called.exchanges.iter().filter(|one| is_write(&one.request)).collect();
        // Refusing such an amount before anything is sent is right, too; so is not asking the provider a second time.
        let rounded = |text: &str| text.contains("900719925474099") && !text.contains(&LARGE.to_string());
        let sent = writes
            .iter()
            .map(|exchange| exchange.request.to_string().replace(['.', ','], ""))
            .collect::<String>();
        let told = called.outcome.value().to_string();
        seen += 1;
        if rounded(&sent) || rounded(&told) {
            let place = place(transcript, step, &call.function);
            wrong.push(format!("{place}, {LARGE} minor units: it sends or tells another amount"));
        }
    }
    if seen == 0 {
        return Finding::Skipped("one in which `start` makes its requests".to_owned());
    }
    Finding::of(wrong, format!("{seen} calls"))
}

fn answered_amount_is_the_charge_s(bench: &mut Bench<'_>) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (transcript, ran) in bench.all() {
        for step in &ran.calls {
            let Step::Call(call) = &transcript.steps[step.step] else { continue };
            if !matches!(call.function.as_str(), "start" | "refund") {
                continue;
            }
            let asked = call.with.pointer("/charge/amount").or_else(|| call.with.get("amount"));
            let answer = step.called.outcome.answer();
            let told = ["/settled/amount", "/pending/amount"].into_iter().find_map(|at| answer?.pointer(at));
            let (Some(asked), Some(told)) = (asked, told) else { continue };
            seen += 1;
            if asked != told {
                let place = place(transcript, step.step, &call.function);
                wrong.push(format!("{place}: asked for {asked}, it tells {told}"));
            }
        }
    }
    if seen > 0 || !wrong.is_empty() {
        return Finding::of(wrong, format!("{seen} amounts"));
    }
    // Where the payer must act first, nothing is settled at the start.
    Finding::Skipped("one in which `start` or `refund` answers settled or pending".to_owned())
}

fn find_of_unknown_is_none(bench: &mut Bench<'_>) -> Finding {
    let expects = |call: &Call| {
        call.expected.as_ref().is_some_and(|expected| expected.key == "answer" && expected.value.is_null())
    };
    told_as(
        bench,
        &["find"],
        expects,
        Value::is_null,
        "one in which `find` is asked for a key that the provider does not know, and answers null",
    )
}

fn declined_is_declined(bench: &mut Bench<'_>) -> Finding {
    let expects = |call: &Call| {
        call.expected.as_ref().is_some_and(|expected| expected.value.to_string().contains("\"declined\""))
    };
    let functions = ["start", "find", "confirm", "refund", "receive"];
    let is_declined = |answer: &Value| answer.to_string().contains("\"declined\"");
    told_as(
        bench,
        &functions,
        expects,
        is_declined,
        "one in which the provider declines a payment, and the answer is declined",
    )
}

/// What only an author knows: how a provider says it. Where a transcript expects it, it must come.
fn told_as(
    bench: &mut Bench<'_>,
    functions: &[&str],
    expects: impl Fn(&Call) -> bool,
    is_it: impl Fn(&Value) -> bool,
    add: &str,
) -> Finding {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (transcript, ran) in bench.all() {
        for step in &ran.calls {
            let Step::Call(call) = &transcript.steps[step.step] else { continue };
            if !functions.contains(&call.function.as_str()) || !expects(call) {
                continue;
            }
            seen += 1;
            if !step.called.outcome.answer().is_some_and(&is_it) {
                let place = place(transcript, step.step, &call.function);
                wrong.push(format!("{place}: {}", step.called.outcome));
            }
        }
    }
    if seen == 0 { Finding::Skipped(add.to_owned()) } else { Finding::of(wrong, format!("{seen} calls")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tampered_webhook_differs_from_the_genuine_one_and_keeps_its_form() {
        let webhook = json!({ "headers": [["x-signature", "t=19,v1=af09"]], "body": "{\"amount\":19}" });
        let all = tampered(&webhook);
        assert_eq!(all.len(), 3);
        assert!(all.iter().all(|(_, other)| *other != webhook));
        assert_eq!(all[0].1["body"], "{\"amount\":29}");
        assert_eq!(all[2].1["headers"][0][1], "t=20,v2=ba10");
    }
}
