//! Streams for viewers with a token: who gets in, who does not, and how soon somebody is sent away.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use neustream_tests::kit::api::{Account, Source};
use neustream_tests::kit::browser::Script;
use neustream_tests::kit::postgres::Postgres;
use neustream_tests::kit::probe::Probe;
use neustream_tests::kit::publisher::Encoding;
use neustream_tests::kit::server::Settings;
use neustream_tests::kit::studio::{GOES_LIVE, Studio};
use neustream_tests::kit::wait::until;
use neustream_tests::kit::{Context, Result, ensure, hls, http};
use serde_json::{Value, json};

/// What is revoked must not be answered any longer than this.
const REVOKED_WITHIN: Duration = Duration::from_secs(5);
const LONG: Duration = Duration::from_mins(1);

/// A token and the addresses that come with it.
struct Ticket {
    token: String,
    id: String,
    playback_url: String,
    watch_url: String,
    rtmp_url: String,
}

impl Ticket {
    async fn of(account: &Account, source: &Source, body: Value) -> Result<Self> {
        let path = format!("/api/sources/{}/playback-tokens", source.id);
        let made = account.ask("POST", &path, Some(&body)).await?;
        let text =
            |field: &str| made[field].as_str().map(str::to_owned).with_context(|| format!("no {field}"));
        Ok(Self {
            token: text("token")?,
            id: text("token_id")?,
            playback_url: text("playback_url")?,
            watch_url: text("watch_url")?,
            rtmp_url: text("rtmp_playback_url")?,
        })
    }
}

/// A server with a source that wants tokens.
async fn members_only(settings: Settings, is_encrypted: bool) -> Result<Studio> {
    let source = json!({ "name": "Members", "visibility": "token-only", "is_encrypted": is_encrypted });
    Studio::open_source(settings, source).await
}

/// Every kind of file of a stream's presentation, once it has some.
async fn files(server: SocketAddr, playback_id: &str, token: &str) -> Result<Vec<String>> {
    let media = format!("/hls/{playback_id}/{token}/media.m3u8");
    let (playlist, _) = until(GOES_LIVE, "a playlist with segments", || async {
        let answer = http::get(server, &media).await?;
        Ok((answer.status == 200).then(|| answer.text()).filter(|text| hls::segment_lengths(text).len() >= 2))
    })
    .await?;
    // The hinted part is not there yet: it would be waited for.
    let hint = hls::attribute(playlist.split("#EXT-X-PRELOAD-HINT:").nth(1).unwrap_or_default(), "URI");
    let mut names = vec!["index.m3u8".to_owned(), "media.m3u8".to_owned()];
    names.extend(hls::uris(&playlist).into_iter().filter(|name| Some(name.as_str()) != hint));
    for kind in ["init-", "seg-", "part-"] {
        ensure!(names.iter().any(|name| name.starts_with(kind)), "no {kind} in {playlist}");
    }
    Ok(names)
}

async fn statuses(
    server: SocketAddr,
    playback_id: &str,
    token: &str,
    names: &[String],
) -> Result<Vec<(String, u16)>> {
    let mut statuses = Vec::new();
    for name in names {
        let answer = http::get(server, &format!("/hls/{playback_id}/{token}/{name}")).await?;
        statuses.push((name.clone(), answer.status));
    }
    Ok(statuses)
}

