//! What a plugin is written in.

use std::fmt;
use std::path::Path;

use crate::diagnostic::Diagnostic;

/// What a plugin is written in, told by the file that its toolchain wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// `Cargo.toml`.
    Rust,
    /// `package.json`.
    Javascript,
    /// `pyproject.toml`.
    Python,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 3] = [Self::Rust, Self::Javascript, Self::Python];

    /// The word in flags and folders.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Javascript => "javascript",
            Self::Python => "python",
        }
    }

    /// The file that tells it.
    pub fn project_file(self) -> &'static str {
        match self {
            Self::Rust => "Cargo.toml",
            Self::Javascript => "package.json",
            Self::Python => "pyproject.toml",
        }
    }

    /// The language of the project in `folder`.
    ///
    /// # Errors
    /// When none or several of the files are there.
    pub fn of(folder: &Path) -> Result<Self, Diagnostic> {
        let mut there =
            Self::ALL.into_iter().filter(|language| folder.join(language.project_file()).is_file());
        match (there.next(), there.next()) {
            (Some(language), None) => Ok(language),
            (None, _) => {
                let message = "there is no Cargo.toml, package.json or pyproject.toml beside plugin.toml, so it is \
                               not known what the plugin is written in";
                Err(Diagnostic::new("language-unknown", message)
                    .help("begin with a project that builds: neustream-plugin new"))
            }
            (Some(one), Some(other)) => {
                let (one, other) = (one.project_file(), other.project_file());
                let message = format!("{one} and {other} are both here; a plugin is written in one language");
                Err(Diagnostic::new("language-unknown", message).help("move one of them elsewhere"))
            }
        }
    }
}

/// Its name for people.
impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rust => "Rust",
            Self::Javascript => "JavaScript",
            Self::Python => "Python",
        })
    }
}
