//! Pages of lists that are ordered by id.
//!
//! Ids are UUIDv7 and sort by the time of their making, also as text; so "what
//! comes after this id" is a place in the list that stays right while rows come
//! and go, and that every database finds by index.

use std::fmt::Display;

/// A page to be read: so many rows after (or before) an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyset {
    after: Option<String>,
    limit: u32,
}

impl Keyset {
    /// The first `limit` rows.
    pub fn first(limit: u32) -> Self {
        Self { after: None, limit }
    }

    /// The `limit` rows that follow on the row `id`.
    pub fn after(id: impl Display, limit: u32) -> Self {
        Self { after: Some(id.to_string()), limit }
    }

    /// Everything: for the host, which has no pages.
    pub fn all() -> Self {
        Self::first(u32::MAX)
    }

    /// One more row than asked for, by which the caller sees whether a further page follows.
    #[must_use]
    pub fn and_one_more(mut self) -> Self {
        self.limit = self.limit.saturating_add(1);
        self
    }

    /// What ids are above, for lists with the oldest first.
    pub(crate) fn above(&self) -> &str {
        self.after.as_deref().unwrap_or("")
    }

    /// How many rows.
    pub(crate) fn limit(&self) -> i64 {
        self.limit.into()
    }
}
