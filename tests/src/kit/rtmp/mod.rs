//! A second, independent RTMP: just enough to stand in for a platform or to
//! misbehave as a client. It shares no code with the product, so a mistake in
//! one shows in the other.

pub mod amf;
pub mod chunk;
pub mod client;
pub mod destination;
pub mod faulty;
pub mod flv;
pub mod freshness;
mod throttle;

/// Message type ids (RTMP 5.4, 7.1) that the kit speaks of.
pub mod kind {
    /// Set Chunk Size.
    pub const SET_CHUNK_SIZE: u8 = 1;
    /// Acknowledgement.
    pub const ACKNOWLEDGEMENT: u8 = 3;
    /// User Control.
    pub const USER_CONTROL: u8 = 4;
    /// Window Acknowledgement Size.
    pub const WINDOW_SIZE: u8 = 5;
    /// Audio.
    pub const AUDIO: u8 = 8;
    /// Video.
    pub const VIDEO: u8 = 9;
    /// AMF0 data.
    pub const DATA: u8 = 18;
    /// AMF0 command.
    pub const COMMAND: u8 = 20;
}
