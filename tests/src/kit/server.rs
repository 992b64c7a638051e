//! The real binary, as an operator runs it.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;
use serde_json::json;
use tempfile::TempDir;
use tokio::process::Command;

use super::api::{Account, PASSWORD, post};
use super::port::given_back;
use super::program::Program;
use super::tool::target_profile_dir;
use super::wait::until;
use crate::load::process::usage_of_tree;

/// How long a start may take: the first one also compiles the bundled plugins, on a busy machine.
const START: Duration = Duration::from_mins(1);

/// Settings of a server that is about to be started.
#[derive(Clone)]
pub struct Settings {
    variables: Vec<(String, String)>,
    open_files: Option<u32>,
    data: Arc<TempDir>,
}

/// A running server. Dropping it kills it; its data folder goes with the last one that uses it.
pub struct Server {
    program: Program,
    settings: Settings,
    http: SocketAddr,
    rtmp: SocketAddr,
    set_up_link: Option<String>,
    started_in: Duration,
}

impl Settings {
    /// An empty data folder, free ports, destinations on this machine allowed.
    ///
    /// # Errors
    /// When no folder can be made.
    pub fn new() -> Result<Self> {
        let data = Arc::new(tempfile::tempdir()?);
        let settings = Self { variables: Vec::new(), open_files: None, data };
        Ok(settings
            .with("NEUSTREAM_HTTP_ADDR", "127.0.0.1:0")
            .with("NEUSTREAM_RTMP_ADDR", "127.0.0.1:0")
            .with("NEUSTREAM_ALLOW_PRIVATE_NETWORKS", "true")
            // Tests ask within a minute what people ask within an hour.
            .with("NEUSTREAM_RATE_LIMIT_USER", "off")
            .with("NEUSTREAM_RATE_LIMIT_KEY", "off")
            .with("NEUSTREAM_RATE_LIMIT_PAYMENTS", "off")
            .with("NEUSTREAM_LOG", "info"))
    }

    /// Sets a variable, or changes it.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self = self.without(name);
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// Leaves a variable to its default.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self
    }

    /// Lets the process open so many files and sockets, and no more.
    #[must_use]
    pub fn with_open_files(self, open_files: u32) -> Self {
        Self { open_files: Some(open_files), ..self }
    }

    /// The data folder.
    pub fn data_dir(&self) -> PathBuf {
        self.data.path().join("data")
    }

    /// `neustream` with these settings and nothing else of this environment. Its working directory holds no
    /// configuration file.
    ///
    /// # Errors
    /// When the binary was not built.
    pub fn command(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = match self.open_files {
            None => Command::new(binary()?),
            Some(limit) => {
                let mut command = Command::new("prlimit");
                command.arg(format!("--nofile={limit}:{limit}")).arg(binary()?);
                command
            }
        };
        command.args(arguments).env_clear().current_dir(self.data.path());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("NEUSTREAM_DATA_DIR", self.data_dir());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        Ok(command)
    }

    /// Runs `neustream` to its end: its exit code and everything it said.
    ///
    /// # Errors
    /// When it cannot be started or does not end.
    pub async fn run(&self, arguments: &[&str]) -> Result<(Option<i32>, String)> {
        let mut program = Program::start("neustream", self.command(arguments)?)?;
        let status = program.exit(START).await?;
        Ok((status.code(), program.lines().join("\n")))
    }

    /// Starts `neustream serve` and waits until it has printed its addresses.
    ///
    /// # Errors
    /// When it ends instead.
    pub async fn start(self) -> Result<Server> {
        let started = Instant::now();
        let mut program = Program::start("neustream", self.command(&["serve"])?)?;
        let mut set_up_link = None;
        let mut rtmp = None;
        let mut http = None;
        let (http, rtmp) = program
            .line(START, "its addresses", |line| {
                if let Some(link) = line.strip_prefix("Set up:") {
                    set_up_link = Some(link.trim().to_owned());
                }
                http = http.or_else(|| address(line.strip_prefix("Dashboard:")?, "http://"));
                rtmp = rtmp.or_else(|| address(line.strip_prefix("RTMP:")?, "rtmp://"));
                http.zip(rtmp)
            })
            .await?;
        let started_in = started.elapsed();
        let mut server = Server { program, settings: self, http, rtmp, set_up_link, started_in };
        server.await_health().await?;
        Ok(server)
    }
}

impl Server {
    /// A server with the settings of [`Settings::new`].
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start() -> Result<Self> {
        Settings::new()?.start().await
    }

    /// Where it speaks HTTP.
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// Where it speaks RTMP.
    pub fn rtmp(&self) -> SocketAddr {
        self.rtmp
    }

