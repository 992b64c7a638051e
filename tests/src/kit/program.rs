//! One running program: owned, its lines kept, its end awaited.

use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use super::tool::target_profile_dir;
use super::wait::within;

/// Lines that are kept of one program; later ones are counted, not kept.
const KEPT_LINES: usize = 50_000;

/// How many of the last lines an error shows.
const SHOWN_LINES: usize = 60;

/// A running program. Dropping it kills it and leaves what it said in `target/test-logs/<test>/<name>.log`.
pub struct Program {
    name: String,
    test: String,
    child: Child,
    pid: Pid,
    lines: Lines,
}

/// The lines that a program printed so far, on either stream.
#[derive(Clone)]
struct Lines {
    kept: Arc<Mutex<Vec<String>>>,
    /// Number of lines so far; changes wake those who wait for a line.
    count: watch::Sender<usize>,
}

impl Program {
    /// Starts `command` without input and listens to both of its outputs.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(name: impl Into<String>, mut command: Command) -> Result<Self> {
        let name = name.into();
        let test = std::thread::current().name().unwrap_or("unnamed").replace("::", "-");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().with_context(|| format!("start {name}"))?;
        let id = child.id().and_then(|id| Pid::from_raw(id as i32));
        let pid = id.with_context(|| format!("{name} ended at once"))?;
        let lines = Lines { kept: Arc::default(), count: watch::Sender::new(0) };
        if let Some(output) = child.stdout.take() {
            tokio::spawn(lines.clone().listen(output));
        }
        if let Some(output) = child.stderr.take() {
            tokio::spawn(lines.clone().listen(output));
        }
        Ok(Self { name, test, child, pid, lines })
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.pid.as_raw_pid() as u32
    }

    /// What it printed so far.
    pub fn lines(&self) -> Vec<String> {
        self.lines.all()
    }

    /// Waits for a line that `pick` accepts, also among the lines printed before; gives what `pick` made of it.
    ///
    /// # Errors
    /// When the program ends, or the line does not come in time.
    pub async fn line<T>(
        &mut self,
        limit: Duration,
        what: &str,
        mut pick: impl FnMut(&str) -> Option<T>,
    ) -> Result<T> {
        let mut count = self.lines.count.subscribe();
        let mut seen = 0;
        let (lines, child, name) = (&self.lines, &mut self.child, &self.name);
        within(limit, &format!("{name} prints {what}"), async {
            let mut exited = None;
            loop {
                count.borrow_and_update();
                if let Some(found) = lines.after(&mut seen).iter().find_map(|line| pick(line)) {
                    return Ok(found);
                }
                if let Some(status) = exited {
                    bail!("{name} ended with {status} before; it said:\n{}", lines.last());
                }
                tokio::select! {
                    _ = count.changed() => {}
                    status = child.wait() => {
                        exited = Some(status?);
                        lines.settle().await;
                    }
                }
            }
        })
        .await
    }

    /// Sends `signal`.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        kill_process(self.pid, signal).with_context(|| format!("signal {}", self.name))
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When it does not end in time.
    pub async fn exit(&mut self, limit: Duration) -> Result<ExitStatus> {
        let what = format!("{} ends", self.name);
        let child = &mut self.child;
        let status = within(limit, &what, async { Ok(child.wait().await?) }).await?;
        self.lines.settle().await;
        Ok(status)
    }

    /// Waits for its end and expects success.
    ///
    /// # Errors
    /// When it fails or does not end in time; with what it said.
    pub async fn succeed(&mut self, limit: Duration) -> Result<()> {
        let status = self.exit(limit).await?;
        if status.success() {
            return Ok(());
        }
        Err(anyhow!("{} ended with {status}; it said:\n{}", self.name, self.lines.last()))
    }

    /// Kills it as `kill -9` does and waits until it is gone.
    ///
    /// # Errors
    /// When it does not go away.
    pub async fn kill(&mut self) -> Result<()> {
        self.child.start_kill().ok();
        self.exit(Duration::from_secs(10)).await?;
        Ok(())
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let Ok(profile) = target_profile_dir() else { return };
        let folder = profile.with_file_name("test-logs").join(&self.test);
        let file = folder.join(format!("{}-{}.log", self.name, self.pid()));
        if std::fs::create_dir_all(&folder).is_ok() {
            std::fs::write(file, self.lines.all().join("\n")).ok();
        }
    }
}

impl Lines {
    async fn listen(self, output: impl AsyncRead + Unpin) {
        let mut lines = BufReader::new(output).split(b'\n');
        while let Ok(Some(line)) = lines.next_segment().await {
            let text = String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned();
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() < KEPT_LINES {
                kept.push(text);
            }
            drop(kept);
            self.count.send_modify(|count| *count += 1);
        }
    }

    fn all(&self) -> Vec<String> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The lines after the first `seen`, which then counts them too.
    fn after(&self, seen: &mut usize) -> Vec<String> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let new = kept.get(*seen..).unwrap_or_default().to_vec();
        *seen = kept.len();
        new
    }

    fn last(&self) -> String {
        let all = self.all();
        all[all.len().saturating_sub(SHOWN_LINES)..].join("\n")
    }

    /// Waits until the ended program's outputs are read to their ends.
    async fn settle(&self) {
        let only_own = || self.count.sender_count() == 1;
        let mut count = self.count.subscribe();
        let drained = async {
            while !only_own() {
                if tokio::time::timeout(Duration::from_millis(20), count.changed()).await.is_err() {
                    // Nothing new: look again whether the listeners are gone.
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(2), drained).await.ok();
    }
}
