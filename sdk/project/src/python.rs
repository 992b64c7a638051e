//! From a project in Python to a component.

use crate::problem::Problem;
use crate::project::Project;

/// Makes the component.
///
/// # Errors
/// What is wrong with the project, or missing on this machine.
pub(crate) fn component(_: &Project, _: &mut dyn FnMut(&str)) -> Result<Vec<u8>, Vec<Problem>> {
    Err(vec![Problem::environment("toolchain-missing", "this language cannot be built yet")])
}
