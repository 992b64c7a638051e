//! A hostile destination of a client session.
//!
//! Input: a size of pieces (0 is all at once), then what the destination sends after the handshake.
//!
//! Shown: nothing panics, what a destination makes us hold is bounded, and no text of it brings the stream
//! name back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use neustream_model::Secret;
use neustream_rtmp::{ClientEvent, ClientSession, PublishRequest};

const STREAM_NAME: &str = "key";

fuzz_target!(|data: &[u8]| {
    let [size, data @ ..] = data else { return };
    let mut session = ClientSession::publish(PublishRequest {
        app: "live".to_owned(),
        tc_url: "rtmp://destination.example/live".to_owned(),
        stream_name: Secret::new(STREAM_NAME),
    });
    // Plain handshake: S1 and S2 of zeros.
    let mut answer = [0; 3073];
    answer[0] = 3;
    session.receive(&answer).expect("a plain handshake");
    let size = if *size == 0 { usize::MAX } else { usize::from(*size) };
    for piece in data.chunks(size.min(data.len().max(1))) {
        if session.receive(piece).is_err() {
            return;
        }
        assert!(session.buffered_bytes() <= 256 << 10, "{} bytes held", session.buffered_bytes());
        session.take_output();
        while let Some(event) = session.next_event() {
            if let ClientEvent::Refused { code, description } | ClientEvent::Ended { code, description } =
                event
            {
                assert!(!code.contains(STREAM_NAME) && !description.contains(STREAM_NAME));
            }
        }
    }
    session.finish();
    session.take_output();
});
