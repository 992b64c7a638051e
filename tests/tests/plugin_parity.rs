//! What passes on an author's machine passes on a server, and what fails there fails here, in the same words: every
//! deed of the hostile galleries is done by `neustream-plugin test` in a transcript and by an installation of a running
//! Neustream, and both must come to the same end: the same sort (answer, error, fault), the same code, the same message.
//!
//! The galleries reach the server as an author brings them there, as development versions, so this is also what an
//! unsigned package may do: no more and no less than any other.

#[path = "plugin_parity/local.rs"]
mod local;
#[path = "plugin_parity/served.rs"]
mod served;

use std::fmt;

use neustream_tests::kit::{Result, ensure};
use serde_json::{Value, json};

use crate::local::called;
use crate::served::Served;

/// Where the galleries' platform is, and its answer.
const HOST: &str = "api.hostile.test";
const ANSWER: &str = "hello";
const SECRETS: [(&str, &str); 4] = [
    ("api-token", "tok-2718-parity"),
    ("chat-token", "chat-2718-parity"),
    ("webhook", "whsec-2718-parity"),
    ("stream-key", "live-2718-parity"),
];

/// How often a call is made that a busy machine makes too late.
const ATTEMPTS: usize = 5;

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    /// The plugin answered; what it learned, where that is shown.
    Answer(Option<String>),
    /// It answered an error, or was refused something.
    Error { code: String, message: String },
    /// It was ended: a trap, a time-out, a limit.
    Fault { code: String, message: String },
}

impl End {
    /// Whether a busy machine may be the cause.
    fn is_late(&self) -> bool {
        ["plugin-timeout", "timed-out"].contains(&self.code())
    }

    fn code(&self) -> &str {
        match self {
            Self::Answer(_) => "",
            Self::Error { code, .. } | Self::Fault { code, .. } => code,
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(learned) => write!(f, "answer {}", learned.as_deref().unwrap_or_default()),
            Self::Error { code, message } => write!(f, "error {code}: {message}"),
            Self::Fault { code, message } => write!(f, "fault {code}: {message}"),
        }
    }
}

/// Compares deed by deed; `expected` says which codes must occur, so that the deeds do what they are here for.
fn are_equal(kind: &str, deeds: &[String], here: &[End], there: &[End], expected: &[&str]) -> Result<()> {
    let mut differences = Vec::new();
    for ((deed, here), there) in deeds.iter().zip(here).zip(there) {
        println!("| {kind} | `{deed}` | {} |", here.to_string().chars().take(120).collect::<String>());
        if here != there {
            differences.push(format!("`{deed}`\n  command line: {here}\n  server:       {there}"));
        }
    }
    ensure!(here.len() == deeds.len() && there.len() == deeds.len(), "{kind}: not every deed was done");
    ensure!(differences.is_empty(), "{kind}:\n{}", differences.join("\n"));
    for code in expected {
        ensure!(here.iter().any(|end| end.code() == *code), "{kind}: nothing came to {code}");
    }
    Ok(())
}

