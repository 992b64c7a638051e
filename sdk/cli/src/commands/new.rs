//! `neustream-plugin new`: a project that builds and tests at once.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use neustream_contract::Kind;
use neustream_plugin_project::Language;
use serde_json::json;

use crate::ask;
use crate::cli::{self, New};
use crate::failure::{Diagnostic, Exit, Failure};
use crate::keys::check_namespace;
use crate::output::Output;
use crate::project::shown;
use crate::template::Template;

pub(crate) fn run(args: &New, output: &Output) -> Result<(), Failure> {
    let chosen = chosen(args)?;
    let Chosen { id, kind, language } = &chosen;
    let template = Template { kind: *kind, language: *language };
    if !template.is_there() {
        let message = format!("There is no project of kind {} in {language} to begin with.", kind.as_str());
        let help = "See the page of the kind in docs/plugins for the languages that it is written in.";
        return Err(usage("template-missing", message, help));
    }
    let name = id.split_once('/').map_or(id.as_str(), |(_, name)| name);
    let folder = args.folder.clone().unwrap_or_else(|| PathBuf::from(name));
    check_free(&folder)?;
    write(template, id, &folder).map_err(|error| {
        let message = format!("Cannot make {}: {error}.", shown(&folder));
        Failure::new(Exit::Environment, Diagnostic::new("file", message))
    })?;
    let next = next_commands(&folder);
    output.line(format!("Made {id}, a {} plugin in {language}, in {}", kind.as_str(), shown(&folder)));
    output.line("");
    for command in &next {
        output.line(format!("    {command}"));
    }
    output.document(&json!({
        "plugin": id,
        "kind": kind,
        "language": language.as_str(),
        "folder": folder,
        "next": next,
    }));
    Ok(())
}

fn next_commands(folder: &Path) -> Vec<String> {
    let build = ["neustream-plugin build".to_owned(), "neustream-plugin test".to_owned()];
    let folder = shown(folder);
    let enter = match folder.as_str() {
        "." => "neustream-plugin run".to_owned(),
        folder if folder.contains(|char: char| !char.is_ascii_alphanumeric() && !"-_./".contains(char)) => {
            format!("cd '{}'", folder.replace('\'', r"'\''"))
        }
        folder => format!("cd {folder}"),
    };
    let mut next = build.to_vec();
    next.insert(if folder == "." { 2 } else { 0 }, enter);
    next
}

struct Chosen {
    id: String,
    kind: Kind,
    language: Language,
}

/// What the flags say, and for the rest what is asked. Without a terminal everything that is missing is told at once.
fn chosen(args: &New) -> Result<Chosen, Failure> {
    if let Some(id) = &args.id {
        check_id(id).map_err(|message| usage("id-invalid", message, ID_HELP))?;
    }
    let kind = args.kind.map(kind_of);
    let language = args.language.map(language_of);
    let id = args.id.clone();
    if let (Some(id), Some(kind), Some(language)) = (&id, kind, language) {
        return Ok(Chosen { id: id.clone(), kind, language });
    }
    if !ask::is_terminal() {
        let missing = [
            (id.is_none(), "<namespace>/<name>"),
            (kind.is_none(), "--kind <destination|chat|moderation|payment>"),
            (language.is_none(), "--language <rust|javascript|python>"),
        ];
        let missing: Vec<_> = missing.iter().filter(|(is, _)| *is).map(|(_, flag)| *flag).collect();
        let message = format!("This cannot be asked without a terminal: {}.", missing.join(", "));
        let help = "For instance: neustream-plugin new acme/words --kind moderation --language rust";
        return Err(usage("not-given", message, help));
    }
    let kind = kind.map_or_else(ask_kind, Ok)?;
    let language = language.map_or_else(ask_language, Ok)?;
    let id = id.map_or_else(|| ask::text(ID_QUESTION, ID_HELP, check_id), Ok)?;
    Ok(Chosen { id, kind, language })
}

