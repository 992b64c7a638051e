//! A running Neustream with a gallery that its tenant tries out, and calls of it through the API.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use neustream_tests::kit::api::{Account, Stream};
use neustream_tests::kit::author::built;
use neustream_tests::kit::oauth::{Answer, HttpsSite, Request, Site};
use neustream_tests::kit::rtmp::client::RtmpClient;
use neustream_tests::kit::server::{Server, Settings};
use neustream_tests::kit::tls::Authority;
use neustream_tests::kit::wait::until;
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::local::secrets_of;
use crate::{ANSWER, ATTEMPTS, End, HOST, text};

const SHOWN: Duration = Duration::from_secs(15);

/// Answers every request.
struct Platform;

impl Site for Platform {
    fn name(&self) -> &'static str {
        HOST
    }

    async fn answer(&self, _: Request) -> Option<Answer> {
        Some(Answer { body: ANSWER.to_owned(), ..Answer::json(200, &Value::Null) })
    }
}

/// One gallery on a server of its own.
pub struct Served {
    server: Server,
    account: Account,
    /// What an installation is made with.
    ask: Value,
    installation: String,
    number: AtomicU32,
    _platform: HttpsSite<Platform>,
}

impl Served {
    /// Brings the gallery as its author would, and installs it with everything granted.
    pub async fn start(gallery: &str) -> Result<Self> {
        let authority = Authority::new()?;
        let platform = HttpsSite::start(authority.acceptor(HOST)?, Platform).await?;
        let server = Settings::new()?
            .with("NEUSTREAM_OUTBOUND_RESOLVE", format!("{HOST}:443={}", platform.address()))
            .with("NEUSTREAM_OUTBOUND_CA_FILE", authority.file().display().to_string())
            .start()
            .await?;
        let account = server.account().await?;
        let path = format!("/api/plugins/hostile/{gallery}/development");
        let answer = account.put_package(&path, &built(&format!("hostile/{gallery}"))?).await?;
        ensure!(answer.status == 200, "{}: {}", answer.status, answer.text());
        let tried = answer.json()?;
        let lines = tried["needs"]["permissions"].as_array().into_iter().flatten();
        let keys: Vec<_> =
            lines.flat_map(|line| line["keys"].as_array().cloned().unwrap_or_default()).collect();
        let ask = json!({
            "plugin": format!("hostile/{gallery}"),
            "digest": tried["version"]["digest"],
            "grant": keys,
            "secrets": secrets_of(gallery),
        });
        let installation = installed(&account, &ask, &json!({})).await?;
        Ok(Self { server, account, ask, installation, number: AtomicU32::new(0), _platform: platform })
    }

    /// Has the provider do `deed` while it starts a charge, which tells what it learned.
    pub async fn start_charge(&self, deed: &str) -> Result<End> {
        self.at_leisure(async || {
            let charge = self.charge(deed).await?;
            if let Some(reason) = charge["reason"].as_object() {
                let told = |key: &str| reason[key].as_str().unwrap_or_default().to_owned();
                return Ok(End::Error { code: told("code"), message: told("message") });
            }
            Ok(End::Answer(Some(text(&charge["action"]["parameters"], "learned")?.to_owned())))
        })
        .await
    }

    /// Has the provider do `deed` while it confirms a charge: what fails there is not tried again by the host.
    pub async fn confirm(&self, deed: &str) -> Result<End> {
        self.at_leisure(async || {
            let charge = self.charge("good begun").await?;
            let faults = self.faults().await?;
            let body = json!({ "returned": { "deed": deed } });
            let path = format!("/api/charges/{}/confirm", text(&charge, "key")?);
            let answer = self.account.send("POST", &path, Some(&body)).await?;
            if answer.status == 200 {
                return Ok(End::Answer(None));
            }
            let json = answer.json()?;
            let details = &json["details"];
            ensure!(details["code"].is_string(), "`{deed}`: {} {json}", answer.status);
            self.failed(text(details, "code")?, text(details, "message")?, faults).await
        })
        .await
    }

    async fn charge(&self, description: &str) -> Result<Value> {
        let order = json!({
            "reference": format!("order-{}", self.number.fetch_add(1, Ordering::Relaxed)),
            "amount": { "minor": 1000, "currency": "EUR" },
            "description": description,
            "payer_ref": "payer",
            "return_url": "https://example.com/thanks",
        });
        let path = format!("/api/installations/{}/charges", self.installation);
        Ok(self.account.ask("POST", &path, Some(&order)).await?["charge"].clone())
    }

