//! `neustream-plugin completions`: what a shell completes, on standard output.

use clap::CommandFactory as _;

use crate::cli::{Cli, Completions};
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn run(args: &Completions, _: &Output) -> Result<(), Failure> {
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    clap_complete::generate(args.shell, &mut command, name, &mut std::io::stdout());
    Ok(())
}
