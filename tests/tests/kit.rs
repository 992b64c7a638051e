//! The kit is honest: what it reports about real programs is so.

use std::time::Duration;

use neustream_tests::kit::counter::Count;
use neustream_tests::kit::picture::now_cs;
use neustream_tests::kit::port::loopback;
use neustream_tests::kit::postgres::Postgres;
use neustream_tests::kit::probe::Probe;
use neustream_tests::kit::publisher::{Codecs, Encoding, Publisher};
use neustream_tests::kit::receiver::{ListeningFfmpeg, Nginx};
use neustream_tests::kit::rtmp::amf::Amf;
use neustream_tests::kit::rtmp::client::{Answer, RtmpClient};
use neustream_tests::kit::rtmp::destination::{Behaviour, RtmpDestination};
use neustream_tests::kit::rtmp::faulty::Reply;
use neustream_tests::kit::rtmp::flv::{self, FlvWriter};
use neustream_tests::kit::{Context, Result, ensure, tool};

const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn every_frame_that_ffmpeg_publishes_is_counted_at_each_kind_of_receiver() -> Result<()> {
    let nginx = Nginx::start().await?;
    let mut ffmpeg = ListeningFfmpeg::start().await?;
    let stand_in = RtmpDestination::start(Behaviour::default()).await?;
    let encoding = Encoding { first_frame: 40_000, ..Encoding::seconds(3) };
    let urls =
        [format!("{}/a", nginx.url()), format!("{}/key", ffmpeg.url()), format!("{}/c", stand_in.url())];
    for url in urls {
        let published = Publisher::start(&url, &encoding)?.finish(LONG).await?;
        assert_eq!(published, Some(90));
    }
    let recordings =
        [nginx.finished("a", 1, LONG).await?.remove(0), ffmpeg.finish(LONG).await?, stand_in.recording(0)];
    for recording in recordings {
        let count = Count::of(&recording).await?;
        count.expect_whole("the receiver")?;
        assert_eq!(count.ends()?, (40_000, 40_089));
        let age_cs = now_cs().wrapping_sub(count.stamps[0].painted_cs);
        assert!(age_cs < 6_000, "painted {age_cs} hundredths of a second ago");
        let probe = Probe::of(&recording).await?;
        probe.expect_no_gap("video", 0.05)?;
        probe.expect_no_gap("audio", 0.05)?;
        assert!(probe.starts_with_keyframe()?);
    }
    Ok(())
}

#[tokio::test]
async fn the_counter_and_the_probe_notice_a_lost_frame() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (whole, holed) = (folder.path().join("whole.flv"), folder.path().join("holed.flv"));
    let encoding = Encoding { is_paced: false, ..Encoding::seconds(3) };
    let made = encoding.command(&whole.display().to_string())?.output().await?;
    ensure!(made.status.success());
    let mut file = FlvWriter::create(&holed)?;
    let tags = flv::read(&whole)?;
    let last_key = tags.iter().rposition(flv::is_keyframe).context("a keyframe")?;
    let is_picture = |place: &usize| tags[*place].kind == 9;
    // The fourth picture of the last group: the loss of a keyframe would be concealed differently.
    let lost = (last_key..tags.len()).filter(is_picture).nth(3);
    for (place, tag) in tags.iter().enumerate() {
        if Some(place) != lost {
            file.write(tag)?;
        }
    }
    let faults = Count::of(&holed).await?.faults();
    assert_eq!(faults.lost, 1, "{faults:?}");
    assert!(Probe::of(&holed).await?.expect_no_gap("video", 0.05).is_err());
    Ok(())
}

#[tokio::test]
async fn the_stand_in_sees_the_commands_of_a_real_publisher_in_order() -> Result<()> {
    let stand_in = RtmpDestination::start(Behaviour::default()).await?;
    Publisher::start(&format!("{}/secret", stand_in.url()), &Encoding::seconds(1))?.finish(LONG).await?;
    let connection = stand_in.connections().remove(0);
    let names = connection.command_names();
    let expected = ["connect", "releaseStream", "FCPublish", "createStream", "publish", "@setDataFrame"];
    assert_eq!(&names[..6], expected);
    assert_eq!(connection.key(), Some("secret"));
    assert_eq!(connection.connect_field("app"), Some(&Amf::text("live")));
    assert!(names.ends_with(&["FCUnpublish", "deleteStream"]), "{names:?}");
    Ok(())
}

