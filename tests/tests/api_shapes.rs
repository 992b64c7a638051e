//! The API's shapes, as the documents' clients rely on them.

use std::time::Duration;

use neustream_tests::kit::api::{PASSWORD, post};
use neustream_tests::kit::http;
use neustream_tests::kit::publisher::Encoding;
use neustream_tests::kit::server::{Server, Settings};
use neustream_tests::kit::studio::Studio;
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::{Value, json};

#[tokio::test]
async fn a_source_lives_from_creation_to_deletion() -> Result<()> {
    let server = Server::start().await?;
    let account = server.account().await?;
    let created = account.ask("POST", "/api/sources", Some(&json!({ "name": "Gaming" }))).await?;
    let source = &created["source"];
    for field in ["id", "name", "stream_key", "playback_id"] {
        ensure!(source[field].is_string(), "no {field} in {created}");
    }
    assert_eq!(source["is_active"], false);
    let id = source["id"].as_str().context("an id")?;
    let key = source["stream_key"].as_str().context("a key")?;
    ensure!(key.starts_with("sk_") && key.rsplit('_').next().is_some_and(|part| part.len() == 64), "{key}");

    let listed = account.ask("GET", "/api/sources", None).await?;
    let sources = listed["sources"].as_array().context("sources")?;
    assert_eq!(sources.len(), 1);
    ensure!(!listed.to_string().contains(key), "the key is shown twice: {listed}");
    let path = format!("/api/sources/{id}");
    let renamed = account.ask("PUT", &path, Some(&json!({ "name": "Talk" }))).await?;
    assert_eq!(renamed["source"]["name"], "Talk");
    account.ask("DELETE", &path, None).await?;
    let gone = account.send("DELETE", &path, None).await?;
    assert_eq!(gone.status, 404);
    expect_error_shape(&gone.json()?)
}

#[tokio::test]
async fn a_destination_lives_from_creation_to_deletion() -> Result<()> {
    let studio = Studio::open().await?;
    let body = json!({ "platform": "youtube", "rtmp_url": "rtmps://a.rtmps.youtube.com:443/live2", "stream_key": "k" });
    let id = studio.account.destination(&studio.source, &body).await?;
    let path = format!("/api/sources/{}/destinations", studio.source.id);
    let listed = studio.account.ask("GET", &path, None).await?;
    let destination = &listed["destinations"][0];
    assert_eq!(destination["id"], id.as_str());
    assert_eq!(destination["plugin"], "neustream/youtube");
    assert_eq!(destination["platform"], "youtube");
    assert_eq!(destination["is_active"], true);
    let one = format!("/api/sources/destinations/{id}");
    let changed = studio.account.ask("PUT", &one, Some(&json!({ "is_active": false }))).await?;
    assert_eq!(changed["destination"]["is_active"], false);
    studio.account.ask("DELETE", &one, None).await?;
    let listed = studio.account.ask("GET", &path, None).await?;
    assert_eq!(listed["destinations"], json!([]));
    Ok(())
}

#[tokio::test]
async fn errors_have_one_shape() -> Result<()> {
    let studio = Studio::open().await?;
    let address = studio.server.http();
    let account = &studio.account;
    let path = format!("/api/sources/{}/destinations", studio.source.id);
    let wrong_config =
        json!({ "plugin": "neustream/custom-rtmp", "config": { "rtmp_url": 7 }, "secrets": {} });
    let unknown_plugin = json!({ "plugin": "nobody/nothing", "config": {}, "secrets": {} });
    let answers = [
        (401, http::get(address, "/api/sources").await?),
        (401, account.with_token("nonsense").send("GET", "/api/sources", None).await?),
        (404, account.send("GET", "/api/nothing-here", None).await?),
        (404, account.send("DELETE", "/api/sources/00000000-0000-7000-8000-000000000000", None).await?),
        (405, account.send("PATCH", "/api/sources", None).await?),
        (422, account.send("POST", &path, Some(&wrong_config)).await?),
        (422, account.send("POST", &path, Some(&unknown_plugin)).await?),
        (422, account.send("POST", "/api/sources", Some(&json!({ "name": 7 }))).await?),
        (400, post_text(&studio, "/api/auth/login", b"{").await?),
        (
            401,
            post(address, "/api/auth/login", &json!({ "email": account.email, "password": "wrong" })).await?,
        ),
        (
            409,
            post(
                address,
                "/api/auth/register",
                &json!({ "email": account.email, "password": PASSWORD, "display_name": "Again" }),
            )
            .await?,
        ),
    ];
    for (status, answer) in answers {
        let text = answer.text();
        ensure!(
            answer.status == status || (status == 422 && answer.status == 400),
            "{} for {status}: {text}",
            answer.status
        );
        expect_error_shape(&answer.json()?).with_context(|| text)?;
    }
    Ok(())
}

