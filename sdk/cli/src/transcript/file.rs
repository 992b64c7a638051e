//! Reading a transcript: what an installation has, which calls are made, what its platform answers, what must come.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::located::Located;
use crate::failure::Diagnostic;
use crate::local::Settings;
use crate::local::wire::http::{self, Reply};
use crate::local::wire::{At, Malformed, Read};

/// Where a project's transcripts are.
pub const FOLDER: &str = "transcripts";
/// The largest value of kv.
const MAX_KV_VALUE: usize = 64 * 1024;

/// A transcript as it was read.
#[derive(Debug, Clone)]
pub struct Transcript {
    /// The file's name without `.json`.
    pub name: String,
    /// The file, as diagnostics name it.
    pub file: PathBuf,
    /// A sentence: what it shows.
    pub about: String,
    /// What the installation has.
    pub settings: Settings,
    /// What happens, in order.
    pub steps: Vec<Step>,
    /// Its text.
    pub(super) located: Located,
}

/// One step.
#[derive(Debug, Clone)]
pub enum Step {
    /// A call.
    Call(Call),
    /// Time passes.
    Wait {
        /// Milliseconds.
        ms: u64,
    },
}

/// A call, and what must come of it.
#[derive(Debug, Clone)]
pub struct Call {
    /// Where the step stands in the file: a JSON pointer.
    pub pointer: String,
    /// Which function.
    pub function: String,
    /// Its arguments.
    pub with: Value,
    /// What its requests must be, and what answers them.
    pub http: Vec<Scripted>,
    /// What must come; none where the transcript does not say.
    pub expected: Option<Expected>,
}

/// A request that must come, and its answer.
#[derive(Debug, Clone)]
pub struct Scripted {
    /// The request.
    pub request: Value,
    /// What answers it.
    pub reply: Reply,
}

/// What must come.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// `answer`, `error` or `fault`.
    pub key: &'static str,
    /// What stands under it.
    pub value: Value,
}

impl Transcript {
    /// Reads all transcripts of a project, by name.
    ///
    /// # Errors
    /// Everything that is wrong with them, each with file and line.
    pub fn all_of(project: &Path) -> Result<Vec<Self>, Vec<Diagnostic>> {
        let folder = project.join(FOLDER);
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(vec![unreadable(Path::new(FOLDER), &error)]),
        };
        let mut files: Vec<_> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .collect();
        files.sort();
        let (mut read, mut wrong) = (Vec::new(), Vec::new());
        for path in files {
            match Self::read(project, &path) {
                Ok(transcript) => read.push(transcript),
                Err(errors) => wrong.extend(errors),
            }
        }
        if wrong.is_empty() { Ok(read) } else { Err(wrong) }
    }

    /// Reads the transcript `path` of the project in the folder `project`.
    ///
    /// # Errors
    /// Everything that is wrong with it, with file and line.
    pub fn read(project: &Path, path: &Path) -> Result<Self, Vec<Diagnostic>> {
        let file = path.strip_prefix(project).unwrap_or(path).to_owned();
        let text = std::fs::read_to_string(path).map_err(|error| vec![unreadable(&file, &error)])?;
        Self::parse(file, text)
    }

    /// Reads a transcript's text.
    ///
    /// # Errors
    /// As [`Transcript::read`].
    pub fn parse(file: PathBuf, text: String) -> Result<Self, Vec<Diagnostic>> {
        let (value, located) = Located::read(text).map_err(|error| {
            vec![Diagnostic::new("transcript-invalid", error.message).at(&file, Some(error.line))]
        })?;
        let told = |error: Malformed| vec![diagnostic(&file, &located, &error)];
        let root = At::root(&value)
            .with_keys(&["about", "config", "secrets", "grant", "now", "kv", "steps"])
            .map_err(told)?;
        let settings = settings(&root).map_err(told)?;
        let about =
            root.optional("about").and_then(|about| about.map_or_else(|| Ok(String::new()), |at| at.text()));
        let steps = root.field("steps").and_then(|steps| steps.list()).map_err(told)?;
        let (mut read, mut wrong) = (Vec::new(), Vec::new());
        for (index, at) in steps.iter().enumerate() {
            match step(at, index) {
                Ok(step) => read.push(step),
                Err(error) => wrong.push(diagnostic(&file, &located, &error)),
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let about = about.map_err(|error| vec![diagnostic(&file, &located, &error)])?;
        Ok(Self { name, file, about, settings, steps: read, located })
    }

    /// The line of what `pointer` names.
    pub fn line(&self, pointer: &str) -> usize {
        self.located.line(pointer)
    }

    /// Something that is wrong at a JSON pointer of this transcript.
    pub fn diagnostic(&self, error: &Malformed) -> Diagnostic {
        diagnostic(&self.file, &self.located, error)
    }

    /// The calls, in order.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.steps.iter().filter_map(|step| match step {
            Step::Call(call) => Some(call),
            Step::Wait { .. } => None,
        })
    }
}

fn unreadable(file: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::new("transcript-unreadable", format!("it cannot be read: {error}")).at(file, None)
}

