//! Bundled plugins: from the crates in `plugins/` to packages in `plugins/dist/<kind>/<name>.wasm`.
//!
//! They are built as an author's project is (`neustream-plugin-project`), only that one cargo compiles all of them,
//! and packed in parallel. The same sources give the same bytes wherever they are built. A package is written only
//! when its bytes change, so that nothing that embeds it is rebuilt for nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{env, fs, thread};

use anyhow::{Context, Result, anyhow, bail};
use neustream_contract::Manifest;
use neustream_plugin_project::rust::{Module, Places, compile};
use neustream_plugin_project::{Diagnostic, Project, component_of_module};

use crate::command::announce;
use crate::workspace;

/// What [`workspace::root`] is called inside packages: panic messages name source files.
const ROOT_NAME: &str = "neustream";

/// Builds every bundled plugin. The Rust target must be installed.
pub fn build_all() -> Result<()> {
    announce("building plugins");
    let root = workspace::root().join("plugins");
    let plugins = compiled(&root)?;
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

/// Folders of this machine, and what they are called inside packages.
pub fn places() -> Places {
    vec![(workspace::root(), ROOT_NAME.to_owned())]
}

/// What is wrong with a project as one error.
pub fn error_of(problems: &[Diagnostic]) -> anyhow::Error {
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    anyhow!(lines.join("\n"))
}

/// A plugin whose crate has been compiled.
struct Plugin {
    /// The core module, its crate's folder `plugins/<kind>/<name>` and version.
    module: Module,
    /// The package.
    package: PathBuf,
    /// Its modification time says when the package was last made from its inputs.
    stamp: PathBuf,
}

/// Compiles the workspace and says what came out of it.
fn compiled(root: &Path) -> Result<Vec<Plugin>> {
    let modules = compile(root, &places(), &mut |line| eprintln!("{line}"));
    let modules = modules.map_err(|problems| error_of(&problems).context("plugins/ does not compile"))?;
    Ok(modules.into_iter().filter_map(|module| Plugin::of(module, root)).collect())
}

impl Plugin {
    /// The plugin of a module that lies two folders below `root`.
    fn of(module: Module, root: &Path) -> Option<Self> {
        let place = module.folder.strip_prefix(root).ok().filter(|place| place.components().count() == 2)?;
        let package = root.join("dist").join(place).with_added_extension("wasm");
        let stamp = root.join("target/packed").join(place);
        Some(Self { module, package, stamp })
    }

    /// `<kind>/<name>`.
    fn name(&self) -> String {
        let names =
            self.module.folder.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy());
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
        let folder = &self.module.folder;
        let needed = [&self.module.file, &folder.join("plugin.toml"), &packer];
        let schemas = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let schemas = schemas.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
        needed
            .into_iter()
            .cloned()
            .chain(schemas)
            .all(|input| modified(&input).is_some_and(|at| at < packed_at))
    }

    fn packed(&self) -> Result<Vec<u8>> {
        let project = Project::open(&self.module.folder).map_err(|problems| error_of(&problems))?;
        self.check_names(project.manifest())?;
        let module = fs::read(&self.module.file).context("the module cannot be read")?;
        let component = component_of_module(&module).map_err(|problem| error_of(&[problem]))?;
        let built = project.pack(component).map_err(|problems| error_of(&problems))?;
        Ok(built.package)
    }

    /// Folder, crate and manifest must agree: people look for a plugin by any of them. Where a platform has
    /// plugins of several kinds, an id ends with the kind.
    fn check_names(&self, manifest: &Manifest) -> Result<()> {
        let folder = self.module.folder.file_name().unwrap_or_default().to_string_lossy();
        let kind = manifest.kind.as_str();
        let (_, name) = manifest.id.split_once('/').unwrap_or_default();
        if name != folder && name != format!("{folder}-{kind}") {
            bail!("its folder is called {folder}, its manifest says `{}`", manifest.id);
        }
        let place =
            self.module.folder.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        let is_any_kind = place == "hostile";
        if !is_any_kind && place.trim_end_matches('s') != kind {
            bail!("it lies in {place}, its manifest says kind `{kind}`");
        }
        if manifest.version != self.module.version {
            bail!("its crate has version {}, its manifest says {}", self.module.version, manifest.version);
        }
        Ok(())
    }
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
