//! What a package is, as lines and as JSON: what it asks for in the words that a tenant reads, what it imports and
//! exports, and how much room its limits leave.

use neustream_contract::config::MAX_SCHEMA_BYTES;
use neustream_contract::manifest::MAX_MANIFEST_BYTES;
use neustream_contract::{Manifest, Permission};
use neustream_plugin_project::Interfaces;
use serde::Serialize;

use crate::output::{Output, Tint};

/// A size, and how large it may be; both in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Room {
    /// What it is of: `package`, `manifest`, `config-schema`.
    pub of: &'static str,
    /// What there is.
    pub bytes: usize,
    /// What is allowed.
    pub max_bytes: usize,
}

impl Room {
    /// The sizes of a package that a host limits.
    pub fn of_package(
        bytes: usize,
        max_bytes: usize,
        manifest: &Manifest,
        schema_bytes: Option<usize>,
    ) -> Vec<Self> {
        let manifest = manifest.to_canonical_json().len();
        let mut rooms = vec![
            Self { of: "package", bytes, max_bytes },
            Self { of: "manifest", bytes: manifest, max_bytes: MAX_MANIFEST_BYTES },
        ];
        let schema = |bytes| Self { of: "config-schema", bytes, max_bytes: MAX_SCHEMA_BYTES };
        rooms.extend(schema_bytes.map(schema));
        rooms
    }

    fn percent(&self) -> usize {
        (self.bytes * 100).div_ceil(self.max_bytes.max(1))
    }
}

/// Bytes for people, in the binary units of the limits.
pub(crate) fn size(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}

/// A line of a list of facts: its name in a column, then what it is.
pub(crate) fn fact(output: &Output, name: &str, text: impl AsRef<str>) {
    output.line(format!("{name:<14}{}", text.as_ref()).trim_end());
}

/// The sizes with what is left of their limits.
pub(crate) fn print_rooms(output: &Output, rooms: &[Room]) {
    for room in rooms {
        let percent = room.percent();
        let share = format!("{percent} % of {}", size(room.max_bytes));
        let share = if percent > 80 { output.tinted(Tint::Yellow, &share) } else { share };
        let name = match room.of {
            "package" => "Size",
            "manifest" => "Manifest",
            _ => "Schema",
        };
        fact(output, name, format!("{}, {share}", size(room.bytes)));
    }
}

/// What it imports and exports.
pub(crate) fn print_interfaces(output: &Output, interfaces: &Interfaces) {
    for (name, list) in [("Imports", &interfaces.imports), ("Exports", &interfaces.exports)] {
        let mut list = list.iter().map(String::as_str);
        fact(output, name, list.next().unwrap_or("nothing"));
        for next in list {
            fact(output, "", next);
        }
    }
}

/// The permission sheet, as a tenant reads it before installing.
pub(crate) fn print_permissions(output: &Output, manifest: &Manifest) {
    let permissions = manifest.permissions();
    output.line("");
    if permissions.is_empty() {
        output.line(format!("{} asks for nothing: it only computes.", manifest.name));
    } else {
        output.line(format!("{} asks its tenant for:", manifest.name));
    }
    for Permission { summary, reason, .. } in permissions {
        output.line(format!("  - {summary}"));
        if !reason.is_empty() {
            output.line(format!("    {}", output.tinted(Tint::Dim, &format!("“{reason}”"))));
        }
    }
    if !manifest.data.reads.is_empty() {
        output.line(format!("It reads: {}.", manifest.data.reads.join(", ")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_rounded_and_its_share_never_said_to_be_less() {
        assert_eq!([size(1023), size(49_357), size(8 << 20)], ["1023 B", "48.2 KiB", "8.0 MiB"]);
        assert_eq!(Room { of: "package", bytes: 1, max_bytes: 1000 }.percent(), 1);
        assert_eq!(Room { of: "package", bytes: 1001, max_bytes: 1000 }.percent(), 101);
    }
}
