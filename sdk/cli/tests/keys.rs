//! Keys: hard to lose, hard to show, hard to mix up.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

mod kit;

use kit::Author;

const PASSPHRASE: &str = "four words far apart\n";

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The private half of the author's key of `namespace`, as its file has it.
fn private_half(author: &Author, namespace: &str) -> String {
    let file = fs::read(author.home().join("keys").join(namespace).with_extension("json")).unwrap();
    let file: serde_json::Value = serde_json::from_slice(&file).unwrap();
    file["private"].as_str().unwrap().to_owned()
}

#[test]
fn a_key_is_for_its_owner_only_never_shown_and_never_overwritten() {
    let author = Author::new();
    let made = author.run(&["key", "new", "acme"]).ok();
    assert!(made.out.contains("neustream-plugin key export acme acme.key"), "{made:?}");
    let file = author.home().join("keys/acme.json");
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    let kept = fs::read(&file).unwrap();

    let again = author.run(&["key", "new", "acme"]).failed(2, "Keys are never overwritten");
    assert_eq!(fs::read(&file).unwrap(), kept);
    let private = private_half(&author, "acme");
    let shown = author.run(&["key", "show", "acme"]).ok();
    assert!(shown.out.starts_with("ed25519:") && shown.out.lines().count() == 1, "{shown:?}");
    let listed = author.run(&["key", "list"]).ok();
    let json = author.run(&["--json", "key", "list"]).ok();
    assert_eq!(json.json()["keys"][0]["public"], shown.out.trim());
    for said in [&made, &again, &shown, &listed, &json] {
        assert!(!said.out.contains(&private) && !said.err.contains(&private), "{said:?}");
    }
}

#[test]
fn a_key_that_others_may_read_is_refused_with_the_command_that_mends_it() {
    let author = Author::new();
    author.run(&["key", "new", "acme"]).ok();
    let file = author.home().join("keys/acme.json");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let said = author.run(&["key", "show", "acme"]).failed(3, "may be read by others (mode 640)");
    assert!(said.err.contains(&format!("chmod 600 {}", file.display())), "{said:?}");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    author.run(&["key", "show", "acme"]).ok();
}

#[test]
fn a_damaged_key_is_told_so_without_showing_it() {
    let author = Author::new();
    author.run(&["key", "new", "acme"]).ok();
    author.run(&["key", "new", "other"]).ok();
    let (acme, other) = (author.home().join("keys/acme.json"), author.home().join("keys/other.json"));
    let (kept, private) = (fs::read_to_string(&acme).unwrap(), private_half(&author, "acme"));
    for (damage, told) in [
        (kept[..40].to_owned(), "it is not a key's JSON"),
        (kept.replace(&private, &private_half(&author, "other")), "its two halves do not belong together"),
        (fs::read_to_string(&other).unwrap(), "it holds the key of other"),
        ("x".repeat(5000), "it has 5000 bytes"),
    ] {
        fs::write(&acme, damage).unwrap();
        let said = author.run(&["key", "show", "acme"]).failed(3, told);
        assert!(!said.err.contains(&private), "{said:?}");
    }
}

#[test]
fn a_key_goes_to_another_machine_sealed_with_a_passphrase() {
    let (author, other) = (Author::new(), Author::new());
    author.run(&["key", "new", "acme"]).ok();
    let export = ["key", "export", "acme", "acme.key", "--passphrase-stdin"];
    author.run_in(author.folder(), &export, "short\n").failed(2, "has 5 characters; it needs 12");
    author.run_in(author.folder(), &export, PASSPHRASE).ok();
    author.run_in(author.folder(), &export, PASSPHRASE).failed(2, "acme.key is there already");
    let file = author.folder().join("acme.key");
    assert_eq!(mode(&file), 0o600);
    assert!(!fs::read_to_string(&file).unwrap().contains(&private_half(&author, "acme")));

    let path = file.to_str().unwrap();
    let import = ["key", "import", path, "--passphrase-stdin"];
    other.run_in(other.folder(), &import, "another passphrase\n").failed(2, "The key does not open");
    other
        .run_in(other.folder(), &[&import[..], &["--namespace", "evil"]].concat(), PASSPHRASE)
        .failed(2, "holds the key of acme, not of evil");
    other.run(&["key", "show", "acme"]).failed(2, "There is no key for the namespace acme");
    other.run_in(other.folder(), &import, PASSPHRASE).ok();
    let again = other.run_in(other.folder(), &[&["--json"], &import[..]].concat(), PASSPHRASE).ok();
    assert_eq!(again.json()["is-new"], false);
    let show = ["key", "show", "acme"];
    assert_eq!(author.run(&show).ok().out, other.run(&show).ok().out);
    assert_eq!(mode(&other.home().join("keys/acme.json")), 0o600);
}

#[test]
fn an_import_takes_no_other_namespaces_key_and_no_other_key_of_the_same() {
    let author = Author::new();
    author.run(&["key", "new", "acme"]).ok();
    author
        .run_in(author.folder(), &["key", "export", "acme", "a.key", "--passphrase-stdin"], PASSPHRASE)
        .ok();
    let sealed = fs::read_to_string(author.folder().join("a.key")).unwrap();

    let other = Author::new();
    other.run(&["key", "new", "acme"]).ok();
    let own = other.run(&["key", "show", "acme"]).ok().out;
    let import = ["key", "import", "a.key", "--passphrase-stdin"];
    fs::write(other.folder().join("a.key"), &sealed).unwrap();
    other
        .run_in(other.folder(), &import, PASSPHRASE)
        .failed(2, "The namespace acme has another key on this machine");
    assert_eq!(other.run(&["key", "show", "acme"]).ok().out, own);

    fs::write(other.folder().join("a.key"), sealed.replace("\"acme\"", "\"evil\"")).unwrap();
    other.run_in(other.folder(), &import, PASSPHRASE).failed(2, "the file was changed");
    other.run(&["key", "show", "evil"]).failed(2, "There is no key for the namespace evil");
    for namespace in ["../evil", "Evil", ""] {
        other.run(&["key", "new", namespace]).failed(2, "is not a namespace");
    }
}

#[test]
fn without_a_terminal_a_passphrase_is_never_guessed() {
    let author = Author::new();
    author.run(&["key", "new", "acme"]).ok();
    author.run(&["key", "export", "acme", "acme.key"]).failed(2, "--passphrase-stdin");
    assert!(!author.folder().join("acme.key").exists());
}
