//! What an encoder that speaks Enhanced RTMP v2 would send, from a fragmented MP4 file.

use bytes::Bytes;
use mp4_atom::{Codec, Decode, Encode, Header, Moof, Moov, ReadFrom, Traf};
use neustream_media::{Frame, Track};

use super::frame;

struct Source {
    id: u32,
    timescale: u64,
    four_cc: &'static [u8; 4],
    record: Vec<u8>,
}

/// A box's bytes behind its header of `head` bytes.
fn body(atom: &impl Encode, head: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    atom.encode(&mut bytes).expect("a box that was just read");
    bytes.split_off(head)
}

impl Source {
    fn new(id: u32, timescale: u64, codec: &Codec) -> Self {
        let (four_cc, record): (&[u8; 4], _) = match codec {
            Codec::Avc1(entry) => (b"avc1", body(&entry.avcc, 8)),
            Codec::Hvc1(entry) => (b"hvc1", body(&entry.hvcc, 8)),
            Codec::Av01(entry) => (b"av01", body(&entry.av1c, 8)),
            Codec::Vp09(entry) => (b"vp09", body(&entry.vpcc, 12)),
            Codec::Flac(entry) => (b"fLaC", [b"fLaC".to_vec(), body(&entry.dfla, 12)].concat()),
            Codec::Opus(entry) => {
                let mut head = b"OpusHead\x01".to_vec();
                head.push(entry.dops.output_channel_count);
                head.extend(entry.dops.pre_skip.to_le_bytes());
                head.extend(entry.dops.input_sample_rate.to_le_bytes());
                head.extend([0, 0, 0]);
                (b"Opus", head)
            }
            other => panic!("{other:?} is not made here"),
        };
        Self { id, timescale, four_cc, record }
    }

    fn track(&self) -> Track {
        if matches!(self.four_cc, b"fLaC" | b"Opus") { Track::Audio } else { Track::Video }
    }

    fn header(&self) -> Frame {
        frame(self.track(), 0, [&[0x90][..], self.four_cc, &self.record].concat())
    }

    fn coded(&self, decode_time: u64, offset: i64, is_sync: bool, data: &[u8]) -> Frame {
        let ms = |ticks: i64| (ticks * 1000 + self.timescale as i64 / 2).div_euclid(self.timescale as i64);
        let at_ms = ms(decode_time as i64);
        let mut payload = match (self.track(), is_sync) {
            (Track::Video, false) => vec![0xa1],
            _ => vec![0x91],
        };
        payload.extend(self.four_cc);
        if matches!(self.four_cc, b"avc1" | b"hvc1") {
            let offset_ms = ms(decode_time as i64 + offset) - at_ms;
            payload.extend(&(offset_ms as i32).to_be_bytes()[1..]);
        }
        payload.extend(data);
        frame(self.track(), at_ms as u64, payload)
    }
}

/// Reads a file written with `-movflags delay_moov+default_base_moof+frag_keyframe`.
pub fn read_fragmented_mp4(bytes: &[u8]) -> Vec<Frame> {
    let mut sources = Vec::new();
    let mut frames = Vec::new();
    let mut position = 0;
    while position < bytes.len() {
        let mut rest = &bytes[position..];
        let header = Header::read_from(&mut &rest[..]).expect("a box header");
        let size = 8 + header.size.expect("a box with a size");
        if header.kind == mp4_atom::FourCC::new(b"moov") {
            sources = tracks(&Moov::decode(&mut rest).expect("a moov"));
        } else if header.kind == mp4_atom::FourCC::new(b"moof") {
            let moof = Moof::decode(&mut rest).expect("a moof");
            for traf in &moof.traf {
                let source =
                    sources.iter().find(|source| source.id == traf.tfhd.track_id).expect("a known track");
                samples(source, traf, &bytes[position..], &mut frames);
            }
        }
        position += size;
    }
    frames.sort_by_key(|frame: &Frame| frame.timestamp_ms);
    let mut all: Vec<Frame> = sources.iter().map(Source::header).collect();
    all.append(&mut frames);
    all
}

fn tracks(moov: &Moov) -> Vec<Source> {
    let source = |trak: &mp4_atom::Trak| {
        let codec = &trak.mdia.minf.stbl.stsd.codecs[0];
        Source::new(trak.tkhd.track_id, u64::from(trak.mdia.mdhd.timescale), codec)
    };
    moov.trak.iter().map(source).collect()
}

fn samples(source: &Source, traf: &Traf, from_moof: &[u8], frames: &mut Vec<Frame>) {
    const NON_SYNC: u32 = 0x0001_0000;
    let mut decode_time = traf.tfdt.as_ref().expect("a tfdt").base_media_decode_time;
    for run in &traf.trun {
        let mut at = run.data_offset.expect("an offset") as usize;
        for entry in &run.samples {
            let size = entry.size.or(traf.tfhd.default_sample_size).expect("a size") as usize;
            let flags = entry.flags.or(traf.tfhd.default_sample_flags).unwrap_or(0);
            let data = Bytes::copy_from_slice(&from_moof[at..at + size]);
            frames.push(source.coded(decode_time, entry.cts.unwrap_or(0), flags & NON_SYNC == 0, &data));
            at += size;
            let duration = entry.duration.or(traf.tfhd.default_sample_duration).expect("a duration");
            decode_time += u64::from(duration);
        }
    }
}