#[tokio::test]
async fn a_revoked_token_opens_neither_playlists_nor_segments_nor_keys_after_five_seconds() -> Result<()> {
    let studio = members_only(Settings::new()?, true).await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    let (server, id) = (studio.server.http(), studio.source.playback_id.as_str());
    let tokens_path = format!("/api/sources/{}/playback-tokens", studio.source.id);

    // One by its id, a viewer's, and all: each leaves the others alone until its turn.
    let kept = Ticket::of(&studio.account, &studio.source, json!({ "viewer_id": "grace" })).await?;
    let one = Ticket::of(&studio.account, &studio.source, json!({ "viewer_id": "ada" })).await?;
    let other = Ticket::of(&studio.account, &studio.source, json!({ "viewer_id": "ada" })).await?;
    for (ticket, revocation) in [
        (&one, format!("{tokens_path}/{}", one.id)),
        (&other, format!("{tokens_path}?viewer_id=ada")),
        (&kept, tokens_path.clone()),
    ] {
        let names = files(server, id, &ticket.token).await?;
        ensure!(names.iter().any(|name| name.starts_with("key-")), "no key in {names:?}");
        let before = statuses(server, id, &ticket.token, &names).await?;
        ensure!(before.iter().all(|(_, status)| *status == 200), "{before:?}");
        studio.account.ask("DELETE", &revocation, None).await?;
        let revoked = Instant::now();
        let names = files_to_refuse(&names);
        until(REVOKED_WITHIN, "every file is refused", || async {
            let now = statuses(server, id, &ticket.token, &names).await?;
            Ok(now.iter().all(|(_, status)| *status == 403).then_some(()))
        })
        .await?;
        eprintln!("figure: revoked after {:.3} s", revoked.elapsed().as_secs_f64());
        let refused = http::get(server, &format!("/hls/{id}/{}/index.m3u8", ticket.token)).await?;
        ensure!(refused.json()?["code"] == "PLAYBACK_TOKEN_REVOKED", "{}", refused.text());
    }
    let later = Ticket::of(&studio.account, &studio.source, json!({ "viewer_id": "ada" })).await?;
    files(server, id, &later.token).await?;
    publisher.stop().await
}

/// Names that stay the same: a playlist names newer segments every second, and old ones leave.
fn files_to_refuse(names: &[String]) -> Vec<String> {
    let newest = |kind: &str| names.iter().rfind(|name| name.starts_with(kind)).cloned();
    let mut kept = vec!["index.m3u8".to_owned(), "media.m3u8".to_owned()];
    kept.extend(["init-", "seg-", "part-", "key-"].into_iter().filter_map(newest));
    kept
}

#[tokio::test]
async fn no_token_but_a_live_one_of_the_same_stream_opens_anything() -> Result<()> {
    let studio = members_only(Settings::new()?, true).await?;
    let second = studio.account.source_with(json!({ "name": "Second", "visibility": "token-only" })).await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    let (server, id) = (studio.server.http(), studio.source.playback_id.as_str());
    let account = &studio.account;
    let good = Ticket::of(account, &studio.source, json!({})).await?;
    let short = Ticket::of(account, &studio.source, json!({ "expires_in_s": 1 })).await?;
    let elsewhere = Ticket::of(account, &studio.source, json!({ "ip_address": "203.0.113.9" })).await?;
    let foreign = Ticket::of(account, &second, json!({})).await?;
    let names = files_to_refuse(&files(server, id, &good.token).await?);
    until(LONG, "the short token has expired", || async {
        let answer = http::get(server, &format!("/hls/{id}/{}/index.m3u8", short.token)).await?;
        Ok((answer.json()?["code"] == "PLAYBACK_TOKEN_EXPIRED").then_some(()))
    })
    .await?;

    let pieces: Vec<&str> = good.token.split('.').collect();
    let foreign_pieces: Vec<&str> = foreign.token.split('.').collect();
    let tokens = [
        short.token.clone(),
        elsewhere.token.clone(),
        foreign.token.clone(),
        studio.account.token.clone(),
        format!("{}.{}.{}", pieces[0], pieces[1], foreign_pieces[2]),
        format!("{}.{}.{}", pieces[0], foreign_pieces[1], pieces[2]),
        format!("{}.{}.AAAA", pieces[0], pieces[1]),
        format!("eyJhbGciOiJub25lIn0.{}.AA", pieces[1]),
        "a.b.c".to_owned(),
    ];
    let mut tried = 0;
    for token in &tokens {
        for name in &names {
            for path in [format!("/hls/{id}/{token}/{name}"), format!("/hls/{id}/{name}?token={token}")] {
                let answer = http::get(server, &path).await?;
                tried += 1;
                // Where a token stands in the query of the entrance, it is moved into the path, and judged there.
                ensure!([403, 307].contains(&answer.status), "{path}: {}", answer.status);
                ensure!(answer.header("cache-control") == Some("no-store"), "{path} may be cached");
            }
        }
    }
    for name in &names {
        let answer = http::get(server, &format!("/hls/{id}/{name}")).await?;
        ensure!(answer.status == 403, "{name} without a token: {}", answer.status);
        ensure!(answer.json()?["code"] == "PLAYBACK_TOKEN_REQUIRED", "{}", answer.text());
    }
    eprintln!("figure: {tried} requests with tokens that do not hold, 0 accepted");
    publisher.stop().await
}

