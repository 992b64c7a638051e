//! From a project in JavaScript or TypeScript to a component: esbuild makes one module of it, componentize-js puts it
//! into an engine. Both come from npm into the project's `node_modules`, in the versions of its `package.json`.
//!
//! The world is the kind's, less what the manifest does not ask for: componentize-js keeps every import of its world,
//! and a host refuses one that the manifest does not allow. Absent: a component that is the same byte for byte wherever it
//! is built; the engine is started while it is built, and takes its seeds from the system. Hence the last one is kept in
//! `node_modules/.cache`, and used again while bundle, world and tools are the same.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::json;

use crate::diagnostic::Diagnostic;
use crate::project::Project;
use crate::script::{self, Work, told};
use crate::world;

/// Drives esbuild and componentize-js, with node.
const BUILD: &str = include_str!("build.mjs");

/// The packages that make a component, with the versions that a project's `package.json` names.
const TOOLS: [(&str, &str); 2] = [("@bytecodealliance/componentize-js", "0.23.0"), ("esbuild", "0.28.2")];

/// The oldest node that runs them.
const OLDEST_NODE: u32 = 20;

/// Makes the component.
///
/// # Errors
/// What is wrong with the project, or missing on this machine.
pub(crate) fn component(project: &Project, say: &mut dyn FnMut(&str)) -> Result<Vec<u8>, Vec<Diagnostic>> {
    check_node()?;
    let entry = entry(project.folder())?;
    install(project.folder(), say)?;
    say("making a component of it (componentize-js)");
    let work = Work::make()?;
    world::write(&work.folder().join("wit"), project.manifest())
        .and_then(|()| fs::write(work.folder().join("build.mjs"), BUILD))
        .map_err(|error| vec![script::not_written(work.folder(), &error)])?;
    let kind = project.manifest().kind;
    let task = json!({
        "project": project.folder(),
        "work": work.folder(),
        "entry": entry,
        "kind": kind.as_str(),
        "exports": kind.interface().split_once('/').map_or("", |(_, name)| name),
        "interfaces": world::functions(project.manifest()),
        "platform": neustream_contract::PLATFORM_VERSION,
    });
    let output = Command::new("node")
        .arg(work.folder().join("build.mjs"))
        .arg(task.to_string())
        .current_dir(work.folder())
        .env("TMPDIR", work.folder())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| {
            vec![Diagnostic::environment("toolchain-missing", format!("node cannot be run: {error}"))]
        })?;
    let problems = told(project, &output.stdout);
    if !problems.is_empty() {
        return Err(problems);
    }
    if !output.status.success() {
        return Err(vec![failed(project, &output.stderr)]);
    }
    work.component()
}

/// What componentize-js itself says, which is about the plugin's first steps or about the machine.
fn failed(project: &Project, stderr: &[u8]) -> Diagnostic {
    let said = script::last_lines(&String::from_utf8_lossy(stderr), 12);
    let message = format!("componentize-js could not make a component:\n{said}");
    let problem = Diagnostic::new("component-invalid", message);
    problem.at(entry(project.folder()).unwrap_or_default(), None).help(
        "what stands outside of functions runs once, while the component is made: it can use the language only",
    )
}

/// The main module, as `package.json` names it.
fn entry(folder: &Path) -> Result<String, Vec<Diagnostic>> {
    #[derive(Deserialize)]
    struct PackageJson {
        main: Option<String>,
    }
    let text = fs::read_to_string(folder.join("package.json")).unwrap_or_default();
    let package: PackageJson = serde_json::from_str(&text).map_err(|error| {
        let message = format!("not a package.json: {error}");
        vec![Diagnostic::new("project-invalid", message).at("package.json", Some(error.line()))]
    })?;
    let main = package.main.unwrap_or_else(|| "src/index.js".to_owned());
    let main = main.trim_start_matches("./").to_owned();
    if folder.join(&main).is_file() {
        return Ok(main);
    }
    let message = format!("there is no {main}, the main module");
    let line = text.lines().position(|line| line.contains("\"main\"")).map(|index| index + 1);
    Err(vec![
        Diagnostic::new("project-invalid", message)
            .at("package.json", line)
            .help("name the module with the plugin in package.json, such as \"main\": \"src/index.js\""),
    ])
}

fn check_node() -> Result<(), Vec<Diagnostic>> {
    let missing = |what: &str| {
        vec![
            Diagnostic::environment("toolchain-missing", what)
                .help("install Node.js 20 or newer with npm: https://nodejs.org/en/download"),
        ]
    };
    let version = script::version_of("node")
        .ok_or_else(|| missing("node is not there, which makes components of JavaScript"))?;
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST_NODE) {
        return Err(missing(&format!("node is {version}; its tools want {OLDEST_NODE} or newer")));
    }
    match script::version_of("npm") {
        Some(_) => Ok(()),
        None => Err(missing("npm is not there, which installs what makes components of JavaScript")),
    }
}

/// Installs what `package.json` and its lock file name, unless `node_modules` has it already.
fn install(folder: &Path, say: &mut dyn FnMut(&str)) -> Result<(), Vec<Diagnostic>> {
    let modules = folder.join("node_modules");
    let lock = folder.join("package-lock.json");
    let marker = modules.join(".package-lock.json");
    let newest = script::newest([&folder.join("package.json"), &lock]);
    let is_there = TOOLS.iter().all(|(name, _)| modules.join(name).join("package.json").is_file());
    if is_there && script::newest([&marker]) >= newest {
        return Ok(());
    }
    say("installing what builds it (npm; the first time takes a while)");
    let command = if lock.is_file() { "ci" } else { "install" };
    let args = [command, "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"];
    let output = Command::new("npm").args(args).current_dir(folder).stdin(Stdio::null()).output();
    let output = output.map_err(|error| {
        vec![Diagnostic::environment("toolchain-missing", format!("npm cannot be run: {error}"))]
    })?;
    if !output.status.success() {
        // The reason comes first, a list of options last.
        let said = String::from_utf8_lossy(&output.stderr);
        let said: Vec<_> = said.lines().filter(|line| line.starts_with("npm error ")).take(10).collect();
        let message = format!("npm {command} failed:\n{}", said.join("\n"));
        let help = "look at package.json and package-lock.json, and at the way to npm's registry";
        return Err(vec![
            Diagnostic::environment("toolchain-missing", message).at("package.json", None).help(help),
        ]);
    }
    // npm leaves the marker alone when nothing changed.
    script::touch(&marker);
    match TOOLS.iter().find(|(name, _)| !modules.join(name).join("package.json").is_file()) {
        None => Ok(()),
        Some((name, version)) => Err(vec![
            Diagnostic::new("project-invalid", format!("package.json does not ask for {name}"))
                .at("package.json", None)
                .help(format!("npm install --save-dev --save-exact {name}@{version}")),
        ]),
    }
}
