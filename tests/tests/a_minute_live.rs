//! One minute of a real stream: what arrives at real receivers, counted by
//! the numbers in the pictures.

use std::time::Duration;

use neustream_tests::kit::counter::Count;
use neustream_tests::kit::hls;
use neustream_tests::kit::picture::FRAME_RATE;
use neustream_tests::kit::probe::Probe;
use neustream_tests::kit::publisher::Encoding;
use neustream_tests::kit::receiver::{ListeningFfmpeg, Nginx};
use neustream_tests::kit::rtmp::destination::{Behaviour, Connection, RtmpDestination};
use neustream_tests::kit::rtmp::faulty::refusing_url;
use neustream_tests::kit::rtmp::freshness::Freshness;
use neustream_tests::kit::rtmp::kind;
use neustream_tests::kit::studio::{GOES_LIVE, Studio};
use neustream_tests::kit::{Context, Result, ensure};

/// Published seconds; receivers join within the first two and must see a minute without a hole.
const PUBLISHED_S: u64 = 63;
const LONG: Duration = Duration::from_secs(90);
const CLOSING: Duration = Duration::from_secs(20);

#[tokio::test]
async fn ffmpeg_and_nginx_receive_every_frame_of_a_minute() -> Result<()> {
    let studio = Studio::open().await?;
    let (mut ffmpeg, nginx) = (ListeningFfmpeg::start().await?, Nginx::start().await?);
    let first = studio.destination(&ffmpeg.url(), ffmpeg.key()).await?;
    let second = studio.destination(&nginx.url(), "main").await?;
    let publisher = studio.publish(&Encoding::seconds(PUBLISHED_S))?;
    studio.all_live(&[&first, &second]).await?;
    let published = publisher.finish(LONG).await?.context("a length")?;

    let at_ffmpeg = ffmpeg.finish(CLOSING).await?;
    let at_nginx = nginx.finished("main", 1, CLOSING).await?;
    ensure!(at_nginx.len() == 1, "nginx saw more than one publication: {at_nginx:?}");
    for (who, recording) in [("ffmpeg", &at_ffmpeg), ("nginx", &at_nginx[0])] {
        let probe = Probe::of(recording).await?;
        assert_eq!(probe.stream("video")?.codec_name, "h264");
        assert_eq!(probe.stream("audio")?.codec_name, "aac");
        probe.expect_no_gap("video", 0.05)?;
        probe.expect_no_gap("audio", 0.05)?;
        assert!(probe.starts_with_keyframe()?, "{who} did not begin with a keyframe");
        expect_a_minute(who, &Count::of(recording).await?, published)?;
    }
    Ok(())
}

