//! Synthetic streams: H.264 and AAC as FLV tag bodies whose picture data carries a mark.
//!
//! The codec headers are valid (1280x720 baseline, AAC-LC 44.1 kHz stereo), so every server accepts and
//! classifies them; what follows a NAL header is pseudo-random with the high bit set, which needs no
//! emulation prevention and compresses nowhere. Each body carries the wall clock of its making and a
//! per-track counter, so that age and loss are read from the media itself and never from a server's metrics.
//! Absent: decodable pictures. Nothing here is for players with a decoder.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::amf;

/// Pictures a second.
pub const VIDEO_PER_SECOND: u64 = 30;
/// Pictures from one keyframe to the next: two seconds.
pub const GROUP: u64 = 60;
/// A keyframe weighs this many other pictures.
const KEY_WEIGHT: u64 = 4;
/// AAC frames have 1024 samples at 44.1 kHz: 43.07 a second.
const AUDIO_SAMPLES: u64 = 1024;
const AUDIO_RATE: u64 = 44_100;
const AUDIO_BITS_PER_SECOND: u64 = 128_000;

const MAGIC: [u8; 4] = [0xD7, 0xA5, 0xC3, 0xF9];
const MARK_BYTES: usize = 4 + 10 + 5;
/// FLV video tag header, NAL length and NAL header come before the mark.
const VIDEO_MARK_AT: usize = 5 + 4 + 1;
/// FLV audio tag header comes before the mark.
const AUDIO_MARK_AT: usize = 2;
/// As many leading bytes of a body as [`Mark::read`] needs.
pub const HEAD_BYTES: usize = VIDEO_MARK_AT + MARK_BYTES;

/// SPS of 1280x720 baseline level 3.1 without VUI.
const SPS: [u8; 9] = [0x67, 0x42, 0xC0, 0x1F, 0xDA, 0x01, 0x40, 0x16, 0xE4];
const PPS: [u8; 4] = [0x68, 0xCE, 0x3C, 0x80];

/// Which of the two tracks a message belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Track {
    /// RTMP message type 9.
    Video,
    /// RTMP message type 8.
    Audio,
}

impl Track {
    /// The RTMP message type id (RTMP 7.1).
    pub fn message_type(self) -> u8 {
        match self {
            Self::Audio => 8,
            Self::Video => 9,
        }
    }

    /// The track of an RTMP message type, if it is media.
    pub fn of_message_type(kind: u8) -> Option<Self> {
        match kind {
            8 => Some(Self::Audio),
            9 => Some(Self::Video),
            _ => None,
        }
    }
}

/// The moment and the number that travel inside a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Nanoseconds of the wall clock when the body was made.
    pub made_ns: u64,
    /// Counts the bodies of one track from 0.
    pub number: u32,
}

impl Mark {
    /// Reads the mark from the head of a tag body; `None` for codec headers and foreign bodies.
    pub fn read(track: Track, head: &[u8]) -> Option<Self> {
        let at = match track {
            Track::Video => VIDEO_MARK_AT,
            Track::Audio => AUDIO_MARK_AT,
        };
        let mark = head.get(at..at + MARK_BYTES)?;
        if mark[..4] != MAGIC {
            return None;
        }
        let number = from_septets(&mark[14..]);
        Some(Self { made_ns: from_septets(&mark[4..14]), number: number as u32 })
    }

    fn write(self, body: &mut [u8]) {
        body[..4].copy_from_slice(&MAGIC);
        to_septets(self.made_ns, &mut body[4..14]);
        to_septets(u64::from(self.number), &mut body[14..MARK_BYTES]);
    }
}

/// Whether the head of a video body says keyframe with pictures in it (FLV annex E.4.3: frame type 1,
/// AVCPacketType 1).
pub fn is_keyframe(head: &[u8]) -> bool {
    head.len() > 1 && head[0] == 0x17 && head[1] == 1
}

/// The wall clock in nanoseconds, the clock of every mark.
pub fn wall_clock_ns() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

/// One message of the schedule.
#[derive(Debug, Clone, Copy)]
pub struct Scheduled {
    /// When it is to be sent, from the start of the stream.
    pub due: Duration,
    /// Its track.
    pub track: Track,
    number: u64,
    is_key: bool,
}

impl Scheduled {
    /// The RTMP timestamp.
    pub fn timestamp_ms(&self) -> u32 {
        self.due.as_millis() as u32
    }
}

/// An endless stream of a fixed bitrate: 30 pictures and 43 audio frames a second in the order of time.
#[derive(Debug, Clone)]
pub struct Stream {
    key_bytes: usize,
    delta_bytes: usize,
    audio_bytes: usize,
    noise: Vec<u8>,
    next_video: u64,
    next_audio: u64,
}

impl Stream {
    /// A stream of `bits_per_second` in total, of which 128 kbit/s are audio.
    pub fn new(bits_per_second: u64) -> Self {
        let video_bytes_per_group =
            bits_per_second.saturating_sub(AUDIO_BITS_PER_SECOND) / 8 * GROUP / VIDEO_PER_SECOND;
        let delta_bytes = (video_bytes_per_group / (GROUP - 1 + KEY_WEIGHT)).max(64) as usize;
        let key_bytes = delta_bytes * KEY_WEIGHT as usize;
        let audio_bytes = (AUDIO_BITS_PER_SECOND / 8 * AUDIO_SAMPLES / AUDIO_RATE) as usize;
        Self { key_bytes, delta_bytes, audio_bytes, noise: noise(key_bytes), next_video: 0, next_audio: 0 }
    }

