//! The plugins that come with the host, and those an operator puts beside it.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use neustream_catalogue::{Catalogue, CatalogueError, Version};
use neustream_contract::{Digest, Kind, PluginPlatform};
use neustream_plugin_wasm::Plugins;
use rust_embed::Embed;

/// Built by `cargo xtask plugins` before the host is.
#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/../../plugins/dist"]
#[include = "destinations/*.wasm"]
#[include = "chat/*.wasm"]
#[include = "moderation/*.wasm"]
#[include = "payments/*.wasm"]
struct Bundled;

/// Lists every bundled plugin, and every `*.wasm` of `folder` in the order of their names. One that is broken is
/// reported and left out: the host serves without it. Answers the packages that a stream may need at any
/// moment: destinations. The others are made ready when they are installed.
pub async fn adopt(catalogue: &Catalogue, folder: Option<&Path>) -> anyhow::Result<Vec<Digest>> {
    let mut adopted = Vec::new();
    for name in Bundled::iter() {
        if let Some(file) = Bundled::get(&name) {
            adopted.extend(reported(&name, catalogue.adopt(Bytes::from(file.data.into_owned())).await));
        }
    }
    let Some(folder) = folder else { return Ok(adopted) };
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("wrong setting `plugin_dir`: {} cannot be read", folder.display()))?;
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "wasm"));
    files.sort();
    for file in files {
        let bytes = std::fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        adopted.extend(reported(&file.display().to_string(), catalogue.adopt(Bytes::from(bytes)).await));
    }
    Ok(adopted)
}

/// How many plugins are built into this program.
pub fn count() -> usize {
    Bundled::iter().count()
}

/// Compiles what was not compiled on an earlier start, so that the first stream does not wait for it.
pub async fn make_ready(packages: Vec<Digest>, plugins: Arc<Plugins>) {
    for package in packages {
        if let Err(error) = plugins.make_ready(&package).await {
            tracing::error!(%package, %error, "a plugin cannot run");
        }
    }
}

fn reported(name: &str, adopted: Result<Version, CatalogueError>) -> Option<Digest> {
    match adopted {
        Ok(version) => {
            tracing::debug!(plugin = version.id(), state = %version.state, "plugin listed");
            let is_soon_needed = version.package.manifest.kind == Kind::Destination;
            (is_soon_needed && version.state.may_run()).then(|| version.digest())
        }
        Err(error) => {
            tracing::error!(file = name, %error, "a plugin was left out");
            None
        }
    }
}
