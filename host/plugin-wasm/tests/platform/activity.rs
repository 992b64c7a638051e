//! What the host tells of an installation: figures, what left, limits that came near, the log.

use futures_util::{FutureExt as _, StreamExt as _};
use neustream_contract::{BreakerState, CallErrorKind, Egress, PlanCeilings, PluginPlatform as _};
use neustream_outbound::OutboundSettings;

use crate::kit::{API_TOKEN, CHAT, FILTER, Platform, package};
use crate::requests::Mirror;

#[tokio::test]
async fn calls_errors_and_faults_are_counted_with_their_times() {
    let platform = Platform::with_gallery(OutboundSettings::default()).await;
    let call = platform.call();
    for deed in ["good x", "good y", "liar unauthorized", "abort"] {
        let _ = platform.deed_of(&call, deed).await;
    }
    let activity = platform.plugins.activity(call.tenant, call.installation);
    assert_eq!((activity.calls, activity.errors, activity.faults), (4, 1, 1));
    assert!(activity.p50_us > 0 && activity.p50_us <= activity.p95_us && activity.p95_us <= activity.p99_us);
    assert!(activity.cpu_us > 0);
    assert!(activity.memory_peak_bytes >= 1 << 16, "{}", activity.memory_peak_bytes);
    let fault = activity.last_fault.expect("a fault");
    assert_eq!((fault.function.as_str(), fault.reason.code.as_str()), ("prepare", "plugin-trap"));
    assert_eq!(activity.breaker, BreakerState::Closed);
}

#[tokio::test]
async fn a_call_that_did_not_reach_the_plugin_is_not_the_plugin_s() {
    let platform = Platform::with_gallery(OutboundSettings::default()).await;
    let mut call = platform.call();
    call.config = "[]".to_owned();
    assert_eq!(platform.deed_of(&call, "good x").await.unwrap_err().kind, CallErrorKind::InvalidConfig);
    assert_eq!(platform.plugins.activity(call.tenant, call.installation).calls, 0);
}

#[tokio::test]
async fn what_leaves_is_told_by_host_with_the_names_of_secrets_and_never_their_bytes() {
    let mirror = Mirror::start().await;
    let platform = mirror.gallery().await;
    let call = platform.call();
    platform.deed_of(&call, "echo-secret https://api.hostile.test/me").await.expect("answered");
    platform.deed_of(&call, "get https://other.hostile.test/").await.expect("answered");
    platform.deed_of(&call, "get https://evil.example/").await.expect_err("denied");
    let activity = platform.plugins.activity(call.tenant, call.installation);
    assert_eq!(activity.egress.keys().collect::<Vec<_>>(), ["api.hostile.test", "other.hostile.test"]);
    let Egress { requests, bytes_out, bytes_in, secrets } = &activity.egress["api.hostile.test"];
    assert_eq!((*requests, secrets.iter().map(String::as_str).collect::<Vec<_>>()), (1, vec!["api-token"]));
    assert!(*bytes_out > 60 && *bytes_in > 60, "{bytes_out} {bytes_in}");
    assert!(activity.egress["other.hostile.test"].secrets.is_empty());
    assert!(!format!("{activity:?}").contains(API_TOKEN));
    // A driver's own traffic stands in the same list.
    let traffic = Egress { requests: 1, bytes_out: 5, ..Egress::default() };
    platform.plugins.note_egress(call.tenant, call.installation, "api.hostile.test", traffic);
    let activity = platform.plugins.activity(call.tenant, call.installation);
    assert_eq!(activity.egress["api.hostile.test"].requests, 2);
}

#[tokio::test]
async fn a_limit_that_comes_near_is_told_before_it_is_met() {
    let platform = Platform::with_gallery(OutboundSettings::default()).await;
    let call = platform.call();
    // 28 of 32 MiB, and 4000 of 4096 bytes of kv.
    platform.deed_of(&call, "memory 28").await.expect("within the limit");
    platform.deed_of(&call, "kv-fill").await.expect("within the limit");
    let activity = platform.plugins.activity(call.tenant, call.installation);
    assert_eq!(activity.faults, 0);
    let memory = &activity.warnings["memory-bytes"];
    assert!(memory.used >= 28 << 20 && memory.limit == 32 << 20, "{memory:?}");
    assert_eq!((activity.warnings["kv-bytes"].used, activity.warnings["kv-bytes"].limit), (4000, 4096));
    let lines = platform.plugins.log(call.tenant, call.installation);
    let warnings: Vec<_> = lines.iter().filter(|line| line.level == "warn").collect();
    assert_eq!(warnings.len(), 1, "once a minute at most: {warnings:?}");
    assert!(warnings[0].text.contains("memory-bytes"), "{warnings:?}");
}

