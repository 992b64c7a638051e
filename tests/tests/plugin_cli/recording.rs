//! `run`: requests that no transcript answers go to the platform once, and to what it answered from then on.

use std::fs;
use std::path::Path;

use neustream_tests::kit::oauth::{Answer, HttpsSite, Request, Site};
use neustream_tests::kit::tls::{Authority, found_in_files};
use neustream_tests::kit::{Result, ensure};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::kit::{BUILD, Desk, SOON, Seen, count, edit};

const HOST: &str = "api.pay.example";
const API_KEY: &str = "sk_4471_of_the_author";
const OTHER: &str = "sk_5582_new_cookie";

/// Example Pay, as far as `find` asks it. It repeats what it was told, as some platforms do.
struct Pay;

impl Site for Pay {
    fn name(&self) -> &'static str {
        HOST
    }

    async fn answer(&self, request: Request) -> Option<Answer> {
        let payment = json!({
            "id": "p_1", "reference": "order-1", "state": "paid", "amount": 1250, "currency": "EUR",
            "pay_url": "https://pay.example/p_1", "asked_with": request.bearer(),
        });
        let headers = vec![("set-cookie", format!("session={OTHER}"))];
        Some(Answer { headers, ..Answer::json(200, &json!({ "data": [payment] })) })
    }
}

/// A project whose only transcript asks for a charge, and says nothing of the platform.
async fn project(desk: &Desk) -> Result<std::path::PathBuf> {
    let project = desk.project("acme/pay", "payment", "pay").await?;
    for entry in fs::read_dir(project.join("transcripts"))? {
        fs::remove_file(entry?.path())?;
    }
    let transcript = json!({
        "about": "A charge is found again.",
        "secrets": { "api-key": "sk_made_up", "webhook-secret": "whsec_made_up" },
        "steps": [{ "call": "find", "with": { "key": "order-1" } }],
    });
    fs::write(project.join("transcripts/finds.json"), transcript.to_string())?;
    Ok(project)
}

