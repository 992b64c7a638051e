//! Tracks that come, go and change; clocks that jump.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod support;

use mp4_atom::{Decode, Moof};
use neustream_hls::{Packager, PackagerSettings, ResourceName};
use neustream_media::{Frame, Track};
use support::{
    AAC_44K, AAC_48K, AVC_720P, Encoder, everything_stays, header, names_in, picture, push_all, sound, values,
};

fn packager() -> Packager {
    Packager::new(everything_stays())
}

/// `PART-TARGET`, and for each segment the durations of its parts.
fn parts(playlist: &str) -> (f64, Vec<Vec<f64>>) {
    let target = values(playlist, "#EXT-X-PART-INF:PART-TARGET=").next().unwrap().parse().unwrap();
    let mut segments = vec![Vec::new()];
    for line in playlist.lines() {
        if let Some(rest) = line.strip_prefix("#EXT-X-PART:DURATION=") {
            segments.last_mut().unwrap().push(rest.split(',').next().unwrap().parse().unwrap());
        } else if line.starts_with("#EXTINF") {
            segments.push(Vec::new());
        }
    }
    (target, segments)
}

/// The tracks of a part and the tick at which each begins.
fn decode_times(part: &[u8]) -> Vec<(u32, u64)> {
    let moof = Moof::decode(&mut &part[..]).unwrap();
    let time = |traf: &mp4_atom::Traf| traf.tfdt.as_ref().unwrap().base_media_decode_time;
    moof.traf.iter().map(|traf| (traf.tfhd.track_id, time(traf))).collect()
}

#[test]
fn parts_are_at_most_the_target_and_but_for_the_last_at_least_85_percent_of_it() {
    let rates = [23_976, 24_024, 25_025, 30_000, 30_030, 50_050, 60_060];
    let mut encoders: Vec<Encoder> = rates
        .iter()
        .map(|rate| Encoder { pictures_per_1001_s: *rate, keyframe_every: rate / 1001, ..Encoder::default() })
        .collect();
    encoders.push(Encoder { with_picture: false, ..Encoder::default() });
    for encoder in encoders {
        let rate = encoder.pictures_per_1001_s;
        let mut packager = packager();
        push_all(&mut packager, &encoder.frames(0..20_000));
        let (target, segments) = parts(&packager.media_playlist(false).unwrap());
        assert!((0.15..=0.203).contains(&target), "{rate}: {target}");
        for segment in &segments[..segments.len() - 1] {
            let (_, but_last) = segment.split_last().map_or((&0.0, &[][..]), |(last, rest)| (last, rest));
            assert!(segment.iter().all(|part| *part <= target), "{rate}: {segment:?} of {target}");
            assert!(but_last.iter().all(|part| *part >= 0.85 * target), "{rate}: {segment:?} of {target}");
        }
    }
}

#[test]
fn segments_are_whole_groups_of_pictures_even_long_ones() {
    // hls.js (1.7) stops for good behind a segment that does not begin with a keyframe.
    let mut packager = packager();
    push_all(&mut packager, &Encoder { keyframe_every: 250, ..Encoder::default() }.frames(0..20_000));
    let playlist = packager.media_playlist(false).unwrap();
    let segments: Vec<f64> =
        values(&playlist, "#EXTINF:").map(|value| value.trim_end_matches(',').parse().unwrap()).collect();
    assert_eq!(segments, [8.333, 8.333]);
    assert!(playlist.contains("#EXT-X-INDEPENDENT-SEGMENTS\n"));
}

#[test]
fn the_parts_of_a_segment_are_the_segment() {
    let mut packager = packager();
    push_all(&mut packager, &Encoder::default().frames(0..5001));
    for msn in 1..6 {
        let mut joined = Vec::new();
        for part in (0..).map_while(|part| packager.resource(&ResourceName::Part(msn, part))) {
            joined.extend_from_slice(&part);
        }
        assert_eq!(packager.resource(&ResourceName::Segment(msn)).unwrap(), joined);
    }
    assert_eq!(packager.resource(&ResourceName::Segment(6)), None, "not complete");
}

#[test]
fn fragments_are_numbered_in_order_and_times_continue_across_them() {
    let mut packager = packager();
    push_all(&mut packager, &Encoder::default().frames(0..4001));
    let mut expected_sequence = 1;
    let mut ends = [0u64; 3];
    for msn in 1..5 {
        for part in (0..).map_while(|part| packager.resource(&ResourceName::Part(msn, part))) {
            let moof = Moof::decode(&mut &part[..]).unwrap();
            assert_eq!(moof.mfhd.sequence_number, expected_sequence);
            expected_sequence += 1;
            for traf in &moof.traf {
                let end = &mut ends[traf.tfhd.track_id as usize];
                assert_eq!(traf.tfdt.as_ref().unwrap().base_media_decode_time, *end);
                let shared = traf.tfhd.default_sample_duration;
                let durations = traf.trun[0].samples.iter().map(|entry| entry.duration.or(shared).unwrap());
                *end += durations.map(u64::from).sum::<u64>();
            }
        }
    }
}

