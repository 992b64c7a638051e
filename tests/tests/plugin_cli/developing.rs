//! `dev`: a plugin that is being written runs in a Neustream, and what is saved runs there in a moment.

use neustream_tests::kit::api::Account;
use neustream_tests::kit::server::{Server, Settings};
use neustream_tests::kit::{Result, ensure};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::kit::{BUILD, Desk, SOON, Seen, edit};

/// What the tenant's filters do with a text.
async fn verdict(account: &Account, text: &str) -> Result<Value> {
    let body = json!({ "messages": [{ "id": "1", "text": text }] });
    account.ask("POST", "/api/moderation/judge", Some(&body)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_saved_runs_in_the_server_and_what_does_not_build_leaves_the_last_good_one() -> Result<()> {
    let server = Server::start().await?;
    let (desk, account) = Desk::signed_in(&server).await?;
    let project = desk.project("acme/words", "moderation", "words").await?;
    let source = project.join("src/lib.rs");
    desk.write("settings.json", "{\"words\": [\"darn\"]}")?;

    let mut dev = desk.start(&["dev", "words", "--grant-all", "--config", "settings.json"])?;
    let mut seen = Seen::default();
    let running = seen.next(&mut dev, BUILD, "runs at").await?;
    ensure!(running.contains("acme/words 0.1.0") && running.contains(&server.base_url()), "{running}");
    seen.next(&mut dev, SOON, "Try it: neustream-plugin api POST /api/moderation/judge").await?;
    seen.next(&mut dev, SOON, "Waiting for a save").await?;
    let first = verdict(&account, "darn").await?.to_string();
    ensure!(first.contains("\"hold\"") && first.contains("The message contains"), "{first}");

    let log = "host.log(Level::Info, \"judging again\", &[]);\n        let config";
    edit(&source, &[("let config", log), ("The message contains", "There is a word:")])?;
    seen.next(&mut dev, SOON, "Saved src/lib.rs").await?;
    seen.next(&mut dev, BUILD, "Reloaded acme/words 0.1.0").await?;
    seen.next(&mut dev, SOON, "Waiting for a save").await?;
    let second = verdict(&account, "darn").await?.to_string();
    ensure!(second.contains("There is a word:"), "{second}");
    seen.next(&mut dev, SOON, "judging again").await?;

    edit(&source, &[("There is a word:", "\" + broken + \"")])?;
    seen.next(&mut dev, BUILD, "error:").await?;
    seen.next(&mut dev, SOON, "The last good one goes on running").await?;
    let third = verdict(&account, "darn").await?.to_string();
    ensure!(third.contains("There is a word:"), "{third}");

    edit(&source, &[("\" + broken + \"", "A word again:")])?;
    seen.next(&mut dev, BUILD, "Reloaded acme/words 0.1.0").await?;
    let fourth = verdict(&account, "darn").await?.to_string();
    ensure!(fourth.contains("A word again:"), "{fourth}");

    dev.signal(Signal::INT)?;
    dev.succeed(SOON).await?;
    let fifth = verdict(&account, "darn").await?.to_string();
    ensure!(fifth.contains("A word again:"), "the installation stays: {fifth}");
    let installed = account.ask("GET", "/api/installations", None).await?;
    ensure!(
        installed["installations"].as_array().is_some_and(|all| all.len() == 1),
        "one and the same: {installed}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consent_settings_and_secrets_are_asked_for_and_given_by_flags() -> Result<()> {
    let server = Server::start().await?;
    let (desk, account) = Desk::signed_in(&server).await?;
    let project = desk.project("acme/pay", "payment", "pay").await?;

    let unasked = desk.fail(2, &["dev", "pay", "--once"]).await?;
    ensure!(unasked.contains("--grant-all"), "without a terminal the flag is told: {unasked}");
    let none = account.ask("GET", "/api/installations", None).await?;
    ensure!(none["installations"] == json!([]), "nothing was installed unasked: {none}");

    let said = desk.succeed(&["dev", "pay", "--once", "--grant-all"]).await?;
    for wanted in [
        "acme/pay asks for:",
        "Granted.",
        "It still misses:",
        "NEUSTREAM_SECRET_API_KEY",
        "secrets.toml",
        "--secret api-key",
    ] {
        ensure!(said.contains(wanted), "{wanted:?} in: {said}");
    }
    let unknown = desk.fail(2, &["dev", "pay", "--once", "--secret", "api-kay"]).await?;
    ensure!(unknown.contains("api-key"), "the known ones are told: {unknown}");
    let missing = desk.fail(2, &["dev", "pay", "--once", "--secret", "api-key"]).await?;
    ensure!(missing.contains("NEUSTREAM_SECRET_API_KEY"), "{missing}");

    std::fs::write(project.join("secrets.toml"), "webhook-secret = \"whsec-7131-of-the-file\"\n")?;
    let desk = desk.with("NEUSTREAM_SECRET_API_KEY", "sk-8242-of-the-environment");
    let arguments = ["dev", "pay", "--once", "--secret", "api-key", "--secret", "webhook-secret"];
    let document = desk.document(&arguments).await?;
    ensure!(document["missing"] == json!([]) && document["installation"]["state"] == "ready", "{document}");
    let text = document.to_string();
    ensure!(!text.contains("7131") && !text.contains("8242"), "a secret was shown: {text}");
    let id = document["installation"]["id"].as_str().unwrap_or_default();
    let shown = account.ask("GET", &format!("/api/installations/{id}"), None).await?;
    let secrets = &shown["installation"]["secrets"];
    ensure!(secrets["api-key"]["set"] == true && secrets["webhook-secret"]["set"] == true, "{shown}");

    // More than was granted is asked for again, and nothing changes without it.
    let kv = "[capabilities.kv]\nmax-bytes = 1024\n\n[capabilities.http]";
    edit(&project.join("plugin.toml"), &[("[capabilities.http]", kv)])?;
    let more = desk.fail(2, &["dev", "pay", "--once"]).await?;
    ensure!(more.contains("--grant-all"), "{more}");
    let granted = desk.succeed(&["dev", "pay", "--once", "--grant-all"]).await?;
    ensure!(
        granted.contains("asks for more than it was granted:") && granted.contains("Granted."),
        "{granted}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_that_do_not_fit_and_hosts_without_development_are_told() -> Result<()> {
    let server = Settings::new()?.with("NEUSTREAM_PLUGIN_DEVELOPMENT", "false").start().await?;
    let (desk, _) = Desk::signed_in(&server).await?;
    desk.project("acme/words", "moderation", "words").await?;
    let off = desk.fail(4, &["dev", "words", "--once", "--grant-all"]).await?;
    ensure!(off.contains("takes no plugins in development") && off.contains("publish --private"), "{off}");

    let server = Server::start().await?;
    let (desk, _) = Desk::signed_in(&server).await?;
    desk.project("acme/words", "moderation", "words").await?;
    desk.write("settings.json", "{\"words\": 7}")?;
    let wrong = desk.fail(2, &["dev", "words", "--once", "--grant-all", "--config", "settings.json"]).await?;
    ensure!(wrong.contains("settings.json: /words"), "{wrong}");
    desk.write("settings.json", "{\n  words\n}")?;
    let malformed = desk.fail(2, &["dev", "words", "--once", "--config", "settings.json"]).await?;
    ensure!(malformed.contains("settings.json:2: This is not JSON"), "{malformed}");
    Ok(())
}
