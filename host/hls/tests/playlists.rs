//! What players read.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod support;

use neustream_hls::{Packager, PackagerSettings, ResourceName};
use neustream_media::Track;
use support::{AAC_44K, Encoder, header, names_in, push_all, values};

/// 2025-01-01T00:00:00.500Z, from which numbers begin at 1.
const EPOCH: u64 = 1_735_689_600_500;

fn packager() -> Packager {
    Packager::new(PackagerSettings { epoch_unix_ms: Some(EPOCH), ..PackagerSettings::default() })
}

#[test]
fn a_later_presentation_at_the_same_address_uses_other_names() {
    let names = |started_unix_ms, range| {
        let settings =
            PackagerSettings { epoch_unix_ms: Some(started_unix_ms), ..PackagerSettings::default() };
        let mut packager = Packager::new(settings);
        push_all(&mut packager, &Encoder::default().frames(range));
        packager.end();
        names_in(&packager.media_playlist(false).unwrap())
    };
    let first = names(1_795_151_461_000, 0..10_000);
    // The packager of the same session rests and begins again from the last group of pictures.
    let resumed = names(1_795_151_461_000, 9_000..20_000);
    // The server was restarted.
    let restarted = names(1_795_151_482_000, 0..3_000);
    for name in &first {
        assert!(!resumed.contains(name) && !restarted.contains(name), "{name}");
    }
    assert!(resumed.iter().all(|name| !restarted.contains(name)));
    assert_eq!(first[0], ResourceName::Init(118_923_722));
}

fn after(range_ms: std::ops::Range<u64>) -> Packager {
    let mut packager = packager();
    push_all(&mut packager, &Encoder::default().frames(range_ms));
    packager
}

#[test]
fn nothing_is_published_before_the_first_segment_is_complete() {
    let mut packager = packager();
    let frames = Encoder::default().frames(0..1001);
    for frame in &frames {
        assert_eq!(packager.media_playlist(false), None, "at {} ms", frame.timestamp_ms);
        assert_eq!((packager.multivariant_playlist(), packager.newest()), (None, None));
        packager.push(frame).unwrap();
    }
    assert!(packager.media_playlist(false).is_some(), "one second after the first keyframe");
    assert_eq!(packager.newest(), Some((1, None)));
}

#[test]
fn the_media_playlist_tells_segments_parts_and_what_comes_next() {
    let expected = "\
#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:1
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.606,CAN-SKIP-UNTIL=6
#EXT-X-PART-INF:PART-TARGET=0.202
#EXT-X-MEDIA-SEQUENCE:1
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI=\"init-1.mp4\"
#EXT-X-PROGRAM-DATE-TIME:2025-01-01T00:00:00.500Z
#EXT-X-PART:DURATION=0.20000,URI=\"part-1-0.m4s\",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.20000,URI=\"part-1-1.m4s\"
#EXT-X-PART:DURATION=0.20000,URI=\"part-1-2.m4s\"
#EXT-X-PART:DURATION=0.20000,URI=\"part-1-3.m4s\"
#EXT-X-PART:DURATION=0.20000,URI=\"part-1-4.m4s\"
#EXTINF:1.00000,
seg-1.m4s
#EXT-X-PROGRAM-DATE-TIME:2025-01-01T00:00:01.500Z
#EXT-X-PART:DURATION=0.20000,URI=\"part-2-0.m4s\",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.20000,URI=\"part-2-1.m4s\"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"part-2-2.m4s\"
";
    assert_eq!(after(0..1450).media_playlist(false).unwrap(), expected);
}

