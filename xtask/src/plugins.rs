//! Bundled plugins: from crates in `plugins/` to components. No plugin has landed yet, so nothing is built.

use anyhow::Result;

/// Builds every bundled plugin.
pub fn build_all() -> Result<()> {
    Ok(())
}
