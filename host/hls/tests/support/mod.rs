//! Frames out of FLV files, and a presentation on disk for other programs to read.

#![allow(dead_code, reason = "every test binary uses its own part of this")]

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