#[test]
fn repeated_headers_change_nothing() {
    let mut packager = packager();
    for frame in Encoder::default().frames(0..4001) {
        packager.push(&header(Track::Video, AVC_720P)).unwrap();
        packager.push(&header(Track::Audio, AAC_48K)).unwrap();
        packager.push(&frame).unwrap();
    }
    let playlist = packager.media_playlist(false).unwrap();
    assert!(!playlist.contains("#EXT-X-DISCONTINUITY\n"));
    assert_eq!(values(&playlist, "#EXT-X-MAP:").count(), 1);
}

#[test]
fn another_picture_configuration_takes_effect_at_its_keyframe() {
    let mut packager = packager();
    let encoder = Encoder::default();
    push_all(&mut packager, &encoder.frames(0..2000));
    // The same stream at another level.
    let mut other = AVC_720P.to_vec();
    other[8] = 0x28;
    other[16] = 0x28;
    packager.push(&support::frame(Track::Video, 2000, other)).unwrap();
    push_all(&mut packager, &encoder.frames(2000..4001)[2..]);
    // The repeated headers of `frames` were left out, so the new configuration still stands.
    let playlist = packager.media_playlist(false).unwrap();
    assert!(
        playlist.contains("seg-2.m4s\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"init-2.mp4\"\n"),
        "{playlist}"
    );
    assert!(packager.multivariant_playlist().unwrap().contains("avc1.640028"));
    assert_ne!(packager.resource(&ResourceName::Init(1)), packager.resource(&ResourceName::Init(2)));
    // No picture is lost, and none is shown twice.
    assert_eq!(picture_count(&packager), 120);
}

/// Pictures in all complete segments.
fn picture_count(packager: &Packager) -> usize {
    let playlist = packager.media_playlist(false).unwrap();
    let mut count = 0;
    for name in names_in(&playlist) {
        let ResourceName::Segment(_) = name else { continue };
        let body = packager.resource(&name).unwrap();
        let mut rest = &body[..];
        while let Ok(moof) = Moof::decode(&mut rest) {
            let pictures = moof.traf.iter().filter(|traf| traf.tfhd.track_id == 1);
            count += pictures.map(|traf| traf.trun[0].samples.len()).sum::<usize>();
            let size = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
            rest = &rest[size..];
        }
    }
    count
}

#[test]
fn sound_that_comes_late_joins_at_a_keyframe() {
    let mut packager = packager();
    let silent = Encoder { with_sound: false, ..Encoder::default() };
    push_all(&mut packager, &silent.frames(0..2500));
    assert!(!packager.multivariant_playlist().unwrap().contains("mp4a"));
    push_all(&mut packager, &Encoder::default().frames(2500..5001));
    assert!(packager.multivariant_playlist().unwrap().contains("avc1.64001f,mp4a.40.2"));
    let playlist = packager.media_playlist(false).unwrap();
    assert!(playlist.contains("#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"init-2.mp4\"\n"), "{playlist}");
    assert_eq!(picture_count(&packager), 150, "no picture is lost for it");
    let joined = packager.resource(&ResourceName::Part(4, 0)).unwrap();
    assert_eq!(decode_times(&joined)[0], (1, 3 * 90_000), "the timeline goes on");
    assert_eq!(decode_times(&joined)[1].0, 2);
}

#[test]
fn sound_that_stops_is_left_out_after_a_while() {
    let mut packager = packager();
    push_all(&mut packager, &Encoder::default().frames(0..2000));
    let silent = Encoder { with_sound: false, ..Encoder::default() };
    push_all(&mut packager, &silent.frames(2000..10_001));
    let text = packager.multivariant_playlist().unwrap();
    assert!(text.contains("CODECS=\"avc1.64001f\""), "{text}");
    assert_eq!(picture_count(&packager), 300);
}

#[test]
fn a_picture_that_stops_lets_the_sound_go_on_and_may_return() {
    let mut packager = packager();
    push_all(&mut packager, &Encoder::default().frames(0..2000));
    let blind = Encoder { with_picture: false, ..Encoder::default() };
    push_all(&mut packager, &blind.frames(2000..9000));
    let text = packager.multivariant_playlist().unwrap();
    assert!(text.contains("CODECS=\"mp4a.40.2\"") && !text.contains("RESOLUTION"), "{text}");
    push_all(&mut packager, &Encoder::default().frames(9000..12_001));
    assert!(packager.multivariant_playlist().unwrap().contains("avc1.64001f,mp4a.40.2"));
}

