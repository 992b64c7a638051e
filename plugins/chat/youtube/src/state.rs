//! What is remembered between calls: JSON, well below the interface's 64 KiB.

use neustream_plugin::chat::Recent;
use neustream_plugin::json;
use serde::{Deserialize, Serialize};

use crate::errands::Errands;

/// Raised when the meaning of a field changes; new fields have defaults. The manifest's `state-schema`.
const SCHEMA: u32 = 1;

/// The connector's whole memory.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    schema: u32,
    /// The video that the settings name.
    pub video: Option<String>,
    /// Whether a chat is read; otherwise one is looked for.
    pub is_reading: bool,
    /// The chat that is read, or was last.
    pub chat: String,
    /// The page that comes next.
    pub page_token: Option<String>,
    /// How long YouTube wants to be left alone between pages.
    pub interval_ms: u32,
    /// Failures in a row.
    pub failures: u32,
    /// Messages of late.
    pub recent: Recent,
    /// What the tenant writes and removes.
    pub errands: Errands,
    /// The code of the problem that the tenant was last told.
    pub told: Option<String>,
}

impl State {
    /// A memory without memories.
    pub fn new(video: Option<String>) -> Self {
        Self { schema: SCHEMA, video, ..Self::default() }
    }

    /// Reads a state; none when another version wrote it, or nobody.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        json::from(bytes).ok().filter(|state: &Self| state.schema == SCHEMA)
    }

    /// The state as bytes.
    pub fn write(&self) -> Vec<u8> {
        json::to(self)
    }
}
