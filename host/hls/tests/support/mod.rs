//! Frames out of FLV files, and a presentation on disk for other programs to read.

#![allow(dead_code, reason = "every test binary uses its own part of this")]

pub mod mp4;

use std::fs;
use std::path::Path;
use std::process::Command;

use bytes::Bytes;
use neustream_hls::{Packager, PackagerSettings, ResourceName};
use neustream_media::flv::{self, Packet};
use neustream_media::{Frame, Track};

/// The frames of an FLV file (FLV 10.1, Annex E).
pub fn read_flv(bytes: &[u8]) -> Vec<Frame> {
    assert!(bytes.starts_with(b"FLV"), "not an FLV file");
    let mut frames = Vec::new();
    let mut rest = &bytes[9 + 4..];
    while let [kind, s0, s1, s2, t0, t1, t2, high, _, _, _, body @ ..] = rest {
        let size = u32::from_be_bytes([0, *s0, *s1, *s2]) as usize;
        let track = match kind {
            8 => Track::Audio,
            9 => Track::Video,
            _ => Track::Data,
        };
        let payload = Bytes::copy_from_slice(&body[..size]);
        let timestamp_ms = u64::from(u32::from_be_bytes([*high, *t0, *t1, *t2]));
        frames.push(Frame { track, kind: flv::classify(track, &payload), timestamp_ms, payload });
        rest = &body[size + 4..];
    }
    frames
}

/// Runs a program to its end; its output must be clean.
pub fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?} failed:\n{errors}");
    assert!(errors.trim().is_empty(), "{program} {arguments:?} complains:\n{errors}");
    String::from_utf8(output.stdout).expect("text")
}

/// An FLV file made by ffmpeg: `seconds` of a test pattern and a tone, with these codec arguments.
pub fn make_flv(directory: &Path, arguments: &str) -> Vec<Frame> {
    let file = directory.join("source.flv");
    let mut command = vec!["-v", "error", "-y"];
    command.extend(arguments.split_whitespace());
    command.extend(["-f", "flv", file.to_str().expect("a plain path")]);
    run("ffmpeg", &command);
    read_flv(&fs::read(&file).expect("the file that ffmpeg wrote"))
}

/// Settings under which nothing leaves the window.
pub fn everything_stays() -> PackagerSettings {
    PackagerSettings { window_segments: 64, retained_segments: 64, ..PackagerSettings::default() }
}

/// A packager that took `frames`, each without an error, and ended.
pub fn package(frames: &[Frame]) -> Packager {
    let mut packager = Packager::new(everything_stays());
    for frame in frames {
        packager.push(frame).expect("a good frame");
    }
    packager.end();
    packager
}

/// Writes everything that the playlists name into `directory`.
pub fn write_presentation(packager: &Packager, directory: &Path) {
    let media = packager.media_playlist(false).expect("a published playlist");
    fs::write(directory.join("index.m3u8"), packager.multivariant_playlist().expect("a published playlist"))
        .expect("writable");
    fs::write(directory.join("media.m3u8"), &media).expect("writable");
    for name in names_in(&media) {
        let body = packager.resource(&name).unwrap_or_else(|| panic!("{name} is listed but not there"));
        fs::write(directory.join(name.to_string()), body).expect("writable");
    }
}

/// The initialization sections, segments and parts that a media playlist names; hints are not there yet.
pub fn names_in(playlist: &str) -> Vec<ResourceName> {
    let mut names = Vec::new();
    for line in playlist.lines().filter(|line| !line.starts_with("#EXT-X-PRELOAD-HINT")) {
        let uri = match line.split_once("URI=\"") {
            Some((_, rest)) => rest.split('"').next().expect("a closing quote"),
            None if line.starts_with('#') => continue,
            None => line,
        };
        names.push(uri.parse().unwrap_or_else(|_| panic!("`{uri}` is no name")));
    }
    names
}

/// The value of a tag such as `#EXTINF:` on each of its lines.
pub fn values<'a>(playlist: &'a str, tag: &'a str) -> impl Iterator<Item = &'a str> {
    playlist.lines().filter_map(move |line| line.strip_prefix(tag))
}

