//! The binary `neustream`.
fn main() {}
