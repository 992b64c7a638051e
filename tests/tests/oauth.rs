//! Accounts that are connected by consent, end to end: the real binary, strict providers and strict APIs of platforms.

use std::time::Duration;

use neustream_tests::kit::api::{Account, PASSWORD, Stream, post};
use neustream_tests::kit::http::{self, Answer};
use neustream_tests::kit::oauth::{
    Decision, HttpsSite, Provider, ProviderRules, Registration, TwitchApi, YouTubeApi,
};
use neustream_tests::kit::publisher::Encoding;
use neustream_tests::kit::rtmp::destination::RtmpDestination;
use neustream_tests::kit::server::{Server, Settings};
use neustream_tests::kit::stand_in::{Platforms, twitch_ingest};
use neustream_tests::kit::studio::Studio;
use neustream_tests::kit::tls::found_in_files;
use neustream_tests::kit::wait::until;
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(20);
const CLIENT_SECRET: &str = "GOCSPX-the-hosts-own-secret";
const TWITCH_KEY: &str = "live_44322889_a34ub37c8ajv98a0";

/// Google and YouTube.
struct YouTube {
    google: HttpsSite<Provider>,
    api: HttpsSite<YouTubeApi>,
    ingest: RtmpDestination,
    platforms: Platforms,
}

impl YouTube {
    async fn new() -> Result<Self> {
        let mut platforms = Platforms::new()?;
        let google = platforms.https(Provider::new(ProviderRules::google())).await?;
        let api = platforms.https(YouTubeApi::new((*google.site).clone())).await?;
        let ingest = platforms.rtmps("a.rtmps.youtube.com", "key-of-stream-001").await?;
        Ok(Self { google, api, ingest, platforms })
    }

    fn status(&self) -> Option<String> {
        self.api.site.channel().broadcasts.last().map(|event| event.status.clone())
    }
}

/// Twitch: its provider, its API, one ingest.
struct Twitch {
    id: HttpsSite<Provider>,
    api: HttpsSite<TwitchApi>,
    ingest: RtmpDestination,
    platforms: Platforms,
    _list: neustream_tests::kit::stand_in::HttpsStandIn,
}

impl Twitch {
    async fn new() -> Result<Self> {
        let mut platforms = Platforms::new()?;
        let id = platforms.https(Provider::new(ProviderRules::twitch())).await?;
        let api = platforms.https(TwitchApi::new((*id.site).clone())).await?;
        let ingest = platforms.rtmp("live-fra.twitch.tv", TWITCH_KEY).await?;
        let list = json!({ "ingests": [twitch_ingest(24, "live-fra.twitch.tv", true, 1)] });
        let list = platforms.twitch_ingests(list).await?;
        Ok(Self { id, api, ingest, platforms, _list: list })
    }
}

/// The owner of the host.
async fn owner(server: &mut Server) -> Result<Account> {
    let link = server.set_up_link().context("a set-up link on the first start")?;
    let token = link.split_once("token=").context("a token in the link")?.1;
    let body = json!({ "token": token, "email": "owner@example.com", "password": PASSWORD, "display_name": "Owner" });
    let answer = post(server.http(), "/api/auth/setup", &body).await?;
    ensure!(answer.status < 300, "{} {}", answer.status, answer.text());
    Account::log_in(server.http(), "owner@example.com").await
}

/// Tells the host its client, and the provider where it may send people back to.
async fn register(account: &Account, path: &str, plugin: &str, provider: &Provider) -> Result<()> {
    let body = json!({ "client_id": "the-client", "client_secret": CLIENT_SECRET });
    let answer = account.ask("PUT", &format!("{path}/{plugin}/account"), Some(&body)).await?;
    ensure!(!answer.to_string().contains(CLIENT_SECRET), "{answer}");
    let client = &answer["clients"][0];
    provider.register(Registration {
        client_id: "the-client".to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        redirect_uris: vec![client["redirect_uri"].as_str().context("a redirect address")?.to_owned()],
    });
    Ok(())
}