fn owned(deeds: &[&str]) -> Vec<String> {
    deeds.iter().map(ToString::to_string).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_provider_comes_to_the_same_end_on_both_sides() -> Result<()> {
    let url = format!("https://{HOST}/answer");
    let mut failing = owned(&[
        "loop",
        "fill",
        "copy",
        "memory-bomb",
        "memory 40",
        "recursion",
        "wide-recursion",
        "abort",
        "panic on purpose",
        "giant 5000000",
        "giant-line",
        "giant-fields",
        "giant-words",
        "call-flood",
        "liar escapes",
        "liar long",
        "liar unauthorized",
        "no-such-deed x",
        "kv-long-key",
        "kv-large-value",
        "mac api-token text",
        "mac nobody-s text",
        "mac-giant webhook",
        "mac-flood webhook",
        "long-id",
        "settle-nameless",
        "settle-odd-currency",
        "many-parameters 100000",
        "get https://forbidden.example/",
        "get https://127.0.0.1/",
        "get http://[::1]/",
        "get not-a-url",
        "get https://user:pw@api.hostile.test/",
    ]);
    for deed in [
        "delete",
        "method",
        "hidden-header",
        "smuggle",
        "many-headers",
        "big-body",
        "giant-body",
        "send-header webhook",
        "send-header nobody-s",
        "send-bare webhook",
        "send-query webhook",
    ] {
        failing.push(format!("{deed} {url}"));
    }
    let mut answering = owned(&[
        "good x",
        "memory 20",
        "last-words",
        "log a line",
        "log-flood",
        "metric-flood",
        "metric-names",
        "config",
        "remember",
        "kv-put something",
        "kv-get kept",
        "kv-fill",
        "kv-count",
        "mac webhook text",
        "verify webhook text",
    ]);
    for deed in ["get", "send-header api-token", "many-requests"] {
        answering.push(format!("{deed} {url}"));
    }
    let confirming = |deed: &String| {
        let with = json!({ "key": "k", "provider-id": "p", "returned": [["deed", deed]] });
        json!({ "call": "confirm", "with": with, "http": [], "answer": null })
    };
    let starting = |deed: &String| {
        let charge = json!({
            "key": "k",
            "amount": { "minor": 1000, "currency": "EUR" },
            "description": deed,
            "payer-ref": "payer",
            "return-url": "https://example.com/thanks",
        });
        json!({ "call": "start", "with": { "charge": charge }, "http": local::answers(deed), "answer": null })
    };
    let steps: Vec<_> = failing.iter().map(confirming).chain(answering.iter().map(starting)).collect();
    let here = called("payment-gallery", &json!({}), &steps).await?;
    let served = Served::start("payment-gallery").await?;
    let mut there = Vec::new();
    for deed in &failing {
        there.push(served.confirm(deed).await?);
    }
    for deed in &answering {
        there.push(served.start_charge(deed).await?);
    }
    let answers = &here[failing.len()..];
    ensure!(
        answers.iter().all(|end| matches!(end, End::Answer(Some(_)))),
        "all of these answer: {answers:?}"
    );
    are_equal(
        "payment",
        &[failing, answering].concat(),
        &here,
        &there,
        &[
            "plugin-cpu",
            "plugin-memory",
            "plugin-stack",
            "plugin-trap",
            "plugin-too-much-data",
            "host-denied",
            "method-denied",
            "header-denied",
            "secret-denied",
            "too-large",
            "key-length",
            "answer-invalid",
        ],
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_comes_to_the_same_end_on_both_sides() -> Result<()> {
    let deeds = owned(&[
        "judge allow",
        "judge delete",
        "judge loop",
        "judge fill",
        "judge memory-bomb",
        "judge recursion",
        "judge abort",
        "judge panic on purpose",
        "judge giant-line",
        "judge memory 40",
        "judge config",
        "judge twice",
        "judge many 100000",
        "judge timeout",
        "judge replace 100000",
        "judge long-reason",
        "judge odd-rule",
        "judge remember",
        "plan loop",
        "plan memory-bomb",
        "plan abort",
        "plan look https://forbidden.example/",
        "plan look-long-id https://forbidden.example/",
    ]);
    let steps: Vec<_> = deeds
        .iter()
        .map(|deed| {
            let message = json!({ "id": "m", "platform": "api", "text": deed });
            json!({ "call": "judge", "with": { "messages": [message] }, "answer": null })
        })
        .collect();
    let here = called("moderation-gallery", &json!({}), &steps).await?;
    let served = Served::start("moderation-gallery").await?;
    let mut there = Vec::new();
    for deed in &deeds {
        there.push(served.judge(deed).await?);
    }
    are_equal(
        "moderation",
        &deeds,
        &here,
        &there,
        &["plugin-cpu", "plugin-memory", "plugin-stack", "plugin-trap"],
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_destination_comes_to_the_same_end_on_both_sides() -> Result<()> {
    let deeds = owned(&[
        "loop",
        "memory-bomb",
        "recursion",
        "abort",
        "giant-list",
        "big-state",
        "token-as-key",
        "unknown-key",
        "basic-key",
        "long-url",
        "another-scheme",
        "key-with-lines",
        "steal-key rtmp://thief.example/live",
        "steal-key-by-backup rtmp://thief.example/live",
        "mac-with-stream-key x",
        "send-stream-key https://api.hostile.test/",
        "liar escapes",
        "get https://127.0.0.1/",
    ]);
    let steps: Vec<_> = deeds
        .iter()
        .map(|deed| {
            let broadcast = json!({ "id": "b", "title": deed, "visibility": "public" });
            json!({ "call": "prepare", "with": { "broadcast": broadcast }, "answer": null })
        })
        .collect();
    let here = called("gallery", &json!({}), &steps).await?;
    let served = Served::start("gallery").await?;
    let mut there = Vec::new();
    for deed in &deeds {
        there.push(served.prepare(deed).await?);
    }
    are_equal(
        "destination",
        &deeds,
        &here,
        &there,
        &[
            "plugin-cpu",
            "plugin-memory",
            "plugin-too-much-data",
            "state-too-large",
            "host-denied",
            "secret-denied",
        ],
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connector_comes_to_the_same_end_on_both_sides() -> Result<()> {
    let deeds = owned(&[
        "loop",
        "memory-bomb",
        "recursion",
        "abort",
        "panic on purpose",
        "giant-line",
        "state 65537",
        "publish-many 100000",
        "liar escapes",
        "no-such-deed x",
    ]);
    let mut here = Vec::new();
    let served = Served::start("chat-gallery").await?;
    let mut there = Vec::new();
    for deed in &deeds {
        let config = json!({ "deed": deed });
        let step = json!({ "call": "open", "with": {}, "answer": null });
        here.extend(called("chat-gallery", &config, &[step]).await?);
        there.push(served.open(deed).await?);
    }
    are_equal(
        "chat",
        &deeds,
        &here,
        &there,
        &["plugin-cpu", "plugin-memory", "plugin-trap", "state-too-large"],
    )
}

/// The value of a key of JSON that must be a text.
fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    use neustream_tests::kit::Context as _;
    value[key].as_str().with_context(|| format!("`{key}` in {value}"))
}
