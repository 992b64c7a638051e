//! What other sites may show of a link to a stream: its title and shape, in the head of the viewer page and by oEmbed.
//!
//! The name of a source is told for public ones only, which the list of live streams names too. Whoever has the link of
//! an unlisted one may watch and learns no name. Of one that is `token-only` nothing is told at all, as of one that is
//! not there.

use std::borrow::Cow;
use std::fmt::Write as _;

use neustream_model::{PlaybackId, SessionStatus, Visibility};
use neustream_store::StoreError;

use crate::client::PublicUrls;
use crate::state::AppState;

/// The title of a stream whose name is not told.
pub(crate) const UNNAMED: &str = "Live stream";
/// The size of a picture that is not known, as width and height.
const USUAL_SHAPE: (u32, u32) = (1280, 720);
/// What `watch.html` calls itself, which the head of a stream takes the place of.
const TITLE: (&str, &str) = ("<title>", "</title>");

/// What is told of a stream.
#[derive(Debug, Clone, Default)]
pub(crate) enum LinkPreview {
    /// Nothing: there is no such stream, or not for everyone.
    #[default]
    Nothing,
    /// It is only for viewers with a playback token.
    TokenOnly,
    /// Whoever has the link may watch.
    Open {
        /// Its name, where that is told.
        title: Option<String>,
        /// Width and height of its picture, or the usual ones.
        shape: (u32, u32),
    },
}

impl LinkPreview {
    /// What is told of `id`; `None` when there is no such stream.
    pub async fn of(state: &AppState, id: &PlaybackId) -> Result<Option<Self>, StoreError> {
        let Some(source) = state.store.host().source_by_playback_id(id).await? else { return Ok(None) };
        let session = state.live.session(source.id);
        let shape = session.as_ref().and_then(shape_of).unwrap_or(USUAL_SHAPE);
        // The title of a show may differ from the name of its source.
        let named = || session.map_or(source.name, |session| session.title);
        Ok(Some(match source.visibility {
            Visibility::Public => Self::Open { title: Some(named()), shape },
            Visibility::Unlisted => Self::Open { title: None, shape },
            Visibility::TokenOnly => Self::TokenOnly,
        }))
    }

    /// The viewer page with a head that says so.
    pub fn written_into(&self, page: &[u8], urls: &PublicUrls, id: &PlaybackId) -> Vec<u8> {
        let page = String::from_utf8_lossy(page);
        let parts =
            page.split_once(TITLE.0).and_then(|(before, rest)| Some((before, rest.split_once(TITLE.1)?.1)));
        match parts {
            Some((before, after)) => [before, &self.head(urls, id), after].concat().into_bytes(),
            None => page.into_owned().into_bytes(),
        }
    }

    fn head(&self, urls: &PublicUrls, id: &PlaybackId) -> String {
        let Self::Open { title, shape: (width, height) } = self else {
            return format!("<title>{UNNAMED}</title>\n    <meta name=\"robots\" content=\"noindex\" />");
        };
        let name = escaped(title.as_deref().unwrap_or(UNNAMED));
        let (watch, embed) = (escaped(&urls.watch(id)).into_owned(), escaped(&urls.embed(id)).into_owned());
        let mut head = format!("<title>{name}</title>");
        let mut put = |line: std::fmt::Arguments<'_>| {
            // Writing to a string cannot fail.
            let _ = write!(head, "\n    {line}");
        };
        match title {
            Some(_) => put(format_args!("<meta name=\"stream-title\" content=\"{name}\" />")),
            // What is not listed here should not be listed by a search engine either.
            None => put(format_args!("<meta name=\"robots\" content=\"noindex\" />")),
        }
        put(format_args!("<link rel=\"canonical\" href=\"{watch}\" />"));
        for format in ["json", "xml"] {
            let media_type = if format == "json" { "application/json" } else { "text/xml" };
            let href = format!("{}/oembed?url={}&format={format}", urls.web(), in_query(&urls.watch(id)));
            let href = escaped(&href);
            put(format_args!(
                "<link rel=\"alternate\" type=\"{media_type}+oembed\" href=\"{href}\" title=\"{name}\" />"
            ));
        }
        let (width, height) = (width.to_string(), height.to_string());
        for (property, content) in [
            ("og:site_name", "Neustream"),
            ("og:type", "video.other"),
            ("og:title", &*name),
            ("og:url", &*watch),
            ("og:video", &*embed),
            ("og:video:type", "text/html"),
            ("og:video:width", &*width),
            ("og:video:height", &*height),
        ] {
            put(format_args!("<meta property=\"{property}\" content=\"{content}\" />"));
        }
        head
    }
}

