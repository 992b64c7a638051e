//! `neustream-plugin build`

use crate::cli::Build;
use crate::failure::{Diagnostic, Exit, Failure};
use crate::output::Output;

pub(crate) fn run(_: &Build, _: &Output) -> Result<(), Failure> {
    Err(Failure::new(Exit::Usage, Diagnostic::new("not-built-yet", "This command is being built.")))
}
