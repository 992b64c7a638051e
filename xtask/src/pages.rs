//! The dashboard and the viewer page: npm packages and the Vite build.
//!
//! The result lies in `host/dashboard/dist` and is embedded in the binary when it is compiled.

use std::process::Command;

use anyhow::{Result, bail};

use crate::command::{announce, find_program, output_of, run_quietly};
use crate::stamp::Stamp;
use crate::workspace;

/// Oldest Node.js that the tools of the dashboard run on: major and minor version.
const OLDEST_NODE: (u32, u32) = (20, 19);

/// Installs the packages when the lock file changed and builds when any input changed.
pub fn build() -> Result<()> {
    install_packages()?;
    let dashboard = workspace::dashboard();
    let inputs = [
        "src",
        "index.html",
        "watch.html",
        "docs.html",
        "package-lock.json",
        "package.json",
        "tsconfig.json",
        "types.mjs",
        "vite.config.ts",
        "../api/openapi.json",
    ];
    let inputs: Vec<_> = inputs.iter().map(|input| dashboard.join(input)).collect();
    let stamp = Stamp::of(dashboard.join("node_modules/.xtask/pages"), &inputs)?;
    if stamp.is_fresh() && dashboard.join("dist/index.html").is_file() {
        return Ok(());
    }
    announce("building the dashboard and the viewer page");
    run_quietly(npm().args(["run", "build"]))?;
    stamp.save()
}

/// Makes `node_modules` of the dashboard what its lock file says.
pub fn install_packages() -> Result<()> {
    let dashboard = workspace::dashboard();
    let inputs = ["package-lock.json", "package.json", ".npmrc"].map(|input| dashboard.join(input));
    let stamp = Stamp::of(dashboard.join("node_modules/.xtask/packages"), &inputs)?;
    if stamp.is_fresh() {
        return Ok(());
    }
    require_node()?;
    announce("installing the packages of the dashboard");
    run_quietly(npm().args(["ci", "--no-audit", "--no-fund"]))?;
    stamp.save()
}

/// npm in the folder of the dashboard.
pub fn npm() -> Command {
    let mut npm = Command::new("npm");
    npm.current_dir(workspace::dashboard());
    npm
}

/// Fails with advice unless Node.js and npm are there and new enough.
pub fn require_node() -> Result<()> {
    let (major, minor) = OLDEST_NODE;
    let advice = format!("Node.js {major}.{minor} or newer with npm builds the pages: https://nodejs.org/");
    if find_program("node").is_none() || find_program("npm").is_none() {
        bail!("node or npm is not on the PATH. {advice}");
    }
    let version = output_of(Command::new("node").arg("--version"))?;
    match version_of(&version) {
        Some(found) if found >= OLDEST_NODE => Ok(()),
        _ => bail!("node {version} is too old. {advice}"),
    }
}

/// Major and minor of `v20.19.4`.
fn version_of(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim_start_matches('v').split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_are_read_as_node_prints_them() {
        assert_eq!(version_of("v20.19.4"), Some((20, 19)));
        assert_eq!(version_of("v22.0.0"), Some((22, 0)));
        assert_eq!(version_of("node"), None);
    }
}
