//! `/hls/{playback_id}/{file}`: playlists, parts and segments, straight from memory.
//!
//! No path of a file system is ever made of a request: names are matched, by
//! character first and then by the packager's own grammar.

use axum::extract::{RawQuery, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, USER_AGENT};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use neustream_live::{HlsError, HlsRequest, HlsResponse, Viewer};
use neustream_model::{PlaybackId, Secret};

use crate::client::ClientAddress;
use crate::error::{ApiError, ErrorBody};
use crate::extract::Path;
use crate::state::AppState;

/// Longer names than any file of a presentation has.
const MAX_NAME_BYTES: usize = 64;
/// Directives, and a token where somebody carries it in the query.
const MAX_QUERY_BYTES: usize = 256 + MAX_TOKEN_BYTES;
const MAX_TOKEN_BYTES: usize = 1536;
/// Where players begin.
const ENTRANCE: &str = "index.m3u8";
const UNCACHED: [(HeaderName, HeaderValue); 1] = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];

/// Fetch a file of a stream's HLS presentation
///
/// Start with `index.m3u8`. Blocking reload and delta updates as in RFC 8216bis §6.2.5. A source that is `token-only`
/// wants a playback token: in the path (see `getHlsFileWithToken`), or as the parameter `token` of `index.m3u8`, which
/// is answered with a redirect to the address with the token in its path.
#[utoipa::path(
    get, path = "/hls/{playback_id}/{file}", operation_id = "getHlsFile", tag = "playback", security(()),
    params(
        ("playback_id" = String, Path, description = "The source's public name."),
        ("file" = String, Path, description = "Such as `index.m3u8`.", example = "index.m3u8"),
        ("_HLS_msn" = Option<u64>, Query, description = "Answer when this media sequence number is there."),
        ("_HLS_part" = Option<u64>, Query, description = "And this part of it."),
        ("_HLS_skip" = Option<String>, Query, description = "`YES`: a playlist delta update is welcome."),
        ("token" = Option<String>, Query, description = "A playback token."),
    ),
    responses(
        (status = 200, description = "A playlist, an initialisation section, a segment, a part or a key."),
        (status = 307, description = "The same file under its address with the token in the path."),
        (status = 400, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "Not for this viewer: `PLAYBACK_TOKEN_REQUIRED`, `PLAYBACK_TOKEN_INVALID`, `PLAYBACK_TOKEN_EXPIRED`, `PLAYBACK_TOKEN_REVOKED`."),
        (status = 404, body = ErrorBody, description = "Not live, or no such file (any more)."),
        (status = 503, body = ErrorBody, description = "The stream did not get there in time."),
    ),
)]
pub(crate) async fn file(
    State(state): State<AppState>,
    address: ClientAddress,
    Path((playback_id, name)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let query = query.unwrap_or_default();
    let token = query.split('&').find_map(|pair| pair.strip_prefix("token="));
    match token {
        // Addresses in playlists are relative: from there on they carry the token.
        Some(token) if name == ENTRANCE && is_token_like(token) => {
            let _: PlaybackId = playback_id.parse().map_err(|_| NO_STREAM)?;
            Ok((UNCACHED, Redirect::temporary(&format!("{token}/{ENTRANCE}"))).into_response())
        }
        token => {
            let asked = Asked { playback_id: &playback_id, token, name, query: &query };
            answer(&state, address, &headers, asked).await
        }
    }
}

/// Fetch a file of a stream's HLS presentation with a playback token
///
/// Every playlist, segment, part and key of a `token-only` source is answered to a token that holds and to nobody else;
/// a revocation acts within 5 seconds. Answers may be kept by the viewer's own cache, not by shared ones. Sources that
/// are open to everyone do not look at the token.
#[utoipa::path(
    get, path = "/hls/{playback_id}/{token}/{file}", operation_id = "getHlsFileWithToken", tag = "playback", security(()),
    params(
        ("playback_id" = String, Path, description = "The source's public name."),
        ("token" = String, Path, description = "A playback token."),
        ("file" = String, Path, description = "Such as `index.m3u8`.", example = "index.m3u8"),
        ("_HLS_msn" = Option<u64>, Query, description = "Answer when this media sequence number is there."),
        ("_HLS_part" = Option<u64>, Query, description = "And this part of it."),
        ("_HLS_skip" = Option<String>, Query, description = "`YES`: a playlist delta update is welcome."),
    ),
    responses(
        (status = 200, description = "A playlist, an initialisation section, a segment, a part or a key."),
        (status = 400, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "Not for this viewer: `PLAYBACK_TOKEN_INVALID`, `PLAYBACK_TOKEN_EXPIRED`, `PLAYBACK_TOKEN_REVOKED`."),
        (status = 404, body = ErrorBody, description = "Not live, or no such file (any more)."),
        (status = 503, body = ErrorBody, description = "The stream did not get there in time."),
    ),
)]
pub(crate) async fn file_with_token(
    State(state): State<AppState>,
    address: ClientAddress,
    Path((playback_id, token, name)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if !is_token_like(&token) {
        return Err(NO_FILE);
    }
    let query = query.unwrap_or_default();
    let asked = Asked { playback_id: &playback_id, token: Some(&token), name, query: &query };
    answer(&state, address, &headers, asked).await
}

/// What an address asks for.
struct Asked<'a> {
    playback_id: &'a str,
    token: Option<&'a str>,
    name: String,
    query: &'a str,
}

