//! A plugin's project on an author's machine: its files, and the way from them to a package.
//!
//! | Module | Concept |
//! |---|---|
//! | `project` | a project's folder, read and judged; building it |
//! | `manifest_file`, `schema_file` | `plugin.toml` and the schema of the settings, with lines |
//! | `secret_words` | settings that hold a secret |
//! | `language`, [`rust`], `javascript`, `python` | from sources to a component |
//! | `script`, `world` | what JavaScript and Python have in common; the world that they are bound to |
//! | `component`, `fit` | what a component imports and exports, and whether that fits its kind and manifest |
//! | `diagnostic` | one thing that is wrong: where, what, what to do |
//!
//! Invariant: what [`Project::build`] gives is exactly what a host reads, made by the contract's own packer, and the
//! same sources in Rust give the same bytes wherever they are built (the engines of JavaScript and Python take seeds from
//! the system while they are built). Absent here: running plugins, keys, servers.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod component;
mod diagnostic;
mod fit;
mod javascript;
mod json_lines;
mod language;
mod manifest_file;
mod project;
mod python;
pub mod rust;
mod schema_file;
mod script;
mod secret_words;
mod world;

pub use component::{Interfaces, component_of_module};
pub use diagnostic::Diagnostic;
pub use fit::problems_of_package;
pub use language::Language;
pub use manifest_file::MANIFEST_FILE;
pub use project::{Built, Project};
