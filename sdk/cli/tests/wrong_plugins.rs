//! Each rule of the conformance suites fails for the plugin that breaks it, and for that one alone.
//!
//! `tests/wrong` holds a plugin of each kind that is right until its setting `mistake` names a rule. An author who
//! makes a mistake may believe in it: such a transcript is in `believed`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that panics has failed")]

#[path = "wrong/kit.rs"]
mod kit;

use std::collections::BTreeSet;

use kit::{built, folder, started};
use neustream_contract::package::pack;
use neustream_contract::{Kind, Manifest, Package};
use neustream_plugin_cli::conformance::{self, Bench, Finding};
use neustream_plugin_cli::local::{LocalHost, StartError};
use neustream_plugin_cli::transcript::{Transcript, run};
use neustream_plugin_wasm::LoadError;
use serde_json::{Value, json};

/// Rules that no guest of the kind can break, since it has no way to: nothing that a connector or filter is given
/// differs from run to run, and a filter answers no errors. There they hold the host itself to its word.
const OF_THE_HOST: [(Kind, &str); 4] = [
    (Kind::Chat, "deterministic"),
    (Kind::Moderation, "deterministic"),
    (Kind::Moderation, "invalid-config-is-pointed-at"),
    (Kind::Moderation, "errors-have-codes"),
];

#[test]
fn each_wrong_destination_fails_its_rule_alone() {
    each_fails_its_rule_alone(Kind::Destination);
}

#[test]
fn each_wrong_chat_connector_fails_its_rule_alone() {
    each_fails_its_rule_alone(Kind::Chat);
}

#[test]
fn each_wrong_filter_fails_its_rule_alone() {
    each_fails_its_rule_alone(Kind::Moderation);
}

#[test]
fn each_wrong_payment_provider_fails_its_rule_alone() {
    each_fails_its_rule_alone(Kind::Payment);
}

fn each_fails_its_rule_alone(kind: Kind) {
    let package = built(kind);
    let transcripts = Transcript::all_of(&folder(kind)).expect("transcripts");
    let mut host = started(&package).expect("the plugin loads");

    let (failed, skipped) = checked(&mut host, &transcripts);
    assert_eq!((failed, skipped), (vec![], vec![]), "a {} plugin without a mistake", kind.as_str());

    for rule in conformance::rules(kind).into_iter().map(|rule| rule.name) {
        if OF_THE_HOST.contains(&(kind, rule)) {
            continue;
        }
        let failed = match rule {
            "package-loads" => {
                assert_loads_only_what_was_asked_for(kind, &package);
                continue;
            }
            "answers-without-network" | "config-examples-work" => {
                let mut host = started(&with_schema(&package, rule)).expect("the plugin loads");
                let is_required = rule == "answers-without-network";
                let transcripts =
                    if is_required { mistaken(kind, &transcripts, rule) } else { transcripts.clone() };
                checked(&mut host, &transcripts).0
            }
            _ => checked(&mut host, &mistaken(kind, &transcripts, rule)).0,
        };
        let names: Vec<_> = failed.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, [rule], "the {} plugin that breaks {rule}: {failed:#?}", kind.as_str());
        println!("{rule}: {}", failed[0].1.join("; "));
    }
}

