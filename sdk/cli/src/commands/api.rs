//! `neustream-plugin api`: one request with the author's sign-in, so that no token has to be shown for it.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::Value;

use crate::cli::Api;
use crate::failure::{Diagnostic, Exit, Failure};
use crate::output::Output;
use crate::project;
use crate::remote::{Client, installation_of};

/// Stands for the plugin of the project in the current folder.
const PLUGIN: &str = "{plugin}";
/// Stands for its installation.
const INSTALLATION: &str = "{installation}";

pub(crate) fn run(args: &Api, output: &Output) -> Result<(), Failure> {
    if !args.path.starts_with('/') {
        let message = format!("{:?} does not begin with a slash.", args.path);
        let help = "Write what stands behind the server's address, such as /api/installations.";
        return Err(Failure::new(Exit::Usage, Diagnostic::new("path", message).help(help)));
    }
    let body = args.body.as_deref().map(body).transpose()?;
    let client = Client::open(args.server.server.as_deref())?;
    let path = filled(&args.path, &client)?;
    let answer = client.ask(&args.method.to_ascii_uppercase(), &path, body.as_ref())?;
    let answer = answer.map_err(|refusal| client.failure(&refusal))?;
    if !answer.is_null() {
        output.line(serde_json::to_string_pretty(&answer).expect("it was JSON before"));
    }
    output.document(&answer);
    Ok(())
}

/// The path with the id of the current folder's plugin for `{plugin}`, and that of its installation for
/// `{installation}`.
fn filled(path: &str, client: &Client) -> Result<String, Failure> {
    if !path.contains(PLUGIN) && !path.contains(INSTALLATION) {
        return Ok(path.to_owned());
    }
    let project = project::open(Path::new("."))?;
    let plugin = &project.manifest().id;
    let path = path.replace(PLUGIN, plugin);
    if !path.contains(INSTALLATION) {
        return Ok(path);
    }
    Ok(path.replace(INSTALLATION, &installation_of(client, plugin)?))
}

fn body(told: &str) -> Result<Value, Failure> {
    let (place, text) = match told.strip_prefix('@') {
        Some(file) => (file, fs::read_to_string(file)),
        None if told == "-" => ("standard input", io::read_to_string(io::stdin())),
        None => ("BODY", Ok(told.to_owned())),
    };
    let text = text.map_err(|error| {
        Failure::new(Exit::Usage, Diagnostic::new("body", format!("Cannot read {place}: {error}.")))
    })?;
    serde_json::from_str(&text).map_err(|error| {
        let message = format!("{place} is not JSON: {error}.");
        let help = "Write it like '{\"name\": \"value\"}', in single quotes for the shell.";
        Failure::new(Exit::Usage, Diagnostic::new("body", message).help(help))
    })
}
