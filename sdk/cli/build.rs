//! Compiles again when a template or an SDK gets a new file; what changes within files cargo sees by itself.

use std::fs;
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    for root in ["../rust", "../js", "../python", "../../examples/plugins", "../../wit"] {
        watch(Path::new(root), 0);
    }
}

/// Watches the folders that sources lie in. Cargo looks into all of a folder, so those above them, where things are
/// built, are not named.
fn watch(folder: &Path, depth: usize) {
    const BUILT: [&str; 6] = ["target", "dist", "node_modules", ".venv", "__pycache__", "recordings"];
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.map(|entry| entry.path()).filter(|path| path.is_dir() && !path.is_symlink());
    let folders: Vec<_> = folders.collect();
    let is_built =
        |path: &Path| path.file_name().is_some_and(|name| BUILT.iter().any(|built| name == *built));
    let has_project =
        ["Cargo.toml", "package.json", "pyproject.toml"].iter().any(|file| folder.join(file).exists());
    if !has_project && depth >= 2 {
        println!("cargo:rerun-if-changed={}", folder.display());
        return;
    }
    for inner in folders.iter().filter(|path| !is_built(path)) {
        watch(inner, if has_project { 2 } else { depth + 1 });
    }
    if has_project {
        let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        for file in files.filter(|path| path.is_file()) {
            println!("cargo:rerun-if-changed={}", file.display());
        }
    }
}
