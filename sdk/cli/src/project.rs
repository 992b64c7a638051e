//! A project as commands use it: opened and built, with what is wrong as a failure and what goes on as progress.

use std::path::Path;

pub(crate) use neustream_plugin_project::{Built, Project};

use crate::failure::Failure;
use crate::output::Output;

/// The project in `folder`.
///
/// # Errors
/// Everything that is wrong with its files.
pub(crate) fn open(folder: &Path) -> Result<Project, Failure> {
    Ok(Project::open(folder)?)
}

/// Builds it, and shows that it goes on.
///
/// # Errors
/// Everything that is wrong with its sources, or missing on this machine.
pub(crate) fn build(project: &Project, output: &Output) -> Result<Built, Failure> {
    let progress = output.progress(&format!("Building {}", project.manifest().id));
    Ok(project.build(&mut |line| progress.say(line))?)
}