/// Parameters of paths that name nobody's data, with something that could stand there.
const PARAMETERS: [(&str, &str); 14] = [
    ("{namespace}", "neustream"),
    ("{name}", "twitch"),
    ("{version}", "0.1.0"),
    ("{digest}", "sha256:0000000000000000000000000000000000000000000000000000000000000000"),
    ("{decision}", "revoke"),
    ("{plan}", "free"),
    ("{secret}", "account"),
    ("{message}", "m-1"),
    ("{key}", "nsc-0199f3a0c1d27b4e8f00112233445566"),
    ("{connection}", "chat"),
    ("{playback_id}", "nobody"),
    ("{provider}", "google"),
    ("{userId}", "0199f3a0-c1d2-7b4e-8f00-112233445566"),
    ("{tokenId}", "0199f3a0-c1d2-7b4e-8f00-112233445566"),
];

#[tokio::test]
async fn every_route_that_is_described_refuses_strangers() -> Result<()> {
    // Far more routes than a stranger's address may ask in a quarter of an hour.
    let settings = Settings::new()?.with("NEUSTREAM_RATE_LIMIT_ANONYMOUS", "off");
    let studio = Studio::open_with(settings).await?;
    let destination = studio.destination("rtmp://127.0.0.1:1/live", "key").await?;
    let stranger = studio.server.account().await?;
    let description = http::get(studio.server.http(), "/api/openapi.json").await?.json()?;
    let source = studio.source.id.as_str();
    let installations = studio.account.send("GET", "/api/installations", None).await?.json()?;
    let installation =
        installations["installations"][0]["id"].as_str().context("an installation")?.to_owned();
    let mut asked = Vec::new();
    for (path, methods) in description["paths"].as_object().context("paths")? {
        for (method, operation) in methods.as_object().context("methods")? {
            // `{}` among the schemes means that nobody need sign in.
            let schemes = operation["security"].as_array().map(Vec::as_slice).unwrap_or_default();
            let is_guarded = !schemes.is_empty() && schemes.iter().all(|scheme| scheme != &json!({}));
            if !is_guarded {
                continue;
            }
            let (method, route) = (method.to_uppercase(), format!("{method} {path}"));
            let id = match path {
                _ if path.contains("/destinations/{") => destination.as_str(),
                _ if path.starts_with("/api/installations/") => installation.as_str(),
                _ => source,
            };
            let mut real = path.replace("{id}", id).replace("{sourceId}", source);
            for (parameter, value) in PARAMETERS {
                real = real.replace(parameter, value);
            }
            ensure!(!real.contains('{'), "{route} has a parameter that this matrix does not know");
            let body = (method != "GET" && method != "DELETE").then(|| match path.as_str() {
                "/api/sources/{id}/playback-tokens" => json!({}),
                _ => json!({ "platform": "custom", "name": "x", "title": "x",
                    "rtmp_url": "rtmp://127.0.0.1/live", "stream_key": "k" }),
            });

            let anonymous = stranger.with_token("");
            let answer = anonymous.send(&method, &real, body.as_ref()).await?;
            assert_eq!(answer.status, 401, "{route} without a token: {}", answer.text());
            expect_error_shape(&answer.json()?)?;
            // What is personal may end the stranger's own sign-in; the matrix of the API's tests asks that.
            if path.starts_with("/api/auth/") {
                continue;
            }
            let answer = stranger.send(&method, &real, body.as_ref()).await?;
            if path.starts_with("/api/admin/") {
                assert_eq!(answer.status, 403, "{route} by a tenant: {}", answer.text());
                expect_error_shape(&answer.json()?)?;
            } else if real.contains(source) || real.contains(&destination) || real.contains(&installation) {
                // 422 where the body is not one of this route; with the right one it is 404 (tests of the API).
                let has_body_of_its_own =
                    !["/api/sources", "/api/streams"].iter().any(|own| path.starts_with(own));
                let is_refused = answer.status == 404 || (has_body_of_its_own && answer.status == 422);
                ensure!(is_refused, "{route} by a stranger: {} {}", answer.status, answer.text());
                expect_error_shape(&answer.json()?)?;
            } else {
                let told = answer.text();
                ensure!(
                    ![source, &destination, &installation].iter().any(|id| told.contains(id)),
                    "{route} tells a stranger: {told}"
                );
            }
            asked.push(route);
        }
    }
    ensure!(asked.len() >= 14, "only {asked:?} are guarded");
    let stream = studio.account.stream(&studio.source).await?;
    assert_eq!(stream.destinations.len(), 1, "a stranger changed something");
    Ok(())
}

