//! A private PostgreSQL on a free port, gone with its owner.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::process::Command;

use super::port::free_port;
use super::program::Program;
use super::tool;

/// A running server with one empty database.
pub struct Postgres {
    program: Program,
    port: u16,
    user: Option<(u32, u32)>,
    settings: &'static [&'static str],
    folder: TempDir,
}

impl Postgres {
    /// Makes a cluster and starts it.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub async fn start() -> Result<Self> {
        Self::start_with(&["-c", "fsync=off", "-c", "shared_buffers=16MB"]).await
    }

    /// The same with its settings as they come, commits that last among them: for benches.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub async fn start_durable() -> Result<Self> {
        Self::start_with(&[]).await
    }

    async fn start_with(settings: &'static [&'static str]) -> Result<Self> {
        // PostgreSQL refuses to run as root: as root, Debian's own user runs it.
        let user = if rustix::process::getuid().is_root() { Some(user_id("postgres")?) } else { None };
        let folder = tempfile::tempdir()?;
        if let Some((uid, gid)) = user {
            std::os::unix::fs::chown(folder.path(), Some(uid), Some(gid))?;
        }
        let data = folder.path().join("data");
        let port = free_port()?;
        let made = as_user(Command::new(tool::postgres("initdb")?), user)
            .args(["--auth=trust", "--username=postgres", "--no-sync", "--encoding=UTF8", "--locale=C", "-D"])
            .arg(&data)
            .current_dir("/")
            .output()
            .await?;
        ensure!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let program = run(folder.path(), port, user, settings).await?;
        Ok(Self { program, port, user, settings, folder })
    }

    /// `postgres://...` of the database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Goes down: connections break and new ones are refused.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn go_down(&mut self) -> Result<()> {
        self.program.signal(Signal::QUIT)?;
        self.program.exit(Duration::from_secs(20)).await?;
        Ok(())
    }

    /// Comes back on the same port with the same data.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn come_back(&mut self) -> Result<()> {
        self.program = run(self.folder.path(), self.port, self.user, self.settings).await?;
        Ok(())
    }

    /// Everything in the database as SQL text, as a thief of a backup sees it.
    ///
    /// # Errors
    /// When `pg_dump` fails.
    pub async fn dump(&self) -> Result<String> {
        let output = as_user(Command::new(tool::postgres("pg_dump")?), self.user)
            .args(["--inserts", &self.url()])
            .current_dir("/")
            .stdin(Stdio::null())
            .output()
            .await?;
        ensure!(output.status.success(), "pg_dump: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Immediate shutdown: the postmaster ends its children, which a kill would leave behind.
        self.program.signal(Signal::QUIT).ok();
    }
}

async fn run(folder: &Path, port: u16, user: Option<(u32, u32)>, settings: &[&str]) -> Result<Program> {
    let mut command = as_user(Command::new(tool::postgres("postgres")?), user);
    command.args(["-c", "listen_addresses=127.0.0.1"]).args(settings);
    command.arg("-p").arg(port.to_string()).arg("-k").arg(folder).arg("-D").arg(folder.join("data"));
    command.current_dir("/");
    let mut program = Program::start("postgres", command)?;
    let is_ready = |line: &str| line.contains("ready to accept connections").then_some(());
    program.line(Duration::from_mins(1), "that it is ready", is_ready).await?;
    Ok(program)
}

fn as_user(mut command: Command, user: Option<(u32, u32)>) -> Command {
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command
}

fn user_id(name: &str) -> Result<(u32, u32)> {
    let table = std::fs::read_to_string(Path::new("/etc/passwd"))?;
    let prefix = format!("{name}:");
    let line = table.lines().find(|line| line.starts_with(&prefix));
    let mut fields = line.with_context(|| format!("no user {name}"))?.split(':').skip(2);
    let mut id = || fields.next().and_then(|text| text.parse().ok()).context("a user id");
    Ok((id()?, id()?))
}
