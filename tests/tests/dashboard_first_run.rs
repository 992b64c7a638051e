//! A creator's first run: from the start of the binary to a stream at two platforms, by the dashboard alone.

use std::time::{Duration, Instant};

use neustream_tests::kit::browser::Script;
use neustream_tests::kit::publisher::{Encoding, Publisher};
use neustream_tests::kit::rtmp::destination::RtmpDestination;
use neustream_tests::kit::server::Settings;
use neustream_tests::kit::stand_in::{Platforms, twitch_ingest};
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::json;

const TWITCH_KEY: &str = "live_1234_AbCdEfGh";
const YOUTUBE_KEY: &str = "abcd-efgh-ijkl-mnop-qrst";
/// More than that, and somebody has put the guide away.
const ACTS: u64 = 12;
/// What a person may take for one of them: to read, to find the key at the platform, to type.
const PER_ACT: Duration = Duration::from_secs(10);
const FIRST_STREAM: Duration = Duration::from_mins(3);
const TWO_DESTINATIONS: Duration = Duration::from_mins(5);
const CLOSING: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_first_run_reaches_two_platforms_within_minutes() -> Result<()> {
    first_run("mouse").await
}

#[tokio::test]
async fn a_first_run_needs_no_mouse() -> Result<()> {
    first_run("keys").await
}

async fn first_run(hand: &str) -> Result<()> {
    let mut platforms = Platforms::new()?;
    let twitch = platforms.rtmp("live-fra.twitch.tv", TWITCH_KEY).await?;
    let youtube = platforms.rtmps("a.rtmps.youtube.com", YOUTUBE_KEY).await?;
    let ingests = [twitch_ingest(24, "live-fra.twitch.tv", true, 1)];
    let _list = platforms.twitch_ingests(json!({ "ingests": ingests })).await?;
    let settings = platforms.lead(Settings::new()?);

    let began = Instant::now();
    let mut server = settings.start().await?;
    let link = server.set_up_link().context("a set-up link")?;
    let mut page = Script::start("first-run", &[&link, hand, TWITCH_KEY, YOUTUBE_KEY])?;
    let said = page.says("profile", FIRST_STREAM).await?;
    let text = |field: &str| said["profile"][field].as_str().with_context(|| format!("no {field} in {said}"));
    let target = format!("{}/{}", text("server")?, text("key")?);
    let publisher = Publisher::start(&target, &Encoding::default())?;
    page.says("isLive", FIRST_STREAM).await?;
    let first_stream = began.elapsed();
    let said = page.says("areLive", TWO_DESTINATIONS).await?;
    let two_destinations = began.elapsed();
    page.finish(CLOSING).await?;

    let acts = said["acts"].as_u64().context("a number of acts")?;
    let by_a_person = PER_ACT * u32::try_from(acts)?;
    eprintln!(
        "figure: a first run ({hand}): {acts} acts; the machine's part to the first stream {first_stream:?}, to two \
         destinations {two_destinations:?}"
    );
    ensure!(acts <= ACTS, "{acts} acts");
    ensure!(first_stream + by_a_person <= FIRST_STREAM, "{first_stream:?} and {acts} acts");
    ensure!(two_destinations + by_a_person <= TWO_DESTINATIONS, "{two_destinations:?} and {acts} acts");
    for (platform, key) in [(&twitch, TWITCH_KEY), (&youtube, YOUTUBE_KEY)] {
        has_pictures(platform).await?;
        ensure!(platform.connections()[0].key() == Some(key), "another key arrived");
    }
    page.expect_no_problem()?;
    publisher.stop().await
}

async fn has_pictures(platform: &RtmpDestination) -> Result<()> {
    platform.sees(CLOSING, "pictures", |seen| (seen.first()?.arrivals.len() > 30).then_some(())).await
}
