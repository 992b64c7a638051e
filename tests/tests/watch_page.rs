//! The viewer page in a real browser.

use std::time::Duration;

use neustream_tests::kit::browser::Script;
use neustream_tests::kit::publisher::Encoding;
use neustream_tests::kit::studio::Studio;
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::Value;

const LONG: Duration = Duration::from_mins(1);

#[tokio::test]
async fn the_page_plays_within_three_seconds_of_the_encoder() -> Result<()> {
    let studio = Studio::open().await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    let mut page = Script::start("watch", &[&studio.watch_url(), "25"])?;
    page.says_that(LONG, "a playing picture", plays).await?;
    page.finish(LONG).await?;
    let said = page.said();
    let errors: Vec<&Value> = said.iter().filter(|said| said.get("pageError").is_some()).collect();
    ensure!(errors.is_empty(), "the page failed: {errors:?}");

    let samples: Vec<&Value> = said.iter().filter(|said| plays(said)).map(|said| &said["sample"]).collect();
    ensure!(samples.len() >= 25, "{} samples of a playing picture in 25 s", samples.len());
    let (first, last) = (samples[0], samples[samples.len() - 1]);
    let played = number(last, "currentTime")? - number(first, "currentTime")?;
    let passed = (number(last, "at")? - number(first, "at")?) / 1000.0;
    ensure!(played >= 0.9 * passed, "{played:.1} s played in {passed:.1} s");

    // After the player has found its place: by the clock in the picture, and by the page's own figure.
    let settled = &samples[samples.len() / 3..];
    let mut painted: Vec<f64> = settled.iter().filter_map(|sample| sample["latency"].as_f64()).collect();
    painted.sort_by(f64::total_cmp);
    let (median, worst) = (painted[painted.len() / 2], painted[painted.len() * 9 / 10]);
    eprintln!("figure: glass to glass: median {median:.2} s, 9 of 10 within {worst:.2} s");
    ensure!(worst <= 3.0, "nine of ten pictures are within {worst:.2} s only");
    let shown = number(last, "pageLatency")?;
    ensure!((shown - number(last, "latency")?).abs() <= 1.5, "the page claims {shown:.2} s");
    publisher.stop().await
}

#[tokio::test]
async fn the_page_goes_on_without_a_reload_when_the_encoder_returns() -> Result<()> {
    let studio = Studio::open().await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    let mut page = Script::start("watch", &[&studio.watch_url(), "50"])?;
    page.says_that(LONG, "a playing picture", plays).await?;
    publisher.vanish().await?;
    studio
        .account
        .stream_is(&studio.source, LONG, "it is reconnecting", |s| s.state == "reconnecting")
        .await?;
    let returned = Encoding { first_frame: 10_000, ..Encoding::default() };
    let publisher = studio.publish_live(&returned).await?;
    let shows_the_return = |said: &Value| {
        plays(said) && said["sample"]["frame"].as_u64().is_some_and(|frame| (10_000..20_000).contains(&frame))
    };
    let said = page
        .says_that(Duration::from_secs(20), "a picture of the returned encoder", shows_the_return)
        .await?;
    ensure!(said["sample"]["sameDocument"] == true, "the page was reloaded");
    publisher.stop().await
}

fn plays(said: &Value) -> bool {
    let sample = &said["sample"];
    sample["currentTime"].as_f64().is_some_and(|time| time > 0.0) && sample["latency"].is_number()
}

fn number(sample: &Value, field: &str) -> Result<f64> {
    sample[field].as_f64().with_context(|| format!("no {field} in {sample}"))
}
