//! A plugin that is ready to run.

use std::sync::Arc;

use neustream_outbound::Rules;
use neustream_plugin::manifest::{Kind, SecretKind};
use neustream_plugin::{CallError, CallErrorKind, Grant, Package, PluginInfo};
use wasmtime::component::{Component, HasSelf, InstancePre, Linker};
use wasmtime::{Engine, Error};

use crate::bindings::destination::exports::neustream::destination::{adapter, metadata};
use crate::bindings::neustream::host;
use crate::error::LoadError;
use crate::limits::Ceilings;
use crate::state::CallState;

/// What a package says, checked, before its code is compiled.
pub(crate) struct KnownPlugin {
    pub(crate) package: Package,
    pub(crate) info: PluginInfo,
    pub(crate) ceilings: Ceilings,
}

impl KnownPlugin {
    pub(crate) fn of(package: Package) -> Result<Self, LoadError> {
        let kind = package.manifest.kind;
        if kind != Kind::Destination {
            return Err(LoadError::KindUnsupported(kind.as_str()));
        }
        Rules::of(&package.manifest, &Grant::all_of(&package.manifest))?;
        let ceilings = Ceilings::of(kind).lowered_to(package.manifest.limits.memory_mib);
        Ok(Self { info: PluginInfo::of(&package), package, ceilings })
    }
}

/// A known plugin with its code, bound to this host's imports.
pub(crate) struct LoadedPlugin {
    pub(crate) known: Arc<KnownPlugin>,
    pub(crate) pre: InstancePre<CallState>,
    pub(crate) adapter: adapter::GuestIndices,
    pub(crate) metadata: Option<metadata::GuestIndices>,
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
        let pre = linker.instantiate_pre(component).map_err(mismatch)?;
        let adapter = adapter::GuestIndices::new(&pre).map_err(mismatch)?;
        let metadata = metadata::GuestIndices::new(&pre).ok();
        Ok(Self { known, pre, adapter, metadata })
    }

    /// The rules for somebody who granted `grant`.
    pub(crate) fn rules(&self, grant: &Grant) -> Result<Arc<Rules>, CallError> {
        Rules::of(&self.known.package.manifest, grant).map(Arc::new).map_err(|error| {
            CallError::new(CallErrorKind::NotRunnable, "plugin-not-runnable", error.to_string())
        })
    }
}

/// What every host call is linked to.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<CallState>> {
    let mut linker = Linker::new(engine);
    host::types::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?;
    host::config::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?;
    host::telemetry::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?;
    host::crypto::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?;
    host::kv::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?;
    host::http::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?;
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
                .any(|secret| secret.mac || secret.kind == SecretKind::Hmac),
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
