//! FLV files (Adobe FLV 10.1 Annex E): what a stand-in records and what a hostile publisher replays.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};

use super::chunk::Message;
use super::kind;

/// Writes the media messages of one publication.
pub struct FlvWriter(BufWriter<File>);

impl FlvWriter {
    /// Creates the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(path: &Path) -> Result<Self> {
        let mut file = BufWriter::new(File::create(path)?);
        file.write_all(b"FLV\x01\x05\0\0\0\x09\0\0\0\0")?;
        Ok(Self(file))
    }

    /// Appends one message; anything but sound, picture and metadata is left out.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&mut self, message: &Message) -> Result<()> {
        if !matches!(message.kind, kind::AUDIO | kind::VIDEO | kind::DATA) {
            return Ok(());
        }
        let prefix: &[u8] = b"\x02\0\x0d@setDataFrame";
        let body = message.payload.strip_prefix(prefix).unwrap_or(&message.payload);
        let length = body.len() as u32;
        let time = message.timestamp.to_be_bytes();
        let mut header = vec![message.kind];
        header.extend(&length.to_be_bytes()[1..]);
        header.extend([time[1], time[2], time[3], time[0], 0, 0, 0]);
        self.0.write_all(&header)?;
        self.0.write_all(body)?;
        self.0.write_all(&(length + 11).to_be_bytes())?;
        self.0.flush()?;
        Ok(())
    }
}

/// All tags of a file, as messages on message stream 1.
///
/// # Errors
/// When the file cannot be read or is not FLV.
pub fn read(path: &Path) -> Result<Vec<Message>> {
    let bytes = std::fs::read(path)?;
    let mut rest = bytes.strip_prefix(b"FLV").and_then(|rest| rest.get(10..)).context("not an FLV file")?;
    let mut messages = Vec::new();
    while let Some((header, after)) = rest.split_at_checked(11) {
        let length = u32::from_be_bytes([0, header[1], header[2], header[3]]) as usize;
        let Some(payload) = after.get(..length) else { break };
        let timestamp = u32::from_be_bytes([header[7], header[4], header[5], header[6]]);
        messages.push(Message { kind: header[0], stream: 1, timestamp, payload: payload.to_vec() });
        rest = after.get(length + 4..).unwrap_or_default();
    }
    Ok(messages)
}

/// Whether a video message shows a keyframe (and is no codec header), in legacy and enhanced FLV.
pub fn is_keyframe(message: &Message) -> bool {
    let (Some(first), Some(second)) = (message.payload.first(), message.payload.get(1)) else { return false };
    let is_key = first >> 4 & 0b111 == 1;
    // Legacy: AVCPacketType NALU, neither header nor end of sequence. Enhanced: CodedFrames or CodedFramesX.
    let is_picture = if first & 0x80 != 0 { matches!(first & 0x0F, 1 | 3) } else { *second == 1 };
    message.kind == kind::VIDEO && is_key && is_picture
}

/// Whether it is a codec header or metadata.
pub fn is_header(message: &Message) -> bool {
    let first = message.payload.first().copied().unwrap_or_default();
    let second = message.payload.get(1).copied().unwrap_or_default();
    match message.kind {
        kind::VIDEO if first & 0x80 != 0 => first % 16 == 0,
        kind::VIDEO => second == 0,
        kind::AUDIO if first >> 4 == 9 => first % 16 == 0,
        kind::AUDIO => first >> 4 == 10 && second == 0,
        _ => true,
    }
}
