//! Real receivers: ffmpeg that listens, and nginx with its RTMP module.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::process::Command;

use super::port::{free_port, listened_on};
use super::program::Program;
use super::tool;
use super::wait::until;

/// An ffmpeg that waits for one publisher and records it without touching a byte.
pub struct ListeningFfmpeg {
    program: Program,
    port: u16,
    folder: TempDir,
    extension: &'static str,
}

impl ListeningFfmpeg {
    /// Debian's ffmpeg, recording FLV.
    ///
    /// # Errors
    /// When it does not come to listen.
    pub async fn start() -> Result<Self> {
        Self::listen(&tool::ffmpeg()?, "flv").await
    }

    /// A current ffmpeg, recording Matroska: enhanced RTMP arrives, and every tool reads the file.
    ///
    /// # Errors
    /// When it does not come to listen.
    pub async fn start_current() -> Result<Self> {
        Self::listen(&tool::current_ffmpeg()?, "mkv").await
    }

    async fn listen(ffmpeg: &Path, extension: &'static str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = free_port()?;
        let mut command = Command::new(ffmpeg);
        command
            .args(["-hide_banner", "-nostdin", "-loglevel", "warning", "-y", "-listen", "1", "-i"])
            .arg(format!("rtmp://127.0.0.1:{port}/live/key"))
            .args(["-c", "copy", "-flush_packets", "1"])
            .arg(folder.path().join(format!("received.{extension}")));
        let program = Program::start("ffmpeg-receiver", command)?;
        listened_on(port, "ffmpeg").await?;
        Ok(Self { program, port, folder, extension })
    }

    /// Where to publish to, without the key.
    pub fn url(&self) -> String {
        format!("rtmp://127.0.0.1:{}/live", self.port)
    }

    /// The key that it expects.
    pub fn key(&self) -> &'static str {
        "key"
    }

    /// The recording, which grows while it runs.
    pub fn recording(&self) -> PathBuf {
        self.folder.path().join(format!("received.{}", self.extension))
    }

    /// Waits until the publisher ended the stream and the recording is closed.
    ///
    /// # Errors
    /// When that takes longer than `limit`.
    pub async fn finish(&mut self, limit: Duration) -> Result<PathBuf> {
        self.program.exit(limit).await?;
        Ok(self.recording())
    }

    /// Closes the recording now.
    ///
    /// # Errors
    /// When ffmpeg does not end.
    pub async fn stop(&mut self) -> Result<PathBuf> {
        self.program.signal(Signal::INT).ok();
        self.finish(Duration::from_secs(10)).await
    }

    /// What ffmpeg complained about.
    pub fn complaints(&self) -> Vec<String> {
        self.program.lines()
    }
}

/// A private nginx with its RTMP module: records every publication to a file of its own. One process, so that
/// it goes when its owner goes.
pub struct Nginx {
    program: Program,
    port: u16,
    folder: TempDir,
}

impl Nginx {
    /// Starts one on a free port.
    ///
    /// # Errors
    /// When it does not come to listen.
    pub async fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = free_port()?;
        let path = folder.path().display();
        fs::create_dir(folder.path().join("recordings"))?;
        let user = if rustix::process::getuid().is_root() { "user root;" } else { "" };
        let module = tool::nginx_rtmp_module()?;
        let configuration = format!(
            "load_module {module};
             {user} daemon off; master_process off; pid {path}/nginx.pid; error_log stderr info;
             events {{ worker_connections 256; }}
             rtmp {{ access_log {path}/access.log; server {{ listen 127.0.0.1:{port};
               application live {{ live on; record all; record_path {path}/recordings;
                 record_unique on; record_suffix .flv; }} }} }}",
            module = module.display()
        );
        let file = folder.path().join("nginx.conf");
        fs::write(&file, configuration)?;
        let mut command = Command::new(tool::nginx()?);
        command.arg("-p").arg(folder.path()).arg("-c").arg(&file).args(["-e", "stderr"]);
        let program = Program::start("nginx-receiver", command)?;
        listened_on(port, "nginx").await?;
        Ok(Self { program, port, folder })
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where to publish to, without the key.
    pub fn url(&self) -> String {
        format!("rtmp://127.0.0.1:{}/live", self.port)
    }

    /// The recordings of the publications under `key`, oldest first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn recordings(&self, key: &str) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(self.folder.path().join("recordings"))? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with(&format!("{key}-")) {
                found.push((fs::metadata(&path)?.created()?, path));
            }
        }
        found.sort();
        Ok(found.into_iter().map(|(_, path)| path).collect())
    }

    /// Waits until `count` publications under `key` have ended, which nginx writes into its access log, and
    /// gives their recordings.
    ///
    /// # Errors
    /// When they have not in time.
    pub async fn finished(&self, key: &str, count: usize, limit: Duration) -> Result<Vec<PathBuf>> {
        let wanted = format!("\"{key}\"");
        let what = format!("nginx logs the end of {count} publication(s) of {key}");
        until(limit, &what, || async {
            let log = fs::read_to_string(self.folder.path().join("access.log")).unwrap_or_default();
            let ended = log.lines().filter(|line| line.contains("PUBLISH") && line.contains(&wanted));
            Ok((ended.count() >= count).then_some(()))
        })
        .await?;
        self.recordings(key)
    }

    /// Waits until the newest recording under `key` is at least `bytes` long.
    ///
    /// # Errors
    /// When it is not in time.
    pub async fn received(&self, key: &str, bytes: u64, limit: Duration) -> Result<PathBuf> {
        let what = format!("nginx recorded {bytes} bytes of {key}");
        let (path, _) = until(limit, &what, || async {
            let Some(path) = self.recordings(key)?.pop() else { return Ok(None) };
            Ok((fs::metadata(&path)?.len() >= bytes).then_some(path))
        })
        .await?;
        Ok(path)
    }

    /// What nginx noted about connections, commands included.
    pub fn log(&self) -> Vec<String> {
        self.program.lines()
    }

    /// Goes away without a word, as a platform that loses its power.
    ///
    /// # Errors
    /// When it does not go away.
    pub async fn vanish(mut self) -> Result<u16> {
        self.program.kill().await?;
        Ok(self.port)
    }
}
