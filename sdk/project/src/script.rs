//! What building in JavaScript and in Python have in common: a folder to work in, tools and their words.

use std::ffi::OsStr;
use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;
use std::{env, io, process};

use serde::Deserialize;

use crate::diagnostic::Diagnostic;
use crate::project::Project;

/// A folder to work in, removed when this is dropped.
pub(crate) struct Work(PathBuf);

impl Work {
    pub(crate) fn make() -> Result<Self, Vec<Diagnostic>> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        // Behind links: tools compare what they were given with what the system calls it.
        let parent = env::temp_dir();
        let parent = parent.canonicalize().unwrap_or(parent);
        let folder = parent.join(format!("neustream-plugin-{}-{count}", process::id()));
        // Left by a process that died and had the same number.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).map_err(|error| vec![not_written(&folder, &error)])?;
        Ok(Self(folder))
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    /// What the tools have made.
    pub(crate) fn component(&self) -> Result<Vec<u8>, Vec<Diagnostic>> {
        let file = self.0.join("component.wasm");
        fs::read(&file).map_err(|error| {
            let message = format!("{} cannot be read: {error}", file.display());
            vec![Diagnostic::environment("file-not-read", message)]
        })
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn not_written(place: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::environment("file-not-written", format!("{} cannot be written: {error}", place.display()))
}

/// What `program --version` says; none where it is not there.
pub(crate) fn version_of(program: impl AsRef<OsStr>) -> Option<String> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output().ok()?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(version)
}

/// When the newest of these files was written; none where none is there.
pub(crate) fn newest<'a>(files: impl IntoIterator<Item = &'a PathBuf>) -> Option<SystemTime> {
    files.into_iter().filter_map(|file| fs::metadata(file).ok()?.modified().ok()).max()
}

/// Marks a file as written now, making it where it is not there.
pub(crate) fn touch(file: &Path) {
    let opened = File::options().create(true).append(true).open(file);
    // Without the mark the tools are asked again the next time, which only takes longer.
    let _ = opened.and_then(|file| file.set_times(FileTimes::new().set_modified(SystemTime::now())));
}

/// The last lines that a tool wrote.
pub(crate) fn last_lines(text: &str, most: usize) -> String {
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(most)..].join("\n")
}

/// One line of a script that looks at a plugin.
#[derive(Deserialize)]
struct Said {
    problem: Told,
}

#[derive(Deserialize)]
struct Told {
    code: String,
    message: String,
    help: Option<String>,
    file: Option<PathBuf>,
    line: Option<usize>,
    /// Of `plugin.toml`.
    key: Option<String>,
}

/// The problems that such a script wrote, a line each.
pub(crate) fn told(project: &Project, stdout: &[u8]) -> Vec<Diagnostic> {
    let text = String::from_utf8_lossy(stdout);
    let said = text.lines().filter_map(|line| serde_json::from_str::<Said>(line).ok());
    said.map(|Said { problem: told }| {
        let line = told.key.as_deref().map_or(told.line, |key| project.line_of_key(key));
        let mut problem = Diagnostic::new(&told.code, told.message);
        problem.help = told.help;
        match told.file {
            Some(file) => problem.at(file, line),
            None => problem,
        }
    })
    .collect()
}
