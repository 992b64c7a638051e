//! A project's folder, and building it.

use std::fs;
use std::path::{Path, PathBuf};

use neustream_contract::package::{MAX_NATIVE_PACKAGE_BYTES, MAX_PACKAGE_BYTES, pack};
use neustream_contract::{Digest, Manifest};

use crate::component::{Interfaces, code_and_data_bytes};
use crate::diagnostic::Diagnostic;
use crate::language::Language;
use crate::manifest_file::{self, MANIFEST_FILE, line_of_key};
use crate::{fit, javascript, python, rust, schema_file};

/// A plugin's project: a folder with `plugin.toml`, the schema of its settings where it has some, and sources.
#[derive(Debug, Clone)]
pub struct Project {
    folder: PathBuf,
    manifest: Manifest,
    manifest_text: String,
    schema: Option<Vec<u8>>,
    language: Language,
}

/// What building gave.
#[derive(Debug, Clone)]
pub struct Built {
    /// The package, not signed.
    pub package: Vec<u8>,
    /// Where it was written: `dist/<name>.wasm` in the project's folder, unless another place was named.
    pub path: PathBuf,
    /// What it says about itself.
    pub manifest: Manifest,
    /// SHA-256 of the package.
    pub digest: Digest,
    /// What it imports and exports.
    pub interfaces: Interfaces,
}

impl Project {
    /// Reads and judges the project in `folder`.
    ///
    /// # Errors
    /// Everything that is wrong with its files, with lines. The code `no-project` says that there is none.
    pub fn open(folder: &Path) -> Result<Self, Vec<Diagnostic>> {
        let folder = std::path::absolute(folder).map_err(|error| {
            vec![Diagnostic::environment("no-folder", format!("the current folder is not known: {error}"))]
        })?;
        let manifest_text = fs::read_to_string(folder.join(MANIFEST_FILE)).map_err(|error| {
            let message = match error.kind() {
                std::io::ErrorKind::NotFound => format!("there is no plugin.toml in {}", folder.display()),
                _ => format!("{} cannot be read: {error}", folder.join(MANIFEST_FILE).display()),
            };
            vec![
                Diagnostic::new("no-project", message)
                    .help("name the project's folder, or begin a project: neustream-plugin new"),
            ]
        })?;
        let language = Language::of(&folder);
        let manifest = match manifest_file::read(&manifest_text) {
            Ok(manifest) => manifest,
            Err(problem) => return Err([Some(problem), language.err()].into_iter().flatten().collect()),
        };
        let schema = schema_file::read(&folder, &manifest, &manifest_text);
        match (language, schema) {
            (Ok(language), Ok(schema)) => Ok(Self { folder, manifest, manifest_text, schema, language }),
            (language, schema) => {
                let mut problems: Vec<_> = language.err().into_iter().collect();
                problems.extend(schema.err().into_iter().flatten());
                Err(problems)
            }
        }
    }

    /// The folder, absolute.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What `plugin.toml` says.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// What it is written in.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The id without its namespace: what the package is called.
    pub fn name(&self) -> &str {
        self.manifest.id.split_once('/').map_or(self.manifest.id.as_str(), |(_, name)| name)
    }

    /// The JSON Schema of the settings as it is packaged, where the plugin has settings.
    pub fn schema(&self) -> Option<&[u8]> {
        self.schema.as_deref()
    }

    /// Where [`Project::build`] puts the package.
    pub fn package_path(&self) -> PathBuf {
        self.folder.join("dist").join(self.name()).with_added_extension("wasm")
    }

    /// The line of `plugin.toml` that a key path such as `capabilities.http.hosts[0]` stands in; of the table around
    /// it where it is not there.
    pub fn line_of_key(&self, key: &str) -> Option<usize> {
        line_of_key(&self.manifest_text, key)
    }

    /// Compiles the sources, makes the package and writes it to [`Project::package_path`]. `say` is told what goes on,
    /// a line at a time.
    ///
    /// # Errors
    /// Everything that is wrong with the sources, or missing on this machine.
    pub fn build(&self, say: &mut dyn FnMut(&str)) -> Result<Built, Vec<Diagnostic>> {
        self.build_to(self.package_path(), say)
    }

    /// Like [`Project::build`], and writes the package to `path`.
    ///
    /// # Errors
    /// As for [`Project::build`].
    pub fn build_to(&self, path: PathBuf, say: &mut dyn FnMut(&str)) -> Result<Built, Vec<Diagnostic>> {
        let component = match self.language {
            Language::Rust => rust::component(self, say),
            Language::Javascript => javascript::component(self, say),
            Language::Python => python::component(self, say),
        }?;
        let built = Built { path, ..self.pack(component)? };
        fs::create_dir_all(built.path.parent().unwrap_or(&self.folder))
            .and_then(|()| fs::write(&built.path, &built.package))
            .map_err(|error| {
                let message = format!("{} cannot be written: {error}", built.path.display());
                vec![Diagnostic::environment("file-not-written", message)]
            })?;
        Ok(built)
    }

    /// Makes the package of a component, and writes nothing.
    ///
    /// # Errors
    /// When the component does not fit the manifest, or is too large.
    pub fn pack(&self, component: Vec<u8>) -> Result<Built, Vec<Diagnostic>> {
        let interfaces = Interfaces::of(&component).map_err(|error| {
            vec![Diagnostic::new("component-invalid", format!("not a component: {error}"))]
        })?;
        let problems = fit::problems_of_component(self, &component, &interfaces);
        if !problems.is_empty() {
            return Err(problems);
        }
        let package = pack(component, &self.manifest, self.schema.as_deref()).map_err(|error| {
            vec![Diagnostic::new("package-invalid", error.to_string()).at(MANIFEST_FILE, None)]
        })?;
        self.check_size(&package)?;
        let digest = Digest::of(&package);
        let path = self.package_path();
        Ok(Built { package, path, manifest: self.manifest.clone(), digest, interfaces })
    }

    fn check_size(&self, package: &[u8]) -> Result<(), Vec<Diagnostic>> {
        let max_bytes = self.max_package_bytes();
        if package.len() <= max_bytes {
            return Ok(());
        }
        let mib = |bytes: usize| bytes as f64 / f64::from(1 << 20);
        let (code, data) = code_and_data_bytes(package);
        let language = self.language;
        let message = format!(
            "the package has {:.1} MiB ({:.1} of code, {:.1} of data); a plugin in {language} may have {:.0} MiB",
            mib(package.len()),
            mib(code),
            mib(data),
            mib(max_bytes)
        );
        let help = match language {
            Language::Rust if data > code => {
                "look at what is embedded (include_bytes!, include_str!, large tables), and leave it out or fetch it"
            }
            Language::Rust => {
                "write in Cargo.toml\n[profile.release]\nopt-level = \"s\"\nlto = true\nstrip = true\nThen look at large \
                 dependencies: cargo tree"
            }
            Language::Javascript | Language::Python => {
                "most of it is the engine; look at what is taken along beside it (data, large packages)"
            }
        };
        let problem = Diagnostic::new("package-too-large", message).help(help);
        Err(vec![problem.at(language.project_file(), None)])
    }

    /// The largest package that a host takes from a plugin in this language, in bytes.
    pub fn max_package_bytes(&self) -> usize {
        match self.language {
            Language::Rust => MAX_NATIVE_PACKAGE_BYTES,
            Language::Javascript | Language::Python => MAX_PACKAGE_BYTES,
        }
    }
}
