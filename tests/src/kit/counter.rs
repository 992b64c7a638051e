//! Counts the frames of a recording by the numbers in its pictures.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tokio::io::AsyncReadExt;
use tokio::process::Command;

use super::picture::{self, GRID, Stamp};
use super::tool;

/// What a recording's pictures say, in the order in which they were shown.
#[derive(Debug, Clone, Default)]
pub struct Count {
    /// The pictures that could be read.
    pub stamps: Vec<Stamp>,
    /// Pictures whose check bits were wrong: their positions in the recording, from 0.
    pub broken: Vec<usize>,
    /// What the decoder complained about.
    pub complaints: Vec<String>,
}

/// A recording with a hole, in words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    /// Numbers that are missing between two neighbours.
    pub lost: usize,
    /// Numbers that came twice in a row.
    pub duplicated: usize,
    /// Numbers that came after a higher one.
    pub reordered: usize,
    /// Pictures that could not be read.
    pub broken: usize,
    /// Where the faults are, `before -> after`, at most eight.
    pub places: Vec<String>,
}

impl Count {
    /// Decodes the video of `recording` with ffmpeg and reads every picture.
    ///
    /// # Errors
    /// When ffmpeg cannot read it at all.
    pub async fn of(recording: &Path) -> Result<Self> {
        Self::decode(&tool::ffmpeg()?, recording).await
    }

    /// The same with another ffmpeg, for codecs that Debian's does not read from FLV.
    ///
    /// # Errors
    /// When ffmpeg cannot read it at all.
    pub async fn decode(ffmpeg: &Path, recording: &Path) -> Result<Self> {
        let scale = format!("scale={GRID}:{GRID}:flags=area");
        let mut child = Command::new(ffmpeg)
            .args(["-hide_banner", "-nostdin", "-loglevel", "warning", "-i"])
            .arg(recording)
            .args(["-map", "0:v:0", "-vf", &scale, "-fps_mode", "passthrough"])
            .args(["-f", "rawvideo", "-pix_fmt", "gray", "-"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("start ffmpeg to count frames")?;
        let (mut pictures, mut said) = (Vec::new(), String::new());
        let mut stdout = child.stdout.take().context("ffmpeg's output")?;
        let mut stderr = child.stderr.take().context("ffmpeg's errors")?;
        let (read, _, status) =
            tokio::join!(stdout.read_to_end(&mut pictures), stderr.read_to_string(&mut said), child.wait());
        read?;
        let name = recording.display();
        ensure!(status?.success(), "ffmpeg cannot read {name}: {said}");
        let mut count = Self { complaints: said.lines().map(str::to_owned).collect(), ..Self::default() };
        for (position, cells) in pictures.as_chunks::<{ GRID * GRID }>().0.iter().enumerate() {
            match picture::read(cells) {
                Some(stamp) => count.stamps.push(stamp),
                None => count.broken.push(position),
            }
        }
        Ok(count)
    }

    /// The frame numbers in order.
    pub fn numbers(&self) -> Vec<u16> {
        self.stamps.iter().map(|stamp| stamp.number).collect()
    }

    /// The first and the last number.
    ///
    /// # Errors
    /// When there is no picture.
    pub fn ends(&self) -> Result<(u16, u16)> {
        let first = self.stamps.first().context("the recording has no readable picture")?;
        let last = self.stamps.last().context("the recording has no readable picture")?;
        Ok((first.number, last.number))
    }

    /// Everything that is not "the next number".
    pub fn faults(&self) -> Faults {
        let mut faults = Faults { broken: self.broken.len(), ..Faults::default() };
        let shown = self.stamps.len() + self.broken.len();
        let broken =
            self.broken.iter().take(8).map(|position| format!("picture {position} of {shown} is broken"));
        faults.places.extend(broken);
        for pair in self.stamps.windows(2) {
            let (before, after) = (i32::from(pair[0].number), i32::from(pair[1].number));
            match after - before {
                1 => continue,
                0 => faults.duplicated += 1,
                gap if gap > 1 => faults.lost += (gap - 1) as usize,
                _ => faults.reordered += 1,
            }
            if faults.places.len() < 8 {
                faults.places.push(format!("{before} -> {after}"));
            }
        }
        faults
    }

    /// Expects every number from the first to the last, once, in order.
    ///
    /// # Errors
    /// With what is wrong and where.
    pub fn expect_whole(&self, who: &str) -> Result<()> {
        let faults = self.faults();
        let said = &self.complaints;
        ensure!(
            faults == Faults::default(),
            "{who} did not get every frame: {faults:?}; the decoder said {said:?}"
        );
        Ok(())
    }
}
