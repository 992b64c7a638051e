//! Secrets of plugins leave no trace in the running product: not in what guests send, log or answer, not in the API,
//! the log, the metrics or the files.
//!
//! The hostile galleries are the guests: each is given secrets, has them echoed by its platform in every form, and then
//! does its worst with what it was told. What guests have in memory is searched by
//! `cargo test -p neustream-plugin-wasm --test hostile`.

use std::time::Duration;

use neustream_tests::kit::api::Account;
use neustream_tests::kit::oauth::{Answer, HttpsSite, Request, Site};
use neustream_tests::kit::rtmp::client::RtmpClient;
use neustream_tests::kit::server::{Server, Settings};
use neustream_tests::kit::tls::{Authority, found_in_files};
use neustream_tests::kit::tool::workspace_dir;
use neustream_tests::kit::wait::until;
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::{Value, json};

const API_TOKEN: &str = "tok/9873+NeverToBeSeen=\"again\"";
const CHAT_TOKEN: &str = "chat_9874_NeverToBeSeenAgain";
const WEBHOOK: &str = "whsec_9875_NeverToBeSeenAgain";
const STREAM_KEY: &str = "live_9876_NeverToBeSeenAgain";
const HOST: &str = "api.hostile.test";
const SHOWN: Duration = Duration::from_secs(15);

/// Answers with what it was asked, in every form in which honest servers repeat a request.
struct Mirror;

impl Site for Mirror {
    fn name(&self) -> &'static str {
        HOST
    }

    async fn answer(&self, request: Request) -> Option<Answer> {
        let text =
            format!("{:?} {:?} {}", request.query, request.headers, String::from_utf8_lossy(&request.body));
        let plain: Vec<&str> = request.headers.iter().map(|(_, value)| value.as_str()).collect();
        let body = json!({ "echo": text, "plain": plain, "percent": percent(&plain.concat()), "hex": hex(&plain.concat()) });
        let authorization = request.header("authorization").unwrap_or_default().to_owned();
        Some(Answer { headers: vec![("x-echo", authorization)], ..Answer::json(200, &body) })
    }
}

fn percent(text: &str) -> String {
    let encoded = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(encoded).collect()
}

fn hex(text: &str) -> String {
    hex::encode(text)
}

/// The secrets in the forms in which somebody could still read them.
fn forms() -> Vec<String> {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    let mut forms = Vec::new();
    for secret in [API_TOKEN, CHAT_TOKEN, WEBHOOK, STREAM_KEY] {
        let quoted = Value::from(secret).to_string();
        forms.extend([
            secret.to_owned(),
            quoted[1..quoted.len() - 1].to_owned(),
            percent(secret),
            percent(secret).to_ascii_lowercase(),
            hex(secret),
            BASE64_STANDARD.encode(format!("user:{secret}")),
            secret[..secret.len() - 6].to_owned(),
            secret[6..].to_owned(),
        ]);
    }
    forms.sort();
    forms.dedup();
    forms
}

