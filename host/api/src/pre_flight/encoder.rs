//! What the encoder sends, judged by what players and platforms take in general.

use neustream_model::{SessionStatus, StreamState, TrackInfo};

use super::{CheckUnit, PreFlightCheckBody, is_connected};

/// Above this distance of keyframes viewers here wait, and low latency cannot hold.
const LONGEST_KEYFRAME_INTERVAL_MS: u64 = 4_000;
/// Below, pictures jerk.
const LEAST_FRAME_RATE: f64 = 20.0;
/// Above, with what clocks are off, platforms drop pictures.
const GREATEST_FRAME_RATE: f64 = 61.0;

const NOT_CONNECTED: &str = "Not known before the encoder is connected.";
const NO_PICTURES: &str = "The encoder sends no video.";
const NO_SOUND: &str = "The encoder sends no audio.";
const NOT_MEASURED: &str = "Not measured yet: look again in a few seconds.";

/// The checks of the source itself.
pub(super) fn checks(session: Option<&SessionStatus>) -> Vec<PreFlightCheckBody> {
    let connected = session.filter(|session| is_connected(session.state));
    let judges: [fn(&SessionStatus) -> PreFlightCheckBody; 8] = [
        video_codec,
        resolution,
        video_bitrate,
        keyframe_interval,
        audio_present,
        audio_codec,
        audio_bitrate,
        frame_rate,
    ];
    let codes = [
        "video-codec",
        "resolution",
        "video-bitrate",
        "keyframe-interval",
        "audio-present",
        "audio-codec",
        "audio-bitrate",
        "frame-rate",
    ];
    let judged = judges.into_iter().zip(codes).map(|(judge, code)| match connected {
        Some(session) => judge(session),
        None => PreFlightCheckBody::new(code).unknown(NOT_CONNECTED),
    });
    std::iter::once(encoder_connected(session)).chain(judged).collect()
}

/// The track of a kind.
pub(super) fn track<'a>(session: &'a SessionStatus, kind: &str) -> Option<&'a TrackInfo> {
    session.tracks.iter().find(|track| track.kind == kind)
}

fn encoder_connected(session: Option<&SessionStatus>) -> PreFlightCheckBody {
    let check = PreFlightCheckBody::new("encoder-connected");
    match session.map(|session| session.state) {
        Some(StreamState::Live) => check.ok("The encoder is connected and sends."),
        Some(StreamState::Starting) => check.ok("The encoder is connected; its first picture is awaited."),
        Some(StreamState::Reconnecting) => {
            check.problem("The encoder's connection was lost; the stream waits for it to come back.")
        }
        Some(StreamState::Offline) | None => check.problem(
            "No encoder is connected: start streaming in it, to the server and with the stream key of this source.",
        ),
    }
}

fn video_codec(session: &SessionStatus) -> PreFlightCheckBody {
    let check = PreFlightCheckBody::new("video-codec");
    let Some(video) = track(session, "video") else { return check.problem(NO_PICTURES) };
    let check = check.actual(video.codec.as_str());
    if video.codec.starts_with("avc") {
        check.ok("The video is H.264, which every destination takes.")
    } else {
        check.warning("The video is not H.264: many platforms and players take nothing else.")
    }
}

fn resolution(session: &SessionStatus) -> PreFlightCheckBody {
    let check = PreFlightCheckBody::new("resolution").unit(CheckUnit::Px);
    let Some(video) = track(session, "video") else { return check.unknown(NO_PICTURES) };
    let (Some(width), Some(height)) = (video.width, video.height) else {
        return check.unknown("The encoder does not tell the size of its pictures.");
    };
    let check = check.actual(format!("{width}x{height}"));
    if width.is_multiple_of(2) && height.is_multiple_of(2) {
        check.ok(format!("The picture is {width} by {height} pixels."))
    } else {
        check.warning("The picture's width or height is odd: some players show a green edge, or nothing.")
    }
}

fn video_bitrate(session: &SessionStatus) -> PreFlightCheckBody {
    let check = PreFlightCheckBody::new("video-bitrate").unit(CheckUnit::Bps);
    match (track(session, "video"), session.video_bitrate_bps) {
        (None, _) => check.unknown(NO_PICTURES),
        (Some(_), 0) => check.unknown(NOT_MEASURED),
        (Some(_), bps) => check.actual(bps).ok(format!("The video has {} kbit/s.", bps / 1_000)),
    }
}

fn keyframe_interval(session: &SessionStatus) -> PreFlightCheckBody {
    let check =
        PreFlightCheckBody::new("keyframe-interval").unit(CheckUnit::Ms).limit(LONGEST_KEYFRAME_INTERVAL_MS);
    let Some(ms) = session.keyframe_interval_ms else {
        let has_pictures = track(session, "video").is_some();
        return check.unknown(if has_pictures { NOT_MEASURED } else { NO_PICTURES });
    };
    let (check, seconds) = (check.actual(ms), seconds(ms));
    if ms > LONGEST_KEYFRAME_INTERVAL_MS {
        check.warning(format!(
            "Keyframes come every {seconds} s: viewers wait long. Set the encoder's keyframe interval to 2 s."
        ))
    } else {
        check.ok(format!("Keyframes come every {seconds} s."))
    }
}

fn audio_present(session: &SessionStatus) -> PreFlightCheckBody {
    let check = PreFlightCheckBody::new("audio-present");
    match track(session, "audio") {
        Some(_) => check.ok("There is audio."),
        None => check.warning(
            "There is no audio: some platforms show no stream without. Add an audio track, if only a silent one.",
        ),
    }
}

fn audio_codec(session: &SessionStatus) -> PreFlightCheckBody {
    let check = PreFlightCheckBody::new("audio-codec");
    let Some(audio) = track(session, "audio") else { return check.unknown(NO_SOUND) };
    let check = check.actual(audio.codec.as_str());
    if audio.codec.starts_with("mp4a.40.") {
        check.ok("The audio is AAC, which every destination takes.")
    } else {
        check.warning("The audio is not AAC: many platforms and players take nothing else.")
    }
}

fn audio_bitrate(session: &SessionStatus) -> PreFlightCheckBody {
    let check = PreFlightCheckBody::new("audio-bitrate").unit(CheckUnit::Bps);
    match (track(session, "audio"), session.audio_bitrate_bps) {
        (None, _) => check.unknown(NO_SOUND),
        (Some(_), 0) => check.unknown(NOT_MEASURED),
        (Some(_), bps) => check.actual(bps).ok(format!("The audio has {} kbit/s.", bps / 1_000)),
    }
}

fn frame_rate(session: &SessionStatus) -> PreFlightCheckBody {
    let check = PreFlightCheckBody::new("frame-rate");
    if track(session, "video").is_none() {
        return check.unknown(NO_PICTURES);
    }
    let Some(rate) = session.frame_rate else { return check.unknown(NOT_MEASURED) };
    let check = check.actual(rate);
    if rate < LEAST_FRAME_RATE {
        check.warning(format!(
            "{rate} pictures a second arrive, which jerks: the encoder or its connection may be overloaded."
        ))
    } else if rate > GREATEST_FRAME_RATE {
        check.warning(format!("{rate} pictures a second arrive: most platforms take at most 60."))
    } else {
        check.ok(format!("{rate} pictures a second arrive."))
    }
}

/// Seconds with at most one decimal.
pub(super) fn seconds(milliseconds: u64) -> f64 {
    (milliseconds as f64 / 100.0).round() / 10.0
}
