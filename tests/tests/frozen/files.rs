//! What is frozen never changes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use neustream_tests::kit::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use crate::versions;

/// The digests of a version's files, as `sha256sum` writes and checks them.
const SUMS: &str = "SHA256SUMS";

#[test]
fn the_files_of_a_version_are_those_that_were_frozen() -> Result<()> {
    let versions = versions()?;
    ensure!(!versions.is_empty(), "there is no frozen version");
    for version in versions {
        let sums = fs::read_to_string(version.join(SUMS)).context("its SHA256SUMS")?;
        let recorded: BTreeMap<_, _> =
            sums.lines().filter_map(|line| line.split_once("  ")).map(|(sum, file)| (file, sum)).collect();
        let present = files(&version)?;
        for (file, sum) in &present {
            ensure!(
                recorded.get(file.as_str()) == Some(&sum.as_str()),
                "{}/{file} is not what was frozen. Frozen files never change: what is new belongs into the folder of \
                 the next version",
                version.display()
            );
        }
        for file in recorded.keys() {
            ensure!(present.contains_key(*file), "{}/{file} is gone. Frozen files stay", version.display());
        }
    }
    Ok(())
}

/// Digests by the path below `version`.
fn files(version: &Path) -> Result<BTreeMap<String, String>> {
    let mut digests = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(version.join(&folder))? {
            let entry = entry?;
            let below = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(below);
            } else if below != Path::new(SUMS) {
                let mut digits = String::new();
                for byte in Sha256::digest(fs::read(entry.path())?) {
                    write!(digits, "{byte:02x}")?;
                }
                digests.insert(below.display().to_string(), digits);
            }
        }
    }
    Ok(digests)
}
