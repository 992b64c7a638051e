//! What sets the four kinds apart for the runtime: what they may import, what they must export.
//!
//! A linker offers the imports of its kind and nothing else, so a filter cannot
//! reach the network whatever its manifest says. What a component imports is
//! compared with its kind and its manifest when it is loaded.

use neustream_contract::{Kind, Manifest};
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, HasSelf, InstancePre, Linker};
use wasmtime::{Engine, Error};

use crate::bindings::chat::exports::neustream::chat::connector;
use crate::bindings::destination::exports::neustream::destination::{adapter, metadata};
use crate::bindings::moderation::exports::neustream::moderation::filter;
use crate::bindings::neustream::host;
use crate::bindings::payment::exports::neustream::payment::provider;
use crate::built_for::Named;
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
        let interface = kind.interface();
        let exports = pre.component().component_type();
        let exported = |interface: &str| {
            exports
                .exports(pre.engine())
                .find_map(|(name, _)| (unversioned(name) == interface).then_some(name))
        };
        let has = |interface: &str| exported(interface).is_some();
        match exported(interface) {
            Some(name) => Named::read(name).map_or(Ok(()), |named| named.check_number())?,
            None => return Err(LoadError::ExportMissing(interface.to_owned())),
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

fn unversioned(name: &str) -> &str {
    name.split('@').next().unwrap_or(name)
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
    for interface in kind.offered_interfaces() {
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

/// The interface of `wit/host` among the packages of ours.
const HOST: &str = "neustream:host";

/// Compares what `component` imports with its kind and its manifest. Answers the interfaces of `wit/host`.
///
/// # Errors
/// The first import that is of another version of the platform, not offered, not of its kind, or not asked for.
pub(crate) fn check_imports(
    component: &Component,
    engine: &Engine,
    manifest: &Manifest,
) -> Result<Vec<String>, LoadError> {
    let mut imports = Vec::new();
    for (import, item) in component.component_type().imports(engine) {
        if import.starts_with("wasi:") {
            return Err(LoadError::WasiImport(import.to_owned()));
        }
        let unknown = || LoadError::ImportUnknown(import.to_owned());
        let named = Named::read(import).filter(|named| named.package == HOST).ok_or_else(unknown)?;
        named.check_number()?;
        let interface = named.interface;
        if !Kind::ALL.iter().any(|kind| kind.offered_interfaces().contains(&interface)) {
            return Err(named.lacks(&format!("the interface `{interface}`"), unknown()));
        }
        if !manifest.kind.offered_interfaces().contains(&interface) {
            let kind = manifest.kind.as_str();
            return Err(LoadError::ImportOfOtherKind { import: import.to_owned(), kind });
        }
        if let Some(key) = manifest.table_missing_for(interface) {
            return Err(LoadError::ImportNotAsked { import: import.to_owned(), key });
        }
        if let ComponentItem::ComponentInstance(instance) = &item.ty {
            named.check_functions(instance, engine)?;
        }
        imports.push(interface.to_owned());
    }
    Ok(imports)
}
