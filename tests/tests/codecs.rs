//! Codecs and clocks that pass through untouched.

use std::time::Duration;

use neustream_tests::kit::counter::Count;
use neustream_tests::kit::picture::FRAME_RATE;
use neustream_tests::kit::probe::Probe;
use neustream_tests::kit::publisher::{Codecs, Encoding};
use neustream_tests::kit::receiver::{ListeningFfmpeg, Nginx};
use neustream_tests::kit::studio::{GOES_LIVE, Studio};
use neustream_tests::kit::{Result, ensure, hls, tool};

const LONG: Duration = Duration::from_mins(1);
const CLOSING: Duration = Duration::from_secs(20);

#[tokio::test]
async fn hevc_passes_through_to_destinations_and_hls() -> Result<()> {
    passes_through(Codecs::HevcAac, "hevc", "aac", "hvc1.").await
}

#[tokio::test]
async fn av1_and_opus_pass_through_to_destinations_and_hls() -> Result<()> {
    passes_through(Codecs::Av1Opus, "av1", "opus", "av01.").await
}

async fn passes_through(codecs: Codecs, video: &str, audio: &str, codec_string: &str) -> Result<()> {
    let studio = Studio::open().await?;
    let mut receiver = ListeningFfmpeg::start_current().await?;
    let id = studio.destination(&receiver.url(), receiver.key()).await?;
    let publisher = studio.publish(&Encoding { codecs, ..Encoding::seconds(16) })?;
    studio.all_live(&[&id]).await?;

    let playlist = hls::multivariant(&studio, GOES_LIVE).await?;
    let named = hls::attribute(&playlist, "CODECS").unwrap_or_default();
    ensure!(named.contains(codec_string), "CODECS is {named:?}");
    ensure!(
        named.to_ascii_lowercase().contains(if audio == "opus" { "opus" } else { "mp4a.40.2" }),
        "{named:?}"
    );
    assert_eq!(hls::attribute(&playlist, "RESOLUTION"), Some("320x192"));
    hls::media(&studio, 3, GOES_LIVE).await?;
    let folder = tempfile::tempdir()?;
    let viewed = folder.path().join("viewed.mkv");
    let ffmpeg = tool::current_ffmpeg()?;
    let mut viewer = hls::record(&ffmpeg, &studio.playlist_url(), 4, &viewed)?;
    hls::recorded(&mut viewer, LONG).await?;

    publisher.finish(LONG).await?;
    let received = receiver.finish(CLOSING).await?;
    for (who, recording) in [("the destination", &received), ("the viewer", &viewed)] {
        let probe = Probe::of(recording).await?;
        assert_eq!(probe.stream("video")?.codec_name, video, "{who}");
        assert_eq!(probe.stream("audio")?.codec_name, audio, "{who}");
        let count = Count::decode(&ffmpeg, recording).await?;
        count.expect_whole(who)?;
        ensure!(count.stamps.len() > 3 * FRAME_RATE as usize, "{who} got {} frames", count.stamps.len());
    }
    Ok(())
}

#[tokio::test]
async fn timestamps_cross_the_24_bit_boundary_without_a_trace() -> Result<()> {
    let studio = Studio::open().await?;
    let (mut ffmpeg, nginx) = (ListeningFfmpeg::start().await?, Nginx::start().await?);
    let ids = [
        studio.destination(&ffmpeg.url(), ffmpeg.key()).await?,
        studio.destination(&nginx.url(), "main").await?,
    ];
    // 2^24 ms are 16,777.2 s: the encoder's clock passes them after seven seconds.
    let encoding = Encoding { timestamp_offset: Duration::from_secs(16_770), ..Encoding::seconds(15) };
    let publisher = studio.publish(&encoding)?;
    studio.all_live(&[&ids[0], &ids[1]]).await?;
    publisher.finish(LONG).await?;
    let at_ffmpeg = ffmpeg.finish(CLOSING).await?;
    let at_nginx = nginx.finished("main", 1, CLOSING).await?;
    for (who, recording) in [("ffmpeg", &at_ffmpeg), ("nginx", &at_nginx[0])] {
        let probe = Probe::of(recording).await?;
        probe.expect_no_gap("video", 0.05)?;
        probe.expect_no_gap("audio", 0.05)?;
        let count = Count::of(recording).await?;
        count.expect_whole(who)?;
        assert_eq!(u32::from(count.ends()?.1), 15 * FRAME_RATE - 1, "{who}");
    }
    Ok(())
}

#[tokio::test]
async fn the_multivariant_playlist_names_codecs_and_size_and_the_window_is_long_enough() -> Result<()> {
    let studio = Studio::open().await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    let multivariant = hls::multivariant(&studio, GOES_LIVE).await?;
    let codecs = hls::attribute(&multivariant, "CODECS").unwrap_or_default();
    ensure!(codecs.starts_with("avc1.") && codecs.contains("mp4a.40.2"), "CODECS is {codecs:?}");
    assert_eq!(hls::attribute(&multivariant, "RESOLUTION"), Some("320x192"));
    let media = hls::media(&studio, 7, LONG).await?;
    for tag in
        ["#EXT-X-PART-INF", "#EXT-X-SERVER-CONTROL", "#EXT-X-PART:", "#EXT-X-PRELOAD-HINT", "#EXT-X-MAP"]
    {
        ensure!(media.contains(tag), "no {tag} in {media}");
    }
    publisher.stop().await
}

#[tokio::test]
async fn a_long_keyframe_interval_is_warned_of() -> Result<()> {
    let studio = Studio::open().await?;
    let encoding = Encoding { keyframe_s: 5, ..Encoding::default() };
    let publisher = studio.publish_live(&encoding).await?;
    let warns = |stream: &neustream_tests::kit::api::Stream| {
        stream.warnings.iter().any(|warning| warning.code == "keyframes-far-apart")
    };
    studio.account.stream_is(&studio.source, CLOSING, "the warning is shown", warns).await?;
    publisher.stop().await
}