    /// Has the filter judge one message that asks for `deed`.
    pub async fn judge(&self, deed: &str) -> Result<End> {
        self.at_leisure(async || {
            let id = format!("m-{}", self.number.fetch_add(1, Ordering::Relaxed));
            let faults = self.faults().await?;
            let body = json!({ "messages": [{ "id": id, "text": deed }] });
            let judged = self.account.ask("POST", "/api/moderation/judge", Some(&body)).await?;
            let (now, last) = faults_of(&self.account, &self.installation).await?;
            if now > faults {
                return self.failed(text(&last, "code")?, text(&last, "message")?, faults).await;
            }
            let judgement = &judged["judgements"][0];
            let (action, rule) = (text(judgement, "action")?, &judgement["rule"]);
            let reason = judgement["reason"].as_str().unwrap_or_default();
            if rule == "filter-failed" {
                let told = reason.strip_prefix("the filter failed: ").and_then(|told| told.split_once(": "));
                let (code, message) = told.with_context(|| format!("a code in {judgement}"))?;
                return self.failed(code, message, faults).await;
            }
            // Nothing is said about what is let through.
            let shown =
                if action == "allow" { action.to_owned() } else { format!("{action} {rule} {reason}") };
            Ok(End::Answer(Some(shown)))
        })
        .await
    }

    /// Has a destination prepared whose title is the deed.
    pub async fn prepare(&self, deed: &str) -> Result<End> {
        self.at_leisure(async || {
            let faults = self.faults().await?;
            let source = self.account.source(deed).await?;
            let body = json!({ "installation_id": self.installation, "config": {}, "secrets": {} });
            let id = self.account.destination(&source, &body).await?;
            let (_publisher, _) = RtmpClient::publishing(self.server.rtmp(), &source.stream_key).await?;
            let has_reason =
                |stream: &Stream| stream.destination(&id).is_ok_and(|shown| shown.reason.is_some());
            let (stream, _) = self.account.stream_is(&source, SHOWN, deed, has_reason).await?;
            let reason = stream.destination(&id)?.reason.clone().context("a reason")?;
            self.account.end_stream(&source).await?;
            self.failed(&reason.code, &reason.message, faults).await
        })
        .await
    }

    /// Has a connector of an installation of its own do `deed` when it opens.
    pub async fn open(&self, deed: &str) -> Result<End> {
        self.at_leisure(async || {
            let id = installed(&self.account, &self.ask, &json!({ "deed": deed })).await?;
            let path = format!("/api/installations/{id}/connector");
            let (reason, _) = until(SHOWN, deed, || async {
                let shown = self.account.send("GET", &path, None).await?;
                let reason = shown.json()?["reason"].clone();
                Ok((shown.status == 200 && reason.is_object()).then_some(reason))
            })
            .await?;
            let is_fault = faults_of(&self.account, &id).await?.0 > 0;
            self.account.ask("DELETE", &format!("/api/installations/{id}"), None).await?;
            let (code, message) = (text(&reason, "code")?.to_owned(), text(&reason, "message")?.to_owned());
            Ok(if is_fault { End::Fault { code, message } } else { End::Error { code, message } })
        })
        .await
    }

    /// Makes a call whose predecessors' faults are forgiven, and makes it again where the machine was too busy.
    async fn at_leisure(&self, call: impl AsyncFn() -> Result<End>) -> Result<End> {
        let mut end = None;
        for _ in 0..ATTEMPTS {
            // Whatever is changed closes the breaker.
            let path = format!("/api/installations/{}", self.installation);
            let name = format!("Call {}", self.number.fetch_add(1, Ordering::Relaxed));
            self.account.ask("PATCH", &path, Some(&json!({ "name": name }))).await?;
            let ended = call().await?;
            let is_late = ended.is_late();
            end = Some(ended);
            if !is_late {
                break;
            }
        }
        end.context("a call was made")
    }

    /// An error, or a fault where the installation has one more than `before`.
    async fn failed(&self, code: &str, message: &str, before: u64) -> Result<End> {
        let (code, message) = (code.to_owned(), message.to_owned());
        let is_fault = self.faults().await? > before;
        Ok(if is_fault { End::Fault { code, message } } else { End::Error { code, message } })
    }

    async fn faults(&self) -> Result<u64> {
        Ok(faults_of(&self.account, &self.installation).await?.0)
    }
}

/// Installs what `ask` says, with this configuration; gives the id.
async fn installed(account: &Account, ask: &Value, config: &Value) -> Result<String> {
    let mut ask = ask.clone();
    ask["config"] = config.clone();
    let installed = account.ask("POST", "/api/installations", Some(&ask)).await?;
    ensure!(installed["installation"]["development"] == true, "{installed}");
    Ok(text(&installed["installation"], "id")?.to_owned())
}

/// How many faults the installation had, and the last one.
async fn faults_of(account: &Account, id: &str) -> Result<(u64, Value)> {
    let activity = account.ask("GET", &format!("/api/installations/{id}/activity"), None).await?;
    let live = activity["live"].clone();
    Ok((
        live["faults"].as_u64().with_context(|| format!("faults in {activity}"))?,
        live["last_fault"].clone(),
    ))
}
