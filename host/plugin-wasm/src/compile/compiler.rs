//! The parent's side of compiling: starts the child, feeds it, bounds it, kills it.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

use super::child::{EXIT_FAILED, EXIT_REFUSED};
use super::{CPU_S, MAX_ARTIFACT_MIB, MEMORY_MIB, WALL_S};
use crate::engine::Metering;
use crate::error::CompileError;
use crate::text::printable;

const MAX_STDERR_BYTES: usize = 16 * 1024;
/// Magic, version and layer of a component, and nothing after it (Component Model, Binary.md).
const EMPTY_COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
const SIGKILL: i32 = 9;
const SIGXCPU: i32 = 24;

/// How to start a process that calls [`compile_child_main`](super::compile_child_main).
#[derive(Debug, Clone)]
pub struct Compiler {
    /// The program: the server names itself.
    pub program: PathBuf,
    /// Its arguments: the hidden subcommand.
    pub args: Vec<OsString>,
}

impl Compiler {
    /// The running program, called with `args`.
    ///
    /// On Linux it is named by what this process was started from, so that an upgrade may replace the file of a
    /// server that still runs: the child must be of the same build, or its artifacts would be refused.
    ///
    /// # Errors
    /// Where the system does not tell which program runs.
    pub fn this_program(args: Vec<OsString>) -> std::io::Result<Self> {
        let own = PathBuf::from("/proc/self/exe");
        let program = if own.exists() { own } else { std::env::current_exe()? };
        Ok(Self { program, args })
    }

    /// Compiles a component that holds nothing: whether this system lets the child be started and limited at all.
    ///
    /// # Errors
    /// What stands in the way.
    pub async fn probe(&self) -> Result<(), CompileError> {
        self.compile(EMPTY_COMPONENT, Metering::CpuTime).await.map(drop)
    }

    /// Compiles `component` for the engine of `metering`. Dropping the future kills the child.
    pub(crate) async fn compile(
        &self,
        component: &[u8],
        metering: Metering,
    ) -> Result<Vec<u8>, CompileError> {
        let mut child = Command::new(&self.program)
            .args(&self.args)
            .env_clear()
            // The server's allocator keeps address space that was given back, which counts against the child's limit.
            .env("_RJEM_MALLOC_CONF", "retain:false")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| CompileError::NotStarted(format!("{}: {error}", self.program.display())))?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(mut stdin), Some(stdout), Some(stderr)) = (stdin, stdout, stderr) else {
            return Err(CompileError::NotStarted("no pipes".to_owned()));
        };
        let feed = async move {
            // A child that dies early closes the pipe; its exit status says why.
            let _ = stdin.write_all(&[metering.letter()]).await;
            let _ = stdin.write_all(component).await;
            drop(stdin);
        };
        let max_artifact = MAX_ARTIFACT_MIB << 20;
        let work = async {
            let ((), artifact, errors) =
                tokio::join!(feed, bounded(stdout, max_artifact), bounded(stderr, MAX_STDERR_BYTES));
            // A child that fills more than its pipe is not waited for.
            if artifact.len() > max_artifact || errors.len() > MAX_STDERR_BYTES {
                let _ = child.start_kill();
            }
            (child.wait().await, artifact, errors)
        };
        let Ok((status, artifact, errors)) = tokio::time::timeout(Duration::from_secs(WALL_S), work).await
        else {
            return Err(CompileError::Wall(WALL_S));
        };
        if artifact.len() > max_artifact {
            return Err(CompileError::TooLarge(MAX_ARTIFACT_MIB));
        }
        match status {
            Ok(status) if status.success() => Ok(artifact),
            Ok(status) => Err(explained(status, &String::from_utf8_lossy(&errors))),
            Err(error) => Err(CompileError::Died(error.to_string())),
        }
    }
}

/// Reads up to one byte more than `max_bytes`, and what was read when the pipe breaks.
async fn bounded(pipe: impl AsyncRead + Unpin, max_bytes: usize) -> Vec<u8> {
    let mut read = Vec::new();
    let _ = pipe.take(max_bytes as u64 + 1).read_to_end(&mut read).await;
    read
}

fn explained(status: ExitStatus, errors: &str) -> CompileError {
    let message = printable(errors.trim(), 1000);
    if status.code() == Some(EXIT_REFUSED.into()) {
        return CompileError::Refused(message);
    }
    if status.code() == Some(EXIT_FAILED.into()) {
        return CompileError::Died(message);
    }
    // What Rust's allocator says before it aborts, and what mmap's refusal reads like.
    if errors.contains("memory allocation of") || errors.contains("Cannot allocate memory") {
        return CompileError::Memory(MEMORY_MIB);
    }
    match status.signal() {
        Some(SIGXCPU | SIGKILL) => CompileError::Cpu(CPU_S),
        Some(signal) => CompileError::Died(format!("signal {signal}: {message}")),
        None => CompileError::Died(format!("{status}: {message}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_s_end_is_told_by_its_cause() {
        let out_of_memory = "memory allocation of 4096 bytes failed\n";
        assert_eq!(explained(ExitStatus::from_raw(6), out_of_memory), CompileError::Memory(MEMORY_MIB));
        assert_eq!(explained(ExitStatus::from_raw(SIGXCPU), ""), CompileError::Cpu(CPU_S));
        assert_eq!(explained(ExitStatus::from_raw(SIGKILL), ""), CompileError::Cpu(CPU_S));
        let refused = explained(ExitStatus::from_raw(i32::from(EXIT_REFUSED) << 8), "bad \x1b[1mmagic\n");
        assert_eq!(refused, CompileError::Refused("bad \\u{1b}[1mmagic".to_owned()));
        assert!(matches!(explained(ExitStatus::from_raw(11), ""), CompileError::Died(_)));
        assert!(matches!(explained(ExitStatus::from_raw(1 << 8), "panicked"), CompileError::Died(_)));
    }
}
