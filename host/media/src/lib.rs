//! Frames, FLV tags and codec headers; sans-IO.

mod frame;

pub use frame::{Frame, FrameKind, Track};