fn origins(document: &Value) -> Vec<&str> {
    let requests = document["transcripts"][0]["calls"][0]["requests"].as_array();
    requests.into_iter().flatten().filter_map(|request| request["from"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_platform_is_asked_once_and_replayed_from_then_on_without_secrets() -> Result<()> {
    let authority = Authority::new()?;
    let platform = HttpsSite::start(authority.acceptor(HOST)?, Pay).await?;
    let desk = Desk::new()?
        .with("NEUSTREAM_OUTBOUND_RESOLVE", format!("{HOST}:443={}", platform.address()))
        .with("NEUSTREAM_OUTBOUND_CA_FILE", authority.file().display().to_string())
        .with("NEUSTREAM_ALLOW_PRIVATE_NETWORKS", "true")
        .with("NEUSTREAM_SECRET_API_KEY", API_KEY);
    let project = project(&desk).await?;

    let unanswered = desk.fail(1, &["run", "pay", "--once"]).await?;
    ensure!(
        unanswered.contains("transcripts/finds.json:1: `find` asked GET https://api.pay.example/v1/payments"),
        "{unanswered}"
    );
    ensure!(unanswered.contains("--record"), "{unanswered}");
    ensure!(platform.requests().is_empty(), "nobody was asked without --record");

    let recorded = desk.document(&["run", "pay", "--once", "--record"]).await?;
    ensure!(origins(&recorded) == ["platform"], "{recorded}");
    ensure!(
        recorded["transcripts"][0]["calls"][0]["answer"]["settled"]["provider-id"] == "p_1",
        "{recorded}"
    );
    let seen = platform.requests();
    ensure!(seen.len() == 1 && seen[0].bearer() == Some(API_KEY), "the author's own secret was used");
    ensure!(project.join("recordings/finds.json").is_file(), "it was recorded");
    for shown in [recorded.to_string(), fs::read_to_string(project.join("recordings/finds.json"))?] {
        ensure!(!shown.contains(API_KEY) && !shown.contains(OTHER) && shown.contains("***"), "{shown}");
    }
    let leaked = found_in_files(&project, &[API_KEY, OTHER])?;
    ensure!(leaked.is_none(), "{leaked:?}");

    // Again, also with --record, and with the platform gone and the secret not known: the recording answers.
    desk.document(&["run", "pay", "--once", "--record"]).await?;
    ensure!(platform.requests().len() == 1, "it was asked once");
    drop(platform);
    let desk = desk.with("NEUSTREAM_SECRET_API_KEY", "");
    let replayed = desk.document(&["run", "pay", "--once"]).await?;
    ensure!(origins(&replayed) == ["recording"], "{replayed}");
    ensure!(
        replayed["transcripts"][0]["calls"][0]["answer"] == recorded["transcripts"][0]["calls"][0]["answer"],
        "{replayed}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_transcript_comes_before_a_recording() -> Result<()> {
    let desk = Desk::new()?;
    let project = project(&desk).await?;
    let transcript = project.join("transcripts/finds.json");
    let mut text: Value = serde_json::from_slice(&fs::read(&transcript)?)?;
    let request = json!({ "method": "GET", "url": "https://api.pay.example/v1/payments", "query": [["reference", "order-1"]] });
    let response = json!({ "status": 200, "body": { "json": { "data": [] } } });
    text["steps"][0]["http"] = json!([{ "request": request, "response": response }]);
    fs::write(&transcript, text.to_string())?;
    let refund = json!({ "request": { "method": "GET", "url": "https://api.pay.example/v1/refunds", "query": [["reference", "order-1"]] }, "response": response });
    fs::create_dir(project.join("recordings"))?;
    fs::write(project.join("recordings/finds.json"), json!({ "exchanges": [refund] }).to_string())?;
    let document = desk.document(&["run", "pay", "--once"]).await?;
    ensure!(origins(&document) == ["transcript", "recording"], "{document}");
    Ok(())
}

/// The transcript of the smallest filter.
fn transcript_of(project: &Path) -> Result<std::path::PathBuf> {
    let mut files = fs::read_dir(project.join("transcripts"))?;
    files.next().map_or_else(|| Err(neustream_tests::kit::anyhow!("no transcript")), |file| Ok(file?.path()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_saved_is_run_again_and_only_sources_are_built_again() -> Result<()> {
    let desk = Desk::new()?;
    let project = desk.project("acme/words", "moderation", "words").await?;
    let (source, transcript) = (project.join("src/lib.rs"), transcript_of(&project)?);
    let mut running = desk.start(&["run", "words"])?;
    let mut seen = Seen::default();
    seen.next(&mut running, BUILD, "The message contains").await?;
    seen.next(&mut running, SOON, "Waiting for a save").await?;

    edit(&transcript, &[("Oh DARN it", "Oh heck it")])?;
    seen.next(&mut running, SOON, "Saved transcripts/").await?;
    seen.next(&mut running, SOON, "Waiting for a save").await?;
    for _ in 0..3 {
        // One message was allowed in the first run, both are in the second.
        seen.next(&mut running, SOON, "No rule matches").await?;
    }
    ensure!(count(&running, "Building") == 1, "a transcript is not built: {:#?}", running.lines());
    ensure!(count(&running, "The message contains") == 1, "{:#?}", running.lines());

    edit(&transcript, &[("Oh heck it", "Oh DARN it")])?;
    edit(&source, &[("The message contains", "There is a word:")])?;
    seen.next(&mut running, BUILD, "There is a word:").await?;

    fs::write(&transcript, "{\n")?;
    seen.next(&mut running, SOON, "transcripts/").await?;
    seen.next(&mut running, SOON, "not JSON").await?;
    running.signal(Signal::INT)?;
    running.succeed(SOON).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn typed_messages_are_judged_line_by_line() -> Result<()> {
    let desk = Desk::new()?;
    desk.project("acme/words", "moderation", "words").await?;
    let ran = desk.run_with_input(&["run", "words", "--interactive"], "hello\n\nOh DARN it\n").await?;
    ensure!(ran.code == Some(0), "{ran:?}");
    let verdicts: Vec<_> = ran.out.lines().collect();
    ensure!(
        verdicts.len() == 2 && verdicts[0].starts_with("allow") && verdicts[1].starts_with("hold  words: "),
        "{ran:?}"
    );

    desk.project("acme/pay", "payment", "pay").await?;
    let refused = desk.fail(2, &["run", "pay", "--interactive"]).await?;
    ensure!(refused.contains("acme/pay is a payment plugin"), "{refused}");
    Ok(())
}
