//! The command's own folder: keys and sessions, readable by their owner only.
//!
//! `NEUSTREAM_PLUGIN_HOME` names it, otherwise it is `neustream-plugin` in the user's folder for settings
//! (`~/.config` on Linux).

use std::env;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::failure::{Diagnostic, Exit, Failure};

/// The variable that moves the folder.
pub(crate) const VARIABLE: &str = "NEUSTREAM_PLUGIN_HOME";

/// The folder; it is made where it is not there yet, for its owner only.
///
/// # Errors
/// When there is none and none can be made.
pub(crate) fn folder() -> Result<PathBuf, Failure> {
    let moved = env::var_os(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
    let folder = moved.or_else(|| Some(dirs::config_dir()?.join("neustream-plugin"))).ok_or_else(|| {
        let message = "There is no folder for settings on this machine.";
        let help = format!("Name a folder for keys and sessions in {VARIABLE}.");
        Failure::new(Exit::Environment, Diagnostic::new("no-home", message).help(help))
    })?;
    private_folder(&folder).map_err(|error| cannot("make", &folder, &error))?;
    Ok(folder)
}

/// Replaces `path` by `bytes`: at once or not at all, and for its owner only. Its folder is made where it is not there.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write(path, bytes).map_err(|error| cannot("write", path, &error))
}

/// Holds a lock of the whole machine while it lives: no other `neustream-plugin` has the one of this name.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for the lock `<name>.lock` in the folder.
    ///
    /// # Errors
    /// When its file cannot be opened.
    pub(crate) fn take(name: &str) -> Result<Self, Failure> {
        let path = folder()?.join(name).with_added_extension("lock");
        let open = || {
            let file = private_options().create(true).truncate(false).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        let file = open().map_err(|error: io::Error| cannot("lock", &path, &error))?;
        Ok(Self { _file: file })
    }
}

/// A failure of this machine with a file: `cannot("write", path, error)`.
pub(crate) fn cannot(what: &str, path: &Path, error: &io::Error) -> Failure {
    let message = format!("Cannot {what} {}: {error}.", path.display());
    let help = format!("Check the rights of that folder, or name another one in {VARIABLE}.");
    Failure::new(Exit::Environment, Diagnostic::new("file", message).help(help))
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    private_folder(folder)?;
    // Its permissions are 0600 from the beginning.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(unix)]
fn private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

fn private_options() -> fs::OpenOptions {
    let mut options = File::options();
    options.read(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_is_written_is_for_its_owner_only_and_replaces_what_was_there() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("keys/acme.json");
        write_private(&path, b"one").unwrap();
        write_private(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        let failure = write_private(&file.join("keys"), b"").unwrap_err();
        assert_eq!(failure.exit, Exit::Environment);
        assert!(failure.diagnostics[0].message.contains("file/keys"), "{failure:?}");
    }
}