fn shape_of(session: &SessionStatus) -> Option<(u32, u32)> {
    let picture = session.tracks.iter().find(|track| track.kind == "video")?;
    Some((picture.width.filter(|width| *width > 0)?, picture.height.filter(|height| *height > 0)?))
}

/// Text as it may stand in HTML and XML, between tags and in attributes. What XML 1.0 has no way to say is left out.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    let is_plain =
        |character: char| !matches!(character, '&' | '<' | '>' | '"' | '\'') && !character.is_control();
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            control if control.is_control() => {}
            plain => safe.push(plain),
        }
    }
    Cow::Owned(safe)
}

/// Text as the value of a query's parameter (RFC 3986 §2.3: what is not unreserved is encoded).
fn in_query(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_tag_or_an_attribute_is_written_otherwise() {
        assert_eq!(escaped("plain ✓"), "plain ✓");
        assert_eq!(escaped("</title><script>'\"&\u{7}"), "&lt;/title&gt;&lt;script&gt;&#39;&quot;&amp;");
    }

    const PAGE: &[u8] = b"<head>\n    <title>Neustream</title>\n    <script></script>\n  </head>";

    fn page_of(preview: &LinkPreview) -> String {
        let urls = PublicUrls::at("https://stream.example.com");
        let id = "abcdefgh23456789".parse().unwrap();
        String::from_utf8(preview.written_into(PAGE, &urls, &id)).unwrap()
    }

    #[test]
    fn the_head_of_a_public_stream_names_it_and_says_where_its_player_is() {
        let title = Some("\"><script>alert(1)</script>".to_owned());
        let page = page_of(&LinkPreview::Open { title, shape: (1080, 1920) });
        let name = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;";
        assert!(page.contains(&format!("<title>{name}</title>")), "{page}");
        assert!(page.contains(&format!("<meta name=\"stream-title\" content=\"{name}\" />")), "{page}");
        assert!(page.contains(&format!("<meta property=\"og:title\" content=\"{name}\" />")), "{page}");
        assert!(!page.contains("<script>alert"), "{page}");
        let oembed = "https://stream.example.com/oembed?\
            url=https%3A%2F%2Fstream.example.com%2Fwatch%2Fabcdefgh23456789&amp;format=json";
        assert!(page.contains(&format!("type=\"application/json+oembed\" href=\"{oembed}\"")), "{page}");
        let embed = "content=\"https://stream.example.com/embed/abcdefgh23456789\"";
        assert!(page.contains(&format!("<meta property=\"og:video\" {embed} />")), "{page}");
        assert!(page.contains("<meta property=\"og:video:height\" content=\"1920\" />"), "{page}");
        assert!(page.starts_with("<head>") && page.ends_with("<script></script>\n  </head>"), "{page}");
    }

    #[test]
    fn the_head_of_any_other_stream_names_nothing_and_keeps_search_engines_away() {
        let unlisted = page_of(&LinkPreview::Open { title: None, shape: USUAL_SHAPE });
        assert!(unlisted.contains("noindex") && unlisted.contains("json+oembed"), "{unlisted}");
        assert!(!unlisted.contains("stream-title"), "{unlisted}");
        let nothing = page_of(&LinkPreview::Nothing);
        assert!(nothing.contains("noindex") && !nothing.contains("oembed"), "{nothing}");
        assert_eq!(
            nothing,
            page_of(&LinkPreview::TokenOnly),
            "strangers learn nothing of one that wants a token"
        );
    }

    #[test]
    fn an_address_in_a_query_is_one_parameter() {
        assert_eq!(in_query("https://a.b:1/watch/x?y&z"), "https%3A%2F%2Fa.b%3A1%2Fwatch%2Fx%3Fy%26z");
    }
}
