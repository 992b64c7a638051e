//! From a project in Python to a component: componentize-py puts it into an engine. It comes from PyPI into the project's
//! `.venv`, in the version of its `requirements.txt`.
//!
//! The world is the kind's, less what the manifest does not ask for, as in JavaScript. Absent: a component that is the
//! same byte for byte wherever it is built; the engine is started while it is built, and takes its seeds from the system.
//! Hence the last one is kept, and used again while everything that it is made of is the same.

mod kept;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use neustream_contract::{Kind, PLATFORM_VERSION};
use serde::Deserialize;
use serde_json::json;

use crate::diagnostic::Diagnostic;
use crate::project::Project;
use crate::script::{self, Work, told};
use crate::world;
use kept::Kept;

/// Looks at the sources, with the project's own python.
const LOOK: &str = include_str!("look.py");

/// What makes a component, with the version that a project's `requirements.txt` names.
const TOOL: (&str, &str) = ("componentize-py", "0.25.1");

/// The oldest Python that has what the SDK is written with.
const OLDEST_PYTHON: (u32, u32) = (3, 11);

/// The file in `.venv` that was written when packages were installed.
const INSTALLED: &str = "neustream-plugin.installed";

/// The module that the build writes around the author's.
const ENTRY: &str = "neustream_plugin_entry";

/// Makes the component.
///
/// # Errors
/// What is wrong with the project, or missing on this machine.
pub(crate) fn component(project: &Project, say: &mut dyn FnMut(&str)) -> Result<Vec<u8>, Vec<Diagnostic>> {
    check_python()?;
    let settings = Settings::of(project.folder())?;
    let environment = install(project.folder(), say)?;
    let has_metadata = look(project, &settings, &environment)?;
    say("making a component of it (componentize-py)");
    let work = Work::make()?;
    world::write(&work.folder().join("wit"), project.manifest())
        .and_then(|()| fs::create_dir(work.folder().join("entry")))
        .and_then(|()| {
            let entry = work.folder().join("entry").join(ENTRY).with_extension("py");
            fs::write(entry, entry_text(project, &settings, has_metadata))
        })
        .map_err(|error| vec![script::not_written(work.folder(), &error)])?;
    let (world, entry) = (world::text(project.manifest()), entry_text(project, &settings, has_metadata));
    let mut texts = world::packages(project.manifest());
    texts.extend([world.as_str(), entry.as_str()]);
    let kept = Kept::of(&environment, &texts, &settings.folders(project.folder())).ok();
    if let Some(component) = kept.as_ref().and_then(Kept::component) {
        return Ok(component);
    }
    let output = componentize(project.folder(), &settings, &environment, work.folder(), has_metadata)?;
    if !output.status.success() {
        return Err(vec![failed(&settings, &output)]);
    }
    let component = work.component()?;
    // Where it cannot be kept, it is made again.
    let _ = kept.map(|kept| kept.keep(&component));
    Ok(component)
}

/// `[tool.neustream-plugin]` of `pyproject.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The module with `plugin`.
    #[serde(default = "default_main")]
    main: PathBuf,
    /// Folders that modules are looked for in, besides the main module's own: the SDK's.
    #[serde(default)]
    path: Vec<PathBuf>,
}

fn default_main() -> PathBuf {
    "src/plugin.py".into()
}

impl Settings {
    fn of(folder: &Path) -> Result<Self, Vec<Diagnostic>> {
        #[derive(Default, Deserialize)]
        struct Pyproject {
            #[serde(default)]
            tool: Tool,
        }
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        struct Tool {
            neustream_plugin: Option<Settings>,
        }
        let text = fs::read_to_string(folder.join("pyproject.toml")).unwrap_or_default();
        let pyproject: Pyproject = toml::from_str(&text).map_err(|error| {
            let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            vec![Diagnostic::new("project-invalid", error.message()).at("pyproject.toml", line)]
        })?;
        let settings = pyproject
            .tool
            .neustream_plugin
            .unwrap_or_else(|| Self { main: default_main(), path: Vec::new() });
        if folder.join(&settings.main).is_file() {
            return Ok(settings);
        }
        let message = format!("there is no {}, the main module", settings.main.display());
        let line = text.lines().position(|line| line.trim_start().starts_with("main")).map(|index| index + 1);
        Err(vec![
            Diagnostic::new("project-invalid", message)
                .at("pyproject.toml", line)
                .help("name the module with the plugin in pyproject.toml\n[tool.neustream-plugin]\nmain = \"src/plugin.py\""),
        ])
    }

