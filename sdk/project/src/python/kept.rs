//! The component of the last build, for as long as everything that it is made of is the same: making one starts an
//! engine, which takes seconds, and a server compiles another one anew.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use neustream_contract::Digest;

/// Where a component is kept, by what it is made of.
pub(super) struct Kept {
    folder: PathBuf,
    file: PathBuf,
}

impl Kept {
    /// The place of what is made of these texts, of all files in these folders, and by what is installed in
    /// `environment`.
    ///
    /// # Errors
    /// When something cannot be read.
    pub(super) fn of(environment: &Path, texts: &[&str], folders: &[PathBuf]) -> io::Result<Self> {
        let mut parts = Vec::new();
        for text in texts {
            add(&mut parts, text.as_bytes());
        }
        add(&mut parts, &fs::read(environment.join("pyvenv.cfg"))?);
        // Written whenever packages were installed.
        let installed = fs::metadata(environment.join(super::INSTALLED))?.modified()?;
        let installed = installed.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        add(&mut parts, &installed.to_le_bytes());
        for folder in folders {
            add_files(&mut parts, folder, folder)?;
        }
        let folder = environment.join("neustream-plugin.components");
        let file = folder.join(Digest::of(&parts).to_hex()).with_extension("wasm");
        Ok(Self { folder, file })
    }

    /// The component, if it is there.
    pub(super) fn component(&self) -> Option<Vec<u8>> {
        fs::read(&self.file).ok()
    }

    /// Keeps `component` in place of the last one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn keep(&self, component: &[u8]) -> io::Result<()> {
        // One is enough, and it is large.
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::create_dir(&self.folder)?,
        }
        let partial = self.file.with_extension("partial");
        fs::write(&partial, component)?;
        fs::rename(&partial, &self.file)
    }
}

/// Adds a part, so that no two lists of parts are the same bytes.
fn add(parts: &mut Vec<u8>, part: &[u8]) {
    parts.extend((part.len() as u64).to_le_bytes());
    parts.extend(part);
}

/// Adds the files below `folder` by their paths from `root`, in order, but for what python makes of them.
fn add_files(parts: &mut Vec<u8>, root: &Path, folder: &Path) -> io::Result<()> {
    let mut paths: Vec<_> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() && !path.ends_with("__pycache__") {
            add_files(parts, root, &path)?;
        } else if path.is_file() {
            add(parts, path.strip_prefix(root).unwrap_or(&path).as_os_str().as_encoded_bytes());
            add(parts, &fs::read(&path)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_is_found_for_the_same_sources_only() {
        let place = tempfile::tempdir().unwrap();
        let (environment, sources) = (place.path().join(".venv"), place.path().join("src"));
        fs::create_dir_all(&environment).unwrap();
        fs::create_dir_all(sources.join("__pycache__")).unwrap();
        fs::write(environment.join("pyvenv.cfg"), "version = 3.11").unwrap();
        fs::write(environment.join(super::super::INSTALLED), "").unwrap();
        fs::write(sources.join("plugin.py"), "one").unwrap();
        let kept = |text: &str| Kept::of(&environment, &[text], std::slice::from_ref(&sources)).unwrap();
        assert_eq!(kept("world").component(), None);
        kept("world").keep(b"component").unwrap();
        fs::write(sources.join("__pycache__/plugin.pyc"), "compiled").unwrap();
        assert_eq!(kept("world").component().as_deref(), Some(&b"component"[..]));
        assert_eq!(kept("other").component(), None);
        fs::write(sources.join("plugin.py"), "two").unwrap();
        assert_eq!(kept("world").component(), None);
        kept("world").keep(b"another").unwrap();
        fs::write(sources.join("plugin.py"), "one").unwrap();
        assert_eq!(kept("world").component(), None, "only the last is kept");
    }
}
