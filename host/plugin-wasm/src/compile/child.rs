//! The compiling child: one byte for the metering and a component on standard
//! input, the artifact on standard output.
//!
//! It is started with an empty environment and lowers its own limits before it
//! reads the first byte. Whatever happens, the parent sees an exit status and
//! a line on standard error.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use neustream_contract::package::MAX_PACKAGE_BYTES;
use rustix::process::{Resource, Rlimit, setrlimit};
use wasmtime::Engine;

use super::{CPU_S, MEMORY_MIB};
use crate::engine::{Metering, compile_config};

/// The component was refused; standard error says why.
pub(crate) const EXIT_REFUSED: u8 = 3;
/// The child itself could not work.
pub(crate) const EXIT_FAILED: u8 = 4;

/// What stands before a component that is compiled with [`Metering::Fuel`].
const FUEL: u8 = b'f';
/// What stands before a component that is compiled with [`Metering::CpuTime`].
const CPU_TIME: u8 = b'c';

impl Metering {
    /// What stands before the component.
    pub(crate) fn letter(self) -> u8 {
        match self {
            Self::CpuTime => CPU_TIME,
            Self::Fuel => FUEL,
        }
    }
}

/// The whole of the child process. The server calls it for its hidden subcommand and exits with the answer.
pub fn compile_child_main() -> ExitCode {
    if let Err(error) = lower_limits() {
        eprintln!("limits: {error}");
        return ExitCode::from(EXIT_FAILED);
    }
    let mut metering = [0];
    let mut component = Vec::new();
    let mut stdin = std::io::stdin().lock();
    let read = stdin
        .read_exact(&mut metering)
        .and_then(|()| stdin.take(MAX_PACKAGE_BYTES as u64 + 1).read_to_end(&mut component));
    if let Err(error) = read {
        eprintln!("reading: {error}");
        return ExitCode::from(EXIT_FAILED);
    }
    let metering = if metering[0] == FUEL { Metering::Fuel } else { Metering::CpuTime };
    let engine = match Engine::new(&compile_config(metering)) {
        Ok(engine) => engine,
        Err(error) => {
            eprintln!("engine: {error:#}");
            return ExitCode::from(EXIT_FAILED);
        }
    };
    match engine.precompile_component(&component) {
        Ok(artifact) => match std::io::stdout().lock().write_all(&artifact) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("writing: {error}");
                ExitCode::from(EXIT_FAILED)
            }
        },
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(EXIT_REFUSED)
        }
    }
}

fn lower_limits() -> rustix::io::Result<()> {
    let limit =
        |resource, soft, hard| setrlimit(resource, Rlimit { current: Some(soft), maximum: Some(hard) });
    // SIGXCPU at the soft limit, SIGKILL one second later.
    limit(Resource::Cpu, CPU_S, CPU_S + 1)?;
    limit(Resource::Core, 0, 0)?;
    limit(Resource::Fsize, 0, 0)?;
    let memory = MEMORY_MIB << 20;
    limit(Resource::Data, memory, memory)?;
    let address_space = memory + program_bytes();
    limit(Resource::As, address_space, address_space)?;
    // Politeness, not protection: the streams of the host come first.
    let _ = rustix::process::setpriority_process(None, 5);
    Ok(())
}

/// Address space that is in use already: the program itself, which is large in debug builds.
fn program_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok());
    pages.map_or(MEMORY_MIB << 20, |pages| pages * rustix::param::page_size() as u64)
}
