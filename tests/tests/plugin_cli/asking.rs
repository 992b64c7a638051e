//! What is asked at a terminal, and what each answer leads to.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use neustream_tests::kit::wait::within;
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::Value;

use crate::kit::{Desk, SOON};
use crate::terminal::{BACKSPACE, CTRL_C, CTRL_D, CTRL_U, DOWN, ENTER, UP};

const KIND: &str = "What is the plugin for?";
const LANGUAGE: &str = "What is it written in?";
const ID: &str = "Its id: your namespace, `/`, its name: ";

/// Every file below `folder`, by its path.
fn files(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let (mut files, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.strip_prefix(folder)?.to_owned(), fs::read(&path)?);
            }
        }
    }
    Ok(files)
}

#[tokio::test]
async fn new_asks_for_kind_language_and_id_and_makes_what_its_flags_make() -> Result<()> {
    let desk = Desk::new()?;
    let mut terminal = desk.terminal(&["new"])?;
    terminal.sees(KIND).await?;
    terminal.answers("> destination", DOWN).await?;
    terminal.answers("> chat", DOWN).await?;
    terminal.answers("> moderation", DOWN).await?;
    terminal.answers("> payment", DOWN).await?;
    // From the last one to the first, and back.
    terminal.answers("> destination", UP).await?;
    terminal.answers("> payment", UP).await?;
    terminal.answers("> moderation", ENTER).await?;
    terminal.sees("What is the plugin for? moderation").await?;
    terminal.sees(LANGUAGE).await?;
    terminal.answers("> Rust", "p").await?;
    terminal.answers("> Python", "x").await?;
    terminal.answers("> Python", "r").await?;
    terminal.answers("> Rust", ENTER).await?;
    terminal.answers(ID, "acme/words\r").await?;
    let shown = terminal.ends_with(0).await?;
    ensure!(shown.contains("Made acme/words, a moderation plugin in Rust, in words"), "{shown}");

    let by_flags = desk.project("acme/words", "moderation", "flags").await?;
    let (asked, flags) = (files(&desk.path("words"))?, files(&by_flags)?);
    ensure!(asked.keys().eq(flags.keys()), "{:?} and {:?}", asked.keys(), flags.keys());
    let other = asked.iter().find(|(path, bytes)| flags[*path] != **bytes);
    ensure!(other.is_none() && asked.len() > 4, "{other:?}");
    Ok(())
}

#[tokio::test]
async fn every_kind_and_every_language_is_chosen_by_its_first_letter() -> Result<()> {
    let desk = Desk::new()?;
    for (place, kind) in ["destination", "chat", "moderation", "payment"].into_iter().enumerate() {
        let id = format!("acme/kind-{place}");
        let mut terminal = desk.terminal(&["new", &id, "--language", "rust"])?;
        terminal.answers(KIND, &kind[..1]).await?;
        terminal.answers(&format!("> {kind}"), ENTER).await?;
        let shown = terminal.ends_with(0).await?;
        ensure!(shown.contains(&format!("Made {id}, a {kind} plugin in Rust")), "{shown}");
        ensure!(!shown.contains(LANGUAGE) && !shown.contains(ID), "what flags say is not asked: {shown}");
    }
    for (place, language) in ["Rust", "JavaScript", "Python"].into_iter().enumerate() {
        let id = format!("acme/language-{place}");
        let mut terminal = desk.terminal(&["new", &id, "--kind", "moderation"])?;
        terminal.answers(LANGUAGE, &language[..1].to_lowercase()).await?;
        terminal.answers(&format!("> {language}"), ENTER).await?;
        let shown = terminal.ends_with(0).await?;
        ensure!(shown.contains(&format!("a moderation plugin in {language}")), "{shown}");
        ensure!(!shown.contains(KIND) && !shown.contains(ID), "what flags say is not asked: {shown}");
    }
    Ok(())
}

#[tokio::test]
async fn an_id_that_is_none_is_refused_with_what_is_allowed_and_asked_for_again() -> Result<()> {
    let desk = Desk::new()?;
    let mut terminal = desk.terminal(&["new", "--kind", "chat", "--language", "rust"])?;
    for (id, why) in [
        ("Words", "`Words` is not `<namespace>/<name>` of a-z, 0-9 and `-`."),
        ("acme/../x", "`acme/../x` is not `<namespace>/<name>` of a-z, 0-9 and `-`."),
        ("neustream/words", "The namespace neustream is the platform's own."),
    ] {
        terminal.answers(ID, id).await?;
        terminal.types(ENTER).await?;
        terminal.sees(why).await?;
    }
    // Nothing is no answer; what was typed can be taken back.
    terminal.answers(ID, ENTER).await?;
    terminal.types(&format!("nonsense{CTRL_U}acme/wordz{BACKSPACE}s{ENTER}")).await?;
    let shown = terminal.ends_with(0).await?;
    ensure!(shown.contains("Made acme/words, a chat plugin in Rust, in words"), "{shown}");
    let manifest = fs::read_to_string(desk.path("words/plugin.toml"))?;
    ensure!(manifest.contains("id = \"acme/words\""), "{manifest}");
    Ok(())
}

#[tokio::test]
async fn ctrl_c_at_any_question_of_new_makes_nothing() -> Result<()> {
    let desk = Desk::new()?;
    for (arguments, question, keys) in [
        (&["new"][..], KIND, CTRL_C),
        (&["new", "--kind", "chat"], LANGUAGE, CTRL_C),
        (&["new", "--kind", "chat", "--language", "rust"], ID, CTRL_C),
        (&["new", "--kind", "chat", "--language", "rust"], ID, "acme/words\u{3}"),
        (&["new", "--kind", "chat", "--language", "rust"], ID, CTRL_D),
    ] {
        let mut terminal = desk.terminal(arguments)?;
        terminal.answers(question, keys).await?;
        let shown = terminal.ends_with(130).await?;
        ensure!(shown.contains("Ended at a question"), "{shown}");
    }
    let mut terminal = desk.terminal(&["new", "--json"])?;
    terminal.answers(KIND, CTRL_C).await?;
    let shown = terminal.ends_with(130).await?;
    let document = shown.find('{').map(|start| &shown[start..]).context("a document")?;
    let document: Value = serde_json::from_str(document.trim())?;
    ensure!(document["failed"] == "interrupted", "{document}");
    let made = files(&desk.path("."))?;
    ensure!(made.is_empty(), "{made:?}");
    Ok(())
}

#[tokio::test]
async fn without_a_terminal_new_asks_nothing_and_names_what_is_missing() -> Result<()> {
    let desk = Desk::new()?;
    let flags = ["<namespace>/<name>", "--kind <", "--language <"];
    for (arguments, missing) in [
        (&["new"][..], [true, true, true]),
        (&["new", "acme/words"], [false, true, true]),
        (&["new", "acme/words", "--kind", "chat"], [false, false, true]),
        (&["new", "--kind", "chat", "--language", "rust"], [true, false, false]),
    ] {
        let ran = within(SOON, "an answer without a terminal", desk.run(arguments)).await?;
        ensure!(ran.code == Some(2), "{arguments:?}: {ran:?}");
        let told = ran.err.lines().next().unwrap_or_default();
        ensure!(told.contains("cannot be asked without a terminal"), "{told}");
        for (flag, is_missing) in flags.iter().zip(missing) {
            ensure!(told.contains(flag) == is_missing, "{arguments:?}: {flag} in: {told}");
        }
    }
    let made = files(&desk.path("."))?;
    ensure!(made.is_empty(), "{made:?}");
    Ok(())
}
