//! From Rust to a component: cargo for `wasm32-unknown-unknown`, then wit-component. Nothing else is needed on the
//! machine, and the result imports nothing but our interfaces.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::{env, fs, thread};

use serde_json::Value;

use crate::component::component_of_module;
use crate::diagnostic::Diagnostic;
use crate::project::Project;

/// The target of guests.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// A library of type `cdylib` that was compiled: a core module.
#[derive(Debug, Clone)]
pub struct Module {
    /// The folder of its `Cargo.toml`.
    pub folder: PathBuf,
    /// Its crate's version.
    pub version: String,
    /// The module.
    pub file: PathBuf,
}

pub(crate) fn component(project: &Project, say: &mut dyn FnMut(&str)) -> Result<Vec<u8>, Vec<Diagnostic>> {
    let folder = project.folder();
    check_toolchain(folder).map_err(|problem| vec![problem])?;
    let places = path_packages(folder)?;
    let modules = compile(folder, &places, say)?;
    let own = modules.into_iter().find(|module| is_same(&module.folder, folder));
    let own = own.ok_or_else(|| vec![no_module()])?;
    let module = fs::read(&own.file).map_err(|error| {
        let message = format!("{} cannot be read: {error}", own.file.display());
        vec![Diagnostic::environment("file-not-read", message)]
    })?;
    component_of_module(&module).map_err(|problem| vec![problem])
}

fn no_module() -> Diagnostic {
    let message = "the crate is no library of type `cdylib`, so there is no module to make a plugin of";
    let help = "write in Cargo.toml\n[lib]\ncrate-type = [\"cdylib\", \"lib\"]";
    Diagnostic::new("crate-type", message).at("Cargo.toml", None).help(help)
}

fn is_same(one: &Path, other: &Path) -> bool {
    one == other || matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(folder).stdin(Stdio::null());
    // What is relative is so to where the author stands, not to the project.
    if let Some(target) = env::var_os("CARGO_TARGET_DIR").and_then(|target| std::path::absolute(target).ok())
    {
        cargo.env("CARGO_TARGET_DIR", target);
    }
    cargo
}

/// Whether cargo, rustc and the target's standard library are there.
///
/// # Errors
/// Which one is missing, and the command that installs it.
pub fn check_toolchain(folder: &Path) -> Result<(), Diagnostic> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let asked = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output();
    let asked = asked.map_err(|error| {
        Diagnostic::environment(
            "rust-missing",
            format!("Rust is not there: rustc cannot be started: {error}"),
        )
        .help(format!("install it from https://rustup.rs, then: rustup target add {TARGET}"))
    })?;
    if !asked.status.success() {
        let told = String::from_utf8_lossy(&asked.stderr);
        return Err(Diagnostic::environment("rust-missing", format!("rustc does not work: {}", told.trim())));
    }
    let libraries = PathBuf::from(String::from_utf8_lossy(&asked.stdout).trim());
    if libraries.is_dir() {
        return Ok(());
    }
    Err(Diagnostic::environment("rust-target-missing", format!("Rust's target {TARGET} is not installed"))
        .help(format!("rustup target add {TARGET}")))
}

/// Folders of this machine, and what they are called inside packages instead: panic messages name source files.
pub type Places = Vec<(PathBuf, String)>;

/// The crates that a build takes from folders, each by its name.
fn path_packages(folder: &Path) -> Result<Places, Vec<Diagnostic>> {
    let output = cargo(folder)
        .args(["metadata", "--format-version=1", "--filter-platform", TARGET])
        .output()
        .map_err(|error| vec![not_started(&error)])?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        return Err(vec![cargo_problem(&told)]);
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|error| {
        vec![Diagnostic::environment("rust-missing", format!("`cargo metadata` answered no JSON: {error}"))]
    })?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let local = packages.filter(|package| package["source"].is_null()).filter_map(|package| {
        let folder = Path::new(package["manifest_path"].as_str()?).parent()?;
        Some((folder.to_owned(), package["name"].as_str()?.to_owned()))
    });
    let mut places: Places = local.collect();
    // rustc takes the last that fits: folders within others come after them.
    places.sort();
    Ok(places)
}

fn not_started(error: &std::io::Error) -> Diagnostic {
    Diagnostic::environment("rust-missing", format!("Rust is not there: cargo cannot be started: {error}"))
        .help(format!("install it from https://rustup.rs, then: rustup target add {TARGET}"))
}

