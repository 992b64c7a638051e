//! One shell that lives as long as a page, as a reader's terminal does.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::load::process::usage_of_tree;

/// Around the line that the shell says after each command; no program prints it.
const MARK: u8 = 0x1e;

/// A running bash. Dropping it ends it and everything that it started.
pub struct Shell {
    child: Child,
    group: Pid,
    input: ChildStdin,
    output: ChildStdout,
    folder: PathBuf,
    scripts: TempDir,
}

/// What a command did.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What it ended with.
    pub exit: i32,
    /// What it printed on both outputs.
    pub output: String,
    /// How long it took.
    pub wall: Duration,
    /// CPU time of its processes, user and system.
    pub cpu: Duration,
}

impl Shell {
    /// Starts one in `folder` with these variables and the `PATH` of this process behind `path`.
    ///
    /// # Errors
    /// When there is no bash.
    pub fn start(folder: &Path, path: &Path, variables: &[(String, String)]) -> Result<Self> {
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::env::join_paths(
            std::iter::once(path.to_path_buf()).chain(std::env::split_paths(&inherited)),
        )?;
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc"]).current_dir(folder).env("PATH", folders);
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.process_group(0).kill_on_drop(true).spawn().context("start bash")?;
        let id = child.id().and_then(|id| Pid::from_raw(id as i32)).context("bash ended at once")?;
        let input = child.stdin.take().context("bash's input")?;
        let output = child.stdout.take().context("bash's output")?;
        let scripts = tempfile::tempdir()?;
        Ok(Self { child, group: id, input, output, folder: folder.to_path_buf(), scripts })
    }

    /// Where the shell is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs `command` to its end.
    ///
    /// # Errors
    /// When it does not end within `limit`, or ends the shell; with what it printed so far.
    pub async fn run(&mut self, command: &str, limit: Duration) -> Result<Outcome> {
        // In a file of its own, so that a mistake in it is its own and ends with it.
        let script = self.scripts.path().join("command");
        std::fs::write(&script, format!("{command}\n"))?;
        let line = format!(
            "{{ . '{}'; }} </dev/null 2>&1; printf '\\x1e%d %s\\x1e' $? \"$PWD\"\n",
            script.display()
        );
        let (started, used) = (Instant::now(), self.cpu_time()?);
        self.input.write_all(line.as_bytes()).await.context("the shell is gone")?;
        let mut printed = Vec::new();
        let said = tokio::time::timeout(limit, self.until_mark(&mut printed)).await;
        let so_far = || String::from_utf8_lossy(&printed).into_owned();
        match said {
            Err(_) => bail!("does not end within {limit:?}; it printed so far:\n{}", so_far()),
            Ok(Err(error)) => return Err(error.context(format!("it printed:\n{}", so_far()))),
            Ok(Ok(())) => {}
        }
        let text = so_far();
        let mark = char::from(MARK);
        let (output, said) = text.trim_end_matches(mark).rsplit_once(mark).context("the shell's own line")?;
        let (exit, folder) = said.split_once(' ').context("the shell's own line")?;
        self.folder = PathBuf::from(folder);
        let cpu = self.cpu_time()?.saturating_sub(used);
        Ok(Outcome { exit: exit.parse()?, output: output.to_owned(), wall: started.elapsed(), cpu })
    }

    /// Reads until the second mark.
    async fn until_mark(&mut self, printed: &mut Vec<u8>) -> Result<()> {
        let mut marks = 0;
        while marks < 2 {
            let mut some = [0; 4096];
            let count = self.output.read(&mut some).await?;
            if count == 0 {
                bail!("the shell ended with {}", self.child.wait().await?);
            }
            marks += some[..count].split(|byte| *byte == MARK).count() - 1;
            printed.extend(&some[..count]);
        }
        Ok(())
    }

    /// CPU time of the shell and of everything that it started.
    fn cpu_time(&self) -> Result<Duration> {
        Ok(usage_of_tree(self.group.as_raw_pid() as u32)?.cpu)
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        kill_process_group(self.group, Signal::KILL).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(10);

    fn shell(folder: &Path) -> Result<Shell> {
        Shell::start(folder, Path::new("/nowhere"), &[("GREETING".to_owned(), "hello".to_owned())])
    }

    #[tokio::test]
    async fn folder_and_variables_stay_from_command_to_command() -> Result<()> {
        let place = tempfile::tempdir()?;
        let mut shell = shell(place.path())?;
        shell.run("mkdir inner && cd inner && NAME=world", SOON).await?;
        let said = shell.run("echo $GREETING $NAME; echo oops >&2; basename $PWD", SOON).await?;
        assert_eq!((said.exit, said.output.as_str()), (0, "hello world\noops\ninner\n"));
        assert_eq!(shell.folder(), place.path().join("inner"));
        Ok(())
    }

    #[tokio::test]
    async fn a_command_that_fails_or_cannot_be_read_does_not_end_the_shell() -> Result<()> {
        let place = tempfile::tempdir()?;
        let mut shell = shell(place.path())?;
        assert_eq!(shell.run("false", SOON).await?.exit, 1);
        assert_ne!(shell.run("if then", SOON).await?.exit, 0);
        assert_eq!(shell.run("cat", SOON).await?.exit, 0);
        assert_eq!(shell.run("echo still here", SOON).await?.output, "still here\n");
        Ok(())
    }

    #[tokio::test]
    async fn a_command_that_hangs_and_one_that_leaves_are_errors() -> Result<()> {
        let place = tempfile::tempdir()?;
        let hangs =
            shell(place.path())?.run("echo waiting; tail -f /dev/null", Duration::from_millis(300)).await;
        assert!(format!("{:#}", hangs.expect_err("it hangs")).contains("waiting"));
        let leaves = shell(place.path())?.run("exit 3", SOON).await;
        assert!(format!("{:#}", leaves.expect_err("it leaves")).contains("the shell ended"));
        Ok(())
    }

    #[tokio::test]
    async fn the_time_of_its_processes_is_counted() -> Result<()> {
        let place = tempfile::tempdir()?;
        let mut shell = shell(place.path())?;
        let busy = shell.run("bash -c 'for ((i = 0; i < 200000; i++)); do :; done'", SOON).await?;
        assert!(busy.cpu >= Duration::from_millis(50), "{busy:?}");
        Ok(())
    }
}
