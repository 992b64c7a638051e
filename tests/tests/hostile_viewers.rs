//! Hostile HTTP: paths, bodies and questions that no viewer asks.

use std::time::{Duration, Instant};

use neustream_tests::kit::api::post;
use neustream_tests::kit::publisher::Encoding;
use neustream_tests::kit::server::Server;
use neustream_tests::kit::studio::{GOES_LIVE, Studio};
use neustream_tests::kit::wait::within;
use neustream_tests::kit::{Context, Result, ensure, hls, http};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn thousands_of_hostile_paths_lead_nowhere() -> Result<()> {
    let mut studio = Studio::open().await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    hls::media(&studio, 1, GOES_LIVE).await?;
    // What must not come out: the password file, the host's own files, a database.
    let spoils: [&[u8]; 4] = [b"root:x:0", b"SQLite format 3", b"[workspace]", b"PRIVATE KEY"];
    let paths = hostile_paths(&studio.source.playback_id);
    ensure!(paths.len() >= 2_000, "{} paths", paths.len());
    for path in &paths {
        let request =
            [b"GET ", path.as_slice(), b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"].concat();
        let shown = String::from_utf8_lossy(path).into_owned();
        let answer = http::raw(studio.server.http(), &request).await.with_context(|| shown.clone())?;
        ensure!((300..500).contains(&answer.status) || is_page(&answer), "{shown}: {}", answer.status);
        for spoil in spoils {
            ensure!(!answer.body.windows(spoil.len()).any(|window| window == spoil), "{shown} leads out");
        }
    }
    studio.server.expect_serving().await?;
    publisher.stop().await
}

/// The dashboard answers unknown paths with its page; that is no file from outside.
fn is_page(answer: &http::Answer) -> bool {
    answer.status == 200 && answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"))
}

fn hostile_paths(playback_id: &str) -> Vec<Vec<u8>> {
    let ups: [&[u8]; 14] = [
        b"../",
        b"..%2f",
        b"%2e%2e/",
        b"%2e%2e%2f",
        b"..%252f",
        b"%252e%252e%252f",
        b"..\\",
        b"..%5c",
        b"..%c0%af",
        b"..%ef%bc%8f",
        b"....//",
        b"..;/",
        b"..%00/",
        b".%2e/",
    ];
    let goals: [&[u8]; 10] = [
        b"etc/passwd",
        b"proc/self/environ",
        b"proc/self/cmdline",
        b"data/neustream.db",
        b"Cargo.toml",
        b"etc/passwd%00.m4s",
        b"etc/passwd%00index.m3u8",
        b"etc%2fpasswd",
        b"etc/passwd?x=index.m3u8",
        b"%00",
    ];
    let live = format!("/hls/{playback_id}/");
    let roots = ["/", "/hls/", &live, "/watch/", "/assets/", "/api/plugins/"];
    let mut paths = Vec::new();
    for root in roots {
        for up in ups {
            for goal in goals {
                for depth in [1, 4, 12] {
                    paths.push([root.as_bytes(), &up.repeat(depth), goal].concat());
                }
            }
        }
    }
    let names = [
        "seg-99999999999999999999.m4s",
        "seg--1.m4s",
        "seg-0x1.m4s",
        "part-1.m4s",
        "part-1-2-3.m4s",
        "init-.mp4",
        "SEG-1.M4S",
        "seg-1.m4s%00",
        "seg-1.m4s/",
        "seg-1.m4s/..",
        "index.m3u8.",
        "index.m3u8%20",
        "%69ndex.m3u8%00",
        "init-18446744073709551616.mp4",
        "seg-1.mp4",
        "part-1-99999999999.m4s",
        "seg-01.m4s",
        "seg-+1.m4s",
    ];
    paths.extend(names.map(|name| format!("{live}{name}").into_bytes()));
    paths.push(format!("{live}{}", "a".repeat(4_000)).into_bytes());
    paths.push(format!("/hls/{}/index.m3u8", "a".repeat(4_000)).into_bytes());
    paths
}

#[tokio::test]
async fn questions_beyond_the_playlist_are_answered_at_once_or_refused() -> Result<()> {
    let studio = Studio::open().await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    let multivariant = hls::multivariant(&studio, GOES_LIVE).await?;
    let media = hls::uris(&multivariant).pop().context("a variant")?;
    hls::media(&studio, 2, GOES_LIVE).await?;
    let queries = [
        "_HLS_msn=99999999",
        "_HLS_msn=18446744073709551615&_HLS_part=18446744073709551615",
        "_HLS_msn=-1",
        "_HLS_msn=x",
        "_HLS_part=3",
        "_HLS_msn=1&_HLS_msn=2",
        "_HLS_msn=",
        "_HLS_msn=1e9",
        "_HLS_skip=maybe",
        "_HLS_msn=1&_HLS_part=99999999",
    ];
    for query in queries {
        let asked = Instant::now();
        let path = format!("/hls/{}/{media}?{query}", studio.source.playback_id);
        let answer = http::get(studio.server.http(), &path).await?;
        ensure!([200, 400].contains(&answer.status), "{query}: {}", answer.status);
        ensure!(asked.elapsed() < Duration::from_secs(2), "{query} waited {:?}", asked.elapsed());
    }
    publisher.stop().await
}

#[tokio::test]
async fn a_thousand_blocked_playlist_requests_do_not_hold_the_stream() -> Result<()> {
    let studio = Studio::open().await?;
    let publisher = studio.publish_live(&Encoding::default()).await?;
    let playlist = hls::media(&studio, 2, GOES_LIVE).await?;
    let media = hls::uris(&hls::multivariant(&studio, GOES_LIVE).await?).pop().context("a variant")?;
    let sequence: u64 = playlist
        .lines()
        .find_map(|line| line.strip_prefix("#EXT-X-MEDIA-SEQUENCE:")?.trim().parse().ok())
        .context("a media sequence")?;
    let next = sequence + hls::segment_lengths(&playlist).len() as u64 + 1;
    let path = format!("/hls/{}/{media}?_HLS_msn={next}", studio.source.playback_id);
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..1_000 {
        let (path, http) = (path.clone(), studio.server.http());
        waiting.spawn(async move { http::get(http, &path).await });
    }
    let answers =
        within(Duration::from_secs(10), "all are answered", async { Ok(waiting.join_all().await) }).await?;
    for answer in answers {
        let answer = answer?;
        ensure!(answer.status == 200, "{}: {}", answer.status, answer.text());
    }
    publisher.stop().await
}

#[tokio::test]
async fn bombs_and_slow_bodies_are_refused() -> Result<()> {
    let mut server = Server::start().await?;
    let address = server.http();
    let before = server.resident_bytes()?;
    let headers = [("content-type", "application/json")];
    let deep = "[".repeat(200_000);
    let large = format!("{{\"email\":\"{}\"}}", "a".repeat(20 << 20));
    let gzipped = [("content-type", "application/json"), ("content-encoding", "gzip")];
    for (what, headers, body) in [
        ("a deeply nested body", &headers[..], deep.as_bytes()),
        ("a body of 20 MB", &headers[..], large.as_bytes()),
        ("a compressed body", &gzipped[..], &[0x1F, 0x8B, 8, 0, 0, 0, 0, 0]),
        ("no JSON", &headers[..], b"\xFF\xFE"),
    ] {
        // A server may also close while the body is still being sent.
        if let Ok(answer) = http::send(address, "POST", "/api/auth/login", headers, Some(body)).await {
            ensure!((400..500).contains(&answer.status), "{what}: {} {}", answer.status, answer.text());
        }
    }
    let grown = server.resident_bytes()?.saturating_sub(before) >> 20;
    assert!(grown <= 32, "the process grew by {grown} MiB");

    // A body that never comes is given up.
    let mut socket = TcpStream::connect(address).await?;
    let head = "POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    socket.write_all(head.as_bytes()).await?;
    let mut answer = Vec::new();
    within(Duration::from_secs(40), "the slow body is given up", async {
        socket.read_to_end(&mut answer).await.ok();
        Ok(())
    })
    .await?;
    server.expect_serving().await
}

#[tokio::test]
async fn a_slow_request_head_is_given_up() -> Result<()> {
    let mut server = Server::start().await?;
    let mut socket = TcpStream::connect(server.http()).await?;
    socket.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").await?;
    let mut answer = Vec::new();
    within(Duration::from_secs(40), "the unfinished head is given up", async {
        socket.read_to_end(&mut answer).await.ok();
        Ok(())
    })
    .await?;
    server.expect_serving().await
}

#[tokio::test]
async fn failed_logins_are_limited() -> Result<()> {
    let server = Server::start().await?;
    let account = server.account().await?;
    let mut statuses = Vec::new();
    for attempt in 0..12 {
        let body = json!({ "email": account.email, "password": format!("wrong password {attempt}") });
        statuses.push(post(server.http(), "/api/auth/login", &body).await?.status);
    }
    ensure!(statuses.starts_with(&[401]), "{statuses:?}");
    ensure!(statuses.ends_with(&[429]), "{statuses:?}");
    Ok(())
}
