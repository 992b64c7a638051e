//! `neustream-plugin sign`: a package with the signature of its namespace's key, in its place.

use std::path::Path;

use neustream_contract::Package;
use neustream_plugin_project::{Interfaces, problems_of_package};
use serde_json::json;

use crate::cli::Sign;
use crate::failure::{Diagnostic, Exit, Failure};
use crate::keys::{self, Signed};
use crate::output::Output;
use crate::project::{self, Project};

pub(crate) fn run(args: &Sign, output: &Output) -> Result<(), Failure> {
    let (path, project, package) = project::package_at(&args.package)?;
    check_worth_signing(&package, project.as_ref(), &path)?;
    let Signed { package, id, version, digest, key, is_unchanged } = keys::sign(package)?;
    let shown = project::shown(&path);
    if is_unchanged {
        output.line(format!("{id} {version} is signed already by {key}."));
    } else {
        replace(&path, &package)?;
        output.line(format!("Signed {id} {version} with {key}."));
    }
    output.line(format!("  {shown}"));
    output.line(format!("  {digest}"));
    output.document(&json!({
        "package": path,
        "plugin": id,
        "version": version,
        "digest": digest,
        "key": key.to_string(),
        "was-signed": is_unchanged,
    }));
    Ok(())
}

/// A signature says "this is mine, and it is what I meant": so what every host refuses, and what is not what the
/// project says now, is not signed.
fn check_worth_signing(bytes: &[u8], project: Option<&Project>, path: &Path) -> Result<(), Failure> {
    // What is no package is told by signing.
    let Ok(package) = Package::read(bytes) else { return Ok(()) };
    if let Ok(interfaces) = Interfaces::of(bytes) {
        let problems = problems_of_package(bytes, &package, &interfaces);
        if !problems.is_empty() {
            return Err(problems.into());
        }
    }
    let Some(project) = project else { return Ok(()) };
    if &package.manifest == project.manifest() {
        return Ok(());
    }
    let (built, now) = (&package.manifest, project.manifest());
    let what = if built.version == now.version {
        "was built before plugin.toml was changed".to_owned()
    } else {
        format!("is version {}, plugin.toml says {}", built.version, now.version)
    };
    let message = format!("{} {what}.", project::shown(path));
    let help = "neustream-plugin build, then sign again";
    Err(Failure::new(Exit::Plugin, Diagnostic::new("package-stale", message).help(help)))
}

/// Replaces a package at once or not at all, with the rights that it had.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        let file = tempfile::NamedTempFile::new_in(folder)?;
        std::fs::write(file.path(), bytes)?;
        file.as_file().set_permissions(std::fs::metadata(path)?.permissions())?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|error| {
        let message = format!("Cannot write {}: {error}.", project::shown(path));
        Failure::new(Exit::Environment, Diagnostic::new("file", message))
    })
}
