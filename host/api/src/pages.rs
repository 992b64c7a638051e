//! Pages: the dashboard, the viewer page and the player for other sites, built beforehand and embedded in the binary.
//!
//! Only embedded files are served; a request never names a file on disk. What the server writes into one is the head of
//! a viewer page ([`LinkPreview`]).

use std::borrow::Cow;

use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use neustream_model::PlaybackId;
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest as _, Sha256};

use crate::client::PublicUrls;
use crate::error::ApiError;
use crate::extract::Path;
use crate::guard::{InAnyFrame, RESOURCE_POLICY};
use crate::link_preview::LinkPreview;
use crate::state::AppState;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../dashboard/dist"]
// What the build notes about itself.
#[exclude = ".vite/*"]
struct Pages;

const DASHBOARD: &str = "index.html";
const WATCH: &str = "watch.html";
const EMBED: &str = "embed.html";
const REFERENCE: &str = "docs.html";
/// The folder whose files carry a digest of their content in their name.
const HASHED: &str = "assets/";
/// What the build adds to the name of a file that it compressed with Brotli (RFC 7932).
const BROTLI: &str = ".br";
/// Paths that are never pages, whatever they end in.
const NOT_PAGES: [&str; 7] = ["/api", "/hls", "/watch", "/embed", "/oembed", "/socket.io", "/metrics"];
const EMBEDDER_POLICY: HeaderName = HeaderName::from_static("cross-origin-embedder-policy");

/// Scripts from this host only, none of them inline; `blob:` is what hls.js feeds the media element and its worker
/// with. Styles may be inline because components of the dashboard place themselves that way.
macro_rules! policy {
    (frame-ancestors $who:literal) => {
        concat!(
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; ",
            "font-src 'self'; connect-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; ",
            "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors ",
            $who
        )
    };
}

/// Who may show a page in a frame. Whatever signs somebody in or changes something is framed by nobody: a page around it
/// could have it clicked unseen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Framing {
    Nobody,
    EverySite,
}

/// What is shown when the pages were not built.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Neustream</title>\
    <h1>The pages have not been built</h1>\
    <p>This binary was built without them. Stop it and run <code>cargo xtask run</code>, \
    which builds the pages and then the binary. The API works as it is.</p></html>";

