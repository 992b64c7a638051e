//! The same first light on PostgreSQL.

use std::time::Duration;

use neustream_tests::kit::counter::Count;
use neustream_tests::kit::postgres::Postgres;
use neustream_tests::kit::publisher::Encoding;
use neustream_tests::kit::receiver::Nginx;
use neustream_tests::kit::server::Settings;
use neustream_tests::kit::studio::Studio;
use neustream_tests::kit::{Result, ensure};

const CLOSING: Duration = Duration::from_secs(20);

#[tokio::test]
async fn first_light_on_postgresql_survives_a_restart_and_tells_no_secret() -> Result<()> {
    const KEY: &str = "live_5566_PostgresKeptSecret";
    let database = Postgres::start().await?;
    let settings = Settings::new()?.with("NEUSTREAM_DATABASE_URL", database.url());
    let mut studio = Studio::open_with(settings).await?;
    let nginx = Nginx::start().await?;
    let id = studio.destination(&nginx.url(), KEY).await?;
    for run in 1..=2 {
        let publisher = studio.publish(&Encoding::seconds(5))?;
        studio.all_live(&[&id]).await?;
        publisher.finish(CLOSING).await?;
        let recordings = nginx.finished(KEY, run, CLOSING).await?;
        Count::of(&recordings[run - 1]).await?.expect_whole("nginx")?;
        if run == 1 {
            studio.server = studio.server.kill_and_restart().await?;
        }
    }
    let dump = database.dump().await?;
    for secret in [KEY, &studio.source.stream_key, &studio.account.token] {
        ensure!(!dump.contains(secret), "the dump holds a secret");
    }
    ensure!(dump.contains(&studio.source.id), "the dump is of another database");
    Ok(())
}

#[tokio::test]
async fn a_database_that_does_not_answer_stops_the_start_with_a_message() -> Result<()> {
    let port = neustream_tests::kit::port::free_port()?;
    let url = format!("postgres://someone:hidden@127.0.0.1:{port}/nothing");
    let (code, said) = Settings::new()?.with("NEUSTREAM_DATABASE_URL", url).run(&["serve"]).await?;
    ensure!(code != Some(0), "it started");
    ensure!(said.contains("database"), "{said}");
    ensure!(!said.contains("hidden"), "the password is in the message: {said}");
    Ok(())
}
