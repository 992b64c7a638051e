//! `neustream-plugin build`: the package, its size and imports, and the permission sheet as a tenant will see it.

use serde_json::json;

use crate::cli::Build;
use crate::failure::{Diagnostic, Exit, Failure};
use crate::output::Output;
use crate::project;
use crate::sheet::{self, Room};

pub(crate) fn run(args: &Build, output: &Output) -> Result<(), Failure> {
    let project = project::open(&args.project.folder)?;
    let built = match &args.output {
        None => project::build(&project, output)?,
        Some(path) => project::build_to(&project, &absolute(path)?, output)?,
    };
    let manifest = &built.manifest;
    let schema_bytes = project.schema().map(<[u8]>::len);
    let rooms = Room::of_package(built.package.len(), project.max_package_bytes(), manifest, schema_bytes);
    let path = project::shown(&built.path);
    output.line(format!(
        "{} {} ({}, {})",
        manifest.id,
        manifest.version,
        manifest.kind.as_str(),
        project.language()
    ));
    sheet::fact(output, "Package", &path);
    sheet::print_rooms(output, &rooms);
    sheet::fact(output, "Digest", built.digest.to_string());
    sheet::print_interfaces(output, &built.interfaces);
    sheet::print_permissions(output, manifest);
    output.document(&json!({
        "plugin": manifest.id,
        "version": manifest.version,
        "kind": manifest.kind,
        "name": manifest.name,
        "language": project.language().as_str(),
        "package": built.path,
        "digest": built.digest,
        "sizes": rooms,
        "imports": built.interfaces.imports,
        "exports": built.interfaces.exports,
        "permissions": manifest.permissions(),
        "reads": manifest.data.reads,
    }));
    Ok(())
}

fn absolute(path: &std::path::Path) -> Result<std::path::PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| {
        let message = format!("{} is no place for a package: {error}", path.display());
        Failure::new(Exit::Environment, Diagnostic::new("file-not-written", message))
    })
}
