//! What the dashboard shows when something goes wrong in the middle of a stream.

use std::time::{Duration, Instant};

use neustream_tests::kit::api::PASSWORD;
use neustream_tests::kit::browser::Script;
use neustream_tests::kit::port::given_back;
use neustream_tests::kit::publisher::{Encoding, Publisher};
use neustream_tests::kit::rtmp::destination::{Behaviour, RtmpDestination};
use neustream_tests::kit::studio::{GOES_LIVE, Studio};
use neustream_tests::kit::wait::until;
use neustream_tests::kit::{Result, ensure};
use serde_json::json;

const SOON: Duration = Duration::from_mins(1);
/// The time within which a cause must be shown.
const CAUSE_IS_SHOWN: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_broken_key_shows_its_reason_while_the_other_platform_stays_green() -> Result<()> {
    let studio = Studio::open().await?;
    let good = RtmpDestination::start(Behaviour::default()).await?;
    let only_key = Some("the-new-key".to_owned());
    let strict = RtmpDestination::start(Behaviour { only_key, ..Behaviour::default() }).await?;
    for (name, receiver) in [("Main platform", &good), ("Second platform", &strict)] {
        let body = json!({
            "plugin": "neustream/custom-rtmp",
            "name": name,
            "config": { "rtmp_url": receiver.url() },
            "secrets": { "stream-key": "the-old-key" },
        });
        studio.account.destination(&studio.source, &body).await?;
    }
    let base = studio.server.base_url();
    let arguments = [&base, &studio.account.email, PASSWORD, "Main platform", "Second platform"];
    let mut page = Script::start("broken-key", &arguments)?;
    page.says("ready", SOON).await?;
    let publisher = studio.publish(&Encoding::default())?;
    let is_accepted = || async {
        let stream = studio.account.stream(&studio.source).await?;
        Ok((stream.state != "offline").then(Instant::now))
    };
    let (accepted, _) = until(GOES_LIVE, "the encoder is accepted", is_accepted).await?;
    let said = page.says("refused", SOON).await?;
    let took = accepted.elapsed();
    eprintln!("figure: the page shows a broken key {took:?} after the encoder was accepted");
    ensure!(took <= CAUSE_IS_SHOWN, "the reason came after {took:?}: {said}");
    page.says("stillGreen", SOON).await?;
    let said = page.says("leadsTo", SOON).await?;
    let place = format!("/sources/{}", studio.source.id);
    ensure!(said["leadsTo"].as_str().is_some_and(|path| path.starts_with(&place)), "{said}");
    page.finish(SOON).await?;
    page.expect_no_problem()?;
    ensure!(good.connections().len() == 1, "the good platform was connected to again");
    publisher.stop().await
}

#[tokio::test]
async fn a_server_that_is_killed_is_said_to_be_gone_and_the_page_goes_on_by_itself() -> Result<()> {
    let studio = Studio::open().await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    let base = studio.server.base_url();
    let mut page = Script::start("lost-connection", &[&base, &studio.account.email, PASSWORD])?;
    page.says("ready", SOON).await?;

    let Studio { server, source, .. } = studio;
    let place = server.same_place();
    let ports = [server.http().port(), server.rtmp().port()];
    drop(server);
    let said = page.says("lost", SOON).await?;
    eprintln!("figure: {said}");
    publisher.vanish().await?;
    for port in ports {
        given_back(port).await?;
    }
    let server = place.start().await?;
    page.says("back", SOON).await?;
    let publisher = Publisher::start(&server.publish_url(&source.stream_key), &Encoding::default())?;
    let said = page.says("isLive", SOON).await?;
    ensure!(said["isSameDocument"] == true, "the page was loaded anew: {said}");
    page.finish(SOON).await?;
    publisher.stop().await
}
