use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use neustream_api::ApiSettings;
use serde_json::{Value, json};

use crate::kit::{Account, Answer, TestApi, tenant_of, text};

async fn get(api: &TestApi, path: &str) -> Answer {
    api.ask(None, Method::GET, path, None).await
}

#[tokio::test]
async fn every_address_of_the_dashboard_is_a_page_with_a_strict_policy() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let paths = [
        "/",
        "/setup?token=x",
        "/login",
        "/sources/019a",
        "/admin/plugins/sha256%3A0f",
        "/admin/plugins/sha256:0f",
        "/watch/aaaaaaaaaaaaaaaa",
        "/embed/aaaaaaaaaaaaaaaa",
    ];
    for path in paths {
        let answer = get(&api, path).await;
        assert!(answer.header("content-type").starts_with("text/html"), "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        let scripts =
            policy.split(';').find(|part| part.trim().starts_with("script-src")).unwrap_or_default();
        assert!(!scripts.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        match answer.status {
            StatusCode::OK => assert!(answer.text().contains("<script"), "{path}"),
            // On a fresh clone the pages are not there yet; then the page says what builds them.
            StatusCode::SERVICE_UNAVAILABLE => assert!(answer.text().contains("cargo xtask run"), "{path}"),
            other => panic!("{path}: {other}"),
        }
    }
}

#[tokio::test]
async fn a_page_that_the_browser_has_is_not_sent_again() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let first = get(&api, "/").await;
    if first.status == StatusCode::SERVICE_UNAVAILABLE {
        assert_eq!(first.header("cache-control"), "no-store");
        return;
    }
    assert_eq!(first.header("cache-control"), "no-cache");
    let etag = first.header("etag").to_owned();
    let again = Request::get("/").header("if-none-match", &etag).body(Body::empty()).unwrap();
    let again = api.send(again).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert!(again.bytes.is_empty());

    // What the page loads carries its digest in its name and is kept for ever.
    let page = first.text();
    let (_, rest) = page.split_once("/assets/").expect("the page loads something");
    let asset = format!("/assets/{}", rest.split('"').next().unwrap());
    let asset = get(&api, &asset).await;
    assert_eq!(asset.status, StatusCode::OK);
    assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable");
}

#[tokio::test]
async fn a_file_that_the_build_compressed_goes_to_whoever_takes_it_as_it_is() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let page = get(&api, "/").await;
    if page.status == StatusCode::SERVICE_UNAVAILABLE {
        return;
    }
    let page = page.text();
    let (_, rest) = page.split_once("src=\"/assets/").expect("the page loads a script");
    let script = format!("/assets/{}", rest.split('"').next().unwrap());
    let accepting = async |codings: &'static str| {
        let request = Request::get(&script).header("accept-encoding", codings).body(Body::empty());
        api.send(request.unwrap()).await
    };
    let plain = accepting("identity").await;
    let packed = accepting("gzip, deflate, br").await;
    assert_eq!((plain.header("content-encoding"), packed.header("content-encoding")), ("", "br"));
    assert!(packed.bytes.len() * 2 < plain.bytes.len(), "{} of {}", packed.bytes.len(), plain.bytes.len());
    assert_eq!(packed.header("vary"), "accept-encoding");
    assert_eq!(
        (packed.header("etag"), packed.header("content-type")),
        (plain.header("etag"), plain.header("content-type"))
    );
    for codings in ["gzip", "gzip, br;q=0"] {
        assert_eq!(accepting(codings).await.header("content-encoding"), "gzip", "{codings}");
    }
    get(&api, &format!("{script}.br")).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
}

#[tokio::test]
async fn what_is_not_embedded_is_not_found() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    for path in [
        "/nothing.js",
        "/assets/nothing.css",
        "/../Cargo.toml",
        "/src/lib.rs",
        "/watch/nobody",
        "/embed/nobody",
    ] {
        get(&api, path).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    }
}

async fn source_with(api: &TestApi, account: &Account, body: Value) -> Value {
    let answer = api.post(account, "/api/sources", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.json()["source"].clone()
}

/// What `/oembed` says of a page; `more` follows in the query.
async fn oembed(api: &TestApi, url: &str, more: &str) -> Answer {
    let url = url.replace(':', "%3A").replace('/', "%2F").replace('#', "%23").replace('?', "%3F");
    get(api, &format!("/oembed?url={url}{more}")).await
}

#[tokio::test]
async fn the_player_is_framed_by_every_site_and_every_other_page_by_none() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    for path in ["/", "/login", "/watch/aaaaaaaaaaaaaaaa", "/embed/nobody", "/oembed", "/api/docs"] {
        let answer = get(&api, path).await;
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        if answer.status == StatusCode::OK {
            let policy = answer.header("content-security-policy");
            assert!(policy.ends_with("frame-ancestors 'none'"), "{path}: {policy}");
        }
    }
    let player = get(&api, "/embed/aaaaaaaaaaaaaaaa").await;
    if player.status == StatusCode::SERVICE_UNAVAILABLE {
        return; // The pages were not built.
    }
    assert!(player.headers.get("x-frame-options").is_none(), "{player:?}");
    assert!(player.header("content-security-policy").ends_with("frame-ancestors *"));
    assert_eq!(player.header("cross-origin-resource-policy"), "cross-origin");
    assert_eq!(player.header("cross-origin-embedder-policy"), "require-corp");

    // A sandboxed frame has no origin, and loads the player's scripts all the same.
    let page = player.text();
    let (_, rest) = page.split_once("src=\"/assets/").expect("the player loads a script");
    let script = get(&api, &format!("/assets/{}", rest.split('"').next().unwrap())).await;
    assert_eq!(script.header("access-control-allow-origin"), "*");
    assert_eq!(script.header("cross-origin-resource-policy"), "cross-origin");
}

