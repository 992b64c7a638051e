//! An author at a terminal-less shell: the real command, in folders of its own.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

/// What a command ended with.
#[derive(Debug)]
pub struct Said {
    /// Its exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Said {
    /// It succeeded.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:#?}");
        self
    }

    /// It ended with `code`, and said `part` on standard error.
    #[track_caller]
    pub fn failed(self, code: i32, part: &str) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        assert!(self.err.contains(part), "{part}: {self:#?}");
        self
    }

    /// Its standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// An author with a folder for keys and one to work in.
pub struct Author {
    folder: tempfile::TempDir,
}

impl Author {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// Where the author works.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the command keeps keys and sessions.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Runs `neustream-plugin` in the author's folder.
    pub fn run(&self, args: &[&str]) -> Said {
        self.run_in(self.folder(), args, "")
    }

    /// Runs `neustream-plugin` in `folder` with `input` on standard input.
    pub fn run_in(&self, folder: &Path, args: &[&str], input: &str) -> Said {
        let mut child = Command::new(env!("CARGO_BIN_EXE_neustream-plugin"))
            .args(args)
            .current_dir(folder)
            .env("NEUSTREAM_PLUGIN_HOME", self.home())
            .env("CARGO_TARGET_DIR", target_dir())
            .env("NO_COLOR", "1")
            .env_remove("NEUSTREAM_SERVER")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Who does not read its input closes it.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let done = child.wait_with_output().unwrap();
        Said {
            code: done.status.code().unwrap(),
            out: String::from_utf8(done.stdout).unwrap(),
            err: String::from_utf8(done.stderr).unwrap(),
        }
    }
}

fn target_dir() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugins")
}

/// A project in Rust in a place that stays from run to run, so that cargo compiles again only what differs. One test
/// has it at a time.
pub struct RustProject {
    pub folder: PathBuf,
    _alone: MutexGuard<'static, ()>,
}

static ALONE: Mutex<()> = Mutex::new(());

impl RustProject {
    /// `acme/words`, as `new` makes it for `kind`.
    pub fn new(author: &Author, kind: &str) -> Self {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let made = tempfile::tempdir().unwrap();
        let fresh = made.path().join("words");
        let args = ["new", "acme/words", "--kind", kind, "--language", "rust", "--folder"];
        author.run(&[&args[..], &[fresh.to_str().unwrap()]].concat()).ok();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("words");
        mirror(&fresh, &folder);
        Self { folder, _alone: alone }
    }

    /// Replaces what stands in a file.
    #[track_caller]
    pub fn change(&self, file: &str, from: &str, to: &str) {
        let path = self.folder.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no {from:?}");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    /// Removes a table of `plugin.toml`: from its header to the next empty line.
    #[track_caller]
    pub fn remove_table(&self, table: &str) {
        let path = self.folder.join("plugin.toml");
        let text = fs::read_to_string(&path).unwrap();
        let start = text.find(&format!("[{table}]\n")).unwrap_or_else(|| panic!("no [{table}]"));
        let end = text[start..].find("\n\n").map_or(text.len(), |len| start + len + 1);
        fs::write(path, [&text[..start], &text[end..]].concat()).unwrap();
    }
}

/// Makes `to` have the files of `from`, and touches only those that differ.
fn mirror(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(to).unwrap() {
        let path = entry.unwrap().path();
        if !from.join(path.file_name().unwrap()).exists() {
            if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
        }
    }
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let place = to.join(path.file_name().unwrap());
        if path.is_dir() {
            mirror(&path, &place);
        } else if fs::read(&path).ok() != fs::read(&place).ok() {
            fs::copy(&path, &place).unwrap();
        }
    }
}