#[test]
fn sound_waits_for_a_picture_that_announced_itself() {
    let mut packager = packager();
    let mut frames = Encoder::default().frames(0..5001);
    // The publisher is in the middle of a group of pictures for 1.9 s.
    frames
        .retain(|frame| frame.track == Track::Audio || frame.timestamp_ms == 0 || frame.timestamp_ms > 1900);
    frames.retain(|frame| !(frame.timestamp_ms == 0 && frame.kind == neustream_media::FrameKind::Key));
    push_all(&mut packager, &frames);
    packager.end();
    let playlist = packager.media_playlist(false).unwrap();
    assert!(!playlist.contains("#EXT-X-DISCONTINUITY\n"), "one beginning: {playlist}");
    assert!(packager.multivariant_playlist().unwrap().contains("avc1.64001f,mp4a.40.2"));
}

#[test]
fn a_clock_that_jumps_breaks_the_timeline_but_not_the_presentation() {
    for jump in [3_600_000u64, 1 << 40, u64::MAX - 20_000] {
        let mut packager = packager();
        push_all(&mut packager, &Encoder::default().frames(0..2000));
        let mut later = Encoder::default().frames(2000..4001);
        for frame in &mut later {
            frame.timestamp_ms = frame.timestamp_ms.saturating_add(jump);
        }
        push_all(&mut packager, &later);
        // And back again.
        push_all(&mut packager, &Encoder::default().frames(4000..6001));
        packager.end();
        let playlist = packager.media_playlist(false).unwrap();
        assert_eq!(playlist.matches("#EXT-X-DISCONTINUITY\n").count(), 2, "{jump}: {playlist}");
        let total: f64 = values(&playlist, "#EXTINF:")
            .map(|value| value.trim_end_matches(',').parse::<f64>().unwrap())
            .sum();
        assert!((5.9..6.3).contains(&total), "{jump}: {total}");
    }
}

#[test]
fn a_short_pause_makes_one_long_part_and_no_break() {
    let mut packager = packager();
    let mut frames = Encoder::default().frames(0..6001);
    frames.retain(|frame| !(1500..2400).contains(&frame.timestamp_ms));
    push_all(&mut packager, &frames);
    let playlist = packager.media_playlist(false).unwrap();
    assert!(!playlist.contains("#EXT-X-DISCONTINUITY\n"));
    let (target, segments) = parts(&playlist);
    let longest = segments.iter().flatten().fold(0.0, |longest: f64, part| longest.max(*part));
    assert!(longest > 0.8 && longest <= target, "while a long part is listed the target covers it");
    // Once it is out of sight the target is what it was.
    push_all(&mut packager, &Encoder::default().frames(6001..90_000));
    assert!(parts(&packager.media_playlist(false).unwrap()).0 < 0.21);
}

#[test]
fn one_picture_a_second_plays() {
    let mut packager = packager();
    let slides = Encoder { pictures_per_1001_s: 1001, keyframe_every: 2, ..Encoder::default() };
    push_all(&mut packager, &slides.frames(0..20_001));
    let playlist = packager.media_playlist(false).unwrap();
    assert!(!playlist.contains("#EXT-X-DISCONTINUITY\n"), "{playlist}");
    assert_eq!(picture_count(&packager), 20);
}

#[test]
fn nothing_is_begun_before_a_keyframe() {
    let mut packager = Packager::new(PackagerSettings::default());
    packager.push(&header(Track::Video, AVC_720P)).unwrap();
    for index in 0..60 {
        assert!(!packager.push(&picture(index * 33, false, 100)).unwrap().changed);
    }
    assert_eq!(packager.memory_bytes(), 0);
}

#[test]
fn sound_alone_changes_its_rate_at_once() {
    let mut packager = packager();
    let blind = Encoder { with_picture: false, ..Encoder::default() };
    push_all(&mut packager, &blind.frames(0..2000));
    packager.push(&header(Track::Audio, AAC_44K)).unwrap();
    let frames: Vec<Frame> = (0..200).map(|index| sound(2000 + index * 1024 * 10 / 441, 200)).collect();
    push_all(&mut packager, &frames);
    let playlist = packager.media_playlist(false).unwrap();
    assert!(playlist.contains("#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"init-2.mp4\"\n"), "{playlist}");
    assert_eq!(packager.tracks()[0].sample_rate, Some(44_100));
}
