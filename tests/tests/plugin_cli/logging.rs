//! Logs: what was kept, what is written, across the end of a connection and of the server.

use neustream_tests::kit::api::Account;
use neustream_tests::kit::server::{Server, Settings};
use neustream_tests::kit::tool::workspace_dir;
use neustream_tests::kit::{Context, Result, ensure};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::kit::{Desk, SOON, Seen};

const PLUGIN: &str = "hostile/moderation-gallery";

async fn server() -> Result<Server> {
    let plugins = workspace_dir().join("plugins/dist/hostile").display().to_string();
    Settings::new()?.with("NEUSTREAM_PLUGIN_DIR", plugins).start().await
}

async fn install(account: &Account) -> Result<String> {
    let body = json!({ "plugin": PLUGIN, "grant": [] });
    let answer = account.ask("POST", "/api/installations", Some(&body)).await?;
    Ok(answer["installation"]["id"].as_str().context("an id")?.to_owned())
}

/// Has the plugin log this text.
async fn log(account: &Account, text: &str) -> Result<()> {
    let body = json!({ "messages": [{ "id": "1", "text": format!("judge log {text}") }] });
    account.ask("POST", "/api/moderation/judge", Some(&body)).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kept_lines_are_shown_by_installation_and_by_plugin() -> Result<()> {
    let server = server().await?;
    let (desk, account) = Desk::signed_in(&server).await?;
    let id = install(&account).await?;
    log(&account, "first-light").await?;

    for named in [id.as_str(), PLUGIN] {
        let shown = desk.succeed(&["logs", named]).await?;
        ensure!(shown.contains("info  first-light"), "{shown}");
        let coloured = desk.succeed(&["logs", named, "--color", "always"]).await?;
        ensure!(coloured.contains("\x1b[32minfo \x1b[0m first-light"), "{coloured:?}");
    }
    let lines = desk.succeed(&["logs", &id, "--json"]).await?;
    let records: Vec<Value> = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    ensure!(
        records.iter().any(|line| line["text"].as_str().is_some_and(|text| text.contains("first-light"))),
        "{lines}"
    );

    let second = install(&account).await?;
    let which = desk.fail(2, &["logs", PLUGIN]).await?;
    ensure!(which.contains(&id) && which.contains(&second), "both are listed: {which}");
    let unknown = desk.fail(2, &["logs", "something"]).await?;
    ensure!(unknown.contains("neither an installation nor a plugin"), "{unknown}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_hears_each_line_once_also_after_the_server_came_back() -> Result<()> {
    let server = server().await?;
    let (desk, account) = Desk::signed_in(&server).await?;
    let id = install(&account).await?;
    log(&account, "before").await?;

    let mut follower = desk.start(&["logs", &id, "--follow"])?;
    let mut seen = Seen::default();
    seen.next(&mut follower, SOON, "before").await?;
    log(&account, "meanwhile").await?;
    seen.next(&mut follower, SOON, "meanwhile").await?;

    let server = server.kill_and_restart().await?;
    let account = Account::log_in(server.http(), &account.email).await?;
    // The host counts its lines from 1 again, and this one has a number that was heard before.
    log(&account, "afterwards").await?;
    seen.next(&mut follower, SOON, "afterwards").await?;
    log(&account, "at-last").await?;
    seen.next(&mut follower, SOON, "at-last").await?;

    let lines = follower.lines().join("\n");
    for once in ["meanwhile", "afterwards", "at-last"] {
        // A line holds its text twice: as its message and as a field.
        ensure!(lines.lines().filter(|line| line.contains(once)).count() == 1, "{once} once in:\n{lines}");
    }
    follower.signal(Signal::INT)?;
    follower.exit(SOON).await?;
    Ok(())
}