#[test]
fn the_multivariant_playlist_tells_codecs_size_and_measured_rates() {
    let packager = after(0..3100);
    let text = packager.multivariant_playlist().unwrap();
    let (head, rest) = text.split_once("BANDWIDTH=").unwrap();
    assert_eq!(head, "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-STREAM-INF:");
    let (peak, rest) = rest.split_once(",AVERAGE-BANDWIDTH=").unwrap();
    let (average, rest) = rest.split_once(',').unwrap();
    assert_eq!(rest, "CODECS=\"avc1.64001f,mp4a.40.2\",RESOLUTION=1280x720,FRAME-RATE=30.000\nmedia.m3u8\n");
    // 30 pictures of 900 bytes and 47 packets of 300 bytes a second, and some for boxes.
    let (peak, average): (u64, u64) = (peak.parse().unwrap(), average.parse().unwrap());
    assert!((328_000..360_000).contains(&average), "{average}");
    assert!(peak >= average && peak < 370_000, "{peak}");
}

#[test]
fn old_segments_leave_but_can_be_fetched_a_little_longer() {
    let packager = after(0..20_001);
    let playlist = packager.media_playlist(false).unwrap();
    assert!(playlist.contains("#EXT-X-MEDIA-SEQUENCE:13\n"), "{playlist}");
    assert_eq!(values(&playlist, "#EXTINF:").count(), 8);
    for msn in 9..21 {
        assert!(packager.resource(&ResourceName::Segment(msn)).is_some(), "segment {msn}");
    }
    assert_eq!(packager.resource(&ResourceName::Segment(8)), None);
    let parts = values(&playlist, "#EXT-X-PART:").count();
    assert_eq!(parts, 15, "parts of the last three target durations");
    for name in names_in(&playlist) {
        assert!(packager.resource(&name).is_some(), "{name} is listed");
    }
}

#[test]
fn a_delta_update_skips_what_the_player_has() {
    let expected_start = "\
#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:1
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.606,CAN-SKIP-UNTIL=6
#EXT-X-PART-INF:PART-TARGET=0.202
#EXT-X-MEDIA-SEQUENCE:13
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-SKIP:SKIPPED-SEGMENTS=2
#EXT-X-PROGRAM-DATE-TIME:2025-01-01T00:00:14.500Z
#EXTINF:1.00000,
seg-15.m4s
";
    let packager = after(0..20_250);
    let delta = packager.media_playlist(true).unwrap();
    assert_eq!(&delta[..expected_start.len()], expected_start);
    let full = packager.media_playlist(false).unwrap();
    let tail = |text: &str| text[text.find("seg-15.m4s").unwrap()..].to_owned();
    assert_eq!(tail(&delta), tail(&full));

    let young = after(0..4000);
    assert_eq!(young.media_playlist(true), young.media_playlist(false), "nothing to skip yet");
}

