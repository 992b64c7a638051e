//! `/oembed`: the player for a link, as sites ask for it that turn links into players (oembed.com).
//!
//! Not part of the API's document: the protocol is not ours, and its refusals are the statuses that it names.

use std::fmt::Write as _;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use neustream_model::PlaybackId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::client::PublicUrls;
use crate::error::ApiError;
use crate::extract::QueryString;
use crate::link_preview::{LinkPreview, UNNAMED, escaped};
use crate::state::AppState;

/// How wide the player is when nobody says how wide it may be.
const USUAL_WIDTH: u32 = 640;
/// Wider than any screen: a larger figure is taken for this one.
const MAX_SIDE: u32 = 7680;
/// How long an answer may be kept. A stream may be closed to strangers later.
const CACHE_AGE_S: u32 = 300;

/// oembed.com, section 2.2.
#[derive(Deserialize)]
pub(crate) struct OembedQuery {
    url: Option<String>,
    format: Option<String>,
    maxwidth: Option<u32>,
    maxheight: Option<u32>,
}

/// oembed.com, sections 2.3.4 and 2.3.4.2 (`video`).
#[derive(Serialize)]
struct Oembed {
    version: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    provider_name: &'static str,
    provider_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    cache_age: u32,
    width: u32,
    height: u32,
    html: String,
}

enum Format {
    Json,
    Xml,
}

/// The player for a link to a stream.
pub(crate) async fn answer(
    State(state): State<AppState>,
    urls: PublicUrls,
    QueryString(query): QueryString<OembedQuery>,
) -> Result<Response, ApiError> {
    let format = match query.format.as_deref() {
        None | Some("json") => Format::Json,
        Some("xml") => Format::Xml,
        Some(_) => {
            return Ok(refusal(StatusCode::NOT_IMPLEMENTED, "FORMAT_NOT_IMPLEMENTED", "format: json or xml"));
        }
    };
    let url =
        query.url.ok_or_else(|| ApiError::Malformed("url: the address of a stream's page".to_owned()))?;
    let bounds = (side("maxwidth", query.maxwidth)?, side("maxheight", query.maxheight)?);
    let id = stream_at(&url, &urls).ok_or(NO_STREAM)?;
    let (title, shape) = match LinkPreview::of(&state, &id).await?.ok_or(NO_STREAM)? {
        LinkPreview::Open { title, shape } => (title, shape),
        LinkPreview::Nothing => return Err(NO_STREAM),
        LinkPreview::TokenOnly => {
            let why = "this stream is only for viewers with a playback token";
            return Ok(refusal(StatusCode::UNAUTHORIZED, "PLAYBACK_TOKEN_REQUIRED", why));
        }
    };
    let (width, height) = within(shape, bounds);
    let oembed = Oembed {
        version: "1.0",
        kind: "video",
        provider_name: "Neustream",
        provider_url: urls.web().to_owned(),
        html: frame(&urls.embed(&id), title.as_deref().unwrap_or(UNNAMED), width, height),
        title,
        cache_age: CACHE_AGE_S,
        width,
        height,
    };
    let cache = [(CACHE_CONTROL, format!("public, max-age={CACHE_AGE_S}"))];
    Ok(match format {
        Format::Json => (cache, Json(oembed)).into_response(),
        Format::Xml => (cache, [(CONTENT_TYPE, "text/xml; charset=utf-8")], xml(&oembed)).into_response(),
    })
}

const NO_STREAM: ApiError = ApiError::NotFound("no stream of this host has that address");

/// oembed.com, section 2.3.5: the statuses say it.
fn refusal(status: StatusCode, code: &str, why: &str) -> Response {
    (status, Json(json!({ "error": why, "details": null, "code": code }))).into_response()
}

fn side(name: &str, given: Option<u32>) -> Result<Option<u32>, ApiError> {
    match given {
        Some(0) => Err(ApiError::Malformed(format!("{name}: at least 1"))),
        given => Ok(given.map(|pixels| pixels.min(MAX_SIDE))),
    }
}

/// The stream whose viewer page, or player, has this address. Whatever follows the path says how it is shown.
fn stream_at(url: &str, urls: &PublicUrls) -> Option<PlaybackId> {
    let without_scheme = |url: &str| Some(url.split_once("://")?.1.to_owned());
    let is_web = url.starts_with("http://") || url.starts_with("https://");
    let path = without_scheme(url).filter(|_| is_web)?;
    let path = path.strip_prefix(&without_scheme(urls.web())?)?;
    let path = path.split(['?', '#']).next()?;
    let name = path.strip_prefix("/watch/").or_else(|| path.strip_prefix("/embed/"))?;
    name.trim_end_matches('/').parse().ok()
}

/// The largest size of that shape within the bounds; of the usual width where there are none.
fn within(shape: (u32, u32), bounds: (Option<u32>, Option<u32>)) -> (u32, u32) {
    let (across, down) = (u64::from(shape.0), u64::from(shape.1));
    let of_height = |height: u32| u64::from(height) * across / down;
    let width = match bounds {
        (None, None) => u64::from(USUAL_WIDTH),
        (Some(width), None) => u64::from(width),
        (None, Some(height)) => of_height(height),
        (Some(width), Some(height)) => u64::from(width).min(of_height(height)),
    }
    .max(1);
    let height = (width * down / across).max(1);
    (u32::try_from(width).unwrap_or(MAX_SIDE), u32::try_from(height).unwrap_or(MAX_SIDE))
}

/// The same frame that the viewer page offers to copy.
fn frame(embed: &str, title: &str, width: u32, height: u32) -> String {
    let (embed, title) = (escaped(embed), escaped(title));
    format!(
        "<iframe src=\"{embed}\" width=\"{width}\" height=\"{height}\" title=\"{title}\" \
         allow=\"autoplay; fullscreen; picture-in-picture\" allowfullscreen loading=\"lazy\" \
         style=\"border:0\"></iframe>"
    )
}

fn xml(oembed: &Oembed) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\n<oembed>\n");
    let numbers = [oembed.cache_age, oembed.width, oembed.height].map(|number| number.to_string());
    for (name, value) in [
        ("version", Some(oembed.version)),
        ("type", Some(oembed.kind)),
        ("provider_name", Some(oembed.provider_name)),
        ("provider_url", Some(&*oembed.provider_url)),
        ("title", oembed.title.as_deref()),
        ("cache_age", Some(&*numbers[0])),
        ("width", Some(&*numbers[1])),
        ("height", Some(&*numbers[2])),
        ("html", Some(&*oembed.html)),
    ] {
        if let Some(value) = value {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  <{name}>{}</{name}>", escaped(value));
        }
    }
    text + "</oembed>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_player_is_as_large_as_it_may_be_and_keeps_its_shape() {
        let wide = (1920, 1080);
        assert_eq!(within(wide, (None, None)), (640, 360));
        assert_eq!(within(wide, (Some(320), None)), (320, 180));
        assert_eq!(within(wide, (None, Some(720))), (1280, 720));
        assert_eq!(within(wide, (Some(1280), Some(180))), (320, 180));
        assert_eq!(within((1080, 1920), (Some(400), Some(640))), (360, 640));
        assert_eq!(within(wide, (Some(1), Some(1))), (1, 1));
        assert_eq!(within((1, 100_000), (None, Some(MAX_SIDE))), (1, 100_000));
    }
}
