//! A component from a core module, and what a component imports and exports.

use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

use crate::diagnostic::Diagnostic;

/// Makes a component of a core module that carries its interface, as the SDK for Rust leaves it.
///
/// # Errors
/// When the module lacks what its interface promises, or the other way round.
pub fn component_of_module(module: &[u8]) -> Result<Vec<u8>, Diagnostic> {
    let encoded =
        ComponentEncoder::default().module(module).and_then(|encoder| encoder.validate(true).encode());
    encoded.map_err(|error| {
        let message = format!("the compiled module does not become a component: {error:#}");
        Diagnostic::new("component-invalid", message).help(
            "a plugin imports nothing but what the SDK offers: look for a dependency that wants a system \
             (wasm-bindgen, getrandom with `js`, ...)",
        )
    })
}

/// The interfaces at a component's border, as they are written there (`neustream:host/http@0.1.0`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interfaces {
    /// What it imports.
    pub imports: Vec<String>,
    /// What it exports.
    pub exports: Vec<String>,
}

impl Interfaces {
    /// Those of a component, which may be a package.
    ///
    /// # Errors
    /// When the bytes are no component, in a sentence.
    pub fn of(component: &[u8]) -> Result<Self, String> {
        let mut found = Self::default();
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(component) {
            match payload.map_err(|error| error.to_string())? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(section) if depth == 0 => {
                    for import in section {
                        found.imports.push(import.map_err(|error| error.to_string())?.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(section) if depth == 0 => {
                    for export in section {
                        found.exports.push(export.map_err(|error| error.to_string())?.name.name.to_owned());
                    }
                }
                _ => {}
            }
        }
        Ok(found)
    }
}

/// Bytes of code and of data in a component, all its modules together.
pub(crate) fn code_and_data_bytes(component: &[u8]) -> (usize, usize) {
    let (mut code, mut data) = (0, 0);
    for payload in Parser::new(0).parse_all(component).map_while(Result::ok) {
        match payload {
            Payload::CodeSectionStart { size, .. } => code += size as usize,
            Payload::DataSection(section) => data += section.range().len(),
            _ => {}
        }
    }
    (code, data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_outer_border_counts() {
        let component = wat::parse_str(
            r#"(component
                (import "neustream:host/config@0.1.0" (instance))
                (component $inner (import "inner:thing/a" (instance)))
                (core module $m)
                (instance $empty)
                (export "neustream:moderation/filter@0.1.0" (instance $empty)))"#,
        )
        .unwrap();
        let interfaces = Interfaces::of(&component).unwrap();
        assert_eq!(interfaces.imports, ["neustream:host/config@0.1.0"]);
        assert_eq!(interfaces.exports, ["neustream:moderation/filter@0.1.0"]);
    }

    #[test]
    fn what_is_no_component_is_an_error() {
        assert!(Interfaces::of(b"hello").is_err());
        assert!(component_of_module(b"\0asm\x01\0\0\0").is_ok_and(|component| {
            Interfaces::of(&component).is_ok_and(|interfaces| interfaces.exports.is_empty())
        }));
    }
}