#[tokio::test]
async fn streams_info_tells_how_each_destination_is_doing() -> Result<()> {
    let studio = Studio::open().await?;
    let id = studio.destination("rtmp://127.0.0.1:1/live", "key").await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    studio.account.destination_is(&studio.source, &id, "retrying", Duration::from_secs(10)).await?;
    let told = studio.account.ask("GET", "/api/streams/info", None).await?;
    let stream = &told["streams"][0];
    assert_eq!(stream["is_active"], true);
    let destination = &stream["destinations"][0];
    for field in
        ["state", "reason", "since", "next_attempt", "bitrate_out_bps", "dropped_frames", "reconnects"]
    {
        ensure!(destination.get(field).is_some(), "no {field} in {destination}");
    }
    ensure!(destination["reason"]["code"] == "refused", "{destination}");
    publisher.stop().await
}

#[tokio::test]
async fn only_the_operator_sees_every_active_stream() -> Result<()> {
    let studio = Studio::open().await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    let stranger = studio.server.account().await?;
    let answer = stranger.send("GET", "/api/streams/active", None).await?;
    // A customer is refused, or sees the own streams only.
    ensure!(answer.status == 403 || !answer.text().contains(&studio.source.id), "{}", answer.text());
    publisher.stop().await
}

#[tokio::test]
async fn a_refresh_token_works_once() -> Result<()> {
    let server = Server::start().await?;
    let account = server.account().await?;
    let body = json!({ "email": account.email, "password": PASSWORD });
    let login = post(server.http(), "/api/auth/login", &body).await?;
    let cookie = login.header("set-cookie").context("a refresh cookie")?;
    ensure!(cookie.to_lowercase().contains("httponly"), "{cookie}");
    let pair = cookie.split(';').next().unwrap_or_default().to_owned();
    let headers = [("cookie", pair.as_str())];
    let refresh = || http::send(server.http(), "POST", "/api/auth/refresh", &headers, Some(b""));
    let first = refresh().await?;
    assert_eq!(first.status, 200, "{}", first.text());
    ensure!(first.json()?["token"].is_string());
    let second = refresh().await?;
    assert_eq!(second.status, 401, "{}", second.text());
    Ok(())
}

#[tokio::test]
async fn the_bundled_plugins_are_listed() -> Result<()> {
    let server = Server::start().await?;
    let account = server.account().await?;
    let told = account.ask("GET", "/api/plugins", None).await?;
    let ids: Vec<&str> = told["plugins"]
        .as_array()
        .context("plugins")?
        .iter()
        .filter_map(|plugin| plugin["id"].as_str())
        .collect();
    for name in ["custom-rtmp", "twitch", "youtube", "facebook", "kick"] {
        let id = format!("neustream/{name}");
        ensure!(ids.contains(&id.as_str()), "{id} is not among {ids:?}");
        let one = account.ask("GET", &format!("/api/plugins/{id}"), None).await?;
        ensure!(one.to_string().contains("stream-key"), "{one}");
    }
    Ok(())
}

async fn post_text(studio: &Studio, path: &str, body: &[u8]) -> Result<http::Answer> {
    http::send(studio.server.http(), "POST", path, &[("content-type", "application/json")], Some(body)).await
}

fn expect_error_shape(error: &Value) -> Result<()> {
    ensure!(error["error"].is_string() && error["code"].is_string(), "{error}");
    ensure!(error.get("details").is_some(), "{error}");
    let code = error["code"].as_str().unwrap_or_default();
    ensure!(
        code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'),
        "{code}"
    );
    Ok(())
}
