//! A cursor over one payload that knows what it is reading.

use super::FlvError;

pub(super) struct Reader<'a> {
    payload: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(payload: &'a [u8]) -> Self {
        Self { payload, position: 0 }
    }

    /// A reader over a part of the payload.
    pub(super) fn within(&self, range: &std::ops::Range<usize>) -> Self {
        Self { payload: &self.payload[..range.end], position: range.start }
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    pub(super) fn end(&self) -> usize {
        self.payload.len()
    }

    pub(super) fn bytes(&mut self, count: usize, field: &'static str) -> Result<&'a [u8], FlvError> {
        let bytes = self.payload[self.position..]
            .get(..count)
            .ok_or(FlvError::Truncated { field, length: self.payload.len() })?;
        self.position += count;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], FlvError> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(N, field)?);
        Ok(array)
    }

    pub(super) fn u8(&mut self, field: &'static str) -> Result<u8, FlvError> {
        let [byte] = self.array(field)?;
        Ok(byte)
    }

    pub(super) fn u16(&mut self, field: &'static str) -> Result<u16, FlvError> {
        self.array(field).map(u16::from_be_bytes)
    }

    pub(super) fn u24(&mut self, field: &'static str) -> Result<u32, FlvError> {
        let [a, b, c] = self.array(field)?;
        Ok(u32::from_be_bytes([0, a, b, c]))
    }

    pub(super) fn i24(&mut self, field: &'static str) -> Result<i32, FlvError> {
        let [a, b, c] = self.array(field)?;
        Ok(i32::from_be_bytes([a, b, c, 0]) >> 8)
    }

    pub(super) fn four_cc(&mut self) -> Result<[u8; 4], FlvError> {
        self.array("FourCC")
    }
}
