//! Plugins that misbehave on demand (plugins/hostile/gallery): each shows as
//! its own destination's reason, and the others go on.
//!
//! The gallery reads its deed from the title of the broadcast, which is the
//! name of the source.

use std::time::Duration;

use neustream_tests::hostile::{self, Run};
use neustream_tests::kit::api::{Account, Source, Stream};
use neustream_tests::kit::counter::Count;
use neustream_tests::kit::publisher::{Encoding, Publisher};
use neustream_tests::kit::rtmp::destination::{Behaviour, RtmpDestination};
use neustream_tests::kit::server::{Server, Settings};
use neustream_tests::kit::studio::GOES_LIVE;
use neustream_tests::kit::tool::workspace_dir;
use neustream_tests::kit::{Result, ensure};
use serde_json::json;

const GALLERY: &str = "hostile/gallery";
const STREAM_KEY: &str = "live_4711_NotForGuests";
const API_TOKEN: &str = "tok_4712_NotForGuestsEither";
const CLOSING: Duration = Duration::from_secs(30);

/// The time within which a cause must be shown.
const CAUSE_IS_SHOWN: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_misbehaving_guest_shows_as_its_own_destinations_reason() -> Result<()> {
    let deeds = [
        ("loop", "plugin-cpu"),
        ("fill", "plugin-cpu"),
        ("memory-bomb", "plugin-memory"),
        ("recursion", "plugin-stack"),
        ("panic on purpose", "plugin-trap"),
        ("abort", "plugin-trap"),
        ("giant-list", "plugin-too-much-data"),
        ("giant-line", "plugin-too-much-data"),
        ("big-state", "state-too-large"),
        ("get https://forbidden.example/", "host-denied"),
        ("get https://127.0.0.1/", "host-denied"),
        ("steal-key rtmp://thief.example/live", "host-denied"),
        ("token-as-key", "secret-denied"),
    ];
    let gallery = Gallery::open().await?;
    let healthy = RtmpDestination::start(Behaviour::default()).await?;
    let honest = gallery.account.source("An honest stream").await?;
    let at_healthy = gallery.account.custom(&honest, &healthy.url(), "key").await?;
    let publisher = gallery.publish(&honest, &Encoding::default())?;
    gallery.account.destination_is(&honest, &at_healthy, "live", GOES_LIVE).await?;
    let resident = gallery.server.resident_bytes()?;

    for (deed, code) in deeds {
        let (source, id) = gallery.exhibit(deed).await?;
        let misbehaving = gallery.publish(&source, &Encoding::default())?;
        let what = format!("the cause of `{deed}` is shown");
        let has_cause = |stream: &Stream| stream.destination(&id).is_ok_and(|shown| shown.reason.is_some());
        let (stream, _) = gallery.account.stream_is(&source, CAUSE_IS_SHOWN, &what, has_cause).await?;
        let shown = stream.destination(&id)?;
        let reason = shown.reason.clone().map(|reason| reason.code).unwrap_or_default();
        ensure!(reason == code, "`{deed}` shows as {shown:?}, not as {code}");
        ensure!(["failed", "retrying"].contains(&shown.state.as_str()), "`{deed}`: {shown:?}");
        misbehaving.vanish().await?;
        gallery.account.end_stream(&source).await?;
    }
    let grown = gallery.server.resident_bytes()?.saturating_sub(resident) >> 20;
    assert!(grown <= 64, "the process grew by {grown} MiB");
    publisher.stop().await?;
    healthy.sees(CLOSING, "the end", |connections| connections[0].closed).await?;
    Count::of(&healthy.recording(0)).await?.expect_whole("the neighbour of hostile plugins")
}

/// `cargo xtask bench hostile` runs a thousand of them, and holds the neighbour to 5 ms.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uploaded_hostile_plugins_crash_nothing_and_cost_a_broadcast_no_frame() -> Result<()> {
    let run = Run {
        numbers: (0..1000).step_by(27).collect(),
        seed: 5,
        quiet: Duration::from_secs(5),
        is_told: false,
    };
    let outcome = hostile::run(&run).await?;
    println!("{}", outcome.to_markdown());
    ensure!(outcome.refused > 5 && outcome.installed > 3, "{outcome:?}");
    ensure!(outcome.added() < Duration::from_secs(1), "the neighbour waited: {:?}", outcome.added());
    let (late, calls) = (outcome.late_beside, outcome.beside.len());
    ensure!(late * 20 <= calls, "{late} of the neighbour's {calls} calls were late");
    Ok(())
}

#[tokio::test]
async fn floods_of_logs_and_metrics_are_capped_and_escaped() -> Result<()> {
    let gallery = Gallery::open().await?;
    for deed in ["log-flood", "metric-flood", "liar escapes", "liar long"] {
        let (source, id) = gallery.exhibit(deed).await?;
        let publisher = gallery.publish(&source, &Encoding::default())?;
        let has_answered = |stream: &Stream| {
            stream.destination(&id).is_ok_and(|shown| shown.state == "live" || shown.reason.is_some())
        };
        let (stream, _) = gallery.account.stream_is(&source, CAUSE_IS_SHOWN, deed, has_answered).await?;
        let told = stream.destination(&id)?.reason.clone();
        let told = told.map(|reason| reason.code + &reason.message).unwrap_or_default();
        ensure!(
            !told.contains(char::is_control),
            "`{deed}` got control characters into the reason: {told:?}"
        );
        ensure!(told.len() < 1_000, "`{deed}` got {} bytes into the reason", told.len());
        publisher.vanish().await?;
        gallery.account.end_stream(&source).await?;
    }
    let log = gallery.server.log();
    let from_guest = log.iter().filter(|line| line.contains("forged line")).count();
    ensure!(from_guest < 1_000, "{from_guest} lines of a flood are in the log");
    ensure!(!log.iter().any(|line| line.contains('\u{1b}')), "an escape sequence is in the log");
    ensure!(!log.iter().any(|line| line.starts_with("ERROR forged")), "a forged line is in the log");
    Ok(())
}

