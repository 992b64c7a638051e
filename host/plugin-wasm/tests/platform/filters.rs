//! Filters: the same call gives the same verdicts, and instances that stand ready are few and fresh.

use std::time::{Duration, Instant};

use neustream_contract::moderation::{Action, ModerationFilters as _, Verdict};
use neustream_contract::{Call, CallErrorKind, PlanCeilings, PluginPlatform as _};
use neustream_model::{InstallationId, UnixMillis};
use neustream_outbound::OutboundSettings;

use crate::kit::{FILTER, Platform, message, package};

const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

async fn with_filter() -> Platform {
    let platform = Platform::warm(OutboundSettings::default(), |_| {});
    platform.plugins.load(package(FILTER)).await.expect("loads");
    platform
}

fn bytes(verdicts: &[Verdict]) -> Vec<u8> {
    serde_json::to_vec(verdicts).expect("verdicts are JSON")
}

#[tokio::test]
async fn a_verdict_is_replayed_byte_for_byte_on_this_host_and_on_another() {
    let (platform, other) = (with_filter().await, with_filter().await);
    let call = platform.call_of(FILTER);
    let filter = platform.plugins.filter(&call.plugin).await.expect("a filter");
    // It rolls dice with whatever might differ: its memory, its clock, what it remembers.
    let batch: Vec<_> = (0..50).map(|n| message(&format!("m{n}"), "judge dice")).collect();
    let first = bytes(&filter.judge_at(&call, NOW, &batch, &[]).await.expect("verdicts"));
    for _ in 0..20 {
        let again = filter.judge_at(&call, NOW, &batch, &[]).await.expect("verdicts");
        assert_eq!(bytes(&again), first, "warm or fresh");
    }
    for plugins in [&platform.plugins, &other.plugins] {
        let replayed = plugins.replay(&call, NOW, &batch, &[]).await.expect("verdicts");
        assert_eq!(bytes(&replayed), first);
    }
    let later = platform.plugins.replay(&call, UnixMillis(NOW.0 + 1), &batch, &[]).await.expect("verdicts");
    assert_ne!(bytes(&later), first, "the clock is part of what was recorded");
    assert_eq!(other.plugins.take_activity(), [], "a replay is not the installation's");
}

/// The most rounds of `spin` that fit into the budget of `ceilings`.
async fn most_rounds(platform: &Platform, ceilings: PlanCeilings) -> u64 {
    let (mut fits, mut exceeds) = (0, 20_000_000);
    while exceeds - fits > 1 {
        let middle = u64::midpoint(fits, exceeds);
        // An installation of its own: faults open breakers.
        let call = Call { ceilings, ..platform.call_of(FILTER) };
        match platform.judge(&call, &format!("spin {middle}")).await {
            Ok(_) => fits = middle,
            Err(error) => {
                assert_eq!(
                    (error.kind, error.code.as_str()),
                    (CallErrorKind::Timeout, "plugin-cpu"),
                    "{error}"
                );
                exceeds = middle;
            }
        }
    }
    fits
}

#[tokio::test]
async fn a_filter_runs_out_at_the_same_instruction_on_every_host_and_a_plan_moves_it() {
    // A tenth of the budget, so that a debug build of the host is far from the wall-clock guard.
    let tenth = PlanCeilings { cpu_percent: 10, wall_percent: 400, ..PlanCeilings::default() };
    let fifth = PlanCeilings { cpu_percent: 20, ..tenth };
    let (one, other) = (with_filter().await, with_filter().await);
    let rounds = most_rounds(&one, tenth).await;
    assert!(rounds > 1000, "{rounds}");
    assert_eq!(most_rounds(&other, tenth).await, rounds);
    let doubled = most_rounds(&one, fifth).await;
    assert!(doubled > rounds * 19 / 10 && doubled < rounds * 21 / 10, "{rounds} {doubled}");
}

