//! `neustream-plugin new`

use crate::cli::New;
use crate::failure::{Diagnostic, Exit, Failure};
use crate::output::Output;

pub(crate) fn run(_: &New, _: &Output) -> Result<(), Failure> {
    Err(Failure::new(Exit::Usage, Diagnostic::new("not-built-yet", "This command is being built.")))
}
