//! Which installation is meant.

use neustream_model::InstallationId;
use serde::Deserialize;

use super::{Client, Refusal};
use crate::failure::{Diagnostic, Exit, Failure};

/// An installation, as far as it is told apart from others.
#[derive(Deserialize)]
struct Listed {
    id: String,
    plugin: String,
    name: String,
    version: String,
}

#[derive(Deserialize)]
struct List {
    installations: Vec<Listed>,
}

/// The id of the installation that `told` names: by its own id, or by the id of a plugin (`acme/odysee`) that is
/// installed once.
///
/// # Errors
/// When the plugin is not installed, or more than once.
pub(crate) fn installation_of(client: &Client, told: &str) -> Result<String, Failure> {
    if let Ok(id) = told.parse::<InstallationId>() {
        return Ok(id.to_string());
    }
    if !told.contains('/') {
        let message = format!("{told:?} is neither an installation nor a plugin.");
        let help = "Name an installation by its id, or a plugin like acme/odysee.";
        return Err(Failure::new(Exit::Usage, Diagnostic::new("which-installation", message).help(help)));
    }
    let answer = client.get("/api/installations")?.map_err(|refusal| client.failure(&refusal))?;
    let list: List = serde_json::from_value(answer).map_err(|_| client.failure(&Refusal::read(200, b"")))?;
    let all: Vec<Listed> =
        list.installations.into_iter().filter(|installation| installation.plugin == told).collect();
    match all.as_slice() {
        [] => {
            let message = format!("{told} is not installed at {}.", client.server());
            let help = "Install it with `neustream-plugin dev`, or on the server's dashboard.";
            Err(Failure::new(Exit::Server, Diagnostic::new("not-installed", message).help(help)))
        }
        [one] => Ok(one.id.clone()),
        several => {
            let lines = several.iter().map(|one| format!("\n  {} {} {}", one.id, one.version, one.name));
            let message = format!("{told} is installed {} times at {}:", several.len(), client.server());
            let message = lines.fold(message, |message, line| message + line.trim_end());
            let help = "Name the installation by its id.";
            Err(Failure::new(Exit::Usage, Diagnostic::new("which-installation", message).help(help)))
        }
    }
}
