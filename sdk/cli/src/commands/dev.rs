//! `neustream-plugin dev`

use crate::cli::Dev;
use crate::failure::{Diagnostic, Exit, Failure};
use crate::output::Output;

pub(crate) fn run(_: &Dev, _: &Output) -> Result<(), Failure> {
    Err(Failure::new(Exit::Usage, Diagnostic::new("not-built-yet", "This command is being built.")))
}
