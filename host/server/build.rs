//! Makes sure that the folders of bundled plugins exist, so that the host builds before they do.

fn main() {
    let dist = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/dist");
    for kind in ["destinations", "chat", "moderation", "payments"] {
        let folder = dist.join(kind);
        std::fs::create_dir_all(&folder).expect("the folders of bundled plugins can be made");
        println!("cargo::rerun-if-changed={}", folder.display());
    }
}
