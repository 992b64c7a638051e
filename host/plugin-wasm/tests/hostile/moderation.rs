//! Deeds that only a filter can do.

use neustream_contract::moderation::{Action, Found, MAX_LOOKUPS, ModerationFilters as _};
use neustream_contract::{Call, CallErrorKind, Kind};

use crate::kit::{Platform, message};

const MODERATION: Kind = Kind::Moderation;

#[tokio::test]
async fn verdicts_for_foreign_messages_and_second_verdicts_do_not_count() {
    let platform = Platform::open().await;
    for deed in ["judge foreign", "judge twice"] {
        match platform.moderate(&platform.call(MODERATION), deed).await {
            Ok(verdicts) => {
                assert!(verdicts.iter().all(|verdict| verdict.id == "m"), "{deed}: {verdicts:?}");
                assert!(verdicts.len() <= 1, "{deed}: {verdicts:?}");
            }
            Err(error) => println!("{deed}: {error}"),
        }
    }
}

#[tokio::test]
async fn giant_lists_of_verdicts_and_lookups_are_refused() {
    let platform = Platform::open().await;
    for deed in [
        "judge many 32769",
        "judge many 1000000",
        "plan look-many 9 https://api.hostile.test/",
        "plan look-many 32769 https://api.hostile.test/",
        "plan look-headers 32769 https://api.hostile.test/",
        "judge long-reason",
        "judge replace 3000000",
    ] {
        match platform.moderate(&platform.call(MODERATION), deed).await {
            Ok(verdicts) => {
                let bytes: usize = verdicts.iter().map(|verdict| format!("{verdict:?}").len()).sum();
                println!("{deed}: {} verdicts of {bytes} bytes", verdicts.len());
                assert!(verdicts.len() <= 1 && bytes < 1 << 20, "{deed}: {bytes}");
            }
            Err(error) => println!("{deed}: {error}"),
        }
        platform.still_serves(MODERATION).await;
    }
    let call = platform.call(MODERATION);
    let filter = platform.plugins.filter(&call.plugin).await.expect("a filter");
    let batch = [message("m", "plan look-many 9 https://api.hostile.test/")];
    match filter.plan(&call, &batch).await {
        Ok(lookups) => assert!(lookups.len() <= MAX_LOOKUPS, "{}", lookups.len()),
        Err(error) => assert_eq!(error.kind, CallErrorKind::Limit, "{error}"),
    }
}

#[tokio::test]
async fn rules_and_reasons_are_fit_to_be_shown() {
    let platform = Platform::open().await;
    let call = platform.call(MODERATION);
    for deed in ["judge odd-rule", "judge long-reason", "judge replace-escapes"] {
        let Ok(verdicts) = platform.moderate(&call, deed).await else { continue };
        for verdict in verdicts {
            let is_kebab =
                verdict.rule.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            assert!(is_kebab && verdict.rule.len() <= 64, "{deed}: {:?}", verdict.rule);
            assert!(!verdict.reason.contains(char::is_control), "{deed}: {:?}", verdict.reason);
            assert!(verdict.reason.len() < 1000, "{deed}: {}", verdict.reason.len());
            if let Action::Replace(text) = verdict.action {
                assert!(!text.contains('\u{1b}') && !text.contains('\0'), "{deed}: {text:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_filter_that_rolls_dice_gives_the_same_verdict_byte_for_byte() {
    let platform = Platform::open().await;
    let call = platform.call(MODERATION);
    let filter = platform.plugins.filter(&call.plugin).await.expect("a filter");
    let batch = [message("m", "judge dice"), message("n", "x")];
    let now = neustream_model::UnixMillis(1_700_000_000_000);
    let first = filter.judge_at(&call, now, &batch, &[]).await.expect("verdicts");
    assert_eq!(first.len(), 2);
    for round in 0..50 {
        // A busy neighbour, another attempt, another deadline: nothing of that may be seen by the filter.
        if round % 10 == 0 {
            let _ = platform.deed(MODERATION, "loop").await;
        }
        let call = Call { deadline: std::time::Duration::from_millis(1000 + round), ..call.clone() };
        assert_eq!(filter.judge_at(&call, now, &batch, &[]).await.expect("verdicts"), first);
    }
    // Another platform, as if after a restart.
    let other = Platform::open().await;
    let filter = other.plugins.filter(&call.plugin).await.expect("a filter");
    assert_eq!(filter.judge_at(&call, now, &batch, &[]).await.expect("verdicts"), first);
}

#[tokio::test]
async fn a_filter_that_runs_out_of_budget_does_so_at_the_same_place_every_time() {
    let platform = Platform::open().await;
    let call = platform.call(MODERATION);
    let now = neustream_model::UnixMillis(1_700_000_000_000);
    let filter = platform.plugins.filter(&call.plugin).await.expect("a filter");
    // The most rounds that fit, found by halving; then it must hold, and one step more must fail, again and again.
    let (mut fits, mut fails) = (0_u64, 1 << 34);
    let judged = async |rounds: u64, call: &Call| {
        let batch = [message("m", &format!("judge spin {rounds}"))];
        filter.judge_at(call, now, &batch, &[]).await
    };
    while fails - fits > 1 {
        let middle = fits + (fails - fits) / 2;
        // Each in an installation of its own, or its breaker would open.
        match judged(middle, &platform.call(MODERATION)).await {
            Ok(_) => fits = middle,
            Err(_) => fails = middle,
        }
    }
    println!("{fits} rounds fit, {fails} do not");
    assert!(fits > 0);
    for _ in 0..4 {
        judged(fits, &call).await.expect("fits");
        judged(fails, &call).await.expect_err("does not fit");
        judged(fits, &call).await.expect("fits");
    }
}

#[tokio::test]
async fn nothing_is_remembered_from_one_batch_to_the_next() {
    let platform = Platform::open().await;
    let call = platform.call(MODERATION);
    for _ in 0..5 {
        assert_eq!(platform.deed_of(MODERATION, &call, "remember").await.expect("told"), b"1");
    }
}

#[tokio::test]
async fn what_lookups_found_is_handed_over_or_refused() {
    let platform = Platform::open().await;
    let call = platform.call(MODERATION);
    let filter = platform.plugins.filter(&call.plugin).await.expect("a filter");
    let batch = [message("m", "plan nothing")];
    for bytes in [100, 1 << 20, 5 << 20] {
        let found = [Found { id: "l".to_owned(), outcome: Ok(vec![b'x'; bytes]) }];
        match filter.judge(&call, &batch, &found).await {
            Ok(verdicts) => assert!(verdicts.len() <= 1),
            Err(error) => println!("{bytes} bytes found: {error}"),
        }
        platform.still_serves(MODERATION).await;
    }
}
