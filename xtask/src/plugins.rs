//! Bundled plugins: from the crates in `plugins/` to packages in `plugins/dist/<kind>/<name>.wasm`.
//!
//! Each crate `plugins/<kind>/<name>` becomes a core module for `wasm32-unknown-unknown`, wit-component makes
//! it a component, and the plugin contract's own packer adds manifest and configuration schema, so that what
//! is built here is exactly what the host reads. The same sources give the same bytes wherever they are built.
//! A package is written only when its bytes change, so that nothing that embeds it is rebuilt for nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;
use std::{env, fs, thread};

use anyhow::{Context, Result, bail};
use neustream_contract::Manifest;
use neustream_contract::package::pack;
use serde_json::Value;
use wit_component::ComponentEncoder;

use crate::command::{announce, cargo, shown};
use crate::workspace;

/// What [`workspace::root`] is called inside packages: panic messages name source files.
const ROOT_NAME: &str = "neustream";

/// Builds every bundled plugin. The Rust target must be installed.
pub fn build_all() -> Result<()> {
    announce("building plugins");
    let root = workspace::root().join("plugins");
    let plugins = compile(&root)?;
    let packed = thread::scope(|scope| {
        let packers: Vec<_> = plugins.iter().map(|plugin| scope.spawn(|| plugin.package())).collect();
        let packages = packers.into_iter().map(|packer| packer.join().expect("packing does not panic"));
        packages.collect::<Vec<_>>()
    });
    // One plugin that cannot be packed keeps no other from it.
    let mut failed = 0;
    for (plugin, packed) in plugins.iter().zip(packed) {
        match packed {
            Ok(size) => println!("{:<28} {:>7.1} kB", plugin.name(), size as f64 / 1000.0),
            Err(error) => {
                failed += 1;
                eprintln!("{:<28} {error:#}", plugin.name());
            }
        }
    }
    remove_strangers(&root.join("dist"), &plugins)?;
    if failed > 0 {
        bail!("{failed} of {} plugins cannot be packed", plugins.len());
    }
    Ok(())
}

/// A plugin whose crate has been compiled.
struct Plugin {
    /// The crate's folder, `plugins/<kind>/<name>`.
    folder: PathBuf,
    /// The crate's version.
    version: String,
    /// The core module.
    module: PathBuf,
    /// The package.
    package: PathBuf,
    /// Its modification time says when the package was last made from its inputs.
    stamp: PathBuf,
}

/// Compiles the workspace and says what came out of it. Only libraries of type `cdylib` are plugins.
fn compile(root: &Path) -> Result<Vec<Plugin>> {
    let mut build = cargo();
    build
        .current_dir(root)
        .args(["build", "--release", "--target", "wasm32-unknown-unknown"])
        .arg("--message-format=json-render-diagnostics")
        .env("CARGO_ENCODED_RUSTFLAGS", path_remapping())
        .env_remove("RUSTFLAGS")
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    let messages = output_of_build(&mut build)?;
    let mut plugins = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| Plugin::of(&message, root))
        .collect::<Vec<_>>();
    plugins.sort_by(|a, b| a.folder.cmp(&b.folder));
    Ok(plugins)
}

fn output_of_build(build: &mut Command) -> Result<String> {
    let line = shown(build);
    let output = build.output().with_context(|| format!("`{line}` cannot be started"))?;
    if !output.status.success() {
        bail!("`{line}` in plugins/ ended with {}", output.status);
    }
    String::from_utf8(output.stdout).context("cargo's messages are not UTF-8")
}

/// Compiler flags that take this machine's folders out of packages.
pub fn path_remapping() -> String {
    let home = |name: &str, fallback: &str| {
        let home = env::var_os(name).map(PathBuf::from);
        home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(fallback)))
    };
    let folders = [
        (Some(workspace::root()), ROOT_NAME),
        (home("CARGO_HOME", ".cargo"), "cargo"),
        (home("RUSTUP_HOME", ".rustup"), "rustup"),
    ];
    let flags = folders
        .into_iter()
        .filter_map(|(folder, name)| Some(format!("--remap-path-prefix={}={name}", folder?.display())));
    flags.collect::<Vec<_>>().join("\u{1f}")
}

impl Plugin {
    /// The plugin that a message of cargo tells of, if it does.
    fn of(message: &Value, root: &Path) -> Option<Self> {
        let is_plugin = message["reason"] == "compiler-artifact"
            && message["target"]["crate_types"].as_array()?.iter().any(|kind| kind == "cdylib");
        let folder = Path::new(message["manifest_path"].as_str()?).parent()?;
        let place = folder.strip_prefix(root).ok().filter(|place| place.components().count() == 2)?;
        let mut files = message["filenames"].as_array()?.iter().filter_map(Value::as_str);
        let is_module =
            |file: &&str| Path::new(file).extension().is_some_and(|extension| extension == "wasm");
        let module = files.find(is_module).filter(|_| is_plugin)?;
        let version = message["package_id"].as_str()?.rsplit(['@', '#']).next()?;
        Some(Self {
            folder: folder.to_owned(),
            version: version.to_owned(),
            module: module.into(),
            package: root.join("dist").join(place).with_added_extension("wasm"),
            stamp: root.join("target/packed").join(place),
        })
    }

