//! What was promised to plugins stays true: the frozen interfaces and components of every version of the platform
//! (tests/frozen/README.md).

mod components;
mod files;
mod interfaces;

use std::path::PathBuf;

use neustream_tests::kit::tool::tests_dir;
use neustream_tests::kit::{Context, Result};

/// The folders of `tests/frozen`, one a version.
fn versions() -> Result<Vec<PathBuf>> {
    let frozen = tests_dir().join("frozen");
    let mut versions: Vec<_> = std::fs::read_dir(&frozen)
        .with_context(|| frozen.display().to_string())?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?;
    versions.retain(|path| path.is_dir());
    versions.sort();
    Ok(versions)
}
