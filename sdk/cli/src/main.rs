//! The command `neustream-plugin`.

use std::process::ExitCode;

fn main() -> ExitCode {
    neustream_plugin_cli::main()
}
