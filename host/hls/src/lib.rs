//! Low-latency HLS: segmenter, CMAF-style fragments and playlists; sans-IO.
//!
//! [`Packager`] takes the frames of one session and holds, in memory, what its viewers may ask for: a
//! multivariant playlist, a media playlist with partial segments (draft-pantos-hls-rfc8216bis), and the
//! initialization sections, parts and segments it names. Sound and picture travel together: one rendition,
//! one `moof` and `mdat` for each part, with a `traf` for each track.
//!
//! What always holds:
//! - the parts of a segment, one after another, are the segment, byte for byte (encrypted ones are each encrypted for
//!   themselves, see [`SegmentEncryption`]);
//! - media sequence numbers rise by one, and a name once served never means other bytes, not even in a later
//!   presentation at the same address, given [`PackagerSettings::epoch_unix_ms`];
//! - memory is bounded by [`PackagerSettings`], whatever the publisher sends;
//! - hostile frames are errors that name what is wrong; the packager goes on with the next frame.
//!
//! How a frame walks: [`Packager::push`] reads its tag → `timeline` maps its time → `track` turns it into a
//! sample with a duration, which it learns from the frame after it → `run` gathers samples into parts and
//! decides where segments end → `fmp4` writes the part → `window` keeps it → `playlist` tells of it.
//!
//! Absent: several renditions, MPEG-TS, and waiting: whoever serves blocking reloads asks
//! [`Packager::has_reached`] after every [`Progress`] that says `changed`.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod date;
mod encryption;
mod error;
mod fmp4;
mod packager;
mod playlist;
mod resource;
mod run;
mod segment;
mod settings;
mod start;
mod timeline;
mod track;
mod window;

pub use encryption::SegmentEncryption;
pub use error::PackagerError;
pub use packager::{Packager, Progress};
pub use resource::{ResourceName, ResourceNameUnknown};
pub use settings::PackagerSettings;