/// What cargo itself says, where no source is at fault.
fn cargo_problem(told: &str) -> Diagnostic {
    let told: Vec<_> = told.lines().filter(|line| !is_progress(line)).collect();
    let told = told.join("\n");
    let told = told.trim().trim_start_matches("error: ");
    let is_network =
        ["failed to download", "failed to get", "Could not resolve host", "download of", "spurious network"]
            .iter()
            .any(|sign| told.contains(sign));
    let problem = Diagnostic::new("cargo-failed", format!("cargo: {told}"));
    if is_network {
        let help = "the first build needs crates.io; later ones work without a network";
        return Diagnostic { is_environment: true, ..problem }.help(help);
    }
    problem.at("Cargo.toml", None)
}

/// What cargo prints while it works: a word right-aligned to twelve columns.
fn is_progress(line: &str) -> bool {
    let word = line.trim_start();
    line.starts_with(' ')
        && line.len() - word.len() < 12
        && word.starts_with(|char: char| char.is_ascii_uppercase())
}

/// Compiles the crate or workspace in `folder` for guests, released, and answers its modules, by folder. `places` are
/// called by their names inside; cargo's own folders by `cargo` and `rustup`.
///
/// # Errors
/// The compiler's errors, each with its file, line and drawing.
pub fn compile(
    folder: &Path,
    places: &Places,
    say: &mut dyn FnMut(&str),
) -> Result<Vec<Module>, Vec<Diagnostic>> {
    let mut child = cargo(folder)
        .args(["build", "--release", "--lib", "--target", TARGET, "--message-format=json"])
        .env("CARGO_ENCODED_RUSTFLAGS", remapping(places))
        .env_remove("RUSTFLAGS")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| vec![not_started(&error)])?;
    let (send, lines) = mpsc::channel();
    let pipes = [
        child.stdout.take().map(|pipe| read_lines(pipe, Line::Message, send.clone())),
        child.stderr.take().map(|pipe| read_lines(pipe, Line::Progress, send)),
    ];
    let mut told = Told::default();
    for line in lines {
        told.take(line, folder, say);
    }
    for pipe in pipes.into_iter().flatten() {
        pipe.join().expect("reading lines does not panic");
    }
    let status = child.wait().map_err(|error| vec![not_started(&error)])?;
    if status.success() {
        told.modules.sort_by(|a, b| a.folder.cmp(&b.folder));
        return Ok(told.modules);
    }
    if told.problems.is_empty() {
        let last: Vec<_> = told.last.into();
        told.problems.push(cargo_problem(&last.join("\n")));
    }
    Err(told.problems)
}

enum Line {
    Message(String),
    Progress(String),
}

fn read_lines<R: Read + Send + 'static>(
    pipe: R,
    of: fn(String) -> Line,
    send: mpsc::Sender<Line>,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            // The receiver is there until all senders are gone.
            let _ = send.send(of(String::from_utf8_lossy(&line).into_owned()));
        }
    })
}

const MAX_LAST_LINES: usize = 60;

/// What cargo has told so far.
#[derive(Default)]
struct Told {
    modules: Vec<Module>,
    problems: Vec<Diagnostic>,
    last: VecDeque<String>,
}

impl Told {
    fn take(&mut self, line: Line, folder: &Path, say: &mut dyn FnMut(&str)) {
        match line {
            Line::Message(line) => {
                let Ok(message) = serde_json::from_str::<Value>(&line) else { return };
                self.modules.extend(module_of(&message));
                self.problems.extend(compiler_problem(&message, folder));
                if let Some(warning) = warning_of(&message, folder) {
                    say(&warning);
                }
            }
            Line::Progress(line) => {
                if is_progress(&line) {
                    say(line.trim());
                }
                if self.last.len() == MAX_LAST_LINES {
                    self.last.pop_front();
                }
                self.last.push_back(line);
            }
        }
    }
}

/// The module that a message of cargo tells of, if it does.
fn module_of(message: &Value) -> Option<Module> {
    let is_module = message["reason"] == "compiler-artifact"
        && message["target"]["crate_types"].as_array()?.iter().any(|kind| kind == "cdylib");
    let folder = Path::new(message["manifest_path"].as_str()?).parent()?;
    let mut files = message["filenames"].as_array()?.iter().filter_map(Value::as_str).map(Path::new);
    let file = files.find(|file| file.extension().is_some_and(|extension| extension == "wasm"))?;
    let version = message["package_id"].as_str()?.rsplit(['@', '#']).next()?;
    is_module.then(|| Module {
        folder: folder.to_owned(),
        version: version.to_owned(),
        file: file.to_owned(),
    })
}

