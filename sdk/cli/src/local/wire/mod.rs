//! WIT values as JSON, and back: what transcripts are written in.
//!
//! Names are those of `wit/`, in kebab-case. Records are objects, options are absent or null, a variant is its name
//! or `{"name": payload}`, tuples and lists are arrays, `list<u8>` is a text where it is UTF-8 and otherwise
//! `{"base64": "..."}`.
//!
//! One file a kind reads what its functions are given and writes what they answer.

pub mod chat;
pub mod destination;
pub mod http;
pub mod moderation;
pub mod outcome;
pub mod payment;
pub mod read;
pub mod write;

pub use outcome::Outcome;
pub use read::{At, Malformed, Read};
