//! Every public item has an example, which `cargo test --doc` compiles and runs; and every type of the interface stands in
//! one.

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_public_item_has_an_example() {
    let mut without = Vec::new();
    for file in sources() {
        let text = fs::read_to_string(&file).expect("a source");
        without
            .extend(items_without_example(&text).into_iter().map(|item| format!("{}: {item}", shown(&file))));
    }
    assert!(without.is_empty(), "public items without an example:\n{}", without.join("\n"));
}

#[test]
fn every_type_of_the_interface_stands_in_an_example() {
    let mut examples = String::new();
    let mut types = Vec::new();
    for file in sources() {
        let text = fs::read_to_string(&file).expect("a source");
        examples.push_str(&code_of_examples(&text));
        types.extend(interface_types(&text).into_iter().map(|name| (shown(&file), name)));
    }
    assert!(types.len() > 30, "the interface has more types than {}", types.len());
    let is_shown =
        |name: &str| examples.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name);
    let missing: Vec<_> = types.iter().filter(|(_, name)| !is_shown(name)).collect();
    assert!(missing.is_empty(), "types that no example shows: {missing:?}");
}

#[test]
fn an_item_without_an_example_is_found() {
    let text = "/// Words.\n#[must_use]\npub fn bare() {}\n\n/// ```\n/// shown();\n/// ```\npub const fn shown() {}\n";
    assert_eq!(items_without_example(text), ["line 3: pub fn bare() {}"]);
}

/// The sources whose items an author sees.
fn sources() -> Vec<PathBuf> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![src.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    // Not for authors: `#[doc(hidden)]`.
    files.retain(|file| *file != src.join("bindings.rs"));
    files.sort();
    files
}

fn shown(file: &Path) -> String {
    file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(file).display().to_string()
}

/// Public functions, types, traits, constants and macros whose comment has no code block. Modules say at their top what
/// they are; the crate's own page shows each.
fn items_without_example(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut without = Vec::new();
    let mut comment = String::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with("///") || line.starts_with("#[") {
            comment.push_str(line);
            comment.push('\n');
            continue;
        }
        if is_item(line, &comment) && !comment.contains("```") && !comment.contains("#[doc(hidden)]") {
            without.push(format!("line {}: {line}", index + 1));
        }
        comment.clear();
    }
    without
}

fn is_item(line: &str, comment: &str) -> bool {
    let words = ["fn ", "const ", "struct ", "enum ", "trait ", "type ", "static "];
    let is_public =
        line.strip_prefix("pub ").is_some_and(|rest| words.iter().any(|word| rest.starts_with(word)));
    is_public || (line.starts_with("macro_rules!") && comment.contains("#[macro_export]"))
}

/// The names that a module takes over from the generated bindings.
fn interface_types(text: &str) -> Vec<String> {
    let uses = text.split("pub use ").skip(1).filter_map(|rest| rest.split_once(';')).map(|(path, _)| path);
    let generated = uses.filter(|path| path.contains("bindings::"));
    let names =
        generated.flat_map(|path| path.rsplit("::").next().unwrap_or_default().split([',', '{', '}']));
    names.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// What stands in the code blocks of comments.
fn code_of_examples(text: &str) -> String {
    let mut is_code = false;
    let mut code = String::new();
    for line in text.lines().map(str::trim) {
        let Some(line) = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) else { continue };
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if is_code {
            code.push_str(line);
            code.push('\n');
        }
    }
    code
}
