//! Packages by digest: several versions of one plugin at once, from a source that is not trusted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use neustream_contract::destination::DestinationAdapters as _;
use neustream_contract::{Call, CallErrorKind, Digest, Package, PackageSource, PluginPlatform as _};
use neustream_outbound::OutboundSettings;

use crate::kit::{GALLERY, Platform, digest, package, repacked};

/// Packages by digest, and how often somebody asked.
#[derive(Default)]
struct Shelf {
    packages: Mutex<BTreeMap<Digest, Bytes>>,
    asked: AtomicUsize,
}

impl Shelf {
    fn put(&self, package: Bytes) -> Digest {
        let digest = Package::read(&package).expect("a package").digest;
        self.packages.lock().unwrap().insert(digest, package);
        digest
    }
}

#[async_trait]
impl PackageSource for Shelf {
    async fn package(&self, plugin: &Digest) -> Result<Option<Bytes>, String> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Ok(self.packages.lock().unwrap().get(plugin).cloned())
    }
}

fn platform_over(shelf: &Arc<Shelf>) -> Platform {
    let packages = Arc::clone(shelf) as Arc<dyn PackageSource>;
    Platform::warm(OutboundSettings::default(), |settings| settings.packages = Some(packages))
}

fn version(number: &str) -> Bytes {
    repacked(GALLERY, |manifest| number.clone_into(&mut manifest.version))
}

#[tokio::test]
async fn two_versions_of_a_plugin_answer_side_by_side() {
    let shelf = Arc::new(Shelf::default());
    let (one, two) = (shelf.put(version("1.0.0")), shelf.put(version("2.0.0")));
    let platform = platform_over(&shelf);
    for _ in 0..3 {
        for (digest, number) in [(one, "1.0.0"), (two, "2.0.0")] {
            let adapter = platform.plugins.adapter(&digest).await.expect("an adapter");
            assert_eq!(adapter.manifest().version, number);
            let call = Call { plugin: digest, ..platform.call() };
            let target = adapter.prepare(&call, &crate::kit::broadcast("good x")).await.expect("a target");
            assert_eq!(target.state, b"x");
        }
    }
    assert_eq!(shelf.asked.load(Ordering::SeqCst), 2, "a loaded package is not fetched again");
    assert_eq!(platform.plugins.list(), [], "what comes from the source is not registered");
}

#[tokio::test]
async fn a_package_that_is_not_what_was_asked_for_does_not_run() {
    let shelf = Arc::new(Shelf::default());
    let wanted = digest("destinations/kick");
    shelf.packages.lock().unwrap().insert(wanted, package(GALLERY));
    let platform = platform_over(&shelf);
    let error = platform.plugins.make_ready(&wanted).await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::NotRunnable, "plugin-not-runnable"));
    assert!(error.message.contains(&wanted.to_string()), "{error}");
}

#[tokio::test]
async fn a_package_that_nobody_has_is_asked_for_again_when_it_may_have_come() {
    let shelf = Arc::new(Shelf::default());
    let platform = platform_over(&shelf);
    let wanted = digest(GALLERY);
    assert_eq!(platform.plugins.make_ready(&wanted).await.unwrap_err().code, "plugin-unknown");
    shelf.put(package(GALLERY));
    platform.plugins.make_ready(&wanted).await.expect("it is there now");
}

#[tokio::test]
async fn a_source_that_cannot_answer_is_no_reason_to_give_a_plugin_up() {
    struct Broken;
    #[async_trait]
    impl PackageSource for Broken {
        async fn package(&self, _: &Digest) -> Result<Option<Bytes>, String> {
            Err("the database does not answer".to_owned())
        }
    }
    let platform =
        Platform::warm(OutboundSettings::default(), |settings| settings.packages = Some(Arc::new(Broken)));
    let error = platform.plugins.make_ready(&digest(GALLERY)).await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::Unavailable, "plugin-unavailable"));
}

#[tokio::test]
async fn what_does_not_compile_is_not_compiled_again_for_every_call() {
    let shelf = Arc::new(Shelf::default());
    let mut broken = package(GALLERY).to_vec();
    let middle = broken.len() / 4;
    broken[middle..middle + 64].fill(0xff);
    let wanted = shelf.put(broken.into());
    let platform = platform_over(&shelf);
    for _ in 0..5 {
        let error = platform.plugins.make_ready(&wanted).await.unwrap_err();
        assert!(error.message.contains("does not compile"), "{error}");
    }
    assert_eq!(shelf.asked.load(Ordering::SeqCst), 1);
    platform.plugins.permit(&wanted);
    platform.plugins.make_ready(&wanted).await.unwrap_err();
    assert_eq!(shelf.asked.load(Ordering::SeqCst), 2, "somebody may have changed something");
}

#[tokio::test]
async fn the_latest_that_was_registered_is_listed_and_the_earlier_still_runs() {
    let platform = Platform::cold();
    let old = platform.plugins.register(version("1.0.0")).expect("a package");
    platform.plugins.register(version("1.1.0")).expect("a package");
    let listed = platform.plugins.list();
    assert_eq!(listed.iter().map(|info| info.version.as_str()).collect::<Vec<_>>(), ["1.1.0"]);
    let old: Digest = old.digest.parse().expect("a digest");
    assert_eq!(platform.plugins.adapter(&old).await.expect("an adapter").manifest().version, "1.0.0");
}
