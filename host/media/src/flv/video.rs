//! Video tags: FLV E.4.3 and the extended video header of Enhanced RTMP v2.

use super::extended::{self, TrackPacket};
use super::reader::Reader;
use super::{Codec, FlvError, Packet, Tag};

const KEY_FRAME: u8 = 1;
const COMMAND_FRAME: u8 = 5;
const METADATA: u8 = 4;
const MULTITRACK: u8 = 6;

pub(super) fn parse(payload: &[u8]) -> Result<Tag, FlvError> {
    let mut reader = Reader::new(payload);
    let first = reader.u8("video tag header")?;
    let frame_type = (first >> 4) & 0x07;
    if first & 0x80 == 0 {
        legacy(reader, frame_type, first & 0x0f)
    } else {
        extended(reader, frame_type, first)
    }
}

fn legacy(mut reader: Reader<'_>, frame_type: u8, codec_id: u8) -> Result<Tag, FlvError> {
    let codec = match codec_id {
        7 => Codec::Avc,
        // Not in Annex E, but widespread before Enhanced RTMP: laid out like AVC.
        12 => Codec::Hevc,
        other => Codec::LegacyVideo(other),
    };
    let mut tag = Tag {
        codec,
        packet: Packet::CodedFrames,
        is_keyframe: frame_type == KEY_FRAME,
        composition_offset_ms: 0,
        nanosecond_offset: 0,
        track_id: 0,
        body: reader.position()..reader.end(),
    };
    if frame_type == COMMAND_FRAME {
        tag.packet = Packet::Command;
        return Ok(tag);
    }
    if matches!(codec, Codec::Avc | Codec::Hevc) {
        tag.packet = match reader.u8("AVC packet type")? {
            0 => Packet::SequenceStart,
            1 => Packet::CodedFrames,
            2 => Packet::SequenceEnd,
            other => Packet::Other(other),
        };
        tag.composition_offset_ms = reader.i24("composition time offset")?;
        tag.body.start = reader.position();
    }
    Ok(tag)
}

fn extended(mut reader: Reader<'_>, frame_type: u8, first: u8) -> Result<Tag, FlvError> {
    let (packet_type, nanosecond_offset) = extended::skip_mod_ex(&mut reader, first & 0x0f)?;
    if frame_type == COMMAND_FRAME && packet_type != METADATA {
        let body = reader.position()..reader.end();
        return Ok(Tag {
            codec: Codec::FourCc([0; 4]),
            packet: Packet::Command,
            is_keyframe: false,
            composition_offset_ms: 0,
            nanosecond_offset,
            track_id: 0,
            body,
        });
    }
    let TrackPacket { packet_type, four_cc, track_id, range } =
        extended::track_packet(&mut reader, packet_type, MULTITRACK)?;
    let codec = codec(four_cc);
    let mut tag = Tag {
        codec,
        packet: packet(packet_type),
        is_keyframe: frame_type == KEY_FRAME,
        composition_offset_ms: 0,
        nanosecond_offset,
        track_id,
        body: range,
    };
    // Packet type 1 carries an offset for the codecs that reorder pictures; type 3 says that it is zero.
    if packet_type == 1 && matches!(codec, Codec::Avc | Codec::Hevc | Codec::Vvc) {
        let mut offset = reader.within(&tag.body);
        tag.composition_offset_ms = offset.i24("composition time offset")?;
        tag.body.start += 3;
    }
    Ok(tag)
}

fn packet(packet_type: u8) -> Packet {
    match packet_type {
        0 => Packet::SequenceStart,
        1 | 3 => Packet::CodedFrames,
        2 => Packet::SequenceEnd,
        METADATA => Packet::Metadata,
        other => Packet::Other(other),
    }
}

fn codec(four_cc: [u8; 4]) -> Codec {
    match &four_cc {
        b"avc1" => Codec::Avc,
        b"hvc1" => Codec::Hevc,
        b"vvc1" => Codec::Vvc,
        b"av01" => Codec::Av1,
        b"vp08" => Codec::Vp8,
        b"vp09" => Codec::Vp9,
        _ => Codec::FourCc(four_cc),
    }
}
