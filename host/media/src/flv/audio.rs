//! Audio tags: FLV E.4.2 and the extended audio header of Enhanced RTMP v2.

use super::extended::{self, TrackPacket};
use super::reader::Reader;
use super::{Codec, FlvError, Packet, Tag};

/// The `SoundFormat` that announces an extended header.
const EXTENDED: u8 = 9;
const MULTITRACK: u8 = 5;

pub(super) fn parse(payload: &[u8]) -> Result<Tag, FlvError> {
    let mut reader = Reader::new(payload);
    let first = reader.u8("audio tag header")?;
    match first >> 4 {
        EXTENDED => extended(reader, first & 0x0f),
        sound_format => legacy(reader, sound_format),
    }
}

fn legacy(mut reader: Reader<'_>, sound_format: u8) -> Result<Tag, FlvError> {
    let (codec, packet) = match sound_format {
        10 => match reader.u8("AAC packet type")? {
            0 => (Codec::Aac, Packet::SequenceStart),
            1 => (Codec::Aac, Packet::CodedFrames),
            other => (Codec::Aac, Packet::Other(other)),
        },
        // 14 is MP3 at 8 kHz, a rate that the two bits of `SoundRate` cannot say.
        2 | 14 => (Codec::Mp3, Packet::CodedFrames),
        other => (Codec::LegacyAudio(other), Packet::CodedFrames),
    };
    let body = reader.position()..reader.end();
    Ok(sound(codec, packet, 0, 0, body))
}

fn extended(mut reader: Reader<'_>, packet_type: u8) -> Result<Tag, FlvError> {
    let (packet_type, nanosecond_offset) = extended::skip_mod_ex(&mut reader, packet_type)?;
    let TrackPacket { packet_type, four_cc, track_id, range } =
        extended::track_packet(&mut reader, packet_type, MULTITRACK)?;
    let packet = match packet_type {
        0 => Packet::SequenceStart,
        1 => Packet::CodedFrames,
        2 => Packet::SequenceEnd,
        4 => Packet::MultichannelConfig,
        other => Packet::Other(other),
    };
    Ok(sound(codec(four_cc), packet, nanosecond_offset, track_id, range))
}

fn sound(
    codec: Codec,
    packet: Packet,
    nanosecond_offset: u32,
    track_id: u8,
    body: std::ops::Range<usize>,
) -> Tag {
    Tag { codec, packet, is_keyframe: false, composition_offset_ms: 0, nanosecond_offset, track_id, body }
}

fn codec(four_cc: [u8; 4]) -> Codec {
    match &four_cc {
        b"mp4a" => Codec::Aac,
        b".mp3" => Codec::Mp3,
        b"Opus" => Codec::Opus,
        b"fLaC" => Codec::Flac,
        b"ac-3" => Codec::Ac3,
        b"ec-3" => Codec::Eac3,
        _ => Codec::FourCc(four_cc),
    }
}