async fn answer(
    state: &AppState,
    ClientAddress(address): ClientAddress,
    headers: &HeaderMap,
    Asked { playback_id, token, name, query }: Asked<'_>,
) -> Result<Response, ApiError> {
    let playback_id: PlaybackId = playback_id.parse().map_err(|_| NO_STREAM)?;
    if !is_plausible(&name) {
        return Err(NO_FILE);
    }
    let viewer = Viewer { token: token.map(Secret::new), address: Some(address) };
    let player = headers.get(USER_AGENT).and_then(|player| player.to_str().ok()).map(str::to_owned);
    let request = HlsRequest { viewer, player, ..with_directives(name, query)? };
    let found = state.live.hls(&playback_id, request).await.map_err(ApiError::from)?;
    let headers =
        [(CONTENT_TYPE, HeaderValue::from_static(found.content_type)), (CACHE_CONTROL, caching(&found)?)];
    Ok((StatusCode::OK, headers, found.body).into_response())
}

/// Who may keep an answer, and how long (RFC 9111 §5.2.2).
fn caching(found: &HlsResponse) -> Result<HeaderValue, ApiError> {
    match (found.max_age_s, found.is_shared) {
        (None, true) => Ok(HeaderValue::from_static("no-cache")),
        (None, false) => Ok(HeaderValue::from_static("no-store")),
        (Some(seconds), is_shared) => {
            let whose = if is_shared { "public" } else { "private" };
            HeaderValue::from_str(&format!("{whose}, max-age={seconds}"))
                .map_err(|error| ApiError::Internal(format!("a header: {error}")))
        }
    }
}

const NO_STREAM: ApiError = ApiError::NotFound("no stream of this name is live");
const NO_FILE: ApiError = ApiError::NotFound("no such file in this presentation");

/// What a token in a path may look like: three pieces of base64url (RFC 7515 §3.1).
fn is_token_like(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let is_piece = |piece: &str| !piece.is_empty() && piece.bytes().all(is_allowed);
    text.len() <= MAX_TOKEN_BYTES && text.split('.').count() == 3 && text.split('.').all(is_piece)
}

fn is_plausible(name: &str) -> bool {
    let is_allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
    !name.is_empty() && name.len() <= MAX_NAME_BYTES && name.bytes().all(is_allowed)
}

