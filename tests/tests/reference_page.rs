//! The API's reference in a real browser: it needs no other host, keeps to its content security policy, and tries
//! operations out.

use std::time::Duration;

use neustream_tests::kit::browser::Script;
use neustream_tests::kit::server::Server;
use neustream_tests::kit::{Context, Result, ensure};

#[tokio::test]
async fn the_reference_shows_every_tag_and_tries_an_operation_out() -> Result<()> {
    let server = Server::start().await?;
    let account = server.account().await?;
    account.source("Seen in the reference").await?;
    let url = format!("{}/api/docs", server.base_url());
    let mut script = Script::start("reference", &[&url, &account.token])?;
    let patience = Duration::from_mins(1);
    let tags = script.says("tags", patience).await?["tags"].as_u64().context("how many tags")?;
    ensure!(tags >= 15, "only {tags} tags are shown");
    let told = script.says("status", patience).await?;
    assert!(told["status"].as_str().is_some_and(|status| status.starts_with("200")), "{told}");
    assert!(told["body"].as_str().is_some_and(|body| body.contains("Seen in the reference")), "{told}");
    script.finish(patience).await?;
    let problems: Vec<_> = script.said().into_iter().filter(|said| said.get("problem").is_some()).collect();
    ensure!(problems.is_empty(), "{problems:?}");
    Ok(())
}
