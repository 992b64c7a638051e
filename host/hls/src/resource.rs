//! The names of a presentation's files.

use std::fmt;
use std::str::FromStr;

/// A file of the presentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResourceName {
    /// `index.m3u8`: the multivariant playlist.
    Multivariant,
    /// `media.m3u8`: the media playlist.
    Media,
    /// `init-N.mp4`: an initialization section.
    Init(u64),
    /// `seg-N.m4s`: the segment with media sequence number N.
    Segment(u64),
    /// `part-N-M.m4s`: part M of segment N.
    Part(u64, u64),
    /// `key-N.bin`: the key of encrypted segments from N on.
    Key(u64),
}

/// The text names no file of a presentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a file of an HLS presentation")]
pub struct ResourceNameUnknown;

impl FromStr for ResourceName {
    type Err = ResourceNameUnknown;

    /// Takes exactly what [`ResourceName`] displays: no other spelling of a number, no path.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = match text {
            "index.m3u8" => Some(Self::Multivariant),
            "media.m3u8" => Some(Self::Media),
            _ => numbered(text),
        };
        name.ok_or(ResourceNameUnknown)
    }
}

fn numbered(text: &str) -> Option<ResourceName> {
    if let Some(rest) = text.strip_prefix("part-") {
        let (segment, part) = rest.strip_suffix(".m4s")?.split_once('-')?;
        return Some(ResourceName::Part(number(segment)?, number(part)?));
    }
    if let Some(rest) = text.strip_prefix("seg-") {
        return number(rest.strip_suffix(".m4s")?).map(ResourceName::Segment);
    }
    if let Some(rest) = text.strip_prefix("key-") {
        return number(rest.strip_suffix(".bin")?).map(ResourceName::Key);
    }
    number(text.strip_prefix("init-")?.strip_suffix(".mp4")?).map(ResourceName::Init)
}

/// A number in its one canonical spelling.
fn number(digits: &str) -> Option<u64> {
    let is_canonical =
        digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    if is_canonical { digits.parse().ok() } else { None }
}

impl fmt::Display for ResourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Multivariant => f.write_str("index.m3u8"),
            Self::Media => f.write_str("media.m3u8"),
            Self::Init(id) => write!(f, "init-{id}.mp4"),
            Self::Segment(msn) => write!(f, "seg-{msn}.m4s"),
            Self::Part(msn, part) => write!(f, "part-{msn}-{part}.m4s"),
            Self::Key(msn) => write!(f, "key-{msn}.bin"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reads_back_from_its_text() {
        for name in [
            ResourceName::Multivariant,
            ResourceName::Media,
            ResourceName::Init(0),
            ResourceName::Segment(10),
            ResourceName::Part(u64::MAX, 3),
            ResourceName::Key(10),
        ] {
            assert_eq!(name.to_string().parse(), Ok(name));
        }
    }

    #[test]
    fn anything_else_is_no_name() {
        for text in [
            "",
            "/",
            "..",
            "../index.m3u8",
            "index.m3u8/",
            "INDEX.M3U8",
            "seg-.m4s",
            "seg-+1.m4s",
            "seg-01.m4s",
            "seg-1.mp4",
            "seg--1.m4s",
            "seg-1.m4s\0",
            "part-1.m4s",
            "part-1-.m4s",
            "part-1-2-3.m4s",
            "part-1-00.m4s",
            "init-1.m4s",
            "key-1.m4s",
            "key-01.bin",
            "init-18446744073709551616.mp4",
            "seg-1%2e.m4s",
            "seg-\u{0661}.m4s",
        ] {
            assert_eq!(text.parse::<ResourceName>(), Err(ResourceNameUnknown), "{text}");
        }
    }
}
