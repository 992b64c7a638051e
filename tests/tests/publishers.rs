//! Publishers that come, go, return and compete.

use std::time::{Duration, Instant};

use neustream_tests::kit::publisher::{Encoding, Publisher};
use neustream_tests::kit::receiver::Nginx;
use neustream_tests::kit::rtmp::client::{Answer, RtmpClient};
use neustream_tests::kit::rtmp::destination::{Behaviour, Connection, RtmpDestination};
use neustream_tests::kit::rtmp::kind;
use neustream_tests::kit::server::Settings;
use neustream_tests::kit::studio::{GOES_LIVE, Studio};
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::json;

const CLOSING: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_publisher_that_returns_within_the_window_goes_on_where_it_left() -> Result<()> {
    let studio = Studio::open().await?;
    let nginx = Nginx::start().await?;
    let stand_in = RtmpDestination::start(Behaviour::default()).await?;
    let ids =
        [studio.destination(&nginx.url(), "main").await?, studio.destination(&stand_in.url(), "key").await?];
    let publisher = studio.publish(&Encoding::default())?;
    studio.all_live(&[&ids[0], &ids[1]]).await?;
    stand_in.sees(GOES_LIVE, "two seconds", |c| (c.first()?.arrivals.len() > 150).then_some(())).await?;
    publisher.vanish().await?;
    let is_reconnecting = |stream: &neustream_tests::kit::api::Stream| stream.state == "reconnecting";
    studio.account.stream_is(&studio.source, CLOSING, "it is reconnecting", is_reconnecting).await?;
    let before = stand_in.connections()[0].arrivals.len();

    // The new run of the encoder starts its own clock at zero again.
    let returned = Encoding { first_frame: 10_000, ..Encoding::seconds(4) };
    let publisher = studio.publish_live(&returned).await?;
    stand_in.sees(GOES_LIVE, "the return", |c| (c[0].arrivals.len() > before + 75).then_some(())).await?;
    publisher.finish(CLOSING).await?;
    let recordings = nginx.finished("main", 1, CLOSING).await?;
    assert_eq!(recordings.len(), 1, "nginx was connected to again");
    let connections = stand_in.connections();
    assert_eq!(connections.len(), 1, "the stand-in was connected to again");
    expect_one_timeline(&connections[0])?;
    let after = &connections[0].arrivals[before..];
    let first_picture = after.iter().find(|arrival| arrival.kind == kind::VIDEO && !arrival.is_header);
    ensure!(first_picture.context("pictures after the return")?.is_keyframe, "no keyframe after the return");
    Ok(())
}

#[tokio::test]
async fn a_publisher_whose_network_is_cut_is_noticed_within_ten_seconds() -> Result<()> {
    let studio = Studio::open().await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    publisher.freeze()?;
    let frozen = Instant::now();
    let limit = Duration::from_secs(14);
    studio
        .account
        .stream_is(&studio.source, limit, "it is reconnecting", |s| s.state == "reconnecting")
        .await?;
    let took = frozen.elapsed();
    eprintln!("figure: a publisher whose network is cut is noticed after {took:?}");
    assert!(took <= Duration::from_secs(11), "noticed after {took:?}");
    publisher.vanish().await
}

#[tokio::test]
async fn when_the_window_passes_the_stream_ends_properly() -> Result<()> {
    let settings = Settings::new()?.with("NEUSTREAM_RECONNECT_WINDOW_S", "2");
    let studio = Studio::open_with(settings).await?;
    let stand_in = RtmpDestination::start(Behaviour::default()).await?;
    let id = studio.destination(&stand_in.url(), "key").await?;
    let publisher = studio.publish(&Encoding::default())?;
    studio.all_live(&[&id]).await?;
    publisher.vanish().await?;
    stand_in.sees(CLOSING, "the end", |connections| connections[0].closed).await?;
    let connections = stand_in.connections();
    ensure!(connections[0].command_names().contains(&"FCUnpublish"), "{:?}", connections[0].command_names());
    studio.account.stream_is(&studio.source, CLOSING, "it is offline", |s| s.state == "offline").await?;
    Ok(())
}

