//! The WIT packages as Rust types: generated, nothing written by hand.
//!
//! One module a world. The interfaces of `wit/host` are generated once, in
//! [`host`], and shared by the four kinds. Only imports that wait are `async`
//! on this side; the others answer at once.

#![allow(missing_docs, clippy::all, clippy::pedantic, reason = "generated code")]

pub use host::neustream;

pub mod host {
    wasmtime::component::bindgen!({
        path: ["../../wit/host"],
        world: "neustream:host/connected",
        imports: {
            "neustream:host/kv": async,
            "neustream:host/http": async,
        },
        additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
    });
}

pub mod destination {
    wasmtime::component::bindgen!({
        path: ["../../wit/host", "../../wit/destination"],
        world: "neustream:destination/destination-with-metadata",
        exports: { default: async },
        with: {
            "neustream:host/types": crate::bindings::neustream::host::types,
            "neustream:host/config": crate::bindings::neustream::host::config,
            "neustream:host/telemetry": crate::bindings::neustream::host::telemetry,
            "neustream:host/kv": crate::bindings::neustream::host::kv,
            "neustream:host/http": crate::bindings::neustream::host::http,
            "neustream:host/crypto": crate::bindings::neustream::host::crypto,
        },
    });
}

pub mod chat {
    wasmtime::component::bindgen!({
        path: ["../../wit/host", "../../wit/chat"],
        world: "neustream:chat/chat",
        exports: { default: async },
        with: {
            "neustream:host/types": crate::bindings::neustream::host::types,
            "neustream:host/config": crate::bindings::neustream::host::config,
            "neustream:host/telemetry": crate::bindings::neustream::host::telemetry,
            "neustream:host/crypto": crate::bindings::neustream::host::crypto,
        },
    });
}

pub mod moderation {
    wasmtime::component::bindgen!({
        path: ["../../wit/host", "../../wit/moderation"],
        world: "neustream:moderation/moderation",
        exports: { default: async },
        with: {
            "neustream:host/types": crate::bindings::neustream::host::types,
            "neustream:host/config": crate::bindings::neustream::host::config,
            "neustream:host/telemetry": crate::bindings::neustream::host::telemetry,
        },
    });
}

pub mod payment {
    wasmtime::component::bindgen!({
        path: ["../../wit/host", "../../wit/payment"],
        world: "neustream:payment/payment",
        exports: { default: async },
        with: {
            "neustream:host/types": crate::bindings::neustream::host::types,
            "neustream:host/config": crate::bindings::neustream::host::config,
            "neustream:host/telemetry": crate::bindings::neustream::host::telemetry,
            "neustream:host/kv": crate::bindings::neustream::host::kv,
            "neustream:host/http": crate::bindings::neustream::host::http,
            "neustream:host/crypto": crate::bindings::neustream::host::crypto,
        },
    });
}
