//! `neustream-plugin completions`: what a shell completes, on standard output.

use std::io::{self, Write as _};

use clap::CommandFactory as _;

use crate::cli::{Cli, Completions};
use crate::failure::{Diagnostic, Exit, Failure};
use crate::output::Output;

pub(crate) fn run(args: &Completions, _: &Output) -> Result<(), Failure> {
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    match io::stdout().write_all(&script) {
        // Whoever closes the pipe has read enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let message = format!("Cannot write the completions: {error}.");
            Err(Failure::new(Exit::Environment, Diagnostic::new("file", message)))
        }
        _ => Ok(()),
    }
}