/// Coded frames of one track that a player can show.
pub fn media_frames(frames: &[Frame], track: Track) -> usize {
    let of_track = frames.iter().filter(|frame| frame.track == track);
    let tags = of_track.filter_map(|frame| flv::parse(track, &frame.payload).ok());
    tags.filter(|tag| tag.packet == Packet::CodedFrames).count()
}

/// High profile, 1280x720.
pub const AVC_720P: &[u8] = &[
    0x17, 0, 0, 0, 0, 1, 0x64, 0x00, 0x1f, 0xff, 0xe1, 0x00, 0x1a, 0x67, 0x64, 0x00, 0x1f, 0xac, 0xd9, 0x40,
    0x50, 0x05, 0xbb, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0xc0, 0xf1, 0x83,
    0x19, 0x60, 0x01, 0x00, 0x05, 0x68, 0xeb, 0xec, 0xb2, 0x2c, 0xfd, 0xf8, 0xf8, 0x00,
];

/// AAC-LC, stereo, at 48 kHz and at 44.1 kHz.
pub const AAC_48K: &[u8] = &[0xaf, 0, 0x11, 0x90];
pub const AAC_44K: &[u8] = &[0xaf, 0, 0x12, 0x10];

/// A frame with this tag body.
pub fn frame(track: Track, timestamp_ms: u64, payload: impl Into<Bytes>) -> Frame {
    let payload = payload.into();
    Frame { track, kind: flv::classify(track, &payload), timestamp_ms, payload }
}

/// A sequence header.
pub fn header(track: Track, payload: &'static [u8]) -> Frame {
    frame(track, 0, payload)
}

/// A picture of `size` bytes.
pub fn picture(timestamp_ms: u64, is_key: bool, size: usize) -> Frame {
    let mut payload = vec![if is_key { 0x17 } else { 0x27 }, 1, 0, 0, 0];
    payload.resize(5 + size, 0x55);
    frame(Track::Video, timestamp_ms, payload)
}

/// An AAC packet of `size` bytes.
pub fn sound(timestamp_ms: u64, size: usize) -> Frame {
    let mut payload = vec![0xaf, 1];
    payload.resize(2 + size, 0xaa);
    frame(Track::Audio, timestamp_ms, payload)
}

/// What an encoder sends: pictures at a rate with a keyframe every so many, and sound at 48 kHz.
pub struct Encoder {
    pub pictures_per_1001_s: u64,
    pub keyframe_every: u64,
    pub with_picture: bool,
    pub with_sound: bool,
}

impl Default for Encoder {
    fn default() -> Self {
        Self { pictures_per_1001_s: 30_030, keyframe_every: 30, with_picture: true, with_sound: true }
    }
}

impl Encoder {
    /// Headers and the frames of `range_ms`, in the order of their times.
    pub fn frames(&self, range_ms: std::ops::Range<u64>) -> Vec<Frame> {
        let mut frames = Vec::new();
        for index in 0.. {
            let at_ms = index * 1_001_000 / self.pictures_per_1001_s;
            if !self.with_picture || at_ms >= range_ms.end {
                break;
            }
            if at_ms >= range_ms.start {
                frames.push(picture(at_ms, index % self.keyframe_every == 0, 900));
            }
        }
        for index in 0.. {
            let at_ms = index * 1024 / 48;
            if !self.with_sound || at_ms >= range_ms.end {
                break;
            }
            if at_ms >= range_ms.start {
                frames.push(sound(at_ms, 300));
            }
        }
        frames.sort_by_key(|frame| frame.timestamp_ms);
        let mut headers = Vec::new();
        if self.with_picture {
            headers.push(header(Track::Video, AVC_720P));
        }
        if self.with_sound {
            headers.push(header(Track::Audio, AAC_48K));
        }
        headers.append(&mut frames);
        headers
    }
}

/// Pushes good frames.
pub fn push_all(packager: &mut Packager, frames: &[Frame]) {
    for frame in frames {
        packager.push(frame).expect("a good frame");
    }
}
