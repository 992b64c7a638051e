//! Projects in JavaScript and Python, built by the real tools. They are copied, so that the examples stay as they are;
//! what was installed for one test serves the others.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use neustream_plugin_project::{Diagnostic, Project};

/// One test at a time builds: they share folders.
static BUILDING: Mutex<()> = Mutex::new(());

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The example of this language and kind.
fn example(language: &str, kind: &str) -> PathBuf {
    root().join("examples/plugins").join(language).join(kind)
}

/// A copy of an example in cargo's target folder, whose way to the SDK leads over a link beside the copies. The tools that
/// the first kind's build has installed serve the others, and later runs.
fn copy(language: &str, kind: &str) -> PathBuf {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scripts");
    let folder = tmp.join("examples/plugins").join(language).join(kind);
    fs::create_dir_all(&folder).unwrap();
    copy_files(&example(language, kind), &folder);
    link(&root().canonicalize().unwrap().join("sdk"), &tmp.join("sdk"));
    let tools = if language == "python" { ".venv" } else { "node_modules" };
    let first = folder.with_file_name("moderation").join(tools);
    if kind != "moderation" && first.exists() {
        link(&first, &folder.join(tools));
    }
    folder
}

/// Makes `link` lead to `target`. One that a checkout elsewhere has left leads to nothing of ours.
fn link(target: &Path, link: &Path) {
    if fs::read_link(link).is_ok_and(|old| old != target) {
        fs::remove_file(link).unwrap();
    }
    if !link.exists() {
        std::os::unix::fs::symlink(target, link).unwrap();
    }
}

fn copy_files(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if ["node_modules", ".venv", "dist", "__pycache__"].iter().any(|left| *left == name) {
            continue;
        }
        let target = to.join(name);
        if path.is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy_files(&path, &target);
        } else if fs::read(&path).ok() != fs::read(&target).ok() {
            fs::copy(&path, &target).unwrap();
            // As old as the example's own: tools are installed anew when a list of them is newer.
            let modified = fs::metadata(&path).unwrap().modified().unwrap();
            fs::File::options().write(true).open(&target).unwrap().set_modified(modified).unwrap();
        }
    }
}

fn build(folder: &Path) -> Result<neustream_plugin_project::Built, Vec<Diagnostic>> {
    Project::open(folder)?.build(&mut |line| println!("{}: {line}", folder.display()))
}

/// What building says when `file` has `text` instead of its own.
fn problem_of(language: &str, file: &str, change: impl FnOnce(String) -> String) -> Diagnostic {
    let _building = BUILDING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let folder = copy(language, "moderation");
    let text = fs::read_to_string(folder.join(file)).unwrap();
    fs::write(folder.join(file), change(text)).unwrap();
    let problems = build(&folder).expect_err("a problem");
    // What follows finds the example's own file again, as old as it is.
    copy_files(&example(language, "moderation"), &folder);
    assert!(problems.len() == 1, "{problems:?}");
    println!("{}\n", problems[0]);
    problems[0].clone()
}

fn place(problem: &Diagnostic) -> (String, Option<usize>) {
    let file = problem.file.as_deref().unwrap_or(Path::new(""));
    (file.display().to_string(), problem.line)
}

#[test]
fn every_example_becomes_a_package_that_imports_what_its_manifest_asks_for() {
    let _building = BUILDING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    for (kind, expected) in [
        ("moderation", &["config", "telemetry"][..]),
        ("chat", &["config", "telemetry"]),
        ("destination", &["config", "telemetry", "http"]),
        ("payment", &["config", "telemetry", "crypto", "http"]),
    ] {
        for language in ["javascript", "python"] {
            let folder = copy(language, kind);
            let built = build(&folder).unwrap_or_else(|problems| {
                let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
                panic!("{language}/{kind}: {}", told.join("\n"))
            });
            let mut imports: Vec<_> = built.interfaces.imports.iter().map(String::as_str).collect();
            imports.sort_unstable();
            let mut expected: Vec<_> = expected
                .iter()
                .chain(&["types"])
                .map(|name| format!("neustream:host/{name}@0.1.0"))
                .collect();
            expected.sort_unstable();
            assert!(
                imports.iter().all(|import| expected.iter().any(|name| name == import)),
                "{language}/{kind}: {imports:?}"
            );
            let machine =
                [root().canonicalize().unwrap(), folder, std::env::temp_dir().join("neustream-plugin-")];
            for path in machine {
                let path = path.display().to_string();
                let is_there = built.package.windows(path.len()).any(|bytes| bytes == path.as_bytes());
                assert!(!is_there, "{language}/{kind}: the package holds {path}");
            }
        }
    }
}

