//! Plugins in JavaScript and Python, built by the real tools and run in the production runtime with the production
//! limits: the examples do what they show, and what misbehaves is held as a filter in Rust is.

#[path = "script_plugins/projects.rs"]
mod projects;

use std::process::Command;
use std::sync::Arc;

use neustream_plugin_cli::local::{COMPILE_SUBCOMMAND, LocalHost, Session, Settings, Silence};
use neustream_plugin_wasm::Compiler;
use neustream_tests::kit::tool::plugin_command;
use neustream_tests::kit::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use projects::{Language, built, project, succeeds};

#[test]
#[ignore = "slow: compiles eight packages with engines"]
fn every_example_passes_what_its_author_would_run() -> Result<()> {
    for language in Language::ALL {
        for kind in ["moderation", "payment", "destination", "chat"] {
            let folder = project(language, kind)?;
            succeeds(Command::new(plugin_command()?).arg("test").arg(&folder), &folder)?;
            succeeds(language.unit_tests().current_dir(&folder), &folder)?;
        }
    }
    Ok(())
}

#[test]
fn a_misbehaving_filter_in_a_script_language_is_held_and_its_author_is_told_why() -> Result<()> {
    for language in Language::ALL {
        let mut host = gallery(language)?;
        for (deed, code, words) in [
            ("loop", "plugin-cpu", "computed"),
            ("memory-bomb", "plugin-memory", "64 MiB"),
            // The engine's own bound on recursion, the host's, or the instructions: whichever comes first.
            ("recursion", "plugin-", "The plugin"),
            ("panic", "plugin-trap", language.panic_place()),
            ("nonsense", "plugin-trap", "a verdict's id must be"),
        ] {
            let mut session = session(&mut host)?;
            let called = judge(&mut session, &[deed])?;
            let outcome = &called.outcome;
            println!("{language:?} {deed}: {outcome}");
            let told = outcome.message().unwrap_or_default();
            let is_fault = outcome.key() == "fault" && outcome.code().is_some_and(|it| it.starts_with(code));
            ensure!(is_fault, "{language:?} {deed}: {outcome}");
            ensure!(told.contains(words), "{language:?} {deed}: {told:?} does not say {words:?}");
            // The next batch meets a fresh instance.
            let next = judge(&mut session, &["hello"])?;
            ensure!(next.outcome.answer().is_some(), "{language:?} after {deed}: {}", next.outcome);
        }
    }
    Ok(())
}

#[test]
fn a_verdict_of_a_script_is_replayed_byte_for_byte_here_and_on_another_host() -> Result<()> {
    for language in Language::ALL {
        let batch = ["dice", "hello", "dice"];
        let mut first: Option<Value> = None;
        for _ in 0..2 {
            let mut host = gallery(language)?;
            for _ in 0..5 {
                let mut session = session(&mut host)?;
                let called = judge(&mut session, &batch)?;
                let verdicts = called.outcome.answer().cloned().context("verdicts")?;
                ensure!(
                    *first.get_or_insert(verdicts.clone()) == verdicts,
                    "{language:?}: {verdicts} after {first:?}"
                );
            }
        }
        ensure!(first.is_some_and(|verdicts| verdicts.to_string().contains("1760000000000")), "{language:?}");
    }
    Ok(())
}

#[test]
fn a_full_batch_is_judged_within_the_budget_and_what_it_costs_is_printed() -> Result<()> {
    for language in Language::ALL {
        let mut host = gallery(language)?;
        println!("{language:?}: {} kB", host.package_bytes() / 1000);
        for many in [0, 1, 10, 100] {
            let texts = vec![
                "A message of about a hundred characters, as people write them when they have something to say.";
                many
            ];
            let mut session = session(&mut host)?;
            // The second call meets an instance that was made ahead, or makes one as the first did.
            for _ in 0..2 {
                let called = judge(&mut session, &texts)?;
                ensure!(
                    called.outcome.answer().is_some(),
                    "{language:?}, {many} messages: {}",
                    called.outcome
                );
                for usage in called.usage {
                    println!(
                        "  {many} messages, {}: {:?} {:?} {:?}",
                        usage.function, usage.took, usage.cpu, usage.used
                    );
                    for used in &usage.used {
                        let is_time = used.limit_name.ends_with("-us");
                        ensure!(is_time || used.amount <= used.limit, "{language:?}: {used:?}");
                    }
                }
            }
        }
    }
    Ok(())
}

/// The misbehaving filter, on a host of its own.
fn gallery(language: Language) -> Result<LocalHost> {
    let package = built(language)?;
    let compiler = Compiler { program: plugin_command()?, args: vec![COMPILE_SUBCOMMAND.into()] };
    LocalHost::start_with(&package, compiler).context("the gallery loads")
}

fn session(host: &mut LocalHost) -> Result<Session<'_>> {
    let settings = Settings { config: json!({ "words": ["darn"] }), ..Settings::default() };
    match host.session(&settings, Arc::new(Silence)) {
        Ok(session) => Ok(session),
        Err(invalid) => bail!("{invalid:?}"),
    }
}

fn judge(session: &mut Session<'_>, texts: &[&str]) -> Result<neustream_plugin_cli::local::Called> {
    let message = |(index, text): (usize, &&str)| json!({ "id": format!("m{index}"), "text": text });
    let messages: Vec<_> = texts.iter().enumerate().map(message).collect();
    match session.call("judge", &json!({ "messages": messages })) {
        Ok(called) => Ok(called),
        Err(malformed) => bail!("{malformed:?}"),
    }
}
