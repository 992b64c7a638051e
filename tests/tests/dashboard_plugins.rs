//! Plugins in the dashboard: installed with open eyes, and got rid of in the middle of a show.

use std::time::Duration;

use neustream_hostile::{section, with_section};
use neustream_tests::kit::api::{Account, PASSWORD};
use neustream_tests::kit::author::{Author, built, republished};
use neustream_tests::kit::browser::Script;
use neustream_tests::kit::counter::Count;
use neustream_tests::kit::publisher::Encoding;
use neustream_tests::kit::rtmp::destination::{Behaviour, RtmpDestination};
use neustream_tests::kit::server::Settings;
use neustream_tests::kit::stand_in::Platforms;
use neustream_tests::kit::studio::Studio;
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_mins(1);
const CLOSING: Duration = Duration::from_secs(30);
const KEY: &str = "sk_us-west-2_AbCdEfGh";
const RELAY: &str = "studio/relay";
/// The gallery of hostile plugins reads its deed from the title of the broadcast.
const DEED: &str = "panic on purpose";

#[tokio::test]
async fn a_plugin_is_installed_from_the_catalogue_to_its_green_light() -> Result<()> {
    let mut platforms = Platforms::new()?;
    let kick = platforms.rtmps("fa723fc1b171.global-contribute.live-video.net", KEY).await?;
    let studio = Studio::open_with(platforms.lead(Settings::new()?)).await?;
    let base = studio.server.base_url();
    let mut page =
        Script::start("plugin-install", &[&base, &studio.account.email, PASSWORD, "Main stream", KEY])?;
    let said = page.says("sheet", SOON).await?;
    let sheet = said["sheet"].as_str().unwrap_or_default();
    ensure!(sheet.contains("global-contribute.live-video.net"), "the sheet names no host: {sheet}");
    page.says("isReady", SOON).await?;
    page.says("added", SOON).await?;
    let publisher = studio.publish(&Encoding::default())?;
    page.says("isGreen", SOON).await?;
    page.finish(SOON).await?;
    page.expect_no_problem()?;
    kick.sees(CLOSING, "pictures", |seen| (seen.first()?.arrivals.len() > 30).then_some(())).await?;
    publisher.stop().await
}

#[tokio::test]
async fn a_plugin_that_traps_is_switched_off_and_rolled_back_while_the_show_goes_on() -> Result<()> {
    let studio = Studio::open_source(Settings::new()?, json!({ "name": DEED })).await?;
    let good = RtmpDestination::start(Behaviour::default()).await?;
    let relayed = RtmpDestination::start(Behaviour::default()).await?;
    let at_good = studio.destination(&good.url(), "key").await?;
    let author = Author::register(&studio.account, "studio").await?;
    for (number, package) in [("1.0.0", "destinations/custom-rtmp"), ("1.1.0", "hostile/gallery")] {
        author.publish(&version(number, &built(package)?)?).await?;
    }
    let installation = install_and_upgrade(&studio.account).await?;
    let body = json!({
        "installation_id": installation,
        "name": "Own relay",
        "config": { "rtmp_url": relayed.url() },
        "secrets": { "stream-key": "key" },
    });
    studio.account.destination(&studio.source, &body).await?;

    let base = studio.server.base_url();
    let arguments = [&base, &studio.account.email, PASSWORD, &installation, &studio.source.id, "Own relay"];
    let mut page = Script::start("trapping-plugin", &arguments)?;
    page.says("ready", SOON).await?;
    let publisher = studio.publish(&Encoding::default())?;
    for step in ["trapped", "isOff", "isBack", "isLive"] {
        page.says(step, SOON).await?;
    }
    page.finish(SOON).await?;
    page.expect_no_problem()?;
    relayed.sees(CLOSING, "pictures", |seen| (seen.first()?.arrivals.len() > 30).then_some(())).await?;
    studio.all_live(&[&at_good]).await?;
    publisher.stop().await?;
    good.sees(CLOSING, "the end", |seen| seen[0].closed).await?;
    ensure!(good.connections().len() == 1, "the show was interrupted elsewhere");
    Count::of(&good.recording(0)).await?.expect_whole("the destination beside a plugin that traps")
}

/// The package as a version of one plugin, whose destinations all take the settings of the first.
fn version(number: &str, package: &[u8]) -> Result<Vec<u8>> {
    const CONFIG_SCHEMA: &str = "neustream:config-schema";
    let first = built("destinations/custom-rtmp")?;
    let schema = section(&first, CONFIG_SCHEMA).context("a schema")?;
    let made = republished(package, |manifest| {
        manifest["id"] = json!(RELAY);
        manifest["name"] = json!("Relay");
        manifest["version"] = json!(number);
        manifest["config"] = json!({ "schema": "config.schema.json" });
    })?;
    Ok(if section(&made, CONFIG_SCHEMA).is_some() {
        made
    } else {
        with_section(&made, CONFIG_SCHEMA, schema)
    })
}

/// Installs the first version and upgrades to the second, as somebody does who trusts its publisher.
async fn install_and_upgrade(account: &Account) -> Result<String> {
    let body = json!({
        "plugin": RELAY,
        "version": "1.0.0",
        "grant": keys(account, "1.0.0").await?,
        "auto_upgrade": false,
    });
    let answer = account.ask("POST", "/api/installations", Some(&body)).await?;
    let id = answer["installation"]["id"].as_str().with_context(|| format!("an id in {answer}"))?.to_owned();
    let body = json!({ "version": "1.1.0", "grant": keys(account, "1.1.0").await?, "force": true });
    account.ask("POST", &format!("/api/installations/{id}/upgrade"), Some(&body)).await?;
    Ok(id)
}

/// All keys of a version's permission sheet.
async fn keys(account: &Account, version: &str) -> Result<Vec<Value>> {
    let shown = account.ask("GET", &format!("/api/plugins/{RELAY}/versions/{version}"), None).await?;
    let lines = shown["plugin"]["permissions"].as_array().into_iter().flatten();
    Ok(lines.flat_map(|line| line["keys"].as_array().cloned().unwrap_or_default()).collect())
}
