//! The plugins that come with the host, and those an operator puts beside it.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use neustream_plugin::Catalogue;
use neustream_plugin::destination::DestinationAdapters;
use neustream_plugin_wasm::{LoadError, Plugins};
use rust_embed::Embed;

/// Built by `cargo xtask plugins` before the host is.
#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/../../plugins/dist/destinations"]
struct Destinations;

/// Lists every bundled plugin. One that is broken is reported and left out: the host serves without it.
pub fn register(plugins: &Plugins) {
    for name in Destinations::iter() {
        if let Some(file) = Destinations::get(&name) {
            report(&name, plugins.register(Bytes::from(file.data.into_owned())));
        }
    }
}

/// Lists every `*.wasm` of `folder`, in the order of their names.
pub fn register_folder(plugins: &Plugins, folder: &Path) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("wrong setting `plugin_dir`: {} cannot be read", folder.display()))?;
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "wasm"));
    files.sort();
    for file in files {
        let bytes = std::fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        report(&file.display().to_string(), plugins.register(Bytes::from(bytes)));
    }
    Ok(())
}

/// Compiles what was not compiled on an earlier start, so that the first stream does not wait for it.
pub async fn make_ready(plugins: Arc<Plugins>) {
    for info in plugins.list() {
        let Ok(digest) = info.digest.parse() else { continue };
        if let Err(error) = plugins.adapter(&digest).await {
            tracing::error!(plugin = info.id, %error, "a plugin cannot run");
        }
    }
}

fn report(name: &str, registered: Result<neustream_plugin::PluginInfo, LoadError>) {
    match registered {
        Ok(info) => tracing::debug!(plugin = info.id, "plugin listed"),
        Err(error) => tracing::error!(file = name, %error, "a plugin was left out"),
    }
}