#[tokio::test]
async fn a_throttled_stand_in_reads_no_faster_than_told() -> Result<()> {
    let behaviour = Behaviour { read_bytes_per_s: Some(50_000), ..Behaviour::default() };
    let stand_in = RtmpDestination::start(behaviour).await?;
    let encoding = Encoding { video_kbps: Some(4_000), ..Encoding::default() };
    let publisher = Publisher::start(&format!("{}/key", stand_in.url()), &encoding)?;
    let arrivals = stand_in
        .sees(LONG, "four seconds of arrivals", |connections| {
            let arrivals = &connections.first()?.arrivals;
            (arrivals.last()?.at - arrivals.first()?.at > Duration::from_secs(4)).then(|| arrivals.clone())
        })
        .await?;
    // 4 s at a tenth of the bitrate: less than a second of pictures, the encoder's burst aside.
    let last = arrivals.iter().map(|arrival| arrival.timestamp).max();
    assert!(last < Some(1_500), "{last:?}");
    publisher.vanish().await
}

#[tokio::test]
async fn a_silent_stand_in_keeps_a_publisher_waiting() -> Result<()> {
    let behaviour = Behaviour { reply: Reply::Silence, ..Behaviour::default() };
    let stand_in = RtmpDestination::start(behaviour).await?;
    let publisher = Publisher::start(&format!("{}/key", stand_in.url()), &Encoding::seconds(1))?;
    stand_in.sees(LONG, "a connection", |connections| connections.first().map(|_| ())).await?;
    assert!(stand_in.connections()[0].commands.is_empty());
    publisher.vanish().await
}

#[tokio::test]
async fn a_current_ffmpeg_receives_what_a_current_ffmpeg_publishes() -> Result<()> {
    for (codecs, video, audio) in [(Codecs::HevcAac, "hevc", "aac"), (Codecs::Av1Opus, "av1", "opus")] {
        let mut receiver = ListeningFfmpeg::start_current().await?;
        let url = format!("{}/{}", receiver.url(), receiver.key());
        Publisher::start(&url, &Encoding { codecs, ..Encoding::seconds(2) })?.finish(LONG).await?;
        let recording = receiver.finish(LONG).await?;
        let probe = Probe::of(&recording).await?;
        assert_eq!(probe.stream("video")?.codec_name, video);
        assert_eq!(probe.stream("audio")?.codec_name, audio);
        let count = Count::decode(&tool::current_ffmpeg()?, &recording).await?;
        count.expect_whole("the receiver")?;
        assert_eq!(count.ends()?, (0, 59));
    }
    Ok(())
}

#[tokio::test]
async fn timestamps_beyond_24_bits_reach_the_receiver_as_published() -> Result<()> {
    let stand_in = RtmpDestination::start(Behaviour::default()).await?;
    let encoding = Encoding { timestamp_offset: Duration::from_secs(16_776), ..Encoding::seconds(3) };
    Publisher::start(&format!("{}/key", stand_in.url()), &encoding)?.finish(LONG).await?;
    let arrivals = stand_in.connections().remove(0).arrivals;
    let last = arrivals.last().context("media")?.timestamp;
    assert!(last > 1 << 24, "{last}");
    Count::of(&stand_in.recording(0)).await?.expect_whole("the stand-in")
}

#[tokio::test]
async fn the_byte_exact_client_is_a_publisher_to_nginx() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("published.flv");
    let encoding = Encoding { is_paced: false, ..Encoding::seconds(3) };
    ensure!(encoding.command(&file.display().to_string())?.output().await?.status.success());
    let nginx = Nginx::start().await?;
    let (mut client, answer) = RtmpClient::publishing(loopback(nginx.port()), "key").await?;
    assert_eq!(answer, Answer::Accepted);
    client.set_chunk_size(60_000).await?;
    for tag in flv::read(&file)? {
        client.message(&tag).await?;
    }
    drop(client);
    let recordings = nginx.finished("key", 1, LONG).await?;
    let count = Count::of(&recordings[0]).await?;
    count.expect_whole("nginx")?;
    assert_eq!(count.ends()?, (0, 89));
    Ok(())
}

#[tokio::test]
async fn a_private_postgresql_starts_and_can_be_dumped() -> Result<()> {
    let postgres = Postgres::start().await?;
    let dump = postgres.dump().await?;
    assert!(dump.contains("PostgreSQL database dump"), "{dump}");
    Ok(())
}

#[test]
fn every_program_that_the_tests_need_is_here() -> Result<()> {
    tool::ffmpeg()?;
    tool::ffprobe()?;
    tool::nginx()?;
    tool::nginx_rtmp_module()?;
    tool::chromium()?;
    tool::node()?;
    tool::postgres("initdb")?;
    tool::current_ffmpeg()?;
    Ok(())
}
