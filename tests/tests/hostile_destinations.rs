//! Destinations that misbehave, and destinations that point where they must not.

use std::time::Duration;

use neustream_tests::kit::counter::Count;
use neustream_tests::kit::publisher::Encoding;
use neustream_tests::kit::rtmp::destination::{Behaviour, RtmpDestination};
use neustream_tests::kit::rtmp::faulty::{BlackHole, Reply};
use neustream_tests::kit::server::Settings;
use neustream_tests::kit::studio::Studio;
use neustream_tests::kit::{Result, ensure};
use serde_json::json;

const CLOSING: Duration = Duration::from_secs(20);

/// The time within which a cause must be shown.
const SHOWN: Duration = Duration::from_secs(5);

#[tokio::test]
async fn hostile_replies_show_as_a_reason_and_cost_the_neighbour_no_frame() -> Result<()> {
    let mut studio = Studio::open().await?;
    let healthy = RtmpDestination::start(Behaviour::default()).await?;
    let at_healthy = studio.destination(&healthy.url(), "key").await?;
    let replies = [
        (Reply::Silence, "timed-out"),
        (Reply::Garbage, "protocol-error"),
        (Reply::Oversized, "protocol-error"),
        (Reply::DeepAmf, "protocol-error"),
    ];
    let mut hostile = Vec::new();
    for (reply, code) in replies {
        let stand_in = RtmpDestination::start(Behaviour { reply, ..Behaviour::default() }).await?;
        let id = studio.destination(&stand_in.url(), "key").await?;
        hostile.push((Some(stand_in), id, format!("{reply:?}"), code));
    }
    let black_hole = BlackHole::new().await?;
    let id = studio.destination(&black_hole.url()?, "key").await?;
    hostile.push((None, id, "a black hole".to_owned(), "timed-out"));
    let publisher = studio.publish_live(&Encoding::seconds(15)).await?;
    for (_, id, reply, code) in &hostile {
        let what = format!("the cause of {reply} is shown");
        let is_shown = |stream: &neustream_tests::kit::api::Stream| {
            let destination = stream.destination(id).ok();
            destination.and_then(|found| found.reason.as_ref()).is_some_and(|reason| reason.code == *code)
        };
        studio.account.stream_is(&studio.source, SHOWN, &what, is_shown).await?;
    }
    let begin = studio.server.resident_bytes()?;
    studio.all_live(&[&at_healthy]).await?;
    publisher.finish(CLOSING).await?;
    healthy.sees(CLOSING, "the end", |connections| connections[0].closed).await?;
    Count::of(&healthy.recording(0)).await?.expect_whole("the healthy destination")?;
    let grown = studio.server.resident_bytes()?.saturating_sub(begin) / 1024;
    assert!(grown <= 8 * 1024, "the process grew by {grown} KiB");
    studio.server.expect_serving().await
}

#[tokio::test]
async fn a_destination_that_echoes_the_key_does_not_get_it_into_api_or_log() -> Result<()> {
    const KEY: &str = "live_884422_VerySecretEchoedKey";
    let studio = Studio::open().await?;
    let echoing =
        RtmpDestination::start(Behaviour { reply: Reply::EchoesKey, ..Behaviour::default() }).await?;
    let id = studio.destination(&echoing.url(), KEY).await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    let (_, _) = studio
        .account
        .stream_is(&studio.source, SHOWN, "the refusal is shown", |stream| {
            let destination = stream.destination(&id).ok();
            destination
                .and_then(|found| found.reason.as_ref())
                .is_some_and(|reason| reason.code == "rejected")
        })
        .await?;
    let told = studio.account.send("GET", "/api/streams/info", None).await?.text();
    assert!(!told.contains(KEY), "the API tells the key: {told}");
    publisher.stop().await?;
    let line = studio.server.log().into_iter().find(|line| line.contains(KEY));
    assert_eq!(line, None, "the log holds the key");
    Ok(())
}

#[tokio::test]
async fn private_addresses_are_refused_by_default_in_every_spelling() -> Result<()> {
    let trap = RtmpDestination::start(Behaviour::default()).await?;
    let port = trap.address().port();
    let hosts = [
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "0x7f.1",
        "2130706433",
        "0177.0.0.1",
        "localhost",
        "LOCALHOST.",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "0.0.0.0",
        "[::]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "198.18.0.1",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "224.0.0.1",
        "255.255.255.255",
        // A name that the resolver leads to loopback, as a rebinding attacker's does.
        "ingest.example.com",
    ];
    let settings = Settings::new()?
        .without("NEUSTREAM_ALLOW_PRIVATE_NETWORKS")
        .with("NEUSTREAM_OUTBOUND_RESOLVE", format!("ingest.example.com:{port}={}", trap.address()));
    let studio = Studio::open_with(settings).await?;
    let mut created = Vec::new();
    for host in hosts {
        let body = json!({
            "plugin": "neustream/custom-rtmp",
            "config": { "rtmp_url": format!("rtmp://{host}:{port}/live") },
            "secrets": { "stream-key": "key" },
        });
        let path = format!("/api/sources/{}/destinations", studio.source.id);
        let answer = studio.account.send("POST", &path, Some(&body)).await?;
        match answer.status {
            200..300 => {
                let id = answer.json()?["destination"]["id"].as_str().unwrap_or_default().to_owned();
                created.push((host, id));
            }
            400..500 => {}
            _ => panic!("{host}: {} {}", answer.status, answer.text()),
        }
    }
    let publisher = studio.publish_live(&Encoding::default()).await?;
    for (host, id) in &created {
        let (destination, _) = studio.account.destination_is(&studio.source, id, "failed", CLOSING).await?;
        let reason = destination.reason.map(|reason| reason.code).unwrap_or_default();
        let is_named =
            ["address-refused", "host-denied", "host-invalid", "url-invalid"].contains(&reason.as_str());
        ensure!(is_named, "{host} failed with {reason}");
    }
    publisher.stop().await?;
    assert!(trap.connections().is_empty(), "the server connected to loopback");
    Ok(())
}

#[tokio::test]
async fn metadata_addresses_are_refused_even_where_private_networks_are_allowed() -> Result<()> {
    let studio = Studio::open().await?;
    let mut created = Vec::new();
    for host in ["169.254.169.254", "[fd00:ec2::254]"] {
        let body = json!({
            "plugin": "neustream/custom-rtmp",
            "config": { "rtmp_url": format!("rtmp://{host}/live") },
            "secrets": { "stream-key": "key" },
        });
        let path = format!("/api/sources/{}/destinations", studio.source.id);
        let answer = studio.account.send("POST", &path, Some(&body)).await?;
        if (200..300).contains(&answer.status) {
            created.push(answer.json()?["destination"]["id"].as_str().unwrap_or_default().to_owned());
        }
    }
    let publisher = studio.publish_live(&Encoding::default()).await?;
    for id in &created {
        studio.account.destination_is(&studio.source, id, "failed", CLOSING).await?;
    }
    publisher.stop().await
}