#[tokio::test]
async fn what_is_closed_or_revoked_on_one_process_holds_on_every_other() -> Result<()> {
    let database = Postgres::start().await?;
    let settings = || Ok::<_, anyhow::Error>(Settings::new()?.with("NEUSTREAM_DATABASE_URL", database.url()));
    let studio = Studio::open_with(settings()?).await?;
    // The neighbour has the same database and master key.
    let neighbour = settings()?;
    std::fs::create_dir_all(neighbour.data_dir())?;
    std::fs::copy(studio.server.data_dir().join("master.key"), neighbour.data_dir().join("master.key"))?;
    let neighbour = neighbour.start().await?;
    let there = Account::with(neighbour.http(), &studio.account.email, &studio.account.token);

    let publisher = studio.publish_live(&Encoding::default()).await?;
    let (here, id) = (studio.server.http(), studio.source.playback_id.as_str());
    let open = format!("/hls/{id}/index.m3u8");
    hls::multivariant(&studio, GOES_LIVE).await?;
    let source = format!("/api/sources/{}", studio.source.id);
    there.ask("PUT", &source, Some(&json!({ "visibility": "token-only" }))).await?;
    let ((), closed) = until(REVOKED_WITHIN, "the stream is closed to strangers", || async {
        Ok((http::get(here, &open).await?.status == 403).then_some(()))
    })
    .await?;

    let ticket = Ticket::of(&there, &studio.source, json!({})).await?;
    let names = files_to_refuse(&files(here, id, &ticket.token).await?);
    there.ask("DELETE", &format!("{source}/playback-tokens"), None).await?;
    let ((), revoked) = until(REVOKED_WITHIN, "every file is refused", || async {
        let now = statuses(here, id, &ticket.token, &names).await?;
        Ok(now.iter().all(|(_, status)| *status == 403).then_some(()))
    })
    .await?;
    eprintln!("figure: on the other process closed after {closed:.1?}, revoked after {revoked:.1?}");
    publisher.stop().await
}

#[tokio::test]
async fn ffmpeg_plays_an_encrypted_stream_with_a_token() -> Result<()> {
    let studio = members_only(Settings::new()?, true).await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    let ticket = Ticket::of(&studio.account, &studio.source, json!({})).await?;
    let (server, id) = (studio.server.http(), studio.source.playback_id.as_str());
    let names = files(server, id, &ticket.token).await?;
    let segment = names.iter().find(|name| name.starts_with("seg-")).context("a segment")?;
    let body = http::get(server, &format!("/hls/{id}/{}/{segment}", ticket.token)).await?.body;
    ensure!(body.get(4..8) != Some(b"moof") && body.len() % 16 == 0, "the segment is not encrypted");

    let folder = tempfile::tempdir()?;
    // The entrance with the token in its query leads to the same place.
    let entrance = format!("{}?token={}", studio.playlist_url(), ticket.token);
    for (name, url) in [("path.mp4", &ticket.playback_url), ("query.mp4", &entrance)] {
        let recording = folder.path().join(name);
        let mut viewer = hls::record(&hls::viewer()?, url, 5, &recording)?;
        hls::recorded(&mut viewer, LONG).await?;
        let probe = Probe::of(&recording).await?;
        ensure!(probe.starts_with_keyframe()?, "{name} does not begin with a keyframe");
        probe.expect_no_gap("video", 0.1)?;
        ensure!(probe.decode_times("video")?.len() >= 100, "{name} is too short");
    }
    publisher.stop().await
}