#[tokio::test]
async fn a_link_to_a_stream_becomes_its_player() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.account("ada@example.com").await;
    let name = "Tom & Jerry's \"<show>\"";
    let source = source_with(&api, &ada, json!({ "name": name, "visibility": "public" })).await;
    api.live.run(&source, &tenant_of(&api, &ada), None);
    let page = text(&source["watch_url"]);

    let answer = oembed(&api, &page, "").await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert!(answer.header("content-type").starts_with("application/json"));
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let said = answer.json();
    assert_eq!((&said["version"], &said["type"]), (&json!("1.0"), &json!("video")));
    assert_eq!((&said["width"], &said["height"]), (&json!(640), &json!(360)));
    assert_eq!(said["title"], name);
    let html = text(&said["html"]);
    let embed = page.replace("/watch/", "/embed/");
    assert!(html.starts_with(&format!("<iframe src=\"{embed}\" width=\"640\" height=\"360\"")), "{html}");
    assert!(html.contains("title=\"Tom &amp; Jerry&#39;s &quot;&lt;show&gt;&quot;\""), "{html}");

    // Whatever stands behind the path, and the player's own address, name the same stream.
    for other in [format!("{page}/"), format!("{page}?autoplay=1"), format!("{page}#token=a.b.c"), embed] {
        assert_eq!(oembed(&api, &other, "&format=json").await.json()["html"], html, "{other}");
    }
    let small = oembed(&api, &page, "&maxwidth=400&maxheight=180").await.json();
    assert_eq!((&small["width"], &small["height"]), (&json!(320), &json!(180)));

    let xml = oembed(&api, &page, "&format=xml").await;
    assert!(xml.header("content-type").starts_with("text/xml"));
    let xml = xml.text();
    assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\""), "{xml}");
    assert!(xml.contains("<title>Tom &amp; Jerry&#39;s &quot;&lt;show&gt;&quot;</title>"), "{xml}");
    assert!(xml.contains("<html>&lt;iframe src=&quot;"), "{xml}");
}

#[tokio::test]
async fn links_tell_the_name_of_public_streams_alone() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.account("ada@example.com").await;
    let mut pages = Vec::new();
    for visibility in ["public", "unlisted", "token-only"] {
        let body = json!({ "name": "Board meeting", "visibility": visibility });
        let source = source_with(&api, &ada, body).await;
        pages.push(text(&source["watch_url"]));
    }
    assert_eq!(oembed(&api, &pages[0], "").await.json()["title"], "Board meeting");
    let unlisted = oembed(&api, &pages[1], "").await;
    assert_eq!(unlisted.status, StatusCode::OK);
    assert!(!unlisted.text().contains("Board meeting"), "{unlisted:?}");
    let private = oembed(&api, &pages[2], "").await;
    private.is_error(StatusCode::UNAUTHORIZED, "PLAYBACK_TOKEN_REQUIRED");

    for (page, is_named) in pages.iter().zip([true, false, false]) {
        let path = page.split_once("stream.example.com:3000").expect("an address of this host").1;
        let page = get(&api, path).await;
        if page.status == StatusCode::OK {
            assert_eq!(page.text().contains("Board meeting"), is_named, "{path}");
            assert_eq!(page.text().contains("noindex"), !is_named, "{path}");
        }
    }
}

#[tokio::test]
async fn a_link_that_leads_nowhere_becomes_nothing() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.account("ada@example.com").await;
    let page = text(&source_with(&api, &ada, json!({ "name": "Main" })).await["watch_url"]);
    let (host, _) = page.split_once("/watch/").unwrap();
    for url in [
        format!("{host}/watch/aaaaaaaaaaaaaaaa"),
        format!("{host}/login"),
        page.replace("stream.example.com", "evil.example.com"),
        page.replace("http://", "javascript://"),
        format!("{host}.evil.example.com/watch/aaaaaaaaaaaaaaaa"),
        "nonsense".to_owned(),
    ] {
        oembed(&api, &url, "").await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    }
    let other = oembed(&api, &page, "&format=yaml").await;
    other.is_error(StatusCode::NOT_IMPLEMENTED, "FORMAT_NOT_IMPLEMENTED");
    for more in ["&maxwidth=0", "&maxheight=-1", "&maxwidth=wide"] {
        oembed(&api, &page, more).await.is_error(StatusCode::BAD_REQUEST, "MALFORMED_REQUEST");
    }
    get(&api, "/oembed").await.is_error(StatusCode::BAD_REQUEST, "MALFORMED_REQUEST");
}
