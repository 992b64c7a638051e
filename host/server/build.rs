//! Makes sure that the folder of bundled plugins exists, so that the host builds before they do.

fn main() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/dist/destinations");
    std::fs::create_dir_all(&folder).expect("the folder of bundled plugins can be made");
    println!("cargo::rerun-if-changed={}", folder.display());
}
