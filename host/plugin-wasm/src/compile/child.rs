//! The compiling child: component on standard input, artifact on standard output.
//!
//! It is started with an empty environment and lowers its own limits before it
//! reads the first byte. Whatever happens, the parent sees an exit status and
//! a line on standard error.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use neustream_plugin::package::MAX_PACKAGE_BYTES;
use rustix::process::{Resource, Rlimit, setrlimit};
use wasmtime::Engine;

use super::{CPU_S, MEMORY_MIB};
use crate::engine::compile_config;

/// The component was refused; standard error says why.
pub(crate) const EXIT_REFUSED: u8 = 3;
/// The child itself could not work.
pub(crate) const EXIT_FAILED: u8 = 4;

/// The whole of the child process. The server calls it for its hidden subcommand and exits with the answer.
pub fn compile_child_main() -> ExitCode {
    if let Err(error) = lower_limits() {
        eprintln!("limits: {error}");
        return ExitCode::from(EXIT_FAILED);
    }
    let mut component = Vec::new();
    let read = std::io::stdin().lock().take(MAX_PACKAGE_BYTES as u64 + 1).read_to_end(&mut component);
    if let Err(error) = read {
        eprintln!("reading: {error}");
        return ExitCode::from(EXIT_FAILED);
    }
    let engine = match Engine::new(&compile_config()) {
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
