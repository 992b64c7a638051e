//! A hostile peer of a server session.
//!
//! Input: one byte of options, one byte `n`, `n` sizes of pieces (a size of 0 is the whole rest), then what
//! the peer sends. Options choose between bytes of a connection (as recorded from encoders; that is how the
//! corpus began), and a script of whole messages and of the caller's deeds, which reaches deep sooner.
//!
//! The fuzz target `session` runs it on what the fuzzer invents
//! (`cargo +nightly fuzz run session -- -max_total_time=2000 -rss_limit_mb=2048` in `host/rtmp`), a test on
//! the corpus that was kept.
//!
//! Shown: nothing panics, what a peer makes us hold stays within its limits after every call, and every
//! frame that comes out survives the encode-once writer.

use bytes::BytesMut;
use neustream_rtmp::{Rejection, ServerEvent, ServerSession, SessionLimits, wire};

mod options {
    /// Begin before the handshake instead of after it.
    pub const FROM_THE_START: u8 = 1;
    /// The input is a script.
    pub const SCRIPT: u8 = 2;
    /// Limits so small that they are met.
    pub const SMALL_LIMITS: u8 = 4;
    /// The caller decides before it reads on, as it should; otherwise only scripts decide.
    pub const DECIDE_AT_ONCE: u8 = 8;
}

/// The handshake and its answer alone take 11 kB.
const SMALL: SessionLimits = SessionLimits {
    max_chunk_streams: 4,
    max_message_bytes: 6000,
    max_publisher_bytes: 40_000,
    max_stranger_bytes: 16_000,
};

/// Plays the peer that `data` describes. Panics when the session breaks its word.
pub fn run(data: &[u8]) {
    let [options, pieces, rest @ ..] = data else { return };
    let (pieces, rest) = rest.split_at(usize::from(*pieces).min(rest.len()));
    let mut pieces = pieces.iter().cycle();
    let mut piece = || match pieces.next() {
        None | Some(0) => usize::MAX,
        Some(size) => usize::from(*size),
    };
    let limits = if options & options::SMALL_LIMITS != 0 { SMALL } else { SessionLimits::default() };
    let mut caller = Caller {
        session: ServerSession::new(limits),
        limits,
        decides_at_once: options & options::DECIDE_AT_ONCE != 0,
        wants_to_publish: false,
        is_publisher: false,
        is_over: false,
    };
    if options & options::FROM_THE_START == 0 {
        caller.shake_hands();
    }
    if options & options::SCRIPT != 0 {
        return script(&mut caller, rest, piece);
    }
    let mut rest = rest;
    while !rest.is_empty() && !caller.is_over {
        let (now, later) = rest.split_at(piece().min(rest.len()));
        caller.receive(now);
        rest = later;
    }
}

struct Caller {
    session: ServerSession,
    limits: SessionLimits,
    decides_at_once: bool,
    wants_to_publish: bool,
    is_publisher: bool,
    is_over: bool,
}

impl Caller {
    fn receive(&mut self, input: &[u8]) {
        if self.is_over {
            return;
        }
        self.is_over = self.session.receive(input).is_err();
        self.check();
        if self.decides_at_once {
            self.drain();
        }
    }

    fn accept(&mut self) {
        self.session.accept();
        self.is_publisher |= self.wants_to_publish;
        // Tells whether what had waited was an error.
        self.is_over |= self.session.receive(&[]).is_err();
        self.check();
    }

    fn check(&self) {
        let limit =
            if self.is_publisher { self.limits.max_publisher_bytes } else { self.limits.max_stranger_bytes };
        let held = self.session.buffered_bytes();
        assert!(self.is_over || held <= limit, "{held} bytes held, {limit} allowed");
    }

    fn drain(&mut self) {
        while let Some(event) = self.session.next_event() {
            match event {
                ServerEvent::Frame(frame) => {
                    let mut out = BytesMut::new();
                    wire::encode(&frame, &mut out);
                    let message = out.freeze();
                    assert_eq!(wire::payload(&message), frame.payload);
                    assert_eq!(wire::timestamp(&message), frame.timestamp_ms as u32);
                    let (head, rest) = wire::readdress(&message, 1);
                    assert_eq!([&head[..], &rest].concat(), message);
                }
                ServerEvent::PublishRequested { .. } | ServerEvent::PlayRequested { .. } => {
                    self.wants_to_publish = matches!(event, ServerEvent::PublishRequested { .. });
                    if self.decides_at_once {
                        self.accept();
                    }
                }
                ServerEvent::Connected(_) | ServerEvent::Ended => {}
            }
        }
        self.session.take_output();
        self.check();
    }

    /// Plain handshake: any C1 and C2 will do.
    fn shake_hands(&mut self) {
        let mut opening = [0; 3073];
        opening[0] = 3;
        self.session.receive(&opening).expect("a plain handshake");
        assert!(self.session.is_handshake_done());
        self.session.take_output();
    }
}

/// Messages of a script, each with a header of type 0 and chunks of 128 bytes until told otherwise.
fn script(caller: &mut Caller, mut bytes: &[u8], mut piece: impl FnMut() -> usize) {
    let mut chunk_size = 128;
    while let Some((&deed, rest)) = bytes.split_first() {
        bytes = rest;
        match deed {
            0 => caller.drain(),
            1 => {
                caller.drain();
                caller.accept();
            }
            2 => caller.session.reject(Rejection::bad_name("No.")),
            3 => caller.session.end_play(),
            4 => caller.session.end_publish("Over."),
            5 => {
                let Some((header, rest)) = bytes.split_at_checked(2) else { return };
                bytes = rest;
                chunk_size = usize::from(u16::from_be_bytes([header[0], header[1]])).max(1);
                let size = (chunk_size as u32).to_be_bytes();
                caller.receive(&[&[2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0][..], &size].concat());
            }
            type_id => {
                // Chunk stream, timestamp, length, payload.
                let Some((header, rest)) = bytes.split_at_checked(7) else { return };
                let chunk_stream = header[0] & 0x3F | 2;
                let length = usize::from(u16::from_be_bytes([header[5], header[6]]));
                let (payload, rest) = rest.split_at(length.min(rest.len()));
                bytes = rest;
                let timestamp = u32::from_be_bytes([header[1], header[2], header[3], header[4]]);
                let field = timestamp.min(0x00FF_FFFF).to_be_bytes();
                let length = (payload.len() as u32).to_be_bytes();
                let mut out = vec![chunk_stream, field[1], field[2], field[3]];
                out.extend_from_slice(&length[1..]);
                out.extend_from_slice(&[type_id, 1, 0, 0, 0]);
                let extended = (timestamp >= 0x00FF_FFFF).then(|| timestamp.to_be_bytes());
                out.extend(extended.into_iter().flatten());
                for (n, chunk) in payload.chunks(chunk_size).enumerate() {
                    if n > 0 {
                        out.push(0xC0 | chunk_stream);
                        out.extend(extended.into_iter().flatten());
                    }
                    out.extend_from_slice(chunk);
                }
                let mut out = &out[..];
                while !out.is_empty() {
                    let (now, later) = out.split_at(piece().min(out.len()));
                    caller.receive(now);
                    out = later;
                }
            }
        }
    }
}
