//! From nothing to a signed package, as an author types it.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::fs;

use neustream_contract::Package;

mod kit;

use kit::{Author, RustProject};

const NEW: [&str; 6] = ["new", "acme/words", "--kind", "moderation", "--language", "rust"];

#[test]
fn a_new_project_is_made_with_what_comes_next() {
    let author = Author::new();
    let said = author.run(&NEW).ok();
    assert!(said.out.starts_with("Made acme/words, a moderation plugin in Rust, in words\n"), "{said:?}");
    for next in ["    cd words\n", "    neustream-plugin build\n", "    neustream-plugin test\n"] {
        assert!(said.out.contains(next), "{said:?}");
    }
    for file in
        ["plugin.toml", "Cargo.toml", "src/lib.rs", ".gitignore", "vendor/neustream-plugin/wit/host/host.wit"]
    {
        assert!(author.folder().join("words").join(file).is_file(), "{file}");
    }
}

#[test]
fn a_project_is_never_made_among_other_files() {
    let author = Author::new();
    fs::create_dir(author.folder().join("words")).unwrap();
    fs::write(author.folder().join("words/mine.txt"), "").unwrap();
    author.run(&NEW).failed(2, "words is not empty");
    assert_eq!(fs::read_dir(author.folder().join("words")).unwrap().count(), 1);
    fs::remove_file(author.folder().join("words/mine.txt")).unwrap();
    author.run(&NEW).ok();
}

#[test]
fn what_cannot_be_asked_is_told_at_once() {
    let author = Author::new();
    let said = author.run(&["new"]).failed(2, "<namespace>/<name>, --kind <");
    assert!(said.err.contains("--language"), "{said:?}");
    author
        .run(&["new", "Acme/Words", "--kind", "chat", "--language", "rust"])
        .failed(2, "is not `<namespace>/<name>`");
    author.run(&["new", "a/b", "--kind", "virus"]).failed(2, "invalid value 'virus'");
    let said = author.run(&["--json", "new"]);
    assert_eq!((said.code, said.err.as_str()), (2, ""), "{said:?}");
    assert_eq!(said.json()["failed"], "usage");
    assert_eq!(said.json()["diagnostics"][0]["code"], "not-given");
}

#[test]
fn from_new_to_a_signed_package() {
    let author = Author::new();
    let project = RustProject::new(&author, "moderation");
    let run = |args: &[&str]| author.run_in(&project.folder, args, "");

    run(&["sign"]).failed(2, "acme/words is not built yet");
    let built = run(&["build"]).ok();
    for line in [
        "acme/words 0.1.0 (moderation, Rust)",
        "Package       dist/words.wasm",
        "Words asks for nothing: it only computes.",
    ] {
        assert!(built.out.contains(line), "{line}: {}", built.out);
    }
    let built = run(&["build", "--json"]).ok().json();
    let file = project.folder.join("dist/words.wasm");
    let bytes = fs::read(&file).unwrap();
    let package = Package::read(&bytes).unwrap();
    assert_eq!(built["digest"], package.digest.to_string());
    assert_eq!(built["sizes"][0]["bytes"], bytes.len());
    assert_eq!(built["sizes"][0]["max-bytes"], 8 << 20);
    assert!(
        built["imports"]
            .as_array()
            .unwrap()
            .iter()
            .all(|import| import.as_str().unwrap().starts_with("neustream:host/"))
    );

    run(&["sign"]).failed(2, "There is no key for the namespace acme on this machine");
    let key = run(&["--json", "key", "new", "acme"]).ok().json();
    let signed = run(&["--json", "sign"]).ok().json();
    assert_eq!((&signed["key"], &signed["was-signed"]), (&key["public"], &false.into()));
    assert_eq!(signed["digest"], built["digest"], "a signature leaves the digest as it is");
    let signature = Package::read(&fs::read(&file).unwrap()).unwrap().signature.unwrap();
    assert_eq!(key["public"], signature.key.to_string());
    let again = run(&["--json", "sign", "dist/words.wasm"]).ok().json();
    assert_eq!(again["was-signed"], true);

    let inspected = run(&["inspect"]).ok();
    assert!(inspected.out.contains("(your key of acme)"), "{}", inspected.out);
    assert!(inspected.out.contains("10 ms of CPU"), "{}", inspected.out);
    let inspected = run(&["inspect", "--json", "dist/words.wasm"]).ok().json();
    assert_eq!(inspected["signature"]["is-own"], true);
    assert_eq!(inspected["manifest"]["id"], "acme/words");
    assert_eq!(inspected["limits"]["cpu-ms"], 10);
    assert_eq!(inspected["problems"], serde_json::json!([]));

    // A stranger's key of the same namespace.
    let stranger = Author::new();
    stranger.run(&["key", "new", "acme"]).ok();
    stranger.run_in(&project.folder, &["sign"], "").failed(1, "The package is signed by another key");

    project.change("plugin.toml", "version = \"0.1.0\"", "version = \"0.2.0\"");
    run(&["sign"]).failed(1, "dist/words.wasm is version 0.1.0, plugin.toml says 0.2.0");
}

#[test]
fn the_same_sources_give_the_same_package_wherever_they_lie_and_name_no_folder() {
    let author = Author::new();
    let project = RustProject::new(&author, "moderation");
    let here = author.run_in(&project.folder, &["--json", "build"], "").ok().json();
    let folder = author.folder().join("else/where");
    fs::create_dir_all(&folder).unwrap();
    author.run_in(&folder, &NEW, "").ok();
    let there = author.run_in(&folder.join("words"), &["--json", "build"], "").ok().json();
    assert_eq!(here["digest"], there["digest"]);
    let package = fs::read(there["package"].as_str().unwrap()).unwrap();
    for place in [author.folder(), project.folder.as_path(), dirs::home_dir().unwrap().as_path()] {
        let place = place.to_str().unwrap().as_bytes();
        assert!(place.len() < 4 || !package.windows(place.len()).any(|window| window == place), "{place:?}");
    }
}

#[test]
fn a_file_that_is_no_package_is_told_so_and_not_signed() {
    let author = Author::new();
    author.run(&["key", "new", "acme"]).ok();
    for (name, content, told) in [
        ("text.wasm", &b"hello"[..], "not a WebAssembly component"),
        ("module.wasm", b"\0asm\x01\0\0\0", "a WebAssembly module, not a component"),
        ("empty.wasm", b"\0asm\x0d\0\x01\0", "no section `neustream:manifest`"),
    ] {
        fs::write(author.folder().join(name), content).unwrap();
        author.run(&["inspect", name]).failed(1, told);
        author.run(&["sign", name]).failed(1, told);
    }
    author.run(&["inspect", "missing.wasm"]).failed(2, "Cannot read missing.wasm");
}

#[test]
fn every_shell_has_its_completions() {
    let author = Author::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let said = author.run(&["completions", shell]).ok();
        assert!(said.out.contains("neustream-plugin") && said.out.contains("moderation"), "{shell}");
    }
}
