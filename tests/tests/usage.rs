//! Streaming time against the real server: warned, ended and refused at the plan's limit; counted through an outage of
//! the database.

use std::time::{Duration, Instant};

use neustream_model::{SessionId, SourceId, TenantId, UnixMillis};
use neustream_store::{BillingCycle, SealingKey, Store, StoreSettings, StreamedSession};
use neustream_tests::kit::api::{Account, Reason};
use neustream_tests::kit::postgres::Postgres;
use neustream_tests::kit::rtmp::client::{Answer, RtmpClient};
use neustream_tests::kit::server::{Server, Settings};
use neustream_tests::kit::studio::Studio;
use neustream_tests::kit::wait::until;
use neustream_tests::kit::{Context, Result, ensure};

const BEAT: Duration = Duration::from_secs(1);
const GRACE: Duration = Duration::from_secs(2);
/// For what comes within some beats, on a busy machine.
const SOON: Duration = Duration::from_secs(20);

fn settings() -> Result<Settings> {
    let settings = Settings::new()?.with("NEUSTREAM_USAGE_INTERVAL_S", BEAT.as_secs().to_string());
    Ok(settings.with("NEUSTREAM_STREAMING_GRACE_S", GRACE.as_secs().to_string()))
}

/// The server's database, as an operator sees it.
async fn database(server: &Server, url: Option<String>) -> Result<Store> {
    let data = server.data_dir();
    let key = SealingKey::load_or_create(&data.join("master.key"))?;
    let settings = match url {
        Some(url) => StoreSettings::by_url(url, key),
        None => StoreSettings::sqlite_in(&data, key),
    };
    Ok(Store::open(settings).await?)
}

async fn organisation(account: &Account) -> Result<TenantId> {
    let profile = account.ask("GET", "/api/auth/profile", None).await?;
    let id = profile["user"]["organisation_id"].as_str();
    Ok(id.with_context(|| format!("an organisation in {profile}"))?.parse()?)
}

#[tokio::test]
async fn a_stream_at_the_limit_of_its_plan_is_warned_and_ended_and_a_new_one_is_refused() -> Result<()> {
    let studio = Studio::open_with(settings()?).await?;
    let (tenant, now) = (organisation(&studio.account).await?, UnixMillis::now());
    let host = database(&studio.server, None).await?.host();
    host.set_plan(tenant, "free", BillingCycle::Monthly, now).await?;
    let before = StreamedSession {
        id: SessionId::new(),
        tenant,
        source: SourceId::new(),
        started_at: now,
        by_day: vec![(now.day(), Duration::from_hours(50).saturating_sub(BEAT * 2))],
    };
    host.record_sessions(&[before], now).await?;

    let key = &studio.source.stream_key;
    let (mut encoder, answer) = RtmpClient::publishing(studio.server.rtmp(), key).await?;
    ensure!(answer == Answer::Accepted, "two seconds are left, but: {answer:?}");
    let accepted = Instant::now();
    let near = |warning: &Reason| warning.code == "streaming-hours-low";
    let is_warned = |stream: &neustream_tests::kit::api::Stream| stream.warnings.iter().any(near);
    studio.account.stream_is(&studio.source, SOON, "a warning", is_warned).await?;
    let over = |warning: &Reason| warning.code == "streaming-hours-used";
    let is_last = |stream: &neustream_tests::kit::api::Stream| stream.warnings.iter().any(over);
    studio.account.stream_is(&studio.source, SOON, "the last warning", is_last).await?;
    encoder.closed(SOON).await?;
    ensure!(accepted.elapsed() >= BEAT * 2 + GRACE, "ended after {:?}: no grace", accepted.elapsed());

    let (_, answer) = RtmpClient::publishing(studio.server.rtmp(), key).await?;
    let Answer::Refused { description, .. } = answer else {
        neustream_tests::kit::bail!("a new stream began: {answer:?}")
    };
    ensure!(description.contains("used up"), "{description}");
    let mine = studio.account.ask("GET", "/api/subscriptions/my-subscription", None).await?;
    let hours = mine["usage"]["streaming_hours_used"].as_f64().context("hours")?;
    ensure!((50.0..50.1).contains(&hours), "{hours} hours");
    // With a larger plan it streams on at once.
    host.set_plan(tenant, "pro", BillingCycle::Monthly, UnixMillis::now()).await?;
    let (_encoder, answer) = RtmpClient::publishing(studio.server.rtmp(), key).await?;
    ensure!(answer == Answer::Accepted, "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn what_is_streamed_while_the_database_is_down_is_counted_when_it_is_back() -> Result<()> {
    let mut postgres = Postgres::start().await?;
    let url = postgres.url();
    let studio = Studio::open_with(settings()?.with("NEUSTREAM_DATABASE_URL", &url)).await?;
    let tenant = organisation(&studio.account).await?;
    let asked = Instant::now();
    let (mut encoder, answer) =
        RtmpClient::publishing(studio.server.rtmp(), &studio.source.stream_key).await?;
    ensure!(answer == Answer::Accepted, "{answer:?}");
    let accepted = Instant::now();
    postgres.go_down().await?;
    let down = Instant::now();
    // Some beats find no database.
    let noticed =
        |log: Vec<String>| log.iter().filter(|line| line.contains("written down later")).count() >= 2;
    until(SOON, "beats without a database", || async { Ok(noticed(studio.server.log()).then_some(())) })
        .await?;
    let outage = down.elapsed();
    postgres.come_back().await?;
    encoder.unpublish().await?;
    encoder.closed(SOON).await?;
    let most = asked.elapsed();
    let least = accepted.elapsed().saturating_sub(BEAT);
    let store = database(&studio.server, Some(url)).await?.tenant(tenant);
    let (counted, _) = until(SOON, "the end of the session in the database", || async {
        let ended = store.recent_sessions(1).await?.first().is_some_and(|session| session.ended_at.is_some());
        let counted = store.usage(UnixMillis::now()).await?.total().this_month;
        Ok(ended.then_some(counted))
    })
    .await?;
    ensure!(counted >= outage, "{counted:?} counted, {outage:?} of it without a database");
    ensure!(counted <= most, "{counted:?} counted of at most {most:?}");
    ensure!(counted + BEAT * 2 >= least, "{counted:?} counted of at least {least:?}");
    Ok(())
}
