//! Guests that do their worst: each ends as that call's error, and the next call is served.

use std::time::{Duration, Instant};

use neustream_contract::{Call, CallErrorKind, PluginPlatform as _};
use neustream_outbound::OutboundSettings;

use crate::kit::{Platform, STREAM_KEY};

async fn gallery() -> Platform {
    Platform::with_gallery(OutboundSettings::default()).await
}

/// Does `deed`, expects it to fail so, and sees that the platform still serves.
async fn fails(platform: &Platform, deed: &str, kind: CallErrorKind, code: &str) -> String {
    let error = platform.deed(deed).await.expect_err(deed);
    assert_eq!((error.kind, error.code.as_str()), (kind, code), "{deed}: {error}");
    assert_eq!(platform.learned("good afterwards").await, "afterwards");
    println!("{deed}: {error}");
    error.message
}

#[tokio::test]
async fn an_endless_loop_ends_with_its_cpu_budget() {
    let platform = gallery().await;
    platform.learned("good warm").await;
    let began = Instant::now();
    fails(&platform, "loop", CallErrorKind::Timeout, "plugin-cpu").await;
    // 100 ms of CPU; the rest is for a machine that is busy with other tests.
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn bulk_operations_do_not_outrun_the_budget() {
    let platform = gallery().await;
    fails(&platform, "fill", CallErrorKind::Timeout, "plugin-cpu").await;
}

#[tokio::test]
async fn a_deadline_shorter_than_the_cpu_budget_holds() {
    let platform = gallery().await;
    let call = Call { deadline: Duration::from_millis(30), ..platform.call() };
    let error = platform.deed_of(&call, "loop").await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::Timeout, "plugin-timeout"));
}

#[tokio::test]
async fn a_memory_bomb_meets_its_ceiling() {
    let platform = gallery().await;
    let message = fails(&platform, "memory-bomb", CallErrorKind::Limit, "plugin-memory").await;
    assert!(message.contains("32 MiB"), "{message}");
}

#[tokio::test]
async fn deep_recursion_ends_in_the_guest() {
    let platform = gallery().await;
    fails(&platform, "recursion", CallErrorKind::Limit, "plugin-stack").await;
    let message = fails(&platform, "wide-recursion", CallErrorKind::Trap, "plugin-trap").await;
    assert!(message.contains("deep recursion"), "{message}");
}

#[tokio::test]
async fn a_panic_is_told_with_its_message_and_place() {
    let platform = gallery().await;
    let message = fails(&platform, "panic the sky \x1b[31mfalls", CallErrorKind::Trap, "plugin-trap").await;
    assert!(message.contains("the sky \\u{1b}[31mfalls"), "{message}");
    assert!(message.contains(".rs:"), "{message}");
    fails(&platform, "abort", CallErrorKind::Trap, "plugin-trap").await;
}

#[tokio::test]
async fn lists_beyond_the_border_s_allowance_are_not_copied() {
    let platform = gallery().await;
    fails(&platform, "giant-list", CallErrorKind::Limit, "plugin-too-much-data").await;
    fails(&platform, "giant-line", CallErrorKind::Limit, "plugin-too-much-data").await;
    fails(&platform, "big-state", CallErrorKind::Limit, "state-too-large").await;
}