/// The only installation of the account.
async fn installation(account: &Account) -> Result<String> {
    let answer = account.ask("GET", "/api/installations", None).await?;
    let id = answer["installations"][0]["id"].as_str();
    Ok(id.with_context(|| format!("an installation in {answer}"))?.to_owned())
}

/// Where somebody is sent, and the cookie that their browser keeps.
async fn begin(account: &Account, installation: &str) -> Result<(String, String)> {
    let path = format!("/api/installations/{installation}/secrets/account/authorize");
    let answer = account.send("POST", &path, Some(&json!({ "return_to": "/plugins" }))).await?;
    ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
    let cookie = answer.header("set-cookie").context("a cookie")?;
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/api/oauth/callback"] {
        ensure!(cookie.contains(attribute), "{cookie}");
    }
    let pair = cookie.split(';').next().unwrap_or_default().to_owned();
    let url = answer.json()?["authorize_url"].as_str().context("an address")?.to_owned();
    Ok((url, pair))
}

/// The browser comes back to this host with these cookies.
async fn come_back(server: &Server, back: &str, cookie: &str) -> Result<Answer> {
    let path = back.strip_prefix(&server.base_url()).with_context(|| format!("{back} is not this host"))?;
    http::send(server.http(), "GET", path, &[("cookie", cookie)], None).await
}

/// A person connects an account.
async fn connect(server: &Server, account: &Account, provider: &Provider) -> Result<()> {
    let installation = installation(account).await?;
    let (url, cookie) = begin(account, &installation).await?;
    let back = provider.consent(&url, Decision::Allow)?;
    let answer = come_back(server, &back, &cookie).await?;
    let location = answer.header("location").unwrap_or_default();
    ensure!(answer.status == 303, "{} {}", answer.status, answer.text());
    ensure!(location.starts_with("/plugins?oauth=connected&"), "{location}");
    Ok(())
}

async fn state_of(account: &Account) -> Result<Value> {
    let path = format!("/api/installations/{}/connections", installation(account).await?);
    Ok(account.ask("GET", &path, None).await?["connections"][0]["state"].clone())
}

/// A destination without a pasted key.
async fn destination(studio: &Studio, plugin: &str) -> Result<String> {
    studio.account.destination(&studio.source, &json!({ "plugin": plugin })).await
}

/// No file and no log line holds what a provider gave or what the host proves itself with.
fn tells_no_secret(server: &Server, provider: &Provider) -> Result<()> {
    let secrets = provider.secrets();
    ensure!(secrets.len() > 3, "the search is for something");
    let texts: Vec<&str> = secrets.iter().map(String::as_str).collect();
    if let Some((file, text)) = found_in_files(&server.data_dir(), &texts)? {
        neustream_tests::kit::bail!("{text} is in {}", file.display());
    }
    let log = server.log().join("\n");
    for text in texts {
        ensure!(!log.contains(text), "{text} was logged");
    }
    Ok(())
}

