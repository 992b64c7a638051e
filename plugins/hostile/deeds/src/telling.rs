//! Deeds with the imports of every world: configuration and telemetry.

use std::panic;

use crate::bindings::neustream::host::telemetry::Level;
use crate::bindings::neustream::host::{config, telemetry};
use crate::{Outcome, lies};

/// Does `deed`, if it is one of these.
pub fn perform(deed: &str, argument: &str) -> Outcome {
    match deed {
        "panic" => {
            report_panics();
            panic!("{argument}");
        }
        "config" => return Some(Ok(config::get().into_bytes())),
        "giant-line" => giant_line(),
        "giant-fields" => giant_fields(),
        "giant-words" => telemetry::panicked(&"x".repeat(3 << 20), &"y".repeat(3 << 20)),
        "last-words" => many_last_words(),
        "log" => telemetry::log(Level::Info, argument, &[("argument".to_owned(), argument.to_owned())]),
        "log-flood" => log_flood(),
        "call-flood" => call_flood(),
        "metric-flood" => metric_flood(),
        "metric-names" => odd_metrics(),
        "liar" => return Some(Err(lies(argument))),
        _ => return None,
    }
    Some(Ok(vec![]))
}

/// Has panics told before they trap.
pub fn report_panics() {
    panic::set_hook(Box::new(|info| {
        let message = info.payload_as_str().unwrap_or_default();
        let location = info.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_default();
        telemetry::panicked(message, &location);
    }));
}

/// One host call with more than it may carry.
fn giant_line() {
    telemetry::log(Level::Info, &"x".repeat(8 << 20), &[]);
}

/// Many small things in one call: each costs the host more than its bytes.
fn giant_fields() {
    let fields = vec![(String::new(), String::new()); 200_000];
    telemetry::log(Level::Info, "fields", &fields);
}

/// Last words that do not end.
fn many_last_words() {
    for n in 0..10_000 {
        telemetry::panicked(&format!("\x1b[2Jlast {n}"), "\r\nERROR forged line");
    }
}

fn log_flood() {
    for n in 0..2000 {
        let line = format!("\x1b[2J\x1b]0;owned\x07line {n}\nERROR forged line\u{202e}");
        telemetry::log(Level::Error, &line, &[("field".to_owned(), "\x1b[31m".to_owned())]);
    }
}

/// Host calls for as long as it is let.
fn call_flood() {
    loop {
        telemetry::log(Level::Debug, "", &[]);
        telemetry::count("flood", 1);
        config::get();
    }
}

fn metric_flood() {
    for n in 0..5000 {
        telemetry::count(&format!("metric-{n}"), u64::MAX);
    }
}

/// Names that would break a page of metrics if they were written as they are.
fn odd_metrics() {
    for name in ["", "a\nb 1", "a{b=\"c\"}", "\u{202e}", "A B", &"m".repeat(1 << 16)] {
        telemetry::count(name, u64::MAX);
        telemetry::count(name, u64::MAX);
    }
}
