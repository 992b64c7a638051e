//! The installation that runs what is developed: made with the author's consent, or brought to the new version.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::ask;
use crate::cli::Dev;
use crate::failure::{Diagnostic, Exit, Failure};
use crate::output::Output;
use crate::remote::{Client, Refusal};

/// What a development upload answers, as far as it matters here.
#[derive(Deserialize)]
struct Uploaded {
    plugin: Named,
    version: Version,
    installation: Option<Value>,
    switched: bool,
    needs: Needs,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct Version {
    digest: String,
}

#[derive(Deserialize)]
struct Needs {
    permissions: Vec<Permission>,
}

/// A line of the permission sheet.
#[derive(Deserialize)]
struct Permission {
    keys: Vec<String>,
    summary: String,
    #[serde(default)]
    reason: String,
}

/// An installation that runs the version.
pub(super) struct Installed {
    pub id: String,
    /// As the server shows it.
    pub shown: Value,
    /// Permission keys that were granted just now.
    pub granted: Vec<String>,
}

impl Installed {
    fn of(mut answer: Value, granted: Vec<String>) -> Option<Self> {
        let shown = answer["installation"].take();
        Some(Self { id: shown["id"].as_str()?.to_owned(), shown, granted })
    }

    /// Goes on with what the server shows now.
    pub fn take(&mut self, mut answer: Value) {
        self.shown = answer["installation"].take();
    }
}

/// Brings the tenant's installation to the version that was uploaded. Where there is none it is made, and where the
/// version asks for more, the author is asked.
///
/// # Errors
/// When the author does not consent, or the server refuses.
pub(super) fn install(
    client: &Client,
    args: &Dev,
    output: &Output,
    answer: &Value,
) -> Result<Installed, Failure> {
    let strange = || client.failure(&Refusal::read(200, b""));
    let uploaded: Uploaded = serde_json::from_value(answer.clone()).map_err(|_| strange())?;
    let Some(installation) = &uploaded.installation else {
        let granted = consent(&uploaded, args, output, client)?;
        let body =
            json!({ "plugin": uploaded.plugin.id, "digest": uploaded.version.digest, "grant": granted });
        let made = client.post("/api/installations", &body)?.map_err(|refusal| client.failure(&refusal))?;
        return Installed::of(made, granted).ok_or_else(strange);
    };
    if uploaded.switched {
        return Installed::of(json!({ "installation": installation }), Vec::new()).ok_or_else(strange);
    }
    let granted = consent(&uploaded, args, output, client)?;
    let id = installation["id"].as_str().ok_or_else(strange)?;
    let body = json!({ "digest": uploaded.version.digest, "grant": granted, "force": true });
    let upgraded = client.post(&format!("/api/installations/{id}/upgrade"), &body)?;
    Installed::of(upgraded.map_err(|refusal| client.failure(&refusal))?, granted).ok_or_else(strange)
}

/// The keys of all that the version asks for beyond what is granted, if the author agrees.
fn consent(
    uploaded: &Uploaded,
    args: &Dev,
    output: &Output,
    client: &Client,
) -> Result<Vec<String>, Failure> {
    let permissions = &uploaded.needs.permissions;
    let keys = permissions.iter().flat_map(|line| line.keys.clone()).collect();
    if permissions.is_empty() {
        return Ok(keys);
    }
    let (id, server) = (&uploaded.plugin.id, client.server());
    output.line(match uploaded.installation {
        None => format!("{id} asks for:"),
        Some(_) => format!("{id} asks for more than it was granted:"),
    });
    for Permission { summary, reason, .. } in permissions {
        let reason = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
        output.line(format!("  - {summary}{reason}"));
    }
    if args.grant_all {
        output.line("Granted.");
        return Ok(keys);
    }
    let question = format!("Grant that at {server}?");
    if ask::confirm(&question, "consent-needed", "Say --grant-all, or grant it on the server's dashboard.")? {
        return Ok(keys);
    }
    let message = format!("{id} was not granted what it asks for, so it does not run in this version.");
    let help = "Ask for less in plugin.toml, or grant it.";
    Err(Failure::new(Exit::Usage, Diagnostic::new("not-granted", message).help(help)))
}
