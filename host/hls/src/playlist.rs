//! The playlists (draft-pantos-hls-rfc8216bis).

use std::fmt::Write;
use std::time::Duration;

use neustream_media::{Track, TrackConfig};

use crate::ResourceName;
use crate::date::UtcDate;
use crate::segment::{Part, Segment};
use crate::window::Window;

/// `EXT-X-SKIP` needs version 9 (RFC 8216bis 8).
const MEDIA_VERSION: u32 = 9;
/// Nothing here is newer than `EXT-X-INDEPENDENT-SEGMENTS`; 6 is what fMP4 players know.
const MULTIVARIANT_VERSION: u32 = 6;

/// `PART-HOLD-BACK` in part targets (RFC 8216bis 4.4.3.8: at least two, should be three).
const PART_HOLD_BACK: u32 = 3;
/// `CAN-SKIP-UNTIL` in target durations (RFC 8216bis 4.4.3.8: at least six).
const SKIP_BOUNDARY: u64 = 6;
/// Parts are listed this many target durations back (RFC 8216bis 4.4.4.9).
const PARTS_LISTED: u64 = 3;

/// Renders the multivariant playlist of a stream with these tracks.
pub(crate) fn multivariant(window: &Window, tracks: &[TrackConfig]) -> String {
    let (peak, average) = window.bandwidth();
    let codecs: Vec<&str> = tracks.iter().map(|track| track.codec_string.as_str()).collect();
    let mut text = format!("#EXTM3U\n#EXT-X-VERSION:{MULTIVARIANT_VERSION}\n");
    if is_independent(window) {
        text.push_str("#EXT-X-INDEPENDENT-SEGMENTS\n");
    }
    put(&mut text, format_args!("#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={average}"));
    put(&mut text, format_args!(",CODECS=\"{}\"", codecs.join(",")));
    if let Some(picture) = tracks.iter().find(|track| track.track == Track::Video) {
        if let (Some(width), Some(height)) = (picture.width, picture.height) {
            put(&mut text, format_args!(",RESOLUTION={width}x{height}"));
        }
        if let Some(rate) = window.frame_rate() {
            put(&mut text, format_args!(",FRAME-RATE={rate:.3}"));
        }
    }
    put(&mut text, format_args!("\n{}\n", ResourceName::Media));
    text
}

/// Renders the media playlist; as a delta update when `delta` and old enough segments are there.
pub(crate) fn media(window: &Window, delta: bool, epoch_unix_ms: Option<u64>) -> String {
    let listed: Vec<&Segment> = window.listed().collect();
    let complete: Duration = listed.iter().map(|segment| segment.duration()).sum();
    let total = complete + window.open().map_or(Duration::ZERO, Segment::duration);
    let target = window.target_duration_s;

    let mut text = String::with_capacity(4096);
    put(&mut text, format_args!("#EXTM3U\n#EXT-X-VERSION:{MEDIA_VERSION}\n#EXT-X-TARGETDURATION:{target}\n"));
    let part_target = longest_part(window);
    put(
        &mut text,
        format_args!(
            "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={:.3},CAN-SKIP-UNTIL={}\n\
             #EXT-X-PART-INF:PART-TARGET={:.3}\n",
            (part_target * PART_HOLD_BACK).as_secs_f64(),
            SKIP_BOUNDARY * target,
            part_target.as_secs_f64(),
        ),
    );
    put(&mut text, format_args!("#EXT-X-MEDIA-SEQUENCE:{}\n", window.first_listed()));
    put(&mut text, format_args!("#EXT-X-DISCONTINUITY-SEQUENCE:{}\n", window.discontinuity_sequence));
    if is_independent(window) {
        text.push_str("#EXT-X-INDEPENDENT-SEGMENTS\n");
    }

    let boundary = total.saturating_sub(Duration::from_secs(SKIP_BOUNDARY * target));
    let skipped = if delta { skippable(&listed, boundary) } else { 0 };
    let mut known = Known::default();
    if skipped > 0 {
        put(&mut text, format_args!("#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}\n"));
        known.init = listed.get(skipped - 1).map(|segment| segment.init);
    }
    let parts_from = total.saturating_sub(Duration::from_secs(PARTS_LISTED * target));
    let mut end = Duration::ZERO;
    for (index, segment) in listed.iter().enumerate() {
        end += segment.duration();
        if index < skipped {
            continue;
        }
        put_head(&mut text, segment, &mut known, epoch_unix_ms);
        if end > parts_from && !window.is_ended {
            put_parts(&mut text, segment);
        }
        let seconds = segment.duration().as_secs_f64();
        put(&mut text, format_args!("#EXTINF:{seconds:.5},\n{}\n", ResourceName::Segment(segment.msn)));
    }
    if let Some(open) = window.open() {
        put_head(&mut text, open, &mut known, epoch_unix_ms);
        put_parts(&mut text, open);
    }
    if window.is_ended {
        text.push_str("#EXT-X-ENDLIST\n");
    } else {
        let (msn, part) = window.next_part();
        let hint = ResourceName::Part(msn, part);
        put(&mut text, format_args!("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"{hint}\"\n"));
    }
    text
}