#[tokio::test]
async fn bulk_operations_cost_a_filter_what_they_take() {
    let platform = with_filter().await;
    for deed in ["fill", "copy", "loop"] {
        let began = Instant::now();
        let error = platform.judge(&platform.call_of(FILTER), deed).await.expect_err(deed);
        assert_eq!(error.kind, CallErrorKind::Timeout, "{deed}: {error}");
        assert!(began.elapsed() < Duration::from_secs(2), "{deed}: {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn one_instance_an_installation_stands_ready_and_sixty_four_in_all() {
    let platform = with_filter().await;
    let call = platform.call_of(FILTER);
    for _ in 0..5 {
        platform.judge(&call, "allow").await.expect("verdicts");
        platform.until_prepared(1).await;
    }
    for _ in 0..80 {
        let call = Call { installation: InstallationId::new(), ..call.clone() };
        platform.judge(&call, "allow").await.expect("verdicts");
    }
    platform.until_prepared(64).await;
}

#[tokio::test]
async fn what_a_call_leaves_behind_is_never_seen_by_the_next() {
    let platform = with_filter().await;
    let call = platform.call_of(FILTER);
    for _ in 0..10 {
        let verdicts = platform.judge(&call, "remember").await.expect("verdicts");
        assert_eq!(verdicts[0].action, Action::Replace("1".to_owned()));
    }
}

#[tokio::test]
async fn a_faulty_call_leaves_no_instance_and_the_next_is_served() {
    let platform = with_filter().await;
    let call = platform.call_of(FILTER);
    platform.judge(&call, "allow").await.expect("verdicts");
    platform.until_prepared(1).await;
    for deed in ["abort", "loop", "memory-bomb"] {
        platform.judge(&call, deed).await.expect_err(deed);
        assert_eq!(platform.plugins.prepared_instances(), 0, "{deed}");
        platform.judge(&call, "allow").await.expect("served");
        platform.until_prepared(1).await;
    }
}

#[tokio::test]
async fn an_instance_that_stands_ready_is_not_used_with_another_configuration() {
    let platform = with_filter().await;
    let mut call = platform.call_of(FILTER);
    platform.judge(&call, "config").await.expect("verdicts");
    platform.until_prepared(1).await;
    call.config = r#"{"deed":"other"}"#.to_owned();
    let verdicts = platform.judge(&call, "config").await.expect("verdicts");
    assert_eq!(verdicts[0].action, Action::Replace(call.config.clone()));
}

#[tokio::test]
async fn a_caller_on_the_platform_s_own_threads_is_served_in_place() {
    let platform = with_filter().await;
    let call = platform.call_of(FILTER);
    let plugins = std::sync::Arc::clone(&platform.plugins);
    let judging = platform.plugins.threads().spawn(async move {
        let filter = plugins.filter(&call.plugin).await?;
        filter.judge_at(&call, NOW, &[message("m", "judge allow")], &[]).await
    });
    assert_eq!(judging.await.expect("no panic").expect("verdicts").len(), 1);
}

/// Says that a test has its process for itself.
const ALONE: &str = "NEUSTREAM_TEST_ALONE";

#[test]
fn a_hundred_thousand_instructions_of_a_thousand_calls_leave_memory_flat() {
    if std::env::var_os(ALONE).is_none() {
        // What the other tests of this process hold would be measured with it.
        let name = "filters::a_hundred_thousand_instructions_of_a_thousand_calls_leave_memory_flat";
        let alone = std::process::Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", name, "--nocapture"])
            .env(ALONE, "1")
            .output()
            .expect("started");
        let said = String::from_utf8_lossy(&alone.stdout);
        assert!(
            alone.status.success() && said.contains("1 passed"),
            "{said}{}",
            String::from_utf8_lossy(&alone.stderr)
        );
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(calls_leave_memory_flat());
}

async fn calls_leave_memory_flat() {
    let platform = with_filter().await;
    let calls: Vec<_> = (0..4).map(|_| platform.call_of(FILTER)).collect();
    let mut after_warmup = 0;
    for round in 0..1000 {
        for call in &calls {
            platform.judge(call, "spin 1000").await.expect("verdicts");
        }
        if round == 100 {
            after_warmup = resident_kb();
        }
    }
    let grown = resident_kb().saturating_sub(after_warmup);
    println!("{grown} kB more after 3600 calls");
    // A leak of a page a call would be 14 MB.
    assert!(grown < 12_000, "{grown} kB");
    assert!(platform.plugins.activity(calls[0].tenant, calls[0].installation).calls == 1000);
}

fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
    line.split_whitespace().next().and_then(|kb| kb.parse().ok()).expect("a number")
}
