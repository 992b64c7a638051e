//! `neustream-plugin key`: the publisher's keys. The private half of a key is never printed.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;

use neustream_model::Secret;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::ask;
use crate::cli;
use crate::failure::{Diagnostic, Exit, Failure};
use crate::keys::{self, Key, MAX_SEALED_BYTES, Sealed};
use crate::output::Output;
use crate::project::shown;

pub(crate) fn run(command: &cli::Key, output: &Output) -> Result<(), Failure> {
    match command {
        cli::Key::New { namespace } => make(namespace, output),
        cli::Key::List => list(output),
        cli::Key::Show { namespace } => show(namespace, output),
        cli::Key::Export { namespace, file, passphrase_stdin } => {
            export(namespace, file, *passphrase_stdin, output)
        }
        cli::Key::Import { file, namespace, passphrase_stdin } => {
            import(file, namespace.as_deref(), *passphrase_stdin, output)
        }
    }
}

fn make(namespace: &str, output: &Output) -> Result<(), Failure> {
    let key = Key::make(namespace)?;
    output.line(format!("Made a key for {namespace}: {}", key.public()));
    output.line(format!("It is kept in {}, for you alone.", key.path()?.display()));
    output.line("");
    output.line(format!(
        "Whoever has this key can publish as {namespace}; without it you cannot publish another version.\n\
         Keep a copy where this machine's end does not reach it, and its passphrase elsewhere:\n\n    \
         neustream-plugin key export {namespace} {namespace}.key"
    ));
    output.document(&document(&key)?);
    Ok(())
}

fn list(output: &Output) -> Result<(), Failure> {
    let keys = Key::all()?;
    if keys.is_empty() {
        output.note("There is no key on this machine yet: neustream-plugin key new <NAMESPACE>");
    }
    let width = keys.iter().map(|key| key.namespace.len()).max().unwrap_or(0);
    for key in &keys {
        output.line(format!("{:width$}  {}  {}", key.namespace, key.public(), day(key)));
    }
    let documents = keys.iter().map(document).collect::<Result<Vec<_>, _>>()?;
    output.document(&json!({ "keys": documents }));
    Ok(())
}

fn show(namespace: &str, output: &Output) -> Result<(), Failure> {
    let key = Key::of(namespace)?;
    output.line(key.public().to_string());
    output.document(&document(&key)?);
    Ok(())
}

fn export(namespace: &str, file: &Path, is_piped: bool, output: &Output) -> Result<(), Failure> {
    let key = Key::of(namespace)?;
    if file.symlink_metadata().is_ok() {
        return Err(is_there(file));
    }
    let passphrase = if is_piped { ask::piped("passphrase")? } else { new_passphrase()? };
    let progress = output.progress("Sealing");
    let sealed = Sealed::of(&key, &passphrase)?;
    drop(progress);
    write_new(file, sealed.to_text().as_bytes())?;
    output.line(format!("Sealed the key of {namespace} into {}.", shown(file)));
    output.line(
        "Keep it and its passphrase in different places. To try it: neustream-plugin key import <FILE>",
    );
    output.document(&json!({ "namespace": namespace, "public": key.public().to_string(), "file": file }));
    Ok(())
}

fn new_passphrase() -> Result<Secret, Failure> {
    let flag = "Pipe the passphrase in and say --passphrase-stdin.";
    let question = format!("A passphrase, at least {} characters", keys::MIN_PASSPHRASE_CHARS);
    let passphrase = ask::secret(&question, flag)?;
    keys::check_passphrase(&passphrase)?;
    let again = ask::secret("The same once more", flag)?;
    if passphrase.expose() == again.expose() {
        return Ok(passphrase);
    }
    let message = "The two passphrases are not the same. Nothing was written.";
    Err(Failure::new(Exit::Usage, Diagnostic::new("passphrase-differs", message)))
}

fn import(file: &Path, expected: Option<&str>, is_piped: bool, output: &Output) -> Result<(), Failure> {
    let sealed = Sealed::read(&read_bounded(file)?)?;
    if let Some(expected) = expected.filter(|expected| *expected != sealed.namespace) {
        let message = format!("{} holds the key of {}, not of {expected}.", shown(file), sealed.namespace);
        let help = format!("Leave --namespace out, or say --namespace {}.", sealed.namespace);
        return Err(Failure::new(Exit::Usage, Diagnostic::new("namespace-wrong", message).help(help)));
    }
    let passphrase = if is_piped {
        ask::piped("passphrase")?
    } else {
        let question = format!("The passphrase of the key of {}", sealed.namespace);
        ask::secret(&question, "Pipe the passphrase in and say --passphrase-stdin.")?
    };
    let progress = output.progress("Opening");
    let key = sealed.open(&passphrase)?;
    drop(progress);
    let is_new = key.take_in()?;
    let namespace = &key.namespace;
    if is_new {
        output.line(format!("Took in the key of {namespace}: {}", key.public()));
        output.line(format!("It is kept in {}, for you alone.", key.path()?.display()));
    } else {
        output.line(format!("The key of {namespace} is here already: {}", key.public()));
    }
    let mut document = document(&key)?;
    document["is-new"] = Value::from(is_new);
    output.document(&document);
    Ok(())
}

/// Everything of a key but its private half.
fn document(key: &Key) -> Result<Value, Failure> {
    Ok(json!({
        "namespace": key.namespace,
        "public": key.public().to_string(),
        "created-at": created(key).and_then(|at| at.format(&Rfc3339).ok()),
        "file": key.path()?,
    }))
}

fn created(key: &Key) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(i64::try_from(key.created_at.0 / 1000).ok()?).ok()
}

fn day(key: &Key) -> String {
    created(key).map(|at| at.date().to_string()).unwrap_or_default()
}

fn is_there(file: &Path) -> Failure {
    let message = format!("{} is there already, and is not overwritten.", shown(file));
    let help = "Name another file, or move that one away.";
    Failure::new(Exit::Usage, Diagnostic::new("file-exists", message).help(help))
}

/// Writes a file that was not there, for its owner only.
fn write_new(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let written =
        options.open(file).and_then(|mut opened| opened.write_all(bytes).and_then(|()| opened.sync_all()));
    written.map_err(|error| {
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            return is_there(file);
        }
        let message = format!("Cannot write {}: {error}.", shown(file));
        Failure::new(Exit::Environment, Diagnostic::new("file", message))
    })
}

fn read_bounded(file: &Path) -> Result<Vec<u8>, Failure> {
    let cannot = |error: std::io::Error| {
        let message = format!("Cannot read {}: {error}.", shown(file));
        Failure::new(Exit::Usage, Diagnostic::new("file", message))
    };
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(cannot)?;
    opened.take(MAX_SEALED_BYTES + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > MAX_SEALED_BYTES {
        let message = format!("{} is too large to be an exported key.", shown(file));
        return Err(Failure::new(Exit::Usage, Diagnostic::new("key-unreadable", message)));
    }
    Ok(bytes)
}
