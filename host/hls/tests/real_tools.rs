//! ffmpeg makes the stream, ffprobe and ffmpeg read what the packager made of it.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod support;

use std::path::Path;

use neustream_media::{Frame, Track};
use support::mp4::read_fragmented_mp4;
use support::{everything_stays, make_flv, media_frames, package, run, write_presentation};
use tempfile::TempDir;

const PICTURE: &str = "-f lavfi -i testsrc2=size=320x180:rate=30:duration=6.5";
const TONE: &str = "-f lavfi -i sine=frequency=440:sample_rate=44100:duration=6.5";
const X264: &str = "-c:v libx264 -preset ultrafast -bf 2 -g 30 -pix_fmt yuv420p";

/// Decode and presentation times and durations of one stream, in seconds, as ffprobe reads them.
struct Packets {
    decode: Vec<f64>,
    presentation: Vec<f64>,
    /// Absent where ffprobe did not look into the packet for it.
    duration: Vec<Option<f64>>,
}

fn packets(playlist: &Path, stream: &str) -> Packets {
    let path = playlist.to_str().unwrap();
    let arguments = [
        "-v",
        "warning",
        "-allowed_extensions",
        "ALL",
        "-select_streams",
        stream,
        "-show_entries",
        "packet=pts_time,dts_time,duration_time",
        "-of",
        "csv=p=0",
        path,
    ];
    let text = run("ffprobe", &arguments);
    let mut packets = Packets { decode: Vec::new(), presentation: Vec::new(), duration: Vec::new() };
    for line in text.lines().filter(|line| !line.is_empty()) {
        let fields: Vec<Option<f64>> = line.split(',').take(3).map(|field| field.parse().ok()).collect();
        packets.presentation.push(fields[0].expect("a presentation time"));
        packets.decode.push(fields[1].expect("a decode time"));
        packets.duration.push(fields[2]);
    }
    packets
}

impl Packets {
    fn assert_gapless(&self, tolerance: f64) {
        let distances: Vec<f64> = self.decode.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mut sorted = distances.clone();
        sorted.sort_by(f64::total_cmp);
        let usual = sorted[sorted.len() / 2];
        for (index, distance) in distances.iter().enumerate() {
            let gap = distance - self.duration[index].unwrap_or(usual);
            assert!(
                gap.abs() <= tolerance,
                "gap of {gap} s after packet {index} at {} s",
                self.decode[index]
            );
        }
        let mut shown = self.presentation.clone();
        shown.sort_by(f64::total_cmp);
        assert!(shown.windows(2).all(|pair| pair[0] < pair[1]), "two packets are shown at the same time");
    }
}

/// Packages `frames`, reads them back, and decodes everything without a complaint.
fn assert_reads_back(frames: &[Frame], directory: &Path) {
    let packager = package(frames);
    write_presentation(&packager, directory);
    let media = directory.join("media.m3u8");
    let index = directory.join("index.m3u8");
    for (track, stream, tolerance) in [(Track::Video, "v:0", 0.001), (Track::Audio, "a:0", 0.000_05)] {
        let sent = media_frames(frames, track);
        if sent > 0 {
            let read = packets(&media, stream);
            assert_eq!(read.decode.len(), sent, "{track:?} packets");
            read.assert_gapless(tolerance);
        }
    }
    let input = ["-v", "warning", "-i", index.to_str().unwrap()];
    // Without these ffmpeg rounds to frames and complains of its own rounding, even of the source file.
    let as_they_are = ["-fps_mode", "passthrough", "-enc_time_base", "-1", "-f", "null", "-"];
    run("ffmpeg", &[&input[..], &as_they_are[..]].concat());
}

fn stream(directory: &TempDir, arguments: &str) -> Vec<Frame> {
    make_flv(directory.path(), arguments)
}

#[test]
fn picture_and_sound_read_back_frame_by_frame() {
    let directory = TempDir::new().unwrap();
    let frames = stream(&directory, &format!("{PICTURE} {TONE} {X264} -c:a aac"));
    assert_reads_back(&frames, directory.path());
}

#[test]
fn film_rate_and_48_khz_read_back() {
    let directory = TempDir::new().unwrap();
    let picture = "-f lavfi -i testsrc2=size=320x180:rate=24000/1001:duration=6";
    let tone = "-f lavfi -i sine=frequency=440:sample_rate=48000:duration=6";
    let frames = stream(&directory, &format!("{picture} {tone} {X264} -c:a aac -ac 2"));
    assert_reads_back(&frames, directory.path());
}

#[test]
fn picture_alone_reads_back() {
    let directory = TempDir::new().unwrap();
    assert_reads_back(&stream(&directory, &format!("{PICTURE} {X264}")), directory.path());
}

#[test]
fn sound_alone_reads_back() {
    let directory = TempDir::new().unwrap();
    assert_reads_back(&stream(&directory, &format!("{TONE} -c:a aac")), directory.path());
}

#[test]
fn mp3_reads_back() {
    let directory = TempDir::new().unwrap();
    assert_reads_back(
        &stream(&directory, &format!("{PICTURE} {TONE} {X264} -c:a libmp3lame")),
        directory.path(),
    );
}

/// A stream as an encoder with Enhanced RTMP sends it: FLV cannot carry it, so it comes out of an MP4 file.
fn enhanced_stream(directory: &TempDir, codecs: &str) -> Vec<Frame> {
    let file = directory.path().join("source.mp4");
    let arguments = format!("-v error -y {PICTURE} {TONE} -pix_fmt yuv420p {codecs} -strict -2 -f mp4");
    let mut command: Vec<&str> = arguments.split_whitespace().collect();
    command.extend(["-movflags", "delay_moov+default_base_moof+frag_keyframe", file.to_str().unwrap()]);
    run("ffmpeg", &command);
    read_fragmented_mp4(&std::fs::read(&file).unwrap())
}

