//! See the module.
#![no_main]

#[path = "../hostile_peer.rs"]
mod hostile_peer;

libfuzzer_sys::fuzz_target!(|data: &[u8]| hostile_peer::run(data));
