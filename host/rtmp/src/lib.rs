//! RTMP (Adobe's specification 1.0 of 2012, with Enhanced RTMP v2) without IO.
//!
//! Bytes come in by `receive`, in pieces of any size; events and bytes to send come out. Sockets, clocks,
//! deadlines and the decision who may publish belong to the caller.
//!
//! - [`ServerSession`]: a peer that publishes to us or plays from us.
//! - [`ClientSession`]: we publish to a destination.
//! - [`wire`]: the chunk form of a frame, made once and shared by all receivers.
//! - [`amf0`]: the language of commands and script data.
//!
//! Invariants: no input panics; what a peer makes us hold is limited ([`SessionLimits`]) and follows the
//! bytes that it sent, never the lengths that it announced; names of streams, which are keys, appear in no
//! error and no `Debug` output.
//!
//! Absent: AMF3 beyond the byte that introduces AMF0, encrypted RTMP (RTMPE), tunnelling (RTMPT), recorded
//! streams, shared objects. RTMPS is RTMP in the caller's TLS.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod amf0;
mod chunk;
mod client;
mod clock;
mod connection;
mod frames;
mod handshake;
mod message;
mod request;
mod server;
pub mod wire;

pub use amf0::Amf0Error;
pub use chunk::ChunkError;
pub use client::{ClientEvent, ClientSession, PublishRequest};
pub use connection::SessionError;
pub use handshake::HandshakeError;
pub use request::{ConnectInfo, Rejection, ServerEvent, SessionLimits};
pub use server::ServerSession;