fn diagnostic(file: &Path, located: &Located, error: &Malformed) -> Diagnostic {
    Diagnostic::new("transcript-invalid", error.to_string()).at(file, Some(located.line(&error.pointer)))
}

fn settings(root: &At<'_>) -> Read<Settings> {
    let defaults = Settings::default();
    let mut kv = BTreeMap::new();
    for (key, at) in root.optional("kv")?.map_or_else(|| Ok(Vec::new()), |kv| kv.members())? {
        let value = at.bytes()?;
        if value.len() > MAX_KV_VALUE {
            return Err(at.malformed(format!("{} bytes; a value has at most {MAX_KV_VALUE}", value.len())));
        }
        kv.insert(key.to_owned(), value);
    }
    let secrets = root.optional("secrets")?.map_or_else(|| Ok(Vec::new()), |secrets| secrets.members())?;
    let secrets = secrets.into_iter().map(|(name, at)| Ok((name.to_owned(), at.text()?)));
    Ok(Settings {
        config: root.optional("config")?.map_or(defaults.config, |config| config.json().clone()),
        secrets: secrets.collect::<Read<_>>()?,
        grant: root.optional("grant")?.map(|grant| grant.list_of(At::text)).transpose()?,
        now: root.optional("now")?.map_or(Ok(defaults.now), |now| now.number())?,
        kv,
    })
}

fn step(at: &At<'_>, index: usize) -> Read<Step> {
    if at.optional("wait-ms")?.is_some() {
        let at = at.clone().with_keys(&["wait-ms"])?;
        return Ok(Step::Wait { ms: at.field("wait-ms")?.number()? });
    }
    let at = at.clone().with_keys(&["call", "with", "http", "answer", "error", "fault"])?;
    let empty = || Value::Object(serde_json::Map::new());
    let http = at.optional("http")?.map_or_else(|| Ok(Vec::new()), |http| http.list())?;
    Ok(Step::Call(Call {
        pointer: format!("/steps/{index}"),
        function: at.field("call")?.text()?,
        with: at.optional("with")?.map_or_else(empty, |with| with.json().clone()),
        http: http.iter().map(scripted).collect::<Read<_>>()?,
        expected: expected(&at)?,
    }))
}

fn scripted(at: &At<'_>) -> Read<Scripted> {
    let at = at.clone().with_keys(&["request", "response", "fails"])?;
    let request = at.field("request")?;
    if request.json() != "*" {
        let keys = ["method", "url", "query", "headers", "body", "timeout-ms", "..."];
        request.clone().with_keys(&keys)?;
    }
    Ok(Scripted { request: http::without_defaults(request.json().clone()), reply: http::reply(&at)? })
}

/// An answer may be null, so presence counts.
fn expected(at: &At<'_>) -> Read<Option<Expected>> {
    let there: Vec<_> = ["answer", "error", "fault"]
        .into_iter()
        .filter_map(|key| Some(Expected { key, value: at.json().get(key)?.clone() }))
        .collect();
    match there.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        [one, other, ..] => Err(at.malformed(format!("`{}` and `{}` cannot both come", one.key, other.key))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> String {
        let errors = Transcript::parse("transcripts/a.json".into(), text.to_owned()).unwrap_err();
        errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_is_wrong_with_a_transcript_is_told_with_file_line_and_pointer() {
        assert_eq!(
            wrong("{\n  \"steps\": [\n    { \"call\": 1 },\n    { \"wait-ms\": -1 }\n  ]\n}"),
            "transcripts/a.json:3: /steps/0/call: expected a text, found a number\n\
             transcripts/a.json:4: /steps/1/wait-ms: expected a whole number from 0, found a number"
        );
        assert!(
            wrong("{\n\"stepps\": []\n}")
                .starts_with("transcripts/a.json:2: /stepps: there is no `stepps` here")
        );
        assert!(wrong("{\n\n").starts_with("transcripts/a.json:3: not JSON"));
        let both = r#"{"steps": [{"call": "find", "answer": null, "error": {}}]}"#;
        assert!(wrong(both).contains("`answer` and `error` cannot both come"), "{}", wrong(both));
        let http = r#"{"steps": [{"call": "find", "http": [{"request": {"method": "GET"}, "fails": {"code": "tired"}}]}]}"#;
        assert!(
            wrong(http).contains("/steps/0/http/0/fails/code: there is no failure `tired`"),
            "{}",
            wrong(http)
        );
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let text = r#"{"steps": [{"call": "find", "with": {"key": "a"}, "answer": null}]}"#;
        let transcript = Transcript::parse("transcripts/find-none.json".into(), text.to_owned()).unwrap();
        assert_eq!((transcript.name.as_str(), transcript.settings), ("find-none", Settings::default()));
        let call = transcript.steps.first().and_then(|step| match step {
            Step::Call(call) => Some(call),
            Step::Wait { .. } => None,
        });
        assert_eq!(call.unwrap().expected, Some(Expected { key: "answer", value: Value::Null }));
    }
}
