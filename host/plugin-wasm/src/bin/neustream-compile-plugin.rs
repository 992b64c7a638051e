//! The compiling child as a program of its own, for this crate's tests and for tools. The server is its own child.

use std::process::ExitCode;

fn main() -> ExitCode {
    neustream_plugin_wasm::compile_child_main()
}