#[tokio::test]
async fn a_plan_lowers_and_raises_the_ceilings_of_its_tenants() {
    let platform = Platform::with_gallery(OutboundSettings::default()).await;
    let mut call = platform.call();
    call.ceilings = PlanCeilings { memory_percent: 50, ..PlanCeilings::default() };
    assert_eq!(platform.deed_of(&call, "memory 20").await.unwrap_err().code, "plugin-memory");
    call.ceilings = PlanCeilings { memory_percent: 200, ..PlanCeilings::default() };
    platform.deed_of(&call, "memory 40").await.expect("the plan allows it");
}

#[tokio::test]
async fn activity_is_taken_once_and_the_whole_stays() {
    let platform = Platform::with_gallery(OutboundSettings::default()).await;
    let call = platform.call();
    platform.deed_of(&call, "good x").await.expect("answered");
    let taken = platform.plugins.take_activity();
    assert_eq!(taken.len(), 1);
    assert_eq!((taken[0].0, taken[0].1, taken[0].2.calls), (call.tenant, call.installation, 1));
    assert_eq!(platform.plugins.take_activity(), []);
    platform.deed_of(&call, "good x").await.expect("answered");
    assert_eq!(platform.plugins.take_activity()[0].2.calls, 1);
    assert_eq!(platform.plugins.activity(call.tenant, call.installation).calls, 2);
}

#[tokio::test]
async fn the_log_is_numbered_and_can_be_followed() {
    let platform = Platform::with_gallery(OutboundSettings::default()).await;
    let call = platform.call();
    platform.deed_of(&call, "log one").await.expect("a line");
    let mut followed = platform.plugins.follow_log(call.tenant, call.installation);
    assert!(followed.next().now_or_never().is_none(), "only what will be written");
    platform.deed_of(&call, "log two").await.expect("a line");
    let line = followed.next().await.expect("a line");
    let kept = platform.plugins.log(call.tenant, call.installation);
    assert_eq!(kept.last(), Some(&line));
    let numbers: Vec<_> = kept.iter().map(|line| line.number).collect();
    assert_eq!(numbers, (1..=kept.len() as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_breaker_is_shown_and_can_be_closed_by_hand() {
    let platform = Platform::with_gallery(OutboundSettings::default()).await;
    let call = platform.call();
    for _ in 0..5 {
        platform.deed_of(&call, "abort").await.expect_err("a trap");
    }
    assert!(matches!(
        platform.plugins.activity(call.tenant, call.installation).breaker,
        BreakerState::Open { .. }
    ));
    assert_eq!(platform.deed_of(&call, "good x").await.unwrap_err().kind, CallErrorKind::BreakerOpen);
    platform.plugins.reset_breaker(call.tenant, call.installation);
    platform.deed_of(&call, "good x").await.expect("called again");
}

#[tokio::test]
async fn nothing_is_left_of_an_installation_that_is_forgotten() {
    let platform = Platform::with_gallery(OutboundSettings::default()).await;
    let (gone, stays) = (platform.call(), platform.call());
    for call in [&gone, &stays] {
        assert_eq!(platform.deed_of(call, "kv-count").await.expect("a number").state, b"1");
    }
    platform.plugins.forget(gone.tenant, gone.installation).await;
    assert_eq!(platform.plugins.activity(gone.tenant, gone.installation).calls, 0);
    assert_eq!(platform.plugins.log(gone.tenant, gone.installation), []);
    assert_eq!(platform.deed_of(&gone, "kv-count").await.expect("a number").state, b"1");
    assert_eq!(platform.deed_of(&stays, "kv-count").await.expect("a number").state, b"2");
}

#[tokio::test]
async fn shadow_runs_of_a_connector_are_not_counted() {
    let platform = Platform::warm(OutboundSettings::default(), |_| {});
    platform.plugins.load(package(CHAT)).await.expect("loads");
    let call = platform.call_of(CHAT);
    let trial = platform.plugins.trial_connector(&call.plugin).await.expect("a connector");
    trial.open(&call).await.expect("a step");
    assert_eq!(platform.plugins.take_activity(), []);
    assert!(platform.plugins.trial_connector(&crate::kit::digest(FILTER)).await.is_err());
}
