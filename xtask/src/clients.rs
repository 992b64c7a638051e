//! `cargo xtask clients`: the clients of the API, written anew from its OpenAPI document.
//!
//! JavaScript's is typed by openapi-typescript, Python's is written by openapi-python-client. What they write is
//! committed, so that nobody needs the generators to use the clients; a test looks whether it is current.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::command::{announce, command, run_quietly};
use crate::stamp::Stamp;
use crate::{pages, setup, workspace};

/// A file or folder that a generator writes.
struct Written {
    /// Where it is committed.
    place: PathBuf,
    /// Writes it somewhere.
    write: fn(&Path) -> Result<()>,
}

/// Writes both clients; with `check` into a temporary folder, and fails unless they are there already.
pub fn generate(check: bool) -> Result<()> {
    let sdk = workspace::root().join("sdk");
    let all = [
        Written { place: sdk.join("client-js/src/schema.d.ts"), write: javascript },
        Written { place: sdk.join("client-python/src/neustream_client"), write: python },
    ];
    for Written { place, write } in all {
        if check {
            let folder = tempfile::tempdir().context("a temporary folder")?;
            let fresh = folder.path().join(place.file_name().context("a name")?);
            write(&fresh)?;
            expect_same(&place, &fresh)?;
        } else {
            announce(&format!("writing {}", place.display()));
            remove(&place)?;
            write(&place)?;
        }
    }
    Ok(())
}

fn document() -> PathBuf {
    workspace::root().join("host/api/openapi.json")
}

fn javascript(output: &Path) -> Result<()> {
    let folder = workspace::root().join("sdk/client-js");
    pages::require_node()?;
    let inputs = ["package-lock.json", "package.json"].map(|input| folder.join(input));
    let stamp = Stamp::of(folder.join("node_modules/.xtask/packages"), &inputs)?;
    if !stamp.is_fresh() {
        run_quietly(
            command("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder),
        )?;
        stamp.save()?;
    }
    let generator = folder.join("node_modules/.bin/openapi-typescript");
    run_quietly(command(generator).arg(document()).arg("--output").arg(output).current_dir(&folder))
}

fn python(output: &Path) -> Result<()> {
    let programs = setup::client_generator()?;
    let mut generator = command(programs.join("openapi-python-client"));
    generator
        .args(["generate", "--meta", "none", "--overwrite", "--fail-on-warning", "--path"])
        .arg(document());
    generator.arg("--config").arg(workspace::root().join("sdk/client-python/generator.yaml"));
    generator.arg("--output-path").arg(output).env("PATH", path_with(&programs)?);
    run_quietly(&mut generator)?;
    // ruff's own memory.
    remove(&output.join(".ruff_cache"))
}

/// `PATH` with `folder` in front: the generator calls ruff by its name.
fn path_with(folder: &Path) -> Result<OsString> {
    let others = env::var_os("PATH").unwrap_or_default();
    let folders = [folder.to_path_buf()].into_iter().chain(env::split_paths(&others));
    env::join_paths(folders).context("PATH")
}

fn remove(place: &Path) -> Result<()> {
    let removed = if place.is_dir() { fs::remove_dir_all(place) } else { fs::remove_file(place) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", place.display()))
        }
        _ => Ok(()),
    }
}

/// Fails with the first difference between what is committed and what would be written.
fn expect_same(committed: &Path, fresh: &Path) -> Result<()> {
    let (there, wanted) = (files(committed)?, files(fresh)?);
    let advice = "the clients are not those of host/api/openapi.json: run `cargo xtask clients` and commit what it writes";
    if let Some(odd) = there.symmetric_difference(&wanted).next() {
        bail!("{}: {advice}", committed.join(odd).display());
    }
    for file in &there {
        let read = |folder: &Path| {
            let path = if file.as_os_str().is_empty() { folder.to_path_buf() } else { folder.join(file) };
            fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))
        };
        ensure!(read(committed)? == read(fresh)?, "{}: {advice}", committed.join(file).display());
    }
    Ok(())
}

/// Every file below `place`, relative to it; the empty path where `place` is a file.
fn files(place: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut folders = vec![PathBuf::new()];
    if place.is_file() {
        return Ok(folders.into_iter().collect());
    }
    while let Some(folder) = folders.pop() {
        let path = place.join(&folder);
        let entries = fs::read_dir(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = folder.join(entry.file_name());
            match entry.file_type()?.is_dir() {
                // What Python makes of it when it is imported.
                true if entry.file_name() == "__pycache__" => {}
                true => folders.push(name),
                false => drop(found.insert(name)),
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_too_many_and_a_changed_one_are_both_found() {
        let folder = tempfile::tempdir().unwrap();
        let (committed, fresh) = (folder.path().join("a"), folder.path().join("b"));
        for place in [&committed, &fresh] {
            fs::create_dir_all(place.join("models/__pycache__")).unwrap();
            fs::write(place.join("models/source.py"), "class Source: ...").unwrap();
        }
        fs::write(committed.join("models/__pycache__/source.pyc"), "made").unwrap();
        expect_same(&committed, &fresh).unwrap();
        fs::write(fresh.join("models/source.py"), "class Source: id: str").unwrap();
        let error = expect_same(&committed, &fresh).unwrap_err();
        assert!(error.to_string().contains("models/source.py: the clients are not"), "{error}");
        fs::write(committed.join("models/former.py"), "").unwrap();
        assert!(expect_same(&committed, &fresh).unwrap_err().to_string().contains("former.py"));
    }
}
