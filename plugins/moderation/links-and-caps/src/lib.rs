//! Links, shouting, emoji floods and repetition.
//!
//! | File | Concept |
//! |---|---|
//! | `links` | finding links, written out, bare or obfuscated |
//! | `domains` | which endings make a name a domain |
//! | `capitals` | the share of capitals |
//! | `emoji` | how many emoji there are for the eye |
//! | `plain` | characters without their case |
//! | `repetition` | characters and words in a row |
//! | `settings` | what the tenant can set |
//! | `filter` | the verdict |
//!
//! Invariant: a verdict depends on the configuration and the message alone.
//!
//! Absent: what is behind a link. Shorteners are links like others.

mod capitals;
mod domains;
mod emoji;
mod filter;
mod links;
mod plain;
mod repetition;
mod settings;

#[cfg(test)]
mod tests;

pub use filter::LinksAndCaps;

neustream_plugin::export_moderation!(LinksAndCaps);
