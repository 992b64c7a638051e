//! A package that is stopped: its running calls end, its instances go, later calls are refused.

use std::time::{Duration, Instant};

use neustream_contract::destination::DestinationAdapters as _;
use neustream_contract::{CallErrorKind, PluginPlatform as _};
use neustream_model::Reason;
use neustream_outbound::OutboundSettings;

use crate::kit::{FILTER, GALLERY, Platform, broadcast, digest, package};
use crate::requests::Mirror;

fn revoked() -> Reason {
    Reason::new("plugin-revoked", "The plugin was revoked: it sent messages away.")
}

#[tokio::test]
async fn a_call_that_waits_for_a_host_ends_at_once_when_its_package_is_revoked() {
    let mirror = Mirror::start().await;
    let platform = mirror.gallery().await;
    let call = platform.call();
    let adapter = platform.adapter(GALLERY).await;
    let waiting = broadcast("get https://api.hostile.test/silent");
    let calling = adapter.prepare(&call, &waiting);
    tokio::pin!(calling);
    loop {
        let is_sent = !mirror.requests().is_empty();
        if is_sent {
            break;
        }
        assert!(tokio::time::timeout(Duration::from_millis(5), &mut calling).await.is_err(), "it waits");
    }
    let began = Instant::now();
    platform.plugins.forbid(&digest(GALLERY), revoked());
    let error = calling.await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::NotRunnable, "plugin-revoked"));
    assert_eq!(error.message, revoked().message);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());

    // By those who hold an adapter, and by those who look for one.
    assert_eq!(adapter.prepare(&call, &waiting).await.unwrap_err().code, "plugin-revoked");
    let Err(error) = platform.plugins.adapter(&digest(GALLERY)).await else { panic!("an adapter") };
    assert_eq!(error.code, "plugin-revoked");
    let activity = platform.plugins.activity(call.tenant, call.installation);
    assert_eq!((activity.calls, activity.faults), (1, 0), "to be stopped is no fault");
    assert_eq!(
        activity.egress["api.hostile.test"].requests, 1,
        "what left is told, also of a call that was cut"
    );
}

#[tokio::test]
async fn a_loop_ends_when_its_package_is_suspended_and_runs_again_when_that_is_taken_back() {
    let platform = Platform::with_gallery(OutboundSettings::default()).await;
    let call = platform.call();
    let adapter = platform.adapter(GALLERY).await;
    let looping = broadcast("loop");
    let (ended, ()) = tokio::join!(adapter.prepare(&call, &looping), async {
        platform.plugins.forbid(&digest(GALLERY), Reason::new("plugin-suspended", "Looked into."));
    });
    assert_eq!(ended.unwrap_err().code, "plugin-suspended");
    platform.plugins.permit(&digest(GALLERY));
    assert_eq!(platform.learned("good x").await, "x");
}

#[tokio::test]
async fn a_prepared_instance_of_a_revoked_filter_is_dropped() {
    let platform = Platform::warm(OutboundSettings::default(), |_| {});
    platform.plugins.load(package(FILTER)).await.expect("loads");
    let call = platform.call_of(FILTER);
    platform.judge(&call, "allow").await.expect("verdicts");
    platform.until_prepared(1).await;
    platform.plugins.forbid(&call.plugin, revoked());
    assert_eq!(platform.plugins.prepared_instances(), 0);
    assert_eq!(platform.judge(&call, "allow").await.unwrap_err().code, "plugin-revoked");
}
