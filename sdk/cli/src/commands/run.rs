//! `neustream-plugin run`

use crate::cli::Run;
use crate::failure::{Diagnostic, Exit, Failure};
use crate::output::Output;

pub(crate) fn run(_: &Run, _: &Output) -> Result<(), Failure> {
    Err(Failure::new(Exit::Usage, Diagnostic::new("not-built-yet", "This command is being built.")))
}
