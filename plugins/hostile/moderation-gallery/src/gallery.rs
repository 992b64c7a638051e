//! The filter, and the deeds that only a filter can do.

use neustream_hostile_deeds::{computing, parsed, telling};
use neustream_plugin::moderation::{Action, Found, Lookup, Message, ModerationFilter, Verdict};
use neustream_plugin::{Context, Field, PureHost, Value};

struct Gallery;

neustream_plugin::export_moderation!(Gallery);

impl ModerationFilter for Gallery {
    fn plan(host: &impl PureHost, _: &Context, batch: &[Message]) -> Vec<Lookup> {
        let text = batch.first().map(|message| message.text.as_str()).unwrap_or_default();
        match parsed(text) {
            ("plan", deed) => planned(host, deed),
            _ => vec![],
        }
    }

    fn judge(host: &impl PureHost, context: &Context, batch: &[Message], found: &[Found]) -> Vec<Verdict> {
        let text = batch.first().map(|message| message.text.as_str()).unwrap_or_default();
        match parsed(text) {
            ("judge", deed) => judged(host, deed, context, batch),
            ("plan", _) => told(batch, found),
            _ => vec![],
        }
    }
}

fn planned(host: &impl PureHost, text: &str) -> Vec<Lookup> {
    let (deed, argument) = parsed(text);
    let (secret, url) = parsed(argument);
    match deed {
        "look" => vec![lookup("l", argument, vec![])],
        "look-many" => (0..number(secret)).map(|n| lookup(&format!("l{n}"), url, vec![])).collect(),
        "look-with" => {
            vec![lookup("l", url, vec![Field::new("authorization", Value::prefixed("Bearer ", secret))])]
        }
        "look-basic" => vec![lookup("l", url, vec![basic(secret)])],
        "look-headers" => vec![lookup("l", url, vec![Field::new("x-a", "b"); number(secret)])],
        "look-smuggle" => vec![lookup("l", argument, vec![Field::new("x-a", "b\r\nx-evil: 1")])],
        "look-post" => vec![Lookup { body: vec![0; number(secret)], ..lookup("l", url, vec![]) }],
        "look-long-id" => vec![lookup(&"l".repeat(1 << 20), argument, vec![])],
        _ => {
            if computing::perform(deed, argument).or_else(|| telling::perform(host, deed, argument)).is_none()
            {
                telling::perform(host, "panic", "no such deed");
            }
            vec![]
        }
    }
}

fn judged(host: &impl PureHost, text: &str, context: &Context, batch: &[Message]) -> Vec<Verdict> {
    let (deed, argument) = parsed(text);
    let each = |action: Action| batch.iter().map(|message| verdict(&message.id, action.clone())).collect();
    match deed {
        "allow" => each(Action::Allow),
        "delete" => each(Action::Delete),
        "nothing" => vec![],
        "foreign" => vec![verdict("of-another-tenant", Action::Delete), verdict("", Action::Delete)],
        "twice" => batch
            .iter()
            .flat_map(|message| [verdict(&message.id, Action::Allow), verdict(&message.id, Action::Delete)])
            .collect(),
        "many" => vec![verdict("x", Action::Allow); number(argument)],
        "timeout" => each(Action::TimeoutS(u32::MAX)),
        "replace" => each(Action::Replace("y".repeat(number(argument)))),
        "replace-escapes" => each(Action::Replace("\x1b[2J\u{202e}\0<script>alert(1)</script>".to_owned())),
        "long-reason" => batch
            .iter()
            .map(|message| Verdict { reason: "r".repeat(1 << 20), ..verdict(&message.id, Action::Hold) })
            .collect(),
        "odd-rule" => batch
            .iter()
            .map(|message| Verdict {
                rule: "\x1b[31mRule \r\n".repeat(1000),
                reason: "\x1b[2J\r\nforged".to_owned(),
                ..verdict(&message.id, Action::Hide)
            })
            .collect(),
        "dice" => each(Action::Replace(dice(context))),
        _ => {
            let learned =
                computing::perform(deed, argument).or_else(|| telling::perform(host, deed, argument));
            let text = match learned {
                Some(Ok(bytes)) => bytes.iter().map(|byte| char::from(*byte)).collect(),
                Some(Err(_)) => "error".to_owned(),
                None => "no-such-deed".to_owned(),
            };
            each(Action::Replace(text))
        }
    }
}

/// Whatever might differ from one run to the next: what the context tells, where things lie in memory, what the
/// bits of a NaN are, how much memory there is, and how often this instance was asked.
fn dice(context: &Context) -> String {
    let here = 0_u8;
    let nan = std::hint::black_box(0.0_f64) / std::hint::black_box(0.0_f64);
    let remembered = computing::perform("remember", "").and_then(Result::ok).unwrap_or_default();
    format!(
        "{} {} {} {} {} {:p} {:x} {} {}",
        context.tenant,
        context.installation,
        context.now,
        context.attempt,
        context.trace_parent,
        &raw const here,
        nan.to_bits(),
        core::arch::wasm32::memory_size(0),
        String::from_utf8_lossy(&remembered),
    )
}

/// What the lookups found, as the replacement of every message.
fn told(batch: &[Message], found: &[Found]) -> Vec<Verdict> {
    let line = |found: &Found| match &found.outcome {
        Ok(body) => format!("{}: {}\n", found.id, String::from_utf8_lossy(body)),
        Err(problem) => format!("{}: {} {}\n", found.id, problem.code, problem.message),
    };
    let text: String = found.iter().map(line).collect();
    batch.iter().map(|message| verdict(&message.id, Action::Replace(text.clone()))).collect()
}

fn number(text: &str) -> usize {
    text.parse().unwrap_or_default()
}

fn basic(secret: &str) -> Field {
    Field::new("authorization", Value::basic("user", secret))
}

fn lookup(id: &str, url: &str, headers: Vec<Field>) -> Lookup {
    Lookup { id: id.to_owned(), url: url.to_owned(), headers, body: vec![] }
}

fn verdict(id: &str, action: Action) -> Verdict {
    Verdict { id: id.to_owned(), action, rule: "hostile".to_owned(), reason: "Because.".to_owned() }
}
