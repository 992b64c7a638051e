//! What a hostile publisher can and cannot do.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod support;

use neustream_hls::{Packager, PackagerError, PackagerSettings, ResourceName};
use neustream_media::Track;
use support::{
    AAC_48K, AVC_720P, Encoder, everything_stays, header, names_in, picture, push_all, sound, values,
};

#[test]
fn an_endless_group_of_pictures_is_cut_by_time() {
    let mut packager = Packager::new(everything_stays());
    push_all(&mut packager, &Encoder { keyframe_every: u64::MAX, ..Encoder::default() }.frames(0..90_000));
    let playlist = packager.media_playlist(false).unwrap();
    for duration in values(&playlist, "#EXTINF:") {
        assert!(duration.trim_end_matches(',').parse::<f64>().unwrap() <= 20.0, "{duration}");
    }
    assert!(playlist.contains("seg-3.m4s"));
    assert!(
        playlist.contains("#EXT-X-PART:") && !playlist.contains("INDEPENDENT=YES"),
        "no keyframe in sight"
    );
    assert!(!playlist.contains("#EXT-X-INDEPENDENT-SEGMENTS"), "not every segment begins with one");
}

#[test]
fn an_endless_group_of_fat_pictures_is_cut_by_bytes() {
    let settings = PackagerSettings {
        max_segment_bytes: 1 << 20,
        max_window_bytes: 5 << 20,
        ..PackagerSettings::default()
    };
    let mut packager = Packager::new(settings);
    packager.push(&header(Track::Video, AVC_720P)).unwrap();
    let mut most = 0;
    for index in 0..2000 {
        packager.push(&picture(index * 33, index == 0, 200_000)).unwrap();
        most = most.max(packager.memory_bytes());
    }
    assert!(most <= (5 << 20) + (2 << 20), "{most} bytes held");
    let playlist = packager.media_playlist(false).unwrap();
    for name in names_in(&playlist) {
        let body = packager.resource(&name).unwrap_or_else(|| panic!("{name} is listed"));
        assert!(body.len() <= (1 << 20) + 200_000 + 4096, "{name} has {} bytes", body.len());
    }
}

#[test]
fn waiting_for_the_other_track_is_bounded() {
    let settings = PackagerSettings {
        max_segment_bytes: 1 << 20,
        max_window_bytes: 4 << 20,
        ..PackagerSettings::default()
    };
    let mut packager = Packager::new(settings);
    packager.push(&header(Track::Video, AVC_720P)).unwrap();
    packager.push(&header(Track::Audio, AAC_48K)).unwrap();
    // All at the same time, so that waiting never times out.
    for _ in 0..500 {
        packager.push(&sound(0, 50_000)).unwrap();
        assert!(packager.memory_bytes() <= 6 << 20, "{}", packager.memory_bytes());
    }
}

#[test]
fn wrong_frames_are_told_apart_and_skipped() {
    let mut packager =
        Packager::new(PackagerSettings { max_segment_bytes: 1000, ..PackagerSettings::default() });
    let error = |packager: &mut Packager, frame| packager.push(&frame).unwrap_err();
    assert_eq!(error(&mut packager, picture(0, true, 10)), PackagerError::ConfigurationMissing(Track::Video));
    packager.push(&header(Track::Video, AVC_720P)).unwrap();
    assert_eq!(error(&mut packager, picture(0, true, 0)), PackagerError::Empty(Track::Video));
    assert_eq!(
        error(&mut packager, picture(0, true, 2000)),
        PackagerError::TooLong { length: 2000, limit: 1000 }
    );
    let other_codec = support::frame(Track::Video, 0, &b"\x91av01abc"[..]);
    assert_eq!(error(&mut packager, other_codec), PackagerError::ConfigurationMissing(Track::Video));
    assert!(matches!(
        error(&mut packager, support::frame(Track::Video, 0, &b""[..])),
        PackagerError::Tag { .. }
    ));
    packager.push(&picture(0, true, 10)).unwrap();
}

#[test]
fn a_codec_that_hls_does_not_carry_is_told_once() {
    let mut packager = Packager::new(PackagerSettings::default());
    let header = support::frame(Track::Video, 0, &b"\x90vvc1\x01"[..]);
    assert!(matches!(packager.push(&header), Err(PackagerError::Config { .. })));
    for index in 0..10 {
        let coded = support::frame(Track::Video, index * 33, &b"\x93vvc1\x01\x02"[..]);
        assert!(!packager.push(&coded).unwrap().changed);
    }
    // Its sound still plays.
    push_all(&mut packager, &Encoder { with_picture: false, ..Encoder::default() }.frames(0..3000));
    assert!(packager.multivariant_playlist().unwrap().contains("CODECS=\"mp4a.40.2\""));
}

#[test]
fn a_clock_that_flaps_fills_neither_memory_nor_playlist() {
    let mut packager = Packager::new(PackagerSettings::default());
    packager.push(&header(Track::Audio, AAC_48K)).unwrap();
    for index in 0..20_000u64 {
        let at_ms = if index % 2 == 0 { 0 } else { 1 << 50 };
        packager.push(&sound(at_ms + index, 100)).unwrap();
    }
    assert!(packager.memory_bytes() < 1 << 20, "{}", packager.memory_bytes());
    assert!(packager.media_playlist(false).unwrap().len() < 64 * 1024);
}

#[test]
fn configurations_that_change_all_the_time_do_not_pile_up() {
    let mut packager = Packager::new(PackagerSettings::default());
    for index in 0..5000u64 {
        let mut record = AAC_48K.to_vec();
        record.resize(1000, (index % 251) as u8);
        packager.push(&support::frame(Track::Audio, index * 21, record)).unwrap();
        packager.push(&sound(index * 21, 100)).unwrap();
    }
    assert!(packager.memory_bytes() < 1 << 20, "{}", packager.memory_bytes());
}

#[test]
fn only_names_of_the_presentation_are_served() {
    let mut packager = Packager::new(PackagerSettings::default());
    push_all(&mut packager, &Encoder::default().frames(0..3001));
    for name in [
        ResourceName::Segment(99),
        ResourceName::Part(0, 99),
        ResourceName::Part(u64::MAX, 0),
        ResourceName::Init(7),
    ] {
        assert_eq!(packager.resource(&name), None, "{name}");
    }
}
