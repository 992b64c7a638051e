//! Accounts that are connected by consent in the dashboard, at a platform that is reached under its own name.

use std::time::Duration;

use neustream_tests::kit::api::PASSWORD;
use neustream_tests::kit::browser::Script;
use neustream_tests::kit::oauth::{Provider, ProviderRules, TwitchApi};
use neustream_tests::kit::publisher::Encoding;
use neustream_tests::kit::server::Settings;
use neustream_tests::kit::stand_in::{Platforms, twitch_ingest};
use neustream_tests::kit::studio::Studio;
use neustream_tests::kit::{Result, ensure};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_mins(1);
const CLOSING: Duration = Duration::from_secs(30);
/// What Twitch's API gives; nobody types it.
const KEY: &str = "live_44322889_a34ub37c8ajv98a0";

#[tokio::test]
async fn an_account_is_connected_by_consent_and_again_after_it_was_withdrawn() -> Result<()> {
    let mut platforms = Platforms::new()?;
    let id = platforms.https(Provider::new(ProviderRules::twitch())).await?;
    let _api = platforms.https(TwitchApi::new((*id.site).clone())).await?;
    let ingest = platforms.rtmp("live-fra.twitch.tv", KEY).await?;
    let ingests = json!({ "ingests": [twitch_ingest(24, "live-fra.twitch.tv", true, 1)] });
    let _list = platforms.twitch_ingests(ingests).await?;
    let studio = Studio::open_with(platforms.lead(Settings::new()?)).await?;

    let base = studio.server.base_url();
    let (console, flags) = (id.site.console_url(), platforms.browser_flags());
    let mut arguments = vec![&*base, &*studio.account.email, PASSWORD, &*studio.source.id, &*console];
    arguments.extend(flags.iter().map(String::as_str));
    let mut page = Script::start("connect-account", &arguments)?;
    let said = page.says("isUnknown", SOON).await?;
    let told = said["isUnknown"].as_str().unwrap_or_default();
    ensure!(told.contains("not registered"), "who must do what: {said}");
    let said = page.says("registered", SOON).await?;
    assert_eq!(said["registered"], format!("{base}/api/oauth/callback/neustream/twitch/account"));
    for (act, why) in [("isRefused", "does not accept the registration"), ("denied", "You did not agree")] {
        let said = page.says(act, SOON).await?;
        ensure!(
            said[act].as_str().is_some_and(|told| told.contains(why)),
            "why it was not connected: {said}"
        );
        holds_what_was_filled_in(&said)?;
    }
    ensure!(id.site.token_requests().is_empty(), "nothing was agreed to: {:?}", id.site.token_requests());
    let said = page.says("connected", SOON).await?;
    ensure!(said["connected"] == true, "the account is not chosen: {said}");
    holds_what_was_filled_in(&said)?;

    page.says("added", SOON).await?;
    let publisher = studio.publish(&Encoding::default())?;
    page.says("isGreen", SOON).await?;
    ingest.sees(CLOSING, "pictures", |seen| (seen.first()?.arrivals.len() > 30).then_some(())).await?;

    studio.account.end_stream(&studio.source).await?;
    publisher.stop().await.ok();
    studio.account.stream_is(&studio.source, SOON, "offline", |stream| stream.state == "offline").await?;
    id.site.withdraw();
    let publisher = studio.publish(&Encoding::default())?;
    page.says("isWithdrawn", SOON).await?;
    page.says("isHealed", SOON).await?;
    page.finish(SOON).await?;
    page.expect_no_problem()?;
    ingest.sees(CLOSING, "pictures anew", |seen| (seen.get(1)?.arrivals.len() > 30).then_some(())).await?;
    publisher.stop().await
}

/// Going to the platform and back cost nothing of the form.
fn holds_what_was_filled_in(said: &Value) -> Result<()> {
    ensure!(
        said["name"] == "Main channel" && said["ingest"] == "Ingest 24",
        "the form lost something: {said}"
    );
    Ok(())
}
