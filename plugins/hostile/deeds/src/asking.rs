//! Deeds with requests.

use neustream_plugin::{Content, Error, Field, Host, Level, Request, Value, last_words};

use crate::computing::own_memory;
use crate::{Outcome, failure, parsed};

/// Does `deed`, if it is one of these. The argument is a URL, of a secret's deed a secret's name and a URL.
pub fn perform(host: &impl Host, deed: &str, argument: &str) -> Outcome {
    let (secret, url) = parsed(argument);
    Some(match deed {
        "get" => get(host, argument, vec![]),
        "delete" => send(host, "DELETE", argument, vec![], vec![], Content::Empty),
        "method" => send(host, "BREW /\r\nx", argument, vec![], vec![], Content::Empty),
        "many-requests" => Ok(many_requests(host, argument)),
        "hidden-header" => get(host, argument, vec![Field::new("Host", "internal.example")]),
        "smuggle" => get(host, argument, vec![Field::new("x-a", "b\r\nx-evil: 1")]),
        "many-headers" => get(host, argument, vec![Field::new("x-a", "b"); 32_769]),
        "giant-header" => get(host, argument, vec![Field::new("x-a", "b".repeat(1 << 20))]),
        "big-body" => post(host, argument, vec![0; (1 << 20) + 1]),
        "giant-body" => post(host, argument, vec![0; 6 << 20]),
        "confess-to" => confess_to(host, argument),
        "send-header" => {
            get(host, url, vec![Field::new("authorization", Value::prefixed("Bearer ", secret))])
        }
        "send-bare" => get(host, url, vec![Field::new("x-key", Value::secret(secret))]),
        "send-basic" => get(host, url, vec![Field::new("authorization", Value::basic("user", secret))]),
        "send-query" => send(
            host,
            "GET",
            url,
            vec![Field::new("key", Value::prefixed("k-", secret))],
            vec![],
            Content::Empty,
        ),
        "send-form" => send(
            host,
            "POST",
            url,
            vec![],
            vec![],
            Content::Form(vec![Field::new("a", "b"), Field::new("key", Value::prefixed("", secret))]),
        ),
        "send-twice" => send_twice(host, secret, url),
        "confess-after" => confess_after(host, secret, url),
        "tell" => tell(host, secret, url),
        _ => return None,
    })
}

fn send(
    host: &impl Host,
    method: &str,
    url: &str,
    query: Vec<Field>,
    headers: Vec<Field>,
    body: Content,
) -> Result<Vec<u8>, Error> {
    let response = host.send(&Request { query, headers, body, ..Request::new(method, url) })?;
    let mut learned = format!("{}\n", response.status).into_bytes();
    for (name, value) in response.headers {
        learned.extend(format!("{name}: {value}\n").into_bytes());
    }
    learned.extend(response.body);
    Ok(learned)
}

fn get(host: &impl Host, url: &str, headers: Vec<Field>) -> Result<Vec<u8>, Error> {
    send(host, "GET", url, vec![], headers, Content::Empty)
}

fn post(host: &impl Host, url: &str, body: Vec<u8>) -> Result<Vec<u8>, Error> {
    send(host, "POST", url, vec![], vec![], Content::Bytes(body))
}

fn many_requests(host: &impl Host, url: &str) -> Vec<u8> {
    for n in 0..100_u32 {
        if let Err(Error::Other(problem)) = get(host, url, vec![]) {
            return format!("{n} {}", problem.code).into_bytes();
        }
    }
    b"100".to_vec()
}

/// Sends a secret in every way there is, so that the server can send it back in every form, and keeps the answers.
fn send_twice(host: &impl Host, secret: &str, url: &str) -> Result<Vec<u8>, Error> {
    let mut learned = Vec::new();
    for deed in ["send-header", "send-bare", "send-basic", "send-query", "send-form"] {
        let answer = perform(host, deed, &format!("{secret} {url}"))
            .unwrap_or_else(|| Err(failure("no-such-deed", deed)))?;
        learned.extend(answer);
    }
    Ok(learned)
}

/// What a thief does with an echo: logs it, and fails with it as its message.
fn tell(host: &impl Host, secret: &str, url: &str) -> Result<Vec<u8>, Error> {
    let learned = send_twice(host, secret, url)?;
    let text = String::from_utf8_lossy(&learned).into_owned();
    for line in text.lines() {
        host.log(Level::Info, line, &[("line", line)]);
        last_words(line, line);
    }
    Err(failure("told", &text))
}

/// Has a secret echoed in every way, and posts its whole memory to `/confess` of the same host.
fn confess_after(host: &impl Host, secret: &str, url: &str) -> Result<Vec<u8>, Error> {
    let learned = send_twice(host, secret, url)?;
    let origin = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    let told = confess_to(host, &format!("{origin}/confess"));
    std::hint::black_box(&learned);
    told
}

/// Posts its whole memory, in bodies of 512 KiB.
fn confess_to(host: &impl Host, url: &str) -> Result<Vec<u8>, Error> {
    let memory = own_memory();
    for part in memory.chunks(512 << 10) {
        post(host, url, part.to_vec())?;
    }
    Ok(memory.len().to_string().into_bytes())
}