#[tokio::test]
async fn a_connected_youtube_account_has_its_event_made_taken_live_retitled_and_ended() -> Result<()> {
    let youtube = YouTube::new().await?;
    let mut studio = Studio::open_with(youtube.platforms.lead(Settings::new()?)).await?;
    let owner = owner(&mut studio.server).await?;
    register(&owner, "/api/admin/oauth-clients", "neustream/youtube", &youtube.google.site).await?;
    let id = destination(&studio, "neustream/youtube").await?;
    assert_eq!(state_of(&studio.account).await?, "not-connected");
    connect(&studio.server, &studio.account, &youtube.google.site).await?;
    assert_eq!(state_of(&studio.account).await?, "connected");

    let publisher = studio.publish_live(&Encoding::default()).await?;
    studio.all_live(&[&id]).await?;
    youtube.ingest.sees(SOON, "pictures", |c| (c.first()?.arrivals.len() > 30).then_some(())).await?;
    {
        let mut channel = youtube.api.site.channel();
        assert_eq!(channel.broadcasts.len(), 1);
        assert_eq!(channel.broadcasts[0].snippet["title"], "Main stream");
        assert_eq!(channel.broadcasts[0].status, "ready");
        channel.streams[0].is_active = true;
        channel.broadcasts[0].viewers = Some(3);
    }
    let is_live = || async { Ok((youtube.status().as_deref() == Some("live")).then_some(())) };
    until(Duration::from_secs(45), "the event goes live", is_live).await?;

    let shown = || async {
        let answer = studio.account.ask("GET", "/api/streams/info", None).await?;
        let destination = &answer["streams"][0]["destinations"][0];
        let is_shown = destination["platform_live"] == true && destination["platform_viewers"] == 3;
        Ok(is_shown.then_some(()))
    };
    until(Duration::from_secs(45), "viewers are shown", shown).await?;

    let path = format!("/api/streams/{}/settings", studio.source.id);
    let answer = studio.account.ask("PUT", &path, Some(&json!({ "title": "Second act" }))).await?;
    assert_eq!(answer["destinations"][0]["is_changed"], true, "{answer}");
    assert_eq!(youtube.api.site.channel().broadcasts[0].snippet["title"], "Second act");

    studio.account.end_stream(&studio.source).await?;
    let is_over = || async { Ok((youtube.status().as_deref() == Some("complete")).then_some(())) };
    until(SOON, "the event is over", is_over).await?;
    publisher.stop().await.ok();
    assert_eq!(youtube.api.site.channel().broadcasts.len(), 1);
    tells_no_secret(&studio.server, &youtube.google.site)
}

#[tokio::test]
async fn twitch_gives_the_key_takes_the_title_and_a_token_that_ends_early_is_renewed_unseen() -> Result<()> {
    let twitch = Twitch::new().await?;
    let studio = Studio::open_with(twitch.platforms.lead(Settings::new()?)).await?;
    // The tenant's own client: the operator has none.
    let id = destination(&studio, "neustream/twitch").await?;
    register(&studio.account, "/api/oauth-clients", "neustream/twitch", &twitch.id.site).await?;
    connect(&studio.server, &studio.account, &twitch.id.site).await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    studio.all_live(&[&id]).await?;
    twitch.ingest.sees(SOON, "pictures", |c| (c.first()?.arrivals.len() > 30).then_some(())).await?;
    assert_eq!(twitch.api.site.channel().title, "Main stream");

    twitch.id.site.expire_access_tokens();
    let path = format!("/api/streams/{}/settings", studio.source.id);
    let answer = studio.account.ask("PUT", &path, Some(&json!({ "title": "Second act" }))).await?;
    assert_eq!(answer["destinations"][0]["is_changed"], true, "{answer}");
    assert_eq!(twitch.api.site.channel().title, "Second act");
    let refreshes = twitch.id.site.token_requests().iter().filter(|what| *what == "refresh_token").count();
    assert_eq!(refreshes, 1);
    let (stream, _) = studio.account.destination_is(&studio.source, &id, "live", SOON).await?;
    assert_eq!(stream.reconnects, 0, "nobody noticed");
    publisher.stop().await?;
    tells_no_secret(&studio.server, &twitch.id.site)
}

#[tokio::test]
async fn a_withdrawn_consent_is_shown_at_the_destination_and_connecting_again_heals_it() -> Result<()> {
    let twitch = Twitch::new().await?;
    let studio = Studio::open_with(twitch.platforms.lead(Settings::new()?)).await?;
    let id = destination(&studio, "neustream/twitch").await?;
    register(&studio.account, "/api/oauth-clients", "neustream/twitch", &twitch.id.site).await?;
    connect(&studio.server, &studio.account, &twitch.id.site).await?;
    twitch.id.site.withdraw();

    let publisher = studio.publish_live(&Encoding::default()).await?;
    let is_shown = |stream: &Stream| {
        let reason = stream.destination(&id).ok().and_then(|found| found.reason.as_ref());
        reason.is_some_and(|reason| matches!(reason.code.as_str(), "oauth-consent-needed" | "unauthorized"))
    };
    studio.account.stream_is(&studio.source, SOON, "the withdrawn consent is shown", is_shown).await?;
    publisher.stop().await?;
    assert_eq!(state_of(&studio.account).await?, "consent-needed");

    connect(&studio.server, &studio.account, &twitch.id.site).await?;
    assert_eq!(state_of(&studio.account).await?, "connected");
    studio.account.stream_is(&studio.source, SOON * 4, "offline", |stream| stream.state == "offline").await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    studio.all_live(&[&id]).await?;
    publisher.stop().await
}

