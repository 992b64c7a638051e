//! What the command line prints for the most likely mistakes, word for word: each tells what to do and where.
//!
//! The snapshots are the text files beside this one. `NEUSTREAM_UPDATE_SNAPSHOTS=1` writes them anew; read the
//! difference as an author would. The mistakes that only a server can tell of (unsigned, wrong namespace, version not
//! raised) are in `tests/tests/publish_mistakes.rs` at the root, against a real one.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::fs;
use std::path::Path;

mod kit;

use kit::{Author, RustProject, Said};

/// Compares what was said to a command with the snapshot `name`.
#[track_caller]
fn check(name: &str, command: &str, said: &Said, folder: &Path) {
    let shown = format!(
        "$ neustream-plugin {command}\n[exit code {}]\n--- standard output ---\n{}--- standard error ---\n{}",
        said.code, said.out, said.err
    );
    let folder = folder.canonicalize().unwrap();
    let shown = shown.replace(folder.to_str().unwrap(), "<project>");
    let shown: String = shown.lines().map(|line| without_figures(line) + "\n").collect();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes").join(name).with_extension("txt");
    if std::env::var_os("NEUSTREAM_UPDATE_SNAPSHOTS").is_some() {
        fs::write(&file, &shown).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        shown,
        kept,
        "{} differs. If that is meant: NEUSTREAM_UPDATE_SNAPSHOTS=1 cargo test -p neustream-plugin-cli --test mistakes",
        file.display()
    );
}

/// Measured times differ from run to run.
fn without_figures(line: &str) -> String {
    match line.trim_start().split_once(' ') {
        Some(("wall-us", _)) => "  wall-us  <measured>".to_owned(),
        _ => line.to_owned(),
    }
}

/// Makes a mistake in the plugin for `kind`, runs `command` and compares.
fn mistake(name: &str, kind: &str, command: &str, make: impl FnOnce(&RustProject)) {
    let author = Author::new();
    let project = RustProject::new(&author, kind);
    make(&project);
    let args: Vec<_> = command.split(' ').collect();
    let said = author.run_in(&project.folder, &args, "");
    assert_ne!(said.code, 0, "{said:#?}");
    check(name, command, &said, &project.folder);
}

#[test]
fn wrong_export_names_the_line_to_write() {
    mistake("wrong-export", "moderation", "build", |project| {
        project.change("plugin.toml", "kind = \"moderation\"", "kind = \"chat\"");
    });
}

#[test]
fn no_export_at_all_names_the_line_to_write() {
    mistake("no-export", "moderation", "build", |project| {
        project.change("src/lib.rs", "neustream_plugin::export_moderation!(Words);", "");
    });
}

#[test]
fn a_missing_permission_names_the_table_to_write() {
    mistake("missing-permission", "destination", "build", |project| {
        project.remove_table("capabilities.http");
    });
}

#[test]
fn a_bad_schema_is_told_with_its_line() {
    mistake("bad-schema", "moderation", "build", |project| {
        project.change("config.schema.json", "\"type\": \"array\"", "\"type\": \"list\"");
    });
}

#[test]
fn too_large_a_package_says_how_large_it_may_be() {
    mistake("too-large", "moderation", "build", |project| {
        // Not all zero: those would take no place in the module.
        fs::write(project.folder.join("src/words.bin"), vec![7; 9 << 20]).unwrap();
        project.change(
            "src/lib.rs",
            "    let text = message.text.to_lowercase();",
            "    static WORDS: &[u8] = include_bytes!(\"words.bin\");\n    std::hint::black_box(WORDS);\n    \
             let text = message.text.to_lowercase();",
        );
    });
}

#[test]
fn too_slow_a_plugin_says_its_budget() {
    mistake("too-slow", "moderation", "test --filter full-batch", |project| {
        project.change(
            "src/lib.rs",
            "    let text = message.text.to_lowercase();",
            "    for turn in 0..1_000_000_u32 {\n        std::hint::black_box(turn);\n    }\n    \
             let text = message.text.to_lowercase();",
        );
    });
}

#[test]
fn a_secret_in_the_settings_names_the_table_where_it_belongs() {
    mistake("secret-in-config", "moderation", "build", |project| {
        project.change(
            "config.schema.json",
            "  \"properties\": {\n",
            "  \"properties\": {\n    \"api_token\": { \"title\": \"API token\", \"type\": \"string\" },\n",
        );
    });
}

#[test]
fn an_sdk_of_another_platform_is_told_with_both_versions() {
    mistake("incompatible-platform", "moderation", "build", |project| {
        let sdk = project.folder.join("vendor/neustream-plugin");
        let mut folders = vec![sdk.join("wit"), sdk.join("src")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = fs::read_to_string(&path).unwrap();
                let newer = text.replace("0.1.0", "0.2.0");
                if newer != text {
                    fs::write(&path, newer).unwrap();
                }
            }
        }
    });
}

#[test]
fn what_is_wrong_with_the_manifest_is_told_with_its_line() {
    mistake("bad-manifest", "destination", "build", |project| {
        project.change("plugin.toml", "methods = [\"GET\"]", "methods = [\"get\"]");
    });
}

#[test]
fn an_error_of_the_compiler_is_told_as_the_compiler_draws_it() {
    mistake("does-not-compile", "moderation", "build", |project| {
        project.change("src/lib.rs", "Measure::Hold\n", "Measure::Hodl\n");
    });
}

#[test]
fn no_project_is_a_mistake_of_the_command_line() {
    let author = Author::new();
    let said = author.run(&["build"]);
    assert_eq!(said.code, 2, "{said:#?}");
    check("no-project", "build", &said, author.folder());
}
