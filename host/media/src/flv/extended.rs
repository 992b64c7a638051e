//! What the extended headers of sound and picture share (Enhanced RTMP v2, "ModEx" and "Multitrack").

use std::ops::Range;

use super::FlvError;
use super::reader::Reader;

/// `PacketType.ModEx`, alike for sound and picture.
pub(super) const MOD_EX: u8 = 7;

/// `TimestampOffsetNano`, the only ModEx type of version 2.
const TIMESTAMP_OFFSET_NANO: u8 = 0;

/// Reads ModEx packets until another packet type follows. Returns that type and the nanosecond offset.
pub(super) fn skip_mod_ex(reader: &mut Reader<'_>, mut packet_type: u8) -> Result<(u8, u32), FlvError> {
    let mut nanosecond_offset = 0;
    while packet_type == MOD_EX {
        let mut size = usize::from(reader.u8("ModEx size")?) + 1;
        if size == 256 {
            size = usize::from(reader.u16("ModEx size")?) + 1;
        }
        let data = reader.bytes(size, "ModEx data")?;
        let types = reader.u8("ModEx type")?;
        if let (TIMESTAMP_OFFSET_NANO, [a, b, c, ..]) = (types >> 4, data) {
            nanosecond_offset = u32::from_be_bytes([0, *a, *b, *c]).min(999_999);
        }
        packet_type = types & 0x0f;
    }
    Ok((packet_type, nanosecond_offset))
}

/// Where one track's packet lies.
pub(super) struct TrackPacket {
    pub(super) packet_type: u8,
    pub(super) four_cc: [u8; 4],
    pub(super) track_id: u8,
    /// The packet, its composition time offset included.
    pub(super) range: Range<usize>,
}

/// Reads the head of a packet up to its FourCC, or of a multitrack packet up to the track with id 0 (to
/// the first track, when none has that id). `multitrack` is the packet type that means multitrack.
pub(super) fn track_packet(
    reader: &mut Reader<'_>,
    packet_type: u8,
    multitrack: u8,
) -> Result<TrackPacket, FlvError> {
    if packet_type != multitrack {
        let four_cc = reader.four_cc()?;
        let range = reader.position()..reader.end();
        return Ok(TrackPacket { packet_type, four_cc, track_id: 0, range });
    }
    let types = reader.u8("multitrack type")?;
    let packet_type = types & 0x0f;
    if packet_type == multitrack || packet_type == MOD_EX {
        return Err(FlvError::Nested(packet_type));
    }
    match types >> 4 {
        0 => {
            let four_cc = reader.four_cc()?;
            let track_id = reader.u8("track id")?;
            let range = reader.position()..reader.end();
            Ok(TrackPacket { packet_type, four_cc, track_id, range })
        }
        1 => {
            let four_cc = reader.four_cc()?;
            default_track(reader, packet_type, Some(four_cc))
        }
        2 => default_track(reader, packet_type, None),
        reserved => Err(FlvError::MultitrackReserved(reserved)),
    }
}

fn default_track(
    reader: &mut Reader<'_>,
    packet_type: u8,
    shared: Option<[u8; 4]>,
) -> Result<TrackPacket, FlvError> {
    let mut first = None;
    loop {
        let four_cc = match shared {
            Some(four_cc) => four_cc,
            None => reader.four_cc()?,
        };
        let track_id = reader.u8("track id")?;
        let size = reader.u24("track size")? as usize;
        let start = reader.position();
        reader.bytes(size, "track")?;
        let packet = TrackPacket { packet_type, four_cc, track_id, range: start..start + size };
        if track_id == 0 {
            return Ok(packet);
        }
        let first = first.get_or_insert(packet);
        if reader.position() == reader.end() {
            return Ok(TrackPacket { range: first.range.clone(), ..*first });
        }
    }
}
