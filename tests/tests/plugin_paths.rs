//! Shown by following the documents: from `new` to a call in a running host, for each kind in each language, with the
//! times that it takes.
//!
//! Measured is machine time: the CPU time, user and system, of every process that the commands start (compilers, npm,
//! pip, engines) and of the server while they run. Time in which nothing computes, such as waiting for downloads, is not
//! in it; it is in the wall-clock time that is printed beside. For Rust, the first build compiles the dependencies, once
//! for all projects of an author; it is printed, and not part of what is bounded.

use std::sync::atomic::Ordering;
use std::time::Duration;

use neustream_contract::Kind;
use neustream_tests::kit::document::{Document, Scenario, Step};
use neustream_tests::kit::made_up::{STREAM_KEY, World};
use neustream_tests::kit::publisher::{Encoding, Publisher};
use neustream_tests::kit::wait::until;
use neustream_tests::kit::{Context, Result, bail, ensure};
use serde_json::{Value, json};

/// Machine time from `new` to a call, in any language and any build.
const BOUND: Duration = Duration::from_mins(1);
/// How long something may take that happens by itself in the server.
const SOON: Duration = Duration::from_secs(30);

/// Six of the eight paths with the engine of a scripting language are slow checks: each engine is compiled twice, for some
/// ten seconds in a debug build. `cargo test -p neustream-tests --test plugin_paths -- --include-ignored` goes them all.
macro_rules! paths {
    ($($(#[$attribute:meta])* $name:ident: $kind:ident in $language:literal;)*) => {$(
        $(#[$attribute])*
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() -> Result<()> {
            follow(Kind::$kind, $language).await
        }
    )*};
}

paths! {
    a_chat_in_rust: Chat in "rust";
    #[ignore = "slow"]
    a_chat_in_javascript: Chat in "javascript";
    #[ignore = "slow"]
    a_chat_in_python: Chat in "python";
    a_destination_in_rust: Destination in "rust";
    #[ignore = "slow"]
    a_destination_in_javascript: Destination in "javascript";
    #[ignore = "slow"]
    a_destination_in_python: Destination in "python";
    a_filter_in_rust: Moderation in "rust";
    a_filter_in_javascript: Moderation in "javascript";
    #[ignore = "slow"]
    a_filter_in_python: Moderation in "python";
    a_provider_in_rust: Payment in "rust";
    #[ignore = "slow"]
    a_provider_in_javascript: Payment in "javascript";
    a_provider_in_python: Payment in "python";
}

/// Goes the way that the page of the kind shows, and asserts the call and the time.
async fn follow(kind: Kind, language: &str) -> Result<()> {
    let document = match kind {
        Kind::Moderation => Document::read("docs/PLUGINS.md")?.section("Ten minutes")?,
        kind => Document::read(&format!("docs/plugins/{}.md", kind.as_str()))?
            .section("From nothing to a call")?,
    };
    let name = match language {
        "javascript" => "JavaScript",
        "python" => "Python",
        _ => "Rust",
    };
    let document = document.with("--language rust", &format!("--language {language}"))?;
    let document = document.with("plugin in Rust", &format!("plugin in {name}"))?;
    let document = document.with(", Rust)", &format!(", {name})"))?;
    let world = World::open().await?;
    let mut scenario = Scenario::open()?.served_with(world.lead()?);
    scenario.run(&document).await?;
    let times = Times::of(scenario.steps(), language)?;
    eprintln!("figure: {} in {language}, from new to a call: {times}", kind.as_str());
    match kind {
        Kind::Chat => chat_was_read(&mut scenario).await?,
        Kind::Destination => broadcast_arrives(&mut scenario, &world).await?,
        Kind::Payment => ensure!(world.pay.site.payments().len() == 1, "{:?}", world.pay.asked()),
        // The page itself shows the verdict.
        Kind::Moderation => {}
    }
    ensure!(times.bounded <= BOUND, "it takes too long: {times}");
    Ok(())
}

/// The greeting is read; what is written now, with the chat open, comes back as its echo.
async fn chat_was_read(scenario: &mut Scenario) -> Result<()> {
    let (server, account) = scenario.server().await?;
    let installation = only_installation(&account.ask("GET", "/api/installations", None).await?)?;
    let path = format!("/api/installations/{installation}/messages");
    let is_read = |text: &'static str| {
        let path = &path;
        until(SOON, text, move || async move {
            let answer = account.ask("GET", path, None).await?;
            let mut messages = answer["messages"].as_array().into_iter().flatten();
            Ok(messages.any(|message| message["message_text"] == text).then_some(()))
        })
    };
    is_read("welcome").await.with_context(|| server.log().join("\n"))?;
    account.ask("POST", &path, Some(&json!({ "text": "once more" }))).await?;
    is_read("once more").await.with_context(|| server.log().join("\n"))?;
    Ok(())
}

/// A stream through the installation reaches the platform, which is asked how it sees it.
async fn broadcast_arrives(scenario: &mut Scenario, world: &World) -> Result<()> {
    let (server, account) = scenario.server().await?;
    let installation = only_installation(&account.ask("GET", "/api/installations", None).await?)?;
    let source = account.source("Main").await?;
    let body = json!({ "installation_id": installation, "config": {}, "secrets": {} });
    let id = account.destination(&source, &body).await?;
    let publisher = Publisher::start(&server.publish_url(&source.stream_key), &Encoding::default())?;
    account.destination_is(&source, &id, "live", SOON).await?;
    world.ingest.sees(SOON, "pictures", |seen| (seen.first()?.arrivals.len() > 30).then_some(())).await?;
    ensure!(world.ingest.connections()[0].key() == Some(STREAM_KEY), "another key arrived");
    let is_asked = || async { Ok((!world.live.requests().is_empty()).then_some(())) };
    until(SOON, "the platform is asked", is_asked).await?;
    ensure!(world.live.site.is_live.load(Ordering::Relaxed), "the platform shows it");
    publisher.stop().await
}

fn only_installation(answer: &Value) -> Result<String> {
    let all = answer["installations"].as_array().cloned().unwrap_or_default();
    let [installation] = all.as_slice() else { bail!("one installation in {answer}") };
    Ok(installation["id"].as_str().context("an id")?.to_owned())
}

/// What a path took.
struct Times {
    /// Machine time of the first build, where it is not bounded.
    first_build: Option<Duration>,
    /// Machine time of the rest.
    bounded: Duration,
    /// Wall-clock time of all.
    wall: Duration,
}

impl Times {
    fn of(steps: &[Step], language: &str) -> Result<Self> {
        let is_build = |step: &&Step| step.command.starts_with("neustream-plugin build");
        let all: Duration = steps.iter().map(|step| step.cpu).sum();
        let build = steps.iter().find(is_build).context("the page builds")?.cpu;
        let first_build = (language == "rust").then_some(build);
        Ok(Self {
            first_build,
            bounded: all.saturating_sub(first_build.unwrap_or_default()),
            wall: steps.iter().map(|step| step.wall).sum(),
        })
    }
}

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.1} s of machine time", self.bounded.as_secs_f64())?;
        if let Some(build) = self.first_build {
            write!(f, " after a first build of {:.1} s", build.as_secs_f64())?;
        }
        write!(f, ", {:.1} s by the clock", self.wall.as_secs_f64())
    }
}
