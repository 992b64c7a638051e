//! Pages: the dashboard and the viewer page, built beforehand and embedded in the binary.
//!
//! Only embedded files are served; a request never names a file on disk.

use std::fmt::Write as _;

use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use neustream_model::PlaybackId;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::error::ApiError;
use crate::extract::Path;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../dashboard/dist"]
// What the build notes about itself.
#[exclude = ".vite/*"]
struct Pages;

const DASHBOARD: &str = "index.html";
const WATCH: &str = "watch.html";
const REFERENCE: &str = "docs.html";
/// The folder whose files carry a digest of their content in their name.
const HASHED: &str = "assets/";
/// Paths that are never pages, whatever they end in.
const NOT_PAGES: [&str; 5] = ["/api", "/hls", "/watch", "/socket.io", "/metrics"];

/// Scripts from this host only, none of them inline; `blob:` is what hls.js feeds the media element and its worker
/// with. Styles may be inline because components of the dashboard place themselves that way.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; media-src 'self' blob:; \
    worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// What is shown when the pages were not built.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Neustream</title>\
    <h1>The pages have not been built</h1>\
    <p>This binary was built without them. Stop it and run <code>cargo xtask run</code>, \
    which builds the pages and then the binary. The API works as it is.</p></html>";

/// The viewer page of a stream.
pub(crate) async fn watch(Path(playback_id): Path<String>, headers: HeaderMap) -> Result<Response, ApiError> {
    let _: PlaybackId = playback_id.parse().map_err(|_| ApiError::NotFound("no stream has this name"))?;
    Ok(page(WATCH, &headers))
}

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
    if let Some(file) = Pages::get(name).filter(|_| !name.is_empty()) {
        return serve(name, &file, request.headers());
    }
    if is_dashboard_address(path) { page(DASHBOARD, request.headers()) } else { nothing() }
}

/// The dashboard's own addresses are plain words and ids.
fn is_dashboard_address(path: &str) -> bool {
    path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_".contains(&byte))
}

fn page(name: &str, headers: &HeaderMap) -> Response {
    match Pages::get(name) {
        Some(file) => serve(name, &file, headers),
        None => (
            StatusCode::SERVICE_UNAVAILABLE,
            [(CONTENT_TYPE, "text/html; charset=utf-8"), (CACHE_CONTROL, "no-store")],
            [(CONTENT_SECURITY_POLICY, "default-src 'none'")],
            NOT_BUILT,
        )
            .into_response(),
    }
}

fn serve(name: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let etag = etag(file);
    let is_current = headers
        .get(IF_NONE_MATCH)
        .and_then(|known| known.to_str().ok())
        .is_some_and(|known| known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag));
    let cache = if name.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = if is_current {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let media_type = mime_guess::from_path(name).first_or_octet_stream();
        let media_type = match media_type.type_().as_str() {
            "text" => format!("{media_type}; charset=utf-8"),
            _ => media_type.to_string(),
        };
        ([(CONTENT_TYPE, media_type)], file.data.clone()).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    // Weak: the same page goes out compressed and as it is.
    if let Ok(etag) = HeaderValue::from_str(&format!("W/{etag}")) {
        headers.insert(ETAG, etag);
    }
    response
}

/// What validates the content (RFC 9110 §8.8.3): its digest.
fn etag(file: &EmbeddedFile) -> String {
    let mut text = String::from("\"");
    for byte in &file.metadata.sha256_hash()[..16] {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.push('"');
    text
}
