//! A plugin that is ready to run.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use memchr::memmem;
use neustream_contract::{Call, CallError, CallErrorKind, Grant, Kind, Manifest, Package, PluginInfo};
use neustream_outbound::Rules;
use wasmtime::component::{Component, InstancePre};

use crate::engine::Metering;
use crate::error::LoadError;
use crate::installation::Installation;
use crate::kind::{Exports, Linkers, check_imports};
use crate::limits::MAX_NATIVE_PACKAGE_BYTES;
use crate::measures::Measures;
use crate::state::CallState;
use crate::text::printable;

/// Grants whose rules are kept; the oldest goes first. Most installations of a plugin granted the same.
const MAX_RULES: usize = 32;

/// What a package says, checked, before its code is compiled.
pub(crate) struct KnownPlugin {
    pub(crate) package: Package,
    pub(crate) info: PluginInfo,
}

impl KnownPlugin {
    /// Reads and checks a package.
    pub(crate) fn read(bytes: &Bytes) -> Result<Self, LoadError> {
        Self::of(Package::read(bytes)?, bytes)
    }

    /// Checks what `package`, read from `bytes`, says about itself.
    pub(crate) fn of(package: Package, bytes: &[u8]) -> Result<Self, LoadError> {
        if package.has_script_engine() && !has_script_engine(bytes) {
            return Err(LoadError::TooLarge { bytes: bytes.len(), max_bytes: MAX_NATIVE_PACKAGE_BYTES });
        }
        Rules::of(&package.manifest, &Grant::all_of(&package.manifest))?;
        Ok(Self { info: PluginInfo::of(&package), package })
    }

    pub(crate) fn manifest(&self) -> &Manifest {
        &self.package.manifest
    }

    pub(crate) fn kind(&self) -> Kind {
        self.package.manifest.kind
    }

    pub(crate) fn metering(&self) -> Metering {
        Metering::of(self.kind())
    }
}

/// Whether the component carries the engine of a scripting language, which both toolchains (componentize-js and
/// componentize-py) leave the name of in its data. Who forges it gains only room: compiling has its own limits.
pub fn has_script_engine(component: &[u8]) -> bool {
    ["SpiderMonkey", "StarlingMonkey", "componentize-py", "ComponentizeJS", "componentize-js"]
        .iter()
        .any(|name| memmem::find(component, name.as_bytes()).is_some())
}

/// A known plugin with its code, bound to this host's imports.
pub(crate) struct LoadedPlugin {
    pub(crate) known: Arc<KnownPlugin>,
    pub(crate) pre: InstancePre<CallState>,
    pub(crate) exports: Exports,
    /// What its code takes in memory.
    pub(crate) code_bytes: usize,
    pub(crate) measures: Measures,
    rules: Mutex<Vec<(Grant, Arc<Rules>)>>,
}

impl LoadedPlugin {
    /// Checks imports and exports of `component` and binds it.
    pub(crate) fn bind(
        known: Arc<KnownPlugin>,
        component: &Component,
        linkers: &Linkers,
    ) -> Result<Self, LoadError> {
        check_imports(component, component.engine(), known.manifest())?;
        let mismatch = |error: wasmtime::Error| LoadError::Mismatch(format!("{error:#}"));
        let pre = linkers.of(known.kind()).instantiate_pre(component).map_err(mismatch)?;
        let exports = Exports::of(known.kind(), &pre)?;
        let image = component.image_range();
        let code_bytes = image.end as usize - image.start as usize;
        let measures = Measures::of(&known.info);
        Ok(Self { known, pre, exports, code_bytes, measures, rules: Mutex::default() })
    }

    pub(crate) fn manifest(&self) -> &Manifest {
        self.known.manifest()
    }

    /// The rules for somebody who granted `grant`.
    ///
    /// # Errors
    /// Never for a package that was known: its patterns were read with a full grant.
    pub(crate) fn rules(&self, grant: &Grant) -> Result<Arc<Rules>, CallError> {
        let mut kept = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, rules)) = kept.iter().find(|(granted, _)| granted == grant) {
            return Ok(Arc::clone(rules));
        }
        let rules = Rules::of(self.manifest(), grant).map(Arc::new).map_err(|error| {
            CallError::new(CallErrorKind::NotRunnable, "plugin-not-runnable", error.to_string())
        })?;
        if kept.len() >= MAX_RULES {
            kept.remove(0);
        }
        kept.push((grant.clone(), Arc::clone(&rules)));
        Ok(rules)
    }
}

/// Configuration and secrets as the manifest wants them.
pub(crate) fn check_settings(
    plugin: &LoadedPlugin,
    call: &Call,
    installation: &Installation,
) -> Result<(), CallError> {
    let digest = plugin.known.package.digest;
    if !installation.is_valid_config(&digest, &call.config) {
        plugin.known.package.config_schema.validate_text(&call.config).map_err(|invalid| {
            let message = printable(&invalid.to_string(), 300);
            CallError::new(CallErrorKind::InvalidConfig, "config-invalid", message)
        })?;
        installation.note_valid_config(digest, &call.config);
    }
    let mut secrets = plugin.manifest().capabilities.secrets.iter();
    match secrets.find(|(name, secret)| secret.required && call.secrets.get(name).is_none()) {
        Some((name, _)) => {
            let message = format!("The secret `{name}` is not set.");
            Err(CallError::new(CallErrorKind::InvalidConfig, "secret-missing", message))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use neustream_contract::package::pack;

    use super::*;

    fn package(padding: &[u8]) -> Bytes {
        let manifest = "schema = 1\nid = \"a/b\"\nversion = \"0.1.0\"\nkind = \"moderation\"\nname = \"B\"\nlicense = \"MIT\"\n";
        let mut component = b"\0asm\x0d\0\x01\0".to_vec();
        // A custom section named `x` with the padding in it.
        let body_len = padding.len() + 2;
        component.push(0);
        component.extend([0x80 | body_len as u8 & 0x7f, 0x80 | (body_len >> 7) as u8 & 0x7f]);
        component.extend([0x80 | (body_len >> 14) as u8 & 0x7f, (body_len >> 21) as u8, 1, b'x']);
        component.extend_from_slice(padding);
        pack(component, &Manifest::from_toml(manifest).unwrap(), None).unwrap().into()
    }

    #[test]
    fn only_what_carries_a_script_engine_may_be_larger_than_eight_mebibytes() {
        let mut padding = vec![7; MAX_NATIVE_PACKAGE_BYTES];
        assert!(matches!(KnownPlugin::read(&package(&padding)), Err(LoadError::TooLarge { .. })));
        padding.extend_from_slice(b"StarlingMonkey");
        let known = KnownPlugin::read(&package(&padding)).unwrap();
        assert!(known.package.has_script_engine());
    }
}
