//! Deeds with the imports of every world: configuration and telemetry.

use neustream_plugin::{Level, PureHost, last_words};

use crate::{Outcome, lies};

/// Does `deed`, if it is one of these.
pub fn perform(host: &impl PureHost, deed: &str, argument: &str) -> Outcome {
    match deed {
        "panic" => panic!("{argument}"),
        "config" => return Some(Ok(host.config().into_bytes())),
        "giant-line" => giant_line(host),
        "giant-fields" => giant_fields(host),
        "giant-words" => last_words(&"x".repeat(3 << 20), &"y".repeat(3 << 20)),
        "last-words" => many_last_words(),
        "log" => host.log(Level::Info, argument, &[("argument", argument)]),
        "log-flood" => log_flood(host),
        "call-flood" => call_flood(host),
        "metric-flood" => metric_flood(host),
        "metric-names" => odd_metrics(host),
        "liar" => return Some(Err(lies(argument))),
        _ => return None,
    }
    Some(Ok(vec![]))
}

/// One host call with more than it may carry.
fn giant_line(host: &impl PureHost) {
    host.log(Level::Info, &"x".repeat(8 << 20), &[]);
}

/// Many small things in one call: each costs the host more than its bytes.
fn giant_fields(host: &impl PureHost) {
    let fields = vec![("", ""); 200_000];
    host.log(Level::Info, "fields", &fields);
}

/// Last words that do not end.
fn many_last_words() {
    for n in 0..10_000 {
        last_words(&format!("\x1b[2Jlast {n}"), "\r\nERROR forged line");
    }
}

fn log_flood(host: &impl PureHost) {
    for n in 0..2000 {
        let line = format!("\x1b[2J\x1b]0;owned\x07line {n}\nERROR forged line\u{202e}");
        host.log(Level::Error, &line, &[("field", "\x1b[31m")]);
    }
}

/// Host calls for as long as it is let.
fn call_flood(host: &impl PureHost) {
    loop {
        host.log(Level::Debug, "", &[]);
        host.count("flood", 1);
        host.config();
    }
}

fn metric_flood(host: &impl PureHost) {
    for n in 0..5000 {
        host.count(&format!("metric-{n}"), u64::MAX);
    }
}

/// Names that would break a page of metrics if they were written as they are.
fn odd_metrics(host: &impl PureHost) {
    for name in ["", "a\nb 1", "a{b=\"c\"}", "\u{202e}", "A B", &"m".repeat(1 << 16)] {
        host.count(name, u64::MAX);
        host.count(name, u64::MAX);
    }
}