    /// `http://address`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.http)
    }

    /// Where an encoder with this key publishes.
    pub fn publish_url(&self, key: &str) -> String {
        format!("rtmp://{}/live/{key}", self.rtmp)
    }

    /// The multivariant playlist of a playback id.
    pub fn playlist_url(&self, playback_id: &str) -> String {
        format!("http://{}/hls/{playback_id}/index.m3u8", self.http)
    }

    /// The link that the very first start prints.
    pub fn set_up_link(&mut self) -> Option<String> {
        let printed = |line: &String| line.strip_prefix("Set up:").map(|link| link.trim().to_owned());
        self.set_up_link = self.set_up_link.take().or_else(|| self.program.lines().iter().find_map(printed));
        self.set_up_link.clone()
    }

    /// Opens the first account, by the link that the server printed: whoever has it runs the platform.
    ///
    /// # Errors
    /// When there is no such link any more.
    pub async fn administrator(&mut self) -> Result<Account> {
        let link = self.set_up_link().context("a set-up link")?;
        let token = link.split_once("token=").context("a token in the link")?.1;
        let email = "administrator@example.com";
        let body = json!({ "token": token, "email": email, "password": PASSWORD, "display_name": "Ada" });
        let answer = post(self.http, "/api/auth/setup", &body).await?;
        let token = answer.json()?["token"].as_str().with_context(|| answer.text())?.to_owned();
        Ok(Account::with(self.http, email, &token))
    }

    /// From the start of the process to its printed addresses.
    pub fn started_in(&self) -> Duration {
        self.started_in
    }

    /// The data folder.
    pub fn data_dir(&self) -> PathBuf {
        self.settings.data_dir()
    }

    /// Everything it printed and logged.
    pub fn log(&self) -> Vec<String> {
        self.program.lines()
    }

    /// A new customer of this server.
    ///
    /// # Errors
    /// When registration is refused.
    pub async fn account(&self) -> Result<Account> {
        Account::register(self.http).await
    }

    /// Memory that the process holds, in bytes (`VmRSS`).
    ///
    /// # Errors
    /// When the process is gone.
    pub fn resident_bytes(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.program.pid()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
        let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kilobytes * 1024)
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.program.pid()
    }

    /// CPU time that the process and its children used so far, user and system.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn cpu_time_with_children(&self) -> Result<Duration> {
        Ok(usage_of_tree(self.program.pid())?.cpu)
    }

    /// CPU time that the process used so far, user and system.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn cpu_time(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.program.pid()))?;
        let after_name = stat.rsplit_once(')').context("the process name")?.1;
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        let ticks = |place: usize| fields.get(place).and_then(|text| text.parse::<u64>().ok());
        let ticks = ticks(11).zip(ticks(12)).context("utime and stime")?;
        // USER_HZ is 100 on every Linux that this runs on.
        Ok(Duration::from_millis((ticks.0 + ticks.1) * 10))
    }

    /// Open file descriptors of the process.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn open_files(&self) -> Result<usize> {
        Ok(fs::read_dir(format!("/proc/{}/fd", self.program.pid()))?.count())
    }

    /// Whether the process still runs.
    pub fn is_running(&mut self) -> bool {
        self.program.is_running()
    }

    /// Expects that it serves: the process runs and `/health` answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn expect_serving(&mut self) -> Result<()> {
        ensure!(self.is_running(), "the server is gone");
        self.await_health().await
    }

    /// `kill -9`, then a start with the same data folder and the same ports.
    ///
    /// # Errors
    /// When it does not come back.
    pub async fn kill_and_restart(mut self) -> Result<Self> {
        self.program.kill().await?;
        // A child that was being started at that moment may hold the sockets until it is one.
        given_back(self.http.port()).await?;
        given_back(self.rtmp.port()).await?;
        let settings = self.same_place();
        drop(self);
        settings.start().await
    }

    /// SIGTERM; waits for the end and expects success.
    ///
    /// # Errors
    /// When it does not end within `limit`, or not with exit code 0.
    pub async fn terminate(&mut self, limit: Duration) -> Result<()> {
        self.program.signal(Signal::TERM)?;
        self.program.succeed(limit).await
    }

    /// The settings with this server's data folder and its real ports.
    pub fn same_place(&self) -> Settings {
        let settings = self.settings.clone();
        settings
            .with("NEUSTREAM_HTTP_ADDR", self.http.to_string())
            .with("NEUSTREAM_RTMP_ADDR", self.rtmp.to_string())
    }

    async fn await_health(&mut self) -> Result<()> {
        let address = self.http;
        until(START, "/health answers", || async move {
            let answer = super::http::get(address, "/health").await;
            Ok(answer.is_ok_and(|answer| answer.status == 200).then_some(()))
        })
        .await?;
        Ok(())
    }
}

/// The binary that cargo built beside this test.
///
/// # Errors
/// When it was not built; the message is the line that builds it.
pub fn binary() -> Result<PathBuf> {
    let path = target_profile_dir()?.join("neustream");
    ensure!(path.is_file(), "{} is missing; build it with: cargo build -p neustream", path.display());
    Ok(path)
}

/// The address in a printed URL.
fn address(text: &str, scheme: &str) -> Option<SocketAddr> {
    let authority = text.trim().strip_prefix(scheme)?.split('/').next()?;
    authority.replace("localhost", "127.0.0.1").parse().ok()
}
