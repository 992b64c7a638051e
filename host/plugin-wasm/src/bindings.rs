//! The WIT packages as Rust types: generated, nothing written by hand.
//!
//! Only imports that wait are `async` on this side; the others answer at once.

#![allow(missing_docs, clippy::all, clippy::pedantic, reason = "generated code")]

wasmtime::component::bindgen!({
    path: ["../../wit/host", "../../wit/destination"],
    world: "neustream:destination/destination",
    imports: {
        "neustream:host/kv": async,
        "neustream:host/http": async,
    },
    exports: { default: async },
    additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
});
