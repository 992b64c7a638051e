//! Real encoders: ffmpeg publishing the test picture with a tone.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use rustix::process::Signal;
use tokio::process::Command;

use super::picture;
use super::program::Program;
use super::tool;

/// What is published and how.
#[derive(Debug, Clone)]
pub struct Encoding {
    /// The number of the first frame.
    pub first_frame: u16,
    /// How long to publish; `None` publishes until stopped.
    pub length: Option<Duration>,
    /// Constant video bitrate in kbit/s, filled up; `None` takes what the simple picture needs.
    pub video_kbps: Option<u32>,
    /// Seconds between keyframes.
    pub keyframe_s: u32,
    /// The codecs.
    pub codecs: Codecs,
    /// Added to every timestamp.
    pub timestamp_offset: Duration,
    /// Real time, as an encoder does, or as fast as it goes (for making files).
    pub is_paced: bool,
}

/// Pairs of codecs that the tests publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codecs {
    /// What every encoder sends: legacy FLV tags.
    H264Aac,
    /// Enhanced RTMP: `hvc1` and legacy AAC.
    HevcAac,
    /// Enhanced RTMP: `av01` and `Opus`.
    Av1Opus,
}

impl Default for Encoding {
    fn default() -> Self {
        Self {
            first_frame: 0,
            length: None,
            video_kbps: None,
            keyframe_s: 1,
            codecs: Codecs::H264Aac,
            timestamp_offset: Duration::ZERO,
            is_paced: true,
        }
    }
}

impl Encoding {
    /// Publishes this many seconds, then ends properly.
    pub fn seconds(length_s: u64) -> Self {
        Self { length: Some(Duration::from_secs(length_s)), ..Self::default() }
    }

    /// Frames that are published in all, when the length is set.
    pub fn frames(&self) -> Option<u32> {
        self.length.map(|length| (length.as_secs_f64() * f64::from(picture::FRAME_RATE)).round() as u32)
    }

    /// The ffmpeg for these codecs.
    ///
    /// # Errors
    /// When it is not installed.
    pub fn ffmpeg(&self) -> Result<PathBuf> {
        match self.codecs {
            Codecs::H264Aac => tool::ffmpeg(),
            Codecs::HevcAac | Codecs::Av1Opus => tool::current_ffmpeg(),
        }
    }

    /// The command that writes FLV to `target`, a URL or a path.
    ///
    /// # Errors
    /// When ffmpeg is not installed.
    pub fn command(&self, target: &str) -> Result<Command> {
        let mut command = Command::new(self.ffmpeg()?);
        let pace: &[&str] = if self.is_paced { &["-re"] } else { &[] };
        command.args(["-hide_banner", "-nostdin", "-loglevel", "warning", "-y"]);
        command.args(pace).args(["-f", "lavfi", "-i", &picture::source(self.first_frame)]);
        command.args(pace).args(["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"]);
        if let Some(length) = self.length {
            command.args(["-t", &length.as_secs_f64().to_string()]);
        }
        let group = (self.keyframe_s * picture::FRAME_RATE).to_string();
        match self.codecs {
            Codecs::H264Aac => {
                command.args(["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"]);
                command.args(["-keyint_min", &group, "-sc_threshold", "0"]);
            }
            Codecs::HevcAac => {
                command.args(["-c:v", "libx265", "-preset", "ultrafast", "-tune", "zerolatency"]);
                let parameters = format!("log-level=error:keyint={group}:min-keyint={group}:scenecut=0");
                command.args(["-x265-params", &parameters]);
            }
            Codecs::Av1Opus => {
                // Coarser settings smear the cells of the picture.
                command.args(["-c:v", "libsvtav1", "-preset", "10", "-crf", "20"]);
                command.args(["-svtav1-params", "pred-struct=1"]);
            }
        }
        command.args(["-g", &group, "-threads", "2"]);
        if let Some(kbps) = self.video_kbps {
            let rate = format!("{kbps}k");
            command.args(["-b:v", &rate, "-maxrate", &rate, "-bufsize", &rate]);
            // So many bits for cells of black and white take the quantizer to its end, where x264's levels overflow and
            // a first picture comes out black. The filler makes up for what is not needed.
            command.args(["-qmin", "10", "-x264-params", "nal-hrd=cbr:filler=1"]);
        }
        match self.codecs {
            Codecs::H264Aac | Codecs::HevcAac => command.args(["-c:a", "aac", "-b:a", "64k"]),
            Codecs::Av1Opus => command.args(["-c:a", "libopus", "-b:a", "64k"]),
        };
        if !self.timestamp_offset.is_zero() {
            command.args(["-output_ts_offset", &self.timestamp_offset.as_secs().to_string()]);
        }
        command.args(["-f", "flv", target]);
        Ok(command)
    }
}

/// A running ffmpeg that publishes.
pub struct Publisher {
    program: Program,
    frames: Option<u32>,
}

impl Publisher {
    /// Starts to publish to `url`, such as `rtmp://127.0.0.1:1935/live/KEY`.
    ///
    /// # Errors
    /// When ffmpeg cannot be started.
    pub fn start(url: &str, encoding: &Encoding) -> Result<Self> {
        let program = Program::start("publisher", encoding.command(url)?)?;
        Ok(Self { program, frames: encoding.frames() })
    }

    /// Waits until everything is published and ffmpeg has ended the stream properly.
    ///
    /// # Errors
    /// When ffmpeg fails or takes longer than `limit`.
    pub async fn finish(mut self, limit: Duration) -> Result<Option<u32>> {
        self.program.succeed(limit).await?;
        Ok(self.frames)
    }

    /// Ends the stream properly, as someone who presses "stop".
    ///
    /// # Errors
    /// When ffmpeg does not end.
    pub async fn stop(mut self) -> Result<()> {
        self.program.signal(Signal::INT)?;
        self.program.exit(Duration::from_secs(10)).await?;
        Ok(())
    }

    /// Dies without a word, as an encoder that crashes.
    ///
    /// # Errors
    /// When it does not go away.
    pub async fn vanish(mut self) -> Result<()> {
        self.program.kill().await
    }

    /// Stops sending while its connection stays open, as an encoder whose network is cut.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn freeze(&self) -> Result<()> {
        self.program.signal(Signal::STOP)
    }

    /// Waits for its end, whatever the outcome: it is expected to be thrown out.
    ///
    /// # Errors
    /// When it still runs after `limit`.
    pub async fn thrown_out(&mut self, limit: Duration) -> Result<()> {
        self.program.exit(limit).await?;
        Ok(())
    }

    /// Whether it still publishes.
    pub fn is_running(&mut self) -> bool {
        self.program.is_running()
    }
}