#[tokio::test]
async fn the_page_plays_an_encrypted_stream_across_keys_until_its_token_is_revoked() -> Result<()> {
    let studio = members_only(Settings::new()?, true).await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    let ticket = Ticket::of(&studio.account, &studio.source, json!({})).await?;
    let mut page = Script::start("watch", &[&ticket.watch_url, "90"])?;
    page.says_that(LONG, "a playing picture", plays).await?;
    // Another key takes over every thirty segments, which last a second each.
    let played = |said: &Value| plays(said) && said["sample"]["currentTime"].as_f64() > Some(33.0);
    page.says_that(LONG, "half a minute of pictures", played).await?;
    let said = page.said();
    let mut latency: Vec<f64> = said.iter().filter_map(|said| said["sample"]["latency"].as_f64()).collect();
    latency.sort_by(f64::total_cmp);
    let worst = *latency.get(latency.len() * 9 / 10).context("no pictures")?;
    eprintln!("figure: encrypted, glass to glass: 9 of 10 within {worst:.2} s");
    ensure!(worst <= 3.0, "nine of ten pictures are within {worst:.2} s only");
    let errors: Vec<&Value> = said.iter().filter(|said| said.get("pageError").is_some()).collect();
    ensure!(errors.is_empty(), "the page failed: {errors:?}");

    let tokens = format!("/api/sources/{}/playback-tokens", studio.source.id);
    studio.account.ask("DELETE", &tokens, None).await?;
    let is_refused = |said: &Value| said["sample"]["state"] == "refused";
    page.says_that(Duration::from_secs(20), "that the link does not hold any more", is_refused).await?;
    publisher.stop().await
}

fn plays(said: &Value) -> bool {
    let sample = &said["sample"];
    sample["currentTime"].as_f64().is_some_and(|time| time > 0.0) && sample["latency"].is_number()
}

#[tokio::test]
async fn an_rtmp_player_needs_a_token_and_is_sent_away_when_it_is_revoked() -> Result<()> {
    let studio = members_only(Settings::new()?, false).await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    let folder = tempfile::tempdir()?;
    let without = format!("rtmp://{}/play/{}", studio.server.rtmp(), studio.source.playback_id);
    let mut stranger = hls::record(&hls::viewer()?, &without, 60, &folder.path().join("stranger.flv"))?;
    ensure!(!stranger.exit(LONG).await?.success(), "a player without a token was served");

    let ticket = Ticket::of(&studio.account, &studio.source, json!({})).await?;
    let recording = folder.path().join("viewer.flv");
    let mut viewer = hls::record(&hls::viewer()?, &ticket.rtmp_url, 60, &recording)?;
    until(LONG, "the player has pictures", || async {
        Ok(std::fs::metadata(&recording).is_ok_and(|file| file.len() > 100_000).then_some(()))
    })
    .await?;
    let tokens = format!("/api/sources/{}/playback-tokens", studio.source.id);
    studio.account.ask("DELETE", &tokens, None).await?;
    viewer.exit(REVOKED_WITHIN).await?;
    publisher.stop().await
}

#[tokio::test]
async fn a_socket_follows_a_stream_as_long_as_its_token_holds() -> Result<()> {
    let studio = members_only(Settings::new()?, false).await?;
    let stranger = studio.server.account().await?;
    let ticket = Ticket::of(&studio.account, &studio.source, json!({})).await?;
    let join = |argument: Value| {
        let argument = argument.to_string();
        Script::start("socket", &[&studio.server.base_url(), &stranger.token, &argument])
    };
    let mut without = join(json!({ "playbackId": studio.source.playback_id }))?;
    let refused = without.says("joined", LONG).await?;
    ensure!(refused["joined"]["code"] == "PLAYBACK_TOKEN_REQUIRED", "{refused}");

    let mut with = join(json!({ "playbackId": studio.source.playback_id, "token": ticket.token }))?;
    let joined = with.says("joined", LONG).await?;
    ensure!(joined["joined"]["ok"] == true, "{joined}");
    let publisher = studio.publish(&Encoding::default())?;
    with.says_that(LONG, "stream.live", |said| said["event"] == "stream.live").await?;
    let tokens = format!("/api/sources/{}/playback-tokens", studio.source.id);
    studio.account.ask("DELETE", &tokens, None).await?;
    let is_sent_away = |said: &Value| said["body"]["code"] == "PLAYBACK_TOKEN_REVOKED";
    with.says_that(REVOKED_WITHIN, "that the token was revoked", is_sent_away).await?;
    publisher.stop().await?;
    studio.account.stream_is(&studio.source, LONG, "it is offline", |s| s.state == "offline").await?;
    let heard = |script: &mut Script, event: &str| script.said().iter().any(|said| said["event"] == event);
    ensure!(!heard(&mut without, "stream.live"), "a stranger heard that the stream is live");
    ensure!(!heard(&mut with, "stream-ended"), "who was sent away heard the end");
    Ok(())
}
