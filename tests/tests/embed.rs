//! The player in frames of other sites, in a real browser, and the links that become it.

use std::time::Duration;

use neustream_tests::kit::browser::Script;
use neustream_tests::kit::http;
use neustream_tests::kit::publisher::Encoding;
use neustream_tests::kit::studio::Studio;
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::Value;

const LONG: Duration = Duration::from_mins(2);

#[tokio::test]
async fn the_player_plays_in_frames_of_another_site() -> Result<()> {
    let studio = Studio::open().await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    let mut page = Script::start("embed", &[&studio.server.base_url(), &studio.source.playback_id])?;

    let plays = page.says("plays", LONG).await?;
    let latency = plays["plays"]["latency"].as_f64().context("no latency")?;
    ensure!((0.1..=6.0).contains(&latency), "the player shows {latency} s");
    let height = plays["plays"]["videoHeight"].as_u64().context("no height")?;
    let qualities = page.says("qualities", LONG).await?;
    let lines: Vec<&str> =
        qualities["qualities"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let name = format!("{height}p");
    ensure!(lines.len() == 2 && lines.iter().all(|line| line.contains(&name)), "{lines:?} lack {name}");
    let chosen = page.says("chosen", LONG).await?;
    ensure!(chosen["chosen"].as_str().is_some_and(|line| line.starts_with(&name)), "{chosen}");

    let quieter = page.says_that(LONG, "a key that is heard", |said| said["key"] == "ArrowDown").await?;
    ensure!(quieter["volume"].as_f64().is_some_and(|volume| (volume - 0.95).abs() < 0.01), "{quieter}");
    page.says("controls", LONG).await?;
    let quiet = page.says("quiet", LONG).await?;
    ensure!(
        quiet["quiet"]["videoHeight"] == 0 && quiet["quiet"]["paused"] == true,
        "it loads unasked: {quiet}"
    );
    let begun = page.says("begun", LONG).await?;
    ensure!(begun["begun"]["muted"] == false, "whoever presses play wants to hear it: {begun}");
    page.says("sandboxed", LONG).await?;
    let framed = page.says("framedWatchPage", LONG).await?;
    ensure!(framed["framedWatchPage"] == false, "another site framed the viewer page");
    let shared = page.says("shared", LONG).await?;
    ensure!(shared["shared"][0] == studio.watch_url(), "{shared}");
    ensure!(
        shared["shared"][1] == player_of_link(&studio).await?.as_str(),
        "{shared} is not what the link becomes"
    );
    let viewers = page.says("viewers", LONG).await?;
    ensure!(viewers["viewers"].as_u64().is_some_and(|viewers| viewers >= 1), "{viewers}");
    page.finish(LONG).await?;

    let said = page.said();
    let errors: Vec<&Value> = said.iter().filter(|said| said.get("pageError").is_some()).collect();
    ensure!(errors.is_empty(), "the player failed: {errors:?}");
    let looks: Vec<&Value> = said.iter().filter(|said| said.get("looked").is_some()).collect();
    ensure!(looks.len() == 8, "{} looks for barriers", looks.len());
    for look in looks {
        ensure!(
            look["violations"].as_array().is_some_and(Vec::is_empty) && look["isWide"] == false,
            "{look}"
        );
    }
    publisher.stop().await
}

/// The player that sites show for the link to the viewer page, as oEmbed gives it.
async fn player_of_link(studio: &Studio) -> Result<String> {
    let path = format!("/oembed?url={}", studio.watch_url());
    let answer = http::get(studio.server.http(), &path).await?.json()?;
    Ok(answer["html"].as_str().with_context(|| format!("no player in {answer}"))?.to_owned())
}
