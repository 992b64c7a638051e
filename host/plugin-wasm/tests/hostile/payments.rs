//! Deeds that only a payment provider can do.

use std::time::Duration;

use neustream_contract::payment::{Money, PaymentFailure, PaymentProviders as _, PaymentStatus, Webhook};
use neustream_contract::{Call, CallErrorKind, Kind};

use crate::kit::{Platform, charge};
use crate::mirror::Mirror;

const PAYMENT: Kind = Kind::Payment;

/// A call that waits for no answer for long.
fn impatient(platform: &Platform) -> Call {
    Call { deadline: Duration::from_millis(500), ..platform.call(PAYMENT) }
}

#[tokio::test]
async fn a_claim_that_nothing_was_sent_is_not_believed_when_a_request_stayed_without_an_answer() {
    let mirror = Mirror::start().await;
    let platform = Platform::open_with(mirror.settings.clone(), |_| {}).await;
    let ended = platform.start(&impatient(&platform), "deny https://api.hostile.test/silent").await;
    assert_eq!(mirror.requests().len(), 1, "the provider was asked to act");
    assert!(matches!(ended, Err(PaymentFailure::Unknown(_))), "{ended:?}");
    // Where no request left, the claim is true.
    let ended = platform.start(&platform.call(PAYMENT), "not-sent").await;
    assert!(matches!(ended, Err(PaymentFailure::NotSent(_))), "{ended:?}");
}

#[tokio::test]
async fn a_guest_that_does_not_know_is_believed_only_where_something_left() {
    let mirror = Mirror::start().await;
    let platform = Platform::open_with(mirror.settings.clone(), |_| {}).await;
    let ended = platform.start(&platform.call(PAYMENT), "unknown").await;
    assert!(matches!(ended, Err(PaymentFailure::NotSent(_))), "nothing left: {ended:?}");
}

#[tokio::test]
async fn a_trap_after_a_request_is_an_unknown_outcome_and_one_before_is_not_sent() {
    let mirror = Mirror::start().await;
    let platform = Platform::open_with(mirror.settings.clone(), |_| {}).await;
    let ended =
        platform.start(&platform.call(PAYMENT), "send-and-trap https://api.hostile.test/charge").await;
    assert_eq!(mirror.requests().len(), 1);
    assert!(
        matches!(&ended, Err(PaymentFailure::Unknown(error)) if error.kind == CallErrorKind::Trap),
        "{ended:?}"
    );
    for deed in ["abort", "loop", "memory-bomb", "get http://127.0.0.1/"] {
        let ended = platform.start(&platform.call(PAYMENT), deed).await;
        assert!(matches!(ended, Err(PaymentFailure::NotSent(_))), "{deed}: {ended:?}");
    }
    assert_eq!(mirror.requests().len(), 1);
}

#[tokio::test]
async fn a_refund_is_held_to_the_same() {
    let mirror = Mirror::start().await;
    let platform = Platform::open_with(mirror.settings.clone(), |_| {}).await;
    let call = impatient(&platform);
    let provider = platform.plugins.provider(&call.plugin).await.expect("a provider");
    let amount = Money { minor: 100, currency: "EUR".to_owned() };
    let ended = provider.refund(&call, "r", "deny https://api.hostile.test/silent", &amount).await;
    assert!(matches!(ended, Err(PaymentFailure::Unknown(_))), "{ended:?}");
    let ended = provider.refund(&call, "r", "not-sent", &amount).await;
    assert!(matches!(ended, Err(PaymentFailure::NotSent(_))), "{ended:?}");
}

#[tokio::test]
async fn another_amount_or_currency_than_was_asked_is_never_settled() {
    let platform = Platform::open().await;
    for deed in ["settle-less", "settle-more", "settle-currency", "settle-odd-currency", "settle-nameless"] {
        // Refused here, or handed on as it is for the ledger to refuse: never as what was asked.
        match platform.start(&platform.call(PAYMENT), deed).await {
            Ok(PaymentStatus::Settled(receipt)) => {
                let is_as_asked = receipt.amount == charge("").amount && !receipt.provider_id.is_empty();
                assert!(!is_as_asked, "{deed}: {receipt:?}");
                println!("{deed}: {receipt:?} is left to the ledger");
            }
            Ok(other) => println!("{deed}: {other:?}"),
            // No request left, so nothing was settled, whatever is said.
            Err(error) => println!("{deed}: {error}"),
        }
    }
}

#[tokio::test]
async fn texts_for_payers_are_fit_to_be_shown_and_links_are_links() {
    let platform = Platform::open().await;
    let declined = platform.start(&platform.call(PAYMENT), "decline").await;
    if let Ok(PaymentStatus::Declined(reason)) = &declined {
        assert!(!reason.message.contains(char::is_control) && !reason.code.contains(' '), "{reason:?}");
    } else {
        panic!("{declined:?}");
    }
    for url in [
        "javascript:alert(1)",
        "http://127.0.0.1/",
        "data:text/html,<script>alert(1)</script>",
        "https://user:password@pay.example/",
        "\x1b[2J",
        "",
    ] {
        match platform.start(&platform.call(PAYMENT), &format!("send-payer {url}")).await {
            Ok(PaymentStatus::ActionRequired(action)) => {
                let shown = action.url.unwrap_or_default();
                assert!(shown.is_empty() || shown.starts_with("https://"), "{url} became {shown:?}");
            }
            Ok(other) => panic!("{url}: {other:?}"),
            Err(error) => println!("{url:?}: {error}"),
        }
    }
}

#[tokio::test]
async fn giant_lists_of_updates_and_parameters_are_refused() {
    let platform = Platform::open().await;
    let call = platform.call(PAYMENT);
    let provider = platform.plugins.provider(&call.plugin).await.expect("a provider");
    for body in ["updates 32769", "updates 1000000", "long-event", "giant 6000000"] {
        let webhook = Webhook { headers: vec![], body: body.as_bytes().to_vec() };
        match provider.receive(&platform.call(PAYMENT), &webhook).await {
            Ok(updates) => {
                let bytes: usize = updates.iter().map(|update| format!("{update:?}").len()).sum();
                assert!(
                    updates.len() <= 1000 && bytes < 1 << 20,
                    "{body}: {} of {bytes} bytes",
                    updates.len()
                );
            }
            Err(error) => println!("{body}: {error}"),
        }
        platform.still_serves(PAYMENT).await;
    }
    for deed in ["many-parameters 32769", "long-id"] {
        match platform.start(&platform.call(PAYMENT), deed).await {
            Ok(status) => assert!(format!("{status:?}").len() < 100_000, "{deed}"),
            Err(error) => println!("{deed}: {error}"),
        }
    }
    let headers = vec![("x-a".to_owned(), "b".repeat(1000)); 5000];
    let webhook = Webhook { headers, body: vec![b'x'; 300_000] };
    if let Err(error) = provider.receive(&call, &webhook).await {
        println!("5 MB of headers: {error}");
    }
    platform.still_serves(PAYMENT).await;
}
