//! The world that a component in a script language is bound to: what its kind exports, and of what its kind may import
//! only what the manifest asks for.
//!
//! Their toolchains keep every import of a world, used or not, and a host refuses an import that the manifest does not
//! allow. What a plugin calls and its manifest does not ask for is `denied` by the SDK when it is called.

use std::path::Path;
use std::{fs, io};

use neustream_contract::{Kind, Manifest, PLATFORM_VERSION};

use crate::fit::WIT;

/// The interfaces of `neustream:host` that have functions, and that `manifest` allows.
pub(crate) fn functions(manifest: &Manifest) -> Vec<&'static str> {
    let offered = manifest.kind.offered_interfaces().iter().copied();
    offered
        .filter(|interface| *interface != "types" && manifest.table_missing_for(interface).is_none())
        .collect()
}

/// The texts of the packages that the world refers to.
pub(crate) fn packages<'a>(manifest: &Manifest) -> Vec<&'a str> {
    let kind = format!("{}.wit", manifest.kind.as_str());
    WIT.iter().filter(|(name, _)| *name == "host.wit" || *name == kind).map(|(_, text)| *text).collect()
}

/// Writes the world `plugin` into `folder`, with the packages that it refers to; for destinations
/// `plugin-with-metadata`, too.
pub(crate) fn write(folder: &Path, manifest: &Manifest) -> io::Result<()> {
    let dependencies = folder.join("deps");
    fs::create_dir_all(&dependencies)?;
    for (name, text) in WIT {
        let package = name.trim_end_matches(".wit");
        if package == "host" || package == manifest.kind.as_str() {
            fs::create_dir_all(dependencies.join(package))?;
            fs::write(dependencies.join(package).join(name), text)?;
        }
    }
    fs::write(folder.join("plugin.wit"), text(manifest))
}

/// The text of the world.
pub(crate) fn text(manifest: &Manifest) -> String {
    let kind = manifest.kind;
    let import = |interface| format!("  import neustream:host/{interface}@{PLATFORM_VERSION};\n");
    let imports: Vec<_> = functions(manifest).into_iter().map(import).collect();
    let (imports, interface) = (imports.concat(), kind.interface());
    let with_metadata = if kind == Kind::Destination {
        format!(
            "\nworld plugin-with-metadata {{\n  include plugin;\n  export neustream:destination/metadata@{PLATFORM_VERSION};\n}}\n"
        )
    } else {
        String::new()
    };
    format!(
        "package neustream:guest;\n\nworld plugin {{\n{imports}  export {interface}@{PLATFORM_VERSION};\n}}\n{with_metadata}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(kind: &str, more: &str) -> Manifest {
        let text = format!(
            "schema = 1\nid = \"a/b\"\nversion = \"0.1.0\"\nkind = \"{kind}\"\nname = \"B\"\nlicense = \"MIT\"\n{more}"
        );
        Manifest::from_toml(&text).unwrap()
    }

    #[test]
    fn a_world_has_what_the_manifest_asks_for_and_no_more() {
        assert_eq!(functions(&manifest("moderation", "")), ["config", "telemetry"]);
        let kv = "[capabilities.kv]\nmax-bytes = 1000\n";
        assert_eq!(functions(&manifest("destination", kv)), ["config", "telemetry", "kv"]);
        let http =
            "[capabilities.http]\nhosts = [\"https://a.example\"]\nmethods = [\"GET\"]\nreason = \"R\"\n";
        let hmac = "[capabilities.secrets.s]\nkind = \"hmac\"\n";
        let all = functions(&manifest("payment", &format!("{http}{hmac}")));
        assert_eq!(all, ["config", "telemetry", "crypto", "http"]);
        // A lookup of a filter is made by the host.
        assert_eq!(functions(&manifest("moderation", http)), ["config", "telemetry"]);
    }

    #[test]
    fn the_worlds_of_every_kind_can_be_read() {
        for kind in Kind::ALL {
            let mut resolve = wit_parser::Resolve::default();
            for (name, text) in WIT {
                resolve.push_source(name, text).unwrap();
            }
            resolve.push_source("plugin.wit", &text(&manifest(kind.as_str(), ""))).unwrap();
        }
    }
}
