//! Publishing: what is registered, what the scan says, what comes next, and why something is not taken.

use std::path::PathBuf;

use neustream_tests::kit::author::{built, republished};
use neustream_tests::kit::server::{Server, Settings};
use neustream_tests::kit::{Result, ensure};
use serde_json::json;

use crate::kit::{Desk, edit};

/// A package of the author `namespace` that is not signed, as a file; what it says of itself differs with `changelog`.
fn package(desk: &Desk, id: &str, version: &str, changelog: &str) -> Result<PathBuf> {
    let package = republished(&built("destinations/custom-rtmp")?, |manifest| {
        manifest["id"] = json!(id);
        manifest["version"] = json!(version);
        manifest["changelog"] = json!(changelog);
    })?;
    desk.write(&format!("{version}.wasm"), package)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publishing_registers_uploads_and_says_what_comes_next_and_again_is_a_success() -> Result<()> {
    let server = Server::start().await?;
    let (desk, account) = Desk::signed_in(&server).await?;
    package(&desk, "acme/calm", "1.0.0", "")?;

    let unasked = desk.fail(2, &["publish", "1.0.0.wasm"]).await?;
    ensure!(unasked.contains("--register"), "without a terminal the flag is told: {unasked}");
    let mine = account.ask("GET", "/api/publishers", None).await?;
    ensure!(mine["publishers"] == json!([]), "nothing was registered unasked: {mine}");

    let said = desk.succeed(&["publish", "1.0.0.wasm", "--register"]).await?;
    for wanted in [
        "Took the namespace acme",
        "ok   structure",
        "ok   compile",
        "acme/calm 1.0.0",
        "draft > [scanned] > reviewed > verified",
        "Next: ",
    ] {
        ensure!(said.contains(wanted), "{wanted:?} in: {said}");
    }
    let listed = account.ask("GET", "/api/plugins/acme/calm/versions/1.0.0", None).await?;
    ensure!(
        listed["version"]["state"] == "scanned" && listed["version"]["visibility"] == "public",
        "{listed}"
    );

    let again = desk.document(&["publish", "1.0.0.wasm"]).await?;
    ensure!(again["was-published"] == true && again["state"] == "scanned", "{again}");
    ensure!(again["digest"] == listed["version"]["digest"], "{again}");

    package(&desk, "acme/calm", "1.0.1", "")?;
    let next = desk.document(&["publish", "1.0.1.wasm"]).await?;
    ensure!(next["was-published"] == false && next["next"]["message"].is_string(), "{next}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_package_is_told_with_what_to_change() -> Result<()> {
    let server = Server::start().await?;
    let (desk, _) = Desk::signed_in(&server).await?;
    package(&desk, "acme/calm", "1.4.0", "")?;
    desk.succeed(&["publish", "1.4.0.wasm", "--register", "--private"]).await?;

    package(&desk, "acme/calm", "1.2.0", "")?;
    let lower = desk.fail(4, &["publish", "1.2.0.wasm"]).await?;
    ensure!(
        lower.contains("Version 1.2.0 is not above 1.4.0") && lower.contains("version = \"1.4.1\""),
        "{lower}"
    );
    package(&desk, "acme/calm", "1.4.0", "other words")?;
    let same = desk.fail(4, &["publish", "1.4.0.wasm"]).await?;
    ensure!(same.contains("1.4.0 is at") && same.contains("already, with other content"), "{same}");

    // Somebody else comes with the same namespace.
    let (other, _) = Desk::signed_in(&server).await?;
    package(&other, "acme/calm", "2.0.0", "")?;
    let taken = other.fail(4, &["publish", "2.0.0.wasm", "--register"]).await?;
    ensure!(taken.contains("Somebody else has the namespace acme"), "{taken}");
    package(&other, "neustream/calm", "2.0.0", "")?;
    let reserved = other.fail(4, &["publish", "2.0.0.wasm", "--register"]).await?;
    ensure!(reserved.contains("belongs to the platform"), "{reserved}");

    other.write("notes.txt", "no package")?;
    let none = other.fail(1, &["publish", "notes.txt"]).await?;
    ensure!(none.contains("neustream-plugin build"), "{none}");
    let missing = other.fail(2, &["publish", "nowhere.wasm"]).await?;
    ensure!(missing.contains("nowhere.wasm"), "{missing}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_key_is_added_to_the_namespace_and_a_retired_one_signs_nothing() -> Result<()> {
    let server = Server::start().await?;
    let (first, account) = Desk::signed_in(&server).await?;
    package(&first, "acme/calm", "1.0.0", "")?;
    first.succeed(&["publish", "1.0.0.wasm", "--register"]).await?;

    // The same author at another machine, without the first key.
    let second = Desk::new()?;
    second.sign_in(&server, &account, neustream_tests::kit::api::PASSWORD).await?;
    package(&second, "acme/calm", "1.1.0", "")?;
    let added = second.succeed(&["publish", "1.1.0.wasm", "--register"]).await?;
    ensure!(added.contains("Added the key ed25519:"), "{added}");

    let mine = account.ask("GET", "/api/publishers", None).await?;
    let keys = mine["publishers"][0]["keys"].as_array().cloned().unwrap_or_default();
    ensure!(keys.len() == 2, "{mine}");
    let retired = keys[1]["key"].as_str().unwrap_or_default();
    account.ask("DELETE", &format!("/api/publishers/acme/keys/{retired}"), None).await?;
    package(&second, "acme/calm", "1.2.0", "")?;
    let refused = second.fail(4, &["publish", "1.2.0.wasm", "--register"]).await?;
    ensure!(
        refused.contains("was retired") && refused.contains(keys[0]["key"].as_str().unwrap_or("?")),
        "{refused}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_project_is_built_signed_and_published_in_one_go_and_errors_name_the_line() -> Result<()> {
    let server = Settings::new()?.start().await?;
    let (desk, account) = Desk::signed_in(&server).await?;
    let project = desk.project("acme/words", "moderation", "words").await?;
    let said = desk.succeed(&["publish", "words", "--register", "--private"]).await?;
    ensure!(said.contains("acme/words 0.1.0") && said.contains("draft > [scanned]"), "{said}");
    let listed = account.ask("GET", "/api/plugins/acme/words", None).await?;
    ensure!(listed["plugin"]["kind"] == "moderation", "{listed}");

    // The same again is a success, and another content under the same version is not.
    let again = desk.succeed(&["publish", "words"]).await?;
    ensure!(again.contains("already, with this content"), "{again}");
    edit(&project.join("plugin.toml"), &[("description = \"", "description = \"Better: ")])?;
    let manifest = std::fs::read_to_string(project.join("plugin.toml"))?;
    let line = manifest.lines().position(|line| line.starts_with("version = ")).map_or(0, |place| place + 1);
    let refused = desk.fail(4, &["publish", "words", "--private"]).await?;
    ensure!(refused.contains(&format!("plugin.toml:{line}: Version 0.1.0")), "line {line} in: {refused}");
    ensure!(refused.contains("version = \"0.1.1\""), "{refused}");
    Ok(())
}
