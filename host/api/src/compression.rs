//! Compression: answers of text for clients that ask for it, bodies of requests with gzip.
//!
//! Not compressed: media, which is compressed already; playlists, of which every
//! viewer would cost a compression; events, which must not wait for more.
//! Answers go to a bearer of a token and to nobody whom another site can make
//! ask, so their length tells strangers nothing (BREACH).

use axum::http::header::CONTENT_TYPE;
use axum::http::{Extensions, HeaderMap, StatusCode, Version};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, Predicate as _, SizeAbove};

/// Shorter answers fit into one packet anyway.
const MIN_BYTES: u64 = 1024;
/// What is compressed, by media type.
const TEXT: [&str; 8] = [
    "application/javascript",
    "application/json",
    "application/x-ndjson",
    "image/svg+xml",
    "text/css",
    "text/csv",
    "text/html",
    "text/javascript",
];

type IsText = fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool;

/// Compresses answers.
pub(crate) fn of_answers() -> CompressionLayer<And<SizeAbove, IsText>> {
    let predicate = SizeAbove::new(MIN_BYTES).and(is_text as IsText);
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(predicate)
}

fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    TEXT.iter().any(|text| media_type.eq_ignore_ascii_case(text))
}
