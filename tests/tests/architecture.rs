//! The arrows of the house (docs/ARCHITECTURE.md): who may depend on whom.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use neustream_tests::kit::tool::workspace_dir;
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::Value;

/// The floors, from the ground up. A crate may use crates of lower floors only.
const FLOORS: [&[&str]; 6] = [
    &["neustream-model", "neustream-media"],
    &["neustream-rtmp", "neustream-hls", "neustream-store", "neustream-contract", "neustream-accounts"],
    &["neustream-outbound", "neustream-billing", "neustream-catalogue"],
    &[
        "neustream-live",
        "neustream-chat",
        "neustream-plugin-wasm",
        "neustream-installations",
        "neustream-oidc",
    ],
    &["neustream-api"],
    &["neustream"],
];

/// What each crate of the upper floors may see; `neustream`, the binary, sees everything.
const ARROWS: [(&str, &[&str]); 19] = [
    ("neustream-model", &[]),
    ("neustream-media", &["neustream-model"]),
    ("neustream-rtmp", &["neustream-model", "neustream-media"]),
    ("neustream-hls", &["neustream-model", "neustream-media"]),
    ("neustream-store", &["neustream-model"]),
    ("neustream-contract", &["neustream-model"]),
    ("neustream-accounts", &["neustream-model"]),
    ("neustream-outbound", &["neustream-model", "neustream-contract"]),
    (
        "neustream-live",
        &[
            "neustream-model",
            "neustream-media",
            "neustream-rtmp",
            "neustream-hls",
            "neustream-contract",
            "neustream-outbound",
        ],
    ),
    ("neustream-plugin-wasm", &["neustream-model", "neustream-contract", "neustream-outbound"]),
    ("neustream-chat", &["neustream-model", "neustream-contract", "neustream-outbound"]),
    ("neustream-billing", &["neustream-model", "neustream-contract"]),
    ("neustream-oidc", &["neustream-model", "neustream-outbound"]),
    ("neustream-catalogue", &["neustream-model", "neustream-contract", "neustream-store"]),
    (
        "neustream-installations",
        &[
            "neustream-model",
            "neustream-contract",
            "neustream-store",
            "neustream-outbound",
            "neustream-catalogue",
        ],
    ),
    // What authors have: the guest library sees nothing of the house, a project its contract, the command the runtime.
    ("neustream-plugin", &[]),
    ("neustream-plugin-project", &["neustream-contract"]),
    (
        "neustream-plugin-cli",
        &[
            "neustream-model",
            "neustream-contract",
            "neustream-plugin-project",
            "neustream-outbound",
            "neustream-plugin-wasm",
            "neustream-chat",
        ],
    ),
    (
        "neustream-api",
        &[
            "neustream-model",
            "neustream-live",
            "neustream-chat",
            "neustream-accounts",
            "neustream-billing",
            "neustream-catalogue",
            "neustream-installations",
            "neustream-oidc",
            "neustream-store",
            "neustream-contract",
        ],
    ),
];

/// Crates that take bytes and time and return outputs: no runtime, no sockets, no clock.
const SANS_IO: [&str; 6] = [
    "neustream-model",
    "neustream-media",
    "neustream-rtmp",
    "neustream-hls",
    "neustream-contract",
    "neustream-accounts",
];

/// What pulls in IO.
const IO: [&str; 8] = ["tokio", "mio", "async-std", "reqwest", "hyper", "axum", "sqlx", "rustls"];

#[test]
fn no_crate_of_the_house_sees_what_it_must_not() -> Result<()> {
    let graph = Graph::of_the_workspace()?;
    for (name, direct) in &graph.direct {
        let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| known == name) else { continue };
        for seen in direct.iter().filter(|seen| graph.direct.contains_key(*seen)) {
            ensure!(allowed.contains(&seen.as_str()), "{name} must not see {seen}");
        }
    }
    Ok(())
}

#[test]
fn every_crate_of_the_host_stands_on_a_floor_and_looks_down_only() -> Result<()> {
    let graph = Graph::of_the_workspace()?;
    let floor = |name: &str| FLOORS.iter().position(|floor| floor.contains(&name));
    for name in graph.host_crates() {
        let own = floor(name).with_context(|| format!("{name} stands on no floor: add it to the map"))?;
        for seen in graph.direct[name].iter().filter(|seen| graph.direct.contains_key(*seen)) {
            let below =
                floor(seen).with_context(|| format!("{name} sees {seen}, which stands on no floor"))?;
            let is_down = below < own || (own == 0 && below == 0) || is_known_neighbour(name, seen);
            ensure!(is_down, "{name} (floor {own}) sees {seen} (floor {below})");
        }
        ensure!(!graph.reaches(name).contains(name), "{name} stands in a circle");
    }
    Ok(())
}

/// Neighbours on one floor that may look at each other, in one direction.
fn is_known_neighbour(name: &str, seen: &str) -> bool {
    matches!((name, seen), ("neustream-media", "neustream-model"))
}

#[test]
fn the_cores_know_no_runtime_and_no_socket() -> Result<()> {
    let graph = Graph::of_the_workspace()?;
    for core in SANS_IO {
        let reached = graph.reaches(core);
        for io in IO {
            ensure!(!reached.contains(io), "{core} reaches {io}");
        }
    }
    Ok(())
}

