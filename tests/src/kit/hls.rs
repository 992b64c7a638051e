//! Playlists as text, and ffmpeg as a viewer.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use super::http;
use super::program::Program;
use super::studio::Studio;
use super::tool;
use super::wait::until;

/// The value of an attribute such as `CODECS` in a playlist, without quotes.
pub fn attribute<'text>(playlist: &'text str, name: &str) -> Option<&'text str> {
    let from = playlist.find(&format!("{name}="))? + name.len() + 1;
    let rest = &playlist[from..];
    if let Some(quoted) = rest.strip_prefix('"') {
        return quoted.split('"').next();
    }
    rest.split([',', '\n', '\r']).next()
}

/// The lengths in seconds of the playlist's whole segments.
pub fn segment_lengths(playlist: &str) -> Vec<f64> {
    let tags = playlist.lines().filter_map(|line| line.strip_prefix("#EXTINF:"));
    tags.filter_map(|rest| rest.trim_end_matches(',').split(',').next()?.parse().ok()).collect()
}

/// Every URI that the playlist names, in tags and lines.
pub fn uris(playlist: &str) -> Vec<String> {
    let quoted = playlist.lines().filter_map(|line| line.split("URI=\"").nth(1)?.split('"').next());
    let plain = playlist.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    quoted.chain(plain).map(str::to_owned).collect()
}

/// The multivariant playlist, once it is served.
///
/// # Errors
/// When it is not within `limit`.
pub async fn multivariant(studio: &Studio, limit: Duration) -> Result<String> {
    fetched(studio, "index.m3u8", limit, |_| true).await
}

/// The media playlist, once it holds at least `segments` whole segments.
///
/// # Errors
/// When it does not within `limit`.
pub async fn media(studio: &Studio, segments: usize, limit: Duration) -> Result<String> {
    let multivariant = multivariant(studio, limit).await?;
    let name = uris(&multivariant).pop().context("a variant")?;
    fetched(studio, &name, limit, |text| segment_lengths(text).len() >= segments).await
}

async fn fetched(
    studio: &Studio,
    name: &str,
    limit: Duration,
    is_enough: impl Fn(&str) -> bool,
) -> Result<String> {
    let path = format!("/hls/{}/{name}", studio.source.playback_id);
    let (text, _) = until(limit, &format!("{path} is served"), || async {
        let answer = http::get(studio.server.http(), &path).await?;
        Ok((answer.status == 200).then(|| answer.text()).filter(|text| is_enough(text)))
    })
    .await?;
    Ok(text)
}

/// Starts to copy `seconds` of what a playlist shows into `recording`.
///
/// # Errors
/// When ffmpeg cannot be started.
pub fn record(ffmpeg: &Path, playlist_url: &str, seconds: u64, recording: &Path) -> Result<Program> {
    let mut command = Command::new(ffmpeg);
    command.args(["-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-i", playlist_url]);
    command.args(["-c", "copy", "-t", &seconds.to_string()]).arg(recording);
    Program::start("ffmpeg-viewer", command)
}

/// Waits until a viewer is done and expects that it did not complain.
///
/// # Errors
/// When ffmpeg fails, takes longer than `limit` or printed an error.
pub async fn recorded(viewer: &mut Program, limit: Duration) -> Result<()> {
    viewer.succeed(limit).await?;
    let said = viewer.lines();
    ensure!(said.is_empty(), "ffmpeg complained about the playlist: {said:?}");
    Ok(())
}

/// Debian's ffmpeg.
///
/// # Errors
/// When it is not installed.
pub fn viewer() -> Result<std::path::PathBuf> {
    tool::ffmpeg()
}