#[tokio::test]
async fn a_second_publisher_is_refused_and_the_first_goes_on() -> Result<()> {
    let studio = Studio::open().await?;
    let stand_in = RtmpDestination::start(Behaviour::default()).await?;
    let id = studio.destination(&stand_in.url(), "key").await?;
    let mut publisher = studio.publish(&Encoding::default())?;
    studio.all_live(&[&id]).await?;
    let (_thief, answer) = RtmpClient::publishing(studio.server.rtmp(), &studio.source.stream_key).await?;
    let Answer::Refused { code, .. } = answer else { panic!("the second publisher got {answer:?}") };
    assert_eq!(code, "NetStream.Publish.BadName");
    let before = stand_in.connections()[0].arrivals.len();
    stand_in.sees(CLOSING, "more media", |c| (c[0].arrivals.len() > before + 75).then_some(())).await?;
    assert!(publisher.is_running());
    Ok(())
}

#[tokio::test]
async fn a_second_publisher_replaces_the_first_where_the_source_says_so() -> Result<()> {
    let source = json!({ "name": "Main stream", "second_publisher": "replace" });
    let studio = Studio::open_source(Settings::new()?, source).await?;
    let stand_in = RtmpDestination::start(Behaviour::default()).await?;
    let id = studio.destination(&stand_in.url(), "key").await?;
    let mut first = studio.publish(&Encoding::default())?;
    studio.all_live(&[&id]).await?;
    let second = studio.publish(&Encoding { first_frame: 10_000, ..Encoding::default() })?;
    first.thrown_out(Duration::from_secs(10)).await?;
    let before = stand_in.connections()[0].arrivals.len();
    stand_in
        .sees(CLOSING, "the second one's media", |c| (c[0].arrivals.len() > before + 75).then_some(()))
        .await?;
    let connections = stand_in.connections();
    assert_eq!(connections.len(), 1, "the stand-in was connected to again");
    expect_one_timeline(&connections[0])?;
    second.stop().await
}

#[tokio::test]
async fn rotating_the_key_ends_the_publisher_within_two_seconds() -> Result<()> {
    let studio = Studio::open().await?;
    let mut publisher = studio.publish_live(&Encoding::default()).await?;
    let new_key = studio.account.rotate_key(&studio.source).await?;
    assert_ne!(new_key, studio.source.stream_key);
    publisher.thrown_out(Duration::from_secs(2)).await?;
    let (_old, answer) = RtmpClient::publishing(studio.server.rtmp(), &studio.source.stream_key).await?;
    assert!(matches!(answer, Answer::Refused { .. }), "the old key got {answer:?}");
    let publisher = Publisher::start(&studio.server.publish_url(&new_key), &Encoding::default())?;
    studio.account.live(&studio.source, GOES_LIVE).await?;
    publisher.stop().await
}

#[tokio::test]
async fn ending_a_stream_by_the_api_sends_the_publisher_away() -> Result<()> {
    let studio = Studio::open().await?;
    let mut publisher = studio.publish_live(&Encoding::default()).await?;
    let answer = studio.account.end_stream(&studio.source).await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    publisher.thrown_out(Duration::from_secs(5)).await?;
    let again = studio.account.end_stream(&studio.source).await?;
    assert_eq!(again.status, 409, "{}", again.text());
    Ok(())
}

/// Times of both tracks never go back within a connection.
fn expect_one_timeline(connection: &Connection) -> Result<()> {
    for track in [kind::AUDIO, kind::VIDEO] {
        let times: Vec<u32> =
            connection.arrivals.iter().filter(|arrival| arrival.kind == track).map(|a| a.timestamp).collect();
        let backward = times.windows(2).find(|pair| pair[1] < pair[0]);
        ensure!(backward.is_none(), "track {track} goes back: {backward:?}");
    }
    Ok(())
}
