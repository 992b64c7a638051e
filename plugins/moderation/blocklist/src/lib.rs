//! Terms and patterns that a tenant does not want to read, seen through look-alike letters, digits for letters,
//! spacing and repetition.
//!
//! | File | Concept |
//! |---|---|
//! | `skeleton` | a text as units: what each character stands for, how often in a row, behind which gap |
//! | `skeleton/look_alikes` | which characters stand for which letters |
//! | `terms` | finding terms among units |
//! | `pattern` | globs in linear time |
//! | `rules` | the settings, prepared |
//! | `filter` | the verdict: which rule decides, and what is masked |
//!
//! Invariant: a verdict depends on the configuration and the message alone.
//!
//! Absent: meaning. A list finds words; who means what is for moderators.

mod filter;
mod pattern;
mod rules;
mod skeleton;
mod terms;

#[cfg(test)]
mod tests;

pub use filter::Blocklist;

neustream_plugin::export_moderation!(Blocklist);
