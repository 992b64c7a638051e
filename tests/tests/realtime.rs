//! Events, as the documents' Socket.IO clients receive them.

use std::time::Duration;

use neustream_tests::kit::browser::Script;
use neustream_tests::kit::port::connections_to;
use neustream_tests::kit::publisher::Encoding;
use neustream_tests::kit::rtmp::client::RtmpClient;
use neustream_tests::kit::rtmp::destination::{Behaviour, RtmpDestination};
use neustream_tests::kit::studio::Studio;
use neustream_tests::kit::wait::until;
use neustream_tests::kit::{Result, ensure};
use serde_json::{Value, json};

const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_client_that_joined_a_stream_is_told_of_everything() -> Result<()> {
    let studio = Studio::open().await?;
    let stand_in = RtmpDestination::start(Behaviour::default()).await?;
    let id = studio.destination(&stand_in.url(), "key").await?;
    let mut client = joined(&studio, &studio.account.token).await?;
    let publisher = studio.publish(&Encoding::default())?;
    client.says_that(LONG, "stream.starting", |said| is_event(said, "stream.starting")).await?;
    client.says_that(LONG, "stream.live", |said| is_event(said, "stream.live")).await?;
    client.says_that(LONG, "stream-status", |said| is_event(said, "stream-status")).await?;
    let is_live =
        |said: &Value| is_event(said, "destination.status") && told(said, "live") && told(said, &id);
    client.says_that(LONG, "that the destination is live", is_live).await?;
    publisher.stop().await?;
    client.says_that(LONG, "stream-ended", |said| is_event(said, "stream-ended")).await?;
    let said = client.said();
    let names: Vec<&str> = said.iter().filter_map(|said| said["event"].as_str()).collect();
    let first = |name: &str| names.iter().position(|known| *known == name);
    // Joining tells the present state, which was offline too: the end is the last one.
    let end = names.iter().rposition(|known| *known == "stream.offline");
    ensure!([first("stream.starting"), first("stream.live"), end].is_sorted(), "events came as {names:?}");
    Ok(())
}

#[tokio::test]
async fn a_stranger_does_not_hear_of_another_customers_destinations() -> Result<()> {
    let studio = Studio::open().await?;
    let stranger = studio.server.account().await?;
    let mut client = joined(&studio, &stranger.token).await?;
    let stand_in = RtmpDestination::start(Behaviour::default()).await?;
    let id = studio.destination(&stand_in.url(), "key").await?;
    let publisher = studio.publish(&Encoding::default())?;
    studio.all_live(&[&id]).await?;
    publisher.stop().await?;
    studio.account.stream_is(&studio.source, LONG, "it is offline", |s| s.state == "offline").await?;
    let heard: Vec<Value> =
        client.said().into_iter().filter(|said| is_event(said, "destination.status")).collect();
    ensure!(heard.is_empty(), "the stranger heard {heard:?}");
    drop(client.finish(Duration::ZERO).await);
    Ok(())
}

#[tokio::test]
async fn a_refused_second_publisher_is_told_of_within_five_seconds() -> Result<()> {
    let studio = Studio::open().await?;
    let mut client = joined(&studio, &studio.account.token).await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    let (_thief, _) = RtmpClient::publishing(studio.server.rtmp(), &studio.source.stream_key).await?;
    let is_told = |said: &Value| is_event(said, "stream.error") && told(said, "second-publisher");
    client.says_that(Duration::from_secs(5), "stream.error", is_told).await?;
    publisher.stop().await
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_a_customer_gets_five_connections() -> Result<()> {
    let studio = Studio::open().await?;
    let argument = json!(studio.source.id).to_string();
    let mut stranger = Script::start("socket", &[&studio.server.base_url(), "nonsense", &argument])?;
    stranger.says("refused", LONG).await?;
    let mut clients = Vec::new();
    for _ in 0..5 {
        clients.push(joined(&studio, &studio.account.token).await?);
    }
    let mut sixth = Script::start("socket", &[&studio.server.base_url(), &studio.account.token, &argument])?;
    sixth.says("refused", LONG).await?;
    Ok(())
}

#[tokio::test]
async fn a_half_open_client_is_reaped_within_45_seconds() -> Result<()> {
    let studio = Studio::open().await?;
    let port = studio.server.http().port();
    let client = joined(&studio, &studio.account.token).await?;
    // The client's own kernel keeps the socket open and acknowledges: only silence gives it away.
    client.freeze()?;
    until(LONG, "every other connection is over", || async { Ok((connections_to(port) == 1).then_some(())) })
        .await?;
    let ((), took) = until(Duration::from_secs(45), "the frozen client's socket is closed", || async {
        Ok((connections_to(port) == 0).then_some(()))
    })
    .await?;
    eprintln!("figure: a half-open Socket.IO client is reaped after {took:?}");
    Ok(())
}

async fn joined(studio: &Studio, token: &str) -> Result<Script> {
    let argument = json!(studio.source.id).to_string();
    let mut client = Script::start("socket", &[&studio.server.base_url(), token, &argument])?;
    client.says("joined", LONG).await?;
    Ok(client)
}

fn is_event(said: &Value, name: &str) -> bool {
    said["event"] == name
}

fn told(said: &Value, text: &str) -> bool {
    said["body"].to_string().contains(text)
}
