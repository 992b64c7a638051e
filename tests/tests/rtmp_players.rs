//! Playing over RTMP, by playback id.

use std::time::Duration;

use neustream_tests::kit::counter::Count;
use neustream_tests::kit::picture::FRAME_RATE;
use neustream_tests::kit::probe::Probe;
use neustream_tests::kit::program::Program;
use neustream_tests::kit::publisher::Encoding;
use neustream_tests::kit::studio::Studio;
use neustream_tests::kit::{Result, ensure, tool};
use tokio::process::Command;

const LONG: Duration = Duration::from_secs(40);

#[tokio::test]
async fn players_see_the_stream_from_a_keyframe_on() -> Result<()> {
    let studio = Studio::open().await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    let folder = tempfile::tempdir()?;
    let url = format!("rtmp://{}/play/{}", studio.server.rtmp(), studio.source.playback_id);
    let mut players = Vec::new();
    for number in 0..3 {
        let recording = folder.path().join(format!("{number}.flv"));
        let mut command = Command::new(tool::ffmpeg()?);
        command.args([
            "-hide_banner",
            "-nostdin",
            "-loglevel",
            "warning",
            "-y",
            "-rtmp_live",
            "live",
            "-i",
            &url,
        ]);
        command.args(["-c", "copy", "-t", "5"]).arg(&recording);
        players.push((Program::start(format!("player-{number}"), command)?, recording));
    }
    for (player, recording) in &mut players {
        player.succeed(LONG).await?;
        let probe = Probe::of(recording).await?;
        assert!(probe.starts_with_keyframe()?);
        probe.expect_no_gap("video", 0.05)?;
        probe.expect_no_gap("audio", 0.05)?;
        let count = Count::of(recording).await?;
        count.expect_whole("the player")?;
        ensure!(count.stamps.len() >= 4 * FRAME_RATE as usize, "{} frames", count.stamps.len());
    }
    publisher.stop().await
}

#[tokio::test]
async fn a_player_is_told_when_the_stream_ends() -> Result<()> {
    let studio = Studio::open().await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    let folder = tempfile::tempdir()?;
    let recording = folder.path().join("played.flv");
    let url = format!("rtmp://{}/play/{}", studio.server.rtmp(), studio.source.playback_id);
    let mut command = Command::new(tool::ffmpeg()?);
    command.args([
        "-hide_banner",
        "-nostdin",
        "-loglevel",
        "warning",
        "-y",
        "-rtmp_live",
        "live",
        "-i",
        &url,
    ]);
    command.args(["-c", "copy", "-flush_packets", "1"]).arg(&recording);
    let mut player = Program::start("player", command)?;
    neustream_tests::kit::wait::until(LONG, "the player records", || async {
        let length = std::fs::metadata(&recording).map(|file| file.len()).unwrap_or_default();
        Ok((length > 50_000).then_some(()))
    })
    .await?;
    publisher.stop().await?;
    player.succeed(Duration::from_secs(10)).await
}

#[tokio::test]
async fn the_stream_key_and_unknown_ids_play_nothing() -> Result<()> {
    let studio = Studio::open().await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    for name in [studio.source.stream_key.as_str(), "abcdefghijkmnpqr", "x"] {
        let url = format!("rtmp://{}/play/{name}", studio.server.rtmp());
        let mut command = Command::new(tool::ffmpeg()?);
        command.args(["-hide_banner", "-nostdin", "-loglevel", "error", "-rtmp_live", "live", "-i", &url]);
        command.args(["-t", "1", "-f", "null", "-"]);
        let mut player = Program::start("player", command)?;
        let status = player.exit(LONG).await?;
        ensure!(!status.success(), "{name} played");
    }
    publisher.stop().await
}
