//! `neustream-plugin test` as an author runs it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that panics has failed")]

#[path = "wrong/kit.rs"]
mod kit;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use neustream_contract::Kind;
use serde_json::Value;
use tempfile::TempDir;

/// A project's transcripts in a folder of their own, and its package.
struct Project {
    folder: TempDir,
    package: PathBuf,
}

impl Project {
    fn of(kind: Kind) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let package = folder.path().join("plugin.wasm");
        fs::write(&package, kit::built(kind)).expect("written");
        fs::create_dir(folder.path().join("transcripts")).expect("a folder");
        for entry in fs::read_dir(kit::folder(kind).join("transcripts")).expect("transcripts") {
            let from = entry.expect("an entry").path();
            let to = folder.path().join("transcripts").join(from.file_name().expect("a name"));
            fs::copy(from, to).expect("copied");
        }
        Self { folder, package }
    }

    fn transcript(&self, name: &str) -> PathBuf {
        self.folder.path().join("transcripts").join(name)
    }

    /// Changes a transcript's text, which must be there.
    fn change(&self, name: &str, from: &str, to: &str) {
        let text = read(&self.transcript(name));
        assert!(text.contains(from), "{text}");
        fs::write(self.transcript(name), text.replacen(from, to, 1)).expect("written");
    }

    fn test(&self, flags: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_neustream-plugin"))
            .args(["--quiet", "test"])
            .arg(self.folder.path())
            .arg("--package")
            .arg(&self.package)
            .args(flags)
            .output()
            .expect("the command runs")
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("read")
}

fn shown(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_right_plugin_passes_and_its_headroom_is_shown() {
    let project = Project::of(Kind::Moderation);
    let output = project.test(&[]);
    let text = shown(&output);
    assert!(output.status.success(), "{text}");
    for line in [
        "  ok   order-does-not-matter",
        "  ok   a-words",
        "16 rules passed, 0 failed, 0 skipped; 2 of 2 transcripts as expected",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    let fuel = text.lines().find(|line| line.trim_start().starts_with("fuel ")).expect("the figure of fuel");
    assert!(fuel.contains(" of 10.0 million instructions"), "{fuel}");
}

#[test]
fn a_difference_is_shown_side_by_side_with_its_file_and_line_and_an_update_writes_what_came() {
    let project = Project::of(Kind::Moderation);
    let before = read(&project.transcript("a-words.json"));
    project.change("a-words.json", "\"action\": \"hold\"", "\"action\": \"hide\"");
    project.change("a-words.json", "\"reason\": \"As it is.\"", "\"reason\": \"*\"");
    let output = project.test(&[]);
    let text = shown(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("transcripts/a-words.json:8: the answer of `judge` is another"), "{text}");
    let row = text.lines().find(|line| line.contains("\"hide\"")).expect("a row");
    assert!(row.contains('|') && row.contains("\"hold\""), "{row}");
    assert!(!text.lines().any(|line| line.contains('*')), "what is left open does not differ: {text}");

    let output = project.test(&["--update"]);
    assert!(output.status.success(), "{}", shown(&output));
    // Everything but the difference is as it was, the open place included.
    let expected = before.replacen("\"reason\": \"As it is.\"", "\"reason\": \"*\"", 1);
    assert_eq!(read(&project.transcript("a-words.json")), expected);
    assert!(project.test(&[]).status.success());
}

#[test]
fn an_update_writes_a_request_an_error_in_place_of_an_answer_and_what_was_not_said() {
    let project = Project::of(Kind::Payment);
    let original = read(&project.transcript("c-declined.json"));
    project.change(
        "c-declined.json",
        "\"amount\": 1250,\n                \"currency\": \"EUR\"",
        "\"amount\": 1,\n                \"currency\": \"EUR\"",
    );
    project.change("c-declined.json", "\"status\": 402", "\"status\": 401");
    project.change("b-find.json", ",\n      \"answer\": null", "");
    let output = project.test(&["--filter", "b-find"]);
    assert!(shown(&output).contains("`find` has no `answer`, `error` or `fault`"), "{}", shown(&output));
    let output = project.test(&["--update"]);
    assert!(output.status.code().is_some(), "{}", shown(&output));
    let updated = read(&project.transcript("c-declined.json"));
    assert!(updated.contains("\"amount\": 1250"), "{updated}");
    let json: Value = serde_json::from_str(&updated).expect("JSON");
    let error = &json["steps"][0]["error"]["not-sent"]["unauthorized"];
    assert!(error["code"].is_string() && json["steps"][0].get("answer").is_none(), "{updated}");
    assert_eq!(updated.lines().next(), original.lines().next());
    let found: Value = serde_json::from_str(&read(&project.transcript("b-find.json"))).expect("JSON");
    assert_eq!(found["steps"][0].get("answer"), Some(&Value::Null));
}

#[test]
fn what_is_wrong_with_a_transcript_is_told_before_anything_runs() {
    let project = Project::of(Kind::Moderation);
    project.change("a-words.json", "\"call\": \"judge\"", "\"call\": \"judge\",\n      \"wiht\": {}");
    let output = project.test(&[]);
    let text = shown(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("transcripts/a-words.json:7: /steps/0/wiht: there is no `wiht` here"), "{text}");
}

#[test]
fn a_transcript_that_asks_what_there_is_not_is_told_with_its_line() {
    let project = Project::of(Kind::Moderation);
    project.change("a-words.json", "\"call\": \"judge\"", "\"call\": \"judgement\"");
    project.change("b-service.json", "\"token\": \"t0ken-0123456789\"", "\"tokken\": \"t0ken-0123456789\"");
    let text = shown(&project.test(&[]));
    assert!(text.contains("there is no function `judgement`"), "{text}");
    assert!(text.contains("/secrets/tokken: the manifest has no secret `tokken`; it has `token`"), "{text}");
}

#[test]
fn with_json_there_is_one_document_whatever_happens() {
    let project = Project::of(Kind::Moderation);
    let document = |output: &Output| serde_json::from_slice::<Value>(&output.stdout).expect("one document");
    let good = document(&project.test(&["--json"]));
    assert_eq!((&good["passed"], good["rules"].as_array().map(Vec::len)), (&Value::Bool(true), Some(16)));
    assert!(good["headroom"].as_array().expect("headroom").iter().any(|one| one["limit"] == "fuel"));

    project.change("a-words.json", "\"action\": \"hold\"", "\"action\": \"hide\"");
    let output = project.test(&["--json", "--filter", "a-words"]);
    assert_eq!(output.status.code(), Some(1));
    let bad = document(&output);
    let transcript = &bad["transcripts"][0];
    assert_eq!((&bad["passed"], &transcript["name"]), (&Value::Bool(false), &Value::from("a-words")));
    assert_eq!(transcript["differences"][0]["pointer"], "/steps/0/answer");
    assert_eq!(bad["rules"], Value::Array(vec![]));
}
