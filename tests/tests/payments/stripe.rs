//! Stripe's component against the strict stand-in.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use neustream_billing::{BillingError, ChargeView, Received, State};
use neustream_contract::CallErrorKind;
use neustream_tests::kit::payments::{Fault, Outcome, StripeSite};
use serde_json::json;

use crate::host::Host;
use crate::world::World;

const MINUTES: Duration = Duration::from_mins(3);

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Delivers the newest event of this type.
async fn told(world: &World<StripeSite>, host: &Host, kind: &str) -> Received {
    let number = (0..world.site.events()).rev().find(|number| world.site.event_type(*number) == kind);
    let delivery = world.site.delivery(number.unwrap_or_else(|| panic!("no {kind}")), seconds());
    world.deliver(host, delivery).await.unwrap()
}

async fn paid(world: &World<StripeSite>, host: &Host) -> ChargeView {
    let charge = world.start(host).await;
    world.site.pay(&world.site.sessions()[0], Outcome::Paid).unwrap();
    host.payments.confirm(world.setup.tenant, &charge.key, &[]).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payer_pays_on_the_hosted_page_and_gets_something_back() {
    let world = World::stripe().await;
    let host = world.host().await;
    let charge = world.start(&host).await;
    let session = world.site.sessions().remove(0);
    let action = charge.action.clone().unwrap();
    assert_eq!(action.url, Some(format!("https://checkout.stripe.com/c/pay/{session}")));
    assert_eq!(action.provider_id, session);

    world.site.pay(&session, Outcome::Paid).unwrap();
    let received = told(&world, &host, "checkout.session.completed").await;
    assert_eq!(received, Received { applied: 1, ..Received::default() });
    let charge = world.charge(&host, &charge.key).await;
    assert_eq!((charge.state, charge.payment_id), (State::Settled, world.site.intents().pop()));

    let refund = world.refund(&host, &charge.key, 900).await;
    assert_eq!(refund.state, State::Settled);
    assert_eq!(world.site.refunds()[0].amount, 900);
    for number in 0..world.site.events() {
        let delivery = world.site.delivery(number, seconds());
        world.deliver(&host, delivery).await.unwrap();
    }
    assert_eq!(world.balance(&host, "orders").await, -79_900);
    assert_eq!(world.balance(&host, "refunds").await, 900);
    assert_eq!(world.charge(&host, &charge.key).await.flag, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payer_who_returns_proves_nothing_and_stripe_is_asked() {
    let world = World::stripe().await;
    let host = world.host().await;
    let charge = world.start(&host).await;
    let returned = [("session_id".to_owned(), "cs_test_paid".to_owned())];
    let charge = host.payments.confirm(world.setup.tenant, &charge.key, &returned).await.unwrap();
    assert_eq!(charge.state, State::ActionRequired);
    world.site.pay(&world.site.sessions()[0], Outcome::Paid).unwrap();
    let charge = host.payments.confirm(world.setup.tenant, &charge.key, &returned).await.unwrap();
    assert_eq!(charge.state, State::Settled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delayed_payment_is_pending_until_the_bank_has_spoken() {
    for is_paid in [true, false] {
        let world = World::stripe().await;
        let host = world.host().await;
        let charge = world.start(&host).await;
        let session = world.site.sessions().remove(0);
        world.site.pay(&session, Outcome::Delayed).unwrap();
        told(&world, &host, "checkout.session.completed").await;
        assert_eq!(world.charge(&host, &charge.key).await.state, State::Pending);
        world.site.finish_delayed(&session, is_paid).unwrap();
        let (event, state) = if is_paid {
            ("checkout.session.async_payment_succeeded", State::Settled)
        } else {
            ("checkout.session.async_payment_failed", State::Declined)
        };
        told(&world, &host, event).await;
        // The first news once more, late.
        told(&world, &host, "payment_intent.processing").await;
        assert_eq!(world.charge(&host, &charge.key).await.state, state);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ran_out_ends_the_charge() {
    let world = World::stripe().await;
    let host = world.host().await;
    let charge = world.start(&host).await;
    world.site.expire(&world.site.sessions()[0]).unwrap();
    told(&world, &host, "checkout.session.expired").await;
    let charge = world.charge(&host, &charge.key).await;
    assert_eq!((charge.state, charge.reason.unwrap().code.as_str()), (State::Declined, "expired"));
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_and_old_webhooks_are_refused() {
    let world = World::stripe().await;
    let host = world.host().await;
    let charge = world.start(&host).await;
    world.site.pay(&world.site.sessions()[0], Outcome::Paid).unwrap();
    let genuine = world.site.delivery(1, seconds());
    let header = genuine.headers.iter().find(|(name, _)| name == "stripe-signature").unwrap().1.clone();
    let (moment, rest) = header.split_once(',').unwrap();
    let forgeries = [
        genuine.clone().altered(),
        genuine.clone().with_header("stripe-signature", moment),
        genuine.clone().with_header("stripe-signature", rest),
        genuine.clone().with_header("stripe-signature", &format!("t={},{rest}", seconds() + 1)),
        genuine.clone().with_header("stripe-signature", &format!("t=,{rest}")),
        genuine.clone().with_header("stripe-signature", &header.replace("v1=", "v0=")),
        // Genuine, but recorded.
        world.site.delivery(1, seconds() - 400),
        world.site.delivery(1, seconds() + 400),
    ];
    for forged in forgeries {
        let refused = world.deliver(&host, forged.clone()).await;
        let Err(BillingError::Plugin(error)) = refused else { panic!("{forged:?}: {refused:?}") };
        assert_eq!(error.kind, CallErrorKind::Unauthorized);
    }
    assert_eq!(world.charge(&host, &charge.key).await.state, State::ActionRequired);
    let in_time = world.site.delivery(1, seconds() - 200);
    world.deliver(&host, in_time).await.unwrap();
    assert_eq!(world.charge(&host, &charge.key).await.state, State::Settled);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_becomes_of_an_answer_there_is_one_session() {
    let faults = [
        Fault::LostAnswer,
        Fault::Malformed,
        Fault::LostRequest,
        Fault::Refused(500, json!({})),
        Fault::Refused(
            409,
            json!({ "error": { "type": "invalid_request_error", "code": "idempotency_key_in_use" } }),
        ),
    ];
    for fault in faults {
        let world = World::stripe().await;
        let host = world.host().await;
        world.site.faults.next_write(fault.clone());
        let charge = world.start(&host).await;
        let is_done = matches!(fault, Fault::LostAnswer | Fault::Malformed);
        let expected = if is_done { State::ActionRequired } else { State::Unknown };
        assert_eq!(charge.state, expected, "{fault:?}: {:?}", charge.reason);
        let later = world.host_after(MINUTES).await;
        later.payments.recover().await.unwrap();
        assert_eq!(world.charge(&later, &charge.key).await.state, State::ActionRequired, "{fault:?}");
        assert_eq!(world.site.sessions().len(), 1, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_declined_in_stripes_words() {
    let world = World::stripe().await;
    let card = json!({ "error": {
        "type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds",
        "message": "Your card has insufficient funds.",
    } });
    world.site.faults.next_write(Fault::Refused(402, card));
    let charge = world.start(&world.host().await).await;
    let reason = charge.reason.unwrap();
    assert_eq!((charge.state, reason.code.as_str()), (State::Declined, "insufficient-funds"));
    assert_eq!(reason.message, "Your card has insufficient funds.");

    let world = World::stripe().await;
    world.site.faults.next_write(Fault::TooMany { retry_after_s: 60 });
    let charge = world.start(&world.host().await).await;
    assert_eq!((charge.state, charge.reason.unwrap().code.as_str()), (State::Prepared, "rate-limited"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_answer_is_waited_for() {
    let world = World::stripe().await;
    world.site.faults.next_write(Fault::Slow(Duration::from_secs(2)));
    let charge = world.start(&world.host().await).await;
    assert_eq!((charge.state, world.site.sessions().len()), (State::ActionRequired, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_whose_answer_is_lost_is_found_and_not_made_twice() {
    for fault in [Fault::LostAnswer, Fault::Malformed, Fault::LostRequest, Fault::Refused(500, json!({}))] {
        let world = World::stripe().await;
        let host = world.host().await;
        let charge = paid(&world, &host).await;
        world.site.faults.next_write(fault.clone());
        world.refund(&host, &charge.key, 300).await;
        let later = world.host_after(MINUTES).await;
        later.payments.recover().await.unwrap();
        assert_eq!(world.refund(&later, &charge.key, 300).await.state, State::Settled, "{fault:?}");
        assert_eq!(world.site.refunds().len(), 1, "{fault:?}");
        assert_eq!(world.balance(&later, "refunds").await, 300);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_the_bank_takes_days_for_is_pending_and_may_fail() {
    for is_done in [true, false] {
        let world = World::stripe().await;
        let host = world.host().await;
        let charge = paid(&world, &host).await;
        world.site.let_refunds_wait();
        let refund = world.refund(&host, &charge.key, 300).await;
        assert_eq!(refund.state, State::Pending);
        world.site.finish_refund(&world.site.refunds()[0].id, is_done).unwrap();
        // The charge's own event comes without its refunds: they are asked for.
        told(&world, &host, "charge.refunded").await;
        let refund = world.refund(&host, &charge.key, 300).await;
        assert_eq!(refund.state, if is_done { State::Settled } else { State::Declined });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_tenants_own_gets_what_its_payment_element_needs() {
    let config = json!({ "checkout": "embedded", "publishable_key": "pk_test_Stand1n456" });
    let world = World::stripe_with(config).await;
    let host = world.host().await;
    world.site.faults.next_write(Fault::LostAnswer);
    let charge = world.start(&host).await;
    let intent = world.site.intents().remove(0);
    let parameters = charge.action.unwrap().parameters;
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let secret = pair("client_secret", &format!("{intent}_secret_x"));
    assert_eq!(parameters, [secret, pair("publishable_key", "pk_test_Stand1n456")]);
    world.site.pay_intent(&intent).unwrap();
    told(&world, &host, "payment_intent.succeeded").await;
    let charge = world.charge(&host, &charge.key).await;
    assert_eq!((charge.state, charge.payment_id), (State::Settled, Some(intent)));
}
