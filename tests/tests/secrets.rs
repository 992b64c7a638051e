//! Secrets leave no trace: not in the log, not in the files, not in the API.

use std::time::Duration;

use neustream_tests::kit::api::{Account, PASSWORD};
use neustream_tests::kit::publisher::Encoding;
use neustream_tests::kit::rtmp::client::RtmpClient;
use neustream_tests::kit::rtmp::destination::{Behaviour, RtmpDestination};
use neustream_tests::kit::rtmp::faulty::refusing_url;
use neustream_tests::kit::server::Settings;
use neustream_tests::kit::studio::Studio;
use neustream_tests::kit::tls::found_in_files;
use neustream_tests::kit::{Result, ensure};

const KEY: &str = "live_9871_NeverToBeSeenAgain";
const REFUSED_KEY: &str = "live_9872_NeitherIsThisOne";

#[tokio::test]
async fn after_a_run_no_key_token_or_password_is_in_log_files_or_api() -> Result<()> {
    let studio = Studio::open_with(Settings::new()?.with("NEUSTREAM_LOG", "trace")).await?;
    let stand_in = RtmpDestination::start(Behaviour::default()).await?;
    let id = studio.destination(&stand_in.url(), KEY).await?;
    studio.destination(&refusing_url()?, REFUSED_KEY).await?;
    let again = Account::log_in(studio.server.http(), &studio.account.email).await?;
    let publisher = studio.publish(&Encoding::default())?;
    studio.all_live(&[&id]).await?;
    // A second publisher, a wrong key, and a rotation leave lines too.
    RtmpClient::publishing(studio.server.rtmp(), &studio.source.stream_key).await?;
    let rotated = studio.account.rotate_key(&studio.source).await?;
    publisher.vanish().await?;
    RtmpClient::publishing(studio.server.rtmp(), &studio.source.stream_key).await?;
    stand_in.sees(Duration::from_secs(20), "the key itself", |c| c.first()?.key().map(|_| ())).await?;

    let secrets = [
        KEY,
        REFUSED_KEY,
        PASSWORD,
        &studio.source.stream_key,
        &rotated,
        &studio.account.token,
        &again.token,
        // The random parts alone.
        &studio.source.stream_key[studio.source.stream_key.len() - 64..],
        &rotated[rotated.len() - 64..],
    ];
    for line in studio.server.log() {
        let found = secrets.iter().find(|secret| line.contains(**secret));
        ensure!(found.is_none(), "the log holds {found:?}: {line}");
    }
    let found = found_in_files(&studio.server.data_dir(), &secrets)?;
    ensure!(found.is_none(), "the data folder holds {found:?}");
    let paths = [
        "/api/streams/info".to_owned(),
        "/api/sources".to_owned(),
        format!("/api/sources/{}/destinations", studio.source.id),
        "/api/auth/profile".to_owned(),
        "/metrics".to_owned(),
    ];
    for path in paths {
        let told = studio.account.send("GET", &path, None).await?.text();
        let found = secrets.iter().find(|secret| told.contains(**secret));
        ensure!(found.is_none(), "{path} tells {found:?}");
    }
    Ok(())
}
