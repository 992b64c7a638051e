//! Parts and the segments they make up.

use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::encryption::SegmentKey;

/// A partial segment: one `moof` and one `mdat`.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) duration: Duration,
    /// Whether it holds a picture that decodes alone, or a stream without pictures.
    pub(crate) is_independent: bool,
    /// Pictures in it.
    pub(crate) pictures: u32,
    /// As viewers get it.
    pub(crate) body: Bytes,
    /// In the clear, until its encrypted segment is complete; empty where nothing is encrypted.
    pub(crate) clear: Bytes,
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
    /// What it is encrypted with.
    pub(crate) key: Option<SegmentKey>,
    /// Whether the timeline or the configuration breaks before it.
    pub(crate) is_discontinuous: bool,
    pub(crate) parts: Vec<Part>,
    /// The whole of it as viewers get it, once complete; empty before.
    pub(crate) body: Bytes,
}

impl Segment {
    pub(crate) fn duration(&self) -> Duration {
        self.parts.iter().map(|part| part.duration).sum()
    }

    /// Bytes of its parts.
    pub(crate) fn part_bytes(&self) -> usize {
        self.parts.iter().map(|part| part.body.len() + part.clear.len()).sum()
    }

    /// Bytes held for it, once complete: its parts are slices of it unless they are encrypted.
    pub(crate) fn held_bytes(&self) -> usize {
        self.body.len() + if self.key.is_some() { self.part_bytes() } else { 0 }
    }

    pub(crate) fn pictures(&self) -> u32 {
        self.parts.iter().map(|part| part.pictures).sum()
    }

    /// Whether a viewer may begin with it.
    pub(crate) fn starts_independent(&self) -> bool {
        self.parts.first().is_some_and(|part| part.is_independent)
    }

    /// Adds a part, encrypted where the segment is.
    pub(crate) fn push(&mut self, mut part: Part) {
        if let Some(key) = &self.key {
            part.clear = std::mem::take(&mut part.body);
            part.body = key.encrypt(self.msn, &[&part.clear]);
        }
        self.parts.push(part);
    }

    /// Joins the parts into one body and makes them slices of it, so that the bytes are held once. An encrypted body
    /// is one of its own.
    pub(crate) fn complete(&mut self) {
        if let Some(key) = &self.key {
            let clear: Vec<&[u8]> = self.parts.iter().map(|part| part.clear.as_ref()).collect();
            self.body = key.encrypt(self.msn, &clear);
            self.parts.iter_mut().for_each(|part| part.clear = Bytes::new());
            return;
        }
        let mut body = BytesMut::with_capacity(self.part_bytes());
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
