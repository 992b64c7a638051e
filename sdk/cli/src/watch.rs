//! What a command that goes on waits for: saves in a project, Ctrl-C, lines that are typed.
//!
//! A save is told by the files' content, so what an editor does around it (a file beside it, the same text again)
//! starts nothing, and neither does what a build writes. What is saved while a build goes on is told after it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use neustream_contract::Digest;
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::failure::{Diagnostic, Exit, Failure};

/// Folders that hold what is built, fetched or recorded, wherever they lie.
const MADE: [&str; 6] = ["target", "dist", "node_modules", "vendor", "__pycache__", "recordings"];
/// Files that a build writes.
const WRITTEN: [&str; 2] = ["Cargo.lock", "package-lock.json"];
/// Silence after which a save is complete: editors write more than once.
const SETTLED: Duration = Duration::from_millis(80);
/// A larger file is told by its size and time instead of its content.
const MAX_READ_BYTES: u64 = 8 * 1024 * 1024;

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// These files of the project were saved, made or removed; their paths are relative to it.
    Saved(Vec<PathBuf>),
    /// A line was typed.
    Typed(String),
    /// Standard input has ended.
    InputEnded,
    /// Ctrl-C.
    Interrupted,
}

/// What the threads behind a watch tell it.
enum Wake {
    Touched,
    Typed(String),
    InputEnded,
    Interrupted,
}

/// The files of a project under watch.
pub(crate) struct Watch {
    folder: PathBuf,
    watcher: RecommendedWatcher,
    /// Watched folders, with what tells a folder from another one of its name.
    folders: BTreeMap<PathBuf, u64>,
    known: BTreeMap<PathBuf, Digest>,
    wake: Sender<Wake>,
    woken: Receiver<Wake>,
    later: VecDeque<Next>,
}

impl Watch {
    /// Watches the project in `folder`; saves are told against what is there now. From now on Ctrl-C is told too, and
    /// ends the process only when it comes a second time.
    ///
    /// # Errors
    /// When this machine cannot watch it.
    pub fn begin(folder: &Path) -> Result<Self, Failure> {
        let (wake, woken) = channel();
        let touched = wake.clone();
        // A receiver that is gone needs to know nothing more.
        let watcher = notify::recommended_watcher(move |_| drop(touched.send(Wake::Touched)))
            .map_err(|error| cannot(folder, &error))?;
        tell_interrupts(wake.clone());
        let (folders, known, later) = (BTreeMap::new(), BTreeMap::new(), VecDeque::new());
        let mut watch = Self { folder: folder.to_owned(), watcher, folders, known, wake, woken, later };
        watch.known = watch.look()?;
        Ok(watch)
    }

    /// Tells from now on what is typed, line by line.
    pub fn listen(&self) {
        let wake = self.wake.clone();
        thread::spawn(move || {
            for line in io::stdin().lines() {
                let Ok(line) = line else { break };
                if wake.send(Wake::Typed(line)).is_err() {
                    return;
                }
            }
            let _ = wake.send(Wake::InputEnded);
        });
    }

    /// Waits for what comes next.
    ///
    /// # Errors
    /// When the project cannot be watched any more.
    pub fn next(&mut self) -> Result<Next, Failure> {
        loop {
            if let Some(next) = self.later.pop_front() {
                return Ok(next);
            }
            if !self.changes()?.0.is_empty() {
                self.settle();
                let (changed, now) = self.changes()?;
                self.known = now;
                if !changed.is_empty() {
                    return Ok(Next::Saved(changed));
                }
            }
            // The sender in `self` keeps the channel open.
            if let Ok(wake) = self.woken.recv() {
                self.later.extend(next_of(wake));
            }
        }
    }

    /// Waits until nothing has been touched for a moment.
    fn settle(&mut self) {
        while let Ok(wake) = self.woken.recv_timeout(SETTLED) {
            self.later.extend(next_of(wake));
        }
    }

    fn changes(&mut self) -> Result<(Vec<PathBuf>, BTreeMap<PathBuf, Digest>), Failure> {
        let now = self.look()?;
        let differs = |path: &&PathBuf| self.known.get(*path) != now.get(*path);
        let all: BTreeSet<&PathBuf> = self.known.keys().chain(now.keys()).collect();
        Ok((all.into_iter().filter(differs).cloned().collect(), now))
    }

    /// The files as they are. New folders are watched before they are read, so that nothing falls between both.
    fn look(&mut self) -> Result<BTreeMap<PathBuf, Digest>, Failure> {
        let mut files = BTreeMap::new();
        let mut seen = BTreeMap::new();
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            // What vanishes meanwhile is told by the folder above.
            let Ok(identity) = fs::metadata(&folder).map(|metadata| identity(&metadata)) else { continue };
            if self.folders.get(&folder) != Some(&identity) {
                self.watcher
                    .watch(&folder, RecursiveMode::NonRecursive)
                    .map_err(|error| cannot(&folder, &error))?;
            }
            seen.insert(folder.clone(), identity);
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for entry in entries.flatten().filter(|entry| is_source(&entry.file_name().to_string_lossy())) {
                let path = entry.path();
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    folders.push(path);
                } else if let Ok(content) = content(&path) {
                    files.insert(path.strip_prefix(&self.folder).unwrap_or(&path).to_owned(), content);
                }
            }
        }
        self.folders = seen;
        Ok(files)
    }
}

