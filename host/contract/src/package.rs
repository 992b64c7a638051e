//! A plugin's package: one WebAssembly component that carries its manifest and
//! configuration schema in custom sections, so that one digest covers code and
//! permissions.
//!
//! Reading walks the top-level sections only and trusts nothing; whether the
//! code is sound is decided when it is compiled. A signature is one more custom
//! section, the last one; the digest is that of everything before it, so that
//! a signed package is the same plugin as the unsigned one.

use neustream_model::TenantId;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::config::{ConfigSchema, SchemaError};
use crate::manifest::{Manifest, ManifestError};
use crate::signature::{Signature, SignatureError};

/// The section with the manifest as canonical JSON.
pub const MANIFEST_SECTION: &str = "neustream:manifest";
/// The section with the JSON Schema of the configuration.
pub const CONFIG_SCHEMA_SECTION: &str = "neustream:config-schema";
/// The section with the publisher's key and signature; the last of the file.
pub const SIGNATURE_SECTION: &str = "neustream:signature";
/// The section that a host adds to a development version: the tenant whose it is.
pub const DEVELOPMENT_SECTION: &str = "neustream:development";
/// The largest package. Rust plugins have some 50 kB, those with a JavaScript or Python engine up to 18 MB.
pub const MAX_PACKAGE_BYTES: usize = 20 * 1024 * 1024;
/// The largest package without an engine of a scripting language in it.
pub const MAX_NATIVE_PACKAGE_BYTES: usize = 8 * 1024 * 1024;

/// The eight bytes a component begins with: magic, version 13, layer 1 (component model binary format).
const PREAMBLE: [u8; 8] = [0x00, b'a', b's', b'm', 0x0d, 0x00, 0x01, 0x00];

