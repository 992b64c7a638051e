//! The Rust face of `wit/host`, generated. Galleries map the host's interfaces to these.

#![allow(missing_docs, unused_qualifications, clippy::all, clippy::pedantic)]

wit_bindgen::generate!({
    path: ["../../../wit/host"],
    world: "neustream:host/connected",
    generate_all,
    generate_unused_types: true,
});