/// What a reader of the playlist knows from the lines so far.
#[derive(Default)]
struct Known {
    init: Option<u64>,
    /// The key that holds. After `EXT-X-SKIP` it is told again, so that no player has to remember it.
    key: Option<u64>,
}

/// What stands before a segment's parts and its own line.
fn put_head(text: &mut String, segment: &Segment, known: &mut Known, epoch_unix_ms: Option<u64>) {
    if segment.is_discontinuous {
        text.push_str("#EXT-X-DISCONTINUITY\n");
    }
    let is_new_init = segment.is_discontinuous || known.init != Some(segment.init);
    let key = segment.key.as_ref().map(|key| key.number);
    // A key holds for the initialization sections after it, too (RFC 8216bis 4.4.4.4); ours are in the clear.
    if known.key.is_some() && (is_new_init || key.is_none()) {
        text.push_str("#EXT-X-KEY:METHOD=NONE\n");
        known.key = None;
    }
    if is_new_init {
        put(text, format_args!("#EXT-X-MAP:URI=\"{}\"\n", ResourceName::Init(segment.init)));
        known.init = Some(segment.init);
    }
    if let Some(number) = key.filter(|_| known.key != key) {
        put(text, format_args!("#EXT-X-KEY:METHOD=AES-128,URI=\"{}\"\n", ResourceName::Key(number)));
        known.key = key;
    }
    if let Some(epoch) = epoch_unix_ms {
        let date = UtcDate(epoch.saturating_add(segment.session_ms));
        put(text, format_args!("#EXT-X-PROGRAM-DATE-TIME:{date}\n"));
    }
}

fn put_parts(text: &mut String, segment: &Segment) {
    for (index, part) in segment.parts.iter().enumerate() {
        let name = ResourceName::Part(segment.msn, index as u64);
        let independent = if part.is_independent { ",INDEPENDENT=YES" } else { "" };
        let seconds = part.duration.as_secs_f64();
        put(text, format_args!("#EXT-X-PART:DURATION={seconds:.5},URI=\"{name}\"{independent}\n"));
    }
}

/// `PART-TARGET`: what the run aims at, or more while a longer part is listed.
fn longest_part(window: &Window) -> Duration {
    let segments = window.listed().chain(window.open());
    let longest = segments.flat_map(|segment| &segment.parts).map(|part: &Part| part.duration).max();
    let longest_ms = longest.unwrap_or_default().as_micros().div_ceil(1000) as u64;
    window.part_target.max(Duration::from_millis(longest_ms))
}

fn is_independent(window: &Window) -> bool {
    window.listed().chain(window.open()).all(Segment::starts_independent)
}

/// How many of the oldest segments end before the skip boundary.
fn skippable(listed: &[&Segment], boundary: Duration) -> usize {
    let mut end = Duration::ZERO;
    listed
        .iter()
        .take_while(|segment| {
            end += segment.duration();
            end <= boundary
        })
        .count()
}

fn put(text: &mut String, line: std::fmt::Arguments<'_>) {
    text.write_fmt(line).expect("writing to a String cannot fail");
}
