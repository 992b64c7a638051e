//! Who uses the data folder: servers share it, a restore has it alone.
//!
//! The lock is the operating system's (`flock`): it ends with the process, however that ends.

use std::fs::{File, TryLockError};
use std::path::Path;

use anyhow::{Context as _, bail};

const FILE: &str = "in-use.lock";

/// Holds the data folder until it is dropped.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// For a server.
    pub fn shared(data_dir: &Path) -> anyhow::Result<Self> {
        let file = open(data_dir)?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => {
                bail!("a backup is being restored into {}: wait for its end", data_dir.display())
            }
            Err(TryLockError::Error(error)) => Err(error).context("the data folder cannot be locked"),
        }
    }

    /// For a restore.
    pub fn alone(data_dir: &Path) -> anyhow::Result<Self> {
        let file = open(data_dir)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => {
                bail!("a server runs on {}: stop it first", data_dir.display())
            }
            Err(TryLockError::Error(error)) => Err(error).context("the data folder cannot be locked"),
        }
    }
}

fn open(data_dir: &Path) -> anyhow::Result<File> {
    let path = data_dir.join(FILE);
    File::options()
        .append(true)
        .create(true)
        .open(&path)
        .with_context(|| format!("wrong setting `data_dir`: {} cannot be written", path.display()))
}