#[test]
fn only_plugin_wasm_names_wasmtime_and_only_store_names_sqlx() -> Result<()> {
    let graph = Graph::of_the_workspace()?;
    for (dependency, owner) in [("wasmtime", "neustream-plugin-wasm"), ("sqlx", "neustream-store")] {
        for (name, direct) in graph.direct.iter().filter(|(name, _)| graph.is_of_host(name)) {
            ensure!(name == owner || !direct.contains(dependency), "{name} names {dependency}");
        }
    }
    Ok(())
}

#[test]
fn the_kit_of_these_tests_knows_no_crate_of_the_house() -> Result<()> {
    let graph = Graph::of_the_workspace()?;
    let seen: Vec<_> = graph.direct["neustream-tests"].iter().filter(|seen| graph.is_of_host(seen)).collect();
    ensure!(seen.is_empty(), "the tests see {seen:?}");
    Ok(())
}

#[test]
fn unsafe_code_is_allowed_in_plugin_wasm_only() -> Result<()> {
    let workspace = workspace_dir();
    for entry in std::fs::read_dir(workspace.join("host"))? {
        let folder = entry?.path();
        let manifest = folder.join("Cargo.toml");
        let is_exempt = folder.ends_with("plugin-wasm");
        if is_exempt || !manifest.is_file() {
            continue;
        }
        let text = std::fs::read_to_string(&manifest)?;
        ensure!(text.contains("[lints]\nworkspace = true"), "{} has lints of its own", manifest.display());
        for source in rust_files(&folder.join("src"))? {
            let text = std::fs::read_to_string(&source)?;
            let allows = ["allow(unsafe_code", "expect(unsafe_code", "unsafe {", "unsafe fn", "unsafe impl"];
            let found = allows.iter().find(|allow| text.contains(**allow));
            ensure!(found.is_none(), "{} has `{}`", source.display(), found.unwrap_or(&""));
        }
    }
    Ok(())
}

/// What an author writes goes through the SDK, and so does what is in the tree: raw bindings would be a second way to
/// speak the interface, which nothing promises to keep.
#[test]
fn plugins_and_examples_speak_to_the_host_through_the_sdk_alone() -> Result<()> {
    let mut manifests = 0;
    for place in ["plugins", "examples"] {
        for file in sources(&workspace_dir().join(place))? {
            let is_manifest = file.ends_with("Cargo.toml");
            let raw: &[&str] = if is_manifest {
                manifests += 1;
                &["wit-bindgen", "wit_bindgen"]
            } else {
                &["wit_bindgen", "mod bindings", "bindings::"]
            };
            let text = std::fs::read_to_string(&file)?;
            let found = raw.iter().find(|word| text.contains(**word));
            ensure!(found.is_none(), "{} has `{}`: use sdk/rust", file.display(), found.unwrap_or(&""));
        }
    }
    ensure!(manifests >= 16, "only {manifests} crates were looked at");
    Ok(())
}

/// Manifests and sources of Rust below `folder`, without what builds leave there.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    const BUILT: [&str; 5] = ["target", "dist", "node_modules", ".venv", "vendor"];
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !path.is_symlink() {
            if !BUILT.contains(&name.as_str()) {
                files.extend(sources(&path)?);
            }
        } else if name == "Cargo.toml" || path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

/// Normal dependencies (not those of tests and build scripts) of the whole workspace.
struct Graph {
    /// Workspace members and the names they depend on directly.
    direct: BTreeMap<String, BTreeSet<String>>,
    /// Everything: package id to package ids.
    resolved: BTreeMap<String, BTreeSet<String>>,
    /// Package id to name.
    names: BTreeMap<String, String>,
    host: BTreeSet<String>,
}

impl Graph {
    fn of_the_workspace() -> Result<Self> {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--offline"])
            .current_dir(workspace_dir())
            .output()?;
        ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
        let metadata: Value = serde_json::from_slice(&output.stdout)?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let members: BTreeSet<String> = list(&metadata["workspace_members"]).iter().map(text).collect();
        let mut graph = Self {
            direct: BTreeMap::new(),
            resolved: BTreeMap::new(),
            names: BTreeMap::new(),
            host: BTreeSet::new(),
        };
        for package in list(&metadata["packages"]) {
            let (id, name) = (text(&package["id"]), text(&package["name"]));
            if members.contains(&id) {
                let normal = list(&package["dependencies"]);
                let normal = normal.iter().filter(|dependency| dependency["kind"].is_null());
                graph
                    .direct
                    .insert(name.clone(), normal.map(|dependency| text(&dependency["name"])).collect());
                if text(&package["manifest_path"]).contains("/host/") {
                    graph.host.insert(name.clone());
                }
            }
            graph.names.insert(id, name);
        }
        for node in list(&metadata["resolve"]["nodes"]) {
            let normal = list(&node["deps"]).into_iter().filter(|dependency| {
                list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null())
            });
            graph
                .resolved
                .insert(text(&node["id"]), normal.map(|dependency| text(&dependency["pkg"])).collect());
        }
        Ok(graph)
    }

    fn is_of_host(&self, name: &str) -> bool {
        self.host.contains(name)
    }

    fn host_crates(&self) -> impl Iterator<Item = &str> {
        self.host.iter().map(String::as_str)
    }

    /// The names of everything below a workspace member, however deep.
    fn reaches(&self, name: &str) -> BTreeSet<String> {
        let start = self.names.iter().filter(|(_, known)| *known == name).map(|(id, _)| id.clone());
        let mut todo: Vec<String> = start.collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = todo.pop() {
            for next in self.resolved.get(&id).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    todo.push(next.clone());
                }
            }
        }
        seen.iter().filter_map(|id| self.names.get(id).cloned()).collect()
    }
}