    /// The main module's folder, as the author calls it.
    fn own(&self) -> &Path {
        self.main.parent().unwrap_or_else(|| Path::new(""))
    }

    /// Where modules are looked for, absolute.
    fn folders(&self, folder: &Path) -> Vec<PathBuf> {
        let all = [self.own()].into_iter().chain(self.path.iter().map(PathBuf::as_path));
        all.map(|each| folder.join(each)).collect()
    }

    fn module(&self) -> &str {
        self.main.file_stem().and_then(OsStr::to_str).unwrap_or_default()
    }
}

fn check_python() -> Result<(), Vec<Diagnostic>> {
    let missing = |what: &str| {
        let (major, minor) = OLDEST_PYTHON;
        vec![Diagnostic::environment("toolchain-missing", what).help(format!(
            "install Python {major}.{minor} or newer with venv (Debian: apt install python3-venv)"
        ))]
    };
    let said = script::version_of("python3")
        .ok_or_else(|| missing("python3 is not there, which makes components of Python"))?;
    let mut numbers =
        said.trim_start_matches("Python ").split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if version < OLDEST_PYTHON {
        return Err(missing(&format!("python3 is {said}, which is too old")));
    }
    Ok(())
}

/// Makes the project's `.venv` with what `requirements.txt` names, unless it is there. Answers its folder.
fn install(folder: &Path, say: &mut dyn FnMut(&str)) -> Result<PathBuf, Vec<Diagnostic>> {
    let environment = folder.join(".venv");
    let requirements = folder.join("requirements.txt");
    let marker = environment.join(INSTALLED);
    let tool = environment.join("bin").join(TOOL.0);
    if tool.is_file() && script::newest([&marker]) >= script::newest([&requirements]) && marker.is_file() {
        return Ok(environment);
    }
    let text = fs::read_to_string(&requirements).unwrap_or_default();
    if !text.lines().any(|line| line.trim_start().starts_with(TOOL.0)) {
        let message = format!("requirements.txt does not ask for {}", TOOL.0);
        let help = format!("write into requirements.txt\n{}=={}", TOOL.0, TOOL.1);
        return Err(vec![
            Diagnostic::new("project-invalid", message).at("requirements.txt", None).help(help),
        ]);
    }
    say("installing what builds it (pip; the first time takes a while)");
    if !environment.join("bin").join("python").is_file() {
        let mut make = Command::new("python3");
        make.args(["-m", "venv"]).arg(&environment);
        run(&mut make, "python3 -m venv", "look at what is missing (Debian: apt install python3-venv)")?;
    }
    let mut pip = Command::new(environment.join("bin").join("python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(&requirements);
    run(pip.current_dir(folder), "pip install", "look at requirements.txt, and at the way to PyPI")?;
    script::touch(&marker);
    Ok(environment)
}

/// Runs what the machine must be able to.
fn run(command: &mut Command, name: &str, help: &str) -> Result<(), Vec<Diagnostic>> {
    let problem = |said: String| {
        let message = format!("{name} failed:\n{said}");
        vec![Diagnostic::environment("toolchain-missing", message).help(help)]
    };
    let output = command.stdin(Stdio::null()).output().map_err(|error| problem(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(problem(script::last_lines(&String::from_utf8_lossy(&said), 12)))
}

/// Looks at the sources. Answers whether the plugin has `retitle`.
fn look(project: &Project, settings: &Settings, environment: &Path) -> Result<bool, Vec<Diagnostic>> {
    #[derive(Deserialize)]
    struct Said {
        plugin: Found,
    }
    #[derive(Deserialize)]
    struct Found {
        retitle: bool,
    }
    let task = json!({
        "project": project.folder(),
        "main": settings.main,
        "kind": project.manifest().kind.as_str(),
        "path": settings.folders(project.folder()),
    });
    let output = Command::new(environment.join("bin").join("python"))
        .args(["-c", LOOK])
        .arg(task.to_string())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| {
            vec![Diagnostic::environment("toolchain-missing", format!("python cannot be run: {error}"))]
        })?;
    let problems = told(project, &output.stdout);
    if !problems.is_empty() {
        return Err(problems);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let found = text.lines().rev().find_map(|line| serde_json::from_str::<Said>(line).ok());
    found.map(|said| said.plugin.retitle).ok_or_else(|| vec![failed(settings, &output)])
}

/// The module that binds the author's to the component's bindings.
fn entry_text(project: &Project, settings: &Settings, has_metadata: bool) -> String {
    let kind = project.manifest().kind;
    let (module, own) = (settings.module(), settings.own().display());
    let interface = kind.interface().split_once('/').map_or("", |(_, name)| name);
    let functions = world::functions(project.manifest());
    let imports: Vec<_> = ["types"].into_iter().chain(functions).collect();
    let named: Vec<_> = imports.iter().map(|import| format!("\"{import}\": {import}")).collect();
    let mut classes = vec![match kind {
        Kind::Destination => "Adapter",
        Kind::Chat => "Connector",
        Kind::Moderation => "Filter",
        Kind::Payment => "Provider",
    }];
    classes.extend(has_metadata.then_some("Metadata"));
    let exports: Vec<_> = classes.iter().map(|class| format!("{class} = classes[\"{class}\"]\n")).collect();
    let exports = exports.concat();
    format!(
        "import os\n\
         import {module} as module\n\
         from componentize_py_types import Err, Ok\n\
         from neustream_plugin.component import Bindings, exported\n\
         from wit_world.exports import {interface} as words\n\
         from wit_world.imports import {}\n\n\
         bindings = Bindings({{{}}}, words, Err, Ok, os.path.dirname(module.__file__), \"{own}\")\n\
         classes = exported(\"{}\", module.plugin, bindings)\n{exports}",
        imports.join(", "),
        named.join(", "),
        kind.as_str()
    )
}

fn componentize(
    folder: &Path,
    settings: &Settings,
    environment: &Path,
    work: &Path,
    has_metadata: bool,
) -> Result<Output, Vec<Diagnostic>> {
    let world = if has_metadata { "plugin-with-metadata" } else { "plugin" };
    let mut command = Command::new(environment.join("bin").join(TOOL.0));
    command.args(["--quiet", "--wit-path"]).arg(work.join("wit")).args(["--world", world]);
    command.args(["componentize", "--stub-wasi", "--python-path"]).arg(work.join("entry"));
    for each in settings.folders(folder) {
        command.arg("--python-path").arg(each);
    }
    command.arg("--output").arg(work.join("component.wasm")).arg(ENTRY);
    // Where it looks for the packages of requirements.txt.
    command.env("VIRTUAL_ENV", environment).env("PYTHONDONTWRITEBYTECODE", "1");
    command.current_dir(work).stdin(Stdio::null()).output().map_err(|error| {
        let message = format!("{} cannot be run: {error}", TOOL.0);
        vec![
            Diagnostic::environment("toolchain-missing", message)
                .help(format!("remove {} and build again: it is installed anew", environment.display())),
        ]
    })
}

/// What the engine says in words of its own, for the platform version of this tool.
fn failed(settings: &Settings, output: &Output) -> Diagnostic {
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    let said = script::last_lines(&String::from_utf8_lossy(&said), 12);
    let message = format!("{} could not make a component for platform {PLATFORM_VERSION}:\n{said}", TOOL.0);
    Diagnostic::new("component-invalid", message).at(&settings.main, None).help(
        "what stands outside of functions runs once, while the component is made: it can use the language and packages \
         in plain Python only",
    )
}