/// Why a file is not a package.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// More than [`MAX_PACKAGE_BYTES`].
    #[error("the package has {0} bytes; {MAX_PACKAGE_BYTES} are allowed")]
    TooLarge(usize),
    /// Another kind of file.
    #[error("not a WebAssembly component")]
    NotComponent,
    /// A core module.
    #[error("a WebAssembly module, not a component: package it with the plugin tool")]
    CoreModule,
    /// A section does not fit.
    #[error("malformed component: {what} at byte {offset}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
        /// Where.
        offset: usize,
    },
    /// A section is there twice.
    #[error("the section `{0}` is there twice")]
    Twice(&'static str),
    /// A section is missing.
    #[error("the component has no section `{0}`: package it with the plugin tool")]
    Missing(&'static str),
    /// Something follows the signature, which would not be covered by it.
    #[error("the section `{SIGNATURE_SECTION}` is not the last of the file")]
    AfterSignature,
    /// The signature is malformed, or not one of this package.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The manifest is wrong.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The schema is wrong.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// `config.schema` in the manifest and the section do not agree.
    #[error("manifest, `config.schema`: {0}")]
    SchemaPresence(&'static str),
}

/// What a package says about itself.
#[derive(Debug)]
pub struct Package {
    /// Its manifest.
    pub manifest: Manifest,
    /// Its configuration schema; one that allows no settings where it has none.
    pub config_schema: ConfigSchema,
    /// SHA-256 of the file up to its signature.
    pub digest: Digest,
    /// Who signed it, where somebody did; already verified.
    pub signature: Option<Signature>,
    /// Bytes of the file up to its signature: what the digest is of.
    pub content_len: usize,
}

impl Package {
    /// Whether it carries the engine of a scripting language: only then a host takes one of this size
    /// ([`MAX_NATIVE_PACKAGE_BYTES`]), and an engine alone is larger.
    pub fn has_script_engine(&self) -> bool {
        self.content_len > MAX_NATIVE_PACKAGE_BYTES
    }

    /// Reads a package.
    pub fn read(bytes: &[u8]) -> Result<Self, PackageError> {
        if bytes.len() > MAX_PACKAGE_BYTES {
            return Err(PackageError::TooLarge(bytes.len()));
        }
        let mut manifest = None;
        let mut schema = None;
        let mut signed = None;
        for section in CustomSections::of(bytes)? {
            let CustomSection { name, data, start, end } = section?;
            let (slot, name) = match name {
                SIGNATURE_SECTION if end != bytes.len() => return Err(PackageError::AfterSignature),
                SIGNATURE_SECTION => {
                    signed = Some((start, data));
                    continue;
                }
                MANIFEST_SECTION => (&mut manifest, MANIFEST_SECTION),
                CONFIG_SCHEMA_SECTION => (&mut schema, CONFIG_SCHEMA_SECTION),
                _ => continue,
            };
            if slot.replace(data).is_some() {
                return Err(PackageError::Twice(name));
            }
        }
        let manifest = Manifest::from_json(manifest.ok_or(PackageError::Missing(MANIFEST_SECTION))?)?;
        let config_schema = match schema {
            Some(schema) => ConfigSchema::parse(schema)?,
            None => ConfigSchema::empty(),
        };
        check_presence(&manifest, schema.is_some())?;
        let content_len = signed.map_or(bytes.len(), |(start, _)| start);
        let digest = Digest::of(&bytes[..content_len]);
        let signature = signed.map(|(_, data)| Signature::verified(data, &digest)).transpose()?;
        Ok(Self { manifest, config_schema, digest, signature, content_len })
    }
}

fn check_presence(manifest: &Manifest, is_schema_there: bool) -> Result<(), PackageError> {
    match (&manifest.config.schema, is_schema_there) {
        (Some(_), false) => Err(PackageError::SchemaPresence("names a file, but the package has no schema")),
        (None, true) => Err(PackageError::SchemaPresence("is missing, but the package has a schema")),
        _ => Ok(()),
    }
}

/// Adds manifest and schema to a component that has neither.
///
/// # Errors
/// When `component` is not a component, already carries one of the sections, or the result would be refused by
/// [`Package::read`].
pub fn pack(
    mut component: Vec<u8>,
    manifest: &Manifest,
    config_schema: Option<&[u8]>,
) -> Result<Vec<u8>, PackageError> {
    for section in CustomSections::of(&component)? {
        let section = section?;
        for ours in [MANIFEST_SECTION, CONFIG_SCHEMA_SECTION, SIGNATURE_SECTION] {
            if section.name == ours {
                return Err(PackageError::Twice(ours));
            }
        }
    }
    append_section(&mut component, MANIFEST_SECTION, &manifest.to_canonical_json());
    if let Some(schema) = config_schema {
        append_section(&mut component, CONFIG_SCHEMA_SECTION, schema);
    }
    Package::read(&component)?;
    Ok(component)
}

/// The bytes that a host keeps of a package under development: those up to its signature, and whose they are. So the
/// same file has another digest for every tenant, and another than when it is published.
///
/// # Errors
/// When `content` is no component, or is marked already.
pub fn marked_for_development(content: &[u8], tenant: TenantId) -> Result<Vec<u8>, PackageError> {
    for section in CustomSections::of(content)? {
        match section?.name {
            DEVELOPMENT_SECTION => return Err(PackageError::Twice(DEVELOPMENT_SECTION)),
            SIGNATURE_SECTION => return Err(PackageError::AfterSignature),
            _ => {}
        }
    }
    let mut marked = content.to_vec();
    append_section(&mut marked, DEVELOPMENT_SECTION, tenant.to_string().as_bytes());
    Ok(marked)
}

pub(crate) fn append_section(component: &mut Vec<u8>, name: &str, data: &[u8]) {
    let mut body = Vec::with_capacity(data.len() + name.len() + 5);
    write_leb128(name.len() as u32, &mut body);
    body.extend_from_slice(name.as_bytes());
    body.extend_from_slice(data);
    component.push(CUSTOM_SECTION);
    write_leb128(body.len() as u32, component);
    component.extend_from_slice(&body);
}

fn write_leb128(mut number: u32, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push((number as u8 & 0x7f) | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

const CUSTOM_SECTION: u8 = 0;

/// One custom section: its name and data, and where it lies in the file.
struct CustomSection<'a> {
    name: &'a str,
    data: &'a [u8],
    start: usize,
    end: usize,
}

/// The top-level custom sections of a component, in order.
struct CustomSections<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> CustomSections<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, PackageError> {
        match bytes.get(..8) {
            Some(preamble) if preamble == PREAMBLE => Ok(Self { bytes, offset: 8 }),
            Some([0, b'a', b's', b'm', 1, 0, 0, 0]) => Err(PackageError::CoreModule),
            _ => Err(PackageError::NotComponent),
        }
    }

    fn malformed(&self, what: &'static str) -> PackageError {
        PackageError::Malformed { what, offset: self.offset }
    }

    /// Takes `len` bytes.
    fn take_bytes(&mut self, len: usize, what: &'static str) -> Result<&'a [u8], PackageError> {
        let taken = self.offset.checked_add(len).and_then(|end| self.bytes.get(self.offset..end));
        let taken = taken.ok_or_else(|| self.malformed(what))?;
        self.offset += len;
        Ok(taken)
    }

    /// Takes an unsigned LEB128 number of at most 32 bits (WebAssembly core specification 5.2.2).
    fn take_number(&mut self) -> Result<usize, PackageError> {
        let mut number = 0_u64;
        for shift in (0..35).step_by(7) {
            let byte = self.take_bytes(1, "a length that ends early")?[0];
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return u32::try_from(number)
                    .map(|number| number as usize)
                    .map_err(|_| self.malformed("a length above 32 bits"));
            }
        }
        Err(self.malformed("a length of more than 5 bytes"))
    }

    fn next_custom(&mut self) -> Result<Option<CustomSection<'a>>, PackageError> {
        while self.offset < self.bytes.len() {
            let start = self.offset;
            let id = self.take_bytes(1, "no section id")?[0];
            let len = self.take_number()?;
            let body = self.take_bytes(len, "a section longer than the file")?;
            if id != CUSTOM_SECTION {
                continue;
            }
            let mut inner = CustomSections { bytes: body, offset: 0 };
            let name_len =
                inner.take_number().map_err(|_| self.malformed("a custom section without a name"))?;
            let name = inner
                .take_bytes(name_len, "")
                .ok()
                .and_then(|name| std::str::from_utf8(name).ok())
                .ok_or_else(|| self.malformed("a custom section without a name"))?;
            return Ok(Some(CustomSection { name, data: &body[inner.offset..], start, end: self.offset }));
        }
        Ok(None)
    }
}

impl<'a> Iterator for CustomSections<'a> {
    type Item = Result<CustomSection<'a>, PackageError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.next_custom();
        if next.is_err() {
            self.offset = self.bytes.len();
        }
        next.transpose()
    }
}

