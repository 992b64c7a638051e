//! The kinds of plugins, and their interfaces as the canonical ABI sees them.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::abi::{AbiVariant, WasmSignature, WasmType};
use wit_parser::{Resolve, WorldId, WorldItem};

/// What a package claims to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Says where and how to push a broadcast.
    Destination,
    /// Connects a platform's chat.
    Chat,
    /// Judges messages.
    Moderation,
    /// Takes payments.
    Payment,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Destination, Self::Chat, Self::Moderation, Self::Payment];

    /// The word in manifests and in `wit/`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Destination => "destination",
            Self::Chat => "chat",
            Self::Moderation => "moderation",
            Self::Payment => "payment",
        }
    }

    /// The file of its gallery in `plugins/dist/hostile`.
    pub(crate) fn gallery(self) -> &'static str {
        match self {
            Self::Destination => "gallery.wasm",
            Self::Chat => "chat-gallery.wasm",
            Self::Moderation => "moderation-gallery.wasm",
            Self::Payment => "payment-gallery.wasm",
        }
    }
}

/// A core function of the canonical ABI.
#[derive(Debug, Clone)]
pub(crate) struct CoreFunction {
    /// For imports the module; empty for exports.
    pub(crate) module: String,
    /// Its name.
    pub(crate) name: String,
    /// Types such as `i32`.
    pub(crate) params: Vec<&'static str>,
    /// At most one.
    pub(crate) results: Vec<&'static str>,
}

impl CoreFunction {
    fn of(module: String, name: String, signature: &WasmSignature) -> Self {
        let types = |types: &[WasmType]| {
            let core = |ty: &WasmType| match ty {
                WasmType::I64 | WasmType::PointerOrI64 => "i64",
                WasmType::F32 => "f32",
                WasmType::F64 => "f64",
                WasmType::I32 | WasmType::Pointer | WasmType::Length => "i32",
            };
            types.iter().map(core).collect()
        };
        Self { module, name, params: types(&signature.params), results: types(&signature.results) }
    }

    /// Parameters and results in text form.
    pub(crate) fn signature(&self) -> String {
        let mut text = String::new();
        for (word, types) in [("param", &self.params), ("result", &self.results)] {
            if !types.is_empty() {
                let _ = write!(text, " ({word} {})", types.join(" "));
            }
        }
        text
    }
}

/// A kind's world.
pub(crate) struct Interface {
    resolve: Resolve,
    world: WorldId,
    /// What its host offers.
    pub(crate) imports: Vec<CoreFunction>,
    /// What a plugin must answer.
    pub(crate) exports: Vec<CoreFunction>,
}

impl Interface {
    /// Reads `wit/host` and the kind's package.
    pub(crate) fn read(wit: &Path, kind: Kind) -> Result<Self> {
        let mut resolve = Resolve::default();
        resolve.push_path(wit.join("host"))?;
        let (package, _) = resolve.push_path(wit.join(kind.as_str()))?;
        let world = resolve.select_world(&[package], Some(kind.as_str()))?;
        let functions = |is_import: bool| {
            let world = &resolve.worlds[world];
            let items = if is_import { &world.imports } else { &world.exports };
            let variant = if is_import { AbiVariant::GuestImport } else { AbiVariant::GuestExport };
            let mut functions = Vec::new();
            for (key, item) in items {
                let WorldItem::Interface { id, .. } = item else { continue };
                let interface = resolve.name_world_key(key);
                for function in resolve.interfaces[*id].functions.values() {
                    let signature = resolve.wasm_signature(variant, function);
                    functions.push(if is_import {
                        CoreFunction::of(interface.clone(), function.name.clone(), &signature)
                    } else {
                        CoreFunction::of(String::new(), format!("{interface}#{}", function.name), &signature)
                    });
                }
            }
            functions
        };
        let (imports, exports) = (functions(true), functions(false));
        Ok(Self { resolve, world, imports, exports })
    }

    /// The component around a core module, as a toolchain would make it.
    pub(crate) fn component(&self, mut module: Vec<u8>) -> Result<Vec<u8>> {
        embed_component_metadata(&mut module, &self.resolve, self.world, StringEncoding::UTF8)?;
        ComponentEncoder::default()
            .module(&module)
            .and_then(|mut encoder| encoder.encode())
            .map_err(|error| error.context("the module does not fit its interface"))
            .context("a component")
    }
}
