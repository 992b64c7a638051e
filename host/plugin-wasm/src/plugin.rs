//! A plugin that is ready to run.

use std::sync::Arc;

use neustream_plugin::manifest::Kind;
use neustream_plugin::{Package, PluginInfo};
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Error};

use crate::bindings::{Destination, DestinationPre};
use crate::error::LoadError;
use crate::limits::Ceilings;
use crate::rules::Rules;
use crate::state::CallState;

/// What a package says, checked, before its code is compiled.
pub(crate) struct KnownPlugin {
    pub(crate) package: Package,
    pub(crate) info: PluginInfo,
    pub(crate) rules: Arc<Rules>,
    pub(crate) ceilings: Ceilings,
}

impl KnownPlugin {
    pub(crate) fn of(package: Package) -> Result<Self, LoadError> {
        let kind = package.manifest.kind;
        if kind != Kind::Destination {
            return Err(LoadError::KindUnsupported(kind.as_str()));
        }
        let rules = Arc::new(Rules::of(&package.manifest)?);
        let ceilings = Ceilings::of(kind).lowered_to(package.manifest.limits.memory_mib);
        Ok(Self { info: PluginInfo::of(&package), package, rules, ceilings })
    }
}

/// A known plugin with its code, bound to this host's imports.
pub(crate) struct LoadedPlugin {
    pub(crate) known: Arc<KnownPlugin>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) world: DestinationPre<CallState>,
}

impl LoadedPlugin {
    /// Checks imports and exports of `component` and binds it.
    pub(crate) fn bind(
        known: Arc<KnownPlugin>,
        component: &Component,
        linker: &Linker<CallState>,
        engine: &Engine,
    ) -> Result<Self, LoadError> {
        check_imports(component, engine, &known)?;
        check_exports(component, engine)?;
        let mismatch = |error: Error| LoadError::Mismatch(format!("{error:#}"));
        let world = linker.instantiate_pre(component).and_then(DestinationPre::new).map_err(mismatch)?;
        Ok(Self { rules: Arc::clone(&known.rules), known, world })
    }
}

/// What every host call is linked to.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<CallState>> {
    let mut linker = Linker::new(engine);
    Destination::add_to_linker::<_, wasmtime::component::HasSelf<_>>(&mut linker, |state| state)?;
    Ok(linker)
}

/// Interfaces that this host offers, with the manifest's table that each needs.
const OFFERED: [(&str, Option<&str>); 6] = [
    ("types", None),
    ("config", None),
    ("telemetry", None),
    ("kv", Some("capabilities.kv")),
    ("http", Some("capabilities.http")),
    ("crypto", Some("capabilities.secrets.<name>")),
];
const PACKAGE: &str = "neustream:host/";
const ADAPTER: &str = "neustream:destination/adapter";

fn check_imports(component: &Component, engine: &Engine, known: &KnownPlugin) -> Result<(), LoadError> {
    let capabilities = &known.package.manifest.capabilities;
    for (import, _) in component.component_type().imports(engine) {
        if import.starts_with("wasi:") {
            return Err(LoadError::WasiImport(import.to_owned()));
        }
        let interface = import.strip_prefix(PACKAGE).and_then(|rest| rest.split('@').next());
        let offered = OFFERED.iter().find(|(name, _)| interface == Some(name));
        let Some((name, key)) = offered else { return Err(LoadError::ImportUnknown(import.to_owned())) };
        let is_asked = match *name {
            "kv" => capabilities.kv.is_some(),
            "http" => capabilities.http.is_some(),
            "crypto" => capabilities
                .secrets
                .values()
                .any(|secret| secret.kind == neustream_plugin::manifest::SecretKind::Hmac),
            _ => true,
        };
        if let (false, Some(key)) = (is_asked, *key) {
            return Err(LoadError::ImportNotAsked { import: import.to_owned(), key });
        }
    }
    Ok(())
}

fn check_exports(component: &Component, engine: &Engine) -> Result<(), LoadError> {
    let is_there =
        component.component_type().exports(engine).any(|(name, _)| name.split('@').next() == Some(ADAPTER));
    if is_there { Ok(()) } else { Err(LoadError::ExportMissing(ADAPTER.to_owned())) }
}