    /// When the next message is due.
    pub fn next_due(&self) -> Duration {
        video_due(self.next_video).min(audio_due(self.next_audio))
    }

    /// Advances to the next message.
    pub fn advance(&mut self) -> Scheduled {
        let (video, audio) = (video_due(self.next_video), audio_due(self.next_audio));
        if video <= audio {
            let number = self.next_video;
            self.next_video += 1;
            Scheduled { due: video, track: Track::Video, number, is_key: number.is_multiple_of(GROUP) }
        } else {
            let number = self.next_audio;
            self.next_audio += 1;
            Scheduled { due: audio, track: Track::Audio, number, is_key: false }
        }
    }

    /// Writes the tag body of `message`, marked with `made_ns`, replacing what `body` held.
    pub fn write_body(&self, message: &Scheduled, made_ns: u64, body: &mut Vec<u8>) {
        body.clear();
        let mark_at = match message.track {
            Track::Video => {
                let size = if message.is_key { self.key_bytes } else { self.delta_bytes };
                let nal_bytes = (size - 9) as u32;
                body.extend_from_slice(if message.is_key {
                    &[0x17, 1, 0, 0, 0]
                } else {
                    &[0x27, 1, 0, 0, 0]
                });
                body.extend_from_slice(&nal_bytes.to_be_bytes());
                body.push(if message.is_key { 0x65 } else { 0x41 });
                body.extend_from_slice(&self.noise[..size - VIDEO_MARK_AT]);
                VIDEO_MARK_AT
            }
            Track::Audio => {
                body.extend_from_slice(&[0xAF, 1]);
                body.extend_from_slice(&self.noise[..self.audio_bytes - AUDIO_MARK_AT]);
                AUDIO_MARK_AT
            }
        };
        Mark { made_ns, number: message.number as u32 }.write(&mut body[mark_at..mark_at + MARK_BYTES]);
    }
}

/// The AVC sequence header: FLV tag header, then the AVCDecoderConfigurationRecord (ISO 14496-15 5.3.3.1).
pub fn video_header() -> Vec<u8> {
    let mut body = vec![0x17, 0, 0, 0, 0, 1, SPS[1], SPS[2], SPS[3], 0xFF, 0xE1, 0, SPS.len() as u8];
    body.extend_from_slice(&SPS);
    body.extend_from_slice(&[1, 0, PPS.len() as u8]);
    body.extend_from_slice(&PPS);
    body
}

/// The AAC sequence header: AudioSpecificConfig of AAC-LC, 44.1 kHz, stereo.
pub fn audio_header() -> Vec<u8> {
    vec![0xAF, 0, 0x12, 0x10]
}

/// `@setDataFrame` with `onMetaData`, as encoders send it.
pub fn metadata(bits_per_second: u64) -> Vec<u8> {
    let mut body = Vec::new();
    amf::string(&mut body, "@setDataFrame");
    amf::string(&mut body, "onMetaData");
    amf::object(
        &mut body,
        &[
            ("width", amf::Value::Number(1280.0)),
            ("height", amf::Value::Number(720.0)),
            ("framerate", amf::Value::Number(VIDEO_PER_SECOND as f64)),
            ("videocodecid", amf::Value::Number(7.0)),
            ("videodatarate", amf::Value::Number((bits_per_second - AUDIO_BITS_PER_SECOND) as f64 / 1000.0)),
            ("audiocodecid", amf::Value::Number(10.0)),
            ("audiosamplerate", amf::Value::Number(AUDIO_RATE as f64)),
            ("encoder", amf::Value::String("neustream-load")),
        ],
    );
    body
}

fn video_due(number: u64) -> Duration {
    Duration::from_micros(number * 1_000_000 / VIDEO_PER_SECOND)
}

fn audio_due(number: u64) -> Duration {
    Duration::from_micros(number * AUDIO_SAMPLES * 1_000_000 / AUDIO_RATE)
}

/// `count` pseudo-random bytes with the high bit set (xorshift64).
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8 | 0x80
        })
        .collect()
}

fn to_septets(mut value: u64, bytes: &mut [u8]) {
    for byte in bytes.iter_mut().rev() {
        *byte = (value as u8 & 0x7F) | 0x80;
        value >>= 7;
    }
}

fn from_septets(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value, byte| (value << 7) | u64::from(byte & 0x7F))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_survives_the_journey_through_a_body() {
        let mut stream = Stream::new(5_000_000);
        let mut body = Vec::new();
        let made_ns = wall_clock_ns();
        for _ in 0..200 {
            let message = stream.advance();
            stream.write_body(&message, made_ns, &mut body);
            let mark = Mark::read(message.track, &body[..HEAD_BYTES]);
            assert_eq!(mark, Some(Mark { made_ns, number: message.number as u32 }));
        }
    }

    #[test]
    fn a_stream_has_the_bitrate_and_the_message_rate_it_was_asked_for() {
        let mut stream = Stream::new(5_000_000);
        let mut body = Vec::new();
        let (mut bytes, mut messages) = (0, 0);
        while stream.next_due() < Duration::from_secs(20) {
            let message = stream.advance();
            stream.write_body(&message, 0, &mut body);
            bytes += body.len() as u64;
            messages += 1;
        }
        let bits_per_second = bytes * 8 / 20;
        assert!((4_950_000..5_050_000).contains(&bits_per_second), "{bits_per_second}");
        assert_eq!(messages / 20, 73);
    }

    #[test]
    fn codec_headers_carry_no_mark() {
        assert_eq!(Mark::read(Track::Video, &video_header()), None);
        assert_eq!(Mark::read(Track::Audio, &audio_header()), None);
        assert!(!is_keyframe(&video_header()));
    }
}
