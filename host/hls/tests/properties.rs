//! Whatever the timing, what is served hangs together.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod support;

use neustream_hls::{Packager, ResourceName};
use neustream_media::{Frame, Track};
use proptest::prelude::*;
use support::{AAC_48K, AVC_720P, everything_stays, header, names_in, picture, sound, values};

/// One step of a publisher.
#[derive(Debug, Clone)]
enum Step {
    Picture { wait_ms: u64, is_key: bool, size: usize },
    Sound { wait_ms: u64, size: usize },
    Jump { to_ms: u64 },
    Break,
    Garbage { track: Track, bytes: Vec<u8> },
}

fn step() -> impl Strategy<Value = Step> {
    let wait = prop_oneof![8 => 0u64..60, 1 => 0u64..4000];
    prop_oneof![
        20 => (wait.clone(), prop::bool::weighted(0.1), 0usize..200)
            .prop_map(|(wait_ms, is_key, size)| Step::Picture { wait_ms, is_key, size }),
        30 => (wait, 0usize..100).prop_map(|(wait_ms, size)| Step::Sound { wait_ms, size }),
        1 => any::<u64>().prop_map(|to_ms| Step::Jump { to_ms }),
        1 => Just(Step::Break),
        2 => (prop_oneof![Just(Track::Video), Just(Track::Audio)], prop::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(track, bytes)| Step::Garbage { track, bytes }),
    ]
}

fn frame_of(step: &Step, now_ms: &mut u64) -> Option<Frame> {
    match step {
        Step::Picture { wait_ms, is_key, size } => {
            *now_ms = now_ms.saturating_add(*wait_ms);
            Some(picture(*now_ms, *is_key, *size))
        }
        Step::Sound { wait_ms, size } => {
            *now_ms = now_ms.saturating_add(*wait_ms / 2);
            Some(sound(*now_ms, *size))
        }
        Step::Jump { to_ms } => {
            *now_ms = *to_ms;
            None
        }
        Step::Break => None,
        Step::Garbage { track, bytes } => Some(support::frame(*track, *now_ms, bytes.clone())),
    }
}

fn number_after(playlist: &str, tag: &str) -> u64 {
    values(playlist, tag).next().unwrap().parse().unwrap()
}

/// The rules that one playlist and its files keep.
fn check(packager: &Packager, playlist: &str) {
    let mut parts_sum = 0.0;
    let mut in_segment = 0;
    let mut next_msn = number_after(playlist, "#EXT-X-MEDIA-SEQUENCE:");
    let target: u64 = number_after(playlist, "#EXT-X-TARGETDURATION:");
    let mut duration = 0.0;
    for line in playlist.lines() {
        if let Some(rest) = line.strip_prefix("#EXT-X-PART:DURATION=") {
            parts_sum += rest.split(',').next().unwrap().parse::<f64>().unwrap();
            in_segment += 1;
        } else if let Some(rest) = line.strip_prefix("#EXTINF:") {
            duration = rest.trim_end_matches(',').parse::<f64>().unwrap();
            assert!(duration.round() <= target as f64, "{duration} s of {target} s");
        } else if line.starts_with("seg-") {
            assert_eq!(line, format!("seg-{next_msn}.m4s"));
            if in_segment > 0 {
                assert!((parts_sum - duration).abs() <= 0.000_006 * f64::from(in_segment + 1));
            }
            (parts_sum, in_segment, next_msn) = (0.0, 0, next_msn + 1);
        }
    }
    for name in names_in(playlist) {
        let body = packager.resource(&name).unwrap_or_else(|| panic!("{name} is listed"));
        if let ResourceName::Segment(msn) = name {
            let parts = (0..).map_while(|part| packager.resource(&ResourceName::Part(msn, part)));
            assert_eq!(body, parts.collect::<Vec<_>>().concat(), "parts of {name}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_timing_gives_a_presentation_that_hangs_together(steps in prop::collection::vec(step(), 1..600)) {
        let mut packager = Packager::new(everything_stays());
        packager.push(&header(Track::Video, AVC_720P)).unwrap();
        packager.push(&header(Track::Audio, AAC_48K)).unwrap();
        let mut now_ms = 0;
        let mut newest = None;
        for step in &steps {
            let changed = match frame_of(step, &mut now_ms) {
                Some(frame) => packager.push(&frame).is_ok_and(|progress| progress.changed),
                None if matches!(step, Step::Break) => packager.discontinuity().changed,
                None => false,
            };
            if changed {
                let now = packager.newest().map(|(msn, part)| (msn, part.map_or(u64::MAX, |part| part)));
                prop_assert!(now >= newest, "{now:?} after {newest:?}");
                newest = now;
            }
        }
        if let Some(playlist) = packager.media_playlist(false) {
            check(&packager, &playlist);
        }
        packager.end();
        if let Some(playlist) = packager.media_playlist(false) {
            check(&packager, &playlist);
        }
    }
}