/// SHA-256 of a package. Prints as `sha256:<hex>`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

/// A text is not a digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a digest: expected `sha256:` and 64 hexadecimal digits in lower case")]
pub struct DigestMalformed;

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 hexadecimal digits.
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "sha256:{}", self.to_hex())
    }
}

impl std::str::FromStr for Digest {
    type Err = DigestMalformed;

    fn from_str(text: &str) -> Result<Self, DigestMalformed> {
        let digits = text.strip_prefix("sha256:").ok_or(DigestMalformed)?;
        if digits.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(DigestMalformed);
        }
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| DigestMalformed)?;
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Digest {
    type Error = DigestMalformed;

    fn try_from(text: String) -> Result<Self, DigestMalformed> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        Manifest::from_toml(
            "schema = 1\nid = \"a/b\"\nversion = \"0.1.0\"\nkind = \"destination\"\nname = \"B\"\nlicense = \"MIT\"\n",
        )
        .unwrap()
    }

    #[test]
    fn what_is_packed_is_read_back() {
        let bytes = pack(PREAMBLE.to_vec(), &manifest(), None).unwrap();
        let package = Package::read(&bytes).unwrap();
        assert_eq!(package.manifest, manifest());
        assert_eq!(package.digest, Digest::of(&bytes));
    }

    #[test]
    fn a_package_cannot_be_packed_again() {
        let bytes = pack(PREAMBLE.to_vec(), &manifest(), None).unwrap();
        assert_eq!(pack(bytes, &manifest(), None), Err(PackageError::Twice(MANIFEST_SECTION)));
    }

    #[test]
    fn another_manifest_gives_another_digest() {
        let other = Manifest { name: "C".to_owned(), ..manifest() };
        let one = Package::read(&pack(PREAMBLE.to_vec(), &manifest(), None).unwrap()).unwrap();
        let two = Package::read(&pack(PREAMBLE.to_vec(), &other, None).unwrap()).unwrap();
        assert_ne!(one.digest, two.digest);
    }

    #[test]
    fn a_module_a_text_and_nothing_are_not_packages() {
        assert_eq!(Package::read(b"\0asm\x01\0\0\0").unwrap_err(), PackageError::CoreModule);
        assert_eq!(Package::read(b"(component)").unwrap_err(), PackageError::NotComponent);
        assert_eq!(Package::read(b"").unwrap_err(), PackageError::NotComponent);
        assert_eq!(Package::read(&PREAMBLE).unwrap_err(), PackageError::Missing(MANIFEST_SECTION));
    }

    #[test]
    fn every_truncation_of_a_package_is_an_error_and_no_panic() {
        let bytes = pack(PREAMBLE.to_vec(), &manifest(), None).unwrap();
        for len in 0..bytes.len() {
            assert!(Package::read(&bytes[..len]).is_err(), "{len}");
        }
    }

    #[test]
    fn lengths_beyond_the_file_or_beyond_32_bits_are_malformed() {
        for section in [
            &[0_u8, 0xff, 0xff, 0xff, 0xff, 0x0f][..],
            &[0, 0xff, 0xff, 0xff, 0xff, 0x7f],
            &[0, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        ] {
            let bytes = [&PREAMBLE[..], section].concat();
            assert!(matches!(Package::read(&bytes), Err(PackageError::Malformed { .. })), "{section:?}");
        }
    }
}
