//! Lets the crate build on a fresh clone, where the pages have not been built yet.

use std::path::Path;

fn main() {
    let pages = Path::new("../dashboard/dist");
    println!("cargo:rerun-if-changed={}", pages.display());
    if let Err(error) = std::fs::create_dir_all(pages) {
        println!("cargo:warning=the folder {} cannot be made: {error}", pages.display());
    }
}
