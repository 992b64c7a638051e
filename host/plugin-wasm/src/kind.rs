//! What sets the four kinds apart for the runtime: what they may import, what they must export.
//!
//! A linker offers the imports of its kind and nothing else, so a filter cannot
//! reach the network whatever its manifest says. What a component imports is
//! compared with its kind and its manifest when it is loaded.

use neustream_contract::Manifest;
use neustream_contract::manifest::{Kind, SecretKind};
use wasmtime::component::{Component, HasSelf, InstancePre, Linker};
use wasmtime::{Engine, Error};

use crate::bindings::chat::exports::neustream::chat::connector;
use crate::bindings::destination::exports::neustream::destination::{adapter, metadata};
use crate::bindings::moderation::exports::neustream::moderation::filter;
use crate::bindings::neustream::host;
use crate::bindings::payment::exports::neustream::payment::provider;
use crate::error::LoadError;
use crate::state::CallState;

/// The functions of a component that the host calls, found once.
pub(crate) enum Exports {
    /// `neustream:destination/adapter`, and `metadata` where there is one.
    Destination(adapter::GuestIndices, Option<metadata::GuestIndices>),
    /// `neustream:chat/connector`.
    Chat(connector::GuestIndices),
    /// `neustream:moderation/filter`.
    Moderation(filter::GuestIndices),
    /// `neustream:payment/provider`.
    Payment(provider::GuestIndices),
}

impl Exports {
    /// What a component of `kind` must export.
    ///
    /// # Errors
    /// The interface, or the function of it, that is missing.
    pub(crate) fn of(kind: Kind, pre: &InstancePre<CallState>) -> Result<Self, LoadError> {
        let interface = interface(kind);
        let exports = pre.component().component_type();
        let has = |interface: &str| {
            exports.exports(pre.engine()).any(|(name, _)| name.split('@').next() == Some(interface))
        };
        if !has(interface) {
            return Err(LoadError::ExportMissing(interface.to_owned()));
        }
        let mismatch = |error: Error| LoadError::Mismatch(format!("{error:#}"));
        Ok(match kind {
            Kind::Destination => {
                let metadata = if has(METADATA) {
                    Some(metadata::GuestIndices::new(pre).map_err(mismatch)?)
                } else {
                    None
                };
                Self::Destination(adapter::GuestIndices::new(pre).map_err(mismatch)?, metadata)
            }
            Kind::Chat => Self::Chat(connector::GuestIndices::new(pre).map_err(mismatch)?),
            Kind::Moderation => Self::Moderation(filter::GuestIndices::new(pre).map_err(mismatch)?),
            Kind::Payment => Self::Payment(provider::GuestIndices::new(pre).map_err(mismatch)?),
        })
    }
}

const METADATA: &str = "neustream:destination/metadata";

fn interface(kind: Kind) -> &'static str {
    match kind {
        Kind::Destination => "neustream:destination/adapter",
        Kind::Chat => "neustream:chat/connector",
        Kind::Moderation => "neustream:moderation/filter",
        Kind::Payment => "neustream:payment/provider",
    }
}

/// The interfaces of `wit/host` that `kind` may import: those of its world.
fn offered(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Moderation => &["types", "config", "telemetry"],
        Kind::Chat => &["types", "config", "telemetry", "crypto"],
        Kind::Destination | Kind::Payment => &["types", "config", "telemetry", "crypto", "kv", "http"],
    }
}

/// One linker a kind.
pub(crate) struct Linkers {
    destination: Linker<CallState>,
    chat: Linker<CallState>,
    moderation: Linker<CallState>,
    payment: Linker<CallState>,
}

impl Linkers {
    /// Links every kind's imports: filters to `fuel`, the others to `cpu_time`.
    pub(crate) fn new(cpu_time: &Engine, fuel: &Engine) -> wasmtime::Result<Self> {
        Ok(Self {
            destination: linker(Kind::Destination, cpu_time)?,
            chat: linker(Kind::Chat, cpu_time)?,
            moderation: linker(Kind::Moderation, fuel)?,
            payment: linker(Kind::Payment, cpu_time)?,
        })
    }

    pub(crate) fn of(&self, kind: Kind) -> &Linker<CallState> {
        match kind {
            Kind::Destination => &self.destination,
            Kind::Chat => &self.chat,
            Kind::Moderation => &self.moderation,
            Kind::Payment => &self.payment,
        }
    }
}

fn linker(kind: Kind, engine: &Engine) -> wasmtime::Result<Linker<CallState>> {
    let mut linker = Linker::new(engine);
    for interface in offered(kind) {
        match *interface {
            "types" => host::types::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?,
            "config" => host::config::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?,
            "telemetry" => host::telemetry::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?,
            "crypto" => host::crypto::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?,
            "kv" => host::kv::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?,
            _ => host::http::add_to_linker::<_, HasSelf<_>>(&mut linker, |state| state)?,
        }
    }
    Ok(linker)
}

const PACKAGE: &str = "neustream:host/";

/// Compares what `component` imports with its kind and its manifest. Answers the interfaces of `wit/host`.
///
/// # Errors
/// The first import that is not offered, not of its kind, or not asked for.
pub(crate) fn check_imports(
    component: &Component,
    engine: &Engine,
    manifest: &Manifest,
) -> Result<Vec<String>, LoadError> {
    let mut imports = Vec::new();
    for (import, _) in component.component_type().imports(engine) {
        if import.starts_with("wasi:") {
            return Err(LoadError::WasiImport(import.to_owned()));
        }
        let interface = import.strip_prefix(PACKAGE).and_then(|rest| rest.split('@').next());
        let Some(interface) = interface.filter(|name| offered(Kind::Payment).contains(name)) else {
            return Err(LoadError::ImportUnknown(import.to_owned()));
        };
        if !offered(manifest.kind).contains(&interface) {
            let kind = manifest.kind.as_str();
            return Err(LoadError::ImportOfOtherKind { import: import.to_owned(), kind });
        }
        if let Some(key) = missing_table(interface, manifest) {
            return Err(LoadError::ImportNotAsked { import: import.to_owned(), key });
        }
        imports.push(interface.to_owned());
    }
    Ok(imports)
}

/// The manifest's table that `interface` needs and that is not there.
fn missing_table(interface: &str, manifest: &Manifest) -> Option<&'static str> {
    let capabilities = &manifest.capabilities;
    let mut secrets = capabilities.secrets.values();
    let (is_there, key) = match interface {
        "kv" => (capabilities.kv.is_some(), "capabilities.kv"),
        "http" => (capabilities.http.is_some(), "capabilities.http"),
        "crypto" => {
            let has_mac_key = secrets.any(|secret| secret.mac || secret.kind == SecretKind::Hmac);
            (has_mac_key, "capabilities.secrets.<name>")
        }
        _ => return None,
    };
    (!is_there).then_some(key)
}