/// The viewer page of a stream.
pub(crate) async fn watch(
    State(state): State<AppState>,
    urls: PublicUrls,
    Path(playback_id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let id: PlaybackId = playback_id.parse().map_err(|_| NO_STREAM)?;
    // Without the database there is still a page, and a picture in it.
    let preview = LinkPreview::of(&state, &id).await.unwrap_or_default();
    let Some(file) = Pages::get(WATCH) else { return Ok(not_built()) };
    let content = preview.unwrap_or_default().written_into(&file.data, &urls, &id);
    let digest = Sha256::digest(&content).into();
    Ok(serve(WATCH, content.into(), &digest, &headers, Framing::Nobody))
}

/// The player of a stream, for frames on other sites.
pub(crate) async fn embed(Path(playback_id): Path<String>, headers: HeaderMap) -> Result<Response, ApiError> {
    let _: PlaybackId = playback_id.parse().map_err(|_| NO_STREAM)?;
    let Some(file) = Pages::get(EMBED) else { return Ok(not_built()) };
    Ok(serve_file(EMBED, file, &headers, Framing::EverySite))
}

const NO_STREAM: ApiError = ApiError::NotFound("no stream has this name");

/// The reference of the API.
pub(crate) async fn reference(headers: HeaderMap) -> Response {
    page(REFERENCE, &headers)
}

/// Everything that no other route takes: embedded files by name, and the dashboard for its own addresses.
pub(crate) async fn fallback(request: Request) -> Response {
    let nothing = || ApiError::NotFound("nothing is served under this address").into_response();
    let path = request.uri().path();
    let is_under = |prefix: &&str| {
        path.strip_prefix(*prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if NOT_PAGES.iter().any(is_under) {
        return nothing();
    }
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return ApiError::MethodNotAllowed.into_response();
    }
    let name = path.trim_start_matches('/');
    if let Some(file) = Pages::get(name).filter(|_| !name.is_empty() && !name.ends_with(BROTLI)) {
        return serve_file(name, file, request.headers(), Framing::Nobody);
    }
    if is_dashboard_address(path) { page(DASHBOARD, request.headers()) } else { nothing() }
}

/// The dashboard's own addresses are plain words and ids, such as the digest of a package (`sha256%3A...`).
fn is_dashboard_address(path: &str) -> bool {
    path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_:%".contains(&byte))
}

fn page(name: &str, headers: &HeaderMap) -> Response {
    match Pages::get(name) {
        Some(file) => serve_file(name, file, headers, Framing::Nobody),
        None => not_built(),
    }
}

fn not_built() -> Response {
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [(CONTENT_TYPE, "text/html; charset=utf-8"), (CACHE_CONTROL, "no-store")],
        [(CONTENT_SECURITY_POLICY, "default-src 'none'")],
        NOT_BUILT,
    )
        .into_response()
}

fn serve_file(name: &str, file: EmbeddedFile, headers: &HeaderMap, framing: Framing) -> Response {
    let digest = file.metadata.sha256_hash();
    // The build compressed it once and well; other codings are left to the layer that compresses answers.
    let compressed = Pages::get(&format!("{name}{BROTLI}"));
    let is_compressed = compressed.is_some() && takes_brotli(headers);
    let content = compressed.filter(|_| is_compressed).unwrap_or(file).data;
    let mut response = serve(name, content, &digest, headers, framing);
    if is_compressed {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
        response.headers_mut().insert(VARY, HeaderValue::from_static("accept-encoding"));
    }
    response
}

/// Whether the client takes Brotli (RFC 9110 §12.5.3): it is named, and not with a weight of 0.
fn takes_brotli(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().trim_start_matches("q=").parse::<f32>().unwrap_or(0.0);
        name.trim().eq_ignore_ascii_case("br") && weight > 0.0
    })
}

fn serve(
    name: &str,
    content: Cow<'static, [u8]>,
    digest: &[u8; 32],
    headers: &HeaderMap,
    framing: Framing,
) -> Response {
    let etag = etag(digest);
    let is_current = headers
        .get(IF_NONE_MATCH)
        .and_then(|known| known.to_str().ok())
        .is_some_and(|known| known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag));
    let mut response = if is_current {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let media_type = mime_guess::from_path(name).first_or_octet_stream();
        let media_type = match media_type.type_().as_str() {
            "text" => format!("{media_type}; charset=utf-8"),
            _ => media_type.to_string(),
        };
        ([(CONTENT_TYPE, media_type)], content).into_response()
    };
    let headers = response.headers_mut();
    // Weak: the same page goes out compressed and as it is.
    if let Ok(etag) = HeaderValue::from_str(&format!("W/{etag}")) {
        headers.insert(ETAG, etag);
    }
    let is_hashed = name.starts_with(HASHED);
    let cache = if is_hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    if is_hashed {
        // A sandboxed frame is of no origin, not even of this one, and still loads its player.
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    }
    let policy = match framing {
        Framing::Nobody => policy!(frame-ancestors "'none'"),
        Framing::EverySite => policy!(frame-ancestors "*"),
    };
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    if framing == Framing::EverySite {
        // Sites that are isolated (`require-corp`) show only frames that say both.
        headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
        headers.insert(EMBEDDER_POLICY, HeaderValue::from_static("require-corp"));
        response.extensions_mut().insert(InAnyFrame);
    }
    response
}

/// What validates the content (RFC 9110 §8.8.3): its digest.
fn etag(digest: &[u8; 32]) -> String {
    format!("\"{}\"", hex::encode(&digest[..16]))
}
