//! What a restart of the server costs: a crash, and an orderly end.

use std::time::Duration;

use neustream_tests::kit::counter::Count;
use neustream_tests::kit::publisher::Encoding;
use neustream_tests::kit::receiver::{ListeningFfmpeg, Nginx};
use neustream_tests::kit::rtmp::destination::{Behaviour, Connection, RtmpDestination};
use neustream_tests::kit::studio::{GOES_LIVE, Studio};
use neustream_tests::kit::{Result, ensure};

const CLOSING: Duration = Duration::from_secs(20);

#[tokio::test]
async fn after_kill_9_the_publisher_that_returns_is_live_everywhere_without_a_call() -> Result<()> {
    let mut studio = Studio::open().await?;
    let nginx = Nginx::start().await?;
    let stand_in = RtmpDestination::start(Behaviour::default()).await?;
    let at_nginx = studio.destination(&nginx.url(), "main").await?;
    let at_stand_in = studio.destination(&stand_in.url(), "key").await?;
    let mut publisher = studio.publish(&Encoding::default())?;
    studio.all_live(&[&at_nginx, &at_stand_in]).await?;
    // nginx names recordings by the second in which they begin.
    stand_in
        .sees(GOES_LIVE, "two seconds", |seen| (seen.first()?.arrivals.len() > 150).then_some(()))
        .await?;

    studio.server = studio.server.kill_and_restart().await?;
    let started_in = studio.server.started_in();
    eprintln!("figure: accepts RTMP {started_in:?} after the restart that follows kill -9");
    ensure!(started_in <= Duration::from_secs(1), "accepted RTMP again after {started_in:?} only");
    publisher.thrown_out(CLOSING).await?;
    let returned = Encoding { first_frame: 10_000, ..Encoding::seconds(6) };
    let publisher = studio.publish(&returned)?;
    // The stand-ins are asked, not the API: nobody touches the server between crash and live.
    stand_in
        .sees(GOES_LIVE, "pictures of a second connection", |connections| {
            (connections.len() == 2 && connections[1].arrivals.len() > 30).then_some(())
        })
        .await?;
    publisher.finish(CLOSING).await?;
    let recordings = nginx.finished("main", 2, CLOSING).await?;
    for recording in [&recordings[1], &stand_in.recording(1)] {
        let count = Count::of(recording).await?;
        count.expect_whole("the destination")?;
        ensure!(count.ends()?.1 == 10_179, "ends with {:?}", count.ends()?);
    }
    // What was configured before the crash is there after it, and so is the customer's session.
    let stream = studio.account.stream(&studio.source).await?;
    assert_eq!(stream.destinations.len(), 2);
    Ok(())
}

#[tokio::test]
async fn sigterm_gives_every_destination_a_proper_end() -> Result<()> {
    let mut studio = Studio::open().await?;
    let (mut ffmpeg, nginx) = (ListeningFfmpeg::start().await?, Nginx::start().await?);
    let stand_in = RtmpDestination::start(Behaviour::default()).await?;
    let ids = [
        studio.destination(&ffmpeg.url(), ffmpeg.key()).await?,
        studio.destination(&nginx.url(), "main").await?,
        studio.destination(&stand_in.url(), "key").await?,
    ];
    let mut publisher = studio.publish(&Encoding::default())?;
    studio.all_live(&[&ids[0], &ids[1], &ids[2]]).await?;
    stand_in
        .sees(GOES_LIVE, "a second of media", |connections| {
            (connections.first()?.arrivals.len() > 75).then_some(())
        })
        .await?;
    studio.server.terminate(Duration::from_secs(15)).await?;

    publisher.thrown_out(CLOSING).await?;
    let at_ffmpeg = ffmpeg.finish(CLOSING).await?;
    let at_nginx = nginx.finished("main", 1, CLOSING).await?;
    for recording in [&at_ffmpeg, &at_nginx[0], &stand_in.recording(0)] {
        Count::of(recording).await?.expect_whole("the destination")?;
    }
    expect_proper_end(&stand_in.connections()[0])
}

#[tokio::test]
async fn a_stopped_encoder_ends_the_stream_at_once_and_properly() -> Result<()> {
    let studio = Studio::open().await?;
    let stand_in = RtmpDestination::start(Behaviour::default()).await?;
    let id = studio.destination(&stand_in.url(), "key").await?;
    let publisher = studio.publish(&Encoding::default())?;
    studio.all_live(&[&id]).await?;
    publisher.stop().await?;
    let five = Duration::from_secs(5);
    studio.account.stream_is(&studio.source, five, "the source is offline", |s| s.state == "offline").await?;
    stand_in.sees(five, "the end", |connections| connections[0].closed).await?;
    expect_proper_end(&stand_in.connections()[0])
}

fn expect_proper_end(connection: &Connection) -> Result<()> {
    let names = connection.command_names();
    let unpublished = names.iter().position(|name| *name == "FCUnpublish");
    let deleted = names.iter().position(|name| *name == "deleteStream");
    let is_proper = unpublished.zip(deleted).is_some_and(|(unpublished, deleted)| unpublished < deleted);
    ensure!(is_proper, "the stream did not end with FCUnpublish and deleteStream: {names:?}");
    Ok(())
}