#[tokio::test]
async fn guests_cannot_make_their_secrets_leak() -> Result<()> {
    let gallery = Gallery::open().await?;
    let thief = RtmpDestination::start(Behaviour::default()).await?;
    let deeds = [
        format!("steal-key rtmp://{}/live", thief.address()),
        "send-stream-key https://api.hostile.test/".to_owned(),
        "mac-with-stream-key x".to_owned(),
        "config".to_owned(),
        format!("liar {STREAM_KEY}"),
    ];
    for deed in &deeds {
        let (source, id) = gallery.exhibit(deed).await?;
        let publisher = gallery.publish(&source, &Encoding::default())?;
        let has_answered = |stream: &Stream| {
            stream.destination(&id).is_ok_and(|shown| shown.state == "live" || shown.reason.is_some())
        };
        gallery.account.stream_is(&source, CAUSE_IS_SHOWN, deed, has_answered).await?;
        publisher.vanish().await?;
        gallery.account.end_stream(&source).await?;
    }
    ensure!(thief.connections().is_empty(), "the key went to a thief");
    let told = gallery.account.send("GET", "/api/streams/info", None).await?.text();
    for line in gallery.server.log().iter().chain([&told]) {
        // A source's own name is the customer's text, not a leak.
        let line = deeds.iter().fold(line.clone(), |line, deed| line.replace(deed.as_str(), ""));
        ensure!(!line.contains(STREAM_KEY) && !line.contains(API_TOKEN), "a secret leaked: {line}");
    }
    Ok(())
}

#[tokio::test]
async fn after_five_faults_the_breaker_opens_and_other_plugins_go_on() -> Result<()> {
    let gallery = Gallery::open().await?;
    let healthy = RtmpDestination::start(Behaviour::default()).await?;
    let (source, id) = gallery.exhibit("abort").await?;
    let at_healthy = gallery.account.custom(&source, &healthy.url(), "key").await?;
    let publisher = gallery.publish(&source, &Encoding::default())?;
    let is_open = |stream: &Stream| {
        let reason = stream.destination(&id).ok().and_then(|shown| shown.reason.clone());
        reason.is_some_and(|reason| reason.code == "plugin-breaker-open")
    };
    gallery.account.stream_is(&source, Duration::from_secs(45), "the breaker is open", is_open).await?;
    gallery.account.destination_is(&source, &at_healthy, "live", GOES_LIVE).await?;
    publisher.stop().await?;
    healthy.sees(CLOSING, "the end", |connections| connections[0].closed).await?;
    Count::of(&healthy.recording(0)).await?.expect_whole("the healthy destination")
}

/// A server that has the hostile plugin, and a customer who installed it.
struct Gallery {
    server: Server,
    account: Account,
    _push: RtmpDestination,
}

impl Gallery {
    async fn open() -> Result<Self> {
        let packages = workspace_dir().join("plugins/dist/hostile");
        ensure!(
            packages.join("gallery.wasm").is_file(),
            "{}/gallery.wasm is missing; build it with: cargo xtask plugins",
            packages.display()
        );
        let push = RtmpDestination::start(Behaviour::default()).await?;
        let settings = Settings::new()?
            .with("NEUSTREAM_PLUGIN_DIR", packages.display().to_string())
            .with("NEUSTREAM_OUTBOUND_RESOLVE", format!("push.hostile.test:1935={}", push.address()));
        let server = settings.start().await?;
        let account = server.account().await?;
        Ok(Self { server, account, _push: push })
    }

    /// A source whose name is the deed, with an installation of the gallery of its own as its destination.
    async fn exhibit(&self, deed: &str) -> Result<(Source, String)> {
        let shown = self.account.ask("GET", &format!("/api/plugins/{GALLERY}"), None).await?;
        let permissions = shown["plugin"]["permissions"].as_array().into_iter().flatten();
        let keys = permissions.flat_map(|line| line["keys"].as_array().cloned().unwrap_or_default());
        let body = json!({
            "plugin": GALLERY,
            "grant": keys.collect::<Vec<_>>(),
            "secrets": { "stream-key": STREAM_KEY, "api-token": API_TOKEN },
        });
        let installed = self.account.ask("POST", "/api/installations", Some(&body)).await?;
        let source = self.account.source(deed).await?;
        let body = json!({ "installation_id": installed["installation"]["id"], "config": {}, "secrets": {} });
        let id = self.account.destination(&source, &body).await?;
        Ok((source, id))
    }

    fn publish(&self, source: &Source, encoding: &Encoding) -> Result<Publisher> {
        Publisher::start(&self.server.publish_url(&source.stream_key), encoding)
    }
}
