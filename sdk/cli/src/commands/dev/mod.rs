//! `neustream-plugin dev`: the plugin as it is, installed in a running Neustream, and again on every save, with the log
//! of its installation. What does not build or is not taken leaves the last good one running.

mod installing;
mod missing;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::thread;

use serde_json::{Value, json};

use self::installing::{Installed, install};
use super::logs;
use crate::cli::Dev;
use crate::failure::{Diagnostic, Exit, Failure};
use crate::output::Output;
use crate::project::{self, Project};
use crate::remote::{Client, Heard, LogLine, follow, kept_lines, upload_failure};
use crate::secrets::Secrets;
use crate::watch::{Next, Watch, listed};

pub(crate) fn run(args: &Dev, output: &Output) -> Result<(), Failure> {
    let client = Client::open(args.server.server.as_deref())?;
    let project = project::open(&args.project.folder)?;
    let mut developing = Developing::begin(args, output, client, &project)?;
    if args.once {
        let document = developing.upload()?;
        output.document(&document);
        return Ok(());
    }
    developing.again_and_again(project.folder())
}

/// A plugin under development at a server.
struct Developing<'a> {
    args: &'a Dev,
    output: &'a Output,
    client: Client,
    /// Its installation, once there is one.
    installation: Option<String>,
    /// Secrets that the installation gets with the first upload.
    secrets: Vec<(String, neustream_model::Secret)>,
}

impl<'a> Developing<'a> {
    fn begin(args: &'a Dev, output: &'a Output, client: Client, project: &Project) -> Result<Self, Failure> {
        let secrets = given_secrets(args, project)?;
        Ok(Self { args, output, client, installation: None, secrets })
    }

    fn again_and_again(&mut self, folder: &Path) -> Result<(), Failure> {
        let mut watch = Watch::begin(folder)?;
        loop {
            let is_first = self.installation.is_none();
            match self.upload() {
                Ok(document) => {
                    self.output.record(&document);
                    if is_first {
                        self.follow_log()?;
                    }
                    self.output.note("Waiting for a save; Ctrl-C ends.");
                }
                Err(failure) if failure.exit == Exit::Interrupted => return Err(failure),
                // Nothing that a save could change.
                Err(failure) if is_first && failure.exit != Exit::Plugin && !is_of_project(&failure) => {
                    return Err(failure);
                }
                Err(failure) => {
                    self.output.setback(&failure);
                    if !is_first {
                        self.output.note("The last good one goes on running.");
                    }
                    self.output.note("Waiting for a save; Ctrl-C ends.");
                }
            }
            let Some(paths) = wait(&mut watch)? else {
                self.output.note("Ended. The installation stays as it is.");
                return Ok(());
            };
            self.output.note(format!("Saved {}.", listed(&paths)));
        }
    }

    /// Builds the project as it is now, uploads it, and sees to its installation. Answers the document for `--json`.
    fn upload(&mut self) -> Result<Value, Failure> {
        let project = project::open(&self.args.project.folder)?;
        let built = project::build(&project, self.output)?;
        let id = &project.manifest().id;
        let query = self.installation.as_ref().map(|id| format!("?installation={id}")).unwrap_or_default();
        let progress = self.output.progress(&format!("Uploading {id} to {}", self.client.server()));
        let path = format!("/api/plugins/{id}/development{query}");
        let answer = self.client.upload("PUT", &path, &built.package)?;
        drop(progress);
        let answer =
            answer.map_err(|refusal| upload_failure(self.client.server(), &refusal, Some(&project)))?;
        let is_first = self.installation.is_none();
        let installed = install(&self.client, self.args, self.output, &answer)?;
        self.installation = Some(installed.id.clone());
        let installed = self.configure(installed)?;
        self.say(&project, &installed, is_first);
        Ok(json!({
            "server": self.client.server().as_str(),
            "plugin": id,
            "version": answer["version"]["version"],
            "digest": answer["version"]["digest"],
            "installation": { "id": installed.id, "state": installed.shown["state"] },
            "granted": installed.granted,
            "missing": installed.shown["problems"],
        }))
    }

    /// Gives the installation its configuration, where the file differs, and its secrets, once.
    fn configure(&mut self, mut installed: Installed) -> Result<Installed, Failure> {
        let place = format!("/api/installations/{}", installed.id);
        if let Some(file) = &self.args.config {
            let config = read_config(file)?;
            if config != installed.shown["config"] {
                let answer = self.client.put(&format!("{place}/config"), &config)?;
                installed
                    .take(answer.map_err(|refusal| missing::config_refused(&self.client, &refusal, file))?);
            }
        }
        if !self.secrets.is_empty() {
            let secrets =
                self.secrets.iter().map(|(name, secret)| (name.clone(), Value::from(secret.expose())));
            let answer = self.client.put(&format!("{place}/secrets"), &secrets.collect())?;
            installed.take(answer.map_err(|refusal| self.client.failure(&refusal))?);
            self.secrets.clear();
        }
        Ok(installed)
    }

