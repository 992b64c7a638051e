//! The Rust face of the interface in `wit/`, generated.

#![allow(missing_docs, unused_qualifications, clippy::all, clippy::pedantic)]

wit_bindgen::generate!({
    path: ["../../wit/host", "../../wit/destination"],
    world: "neustream:destination/destination",
    generate_all,
    additional_derives: [PartialEq, Eq],
    pub_export_macro: true,
    default_bindings_module: "neustream_plugin_support::bindings",
});
