//! What a server session tells its caller, what it is told, and what it allows.

use std::borrow::Cow;
use std::fmt;

use neustream_media::Frame;

use crate::amf0::Value;

/// How much one peer may make us hold. The defaults suit a server on the open internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// Chunk streams with a memory of their own. Encoders use 3 to 6.
    pub max_chunk_streams: usize,
    /// Longest message, in bytes. At most 16 MiB - 1 can be said in a header.
    pub max_message_bytes: usize,
    /// Memory for a peer whose publish request was accepted.
    pub max_publisher_bytes: usize,
    /// Memory for every other peer: strangers, and players, who have little to say. The handshake alone takes
    /// 11 kB.
    pub max_stranger_bytes: usize,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            max_chunk_streams: 32,
            max_message_bytes: 4 << 20,
            max_publisher_bytes: 8 << 20,
            max_stranger_bytes: 256 << 10,
        }
    }
}

/// `capsEx` bits that we honour by passing media through untouched: Multitrack, ModEx, TimestampNanoOffset
/// (Enhanced RTMP v2).
pub(crate) const CAPS_EX: u32 = 0x02 | 0x04 | 0x08;

/// The codecs that pass through, by FourCC (Enhanced RTMP v2). Whatever else comes passes as well.
pub(crate) const FOUR_CC: [&str; 12] =
    ["avc1", "hvc1", "av01", "vp09", "vp08", "vvc1", "Opus", "fLaC", "ac-3", "ec-3", "mp4a", ".mp3"];

/// What a peer said in its `connect` command (RTMP 7.2.1.1, Enhanced RTMP v2 "Enhancing NetConnection
/// connect Command").
#[derive(Clone, PartialEq, Default)]
pub struct ConnectInfo {
    /// The application, without slashes at its ends.
    pub app: String,
    /// The URL as the peer knows it. May carry a stream key, when a user pasted it into the wrong field.
    pub tc_url: Option<String>,
    /// The peer's software, as it calls itself.
    pub flash_version: Option<String>,
    /// Enhanced RTMP: the codecs that the peer names by FourCC, in `fourCcList` or in the maps of version 2;
    /// `*` is any. Empty for classic peers.
    pub four_cc_list: Vec<String>,
    /// Enhanced RTMP: its further capabilities, a bit field.
    pub caps_ex: u32,
    /// 0 or 3. Whatever it is, we speak AMF0.
    pub object_encoding: f64,
}

impl ConnectInfo {
    /// Reads the command object; `None` without an application.
    pub(crate) fn parse(object: &Value) -> Option<Self> {
        let text = |name| object.get(name).and_then(Value::as_str).map(str::to_owned);
        let number = |name| object.get(name).and_then(Value::as_number).unwrap_or(0.0);
        let mut four_cc_list: Vec<String> = match object.get("fourCcList") {
            Some(Value::StrictArray(values)) => {
                values.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        };
        for map in ["videoFourCcInfoMap", "audioFourCcInfoMap"] {
            for (four_cc, _) in object.get(map).and_then(Value::properties).into_iter().flatten() {
                if !four_cc_list.contains(four_cc) {
                    four_cc_list.push(four_cc.clone());
                }
            }
        }
        Some(Self {
            app: text("app")?.trim_matches('/').to_owned(),
            tc_url: text("tcUrl"),
            flash_version: text("flashVer"),
            four_cc_list,
            caps_ex: number("capsEx") as u32,
            object_encoding: number("objectEncoding"),
        })
    }

    /// Whether the peer speaks Enhanced RTMP.
    pub fn is_enhanced(&self) -> bool {
        !self.four_cc_list.is_empty() || self.caps_ex != 0
    }
}

impl fmt::Debug for ConnectInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectInfo")
            .field("app", &public_part(&self.app))
            .field("flash_version", &self.flash_version)
            .field("four_cc_list", &self.four_cc_list)
            .field("caps_ex", &self.caps_ex)
            .finish_non_exhaustive()
    }
}

/// An application up to where people paste keys: `live` of `live/KEY` and of `live?token=KEY`.
pub(crate) fn public_part(app: &str) -> &str {
    app.split(['/', '?']).next().unwrap_or_default()
}

/// What happened in a server session.
#[derive(Clone, PartialEq)]
pub enum ServerEvent {
    /// The peer introduced itself and was answered.
    Connected(ConnectInfo),
    /// It wants to publish: answer with `accept` or `reject`. Until then nothing further is read.
    PublishRequested {
        /// The application.
        app: String,
        /// The name it publishes under, with a query where it sent one. This is the stream key.
        name: String,
    },
    /// It wants to play: answer with `accept` or `reject`. Until then nothing further is read.
    PlayRequested {
        /// The application.
        app: String,
        /// The name of what it wants to play, with a query where it sent one.
        name: String,
        /// The message stream that media must be addressed to.
        message_stream_id: u32,
    },
    /// A frame of an accepted publisher, with its own time.
    Frame(Frame),
    /// It stopped publishing or playing of its own accord. The connection is still there.
    Ended,
}

impl ServerEvent {
    /// Memory held by the event, besides its own size.
    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Self::Connected(info) => {
                let list =
                    info.four_cc_list.iter().map(|item| item.len() + size_of::<String>()).sum::<usize>();
                list + info.app.len()
                    + info.tc_url.as_ref().map_or(0, String::len)
                    + info.flash_version.as_ref().map_or(0, String::len)
            }
            Self::PublishRequested { app, name } | Self::PlayRequested { app, name, .. } => {
                app.len() + name.len()
            }
            Self::Frame(frame) => frame.payload.len(),
            Self::Ended => 0,
        }
    }
}

impl fmt::Debug for ServerEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected(info) => f.debug_tuple("Connected").field(info).finish(),
            Self::PublishRequested { app, .. } => {
                f.debug_struct("PublishRequested").field("app", &public_part(app)).finish_non_exhaustive()
            }
            Self::PlayRequested { app, message_stream_id, .. } => f
                .debug_struct("PlayRequested")
                .field("app", &public_part(app))
                .field("message_stream_id", message_stream_id)
                .finish_non_exhaustive(),
            Self::Frame(frame) => f
                .debug_struct("Frame")
                .field("track", &frame.track)
                .field("kind", &frame.kind)
                .field("timestamp_ms", &frame.timestamp_ms)
                .field("bytes", &frame.payload.len())
                .finish(),
            Self::Ended => f.write_str("Ended"),
        }
    }
}

/// Why a peer is turned away: an `onStatus` of level "error" (RTMP 7.2.2). The description is read by
/// people in their encoder's log, so it says what to do and never repeats the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The status code, such as `NetStream.Publish.BadName`.
    pub code: Cow<'static, str>,
    /// What it means here.
    pub description: Cow<'static, str>,
}

impl Rejection {
    /// Any code.
    pub fn new(code: impl Into<Cow<'static, str>>, description: impl Into<Cow<'static, str>>) -> Self {
        Self { code: code.into(), description: description.into() }
    }

    /// Nobody may publish under this name: `NetStream.Publish.BadName`. Also for a key that is in use.
    pub fn bad_name(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new("NetStream.Publish.BadName", description)
    }

    /// There is nothing to play under this name: `NetStream.Play.StreamNotFound`.
    pub fn stream_not_found(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new("NetStream.Play.StreamNotFound", description)
    }

    /// It is our fault, or we have had enough: `NetStream.Failed`.
    pub fn failed(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new("NetStream.Failed", description)
    }
}
