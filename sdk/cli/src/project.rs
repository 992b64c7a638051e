//! A project as commands use it: opened and built, with what is wrong as a failure and what goes on as progress.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use neustream_contract::package::MAX_PACKAGE_BYTES;
pub(crate) use neustream_plugin_project::{Built, Project};

use crate::failure::{Diagnostic, Exit, Failure};
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
    build_to(project, &project.package_path(), output)
}

/// Like [`build`], and writes the package to `path`.
///
/// # Errors
/// As for [`build`].
pub(crate) fn build_to(project: &Project, path: &Path, output: &Output) -> Result<Built, Failure> {
    let progress = output.progress(&format!("Building {}", project.manifest().id));
    Ok(project.build_to(path.to_owned(), &mut |line| progress.say(line))?)
}

/// A path as seen from the current folder, where it lies below it.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let short = here.as_deref().and_then(|here| path.strip_prefix(here).ok());
    let short = short.map_or_else(|| path.to_owned(), Path::to_owned);
    if short == PathBuf::new() { ".".to_owned() } else { short.display().to_string() }
}

/// The package at `place`: the file itself, or what was built last in a project's folder.
///
/// # Errors
/// When there is none.
pub(crate) fn package_at(place: &Path) -> Result<(PathBuf, Option<Project>, Vec<u8>), Failure> {
    let (path, project) = if place.is_dir() {
        let project = open(place)?;
        (project.package_path(), Some(project))
    } else {
        (place.to_owned(), None)
    };
    let package = read_package(&path).map_err(|error| {
        let message = match (&project, error.kind()) {
            (Some(project), io::ErrorKind::NotFound) => {
                format!("{} is not built yet.", project.manifest().id)
            }
            _ => format!("Cannot read {}: {error}.", shown(&path)),
        };
        let help = match &project {
            Some(_) => "neustream-plugin build",
            None => "Name a package (dist/<name>.wasm), or a project's folder.",
        };
        Failure::new(Exit::Usage, Diagnostic::new("no-package", message).help(help))
    })?;
    Ok((path, project, package))
}

/// No more of a file than a package may have, and one byte.
fn read_package(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_PACKAGE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
