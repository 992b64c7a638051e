//! Frames, FLV tags and codec configurations; sans-IO.
//!
//! [`Frame`] is the unit that flows through the house. [`flv`] says what a tag
//! body holds without copying it; [`codec`] reads the configuration records
//! that sequence headers carry, far enough for players and for people: codec
//! string, picture size, sample rate, channels.
//!
//! Everything here reads bytes of strangers: nothing panics, nothing allocates
//! in proportion to a number that the bytes merely claim. Absent: decoding of
//! pictures or sound, and containers other than FLV tag bodies.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

pub mod codec;
pub mod flv;
mod frame;

pub use codec::{CodecConfig, TrackConfig};
pub use frame::{Frame, FrameKind, Track};