/// A component that imports what its manifest does not ask for does not load, and the error names the table.
fn assert_loads_only_what_was_asked_for(kind: Kind, package: &[u8]) {
    let mut manifest = Package::read(package).expect("a package").manifest;
    let wrong = match kind {
        Kind::Destination | Kind::Payment => {
            manifest.capabilities.kv = None;
            repacked(package, &manifest, None)
        }
        // These import nothing that a manifest could forget; what does not compile does not load, either.
        Kind::Chat | Kind::Moderation => package[..package.len() / 2].to_vec(),
    };
    match started(&wrong) {
        Err(StartError::Plugin(LoadError::ImportNotAsked { key, .. })) => assert_eq!(key, "capabilities.kv"),
        Err(StartError::Plugin(LoadError::Package(_))) => {
            assert!(matches!(kind, Kind::Chat | Kind::Moderation));
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it loads"),
    }
}

type Failed = Vec<(&'static str, Vec<String>)>;

/// The rules that failed, with what was seen, and those that were skipped.
fn checked(host: &mut LocalHost, transcripts: &[Transcript]) -> (Failed, Vec<&'static str>) {
    let runs: Vec<_> = transcripts.iter().map(|transcript| run(host, transcript)).collect();
    let kind = host.kind();
    let mut bench = Bench { host, transcripts, runs: &runs };
    let (mut failed, mut skipped) = (Vec::new(), Vec::new());
    for rule in conformance::rules(kind) {
        match conformance::check(rule, &mut bench).finding {
            Finding::Failed(seen) => failed.push((rule.name, seen)),
            Finding::Skipped(_) => skipped.push(rule.name),
            Finding::Passed(_) => {}
        }
    }
    (failed, skipped)
}

/// The transcripts with the setting that makes the mistake, and those that its author believes in.
fn mistaken(kind: Kind, transcripts: &[Transcript], mistake: &str) -> Vec<Transcript> {
    let mut all = transcripts.to_vec();
    let believed = folder(kind).join("believed").join(format!("{mistake}.json"));
    if believed.exists() {
        all.push(Transcript::read(&folder(kind), &believed).expect("a transcript"));
    }
    for transcript in &mut all {
        transcript.settings.config["mistake"] = Value::from(mistake);
    }
    all
}

/// The package with a schema that leads to the mistake by itself: a server's trial call and the form of a tenant are
/// made from it.
fn with_schema(package: &[u8], mistake: &str) -> Vec<u8> {
    let Package { manifest, config_schema, .. } = Package::read(package).expect("a package");
    let mut schema = config_schema.schema().clone();
    let is_filter = manifest.kind == Kind::Moderation;
    if mistake == "config-examples-work" && is_filter {
        // A filter cannot refuse its settings; an example that its own schema refuses it can have.
        schema["examples"] = json!([{ "asks": "perhaps" }]);
        return repacked(package, &manifest, Some(&schema));
    }
    schema["properties"]["mistake"]["default"] = Value::from(mistake);
    if mistake == "answers-without-network" {
        // A trial call has the settings that are required, and no others.
        let mut required: BTreeSet<_> = ["mistake".to_owned()].into();
        required.extend(schema["required"].as_array().into_iter().flatten().map(text));
        match manifest.kind {
            // A name that nobody has typed yet.
            Kind::Chat => {
                schema["properties"]["channel"].as_object_mut().expect("a property").remove("examples");
            }
            Kind::Moderation => {
                schema["properties"]["asks"]["default"] = Value::from(true);
                required.insert("asks".to_owned());
            }
            Kind::Destination | Kind::Payment => {}
        }
        schema["required"] = json!(required);
    }
    repacked(package, &manifest, Some(&schema))
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// The component of `package` in a package of its own.
fn repacked(package: &[u8], manifest: &Manifest, schema: Option<&Value>) -> Vec<u8> {
    let kept = Package::read(package).expect("a package");
    let schema = schema.unwrap_or_else(|| kept.config_schema.schema()).to_string();
    pack(component_of(package), manifest, Some(schema.as_bytes())).expect("a package")
}

/// The component without the sections that make it a package.
fn component_of(package: &[u8]) -> Vec<u8> {
    let mut component = package[..8].to_vec();
    let mut at = 8;
    while at < package.len() {
        let (start, id) = (at, package[at]);
        at += 1;
        let size = number(package, &mut at);
        let end = at + size;
        let name_size = if id == 0 { number(package, &mut at) } else { 0 };
        let is_ours = id == 0 && package[at..at + name_size].starts_with(b"neustream:");
        if !is_ours {
            component.extend_from_slice(&package[start..end]);
        }
        at = end;
    }
    component
}

/// An unsigned LEB128 number (WebAssembly core specification 5.2.2).
fn number(bytes: &[u8], at: &mut usize) -> usize {
    let mut number = 0;
    for shift in (0..).step_by(7) {
        let byte = bytes[*at];
        *at += 1;
        number |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    number
}
