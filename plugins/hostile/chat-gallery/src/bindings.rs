//! The Rust face of the kind's interface, generated; the host's is that of the deeds.

#![allow(missing_docs, unused_qualifications, clippy::all, clippy::pedantic)]

wit_bindgen::generate!({
    path: ["../../../wit/host", "../../../wit/chat"],
    world: "neustream:chat/chat",
    with: {
        "neustream:host/types@0.1.0": neustream_hostile_deeds::bindings::neustream::host::types,
        "neustream:host/config@0.1.0": neustream_hostile_deeds::bindings::neustream::host::config,
        "neustream:host/telemetry@0.1.0": neustream_hostile_deeds::bindings::neustream::host::telemetry,
        "neustream:host/crypto@0.1.0": neustream_hostile_deeds::bindings::neustream::host::crypto,
    },
    generate_all,
});