#[tokio::test]
async fn troubled_destinations_cost_the_healthy_ones_no_frame() -> Result<()> {
    const KBPS: u32 = 5_000;
    let studio = Studio::open().await?;
    let (mut ffmpeg, nginx) = (ListeningFfmpeg::start().await?, Nginx::start().await?);
    let healthy = RtmpDestination::start(Behaviour::default()).await?;
    let slow = RtmpDestination::start(Behaviour {
        read_bytes_per_s: Some(u64::from(KBPS) * 1000 / 8 / 10),
        ..Behaviour::default()
    })
    .await?;
    let resetting = RtmpDestination::start(Behaviour {
        reset_after: Some(Duration::from_secs(10)),
        ..Behaviour::default()
    })
    .await?;
    let at_ffmpeg = studio.destination(&ffmpeg.url(), ffmpeg.key()).await?;
    let at_nginx = studio.destination(&nginx.url(), "main").await?;
    let at_healthy = studio.destination(&healthy.url(), "key").await?;
    let at_slow = studio.destination(&slow.url(), "key").await?;
    let at_resetting = studio.destination(&resetting.url(), "key").await?;
    let at_refusing = studio.destination(&refusing_url()?, "key").await?;

    let encoding = Encoding { video_kbps: Some(KBPS), ..Encoding::seconds(PUBLISHED_S) };
    let publisher = studio.publish_live(&encoding).await?;
    let five = Duration::from_secs(5);
    let shows = |id: &str, code: &str, limit| {
        let (studio, id, code) = (&studio, id.to_owned(), code.to_owned());
        async move {
            let what = format!("{id} shows `{code}`");
            let is_so = |stream: &neustream_tests::kit::api::Stream| {
                let destination = stream.destination(&id).ok();
                destination.and_then(|found| found.reason.as_ref()).is_some_and(|reason| reason.code == code)
            };
            studio.account.stream_is(&studio.source, limit, &what, is_so).await
        }
    };
    let (stream, _) = shows(&at_refusing, "refused", five).await?;
    assert_eq!(stream.destination(&at_refusing)?.state, "retrying");
    studio.all_live(&[&at_ffmpeg, &at_nginx, &at_healthy]).await?;
    shows(&at_slow, "slow", five).await?;
    shows(&at_resetting, "reset", Duration::from_secs(10) + five).await?;

    // Memory: whatever grows without bound grows by the unread 90 % of a stream of 5 Mbit/s, 34 MB a minute.
    let settled = studio.server.resident_bytes()?;
    let mut highest = settled;
    let mut samples = tokio::time::interval(Duration::from_secs(1));
    let finish = publisher.finish(LONG);
    tokio::pin!(finish);
    let published = loop {
        tokio::select! {
            published = &mut finish => break published?.context("a length")?,
            _ = samples.tick() => highest = highest.max(studio.server.resident_bytes()?),
        }
    };
    let grown_kib = (highest - settled) / 1024;
    eprintln!("figure: with one slow of six destinations the process grows by {grown_kib} KiB in a minute");
    assert!(grown_kib <= 8 * 1024, "the process grew by {grown_kib} KiB with a slow destination");

    let at_ffmpeg = ffmpeg.finish(CLOSING).await?;
    let at_nginx = nginx.finished("main", 1, CLOSING).await?;
    let at_healthy = healthy.recording(0);
    for (who, recording) in [("ffmpeg", &at_ffmpeg), ("nginx", &at_nginx[0]), ("the stand-in", &at_healthy)] {
        expect_a_minute(who, &Count::of(recording).await?, published)?;
    }
    let healthy = healthy.connections();
    assert_eq!(healthy.len(), 1, "the healthy stand-in was connected to more than once");
    let seen = Freshness::of(&slow.connections(), &healthy[0])?;
    eprintln!("figure: at a destination that reads 10 %: {seen:?}");
    seen.expect_fresh()?;
    expect_fresh_starts(&resetting.connections())
}

#[tokio::test]
async fn ffmpeg_reads_the_playlist_for_a_minute_without_an_error() -> Result<()> {
    let studio = Studio::open().await?;
    let publisher = studio.publish_live(&Encoding::seconds(80)).await?;
    hls::media(&studio, 3, GOES_LIVE).await?;
    let folder = tempfile::tempdir()?;
    let recording = folder.path().join("viewed.mkv");
    let mut viewer = hls::record(&hls::viewer()?, &studio.playlist_url(), 60, &recording)?;
    hls::recorded(&mut viewer, LONG).await?;
    let probe = Probe::of(&recording).await?;
    probe.expect_no_gap("video", 0.05)?;
    probe.expect_no_gap("audio", 0.05)?;
    let count = Count::of(&recording).await?;
    count.expect_whole("the viewer")?;
    let shown = count.stamps.len();
    assert!(shown >= 59 * FRAME_RATE as usize, "{shown} frames in a minute");
    publisher.stop().await
}

fn expect_a_minute(who: &str, count: &Count, published: u32) -> Result<()> {
    count.expect_whole(who)?;
    let (first, last) = count.ends()?;
    ensure!(u32::from(last) + 1 == published, "{who} ends with frame {last} of {published}");
    ensure!(u32::from(first) % FRAME_RATE == 0, "{who} begins with frame {first}, not with a keyframe");
    let seconds = count.stamps.len() as f64 / f64::from(FRAME_RATE);
    ensure!(seconds >= 60.0, "{who} got {seconds:.1} s only");
    Ok(())
}

/// Every connection begins with a keyframe, and attempts keep a distance of 1 s.
fn expect_fresh_starts(connections: &[Connection]) -> Result<()> {
    ensure!(connections.len() >= 5, "{} connections in a minute of resets", connections.len());
    for connection in connections.iter().filter(|connection| !connection.arrivals.is_empty()) {
        let pictures =
            connection.arrivals.iter().find(|arrival| arrival.kind == kind::VIDEO && !arrival.is_header);
        ensure!(pictures.is_none_or(|first| first.is_keyframe), "a connection did not begin with a keyframe");
    }
    for pair in connections.windows(2) {
        let closed = pair[0].closed.context("a connection that is still open")?;
        let pause = pair[1].opened.saturating_duration_since(closed);
        ensure!(pause >= Duration::from_millis(900), "tried again after {pause:?}");
        ensure!(pause <= Duration::from_millis(2_500), "tried again after {pause:?} only");
    }
    Ok(())
}