/// An error of rustc: the drawing of the place follows what is wrong.
fn compiler_problem(message: &Value, folder: &Path) -> Option<Diagnostic> {
    let inner = &message["message"];
    if message["reason"] != "compiler-message" || inner["level"] != "error" {
        return None;
    }
    let text = inner["message"].as_str()?;
    // The count of what was told before.
    if text.starts_with("aborting due to") {
        return None;
    }
    let code = inner["code"]["code"].as_str();
    let rendered = inner["rendered"].as_str().unwrap_or(text).trim_end();
    let drawing = rendered.split_once('\n').map_or("", |(_, drawing)| drawing);
    let code_shown = code.map(|code| format!(" [{code}]")).unwrap_or_default();
    let mut problem = Diagnostic::new("compile-error", format!("{text}{code_shown}\n{drawing}").trim_end());
    let spans = inner["spans"].as_array().into_iter().flatten();
    if let Some(span) = spans.into_iter().find(|span| span["is_primary"] == true) {
        let file = Path::new(span["file_name"].as_str()?);
        let line = span["line_start"].as_u64().map(|line| line as usize);
        problem = problem.at(file.strip_prefix(folder).unwrap_or(file), line);
    }
    Some(problem)
}

/// A warning about the author's own sources, drawn as rustc draws it.
fn warning_of(message: &Value, folder: &Path) -> Option<String> {
    let is_own =
        message["manifest_path"].as_str().is_some_and(|path| Path::new(path).parent() == Some(folder));
    let is_warning = message["reason"] == "compiler-message" && message["message"]["level"] == "warning";
    let rendered = message["message"]["rendered"].as_str()?.trim_end();
    (is_own && is_warning).then(|| rendered.to_owned())
}

/// Compiler flags that take this machine's folders out of packages, as `CARGO_ENCODED_RUSTFLAGS` wants them.
fn remapping(places: &Places) -> OsString {
    let home = |name: &str, fallback: &str| {
        let home = env::var_os(name).map(PathBuf::from);
        home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(fallback)))
    };
    let mut all = Places::new();
    if let Some(rustup) = home("RUSTUP_HOME", ".rustup") {
        all.push((rustup, "rustup".to_owned()));
    }
    if let Some(cargo) = home("CARGO_HOME", ".cargo") {
        // A registry's folder is called after the host that it was fetched from.
        let registries = fs::read_dir(cargo.join("registry/src")).into_iter().flatten().flatten();
        let registries: Vec<_> =
            registries.map(|registry| (registry.path(), "cargo/registry".to_owned())).collect();
        all.push((cargo, "cargo".to_owned()));
        all.extend(registries);
    }
    all.extend(places.iter().cloned());
    let mut flags = OsString::new();
    for (folder, name) in all {
        if !flags.is_empty() {
            flags.push("\u{1f}");
        }
        flags.push("--remap-path-prefix=");
        flags.push(folder);
        flags.push(format!("={name}"));
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_compiler_keeps_its_place_and_its_drawing() {
        let message = serde_json::json!({
            "reason": "compiler-message",
            "message": {
                "level": "error",
                "message": "mismatched types",
                "code": { "code": "E0308" },
                "spans": [{ "is_primary": true, "file_name": "src/lib.rs", "line_start": 7 }],
                "rendered": "error[E0308]: mismatched types\n --> src/lib.rs:7:5\n  |\n7 |     1\n  |     ^\n\n",
            },
        });
        let problem = compiler_problem(&message, Path::new("/p")).unwrap();
        assert_eq!(
            problem.to_string(),
            "src/lib.rs:7: mismatched types [E0308]\n --> src/lib.rs:7:5\n  |\n7 |     1\n  |     ^"
        );
    }

    #[test]
    fn what_cargo_says_about_its_progress_is_no_part_of_an_error() {
        let problem =
            cargo_problem("   Compiling serde v1.0.0\nerror: no matching package named `serdi` found\n");
        assert_eq!(problem.to_string(), "Cargo.toml: cargo: no matching package named `serdi` found");
        assert!(cargo_problem("error: failed to get `serde`\n\nCaused by:\n  no network\n").is_environment);
    }
}
