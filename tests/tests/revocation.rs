//! What an operator or a tenant stops, stops: in the middle of a stream, within five seconds, and nothing else.

use std::time::Duration;

use neustream_tests::kit::publisher::{Encoding, Publisher};
use neustream_tests::kit::rtmp::destination::{Behaviour, RtmpDestination};
use neustream_tests::kit::server::{Server, Settings};
use neustream_tests::kit::studio::GOES_LIVE;
use neustream_tests::kit::{Context, Result, api};
use serde_json::json;

/// The time within which a decision reaches what runs.
const REACHES: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_suspended_plugin_stops_in_the_middle_of_a_stream_and_a_reinstated_one_goes_on() -> Result<()> {
    let mut server = Settings::new()?.start().await?;
    let admin = administrator(&mut server).await?;
    let (source, receiver) =
        (admin.source("Stopped").await?, RtmpDestination::start(Behaviour::default()).await?);
    let id = admin.custom(&source, &receiver.url(), "key").await?;
    let publisher = Publisher::start(&server.publish_url(&source.stream_key), &Encoding::default())?;
    admin.destination_is(&source, &id, "live", GOES_LIVE).await?;

    let plugin = admin.ask("GET", "/api/plugins/neustream/custom-rtmp", None).await?;
    let digest = plugin["plugin"]["digest"].as_str().context("a digest")?.to_owned();
    let decide = async |decision: &str| {
        let path = format!("/api/admin/plugins/{digest}/{decision}");
        admin.ask("POST", &path, Some(&json!({ "reason": "It leaks." }))).await
    };
    decide("suspend").await?;
    let (stopped, _) = admin.destination_is(&source, &id, "failed", REACHES).await?;
    let reason = stopped.reason.context("a reason")?;
    assert_eq!(reason.code, "plugin-suspended");
    decide("reinstate").await?;
    admin.destination_is(&source, &id, "live", GOES_LIVE).await?;
    publisher.stop().await
}

#[tokio::test]
async fn an_installation_that_its_tenant_switches_off_stops_alone() -> Result<()> {
    let server = Server::start().await?;
    let account = server.account().await?;
    let source = account.source("Half stopped").await?;
    let receiver = RtmpDestination::start(Behaviour::default()).await?;
    let stays = account.custom(&source, &receiver.url(), "key").await?;
    let second = json!({ "plugin": "neustream/custom-rtmp", "grant": ["push-config:/rtmp_url", "secret-push:stream-key"] });
    let second = account.ask("POST", "/api/installations", Some(&second)).await?;
    let installation = second["installation"]["id"].as_str().context("an installation")?.to_owned();
    let body = json!({ "installation_id": installation,
        "config": { "rtmp_url": receiver.url() }, "secrets": { "stream-key": "other" } });
    let stops = account.destination(&source, &body).await?;
    let publisher = Publisher::start(&server.publish_url(&source.stream_key), &Encoding::default())?;
    for id in [&stays, &stops] {
        account.destination_is(&source, id, "live", GOES_LIVE).await?;
    }
    account.ask("POST", &format!("/api/installations/{installation}/disable"), None).await?;
    account.destination_is(&source, &stops, "failed", REACHES).await?;
    assert_eq!(account.stream(&source).await?.destination(&stays)?.state, "live");
    publisher.stop().await
}

/// The account that the set-up link makes.
async fn administrator(server: &mut Server) -> Result<api::Account> {
    let link = server.set_up_link().context("a set-up link")?;
    let token = link.rsplit('=').next().context("a token")?;
    let body = json!({ "token": token, "email": "root@example.com", "password": api::PASSWORD,
        "display_name": "Root" });
    api::post(server.http(), "/api/auth/setup", &body).await?.json()?;
    api::Account::log_in(server.http(), "root@example.com").await
}
