//! What ffprobe says about a recording.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use tokio::process::Command;

use super::tool;

/// A recording as ffprobe sees it.
#[derive(Debug, Clone, Deserialize)]
pub struct Probe {
    /// Its elementary streams.
    pub streams: Vec<Stream>,
    /// Every packet in file order.
    #[serde(default)]
    pub packets: Vec<Packet>,
}

/// One elementary stream.
#[derive(Debug, Clone, Deserialize)]
pub struct Stream {
    /// Its number, to which packets refer.
    pub index: usize,
    /// `video` or `audio`.
    pub codec_type: String,
    /// Such as `h264`.
    #[serde(default)]
    pub codec_name: String,
    /// Picture width in pixels.
    pub width: Option<u32>,
    /// Picture height in pixels.
    pub height: Option<u32>,
}

/// One packet.
#[derive(Debug, Clone, Deserialize)]
pub struct Packet {
    /// The stream it belongs to.
    pub stream_index: usize,
    /// Decode time in seconds, as decimal text.
    pub dts_time: Option<String>,
    /// Presentation time in seconds, as decimal text.
    pub pts_time: Option<String>,
    /// `K__` for keyframes.
    #[serde(default)]
    pub flags: String,
}

impl Probe {
    /// Asks ffprobe about a file or URL, packet by packet.
    ///
    /// # Errors
    /// When ffprobe cannot read it.
    pub async fn of(recording: &Path) -> Result<Self> {
        let output = Command::new(tool::ffprobe()?)
            .args(["-hide_banner", "-loglevel", "error", "-of", "json", "-show_streams", "-show_packets"])
            .args(["-show_entries", "stream=index,codec_type,codec_name,width,height"])
            .args(["-show_entries", "packet=stream_index,dts_time,pts_time,flags"])
            .arg(recording)
            .kill_on_drop(true)
            .output()
            .await
            .context("start ffprobe")?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success(), "ffprobe cannot read {}: {said}", recording.display());
        serde_json::from_slice(&output.stdout).context("ffprobe's answer")
    }

    /// The first stream of this kind (`video`, `audio`).
    ///
    /// # Errors
    /// When there is none.
    pub fn stream(&self, kind: &str) -> Result<&Stream> {
        let found = self.streams.iter().find(|stream| stream.codec_type == kind);
        found.with_context(|| format!("no {kind} track among {:?}", self.streams))
    }

    /// Decode times of the first stream of this kind in seconds, in file order.
    ///
    /// # Errors
    /// When there is no such stream or a packet has no time.
    pub fn decode_times(&self, kind: &str) -> Result<Vec<f64>> {
        let index = self.stream(kind)?.index;
        let packets = self.packets.iter().filter(|packet| packet.stream_index == index);
        packets
            .map(|packet| {
                let text = packet.dts_time.as_deref().or(packet.pts_time.as_deref());
                text.and_then(|text| text.parse().ok())
                    .with_context(|| format!("a {kind} packet without time"))
            })
            .collect()
    }

    /// Expects that the times of this kind never go back and that no two neighbours are further apart than
    /// `longest` seconds.
    ///
    /// # Errors
    /// With the first place that is wrong.
    pub fn expect_no_gap(&self, kind: &str, longest: f64) -> Result<()> {
        let times = self.decode_times(kind)?;
        ensure!(!times.is_empty(), "the {kind} track is empty");
        for (place, pair) in times.windows(2).enumerate() {
            let step = pair[1] - pair[0];
            ensure!(step >= 0.0, "{kind} goes back at packet {place}: {} -> {}", pair[0], pair[1]);
            ensure!(step <= longest, "{kind} has a gap at packet {place}: {} -> {}", pair[0], pair[1]);
        }
        Ok(())
    }

    /// Whether the first video packet is a keyframe.
    ///
    /// # Errors
    /// When there is no video.
    pub fn starts_with_keyframe(&self) -> Result<bool> {
        let index = self.stream("video")?.index;
        let first = self.packets.iter().find(|packet| packet.stream_index == index);
        Ok(first.context("no video packet")?.flags.starts_with('K'))
    }
}