/// The first few of these paths, and how many more there are.
pub(crate) fn listed(paths: &[PathBuf]) -> String {
    let shown: Vec<_> = paths.iter().take(3).map(|path| path.display().to_string()).collect();
    match paths.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Whether a name is one of a project's own: not hidden, not an editor's, not made by a build.
fn is_source(name: &str) -> bool {
    !(name.starts_with(['.', '#']) || name.ends_with('~') || MADE.contains(&name) || WRITTEN.contains(&name))
}

fn content(path: &Path) -> io::Result<Digest> {
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        // A link to a folder: what is behind it is not of this project.
        return Ok(Digest::of(b""));
    }
    if metadata.len() > MAX_READ_BYTES {
        return Ok(Digest::of(format!("{} {:?}", metadata.len(), metadata.modified()?).as_bytes()));
    }
    fs::read(path).map(|bytes| Digest::of(&bytes))
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> u64 {
    0
}

fn next_of(wake: Wake) -> Option<Next> {
    match wake {
        Wake::Touched => None,
        Wake::Typed(line) => Some(Next::Typed(line)),
        Wake::InputEnded => Some(Next::InputEnded),
        Wake::Interrupted => Some(Next::Interrupted),
    }
}

/// The first Ctrl-C is told; a second one, while something does not come to its end, ends the process.
fn tell_interrupts(wake: Sender<Wake>) {
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        // Without the means to listen, Ctrl-C ends the process as it always does.
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            if tokio::signal::ctrl_c().await.is_ok() && wake.send(Wake::Interrupted).is_ok() {
                let _ = tokio::signal::ctrl_c().await;
                std::process::exit(130);
            }
        });
    });
}

fn cannot(folder: &Path, error: &notify::Error) -> Failure {
    let message = format!("Cannot watch {} for changes: {error}.", folder.display());
    let diagnostic = match error.kind {
        notify::ErrorKind::MaxFilesWatch => Diagnostic::new("watch", message)
            .help("Raise the limit: sysctl fs.inotify.max_user_watches=524288."),
        _ => Diagnostic::new("watch", message).help("Use --once, which watches nothing."),
    };
    Failure::new(Exit::Environment, diagnostic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> (tempfile::TempDir, Watch) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("plugin.toml", "id"), ("src/lib.rs", "one"), ("target/built", "")] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let watch = Watch::begin(folder.path()).unwrap();
        (folder, watch)
    }

    fn saved(paths: &[&str]) -> Next {
        Next::Saved(paths.iter().map(PathBuf::from).collect())
    }

    #[test]
    fn a_save_is_told_once_and_with_its_path() {
        let (folder, mut watch) = project();
        fs::write(folder.path().join("src/lib.rs"), "two").unwrap();
        assert_eq!(watch.next().unwrap(), saved(&["src/lib.rs"]));
        fs::remove_file(folder.path().join("plugin.toml")).unwrap();
        assert_eq!(watch.next().unwrap(), saved(&["plugin.toml"]));
    }

    #[test]
    fn what_builds_and_editors_write_is_not_told() {
        let (folder, mut watch) = project();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("target/built", "again");
        write("Cargo.lock", "lock");
        write("src/.lib.rs.swp", "swap");
        write("src/lib.rs~", "backup");
        write("src/lib.rs", "one");
        write("plugin.toml", "another id");
        assert_eq!(watch.next().unwrap(), saved(&["plugin.toml"]));
    }

    #[test]
    fn folders_that_come_later_are_watched_too_also_in_place_of_others() {
        let (folder, mut watch) = project();
        let deep = folder.path().join("src/chat/deep");
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("a.rs"), "").unwrap();
        assert_eq!(watch.next().unwrap(), saved(&["src/chat/deep/a.rs"]));
        fs::write(deep.join("a.rs"), "more").unwrap();
        assert_eq!(watch.next().unwrap(), saved(&["src/chat/deep/a.rs"]));
        fs::rename(folder.path().join("src"), folder.path().join("away")).unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        fs::remove_dir_all(folder.path().join("away")).unwrap();
        assert_eq!(watch.next().unwrap(), saved(&["src/chat/deep/a.rs", "src/lib.rs"]));
        fs::write(folder.path().join("src/lib.rs"), "new").unwrap();
        assert_eq!(watch.next().unwrap(), saved(&["src/lib.rs"]));
    }

    #[test]
    fn what_is_saved_while_nobody_waits_is_told_together() {
        let (folder, mut watch) = project();
        fs::write(folder.path().join("plugin.toml"), "new").unwrap();
        fs::write(folder.path().join("src/lib.rs"), "new").unwrap();
        assert_eq!(watch.next().unwrap(), saved(&["plugin.toml", "src/lib.rs"]));
    }
}