#[tokio::test]
async fn a_link_that_somebody_else_opens_connects_nothing() -> Result<()> {
    let twitch = Twitch::new().await?;
    let studio = Studio::open_with(twitch.platforms.lead(Settings::new()?)).await?;
    destination(&studio, "neustream/twitch").await?;
    register(&studio.account, "/api/oauth-clients", "neustream/twitch", &twitch.id.site).await?;
    let installation = installation(&studio.account).await?;
    for (cookie, address, expected) in [
        ("", "", "/?oauth=failed&code=oauth-state-foreign"),
        ("neustream-oauth-0000000000000000=x", "", "/?oauth=failed&code=oauth-state-foreign"),
        ("own", "/neustream/youtube/account", "/?oauth=failed&code=oauth-state-foreign"),
    ] {
        let (url, own) = begin(&studio.account, &installation).await?;
        let back = twitch.id.site.consent(&url, Decision::Allow)?;
        let back = if address.is_empty() { back } else { back.replace("/neustream/twitch/account", address) };
        let cookie = if cookie == "own" { own } else { cookie.to_owned() };
        let answer = come_back(&studio.server, &back, &cookie).await?;
        assert_eq!(answer.header("location"), Some(expected));
        // And the state is used up: the right browser is too late.
        let (_, own) = begin(&studio.account, &installation).await?;
        let answer = come_back(&studio.server, &back, &own).await?;
        assert_eq!(answer.header("location"), Some("/?oauth=failed&code=oauth-state-unknown"));
    }
    let (url, cookie) = begin(&studio.account, &installation).await?;
    let back = twitch.id.site.consent(&url, Decision::Deny)?;
    let answer = come_back(&studio.server, &back, &cookie).await?;
    let location = answer.header("location").unwrap_or_default();
    ensure!(location.starts_with("/plugins?oauth=failed&code=oauth-denied&"), "{location}");
    ensure!(twitch.id.site.token_requests().is_empty(), "{:?}", twitch.id.site.token_requests());
    assert_eq!(state_of(&studio.account).await?, "not-connected");
    Ok(())
}

#[tokio::test]
async fn disconnecting_gives_the_tokens_up_and_an_account_of_one_tenant_is_nobody_elses() -> Result<()> {
    let twitch = Twitch::new().await?;
    let studio = Studio::open_with(twitch.platforms.lead(Settings::new()?)).await?;
    destination(&studio, "neustream/twitch").await?;
    register(&studio.account, "/api/oauth-clients", "neustream/twitch", &twitch.id.site).await?;
    connect(&studio.server, &studio.account, &twitch.id.site).await?;
    let installation = installation(&studio.account).await?;
    let path = format!("/api/installations/{installation}/secrets/account");
    let test =
        studio.account.ask("POST", &format!("/api/installations/{installation}/self-test"), None).await?;
    let secrets = test["checks"].as_array().into_iter().flatten().find(|check| check["name"] == "secrets");
    assert_eq!(
        secrets.context("a look at the secrets")?["message"],
        "2 set",
        "the token and its client's id: {test}"
    );

    let other = studio.server.account().await?;
    for (method, path) in [("DELETE", path.clone()), ("POST", format!("{path}/authorize"))] {
        let answer = other.send(method, &path, None).await?;
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text());
    }
    assert_eq!(other.ask("GET", "/api/oauth-clients", None).await?["clients"], json!([]));
    assert_eq!(state_of(&studio.account).await?, "connected");

    let answer = studio.account.send("DELETE", &path, None).await?;
    ensure!(answer.status < 300, "{} {}", answer.status, answer.text());
    assert_eq!(state_of(&studio.account).await?, "not-connected");
    ensure!(twitch.id.site.token_requests().iter().any(|what| what == "revoke"), "nothing was given up");
    Ok(())
}
