//! From messages to frames: audio, video, script data and aggregates (RTMP 7.1.3 to 7.1.6).

use bytes::Bytes;
use neustream_media::{Frame, Track, flv};

use crate::amf0::split_string;
use crate::chunk::Message;
use crate::clock::Clock;
use crate::message::{amf0_part, kind};

/// Header of an FLV tag inside an aggregate: type, size, timestamp, stream id.
const TAG_HEADER: usize = 11;
/// The size of the whole tag, behind it.
const BACK_POINTER: usize = 4;

/// Makes frames of one publisher's messages.
#[derive(Debug, Default)]
pub(crate) struct FrameReader {
    clock: Clock,
}

impl FrameReader {
    /// Hands every frame in `message` to `emit`, until that returns false. Messages that carry none are passed over, and so are empty
    /// ones, which some encoders send when their sound pauses.
    pub fn read(&mut self, message: Message, mut emit: impl FnMut(Frame) -> bool) {
        if message.type_id == kind::AGGREGATE {
            self.read_aggregate(&message, &mut emit);
        } else if let Some(frame) = self.frame(message) {
            emit(frame);
        }
    }

    fn frame(&mut self, message: Message) -> Option<Frame> {
        let (track, payload) = match message.type_id {
            kind::AUDIO => (Track::Audio, message.payload),
            kind::VIDEO => (Track::Video, message.payload),
            kind::DATA_AMF0 | kind::DATA_AMF3 => (Track::Data, script_data(&message)?),
            _ => return None,
        };
        if payload.is_empty() {
            return None;
        }
        let timestamp_ms = self.clock.unwrap(message.timestamp);
        Some(Frame { track, kind: flv::classify(track, &payload), timestamp_ms, payload })
    }

    /// An aggregate is a run of FLV tags; their times count from the first one's, which stands for the time
    /// of the message (RTMP 7.1.6). A tag that is cut off ends it.
    fn read_aggregate(&mut self, aggregate: &Message, emit: &mut impl FnMut(Frame) -> bool) {
        let mut rest = aggregate.payload.clone();
        let mut first = None;
        while rest.len() >= TAG_HEADER {
            let length = u32::from_be_bytes([0, rest[1], rest[2], rest[3]]) as usize;
            let time = u32::from_be_bytes([rest[7], rest[4], rest[5], rest[6]]);
            let type_id = rest[0];
            if rest.len() < TAG_HEADER + length {
                return;
            }
            let first = *first.get_or_insert(time);
            let message = Message {
                timestamp: aggregate.timestamp.wrapping_add(time.wrapping_sub(first)),
                type_id,
                stream_id: aggregate.stream_id,
                payload: rest.slice(TAG_HEADER..TAG_HEADER + length),
            };
            if let Some(frame) = self.frame(message)
                && !emit(frame)
            {
                return;
            }
            rest = rest.slice((TAG_HEADER + length + BACK_POINTER).min(rest.len())..);
        }
    }
}

/// Script data as it is kept: without `@setDataFrame`, which is an instruction to a server. `None` when
/// nothing is left to keep.
fn script_data(message: &Message) -> Option<Bytes> {
    let body = message.payload.slice_ref(amf0_part(message));
    let (name, rest) = split_string(&body)?;
    match name {
        b"@setDataFrame" => {
            let data = body.slice_ref(rest);
            split_string(&data).is_some().then_some(data)
        }
        // The other instruction, and a permission of the old player that our sessions grant themselves.
        b"@clearDataFrame" | b"|RtmpSampleAccess" => None,
        _ => Some(body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use neustream_media::FrameKind;

    fn message(type_id: u8, timestamp: u32, payload: &[u8]) -> Message {
        Message { timestamp, type_id, stream_id: 1, payload: Bytes::copy_from_slice(payload) }
    }

    fn read(messages: impl IntoIterator<Item = Message>) -> Vec<Frame> {
        let mut reader = FrameReader::default();
        let mut frames = Vec::new();
        for message in messages {
            reader.read(message, |frame| {
                frames.push(frame);
                true
            });
        }
        frames
    }

    fn tag(type_id: u8, time: u32, body: &[u8]) -> Vec<u8> {
        let (time, length) = (time.to_be_bytes(), body.len() as u32);
        let mut tag = vec![type_id];
        tag.extend_from_slice(&length.to_be_bytes()[1..]);
        tag.extend_from_slice(&time[1..]);
        tag.extend_from_slice(&[time[0], 0, 0, 0]);
        tag.extend_from_slice(body);
        tag.extend_from_slice(&(length + 11).to_be_bytes());
        tag
    }

    #[test]
    fn metadata_comes_without_the_instruction_around_it() {
        let plain = b"\x02\x00\x0aonMetaData\x05";
        let mut wrapped = b"\x02\x00\x0d@setDataFrame".to_vec();
        wrapped.extend_from_slice(plain);
        let mut amf3 = vec![0];
        amf3.extend_from_slice(&wrapped);
        let frames = read([
            message(kind::DATA_AMF0, 0, plain),
            message(kind::DATA_AMF0, 0, &wrapped),
            message(kind::DATA_AMF3, 0, &amf3),
        ]);
        assert_eq!(frames.len(), 3);
        for frame in frames {
            assert_eq!(
                (frame.track, frame.kind, &frame.payload[..]),
                (Track::Data, FrameKind::Header, &plain[..])
            );
        }
    }

    #[test]
    fn other_script_data_passes_as_it_is() {
        let payload = b"\x02\x00\x0aonTextData\x05";
        let frames = read([message(kind::DATA_AMF0, 40, payload)]);
        assert_eq!(
            (frames[0].kind, frames[0].timestamp_ms, &frames[0].payload[..]),
            (FrameKind::Delta, 40, &payload[..])
        );
    }

    #[test]
    fn script_data_without_content_is_passed_over() {
        let none: [&[u8]; 5] =
            [b"", b"\x02\x00\x0d@setDataFrame", b"\x02\x00\x0d@setDataFrame\x05", b"\x05", b"\x02\xff\xffx"];
        assert_eq!(read(none.map(|payload| message(kind::DATA_AMF0, 0, payload))), []);
    }

    #[test]
    fn an_aggregate_is_split_into_its_tags() {
        let mut body = tag(kind::VIDEO, 1000, &[0x17, 1, 0, 0, 0, 9]);
        body.extend(tag(kind::AUDIO, 1010, &[0xAF, 1, 7]));
        body.extend(tag(kind::AUDIO, 1033, &[0xAF, 1, 8]));
        body.extend_from_slice(&[8, 0, 0, 50, 0, 0, 0]);
        let frames = read([message(kind::AGGREGATE, 5000, &body)]);
        let seen: Vec<_> = frames.iter().map(|f| (f.track, f.timestamp_ms, f.payload.len())).collect();
        assert_eq!(seen, [(Track::Video, 5000, 6), (Track::Audio, 5010, 3), (Track::Audio, 5033, 3)]);
    }

    #[test]
    fn a_lying_aggregate_yields_what_is_whole() {
        let mut body = tag(kind::AUDIO, 0, &[0xAF, 1, 7]);
        body.extend_from_slice(&[9, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(read([message(kind::AGGREGATE, 0, &body)]).len(), 1);
        assert_eq!(read([message(kind::AGGREGATE, 0, &[9; 30])]).len(), 0);
    }

    #[test]
    fn empty_media_messages_are_passed_over() {
        assert_eq!(read([message(kind::AUDIO, 0, &[]), message(kind::VIDEO, 0, &[])]), []);
    }
}