    fn say(&self, project: &Project, installed: &Installed, is_first: bool) {
        let (id, version) = (&project.manifest().id, &project.manifest().version);
        if is_first {
            let (server, installation) = (self.client.server(), &installed.id);
            self.output.line(format!("{id} {version} runs at {server}, in the installation {installation}."));
        } else {
            self.output.line(format!("Reloaded {id} {version}."));
        }
        let problems = missing::lines(&installed.shown, self.client.server());
        if !problems.is_empty() {
            self.output.line("It still misses:");
            for line in &problems {
                self.output.line(format!("  {line}"));
            }
        } else if is_first && let Some(hint) = missing::first_call(project.manifest().kind, &installed.id) {
            self.output.line(format!("Try it: {hint}"));
        }
    }

    /// Shows what the installation logs from now on, until the process ends.
    fn follow_log(&self) -> Result<(), Failure> {
        let Some(installation) = self.installation.clone() else { return Ok(()) };
        let client = Client::open(Some(self.client.server().as_str()))?;
        let last = kept_lines(&client, &installation)?.pop();
        let output = self.output.clone();
        thread::spawn(move || {
            let followed = follow(&client, &installation, last, &mut |heard| {
                show(&output, &heard);
                ControlFlow::Continue(())
            });
            if let Err(failure) = followed {
                output.setback(&failure);
                output.note("The log is not followed any more.");
            }
        });
        Ok(())
    }
}

fn show(output: &Output, heard: &Heard) {
    match heard {
        Heard::Line(LogLine { number, at, level, text }) if output.is_json() => {
            output.record(&json!({ "log": { "number": number, "at": at, "level": level, "text": text } }));
        }
        other => logs::show(output, other),
    }
}

/// The files that were saved; none where Ctrl-C came.
fn wait(watch: &mut Watch) -> Result<Option<Vec<PathBuf>>, Failure> {
    loop {
        match watch.next()? {
            Next::Saved(paths) => return Ok(Some(paths)),
            Next::Interrupted => return Ok(None),
            Next::Typed(_) | Next::InputEnded => {}
        }
    }
}

/// Whether a failure is told at a file of the project, so that a save may mend it.
fn is_of_project(failure: &Failure) -> bool {
    failure.diagnostics.iter().any(|diagnostic| diagnostic.file.is_some())
}

/// The secrets that flags name: of this machine, else typed.
fn given_secrets(args: &Dev, project: &Project) -> Result<Vec<(String, neustream_model::Secret)>, Failure> {
    let own = Secrets::of(project.folder())?;
    let known: Vec<_> = project.manifest().capabilities.secrets.keys().map(String::as_str).collect();
    let given = args.secret.iter().map(|name| {
        if !known.contains(&name.as_str()) {
            let message = format!("{} has no secret {name:?}.", project.manifest().id);
            let help = match known.as_slice() {
                [] => "Its plugin.toml asks for none.".to_owned(),
                known => format!("Its plugin.toml asks for: {}.", known.join(", ")),
            };
            return Err(Failure::new(Exit::Usage, Diagnostic::new("secret-unknown", message).help(help)));
        }
        let secret = match own.get(name) {
            Some(secret) => secret,
            None => crate::ask::secret(&format!("Secret {name}"), &crate::secrets::advice(name))?,
        };
        Ok((name.clone(), secret))
    });
    given.collect()
}

fn read_config(file: &Path) -> Result<Value, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let diagnostic = Diagnostic::new("config-file", format!("It cannot be read: {error}."));
        Failure::new(Exit::Usage, diagnostic.at(file, None))
    })?;
    let wrong = |line: Option<usize>, why: String| {
        let diagnostic = Diagnostic::new("config-file", why).at(file, line);
        Failure::new(Exit::Usage, diagnostic.help("It holds the whole configuration: {\"name\": \"value\"}."))
    };
    let config: Value = serde_json::from_str(&text)
        .map_err(|error| wrong(Some(error.line().max(1)), format!("This is not JSON: {error}.")))?;
    if config.is_object() { Ok(config) } else { Err(wrong(None, "This is no JSON object.".to_owned())) }
}
