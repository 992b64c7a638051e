//! Projects in cargo's target folder: copies of the examples, with their tools installed once for each language. The
//! tests of `sdk/project` build in the same folders, so they find the tools and leave them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use neustream_tests::kit::tool::{plugin_command, tests_dir, workspace_dir};
use neustream_tests::kit::{Context, Result, ensure};

/// What a plugin is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    Javascript,
    Python,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::Javascript, Self::Python];

    fn word(self) -> &'static str {
        match self {
            Self::Javascript => "javascript",
            Self::Python => "python",
        }
    }

    /// Where the tools of the language are installed, in a project.
    fn tools(self) -> &'static str {
        match self {
            Self::Javascript => "node_modules",
            Self::Python => ".venv",
        }
    }

    /// The misbehaving filter and the main module that it takes the place of.
    fn gallery(self) -> (&'static str, &'static str) {
        match self {
            Self::Javascript => ("gallery.js", "src/index.js"),
            Self::Python => ("gallery.py", "src/plugin.py"),
        }
    }

    /// The line of the gallery that its deed `panic` fails in, as an author is told.
    pub fn panic_place(self) -> &'static str {
        match self {
            Self::Javascript => "src/index.js:18",
            Self::Python => "src/plugin.py:25",
        }
    }

    /// What an author runs in a project's folder.
    pub fn unit_tests(self) -> Command {
        match self {
            Self::Javascript => {
                let mut node = Command::new("node");
                node.arg("--test");
                node
            }
            Self::Python => {
                let mut python = Command::new("python3");
                python.args(["-m", "unittest"]);
                python
            }
        }
    }
}

/// A copy of the example of this language and kind.
pub fn project(language: Language, kind: &str) -> Result<PathBuf> {
    let folder = copy(language, kind, kind)?;
    if kind != "moderation" {
        share_tools(language, &folder)?;
    }
    Ok(folder)
}

/// The package of the misbehaving filter, built once.
pub fn built(language: Language) -> Result<Vec<u8>> {
    static BUILT: Mutex<BTreeMap<Language, Vec<u8>>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(package) = built.get(&language) {
        return Ok(package.clone());
    }
    let folder = copy(language, "moderation", "gallery")?;
    share_tools(language, &folder)?;
    let (source, main) = language.gallery();
    fs::copy(tests_dir().join("tests/script_plugins").join(source), folder.join(main))?;
    succeeds(Command::new(plugin_command()?).arg("build").arg(&folder), &folder)?;
    let package = fs::read(folder.join(format!("dist/moderation-{}.wasm", language.word())))?;
    built.insert(language, package.clone());
    Ok(package)
}

/// Runs `command`.
pub fn succeeds(command: &mut Command, folder: &Path) -> Result<()> {
    let output = command.output().with_context(|| format!("{command:?} cannot be started"))?;
    let (said, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "{} ({}):\n{said}{told}", folder.display(), output.status);
    Ok(())
}

/// Gives a project the tools of the one that installs them.
fn share_tools(language: Language, folder: &Path) -> Result<()> {
    static INSTALLING: Mutex<()> = Mutex::new(());
    let _installing = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    let first = copy(language, "moderation", "moderation")?;
    let tools = first.join(language.tools());
    if !tools.exists() {
        succeeds(Command::new(plugin_command()?).arg("build").arg(&first), &first)?;
    }
    link(&tools, &folder.join(language.tools()))
}

/// A copy, whose way to the SDK leads over a link beside the copies.
fn copy(language: Language, kind: &str, name: &str) -> Result<PathBuf> {
    let example = workspace_dir().join("examples/plugins").join(language.word()).join(kind);
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scripts");
    let folder = root.join("examples/plugins").join(language.word()).join(name);
    fs::create_dir_all(&folder)?;
    link(&workspace_dir().join("sdk"), &root.join("sdk"))?;
    copy_files(&example, &folder)?;
    Ok(folder)
}

/// Makes `link` lead to `target`. One that a checkout elsewhere has left leads to nothing of ours.
fn link(target: &Path, link: &Path) -> Result<()> {
    if fs::read_link(link).is_ok_and(|old| old != target) {
        fs::remove_file(link)?;
    }
    match std::os::unix::fs::symlink(target, link) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(error).with_context(|| link.display().to_string())
        }
        _ => Ok(()),
    }
}

fn copy_files(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if ["node_modules", ".venv", "dist", "__pycache__"].iter().any(|left| *left == entry.file_name()) {
            continue;
        }
        if path.is_dir() {
            fs::create_dir_all(&target)?;
            copy_files(&path, &target)?;
        } else if fs::read(&path)? != fs::read(&target).unwrap_or_default() {
            fs::copy(&path, &target)?;
            // As old as the example's own: tools are installed anew when a list of them is newer.
            File::options().write(true).open(&target)?.set_modified(fs::metadata(&path)?.modified()?)?;
        }
    }
    Ok(())
}
