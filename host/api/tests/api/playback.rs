use axum::body::Body;
use axum::http::{Method, Request, StatusCode, Uri};
use neustream_api::ApiSettings;

use crate::kit::{TestApi, tenant_of, text};

async fn live() -> (TestApi, String) {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.account("ada@example.com").await;
    let source = api.source(&ada).await;
    api.live.run(&source, &tenant_of(&api, &ada), None);
    let playback_id = text(&source["playback_id"]);
    (api, playback_id)
}

#[tokio::test]
async fn files_of_a_presentation_carry_type_caching_and_leave_for_every_page() {
    let (api, id) = live().await;
    let get = |path: String| {
        let request = Request::get(path).header("origin", "https://anywhere.example.com");
        api.send(request.body(Body::empty()).unwrap())
    };
    let playlist = get(format!("/hls/{id}/index.m3u8")).await;
    assert_eq!(playlist.status, StatusCode::OK);
    assert_eq!(playlist.header("content-type"), "application/vnd.apple.mpegurl");
    assert_eq!(playlist.header("cache-control"), "no-cache");
    assert_eq!(playlist.header("access-control-allow-origin"), "*");
    assert_eq!(playlist.text(), "#EXTM3U\n");

    let segment = get(format!("/hls/{id}/seg-1.m4s")).await;
    assert_eq!(segment.header("content-type"), "video/mp4");
    assert_eq!(segment.header("cache-control"), "public, max-age=60");

    let missing = get(format!("/hls/{id}/seg-9.m4s")).await;
    missing.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    assert_eq!(missing.header("access-control-allow-origin"), "*");
    assert_eq!(missing.header("cache-control"), "no-store");
    get(format!("/hls/{id}/late.m3u8")).await.is_error(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE");
    get("/hls/aaaaaaaaaaaaaaaa/index.m3u8".to_owned()).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
}

#[tokio::test]
async fn directives_reach_the_packager_or_are_refused() {
    let (api, id) = live().await;
    let path = format!("/hls/{id}/media.m3u8?_HLS_msn=7&_HLS_part=2&_HLS_skip=YES&session=1");
    assert_eq!(api.ask(None, Method::GET, &path, None).await.status, StatusCode::OK);
    let asked = &api.live.hls_requests()[0];
    assert_eq!((asked.msn, asked.part, asked.skip), (Some(7), Some(2), true));

    for query in ["_HLS_msn=x", "_HLS_part=1", "_HLS_msn=1&_HLS_msn=1", "_HLS_skip=maybe"] {
        let path = format!("/hls/{id}/media.m3u8?{query}");
        let answer = api.ask(None, Method::GET, &path, None).await;
        answer.is_error(StatusCode::BAD_REQUEST, "MALFORMED_REQUEST");
    }
    assert!(api.live.hls_requests().is_empty());
}

#[tokio::test]
async fn thousands_of_hostile_paths_get_nothing_from_outside() {
    let (api, id) = live().await;
    let pieces = [
        "..",
        ".",
        "%2e%2e",
        "%252e%252e",
        "..%2f",
        "..%252f",
        "%2f",
        "%5c..%5c",
        "..\\",
        "%00",
        "%c0%ae%c0%ae",
        "....//",
        "~",
        "etc",
        "etc/passwd",
        "%2fetc%2fpasswd",
        "proc/self/environ",
        ".git/config",
        "index.m3u8",
        "master.key",
        "neustream.db",
    ];
    let prefixes =
        [format!("/hls/{id}/"), format!("/hls/{id}/..%2f"), "/hls/".to_owned(), "/watch/".to_owned()];
    let (mut sent, mut refused) = (0, 0);
    for prefix in &prefixes {
        for first in pieces {
            for second in pieces {
                for third in ["", "/etc/passwd", "%2fmaster.key", "%00.m3u8"] {
                    let path = format!("{prefix}{first}/{second}{third}");
                    // What is no URI at all never gets to a server.
                    let Ok(uri) = path.parse::<Uri>() else { continue };
                    sent += 1;
                    let answer = api.send(Request::get(uri).body(Body::empty()).unwrap()).await;
                    let status = answer.status;
                    assert!(matches!(status.as_u16(), 400 | 404), "{path}: {status}");
                    assert!(answer.json()["code"].is_string(), "{path}");
                    refused += 1;
                }
            }
        }
    }
    assert!(sent > 4000, "{sent} were sent");
    assert_eq!(sent, refused);
    let names: Vec<_> = api.live.hls_requests().into_iter().map(|request| request.name).collect();
    let is_harmless = |name: &String| {
        name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b))
    };
    assert!(names.iter().all(is_harmless), "{names:?}");
}