#[tokio::test]
async fn a_log_flood_is_cut_and_its_escapes_are_shown() {
    let platform = gallery().await;
    let call = platform.call();
    platform.deed_of(&call, "log-flood").await.expect("logging is not a crime");
    let mut lines = platform.plugins.log(platform.tenant, call.installation);
    lines.retain(|line| line.level == "error");
    let dropped = platform.plugins.activity(platform.tenant, call.installation).dropped_log_lines;
    let bytes: usize = lines.iter().map(|line| line.text.len()).sum();
    assert!(bytes <= 8 * 1024, "{bytes}");
    assert_eq!(lines.len() as u64 + dropped, 2000);
    for line in &lines {
        assert!(line.text.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{:?}", line.text);
    }
    assert!(lines[0].text.contains("\\u{1b}[2J") && lines[0].text.contains("field="), "{:?}", lines[0]);
}

#[tokio::test]
async fn a_flood_of_metrics_is_harmless() {
    let platform = gallery().await;
    platform.deed("metric-flood").await.expect("counting is not a crime");
}

#[tokio::test]
async fn a_stream_key_does_not_leave_for_a_foreign_host() {
    let platform = gallery().await;
    for url in [
        "rtmp://thief.example/live",
        "rtmp://push.hostile.test.thief.example/live",
        "rtmp://push.hostile.test:1936/live",
        "rtmps://push.hostile.test/live",
        "rtmp://127.0.0.1/live",
        "rtmp://[::1]/live",
    ] {
        let message =
            fails(&platform, &format!("steal-key {url}"), CallErrorKind::Denied, "host-denied").await;
        assert!(!message.contains(STREAM_KEY));
    }
    let confusing = "steal-key rtmp://push.hostile.test@thief.example/live";
    fails(&platform, confusing, CallErrorKind::Other, "target-invalid").await;
    fails(&platform, "token-as-key", CallErrorKind::Denied, "secret-denied").await;
}

#[tokio::test]
async fn a_target_that_the_tenant_configured_is_allowed() {
    let platform = gallery().await;
    let mut call = platform.call();
    call.config = r#"{"rtmp_url":"rtmp://own.example:1936/live"}"#.to_owned();
    let target = platform.deed_of(&call, "steal-key rtmp://own.example:1936/live").await.expect("allowed");
    assert_eq!(target.url, "rtmp://own.example:1936/live");
}

#[tokio::test]
async fn errors_of_a_guest_are_cleaned_before_people_see_them() {
    let platform = gallery().await;
    let error = platform.deed("liar escapes").await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::Other, "plugin-error"));
    assert_eq!(error.message, "\\u{1b}[2J\\u{d}\\u{a}forged");
    let error = platform.deed("liar long").await.unwrap_err();
    assert!(error.message.len() < 600);
    let error = platform.deed("liar unauthorized").await.unwrap_err();
    assert_eq!(error.kind, CallErrorKind::Unauthorized);
    assert_eq!(error.retry_after, Some(Duration::from_secs(5)));
    assert!(error.needs_change());
}

#[tokio::test]
async fn the_kv_quota_is_exact() {
    let platform = gallery().await;
    // 4096 bytes, 100 each.
    assert_eq!(platform.learned("kv-fill").await, "40 quota");
}

#[tokio::test]
async fn racing_calls_count_right_by_compare_and_set() {
    let platform = gallery().await;
    let call = platform.call();
    let calls = (0..12).map(|_| platform.deed_of(&call, "kv-count"));
    for target in futures_util::future::join_all(calls).await {
        target.expect("a number");
    }
    let last = platform.deed_of(&call, "kv-count").await.expect("a number");
    assert_eq!(last.state, b"13");
}

#[tokio::test]
async fn a_mac_is_made_without_showing_its_key_and_only_with_keys_that_are_meant_for_it() {
    let platform = gallery().await;
    let target = platform.deed("mac what do ya want for nothing?").await.expect("a MAC");
    // RFC 4231, test case 2.
    assert_eq!(hex::encode(target.state), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    fails(&platform, "mac-with-stream-key x", CallErrorKind::Denied, "secret-denied").await;
}

#[tokio::test]
async fn one_tenant_s_loops_do_not_keep_another_from_being_served() {
    let platform = gallery().await;
    let loops = (0..8).map(|_| {
        let call = platform.call();
        let platform = &platform;
        async move { platform.deed_of(&call, "loop").await }
    });
    let other = async {
        let call = Call { tenant: neustream_model::TenantId::new(), ..platform.call() };
        let began = Instant::now();
        platform.deed_of(&call, "good x").await.expect("served");
        began.elapsed()
    };
    let (ends, took) = futures_util::future::join(futures_util::future::join_all(loops), other).await;
    assert!(ends.iter().all(Result::is_err));
    println!("served within {took:?} beside eight loops");
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn a_caller_that_goes_away_takes_its_call_along() {
    let platform = gallery().await;
    let call = platform.call();
    for _ in 0..100 {
        let given_up = tokio::time::timeout(Duration::from_millis(1), platform.deed_of(&call, "loop")).await;
        assert!(given_up.is_err());
    }
    // All four places of the tenant are free again.
    let calls = (0..4).map(|_| platform.deed_of(&call, "good x"));
    assert!(futures_util::future::join_all(calls).await.iter().all(Result::is_ok));
}