#[test]
fn hevc_and_opus_read_back() {
    let directory = TempDir::new().unwrap();
    let codecs =
        "-c:v libx265 -preset ultrafast -x265-params keyint=30:log-level=error -tag:v hvc1 -c:a libopus";
    let frames = enhanced_stream(&directory, codecs);
    assert_reads_back(&frames, directory.path());
    let text = package(&frames).multivariant_playlist().unwrap();
    assert!(text.contains("CODECS=\"hvc1.1.6.L") && text.contains(",opus\",RESOLUTION=320x180"), "{text}");
}

#[test]
fn av1_and_flac_read_back() {
    let directory = TempDir::new().unwrap();
    let frames = enhanced_stream(&directory, "-c:v libaom-av1 -cpu-used 8 -usage realtime -g 30 -c:a flac");
    assert_reads_back(&frames, directory.path());
    let text = package(&frames).multivariant_playlist().unwrap();
    assert!(text.contains("CODECS=\"av01.0.00M.08,fLaC\",RESOLUTION=320x180"), "{text}");
}

#[test]
fn vp9_and_opus_read_back() {
    let directory = TempDir::new().unwrap();
    let codecs = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 30 -c:a libopus";
    let frames = enhanced_stream(&directory, codecs);
    assert_reads_back(&frames, directory.path());
    let text = package(&frames).multivariant_playlist().unwrap();
    assert!(text.contains("CODECS=\"vp09.00.11.08,opus\",RESOLUTION=320x180"), "{text}");
}

#[test]
fn a_group_of_pictures_longer_than_the_cap_reads_back() {
    let directory = TempDir::new().unwrap();
    let picture = "-f lavfi -i testsrc2=size=160x90:rate=30:duration=50";
    let frames = stream(
        &directory,
        &format!(
            "{picture} -c:v libx264 -preset ultrafast -g 9999 -keyint_min 9999 -sc_threshold 0 -pix_fmt yuv420p"
        ),
    );
    let packager = package(&frames);
    write_presentation(&packager, directory.path());
    let playlist = packager.media_playlist(false).unwrap();
    let longest = everything_stays().max_segment_duration.as_secs_f64();
    let durations: Vec<f64> = support::values(&playlist, "#EXTINF:")
        .map(|value| value.trim_end_matches(',').parse().unwrap())
        .collect();
    assert!(durations.len() >= 3 && durations.iter().all(|duration| *duration <= longest), "{durations:?}");
    let read = packets(&directory.path().join("media.m3u8"), "v:0");
    assert_eq!(read.decode.len(), media_frames(&frames, Track::Video));
    read.assert_gapless(0.001);
}

#[test]
fn hostile_frames_between_good_ones_leave_the_rest_readable() {
    let directory = TempDir::new().unwrap();
    let good = stream(&directory, &format!("{PICTURE} {TONE} {X264} -c:a aac"));
    let mut packager = neustream_hls::Packager::new(everything_stays());
    let hostile: [(Track, &'static [u8]); 8] = [
        (Track::Video, &[]),
        (Track::Video, &[0x17]),
        (Track::Video, &[0x27, 1, 0, 0, 0]),
        (Track::Video, &[0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, 4, 0x67, 0x64, 0, 0x1f]),
        (Track::Video, &[0x97, 0xff, 0xff, 0xff]),
        (Track::Audio, &[0xaf]),
        (Track::Audio, &[0xaf, 1]),
        (Track::Audio, &[0xaf, 0, 0x16, 0x90]),
    ];
    let mut refused = 0;
    for (index, frame) in good.iter().enumerate() {
        packager.push(frame).expect("a good frame");
        let (track, payload) = hostile[index % hostile.len()];
        let payload = bytes::Bytes::from_static(payload);
        let kind = neustream_media::flv::classify(track, &payload);
        let frame = Frame { track, kind, timestamp_ms: frame.timestamp_ms, payload };
        refused += usize::from(packager.push(&frame).is_err());
    }
    packager.end();
    assert_eq!(refused, good.len(), "every hostile frame is told");
    write_presentation(&packager, directory.path());
    let media = directory.path().join("media.m3u8");
    for (track, stream) in [(Track::Video, "v:0"), (Track::Audio, "a:0")] {
        let read = packets(&media, stream);
        assert_eq!(read.decode.len(), media_frames(&good, track));
        read.assert_gapless(0.001);
    }
}

#[test]
fn an_encrypted_stream_reads_back_frame_by_frame() {
    let directory = TempDir::new().unwrap();
    let frames = stream(&directory, &format!("{PICTURE} {TONE} {X264} -c:a aac"));
    let encryption = Some(neustream_hls::SegmentEncryption::new([5; 32], 2));
    let mut packager =
        neustream_hls::Packager::new(neustream_hls::PackagerSettings { encryption, ..everything_stays() });
    support::push_all(&mut packager, &frames);
    packager.end();
    write_presentation(&packager, directory.path());
    let media = directory.path().join("media.m3u8");
    assert!(std::fs::read_to_string(&media).unwrap().matches("METHOD=AES-128").count() >= 3);
    for (track, stream) in [(Track::Video, "v:0"), (Track::Audio, "a:0")] {
        let read = packets(&media, stream);
        assert_eq!(read.decode.len(), media_frames(&frames, track), "{track:?} packets");
        read.assert_gapless(0.001);
    }
}
