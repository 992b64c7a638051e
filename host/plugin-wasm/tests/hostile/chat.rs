//! Deeds that only a chat connector can do. What effects may reach is the driver's affair (`neustream-chat`); here is
//! what the runtime holds answers to.

use neustream_contract::chat::ChatConnectors as _;
use neustream_contract::chat::{Effect, Event, MAX_STATE_BYTES, Payload};
use neustream_contract::{CallErrorKind, Kind};

use crate::kit::Platform;

const CHAT: Kind = Kind::Chat;

#[tokio::test]
async fn a_state_of_64_kib_is_kept_and_a_larger_one_is_refused_with_its_effects() {
    let platform = Platform::open().await;
    let call = platform.call(CHAT);
    let step = platform.handle(&call, b"", "state 65536").await.expect("kept");
    assert_eq!(step.state.len(), MAX_STATE_BYTES);
    for deed in ["state 65537", "state-and-publish"] {
        let error = platform.handle(&call, b"", deed).await.expect_err(deed);
        assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::Limit, "state-too-large"), "{error}");
    }
    // And what was kept can be handed back.
    let step = platform.handle(&call, &step.state, "keep").await.expect("kept");
    assert_eq!(step.state.len(), MAX_STATE_BYTES);
}

#[tokio::test]
async fn giant_lists_of_effects_are_refused() {
    let platform = Platform::open().await;
    for deed in [
        "tiny-effects 32769",
        "tiny-effects 1000000",
        "publish-many 32769",
        "retract-many 32769",
        "transmit-many 32769",
        "publish-extras 32769",
        "connect-headers 32769",
        "requests 32769 https://api.hostile.test/",
    ] {
        let error = platform.deed(CHAT, deed).await.expect_err(deed);
        println!("{deed}: {error}");
        let is_bounded =
            matches!(error.kind, CallErrorKind::Limit | CallErrorKind::Timeout | CallErrorKind::Trap);
        assert!(is_bounded, "{deed}: {error}");
        platform.still_serves(CHAT).await;
    }
}

#[tokio::test]
async fn more_connections_alarms_and_requests_than_may_be_are_refused() {
    let platform = Platform::open().await;
    for (allowed, refused) in [
        ("connections 8", "connections 9"),
        ("alarms 16", "alarms 17"),
        ("requests 4 https://api.hostile.test/", "requests 200 https://api.hostile.test/"),
    ] {
        platform.deed(CHAT, allowed).await.expect(allowed);
        // Refused here, or each one by the driver, which counts over all steps.
        match platform.deed(CHAT, refused).await {
            Ok(_) => println!("{refused}: left to the driver"),
            Err(error) => assert_eq!(error.kind, CallErrorKind::Limit, "{refused}: {error}"),
        }
    }
}

#[tokio::test]
async fn texts_of_effects_are_as_the_guest_wrote_them_or_refused_and_never_longer_than_their_limits() {
    let platform = Platform::open().await;
    for deed in ["publish-long 3000000", "status-long", "webhook", "long-id", "transmit-giant 3000000"] {
        match platform.handle(&platform.call(CHAT), b"", deed).await {
            Ok(step) => {
                let bytes: usize = step.effects.iter().map(|effect| format!("{effect:?}").len()).sum();
                println!("{deed}: {bytes} bytes of effects");
                assert!(bytes < 5 << 20, "{deed}: {bytes}");
            }
            Err(error) => println!("{deed}: {error}"),
        }
    }
    let step = platform.handle(&platform.call(CHAT), b"", "status").await.expect("a status");
    let Some(Effect::Status(Some(problem))) = step.effects.first() else { panic!("{step:?}") };
    assert!(!problem.reason.message.contains(char::is_control), "{problem:?}");
    assert!(!problem.reason.code.contains(' '), "{problem:?}");
}

#[tokio::test]
async fn a_connector_that_traps_now_and_then_moves_on_from_its_last_state() {
    let platform = Platform::open().await;
    let call = platform.call(CHAT);
    let mut state = Vec::new();
    let mut traps = 0;
    for _ in 0..2 {
        for _ in 0..2 {
            state = platform.handle(&call, &state, "every-third").await.expect("counted").state;
        }
        let error = platform.handle(&call, &state, "every-third").await.expect_err("each third");
        assert_eq!(error.kind, CallErrorKind::Trap);
        traps += 1;
        // The host goes on from where it was: the state is its own copy.
        state = platform.handle(&call, &state, "count").await.expect("counted").state;
    }
    assert_eq!((traps, state.as_slice()), (2, &b"6"[..]));
}

#[tokio::test]
async fn the_same_events_and_state_give_the_same_step() {
    let platform = Platform::open().await;
    let call = platform.call(CHAT);
    let first = platform.handle(&call, b"41", "count").await.expect("a step");
    for _ in 0..20 {
        assert_eq!(platform.handle(&call, b"41", "count").await.expect("a step"), first);
    }
    assert_eq!(first.state, b"42");
    // Nothing is remembered from one call to the next but the state.
    for _ in 0..3 {
        assert_eq!(platform.deed_of(CHAT, &call, "remember").await.expect("told"), b"1");
    }
}

#[tokio::test]
async fn a_giant_batch_of_events_is_handed_over_or_refused_but_never_kills() {
    let platform = Platform::open().await;
    let call = platform.call(CHAT);
    let connector = platform.plugins.connector(&call.plugin).await.expect("a connector");
    let line = Event::Received("main".to_owned(), Payload::Text("count ".repeat(10_000)));
    for many in [1, 100, 1000] {
        let events = vec![line.clone(); many];
        match connector.handle(&call, b"", &events).await {
            Ok(step) => assert!(!step.effects.is_empty()),
            Err(error) => println!("{many} events of 60 kB: {error}"),
        }
        platform.still_serves(CHAT).await;
    }
}
