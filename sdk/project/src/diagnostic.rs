//! One thing that is wrong: where, what, and what to do about it. As text it is what an author reads; as JSON it is
//! what `neustream-plugin --json` prints.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// The file, relative to the project's folder where it lies in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// Its line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// A kebab-case word for programs, from an open vocabulary.
    pub code: String,
    /// What is wrong, in a sentence; what a compiler says may follow on further lines.
    pub message: String,
    /// What to do about it: a sentence, a command, or lines to write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Whether this machine is at fault and not the plugin: a toolchain that is missing, a file that cannot be written.
    #[serde(skip)]
    pub is_environment: bool,
}

impl Diagnostic {
    /// Something wrong, without a place and without advice.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        let (code, message) = (code.to_owned(), message.into());
        Self { file: None, line: None, code, message, help: None, is_environment: false }
    }

    /// Something wrong with this machine.
    pub fn environment(code: &str, message: impl Into<String>) -> Self {
        Self { is_environment: true, ..Self::new(code, message) }
    }

    /// In this file, at this line where one is known.
    #[must_use]
    pub fn at(mut self, file: impl AsRef<Path>, line: Option<usize>) -> Self {
        (self.file, self.line) = (Some(file.as_ref().to_owned()), line);
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
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, "\n  help: {}", help.replace('\n', "\n        ")),
            None => Ok(()),
        }
    }
}
