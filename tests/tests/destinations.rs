//! Destinations that come, go, change and return while the stream is live.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use neustream_tests::kit::api::Stream;
use neustream_tests::kit::counter::Count;
use neustream_tests::kit::publisher::Encoding;
use neustream_tests::kit::rtmp::destination::{Acknowledges, Behaviour, Connection, RtmpDestination};
use neustream_tests::kit::rtmp::kind;
use neustream_tests::kit::studio::{GOES_LIVE, Studio};
use neustream_tests::kit::wait::until;
use neustream_tests::kit::{Result, ensure};
use serde_json::json;

const CLOSING: Duration = Duration::from_secs(20);

#[tokio::test]
async fn publishing_reaches_the_destination_within_a_second() -> Result<()> {
    let mut studio = Studio::open().await?;
    // The very first stream of a new host may wait for the compiler; every later start finds its work done.
    let warm_up = RtmpDestination::start(Behaviour::default()).await?;
    let id = studio.destination(&warm_up.url(), "key").await?;
    let publisher = studio.publish(&Encoding::default())?;
    studio.all_live(&[&id]).await?;
    publisher.stop().await?;
    studio.server = studio.server.kill_and_restart().await?;

    let stand_in = RtmpDestination::start(Behaviour::default()).await?;
    studio.destination(&stand_in.url(), "key").await?;
    let publisher = studio.publish(&Encoding::default())?;
    let accepted = || async {
        let stream = studio.account.stream(&studio.source).await?;
        Ok((stream.state != "offline").then(Instant::now))
    };
    let (accepted, _) = until(GOES_LIVE, "the publisher is accepted", accepted).await?;
    let first = stand_in.sees(GOES_LIVE, "a picture", |seen| first_picture(seen.first()?)).await?;
    let took = first.saturating_duration_since(accepted);
    eprintln!("figure: from the accepted publisher to the first picture at the destination: {took:?}");
    assert!(took <= Duration::from_secs(1), "{took:?}");
    publisher.stop().await
}

#[tokio::test]
async fn destinations_may_come_and_go_while_the_stream_is_live() -> Result<()> {
    let studio = Studio::open().await?;
    let (stays, comes) = (
        RtmpDestination::start(Behaviour::default()).await?,
        RtmpDestination::start(Behaviour::default()).await?,
    );
    let at_stays = studio.destination(&stays.url(), "key").await?;
    let publisher = studio.publish(&Encoding::default())?;
    studio.all_live(&[&at_stays]).await?;

    let at_comes = studio.destination(&comes.url(), "key").await?;
    studio.all_live(&[&at_comes]).await?;
    comes.sees(CLOSING, "media", |seen| (seen.first()?.arrivals.len() > 30).then_some(())).await?;
    let path = format!("/api/sources/destinations/{at_comes}");
    studio.account.ask("PUT", &path, Some(&json!({ "is_active": false }))).await?;
    comes.sees(CLOSING, "a proper end", |seen| ended_properly(seen.first()?)).await?;
    studio.account.ask("PUT", &path, Some(&json!({ "is_active": true }))).await?;
    comes.sees(CLOSING, "a second connection", |seen| first_picture(seen.get(1)?)).await?;
    studio.account.ask("DELETE", &path, None).await?;
    comes.sees(CLOSING, "a second proper end", |seen| ended_properly(seen.get(1)?)).await?;

    publisher.stop().await?;
    stays.sees(CLOSING, "the end", |seen| seen[0].closed).await?;
    assert_eq!(stays.connections().len(), 1, "an untouched destination was connected to again");
    Count::of(&stays.recording(0)).await?.expect_whole("the untouched destination")
}