/// RFC 8216bis §6.2.5.2: each directive once, in its own grammar; what is not a directive is left alone.
fn with_directives(name: String, query: &str) -> Result<HlsRequest, ApiError> {
    let bad = |what: &str| ApiError::Malformed(what.to_owned());
    if query.len() > MAX_QUERY_BYTES {
        return Err(bad("the query is too long"));
    }
    let mut request = HlsRequest { name, ..HlsRequest::default() };
    let mut skip_seen = false;
    for pair in query.split('&') {
        let (directive, value) = pair.split_once('=').unwrap_or((pair, ""));
        match directive {
            "_HLS_msn" if request.msn.is_none() => {
                request.msn = Some(number(value).ok_or_else(|| bad("_HLS_msn must be a number"))?);
            }
            "_HLS_part" if request.part.is_none() => {
                request.part = Some(number(value).ok_or_else(|| bad("_HLS_part must be a number"))?);
            }
            "_HLS_skip" if !skip_seen => {
                skip_seen = true;
                request.skip = matches!(value, "YES" | "v2");
                if !request.skip {
                    return Err(bad("_HLS_skip must be YES or v2"));
                }
            }
            "_HLS_msn" | "_HLS_part" | "_HLS_skip" => return Err(bad("a directive is given twice")),
            _ => {}
        }
    }
    if request.part.is_some() && request.msn.is_none() {
        return Err(bad("_HLS_part needs _HLS_msn"));
    }
    Ok(request)
}

/// RFC 8216bis §4.2, decimal-integer: digits only, so no sign as `parse` alone would take.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

impl From<HlsError> for ApiError {
    fn from(error: HlsError) -> Self {
        match error {
            HlsError::NotFound => NO_FILE,
            HlsError::NotLive => NO_STREAM,
            HlsError::Refused(refused) => Self::Viewer(refused),
            HlsError::BadRequest(what) => Self::Malformed(what),
            HlsError::TimedOut => Self::Unavailable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directives(query: &str) -> Result<(Option<u64>, Option<u64>, bool), ApiError> {
        with_directives("media.m3u8".to_owned(), query)
            .map(|request| (request.msn, request.part, request.skip))
    }

    #[test]
    fn directives_are_read_and_other_parameters_left_alone() {
        assert_eq!(directives("").unwrap(), (None, None, false));
        assert_eq!(directives("_HLS_msn=7").unwrap(), (Some(7), None, false));
        let all = directives("token=a%20b&_HLS_msn=273&_HLS_part=2&_HLS_skip=YES").unwrap();
        assert_eq!(all, (Some(273), Some(2), true));
    }

    #[test]
    fn wrong_directives_are_refused() {
        for query in [
            "_HLS_msn=",
            "_HLS_msn=-1",
            "_HLS_msn=+1",
            "_HLS_msn=1e3",
            "_HLS_msn=99999999999999999999999",
            "_HLS_msn=1&_HLS_msn=2",
            "_HLS_part=1",
            "_HLS_msn=1&_HLS_part=x",
            "_HLS_skip=NO",
            "_HLS_skip=YES&_HLS_skip=YES",
            &"a".repeat(2000),
        ] {
            assert!(directives(query).is_err(), "{query}");
        }
    }

    #[test]
    fn paths_are_not_names() {
        for name in ["", "..%2f", "../x", "a/b", "a\\b", "a\0", "A.m3u8", "å", &"a".repeat(65)] {
            assert!(!is_plausible(name), "{name}");
        }
        assert!(is_plausible("part-12-3.m4s"));
    }

    #[test]
    fn only_what_looks_like_a_token_is_one() {
        assert!(is_token_like("eyJ0-_.eyJz.c2ln"));
        for text in [
            "",
            "..",
            "a..c",
            "a.b",
            "a.b.c.d",
            "a.b.c/",
            "a.b.%2e",
            "..\\.",
            &format!("{}.b.c", "a".repeat(2000)),
        ] {
            assert!(!is_token_like(text), "{text}");
        }
    }
}
