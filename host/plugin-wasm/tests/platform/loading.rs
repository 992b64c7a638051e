//! What may not be loaded, and what its author is told.

use neustream_contract::destination::DestinationAdapters as _;
use neustream_contract::package::pack;
use neustream_contract::{Call, Manifest, Package, PackageError};
use neustream_hostile::without_custom_sections;
use neustream_plugin_wasm::{CompileError, LoadError};

use crate::kit::{GALLERY, Platform, broadcast, package};

pub fn manifest(more: &str) -> Manifest {
    let text = format!(
        "schema = 1\nid = \"test/made\"\nversion = \"0.1.0\"\nkind = \"destination\"\nname = \"Made\"\n\
         license = \"MIT\"\n{more}"
    );
    Manifest::from_toml(&text).expect("a manifest")
}

/// A package around a component in text form.
pub fn made(component: &str) -> bytes::Bytes {
    let component = wat::parse_str(component).expect("a component");
    pack(component, &manifest(""), None).expect("a package").into()
}

async fn refusal(package: bytes::Bytes) -> LoadError {
    let platform = Platform::cold();
    let error = platform.plugins.load(package).await.expect_err("refused");
    assert_eq!(platform.plugins.list(), [], "what does not load is not listed");
    println!("{error}");
    error
}

#[tokio::test]
async fn an_import_that_this_host_does_not_offer_is_named() {
    let error = refusal(made(r#"(component (import "acme:sockets/raw@1.0.0" (instance)))"#)).await;
    assert!(matches!(&error, LoadError::ImportUnknown(import) if import == "acme:sockets/raw@1.0.0"));
    let error = refusal(made(r#"(component (import "neustream:host/files@0.1.0" (instance)))"#)).await;
    assert!(matches!(&error, LoadError::ImportUnknown(import) if import == "neustream:host/files@0.1.0"));
}

#[tokio::test]
async fn a_component_for_a_newer_platform_is_refused_with_both_versions_and_what_is_lacking() {
    let said = async |component: &str| {
        let error = refusal(made(component)).await;
        assert!(matches!(&error, LoadError::PlatformTooNew { .. }), "{error}");
        error.to_string()
    };
    let other = said(r#"(component (import "neustream:host/config@0.2.0" (instance)))"#).await;
    assert!(other.contains("built for neustream:host 0.2.0, this host offers 0.1.0"), "{other}");
    // Compatible by its number, but with more than there is here.
    let files = said(r#"(component (import "neustream:host/files@0.1.7" (instance)))"#).await;
    assert!(files.contains("0.1.7") && files.contains("the interface `files`"), "{files}");
    let set = said(
        r#"(component (import "neustream:host/config@0.1.7" (instance
            (export "get" (func (result string))) (export "set" (func (param "text" string))))))"#,
    )
    .await;
    assert!(set.contains("0.1.7") && set.contains("the function `set` of `config`"), "{set}");
    let exported = said(
        r#"(component (instance $adapter) (export "neustream:destination/adapter@1.0.0" (instance $adapter)))"#,
    )
    .await;
    assert!(exported.contains("built for neustream:destination 1.0.0, this host offers 0.1.0"), "{exported}");
}

#[tokio::test]
async fn a_component_for_a_platform_of_old_is_refused_with_both_versions() {
    let error = refusal(made(r#"(component (import "neustream:host/config@0.0.9" (instance)))"#)).await;
    assert!(matches!(&error, LoadError::PlatformTooOld { .. }), "{error}");
    let told = error.to_string();
    assert!(told.contains("built for neustream:host 0.0.9, this host offers 0.1.0"), "{told}");
}

#[tokio::test]
async fn a_function_that_no_version_has_is_named() {
    let error = refusal(made(
        r#"(component (import "neustream:host/config@0.1.0" (instance (export "set" (func)))))"#,
    ))
    .await;
    assert!(matches!(&error, LoadError::FunctionUnknown { function, .. } if function == "set"), "{error}");
}

#[tokio::test]
async fn a_component_for_a_later_compatible_version_that_wants_no_more_than_there_is_runs() {
    let component = without_custom_sections(&package(GALLERY));
    // Equal in length, so that nothing else in the file changes.
    let later = replaced(&component, *b"@0.1.0", *b"@0.1.9");
    let Package { manifest, config_schema, .. } = Package::read(&package(GALLERY)).expect("a package");
    let schema = config_schema.schema().to_string();
    let later = pack(later, &manifest, Some(schema.as_bytes())).expect("a package");
    let platform = Platform::cold();
    let digest = Package::read(&later).expect("a package").digest;
    platform.plugins.load(later.into()).await.expect("loads");
    let call = Call { plugin: digest, ..platform.call() };
    let adapter = platform.plugins.adapter(&digest).await.expect("an adapter");
    let target = adapter.prepare(&call, &broadcast("good x")).await.expect("a target");
    assert_eq!(target.state, b"x");
}

/// `bytes` with `new` wherever `old` was.
fn replaced(bytes: &[u8], old: [u8; 6], new: [u8; 6]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let mut count = 0;
    for at in 0..bytes.len() - old.len() {
        if bytes[at..].starts_with(&old) {
            bytes[at..at + new.len()].copy_from_slice(&new);
            count += 1;
        }
    }
    assert!(count > 0, "there is something to replace");
    bytes
}

#[tokio::test]
async fn wasi_is_refused_with_advice() {
    let error = refusal(made(r#"(component (import "wasi:cli/environment@0.2.3" (instance)))"#)).await;
    assert!(matches!(&error, LoadError::WasiImport(import) if import == "wasi:cli/environment@0.2.3"));
    assert!(error.to_string().contains("wasm32-unknown-unknown"));
}

#[tokio::test]
async fn an_import_that_the_manifest_does_not_ask_for_is_named_with_the_missing_table() {
    let error = refusal(made(r#"(component (import "neustream:host/http@0.1.0" (instance)))"#)).await;
    assert!(matches!(&error, LoadError::ImportNotAsked { key: "capabilities.http", .. }), "{error}");
}

#[tokio::test]
async fn a_component_without_its_kind_s_interface_is_refused() {
    let error = refusal(made("(component)")).await;
    assert!(matches!(&error, LoadError::ExportMissing(_)));
}

#[tokio::test]
async fn functions_of_other_types_are_refused() {
    let component = r#"(component
        (import "neustream:host/config@0.1.0" (instance (export "get" (func (result u32)))))
        (instance $adapter)
        (export "neustream:destination/adapter@0.1.0" (instance $adapter)))"#;
    assert!(matches!(&refusal(made(component)).await, LoadError::Mismatch(_)));
}

#[tokio::test]
async fn what_is_not_a_component_is_refused_before_anything_is_compiled() {
    let error = refusal(bytes::Bytes::from_static(b"\0asm\x01\0\0\0")).await;
    assert!(matches!(&error, LoadError::Package(PackageError::CoreModule)));
    let mut broken = package(GALLERY).to_vec();
    broken.truncate(broken.len() / 2);
    assert!(matches!(&refusal(broken.into()).await, LoadError::Package(_)));
}

#[tokio::test]
async fn a_component_that_is_damaged_inside_is_refused_by_the_compiler() {
    let mut broken = package(GALLERY).to_vec();
    let middle = broken.len() / 4;
    for byte in &mut broken[middle..middle + 64] {
        *byte = !*byte;
    }
    let error = refusal(broken.into()).await;
    assert!(matches!(&error, LoadError::Compile(CompileError::Refused(_))), "{error}");
}

#[tokio::test]
async fn a_package_that_does_not_load_leaves_the_others_of_its_id_alone() {
    let platform = Platform::cold();
    platform.plugins.load(package(GALLERY)).await.expect("loads");
    platform.plugins.load(package(GALLERY)).await.expect("the same again is no conflict");
    let other = Manifest { id: GALLERY.to_owned(), ..manifest("") };
    let component = wat::parse_str("(component)").expect("a component");
    let other = pack(component, &other, None).expect("a package");
    let error = platform.plugins.load(other.into()).await.unwrap_err();
    assert!(matches!(&error, LoadError::ExportMissing(_)));
    assert_eq!(platform.learned("good x").await, "x");
}

#[tokio::test]
async fn a_registered_plugin_is_compiled_when_it_is_first_needed() {
    let platform = Platform::cold();
    let began = std::time::Instant::now();
    platform.plugins.register(package(GALLERY)).expect("a package");
    println!("registered in {:?}", began.elapsed());
    assert!(platform.plugins.find(GALLERY).is_some());
    assert_eq!(platform.learned("good x").await, "x");
}

#[tokio::test]
async fn a_plugin_that_wants_too_large_a_memory_does_not_start() {
    let component = r#"(component
        (core module $m (memory 1000))
        (core instance (instantiate $m))
        (instance $adapter)
        (export "neustream:destination/adapter@0.1.0" (instance $adapter)))"#;
    let platform = Platform::cold();
    let error = platform.plugins.load(made(component)).await.expect_err("refused");
    println!("{error}");
}