#[test]
fn every_hinted_part_comes_true() {
    let mut packager = packager();
    let encoder = Encoder { keyframe_every: 47, ..Encoder::default() };
    let mut hinted: Option<ResourceName> = None;
    let mut hints = 0;
    for frame in encoder.frames(0..15_000) {
        if !packager.push(&frame).unwrap().changed {
            continue;
        }
        let Some(playlist) = packager.media_playlist(false) else { continue };
        if let Some(hint) = hinted.take() {
            assert!(packager.resource(&hint).is_some(), "{hint} was hinted");
        }
        let hint = values(&playlist, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=").next().unwrap();
        hinted = Some(hint.trim_matches('"').parse().unwrap());
        assert_eq!(packager.resource(&hinted.unwrap()), None, "a hint is not there yet");
        hints += 1;
    }
    assert!(hints > 50);
}

#[test]
fn the_end_is_told_and_final() {
    let mut packager = after(0..3300);
    assert!(packager.end().changed);
    let playlist = packager.media_playlist(false).unwrap();
    assert!(playlist.ends_with("#EXTINF:0.29900,\nseg-4.m4s\n#EXT-X-ENDLIST\n"), "{playlist}");
    assert!(!playlist.contains("PRELOAD-HINT") && !playlist.contains("#EXT-X-PART:"));
    let error = packager.push(&support::picture(4000, true, 10)).unwrap_err();
    assert_eq!(error.to_string(), "the presentation has ended");
    assert!(!packager.end().changed);
}

#[test]
fn a_blocking_reload_is_answered_when_its_position_is_reached() {
    let mut packager = packager();
    assert!(!packager.has_reached(0, None));
    push_all(&mut packager, &Encoder::default().frames(0..2450));
    assert_eq!(packager.newest(), Some((3, Some(1))));
    assert!(packager.has_reached(2, None));
    assert!(!packager.has_reached(3, None), "segment 3 still grows");
    assert!(packager.has_reached(3, Some(1)));
    assert!(!packager.has_reached(3, Some(2)));
    assert!(packager.has_reached(2, Some(99)), "beyond the last part means the first of the next segment");
    assert!(!packager.has_reached(3, Some(99)));
    assert!(!packager.has_reached(u64::MAX, Some(u64::MAX)));
    packager.end();
    assert!(packager.has_reached(3, Some(99)), "nothing more will come");
}

#[test]
fn a_discontinuity_is_told_with_the_initialization_of_what_follows() {
    let mut packager = after(0..2100);
    packager.discontinuity();
    // The publisher returns after five seconds, with sound at another rate.
    push_all(&mut packager, &[header(Track::Audio, AAC_44K)]);
    let frames = Encoder::default().frames(7000..8100);
    push_all(&mut packager, &frames[2..]);
    let playlist = packager.media_playlist(false).unwrap();
    let expected_middle = "\
#EXTINF:0.09900,
seg-3.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI=\"init-2.mp4\"
#EXT-X-PROGRAM-DATE-TIME:2025-01-01T00:00:07.500Z
#EXT-X-PART:DURATION=0.20000,URI=\"part-4-0.m4s\",INDEPENDENT=YES
";
    assert!(playlist.contains(expected_middle), "{playlist}");
    // When the first segment after the break leaves, the break is counted.
    push_all(&mut packager, &Encoder::default().frames(8100..25_000)[2..]);
    let playlist = packager.media_playlist(false).unwrap();
    assert!(playlist.contains("#EXT-X-DISCONTINUITY-SEQUENCE:1\n"), "{playlist}");
    assert!(!playlist.contains("#EXT-X-DISCONTINUITY\n"));
    assert_eq!(packager.resource(&ResourceName::Init(1)), None, "nothing needs the old one any more");
    assert!(packager.resource(&ResourceName::Init(2)).is_some());
}

#[test]
fn the_target_duration_grows_with_a_longer_segment_and_keeps() {
    let mut packager = packager();
    push_all(&mut packager, &Encoder { keyframe_every: 30, ..Encoder::default() }.frames(0..3001));
    assert!(packager.media_playlist(false).unwrap().contains("#EXT-X-TARGETDURATION:1\n"));
    let sparse = Encoder { keyframe_every: 120, ..Encoder::default() };
    push_all(&mut packager, &sparse.frames(3001..12_001));
    let playlist = packager.media_playlist(false).unwrap();
    assert!(playlist.contains("#EXT-X-TARGETDURATION:4\n"), "{playlist}");
    push_all(&mut packager, &Encoder::default().frames(12_001..40_000));
    let playlist = packager.media_playlist(false).unwrap();
    assert!(playlist.contains("#EXT-X-TARGETDURATION:4\n"));
    let listed: f64 =
        values(&playlist, "#EXTINF:").map(|value| value.trim_end_matches(',').parse::<f64>().unwrap()).sum();
    assert!(listed >= 12.0, "three target durations stay listed: {listed}");
}

#[test]
fn a_playlist_is_rendered_anew_only_when_it_changes() {
    let mut packager = after(0..2001);
    let before = packager.media_playlist(false);
    let mut quiet = 0;
    for frame in &Encoder::default().frames(2001..2150)[2..] {
        assert!(!packager.push(frame).unwrap().changed);
        assert_eq!(packager.media_playlist(false), before);
        quiet += 1;
    }
    assert!(quiet > 5);
}
