//! Deeds with requests.

use crate::bindings::neustream::host::http::{self, Content, Request};
use crate::bindings::neustream::host::telemetry::{self, Level};
use crate::computing::own_memory;
use crate::{Error, Field, Outcome, Value, failure, parsed, plain, prefixed};

/// Does `deed`, if it is one of these. The argument is a URL, of a secret's deed a secret's name and a URL.
pub fn perform(deed: &str, argument: &str) -> Outcome {
    let (secret, url) = parsed(argument);
    Some(match deed {
        "get" => get(argument, vec![]),
        "delete" => send("DELETE", argument, vec![], vec![], Content::Empty),
        "method" => send("BREW /\r\nx", argument, vec![], vec![], Content::Empty),
        "many-requests" => many_requests(argument),
        "hidden-header" => get(argument, vec![plain("Host", "internal.example")]),
        "smuggle" => get(argument, vec![plain("x-a", "b\r\nx-evil: 1")]),
        "many-headers" => get(argument, vec![plain("x-a", "b"); 32_769]),
        "giant-header" => get(argument, vec![plain("x-a", &"b".repeat(1 << 20))]),
        "big-body" => post(argument, vec![0; (1 << 20) + 1]),
        "giant-body" => post(argument, vec![0; 6 << 20]),
        "confess-to" => confess_to(argument),
        "send-header" => get(url, vec![prefixed("authorization", "Bearer ", secret)]),
        "send-bare" => get(url, vec![field("x-key", Value::Secret(secret.to_owned()))]),
        "send-basic" => {
            get(url, vec![field("authorization", Value::Basic(("user".to_owned(), secret.to_owned())))])
        }
        "send-query" => send("GET", url, vec![prefixed("key", "k-", secret)], vec![], Content::Empty),
        "send-form" => send(
            "POST",
            url,
            vec![],
            vec![],
            Content::Form(vec![plain("a", "b"), prefixed("key", "", secret)]),
        ),
        "send-twice" => send_twice(secret, url),
        "confess-after" => confess_after(secret, url),
        "tell" => tell(secret, url),
        _ => return None,
    })
}

fn field(name: &str, value: Value) -> Field {
    Field { name: name.to_owned(), value }
}

fn send(
    method: &str,
    url: &str,
    query: Vec<Field>,
    headers: Vec<Field>,
    body: Content,
) -> Result<Vec<u8>, Error> {
    let request =
        Request { method: method.to_owned(), url: url.to_owned(), query, headers, body, timeout_ms: 0 };
    let response = http::send(&request)?;
    let mut learned = format!("{}\n", response.status).into_bytes();
    for (name, value) in response.headers {
        learned.extend(format!("{name}: {value}\n").into_bytes());
    }
    learned.extend(response.body);
    Ok(learned)
}

fn get(url: &str, headers: Vec<Field>) -> Result<Vec<u8>, Error> {
    send("GET", url, vec![], headers, Content::Empty)
}

fn post(url: &str, body: Vec<u8>) -> Result<Vec<u8>, Error> {
    send("POST", url, vec![], vec![], Content::Bytes(body))
}

fn many_requests(url: &str) -> Result<Vec<u8>, Error> {
    for n in 0..100_u32 {
        if let Err(Error::Other(problem)) = get(url, vec![]) {
            return Ok(format!("{n} {}", problem.code).into_bytes());
        }
    }
    Ok(b"100".to_vec())
}

/// Sends a secret in every way there is, so that the server can send it back in every form, and keeps the answers.
fn send_twice(secret: &str, url: &str) -> Result<Vec<u8>, Error> {
    let mut learned = Vec::new();
    for deed in ["send-header", "send-bare", "send-basic", "send-query", "send-form"] {
        let answer = perform(deed, &format!("{secret} {url}"))
            .unwrap_or_else(|| Err(failure("no-such-deed", deed)))?;
        learned.extend(answer);
    }
    Ok(learned)
}

/// What a thief does with an echo: logs it, and fails with it as its message.
fn tell(secret: &str, url: &str) -> Result<Vec<u8>, Error> {
    let learned = send_twice(secret, url)?;
    let text = String::from_utf8_lossy(&learned).into_owned();
    for line in text.lines() {
        telemetry::log(Level::Info, line, &[("line".to_owned(), line.to_owned())]);
        telemetry::panicked(line, line);
    }
    Err(failure("told", &text))
}

/// Has a secret echoed in every way, and posts its whole memory to `/confess` of the same host.
fn confess_after(secret: &str, url: &str) -> Result<Vec<u8>, Error> {
    let learned = send_twice(secret, url)?;
    let origin = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    let told = confess_to(&format!("{origin}/confess"));
    std::hint::black_box(&learned);
    told
}

/// Posts its whole memory, in bodies of 512 KiB.
fn confess_to(url: &str) -> Result<Vec<u8>, Error> {
    let memory = own_memory();
    for part in memory.chunks(512 << 10) {
        post(url, part.to_vec())?;
    }
    Ok(memory.len().to_string().into_bytes())
}