    /// `<kind>/<name>`.
    fn name(&self) -> String {
        let names = self.folder.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy());
        names.collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("/")
    }

    /// Makes the package, where an input is newer than it, and gives its size in bytes.
    fn package(&self) -> Result<u64> {
        let name = self.name();
        if !self.is_fresh() {
            let began = SystemTime::now();
            let bytes = self.packed().with_context(|| format!("plugins/{name} cannot be packed"))?;
            write_if_changed(&self.package, &bytes)
                .and_then(|()| touch(&self.stamp, began))
                .with_context(|| format!("the package of plugins/{name} cannot be written"))?;
        }
        let metadata = fs::metadata(&self.package);
        Ok(metadata.with_context(|| format!("{} cannot be read", self.package.display()))?.len())
    }

    fn is_fresh(&self) -> bool {
        let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        let Some(packed_at) = modified(&self.stamp).filter(|_| self.package.is_file()) else {
            return false;
        };
        // The packer itself is an input, too. A schema that is not there is none.
        let packer = env::current_exe().unwrap_or_default();
        let needed = [&self.module, &self.folder.join("plugin.toml"), &packer];
        let schemas = fs::read_dir(&self.folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let schemas = schemas.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
        needed
            .into_iter()
            .cloned()
            .chain(schemas)
            .all(|input| modified(&input).is_some_and(|at| at < packed_at))
    }

    fn packed(&self) -> Result<Vec<u8>> {
        let manifest =
            fs::read_to_string(self.folder.join("plugin.toml")).context("plugin.toml cannot be read")?;
        let manifest = Manifest::from_toml(&manifest)?;
        self.check_names(&manifest)?;
        let schema = match &manifest.config.schema {
            Some(file) => Some(self.schema(file)?),
            None => None,
        };
        let module = fs::read(&self.module).context("the module cannot be read")?;
        let component = ComponentEncoder::default()
            .module(&module)
            .and_then(|encoder| encoder.validate(true).encode())
            .map_err(|error| error.context("the module does not fit the interface"))?;
        Ok(pack(component, &manifest, schema.as_deref())?)
    }

    /// Folder, crate and manifest must agree: people look for a plugin by any of them. Where a platform has
    /// plugins of several kinds, an id ends with the kind.
    fn check_names(&self, manifest: &Manifest) -> Result<()> {
        let folder = self.folder.file_name().unwrap_or_default().to_string_lossy();
        let kind = manifest.kind.as_str();
        let (_, name) = manifest.id.split_once('/').unwrap_or_default();
        if name != folder && name != format!("{folder}-{kind}") {
            bail!("its folder is called {folder}, its manifest says `{}`", manifest.id);
        }
        let place = self.folder.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        let is_any_kind = place == "hostile";
        if !is_any_kind && place.trim_end_matches('s') != kind {
            bail!("it lies in {place}, its manifest says kind `{kind}`");
        }
        if manifest.version != self.version {
            bail!("its crate has version {}, its manifest says {}", self.version, manifest.version);
        }
        Ok(())
    }

    /// The schema without white space, keys in the order of the author, who chose that of the form.
    fn schema(&self, file: &str) -> Result<Vec<u8>> {
        let is_plain = Path::new(file).file_name().is_some_and(|name| name == file);
        if !is_plain {
            bail!("`config.schema` must name a file beside plugin.toml, not `{file}`");
        }
        let text = fs::read(self.folder.join(file)).with_context(|| format!("{file} cannot be read"))?;
        serde_json::from_slice::<Value>(&text).with_context(|| format!("{file} is not JSON"))?;
        Ok(without_white_space(&text))
    }
}

/// JSON text without the white space between its tokens.
fn without_white_space(json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len());
    let mut is_in_text = false;
    let mut is_escaped = false;
    for &byte in json {
        if is_in_text || !byte.is_ascii_whitespace() {
            out.push(byte);
        }
        is_in_text ^= byte == b'"' && !is_escaped;
        is_escaped = is_in_text && byte == b'\\' && !is_escaped;
    }
    out
}

fn write_if_changed(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if fs::read(file).is_ok_and(|existing| existing == bytes) {
        return Ok(());
    }
    create_parent(file)?;
    fs::write(file, bytes)
}

fn touch(stamp: &Path, at: SystemTime) -> std::io::Result<()> {
    create_parent(stamp)?;
    fs::File::create(stamp)?.set_modified(at)
}

fn create_parent(file: &Path) -> std::io::Result<()> {
    file.parent().map_or(Ok(()), fs::create_dir_all)
}

/// Removes packages of plugins that are gone, so that they are not embedded.
fn remove_strangers(dist: &Path, plugins: &[Plugin]) -> Result<()> {
    let known: BTreeSet<_> = plugins.iter().map(|plugin| plugin.package.as_path()).collect();
    for kind in fs::read_dir(dist).into_iter().flatten().flatten() {
        for package in fs::read_dir(kind.path()).into_iter().flatten().flatten() {
            let package = package.path();
            if !known.contains(package.as_path()) {
                fs::remove_file(&package)
                    .with_context(|| format!("{} is stale and cannot be removed", package.display()))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_goes_between_tokens_and_stays_in_texts() {
        let json = br#"{ "a \" b" : [ 1 ,
            "c\\" , "d e" ] }"#;
        assert_eq!(without_white_space(json), br#"{"a \" b":[1,"c\\","d e"]}"#);
    }
}