fn ask_kind() -> Result<Kind, Failure> {
    let items = [
        "destination  where and how to push a broadcast",
        "chat         reads and writes a platform's chat",
        "moderation   judges messages",
        "payment      takes payments through a provider",
    ];
    Ok(Kind::ALL[ask::choose("What is the plugin for?", &items)?])
}

fn ask_language() -> Result<Language, Failure> {
    let items = [
        "Rust        some 50 kB, starts in microseconds",
        "JavaScript  TypeScript's types, 12 MB",
        "Python      typed, 18 MB",
    ];
    Ok(Language::ALL[ask::choose("What is it written in?", &items)?])
}

const ID_QUESTION: &str = "Its id: your namespace, `/`, its name";
const ID_HELP: &str =
    "For instance acme/words: the namespace that is yours or will be, then the plugin's name.";

fn check_id(id: &str) -> Result<(), String> {
    let is_id = id
        .split_once('/')
        .is_some_and(|(namespace, name)| check_namespace(namespace).is_ok() && check_namespace(name).is_ok());
    if !is_id {
        return Err(format!("`{}` is not `<namespace>/<name>` of a-z, 0-9 and `-`.", id.escape_debug()));
    }
    if id.starts_with("neustream/") {
        return Err("The namespace neustream is the platform's own.".to_owned());
    }
    Ok(())
}

fn kind_of(kind: cli::Kind) -> Kind {
    match kind {
        cli::Kind::Destination => Kind::Destination,
        cli::Kind::Chat => Kind::Chat,
        cli::Kind::Moderation => Kind::Moderation,
        cli::Kind::Payment => Kind::Payment,
    }
}

fn language_of(language: cli::Language) -> Language {
    match language {
        cli::Language::Rust => Language::Rust,
        cli::Language::Javascript => Language::Javascript,
        cli::Language::Python => Language::Python,
    }
}

fn usage(code: &str, message: impl Into<String>, help: &str) -> Failure {
    Failure::new(Exit::Usage, Diagnostic::new(code, message).help(help))
}

/// A project is never put among other files.
fn check_free(folder: &Path) -> Result<(), Failure> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(usage(
            "folder-taken",
            format!("{} cannot be used: {error}.", shown(folder)),
            "Name another folder: --folder <FOLDER>",
        )),
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(usage(
                "folder-taken",
                format!("{} is not empty.", shown(folder)),
                "Name another folder: --folder <FOLDER>",
            )),
        },
    }
}

/// Makes the whole project or nothing: beside its place first, then moved there.
fn write(template: Template, id: &str, folder: &Path) -> io::Result<()> {
    let folder = std::path::absolute(folder)?;
    let parent = folder.parent().unwrap_or(&folder);
    fs::create_dir_all(parent)?;
    if folder.is_dir() {
        // An empty folder may be the current one, which keeps its place.
        return template.write(id, &folder);
    }
    let made = tempfile::Builder::new().prefix(".neustream-plugin-").tempdir_in(parent)?;
    let inside = made.path().join("project");
    fs::create_dir(&inside)?;
    template.write(id, &inside)?;
    fs::rename(&inside, &folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_commands_come_next_wherever_the_project_lies() {
        let build = ["neustream-plugin build", "neustream-plugin test"];
        assert_eq!(next_commands(Path::new("words")), ["cd words", build[0], build[1]]);
        assert_eq!(next_commands(Path::new("/a b/it's")), ["cd '/a b/it'\\''s'", build[0], build[1]]);
        let here = std::env::current_dir().unwrap();
        assert_eq!(next_commands(&here), [build[0], build[1], "neustream-plugin run"]);
    }

    #[test]
    fn an_id_is_two_plain_words() {
        assert!(check_id("acme/words").is_ok());
        for id in ["acme", "Acme/words", "acme/words/more", "../x", "acme/", "neustream/words"] {
            assert!(check_id(id).is_err(), "{id}");
        }
    }
}
