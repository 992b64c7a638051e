//! `neustream-plugin publish`

use crate::cli::Publish;
use crate::failure::{Diagnostic, Exit, Failure};
use crate::output::Output;

pub(crate) fn run(_: &Publish, _: &Output) -> Result<(), Failure> {
    Err(Failure::new(Exit::Usage, Diagnostic::new("not-built-yet", "This command is being built.")))
}
