//! `neustream-plugin publish`: builds, signs, registers and uploads, as far as that was not done, and says what comes
//! next. What is published already with the same content is a success, so a script may run it again.

use std::fs;
use std::path::Path;

use neustream_contract::Package;
use neustream_plugin_project::MANIFEST_FILE;
use serde_json::{Value, json};

use crate::ask;
use crate::cli::Publish;
use crate::failure::{Diagnostic, Exit, Failure};
use crate::keys::{self, Key, Signed};
use crate::output::{Output, Tint};
use crate::project::{self, Project};
use crate::remote::{Check, Client, Next, namespace, upload_failure};

pub(crate) fn run(args: &Publish, output: &Output) -> Result<(), Failure> {
    // Before a build that may take a while.
    let client = Client::open(args.server.server.as_deref())?;
    let (project, package) = package(&args.package, output)?;
    let Signed { package, id, version, digest, key, .. } = signed(package, args.register)?;
    let digest = digest.to_string();
    if let Some(published) = published(&client, &id, &version, &digest)? {
        output.line(format!("{id} {version} is at {} already, with this content.", client.server()));
        report(output, &client, &published, true);
        return Ok(());
    }
    let registered = namespace::register(&client, &id, &key, args.register)
        .map_err(|failure| at_id(failure, project.as_ref()))?;
    if let Some(what) = &registered {
        output.line(what);
    }
    let visibility = if args.private { "private" } else { "public" };
    let progress = output.progress(&format!("Uploading {id} {version} to {}", client.server()));
    let answer = client.upload("POST", &format!("/api/plugins?visibility={visibility}"), &package)?;
    drop(progress);
    let answer = answer.map_err(|refusal| upload_failure(client.server(), &refusal, project.as_ref()))?;
    report(output, &client, &answer, false);
    Ok(())
}

/// What is to be published: a file as it is, or a project as it is now.
fn package(place: &Path, output: &Output) -> Result<(Option<Project>, Vec<u8>), Failure> {
    if place.is_dir() {
        let project = project::open(place)?;
        let package = project::build(&project, output)?.package;
        return Ok((Some(project), package));
    }
    let package = fs::read(place).map_err(|error| {
        let message = format!("Cannot read {}: {error}.", place.display());
        let help = "Name a package (dist/<name>.wasm), or a project's folder.";
        Failure::new(Exit::Usage, Diagnostic::new("no-package", message).help(help))
    })?;
    Ok((None, package))
}

/// The package with a signature. One that is signed keeps it, also where the key is not on this machine.
fn signed(package: Vec<u8>, may_make_key: bool) -> Result<Signed, Failure> {
    let Ok(read) = Package::read(&package) else { return keys::sign(package) };
    let (id, version, digest) = (read.manifest.id, read.manifest.version, read.digest);
    if let Some(signature) = read.signature {
        return Ok(Signed { package, id, version, digest, key: signature.key, is_unchanged: true });
    }
    let namespace = namespace::of(&id);
    if Key::find(namespace)?.is_none() {
        if !may_make_key && !may_make(namespace)? {
            // Says that there is none, and how to get one.
            Key::of(namespace)?;
        }
        Key::make(namespace)?;
    }
    keys::sign(package)
}

/// Asks whether to make a key for `namespace`.
fn may_make(namespace: &str) -> Result<bool, Failure> {
    if ask::is_terminal() {
        let question = format!("There is no key for the namespace {namespace} on this machine. Make one?");
        return ask::confirm(&question, "unsigned", "Say --register.");
    }
    let message = format!(
        "The package is not signed, and there is no key for the namespace {namespace} on this machine."
    );
    let help = format!(
        "Bring the key from another machine: neustream-plugin key import <FILE>\nOr make one: neustream-plugin key new \
         {namespace}\nOr let this command make and register it: neustream-plugin publish --register"
    );
    Err(Failure::new(Exit::Usage, Diagnostic::new("unsigned", message).help(help)))
}

/// `failure` at the id in `plugin.toml`, where it is about the namespace and no place was told.
fn at_id(mut failure: Failure, project: Option<&Project>) -> Failure {
    let about_namespace =
        failure.diagnostics.iter_mut().filter(|it| it.file.is_none() && it.code.starts_with("namespace-"));
    for diagnostic in about_namespace {
        if let Some(project) = project {
            diagnostic.file = Some(MANIFEST_FILE.into());
            diagnostic.line = project.line_of_key("id");
        }
    }
    failure
}

/// The version as the server has it, if its content is the same.
fn published(client: &Client, id: &str, version: &str, digest: &str) -> Result<Option<Value>, Failure> {
    match client.get(&format!("/api/plugins/{id}/versions/{version}"))? {
        Ok(answer) => Ok((answer["version"]["digest"] == digest).then_some(answer)),
        Err(refusal) if refusal.status == 404 => Ok(None),
        Err(refusal) => Err(client.failure(&refusal)),
    }
}

/// What the scan looked at, where the version stands, and what comes next.
fn report(output: &Output, client: &Client, answer: &Value, was_published: bool) {
    let version = &answer["version"];
    let checks: Vec<Check> = serde_json::from_value(version["scan"].clone()).unwrap_or_default();
    for check in &checks {
        let mark = match check.code {
            None => output.tinted(Tint::Green, "ok  "),
            Some(_) => output.tinted(Tint::Red, "FAIL"),
        };
        output.line(format!("{mark} {:12} {}", check.name, check.message).trim_end());
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (id, number, state) =
        (text(&answer["plugin"]["id"]), text(&version["version"]), text(&version["state"]));
    let is_public = version["visibility"] != "private";
    output.line(format!("{id} {number} at {}: {state}.", client.server()));
    output.line(format!("  {}", trail(output, &state, is_public)));
    let reason = text(&version["reason"]);
    if !reason.is_empty() {
        output.line(format!("Why: {reason}"));
    }
    let next: Option<Next> = serde_json::from_value(answer["next"].clone()).ok();
    if let Some(next) = &next {
        output.line(format!("Next: {}", next.message));
    }
    output.document(&json!({
        "server": client.server().as_str(),
        "plugin": id,
        "version": number,
        "digest": version["digest"],
        "state": state,
        "visibility": version["visibility"],
        "was-published": was_published,
        "checks": version["scan"],
        "next": answer["next"],
    }));
}

/// The way of a version, with the place where it stands: `draft > [scanned] > reviewed > verified`.
fn trail(output: &Output, state: &str, is_public: bool) -> String {
    let states: &[&str] = match (state, is_public) {
        ("suspended" | "revoked", _) => return output.tinted(Tint::Red, state),
        (_, true) => &["draft", "scanned", "reviewed", "verified"],
        (_, false) => &["draft", "scanned"],
    };
    let shown =
        states.iter().map(|known| if *known == state { format!("[{known}]") } else { (*known).to_owned() });
    shown.collect::<Vec<_>>().join(" > ")
}