#[tokio::test]
async fn a_destination_that_was_away_shows_a_picture_soon_after_it_is_back() -> Result<()> {
    let studio = Studio::open().await?;
    let stand_in = RtmpDestination::start(Behaviour::default()).await?;
    let port = stand_in.address().port();
    let id = studio.destination(&stand_in.url(), "key").await?;
    let publisher = studio.publish(&Encoding { keyframe_s: 2, ..Encoding::default() })?;
    studio.all_live(&[&id]).await?;
    drop(stand_in);
    // Attempts follow each other by a second: before the third, it was away for more than two.
    let announced = Mutex::new(HashSet::new());
    let was_tried = |stream: &Stream| {
        let mut announced = announced.lock().unwrap_or_else(PoisonError::into_inner);
        let next = stream.destination(&id).ok().and_then(|shown| shown.next_attempt.clone());
        announced.extend(next);
        announced.len() >= 3
    };
    studio.account.stream_is(&studio.source, CLOSING, "three attempts", was_tried).await?;
    let stand_in = RtmpDestination::start_on(port, Behaviour::default()).await?;
    let back = Instant::now();
    let shown = stand_in.sees(CLOSING, "a picture", |seen| first_picture(seen.first()?)).await?;
    let connected = stand_in.connections()[0].opened;
    let (took, waited) = (shown.saturating_duration_since(back), shown.saturating_duration_since(connected));
    eprintln!(
        "figure: a destination that is back shows a picture after {took:?}, {waited:?} of it connected"
    );
    // Attempts are 1.0 to 1.1 s apart. From the connection on, the cached group of pictures is there at once, unless
    // it is old and the next keyframe is near.
    assert!(waited <= Duration::from_secs(1), "a picture {waited:?} after the connection");
    assert!(took <= Duration::from_millis(2_200), "a picture after {took:?}");
    let connection = &stand_in.connections()[0];
    let first = connection.arrivals.iter().find(|arrival| arrival.kind == kind::VIDEO && !arrival.is_header);
    ensure!(first.is_some_and(|first| first.is_keyframe), "the first picture is no keyframe");
    let (shown, _) = studio.account.destination_is(&studio.source, &id, "live", CLOSING).await?;
    assert_eq!(shown.reconnects, 1, "attempts are no connections");
    publisher.stop().await
}

#[tokio::test]
async fn figures_of_a_destination_are_of_what_it_took() -> Result<()> {
    let studio = Studio::open().await?;
    let stand_in = RtmpDestination::start(Behaviour::default()).await?;
    let id = studio.destination(&stand_in.url(), "key").await?;
    let encoding = Encoding { video_kbps: Some(2_000), ..Encoding::default() };
    let publisher = studio.publish(&encoding)?;
    let is_measured = |stream: &Stream| {
        stream.destination(&id).is_ok_and(|shown| (1_700_000..2_700_000).contains(&shown.bitrate_out_bps))
    };
    studio.account.stream_is(&studio.source, CLOSING, "the bitrate is shown", is_measured).await?;
    let shown = studio.account.stream(&studio.source).await?;
    let shown = shown.destination(&id)?;
    assert_eq!((shown.dropped_frames, shown.reconnects), (0, 0));
    publisher.stop().await
}

#[tokio::test]
async fn receivers_that_acknowledge_in_their_own_way_are_not_held_back() -> Result<()> {
    const LENGTH_S: u64 = 14;
    let ways = [
        Acknowledges::AsAsked,
        Acknowledges::Every(64 << 10),
        Acknowledges::Every(256 << 10),
        Acknowledges::Every(2_500_000),
        Acknowledges::Never,
    ];
    let studio = Studio::open().await?;
    let mut stand_ins = Vec::new();
    for acknowledges in ways {
        let stand_in = RtmpDestination::start(Behaviour { acknowledges, ..Behaviour::default() }).await?;
        let id = studio.destination(&stand_in.url(), "key").await?;
        stand_ins.push((stand_in, id, acknowledges));
    }
    let encoding = Encoding { video_kbps: Some(3_000), ..Encoding::seconds(LENGTH_S) };
    let publisher = studio.publish(&encoding)?;
    for (_, id, _) in &stand_ins {
        studio.all_live(&[id]).await?;
    }
    publisher.finish(CLOSING).await?;
    for (stand_in, _, acknowledges) in &stand_ins {
        stand_in.sees(CLOSING, "the end", |seen| seen[0].closed).await?;
        let connections = stand_in.connections().len();
        ensure!(connections == 1, "{acknowledges:?}: {connections} connections");
        let count = Count::of(&stand_in.recording(0)).await?;
        count.expect_whole(&format!("{acknowledges:?}"))?;
        assert_eq!(u64::from(count.ends()?.1) + 1, LENGTH_S * 30, "{acknowledges:?}");
    }
    Ok(())
}

fn first_picture(connection: &Connection) -> Option<Instant> {
    connection.arrivals.iter().find(|arrival| arrival.kind == kind::VIDEO && !arrival.is_header).map(|a| a.at)
}

fn ended_properly(connection: &Connection) -> Option<()> {
    let names = connection.command_names();
    (connection.closed.is_some() && names.contains(&"FCUnpublish")).then_some(())
}
