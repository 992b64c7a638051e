//! Why a command failed: an exit code that scripts may rely on, and diagnostics that say what to change and where.

use std::process::ExitCode;

pub use neustream_plugin_project::Diagnostic;
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
    /// Ctrl-C at a question: what shells say of a command that Ctrl-C ended.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
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

/// What is wrong with a project. Where this machine is at fault, that comes first: nothing else can be told then.
impl From<Vec<Diagnostic>> for Failure {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        let exit = if diagnostics.iter().any(|diagnostic| diagnostic.is_environment) {
            Exit::Environment
        } else if diagnostics.iter().all(|diagnostic| diagnostic.code == "no-project") {
            Exit::Usage
        } else {
            Exit::Plugin
        };
        Self { exit, diagnostics }
    }
}
