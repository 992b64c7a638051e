//! Parts and the segments they make up.

use std::time::Duration;

use bytes::{Bytes, BytesMut};

/// A partial segment: one `moof` and one `mdat`.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) duration: Duration,
    /// Whether it holds a picture that decodes alone, or a stream without pictures.
    pub(crate) is_independent: bool,
    /// Pictures in it.
    pub(crate) pictures: u32,
    pub(crate) body: Bytes,
}

/// A segment, growing or complete.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    /// Media sequence number.
    pub(crate) msn: u64,
    /// Session time of its beginning in milliseconds.
    pub(crate) session_ms: u64,
    /// The initialization section that its parts need.
    pub(crate) init: u64,
    /// Whether the timeline or the configuration breaks before it.
    pub(crate) is_discontinuous: bool,
    pub(crate) parts: Vec<Part>,
    /// All parts, once complete; empty before.
    pub(crate) body: Bytes,
}

impl Segment {
    pub(crate) fn duration(&self) -> Duration {
        self.parts.iter().map(|part| part.duration).sum()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.body.len()).sum()
    }

    pub(crate) fn pictures(&self) -> u32 {
        self.parts.iter().map(|part| part.pictures).sum()
    }

    /// Whether a viewer may begin with it.
    pub(crate) fn starts_independent(&self) -> bool {
        self.parts.first().is_some_and(|part| part.is_independent)
    }

    /// Joins the parts into one body and makes them slices of it, so that the bytes are held once.
    pub(crate) fn complete(&mut self) {
        let mut body = BytesMut::with_capacity(self.bytes());
        for part in &self.parts {
            body.extend_from_slice(&part.body);
        }
        self.body = body.freeze();
        let mut start = 0;
        for part in &mut self.parts {
            let end = start + part.body.len();
            part.body = self.body.slice(start..end);
            start = end;
        }
    }
}
