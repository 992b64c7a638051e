//! Secrets that an author has on this machine for trying a plugin: in the environment
//! (`NEUSTREAM_SECRET_<NAME>`) or in `secrets.toml` of the project, which its `.gitignore` keeps out of the repository.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io;
use std::path::Path;

use neustream_model::Secret;

use crate::failure::{Diagnostic, Exit, Failure};

/// The file in a project.
pub(crate) const FILE: &str = "secrets.toml";

/// The secrets of a project on this machine.
#[derive(Debug)]
pub(crate) struct Secrets {
    file: BTreeMap<String, Secret>,
}

impl Secrets {
    /// Those of the project in `folder`.
    ///
    /// # Errors
    /// When its `secrets.toml` is not a table of texts.
    pub fn of(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { file: BTreeMap::new() });
            }
            Err(error) => {
                let message = format!("Cannot read {}: {error}.", path.display());
                return Err(Failure::new(Exit::Environment, Diagnostic::new("file", message)));
            }
        };
        let texts: BTreeMap<String, String> =
            toml::from_str(&text).map_err(|error| malformed(&text, &error))?;
        Ok(Self { file: texts.into_iter().map(|(name, text)| (name, Secret::new(text))).collect() })
    }

    /// The secret of this name: of the environment, else of the file.
    pub fn get(&self, name: &str) -> Option<Secret> {
        env::var(variable(name)).ok().map(Secret::new).or_else(|| self.file.get(name).cloned())
    }
}

/// The variable of a secret: `api-key` is in `NEUSTREAM_SECRET_API_KEY`.
pub(crate) fn variable(name: &str) -> String {
    let letter =
        |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
    format!("NEUSTREAM_SECRET_{}", name.chars().map(letter).collect::<String>())
}

/// How a secret is given to this command.
pub(crate) fn advice(name: &str) -> String {
    format!("Set {} or write `{name} = \"...\"` in {FILE}.", variable(name))
}

/// The parser's own words may quote a line, and with it a secret: only the place is told.
fn malformed(text: &str, error: &toml::de::Error) -> Failure {
    let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    let diagnostic = Diagnostic::new("secrets-malformed", "This is not a secret's name with its text.")
        .at(FILE, line)
        .help("Write each secret on a line of its own: api-key = \"...\".");
    Failure::new(Exit::Usage, diagnostic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_one_variable() {
        assert_eq!(variable("api-key"), "NEUSTREAM_SECRET_API_KEY");
        assert_eq!(variable("account.client-id"), "NEUSTREAM_SECRET_ACCOUNT_CLIENT_ID");
    }

    #[test]
    fn a_file_gives_secrets_and_its_errors_do_not_show_them() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Secrets::of(folder.path()).unwrap().get("none"), None);
        fs::write(folder.path().join(FILE), "api-key = \"hush\"\n").unwrap();
        let secret = Secrets::of(folder.path()).unwrap().get("api-key").unwrap();
        assert_eq!(secret.expose(), "hush");
        fs::write(folder.path().join(FILE), "# mine\napi-key = hush\n").unwrap();
        let said = format!("{}", Secrets::of(folder.path()).unwrap_err().diagnostics[0]);
        assert!(said.starts_with("secrets.toml:2: ") && !said.contains("hush"), "{said}");
    }
}
