//! Packages that should not run: refused with a sentence, before any of their code does.

use std::time::{Duration, Instant};

use bytes::Bytes;
use neustream_contract::{Kind, PackageError, PluginPlatform as _};
use neustream_hostile::{with_section, without_custom_sections};
use neustream_plugin_wasm::LoadError;

use crate::kit::{KINDS, Platform, gallery, hostile_kind, remade, stock};

#[tokio::test]
async fn what_lies_about_itself_is_not_loaded() {
    let platform = Platform::open().await;
    let honest = gallery(Kind::Destination);
    let twice = with_section(&honest, "neustream:manifest", b"{}");
    let error = platform.plugins.load(twice.into()).await.unwrap_err();
    assert!(matches!(error, LoadError::Package(PackageError::Twice(_))), "{error}");
    let signed = with_section(&honest, "neustream:signature", &[7; 96]);
    let error = platform.plugins.load(signed.clone().into()).await.unwrap_err();
    assert!(matches!(error, LoadError::Package(PackageError::Signature(_))), "{error}");
    let behind = with_section(&signed, "more", b"code");
    let error = platform.plugins.load(behind.into()).await.unwrap_err();
    assert!(matches!(error, LoadError::Package(PackageError::AfterSignature)), "{error}");
    let elf = [b"\x7fELF\x02\x01\x01\xc8".to_vec(), vec![0; 4000]].concat();
    let error = platform.plugins.load(elf.into()).await.unwrap_err();
    assert!(matches!(error, LoadError::Package(PackageError::NotComponent)), "{error}");
}

#[tokio::test]
async fn a_manifest_that_asks_for_less_than_is_imported_is_refused_in_every_kind() {
    let platform = Platform::open().await;
    for kind in [Kind::Destination, Kind::Chat, Kind::Payment] {
        let silent = remade(kind, |manifest| manifest["capabilities"] = serde_json::json!({}));
        let error = platform.plugins.load(silent.clone()).await.expect_err("imports without asking");
        println!("{}: {error}", kind.as_str());
        assert!(matches!(error, LoadError::ImportNotAsked { .. }), "{error}");
        let report = platform.plugins.scan(silent).await;
        assert!(report.problem().is_some(), "{report:?}");
    }
}

#[tokio::test]
async fn a_package_that_claims_another_kind_is_refused() {
    let platform = Platform::open().await;
    for kind in KINDS {
        for claimed in KINDS.into_iter().filter(|claimed| *claimed != kind) {
            let component = without_custom_sections(stock().gallery(hostile_kind(kind)));
            let package = neustream_hostile::package(&component, hostile_kind(claimed), "hostile/claimed");
            let error = platform.plugins.load(package.into()).await.expect_err("another kind");
            println!("{} claims {}: {error}", kind.as_str(), claimed.as_str());
        }
    }
}

#[tokio::test]
async fn a_package_above_its_size_is_refused_at_once() {
    let platform = Platform::open().await;
    let began = Instant::now();
    let padded = with_section(&gallery(Kind::Chat), "padding", &vec![0; 21 << 20]);
    let error = platform.plugins.load(padded.into()).await.unwrap_err();
    assert!(matches!(error, LoadError::Package(PackageError::TooLarge(_))), "{error}");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_scan_tells_what_is_wrong_and_nothing_is_listed() {
    let platform = Platform::open().await;
    for (what, package) in [
        ("nothing", Bytes::new()),
        ("a text", Bytes::from_static(b"hello")),
        ("a core module", Bytes::from_static(b"\0asm\x01\0\0\0")),
        ("half a package", gallery(Kind::Payment).slice(..10_000)),
        (
            "no adapter",
            neustream_hostile::package(b"\0asm\x0d\0\x01\0", hostile_kind(Kind::Chat), "hostile/none").into(),
        ),
    ] {
        let report = platform.plugins.scan(package).await;
        let problem = report.problem().unwrap_or_else(|| panic!("{what} passed: {report:?}"));
        println!("{what}: {} {}", problem.code, problem.message);
        assert!(!problem.message.contains(char::is_control), "{what}: {problem:?}");
    }
    for kind in KINDS {
        let report = platform.plugins.scan(gallery(kind)).await;
        assert!(report.problem().is_none(), "{}: {report:?}", kind.as_str());
    }
}
