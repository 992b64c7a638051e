//! For tests: a platform on loopback, installations and a store in memory, a native connector.
//!
//! | file | concept |
//! |---|---|
//! | `platform` | TLS servers under any name, whose peers a test scripts by hand ([`Platform`], [`Peer`]) |
//! | `installations` | what is installed, changed at will ([`Installations`]) |
//! | `memory_store` | [`MemoryStore`], which can fail and lose answers |
//! | `talk` | a native connector of a small made-up protocol ([`Talk`]) |

#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test that panics has failed")]

mod installations;
mod memory_store;
mod platform;
mod talk;

pub use installations::{Installations, Natives};
pub use memory_store::{MemoryStore, StoredMessage};
pub use platform::{Authority, Peer, Platform, outbound};
pub use talk::{MANIFEST, SECRET, Talk, TalkState};
