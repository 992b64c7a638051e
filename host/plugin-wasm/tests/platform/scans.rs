//! Looking packages and installations over: which check fails, and why.

use std::time::Duration;

use bytes::Bytes;
use neustream_contract::{Call, PluginPlatform as _, ScanReport, Secrets};
use neustream_hostile::{Crafted, Kind as HostileKind, Place, Stock, with_section};
use neustream_outbound::OutboundSettings;

use crate::kit::{CHAT, FILTER, GALLERY, PAYMENT, Platform, package, repacked};
use crate::loading::made;

fn names(report: &ScanReport) -> Vec<&str> {
    report.checks.iter().map(|check| check.name.as_str()).collect()
}

async fn scan(package: Bytes) -> ScanReport {
    let platform = Platform::cold();
    let report = platform.plugins.scan(package).await;
    for check in &report.checks {
        println!("{:<10} {:>8.1?} {} {:?}", check.name, check.took, check.note, check.problem);
    }
    assert_eq!(platform.plugins.list(), [], "a scan registers nothing");
    report
}

/// Scans, and expects the last check to be `name` and to fail with `code`.
async fn fails_at(package: Bytes, name: &str, code: &str) -> String {
    let report = scan(package).await;
    assert_eq!(names(&report).last(), Some(&name), "{report:?}");
    let problem = report.problem().expect("a problem");
    assert_eq!(problem.code, code, "{problem:?}");
    assert!(report.checks.iter().rev().skip(1).all(|check| check.problem.is_none()), "{report:?}");
    problem.message.clone()
}

#[tokio::test]
async fn a_sound_package_of_each_kind_passes_every_check() {
    for name in [GALLERY, CHAT, FILTER, PAYMENT, "destinations/twitch"] {
        let report = scan(package(name)).await;
        assert_eq!(report.problem(), None, "{name}");
        assert_eq!(
            names(&report),
            ["structure", "size", "manifest", "compile", "imports", "exports", "self-test"],
            "{name}"
        );
        assert!(
            report.checks[3].took > Duration::ZERO && report.checks[3].note.ends_with("kB of machine code")
        );
    }
}

#[tokio::test]
async fn each_check_stops_what_it_is_there_for() {
    fails_at(Bytes::from_static(b"\0asm\x01\0\0\0"), "structure", "package-invalid").await;
    fails_at(made("(component)"), "exports", "export-missing").await;
    let files = r#"(component (import "neustream:host/files@0.1.0" (instance)))"#;
    fails_at(made(files), "imports", "import-refused").await;
    let newer = r#"(component (import "neustream:host/config@0.2.0" (instance)))"#;
    let message = fails_at(made(newer), "imports", "platform-too-new").await;
    assert!(message.contains("0.2.0") && message.contains("0.1.0"), "{message}");
    let mut broken = package(GALLERY).to_vec();
    let middle = broken.len() / 4;
    broken[middle..middle + 64].fill(0xff);
    fails_at(broken.into(), "compile", "compile-failed").await;
    let unused = repacked(GALLERY, |manifest| manifest.capabilities.kv = None);
    let message = fails_at(unused, "imports", "import-refused").await;
    assert!(message.contains("[capabilities.kv]"), "{message}");
}

#[tokio::test]
async fn a_native_package_has_at_most_eight_mebibytes_to_the_byte() {
    const LIMIT: usize = 8 << 20;
    let gallery = package(GALLERY);
    let of = |len: usize| -> Bytes {
        let mut padding = vec![7; len - gallery.len() - 32];
        loop {
            let padded = with_section(&gallery, "padding", &padding);
            if padded.len() == len {
                return padded.into();
            }
            padding.resize(padding.len() + len - padded.len(), 7);
        }
    };
    assert_eq!(scan(of(LIMIT)).await.problem(), None);
    let message = fails_at(of(LIMIT + 1), "size", "package-too-large").await;
    assert!(message.contains("8388609") && message.contains("8388608"), "{message}");
}

#[tokio::test]
async fn an_import_of_another_kind_is_refused_whatever_the_manifest_says() {
    // The gallery of destinations as if it were a filter: it imports kv and http.
    let disguised = repacked(GALLERY, |manifest| {
        manifest.kind = neustream_contract::Kind::Moderation;
        manifest.capabilities.push = None;
        manifest.capabilities.secrets.remove("stream-key");
    });
    let message = fails_at(disguised, "imports", "import-refused").await;
    assert!(message.contains("moderation"), "{message}");
}

#[tokio::test]
async fn a_package_that_loops_while_it_starts_or_takes_what_it_is_handed_fails_its_self_test() {
    let stock = Stock::of_the_workspace().expect("the stock; `cargo xtask plugins` makes it");
    for place in [Place::Start, Place::Realloc] {
        for kind in
            [HostileKind::Destination, HostileKind::Chat, HostileKind::Moderation, HostileKind::Payment]
        {
            let component =
                stock.crafted(kind, &Crafted::doing(place, "(loop $l (br $l))")).expect("a component");
            let package = neustream_hostile::package(&component, kind, "hostile/made");
            let report = scan(package.into()).await;
            let problem = report.problem().unwrap_or_else(|| panic!("{place:?} of {}", kind.as_str()));
            assert!(
                matches!(problem.code.as_str(), "plugin-cpu" | "plugin-timeout"),
                "{place:?} of {}: {problem:?}",
                kind.as_str()
            );
            assert_eq!(names(&report).last(), Some(&"self-test"));
        }
    }
}

#[tokio::test]
async fn a_realloc_that_answers_places_outside_its_memory_is_a_trap() {
    let stock = Stock::of_the_workspace().expect("the stock; `cargo xtask plugins` makes it");
    let outside = Crafted { pointer: u32::MAX - 8, ..Crafted::pointing(u32::MAX - 8) };
    let component = stock.crafted(HostileKind::Destination, &outside).expect("a component");
    let package = neustream_hostile::package(&component, HostileKind::Destination, "hostile/made");
    fails_at(package.into(), "self-test", "plugin-trap").await;
}

#[tokio::test]
async fn an_installation_is_looked_over_without_touching_its_figures_or_memory() {
    let platform = Platform::with_gallery(OutboundSettings::default()).await;
    let call = platform.call();
    let report = platform.plugins.self_test(&call).await;
    assert_eq!((names(&report), report.problem()), (vec!["config", "secrets", "self-test"], None));
    assert_eq!(platform.plugins.activity(call.tenant, call.installation).calls, 0);

    let wrong = Call { config: r#"{"rtmp_url":7}"#.to_owned(), ..call.clone() };
    let report = platform.plugins.self_test(&wrong).await;
    assert_eq!(report.problem().map(|problem| problem.code.as_str()), Some("config-invalid"));
    let bare = Call { secrets: Secrets::default(), ..call };
    let report = platform.plugins.self_test(&bare).await;
    let problem = report.problem().expect("a problem");
    assert!(problem.code == "secret-missing" && problem.message.contains("stream-key"), "{problem:?}");
}

#[tokio::test]
async fn a_self_test_of_a_package_that_is_not_there_says_so() {
    let platform = Platform::cold();
    let report = platform.plugins.self_test(&platform.call()).await;
    assert_eq!(report.problem().map(|problem| problem.code.as_str()), Some("plugin-unknown"));
}
