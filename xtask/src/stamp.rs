//! Content hashes of inputs, kept in small files, so that a step runs only when its inputs changed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// A step's memory of the inputs that it last succeeded with.
pub struct Stamp {
    file: PathBuf,
    digest: String,
}

impl Stamp {
    /// Reads `inputs` (files, or folders with all that is in them; a missing one counts as empty).
    /// The memory is kept in `file`.
    pub fn of(file: PathBuf, inputs: &[PathBuf]) -> Result<Self> {
        let mut hasher = Sha256::new();
        for input in inputs {
            add(&mut hasher, input).with_context(|| format!("cannot read {}", input.display()))?;
        }
        let digest = hex::encode(hasher.finalize());
        Ok(Self { file, digest })
    }

    /// Whether the step last succeeded with the same inputs.
    pub fn is_fresh(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|remembered| remembered == self.digest)
    }

    /// Remembers that the step succeeded.
    pub fn save(&self) -> Result<()> {
        let folder = self.file.parent().expect("a stamp lies in a folder");
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&self.file, &self.digest))
            .with_context(|| format!("cannot write {}", self.file.display()))
    }
}

fn add(hasher: &mut Sha256, path: &Path) -> Result<()> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    if metadata.is_dir() {
        let mut entries =
            fs::read_dir(path)?.map(|entry| entry.map(|e| e.path())).collect::<Result<Vec<_>, _>>()?;
        entries.sort();
        return entries.iter().try_for_each(|entry| add(hasher, entry));
    }
    let content = fs::read(path)?;
    // Lengths keep the end of one item apart from the beginning of the next.
    let name = path.as_os_str().as_encoded_bytes();
    hasher.update((name.len() as u64).to_le_bytes());
    hasher.update(name);
    hasher.update((content.len() as u64).to_le_bytes());
    hasher.update(&content);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_fresh_until_any_input_changes() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("src");
        fs::create_dir(&source).unwrap();
        fs::write(source.join("a"), "one").unwrap();
        let stamp = || Stamp::of(folder.path().join("stamps/step"), std::slice::from_ref(&source)).unwrap();

        assert!(!stamp().is_fresh());
        stamp().save().unwrap();
        assert!(stamp().is_fresh());
        fs::write(source.join("b"), "two").unwrap();
        assert!(!stamp().is_fresh());
        fs::remove_file(source.join("b")).unwrap();
        assert!(stamp().is_fresh());
    }

    #[test]
    fn a_missing_input_counts_as_empty() {
        let folder = tempfile::tempdir().unwrap();
        let missing = [folder.path().join("missing")];
        Stamp::of(folder.path().join("stamp"), &missing).unwrap().save().unwrap();
        assert!(Stamp::of(folder.path().join("stamp"), &missing).unwrap().is_fresh());
    }
}
