//! What is remembered between calls: JSON, well below the interface's 64 KiB.
//!
//! A state that cannot be read is as good as none: the connection is opened
//! again and only a removal of older messages by author is lost.

use neustream_plugin::chat::Recent;
use neustream_plugin::json;
use serde::{Deserialize, Serialize};

use crate::outbox::Outbox;
use crate::removal::Removals;

/// Raised when the meaning of a field changes; new fields have defaults. The manifest's `state-schema`.
const SCHEMA: u32 = 1;

/// What the whole may take. The half line, the only part without a narrow bound of its own, is given up first.
const MAX_BYTES: usize = 60 * 1024;

/// How far the connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Phase {
    /// The host is opening it.
    #[default]
    Connecting,
    /// Open, the login is sent.
    LoggingIn,
    /// Logged in, the channel is asked for.
    Joining,
    /// In the channel.
    Joined,
    /// Twitch refused the login; there is no connection until the next attempt.
    Refused,
}

/// The connected account as Twitch describes it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// Its login name.
    pub login: String,
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Its colour.
    pub color: String,
    /// Its badges in the channel, as the tag has them.
    pub badges: String,
}

/// The connector's whole memory.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    schema: u32,
    /// The channel that was joined, in lower case and without `#`.
    pub channel: String,
    /// How far the connection is.
    pub phase: Phase,
    /// What came last and has no line end as yet.
    pub partial: String,
    /// When the phase began.
    pub since: u64,
    /// When something last came.
    pub heard_at: u64,
    /// Logins that Twitch refused in a row.
    pub refusals: u32,
    /// Who is logged in.
    pub account: Account,
    /// The channel's id.
    pub room_id: String,
    /// Messages of late.
    pub recent: Recent,
    /// What the tenant writes.
    pub outbox: Outbox,
    /// What the tenant removes.
    pub removals: Removals,
    /// The code of the problem that the tenant was last told.
    pub told: Option<String>,
}

impl State {
    /// A memory without memories.
    pub fn new(channel: String) -> Self {
        Self { schema: SCHEMA, channel, ..Self::default() }
    }

    /// Reads a state; none when another version wrote it, or nobody.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        json::from(bytes).ok().filter(|state: &Self| state.schema == SCHEMA)
    }

    /// The state as bytes.
    pub fn write(mut self) -> Vec<u8> {
        let bytes = json::to(&self);
        if bytes.len() <= MAX_BYTES {
            return bytes;
        }
        self.partial.clear();
        json::to(&self)
    }
}
