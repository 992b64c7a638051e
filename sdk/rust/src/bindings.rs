//! The Rust face of the interfaces in `wit/`, generated: what a host offers here, what each kind exports in a
//! module of its own.
//!
//! The modules say in the component which imports they know; an import that a
//! plugin does not call vanishes when it is linked. Which world a plugin
//! implements is said by the one `export_...!` macro that it uses.

#![allow(missing_docs, unused_qualifications, clippy::all, clippy::pedantic)]

wit_bindgen::generate!({
    path: ["wit/host"],
    world: "neustream:host/connected",
    generate_all,
    generate_unused_types: true,
    additional_derives: [PartialEq, Eq],
});

pub mod destination {
    wit_bindgen::generate!({
        path: ["wit/host", "wit/destination"],
        world: "neustream:destination/destination",
        with: {
            "neustream:host/types@0.1.0": crate::bindings::neustream::host::types,
            "neustream:host/config@0.1.0": crate::bindings::neustream::host::config,
            "neustream:host/telemetry@0.1.0": crate::bindings::neustream::host::telemetry,
            "neustream:host/crypto@0.1.0": crate::bindings::neustream::host::crypto,
            "neustream:host/kv@0.1.0": crate::bindings::neustream::host::kv,
            "neustream:host/http@0.1.0": crate::bindings::neustream::host::http,
            "neustream:destination/adapter@0.1.0": generate,
        },
        additional_derives: [PartialEq, Eq],
        pub_export_macro: true,
        default_bindings_module: "neustream_plugin::bindings::destination",
    });
}

/// What `destination-with-metadata` has beyond `destination`: exports of two worlds add up in one component.
pub mod metadata {
    wit_bindgen::generate!({
        inline: "package neustream:guest@0.1.0; world metadata { export neustream:destination/metadata@0.1.0; }",
        path: ["wit/host", "wit/destination"],
        world: "neustream:guest/metadata",
        with: {
            "neustream:host/types@0.1.0": crate::bindings::neustream::host::types,
            "neustream:destination/metadata@0.1.0": generate,
        },
        additional_derives: [PartialEq, Eq],
        pub_export_macro: true,
        default_bindings_module: "neustream_plugin::bindings::metadata",
    });
}

pub mod chat {
    wit_bindgen::generate!({
        path: ["wit/host", "wit/chat"],
        world: "neustream:chat/chat",
        with: {
            "neustream:host/types@0.1.0": crate::bindings::neustream::host::types,
            "neustream:host/config@0.1.0": crate::bindings::neustream::host::config,
            "neustream:host/telemetry@0.1.0": crate::bindings::neustream::host::telemetry,
            "neustream:host/crypto@0.1.0": crate::bindings::neustream::host::crypto,
            "neustream:chat/connector@0.1.0": generate,
        },
        additional_derives: [PartialEq, Eq],
        pub_export_macro: true,
        default_bindings_module: "neustream_plugin::bindings::chat",
    });
}

pub mod moderation {
    wit_bindgen::generate!({
        path: ["wit/host", "wit/moderation"],
        world: "neustream:moderation/moderation",
        with: {
            "neustream:host/types@0.1.0": crate::bindings::neustream::host::types,
            "neustream:host/config@0.1.0": crate::bindings::neustream::host::config,
            "neustream:host/telemetry@0.1.0": crate::bindings::neustream::host::telemetry,
            "neustream:moderation/filter@0.1.0": generate,
        },
        additional_derives: [PartialEq, Eq],
        pub_export_macro: true,
        default_bindings_module: "neustream_plugin::bindings::moderation",
    });
}

pub mod payment {
    wit_bindgen::generate!({
        path: ["wit/host", "wit/payment"],
        world: "neustream:payment/payment",
        with: {
            "neustream:host/types@0.1.0": crate::bindings::neustream::host::types,
            "neustream:host/config@0.1.0": crate::bindings::neustream::host::config,
            "neustream:host/telemetry@0.1.0": crate::bindings::neustream::host::telemetry,
            "neustream:host/crypto@0.1.0": crate::bindings::neustream::host::crypto,
            "neustream:host/kv@0.1.0": crate::bindings::neustream::host::kv,
            "neustream:host/http@0.1.0": crate::bindings::neustream::host::http,
            "neustream:payment/provider@0.1.0": generate,
        },
        additional_derives: [PartialEq, Eq],
        pub_export_macro: true,
        default_bindings_module: "neustream_plugin::bindings::payment",
    });
}