#[test]
fn a_slip_of_the_pen_in_javascript_has_a_file_and_a_line() {
    let problem = problem_of("javascript", "src/index.js", |text| text + "\nconst = 1;\n");
    let lines =
        fs::read_to_string(example("javascript", "moderation").join("src/index.js")).unwrap().lines().count();
    assert_eq!(problem.code, "source-invalid");
    assert_eq!(place(&problem), ("src/index.js".to_owned(), Some(lines + 2)), "{problem}");
}

#[test]
fn a_first_step_that_fails_in_javascript_has_a_file_and_a_line() {
    let problem = problem_of("javascript", "src/index.js", |text| format!("{text}\nnull.name;\n"));
    let lines =
        fs::read_to_string(example("javascript", "moderation").join("src/index.js")).unwrap().lines().count();
    assert_eq!(place(&problem), ("src/index.js".to_owned(), Some(lines + 2)), "{problem}");
}

#[test]
fn a_module_of_node_is_not_there_for_a_plugin() {
    let problem = problem_of("javascript", "src/index.js", |text| format!("import \"node:fs\";\n{text}"));
    assert_eq!(place(&problem), ("src/index.js".to_owned(), Some(1)), "{problem}");
    assert!(problem.help.is_some(), "{problem}");
}

#[test]
fn a_plugin_that_is_not_exported_is_told_so_in_both_languages() {
    let script =
        problem_of("javascript", "src/index.js", |text| text.replace("export default", "const plugin ="));
    assert_eq!((script.code.as_str(), place(&script).0.as_str()), ("export-missing", "src/index.js"));
    let python = problem_of("python", "src/plugin.py", |text| text.replace("\nplugin =", "\nother ="));
    assert_eq!((python.code.as_str(), place(&python).0.as_str()), ("export-missing", "src/plugin.py"));
}

#[test]
fn a_plugin_of_another_kind_than_its_manifest_says_is_told_so_in_both_languages() {
    for language in ["javascript", "python"] {
        let problem = problem_of(language, "plugin.toml", |text| text.replace("\"moderation\"", "\"chat\""));
        assert_eq!(
            (problem.code.as_str(), place(&problem).0.as_str()),
            ("export-missing", "plugin.toml"),
            "{problem}"
        );
        assert!(problem.line.is_some(), "{problem}");
    }
}

#[test]
fn a_slip_of_the_pen_in_python_has_a_file_and_a_line() {
    let lines =
        fs::read_to_string(example("python", "moderation").join("src/plugin.py")).unwrap().lines().count();
    let problem = problem_of("python", "src/plugin.py", |text| text + "\ndef (:\n");
    assert_eq!(place(&problem), ("src/plugin.py".to_owned(), Some(lines + 2)), "{problem}");
    let problem = problem_of("python", "src/plugin.py", |text| text + "\nNone.name\n");
    assert_eq!(place(&problem), ("src/plugin.py".to_owned(), Some(lines + 2)), "{problem}");
}

#[test]
fn a_package_of_pypi_that_is_not_asked_for_is_told_so() {
    let problem = problem_of("python", "src/plugin.py", |text| format!("import requests\n{text}"));
    assert_eq!(place(&problem), ("src/plugin.py".to_owned(), Some(1)), "{problem}");
    assert!(problem.help.is_some_and(|help| help.contains("requirements.txt")));
}

#[test]
fn tools_that_the_project_does_not_name_are_told_so() {
    let problem = problem_of("python", "requirements.txt", |_| String::new());
    assert_eq!(problem.code, "project-invalid", "{problem}");
}

#[test]
fn what_did_not_change_is_not_made_again_and_what_did_is() {
    let _building = BUILDING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    for (language, main) in [("javascript", "src/index.js"), ("python", "src/plugin.py")] {
        let folder = copy(language, "moderation");
        let first = build(&folder).unwrap().digest;
        assert_eq!(build(&folder).unwrap().digest, first, "{language}");
        let text = fs::read_to_string(folder.join(main)).unwrap();
        fs::write(folder.join(main), text.replace("The message contains", "The message has")).unwrap();
        let changed = build(&folder).unwrap().digest;
        copy_files(&example(language, "moderation"), &folder);
        assert_ne!(changed, first, "{language}");
    }
}
