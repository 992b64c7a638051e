//! `cargo xtask screens`: the pictures of `docs/screens`.
//!
//! A furnished platform is started with its pages, a stream and destinations, and a browser takes a picture of every
//! screen, in light and in dark. The list of screens is `tests/browser/screens.mjs`.

use std::fs;

use anyhow::{Context, Result};

use crate::command::{announce, cargo, run};
use crate::{run as server, setup, workspace};

/// Builds everything and takes the pictures: of every screen, or of the one called `name`.
pub fn take(name: Option<&str>) -> Result<()> {
    setup::for_tests()?;
    server::build_server("dev")?;
    let folder = workspace::root().join("docs/screens");
    if name.is_none() && folder.exists() {
        // What has no screen any more shall have no picture either.
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    announce("taking pictures");
    let stage =
        ["run", "--quiet", "--package", "neustream-tests", "--bin", "neustream-stage", "--", "pictures"];
    run(cargo().args(stage).arg(&folder).args(name))
}
