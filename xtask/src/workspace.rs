//! Where things are.

use std::env;
use std::path::PathBuf;

/// The root of the checkout.
pub fn root() -> PathBuf {
    let here = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.parent().expect("xtask lies one folder below the root").to_path_buf()
}

/// The build folder of the workspace, as cargo chooses it.
pub fn target_dir() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// The server's executable in `profile` (`debug` or `release`).
pub fn server_binary(profile: &str) -> PathBuf {
    target_dir().join(profile).join("neustream")
}

/// The sources of the dashboard.
pub fn dashboard() -> PathBuf {
    root().join("host/dashboard")
}
