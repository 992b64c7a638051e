//! Somebody at a terminal: a real one, as far as the command can tell.

use std::time::Duration;

use neustream_tests::kit::wait::within;
use neustream_tests::kit::{Context, Result, ensure};
use pty_process::{Pty, Size};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use crate::kit::SOON;

pub(crate) const ENTER: &str = "\r";
pub(crate) const DOWN: &str = "\u{1b}[B";
pub(crate) const UP: &str = "\u{1b}[A";
pub(crate) const BACKSPACE: &str = "\u{7f}";
pub(crate) const CTRL_C: &str = "\u{3}";
pub(crate) const CTRL_D: &str = "\u{4}";
pub(crate) const CTRL_U: &str = "\u{15}";

/// Runs the command as a shell does, and then shows how it left the terminal.
const SHELL: &str = "\"$0\" \"$@\"; code=$?; echo; echo '[left]'; stty -a; exit $code";

/// A terminal in which a command runs.
pub(crate) struct Terminal {
    shell: Child,
    pty: Pty,
    /// Everything that was shown, with its escape sequences.
    shown: String,
    /// How much of that was waited for.
    seen: usize,
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    /// What the terminal showed from the beginning to the command's end.
    pub(crate) shown: String,
}

impl Terminal {
    pub(crate) fn start(command: &Command) -> Result<Self> {
        let command = command.as_std();
        let mut shell = pty_process::Command::new("sh").args(["-c", SHELL]).arg(command.get_program());
        shell = shell.args(command.get_args()).env("TERM", "xterm").env("NO_COLOR", "1").kill_on_drop(true);
        for (name, value) in command.get_envs() {
            shell = match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        if let Some(folder) = command.get_current_dir() {
            shell = shell.current_dir(folder);
        }
        let (pty, pts) = pty_process::open()?;
        pty.resize(Size::new(24, 80))?;
        let shell = shell.spawn(pts).context("a shell in a terminal")?;
        Ok(Self { shell, pty, shown: String::new(), seen: 0 })
    }

    /// Waits until `text` is shown, after what was waited for before.
    pub(crate) async fn sees(&mut self, text: &str) -> Result<()> {
        self.sees_within(SOON, text).await
    }

    /// The same, for what takes its time.
    pub(crate) async fn sees_within(&mut self, limit: Duration, text: &str) -> Result<()> {
        let seen = self.seen;
        let awaited = within(limit, text, async {
            loop {
                if let Some(place) = self.shown[seen..].find(text) {
                    return Ok(seen + place + text.len());
                }
                ensure!(self.read().await?, "the command has ended");
            }
        });
        let seen = awaited.await;
        self.seen = seen.with_context(|| format!("the terminal shows:\n{}", self.shown))?;
        Ok(())
    }

    /// Presses these keys.
    pub(crate) async fn types(&mut self, keys: &str) -> Result<()> {
        Ok(self.pty.write_all(keys.as_bytes()).await?)
    }

    /// Waits for `question`, and presses these keys.
    pub(crate) async fn answers(&mut self, question: &str, keys: &str) -> Result<()> {
        self.sees(question).await?;
        self.types(keys).await
    }

    /// Waits for the command's end. It must leave the terminal as a shell expects it, whatever it ended with.
    pub(crate) async fn ends(mut self) -> Result<Ended> {
        let ended = within(SOON, "the command's end", async {
            while self.read().await? {}
            Ok(self.shell.wait().await?)
        });
        let ended = ended.await;
        let code = ended.with_context(|| format!("the terminal shows:\n{}", self.shown))?.code();
        let (shown, left) = self.shown.rsplit_once("[left]").with_context(|| self.shown.clone())?;
        for setting in ["echo", "icanon", "isig"] {
            ensure!(
                left.split_whitespace().any(|word| word == setting),
                "no {setting} after: {}",
                self.shown
            );
        }
        ensure!(!shown.contains("\u{1b}[?25l") || shown.contains("\u{1b}[?25h"), "no cursor after: {shown}");
        Ok(Ended { code, shown: shown.to_owned() })
    }

    /// The same, and it must end with this code.
    pub(crate) async fn ends_with(self, code: i32) -> Result<String> {
        let ended = self.ends().await?;
        ensure!(ended.code == Some(code), "{ended:?}");
        Ok(ended.shown)
    }

    /// Reads what is shown next; no more where nobody has the terminal any more, which Linux tells as an error.
    async fn read(&mut self) -> Result<bool> {
        let mut bytes = [0; 4096];
        let count = self.pty.read(&mut bytes).await.unwrap_or(0);
        self.shown.push_str(&String::from_utf8_lossy(&bytes[..count]));
        Ok(count > 0)
    }
}
