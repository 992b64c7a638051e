//! An author at a machine: a folder of its own for keys and sessions, and the command.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use neustream_tests::kit::api::{Account, PASSWORD};
use neustream_tests::kit::program::Program;
use neustream_tests::kit::server::Server;
use neustream_tests::kit::tool::{plugin_command, target_profile_dir};
use neustream_tests::kit::wait::within;
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::terminal::Terminal;

/// The longest that a command may take that builds nothing.
pub(crate) const SOON: Duration = Duration::from_secs(30);
/// The longest that a build may take: the first one compiles the SDK, on a busy machine.
pub(crate) const BUILD: Duration = Duration::from_mins(8);

/// An author's machine.
pub(crate) struct Desk {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Desk {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { folder: tempfile::tempdir()?, variables: Vec::new() })
    }

    /// An author who is signed in at `server` with an account of it.
    pub(crate) async fn signed_in(server: &Server) -> Result<(Self, Account)> {
        let (desk, account) = (Self::new()?, server.account().await?);
        let ran = desk.sign_in(server, &account, PASSWORD).await?;
        ensure!(ran.code == Some(0), "signing in: {ran:?}");
        Ok((desk, account))
    }

    /// The same machine with another variable of its environment.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) async fn sign_in(&self, server: &Server, account: &Account, password: &str) -> Result<Ran> {
        let place = server.base_url();
        let arguments = ["login", &place, "--email", &account.email, "--password-stdin"];
        self.run_with_input(&arguments, &format!("{password}\n")).await
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = Command::new(plugin_command()?);
        command.args(arguments).current_dir(self.folder.path()).kill_on_drop(true);
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("NEUSTREAM_")) {
            command.env_remove(name);
        }
        command.env("NEUSTREAM_PLUGIN_HOME", self.path("home"));
        // One place for what projects compile to, so that the SDK is compiled once.
        let built = target_profile_dir()?.with_file_name("plugin-cli");
        command.env("CARGO_TARGET_DIR", built);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        Ok(command)
    }

    /// Runs the command to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Result<Ran> {
        self.run_with_input(arguments, "").await
    }

    /// The same, with something on standard input.
    pub(crate) async fn run_with_input(&self, arguments: &[&str], input: &str) -> Result<Ran> {
        let mut command = self.command(arguments)?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().context("neustream-plugin")?;
        let mut stdin = child.stdin.take().context("its standard input")?;
        // Whoever does not read it may be gone.
        stdin.write_all(input.as_bytes()).await.ok();
        drop(stdin);
        let what = format!("neustream-plugin {}", arguments.join(" "));
        let Output { status, stdout, stderr } =
            within(BUILD, &what, async { Ok(child.wait_with_output().await?) }).await?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(Ran { code: status.code(), out: text(stdout), err: text(stderr) })
    }

    /// Runs it and expects success; gives what it printed.
    pub(crate) async fn succeed(&self, arguments: &[&str]) -> Result<String> {
        let ran = self.run(arguments).await?;
        ensure!(ran.code == Some(0), "{arguments:?}: {ran:?}");
        Ok(ran.out)
    }

    /// The same with `--json`; gives the document.
    pub(crate) async fn document(&self, arguments: &[&str]) -> Result<Value> {
        let printed = self.succeed(&[arguments, &["--json"]].concat()).await?;
        serde_json::from_str(&printed).with_context(|| format!("{arguments:?} printed: {printed}"))
    }

    /// Runs it and expects this exit code; gives what it said on standard error.
    pub(crate) async fn fail(&self, code: i32, arguments: &[&str]) -> Result<String> {
        let ran = self.run(arguments).await?;
        ensure!(ran.code == Some(code), "{arguments:?}: {ran:?}");
        Ok(ran.err)
    }

    /// Starts a command that goes on.
    pub(crate) fn start(&self, arguments: &[&str]) -> Result<Program> {
        Program::start("neustream-plugin", self.command(arguments)?)
    }

    /// Starts a command at a terminal.
    pub(crate) fn terminal(&self, arguments: &[&str]) -> Result<Terminal> {
        Terminal::start(&self.command(arguments)?)
    }

    /// A new project in `folder`.
    pub(crate) async fn project(&self, id: &str, kind: &str, folder: &str) -> Result<PathBuf> {
        let arguments = ["new", id, "--kind", kind, "--language", "rust", "--folder", folder];
        self.succeed(&arguments).await?;
        Ok(self.path(folder))
    }

    /// The kept sessions.
    pub(crate) fn sessions(&self) -> Result<Value> {
        Ok(serde_json::from_slice(&fs::read(self.path("home/sessions.json"))?)?)
    }

    /// Changes the kept session at `server`.
    pub(crate) fn change_session(&self, server: &Server, change: impl FnOnce(&mut Value)) -> Result<()> {
        let mut sessions = self.sessions()?;
        change(&mut sessions["servers"][server.base_url()]);
        Ok(fs::write(self.path("home/sessions.json"), sessions.to_string())?)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> Result<PathBuf> {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        fs::write(&path, text)?;
        Ok(path)
    }
}

/// Changes a file as careful editors do, at once: what stands there must be there.
pub(crate) fn edit(file: &Path, changes: &[(&str, &str)]) -> Result<()> {
    let mut text = fs::read_to_string(file)?;
    for (from, to) in changes {
        ensure!(text.contains(from), "{}: there is no {from:?} in it:\n{text}", file.display());
        text = text.replace(from, to);
    }
    let beside = file.with_file_name(".beside");
    fs::write(&beside, text)?;
    Ok(fs::rename(beside, file)?)
}

/// What was waited for already: how many lines with a text. Standard output and standard error are two streams, so
/// only the lines of one of them have an order.
#[derive(Default)]
pub(crate) struct Seen(BTreeMap<String, usize>);

impl Seen {
    /// Waits until one line more with this text is printed than was waited for before.
    pub(crate) async fn next(
        &mut self,
        program: &mut Program,
        limit: Duration,
        text: &str,
    ) -> Result<String> {
        let wanted = self.0.entry(text.to_owned()).or_default();
        *wanted += 1;
        let mut found = 0;
        let is_it = |line: &str| {
            found += usize::from(line.contains(text));
            (found == *wanted).then(|| line.to_owned())
        };
        program.line(limit, &format!("{text:?} ({wanted})"), is_it).await
    }
}

/// How many lines with this text were printed.
pub(crate) fn count(program: &Program, text: &str) -> usize {
    program.lines().iter().filter(|line| line.contains(text)).count()
}
