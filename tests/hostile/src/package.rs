//! Packages by their binary format: a component with custom sections.

use serde_json::{Value, json};

use crate::Kind;

/// A component's first eight bytes.
pub(crate) const PREAMBLE: [u8; 8] = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];

/// `component` with a manifest that asks for everything that its kind may ask for.
pub fn package(component: &[u8], kind: Kind, id: &str) -> Vec<u8> {
    with_manifest(component, &manifest(kind, id))
}

/// [`package`] with a manifest that was changed.
pub fn package_with(component: &[u8], kind: Kind, id: &str, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut manifest = manifest(kind, id);
    change(&mut manifest);
    with_manifest(component, &manifest)
}

/// `component` with this manifest.
pub(crate) fn with_manifest(component: &[u8], manifest: &Value) -> Vec<u8> {
    with_section(component, "neustream:manifest", manifest.to_string().as_bytes())
}

/// `bytes` with one more custom section.
pub fn with_section(bytes: &[u8], name: &str, data: &[u8]) -> Vec<u8> {
    let mut body = leb128(name.len());
    body.extend_from_slice(name.as_bytes());
    body.extend_from_slice(data);
    let mut out = bytes.to_vec();
    out.push(0);
    out.extend(leb128(body.len()));
    out.extend(body);
    out
}

/// Unsigned LEB128.
pub(crate) fn leb128(mut number: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while number >= 0x80 {
        out.push((number as u8 & 0x7f) | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
    out
}

/// The top-level sections of a component: id, and where each begins and ends. Stops where nothing more can be read.
pub(crate) fn sections(bytes: &[u8]) -> Vec<(u8, usize, usize)> {
    let mut found = Vec::new();
    let mut at = PREAMBLE.len();
    while at < bytes.len() {
        let start = at;
        let id = bytes[at];
        at += 1;
        let (mut len, mut shift) = (0_usize, 0);
        while let Some(byte) = bytes.get(at) {
            at += 1;
            len |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 || shift > 28 {
                break;
            }
        }
        let end = at.saturating_add(len);
        if end > bytes.len() {
            break;
        }
        found.push((id, start, end));
        at = end;
    }
    found
}

/// A component without its custom sections, so that it can be given others.
pub fn without_custom_sections(bytes: &[u8]) -> Vec<u8> {
    let mut out = PREAMBLE.to_vec();
    for (_, start, end) in sections(bytes).into_iter().filter(|(id, ..)| *id != 0) {
        out.extend_from_slice(&bytes[start..end]);
    }
    out
}

/// A manifest that asks for everything that its kind may ask for, and needs nothing to be set.
pub(crate) fn manifest(kind: Kind, id: &str) -> Value {
    let mut capabilities = json!({
        "http": {
            "hosts": ["https://api.hostile.test", "http://plain.hostile.test"],
            "methods": ["GET", "POST"],
            "reason": "To be caught",
        },
        "secrets": {
            "api-token": { "kind": "string", "hosts": ["api.hostile.test"], "required": false },
        },
    });
    if kind != Kind::Moderation {
        capabilities["secrets"]["webhook"] = json!({ "kind": "hmac", "required": false });
    }
    if matches!(kind, Kind::Destination | Kind::Payment) {
        capabilities["kv"] = json!({ "max-bytes": 4096 });
    }
    if kind == Kind::Destination {
        capabilities["push"] = json!({ "hosts": ["rtmp://push.hostile.test"] });
        capabilities["secrets"]["stream-key"] = json!({ "kind": "string", "push": true, "required": false });
    }
    if kind == Kind::Chat {
        capabilities["connect"] = json!({ "hosts": ["wss://chat.hostile.test"], "reason": "To be caught" });
        capabilities["webhook"] = json!({ "reason": "To be caught" });
    }
    json!({
        "schema": 1,
        "id": id,
        "version": "0.1.0",
        "kind": kind.as_str(),
        "name": "Hostile",
        "license": "MIT",
        "capabilities": capabilities,
    })
}

/// The data of the custom section `name` at the top of a component.
pub fn section<'a>(bytes: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let named = [leb128(name.len()), name.as_bytes().to_vec()].concat();
    sections(bytes).into_iter().filter(|(id, ..)| *id == 0).find_map(|(_, start, end)| {
        let length = bytes[start + 1..].iter().take_while(|byte| **byte & 0x80 != 0).count() + 1;
        bytes[start + 1 + length..end].strip_prefix(named.as_slice())
    })
}