fn holds_none(what: &str, text: &str) -> Result<()> {
    let found = forms().into_iter().find(|form| text.contains(form.as_str()));
    ensure!(found.is_none(), "{what} holds a secret as {found:?}: {text}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_plugin_of_any_kind_makes_a_secret_leak() -> Result<()> {
    let world = World::open().await?;
    let World { server, account, mirror } = &world;
    let echo = format!("https://{HOST}/echo");

    let payment = world.install("hostile/payment-gallery", &["api-token", "webhook"]).await?;
    for (place, deed) in [
        format!("tell api-token {echo}"),
        format!("send-twice api-token {echo}"),
        format!("confess-after api-token {echo}"),
        "mac webhook text".to_owned(),
        format!("send-header webhook {echo}"),
    ]
    .iter()
    .enumerate()
    {
        let charge = json!({
            "reference": format!("order-{place}"),
            "amount": { "minor": 1000, "currency": "EUR" },
            "description": deed,
            "payer_ref": "payer",
            "return_url": "https://example.com/thanks",
        });
        let path = format!("/api/installations/{payment}/charges");
        holds_none(deed, &account.send("POST", &path, Some(&charge)).await?.text())?;
    }

    let filter = world.install("hostile/moderation-gallery", &["api-token"]).await?;
    for deed in [format!("plan look-with api-token {echo}"), format!("plan look-basic api-token {echo}")] {
        let body = json!({ "messages": [{ "id": deed, "text": deed }] });
        let answer = account.ask("POST", "/api/moderation/judge", Some(&body)).await?;
        ensure!(answer.to_string().contains("***"), "what was echoed came back with stars: {answer}");
        holds_none(&deed, &answer.to_string())?;
    }

    let chat = world.install("hostile/chat-gallery", &["api-token", "chat-token", "webhook"]).await?;
    let messages = format!("/api/installations/{chat}/messages");
    let asked = mirror.requests().len();
    for deed in [format!("request-with api-token {echo}"), "transmit-secret chat-token".to_owned()] {
        account.ask("POST", &messages, Some(&json!({ "text": deed }))).await?;
    }
    until(SHOWN, "the connector's request", || async { Ok((mirror.requests().len() > asked).then_some(())) })
        .await?;
    until(SHOWN, "what the connector tells", || async {
        account.ask("POST", &messages, Some(&json!({ "text": "tell-state" }))).await?;
        let told = account.ask("GET", &messages, None).await?.to_string();
        holds_none("the connector's messages", &told)?;
        Ok(told.contains("***").then_some(()))
    })
    .await?;

    let destination = world.install("hostile/gallery", &["api-token", "stream-key", "webhook"]).await?;
    for deed in
        [format!("tell api-token {echo}"), format!("confess-after api-token {echo}"), "mac text".to_owned()]
    {
        let told = world.broadcast(&destination, &deed).await?;
        holds_none(&deed, &told)?;
    }

    // The mirror saw the secrets; what guests posted of their memories has none.
    let seen = mirror.requests();
    ensure!(seen.iter().any(|request| request.bearer() == Some(API_TOKEN)), "the secret reached its host");
    let confessed: Vec<_> = seen.iter().filter(|request| request.path == "/confess").collect();
    ensure!(!confessed.is_empty(), "guests confessed");
    for request in confessed {
        holds_none("a guest's memory", &String::from_utf8_lossy(&request.body))?;
    }
    for id in [&payment, &filter, &chat, &destination] {
        for rest in ["", "/logs", "/activity", "/hooks", "/connector", "/messages", "/upgrade"] {
            let path = format!("/api/installations/{id}{rest}");
            holds_none(&path, &account.send("GET", &path, None).await?.text())?;
        }
    }
    for path in ["/api/installations", "/api/charges", "/api/streams/info", "/metrics"] {
        holds_none(path, &account.send("GET", path, None).await?.text())?;
    }
    for line in server.log() {
        holds_none("the log", &line)?;
    }
    let forms = forms();
    let found = found_in_files(&server.data_dir(), &forms.iter().map(String::as_str).collect::<Vec<_>>())?;
    ensure!(found.is_none(), "the data folder holds {found:?}");
    Ok(())
}

/// A server with the galleries, their platform, and a customer.
struct World {
    server: Server,
    account: Account,
    mirror: HttpsSite<Mirror>,
}

impl World {
    async fn open() -> Result<Self> {
        let authority = Authority::new()?;
        let mirror = HttpsSite::start(authority.acceptor(HOST)?, Mirror).await?;
        let server = Settings::new()?
            .with("NEUSTREAM_PLUGIN_DIR", workspace_dir().join("plugins/dist/hostile").display().to_string())
            .with("NEUSTREAM_OUTBOUND_RESOLVE", format!("{HOST}:443={}", mirror.address()))
            .with("NEUSTREAM_OUTBOUND_CA_FILE", authority.file().display().to_string())
            .with("NEUSTREAM_LOG", "trace")
            .start()
            .await?;
        let account = server.account().await?;
        Ok(Self { server, account, mirror })
    }

    /// Installs a gallery with everything granted and these secrets; gives the installation's id.
    async fn install(&self, plugin: &str, secrets: &[&str]) -> Result<String> {
        let shown = self.account.ask("GET", &format!("/api/plugins/{plugin}"), None).await?;
        let permissions = shown["plugin"]["permissions"].as_array().into_iter().flatten();
        let keys = permissions.flat_map(|line| line["keys"].as_array().cloned().unwrap_or_default());
        let all = [
            ("api-token", API_TOKEN),
            ("chat-token", CHAT_TOKEN),
            ("webhook", WEBHOOK),
            ("stream-key", STREAM_KEY),
        ];
        let given = all.into_iter().filter(|(name, _)| secrets.contains(name));
        let body = json!({
            "plugin": plugin,
            "grant": keys.collect::<Vec<_>>(),
            "secrets": given.map(|(name, secret)| (name.to_owned(), json!(secret))).collect::<serde_json::Map<_, _>>(),
        });
        let answer = self.account.ask("POST", "/api/installations", Some(&body)).await?;
        holds_none("the answer to the installation", &answer.to_string())?;
        let id = answer["installation"]["id"].as_str().with_context(|| format!("an id in {answer}"))?;
        if answer["installation"]["enabled"] == false {
            self.account.ask("POST", &format!("/api/installations/{id}/enable"), None).await?;
        }
        Ok(id.to_owned())
    }

    /// Has a destination prepared whose title is the deed; gives what is shown of it.
    async fn broadcast(&self, installation: &str, deed: &str) -> Result<String> {
        let source = self.account.source(deed).await?;
        let body = json!({ "installation_id": installation, "config": {}, "secrets": {} });
        let id = self.account.destination(&source, &body).await?;
        let (_publisher, _) = RtmpClient::publishing(self.server.rtmp(), &source.stream_key).await?;
        let has_answered = |stream: &neustream_tests::kit::api::Stream| {
            stream.destination(&id).is_ok_and(|shown| shown.reason.is_some() || shown.state == "live")
        };
        let (stream, _) = self.account.stream_is(&source, SHOWN, deed, has_answered).await?;
        self.account.end_stream(&source).await?;
        Ok(format!("{stream:?}"))
    }
}
