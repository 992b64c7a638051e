//! `recordings/<transcript>.json`: what a platform answered, in the form of transcripts, so that an exchange can be
//! moved into one as it is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::failure::{Diagnostic, Exit, Failure};
use crate::local::wire::At;
use crate::local::wire::http::{Reply, reply};
use crate::transcript::pretty;

/// Where a project's recordings are.
const FOLDER: &str = "recordings";
/// What is said about the file in the file.
const ABOUT: &str = "What the platform answered to `neustream-plugin run --record`. Delete an exchange, or the file, to record again.";

/// The recorded exchanges of a transcript.
#[derive(Debug)]
pub(crate) struct Recording {
    /// The file, as diagnostics name it.
    file: PathBuf,
    path: PathBuf,
    exchanges: Vec<Exchange>,
    is_changed: bool,
}

/// A request and its answer.
#[derive(Debug)]
struct Exchange {
    request: Value,
    response: Value,
    reply: Reply,
    /// Whether it has answered in this run.
    is_used: bool,
}

impl Recording {
    /// The recording of the transcript `name` in a project's folder; empty where there is none.
    ///
    /// # Errors
    /// When the file is there and is not one.
    pub fn read(project: &Path, name: &str) -> Result<Self, Failure> {
        let file = Path::new(FOLDER).join(name).with_added_extension("json");
        let path = project.join(&file);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { file, path, exchanges: Vec::new(), is_changed: false });
            }
            Err(error) => return Err(cannot("read", &file, &error)),
        };
        let wrong = |line: Option<usize>, why: String| {
            let diagnostic = Diagnostic::new("recording-invalid", why).at(&file, line);
            Failure::new(
                Exit::Plugin,
                diagnostic.help("Mend it, or delete the file and record again with --record."),
            )
        };
        let value: Value = serde_json::from_str(&text)
            .map_err(|error| wrong(Some(error.line().max(1)), format!("This is not JSON: {error}.")))?;
        let exchanges =
            exchanges(&value).map_err(|error| wrong(None, format!("This is no recording: {error}.")))?;
        Ok(Self { file, path, exchanges, is_changed: false })
    }

    /// The first answer to such a request that was not given in this run yet. Headers are not compared: they hold what
    /// differs from author to author (signatures, ids), and are checked by transcripts.
    pub fn next_reply(&mut self, request: &Value) -> Option<Reply> {
        let asked = essence(request);
        let exchange = self
            .exchanges
            .iter_mut()
            .find(|exchange| !exchange.is_used && essence(&exchange.request) == asked)?;
        exchange.is_used = true;
        Some(exchange.reply.clone())
    }

    /// Keeps what the platform answered.
    pub fn add(&mut self, request: Value, response: Value) {
        let exchange = json!({ "request": request, "response": response });
        // What cannot be replayed is not kept; a host's own answers always can.
        if let Ok(reply) = reply(&At::root(&exchange)) {
            self.exchanges.push(Exchange { request, response, reply, is_used: true });
            self.is_changed = true;
        }
    }

    /// Writes the file, where something was added. Answers which.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&mut self) -> Result<Option<&Path>, Failure> {
        if !self.is_changed {
            return Ok(None);
        }
        let exchanges: Vec<Value> = self
            .exchanges
            .iter()
            .map(|exchange| json!({ "request": exchange.request, "response": exchange.response }))
            .collect();
        let text = pretty(&json!({ "about": ABOUT, "exchanges": exchanges }), 0) + "\n";
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&self.path, text))
            .map_err(|error| cannot("written", &self.file, &error))?;
        self.is_changed = false;
        Ok(Some(&self.file))
    }
}

fn exchanges(value: &Value) -> Result<Vec<Exchange>, crate::local::wire::Malformed> {
    let root = At::root(value).with_keys(&["about", "exchanges"])?;
    root.field("exchanges")?.list_of(|at| {
        let at = at.clone().with_keys(&["request", "response"])?;
        let (request, response) = (at.field("request")?, at.field("response")?);
        let reply = reply(&at)?;
        let (request, response) = (request.json().clone(), response.json().clone());
        Ok(Exchange { request, response, reply, is_used: false })
    })
}

/// What makes two requests the same: method, URL, query and body.
fn essence(request: &Value) -> Map<String, Value> {
    let Value::Object(members) = request else { return Map::new() };
    let kept = members.iter().filter(|(key, _)| !matches!(key.as_str(), "headers" | "timeout-ms"));
    kept.map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn cannot(what: &str, file: &Path, error: &io::Error) -> Failure {
    let diagnostic = Diagnostic::new("file", format!("It cannot be {what}: {error}.")).at(file, None);
    Failure::new(Exit::Environment, diagnostic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str, token: &str) -> Value {
        json!({ "method": "GET", "url": format!("https://api.example{path}"), "headers": [["authorization", token]] })
    }

    fn status(reply: Option<Reply>) -> Option<u16> {
        match reply {
            Some(Reply::Response(response)) => Some(response.status),
            _ => None,
        }
    }

    #[test]
    fn what_was_recorded_answers_such_requests_in_its_order_and_each_once() {
        let project = tempfile::tempdir().unwrap();
        let mut recording = Recording::read(project.path(), "goes-live").unwrap();
        assert_eq!(recording.keep().unwrap(), None, "nothing was added");
        for code in [200, 404] {
            recording.add(request("/a", "mine"), json!({ "status": code, "headers": [], "body": "text" }));
        }
        assert_eq!(recording.keep().unwrap(), Some(Path::new("recordings/goes-live.json")));

        let mut replayed = Recording::read(project.path(), "goes-live").unwrap();
        assert_eq!(status(replayed.next_reply(&request("/b", "mine"))), None);
        assert_eq!(status(replayed.next_reply(&request("/a", "another's"))), Some(200));
        assert_eq!(status(replayed.next_reply(&request("/a", "mine"))), Some(404));
        assert_eq!(status(replayed.next_reply(&request("/a", "mine"))), None);
    }

    #[test]
    fn a_recording_that_is_none_is_told_with_its_file() {
        let project = tempfile::tempdir().unwrap();
        fs::create_dir(project.path().join(FOLDER)).unwrap();
        for (text, place) in
            [("{\n nonsense", "recordings/a.json:2: "), ("{\"exchanges\": [{}]}", "recordings/a.json: ")]
        {
            fs::write(project.path().join("recordings/a.json"), text).unwrap();
            let failure = Recording::read(project.path(), "a").unwrap_err();
            let said = failure.diagnostics[0].to_string();
            assert!(said.starts_with(place), "{said}");
        }
    }
}
