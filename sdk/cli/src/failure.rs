//! Why a command failed: an exit code that scripts may rely on, and diagnostics that say what to change and where.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use neustream_plugin_project::Problem;
use serde::Serialize;

/// Exit codes. 0 is success, and 2 is clap's for a command line that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exit {
    /// The plugin is wrong: it does not build, a check or a test failed.
    Plugin = 1,
    /// Flags and files do not fit together: no project here, a name that is taken.
    Usage = 2,
    /// Something on this machine is missing or broken: a toolchain, a file that cannot be written.
    Environment = 3,
    /// A server cannot be reached, does not know who asks, or refuses.
    Server = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// One thing that is wrong: where, what, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// The file, relative to the project where it lies in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// Its line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// A kebab-case word for programs, from an open vocabulary.
    pub code: String,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What to do about it, in a sentence or a command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Diagnostic {
    /// Something wrong without a place and without advice.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { file: None, line: None, code: code.to_owned(), message: message.into(), help: None }
    }

    /// At this place.
    #[must_use]
    pub fn at(mut self, file: &Path, line: Option<usize>) -> Self {
        (self.file, self.line) = (Some(file.to_owned()), line);
        self
    }

    /// With this advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// `plugin.toml:12: what is wrong`, and the advice below it.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}:", file.display())?;
            if let Some(line) = self.line {
                write!(f, "{line}:")?;
            }
            f.write_str(" ")?;
        }
        write!(f, "{}", self.message)?;
        match &self.help {
            Some(help) => write!(f, "\n  help: {}", help.replace('\n', "\n        ")),
            None => Ok(()),
        }
    }
}

/// Why a command failed.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What the process ends with.
    pub exit: Exit,
    /// What is wrong; nothing where the command has printed a document that says it.
    pub diagnostics: Vec<Diagnostic>,
}

impl Failure {
    /// A failure for one reason.
    pub fn new(exit: Exit, diagnostic: Diagnostic) -> Self {
        Self { exit, diagnostics: vec![diagnostic] }
    }
}

impl From<Problem> for Diagnostic {
    fn from(problem: Problem) -> Self {
        let Problem { file, line, code, message, help, is_environment: _ } = problem;
        Self { file, line, code, message, help }
    }
}

/// What is wrong with a project. Where this machine is at fault, that comes first: nothing else can be told then.
impl From<Vec<Problem>> for Failure {
    fn from(problems: Vec<Problem>) -> Self {
        let exit = if problems.iter().any(|problem| problem.is_environment) {
            Exit::Environment
        } else if problems.iter().all(|problem| problem.code == "no-project") {
            Exit::Usage
        } else {
            Exit::Plugin
        };
        Self { exit, diagnostics: problems.into_iter().map(Diagnostic::from).collect() }
    }
}
