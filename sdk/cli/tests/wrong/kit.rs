//! The wrong plugins: built as authors build theirs, and started as the command starts them.

#![allow(dead_code, reason = "each test uses some of it")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use neustream_contract::Kind;
use neustream_plugin_cli::local::{COMPILE_SUBCOMMAND, LocalHost, StartError};
use neustream_plugin_wasm::Compiler;

/// The folder of the plugin of `kind`.
pub fn folder(kind: Kind) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wrong").join(kind.as_str())
}

/// The package of the wrong plugin, built as an author builds it, once for all tests of this program.
pub fn built(kind: Kind) -> Vec<u8> {
    static BUILT: Mutex<BTreeMap<&str, Vec<u8>>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    built.entry(kind.as_str()).or_insert_with(|| build(kind)).clone()
}

fn build(kind: Kind) -> Vec<u8> {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder_of_package = tempfile::tempdir().expect("a folder");
    let package = folder_of_package.path().join("plugin.wasm");
    let output = Command::new(env!("CARGO_BIN_EXE_neustream-plugin"))
        .arg("build")
        .arg(folder(kind))
        .arg("--output")
        .arg(&package)
        .env("CARGO_TARGET_DIR", temporary.join("wrong"))
        .output()
        .expect("the command runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read(package).expect("a package")
}

/// The host of a package, whose compiling child is the command.
pub fn started(package: &[u8]) -> Result<LocalHost, StartError> {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_neustream-plugin"));
    LocalHost::start_with(package, Compiler { program, args: vec![OsString::from(COMPILE_SUBCOMMAND)] })
}
