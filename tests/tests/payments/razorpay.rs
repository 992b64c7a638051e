//! Razorpay's component against the strict stand-in.

use std::time::Duration;

use neustream_billing::{BillingError, ChargeView, Received, State};
use neustream_contract::CallErrorKind;
use neustream_tests::kit::payments::{Fault, RazorpaySite};
use serde_json::json;

use crate::host::Host;
use crate::world::World;

const MINUTES: Duration = Duration::from_mins(3);

fn parameter<'a>(charge: &'a ChargeView, name: &str) -> &'a str {
    let parameters = &charge.action.as_ref().unwrap().parameters;
    parameters.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

/// Starts the order, pays it in the checkout, confirms what the browser brings back.
async fn paid(world: &World<RazorpaySite>, host: &Host) -> ChargeView {
    let charge = world.start(host).await;
    let paid = world.site.pay(parameter(&charge, "order_id")).unwrap();
    host.payments.confirm(world.setup.tenant, &charge.key, &paid.returned).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payer_pays_in_the_checkout_and_gets_something_back() {
    let world = World::razorpay().await;
    let host = world.host().await;
    let charge = world.start(&host).await;
    assert_eq!(charge.state, State::ActionRequired);
    let action = charge.action.clone().unwrap();
    assert_eq!((action.provider_id.as_str(), action.url), (parameter(&charge, "order_id"), None));
    assert_eq!(parameter(&charge, "key"), crate::world::RAZORPAY_KEY_ID);
    assert_eq!(parameter(&charge, "name"), "Acme Live");
    assert_eq!(parameter(&charge, "callback_url"), "https://example.com/thanks?order=1");
    let orders = world.site.orders();
    assert_eq!((orders.len(), orders[0].receipt.as_deref()), (1, Some(charge.key.as_str())));

    let paid = world.site.pay(&orders[0].id).unwrap();
    let charge = host.payments.confirm(world.setup.tenant, &charge.key, &paid.returned).await.unwrap();
    assert_eq!(
        (charge.state, charge.payment_id.as_deref()),
        (State::Settled, Some(paid.payment_id.as_str()))
    );
    assert_eq!(charge.fee.unwrap().minor, 79_900 / 50);
    assert_eq!(world.balance(&host, "orders").await, -79_900);
    assert_eq!(world.balance(&host, "fees").await, 79_900 / 50);

    let refund = world.refund(&host, &charge.key, 10_000).await;
    assert_eq!(refund.state, State::Settled);
    assert_eq!(world.site.refunds()[0].amount, 10_000);
    assert_eq!(world.balance(&host, "refunds").await, 10_000);
    // Every webhook of it comes as well, twice: nothing moves again.
    for _ in 0..2 {
        for delivery in world.site.deliveries() {
            world.deliver(&host, delivery).await.unwrap();
        }
    }
    assert_eq!(world.balance(&host, "orders").await, -79_900);
    assert_eq!(world.charge(&host, &charge.key).await.flag, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_alone_settles_a_charge_whatever_came_before_and_twice() {
    let world = World::razorpay().await;
    let host = world.host().await;
    let charge = world.start(&host).await;
    let order = parameter(&charge, "order_id").to_owned();
    world.site.fail(&order).unwrap();
    world.site.pay(&order).unwrap();
    let deliveries = world.site.deliveries();
    assert_eq!(deliveries.len(), 3, "payment.failed, payment.captured, order.paid");
    let paid = world.deliver(&host, deliveries[2].clone()).await.unwrap();
    assert_eq!(paid, Received { applied: 1, ..Received::default() });
    assert_eq!(world.charge(&host, &charge.key).await.state, State::Settled);
    let again = world.deliver(&host, deliveries[2].clone()).await.unwrap();
    assert_eq!(again, Received { repeated: 1, ..Received::default() });
    // The others come late.
    let captured = world.deliver(&host, deliveries[1].clone()).await.unwrap();
    assert_eq!(captured, Received { applied: 1, ..Received::default() });
    let failed = world.deliver(&host, deliveries[0].clone()).await.unwrap();
    assert_eq!(failed, Received::default());
    let charge = world.charge(&host, &charge.key).await;
    assert_eq!((charge.state, charge.flag), (State::Settled, None));
    assert_eq!(world.balance(&host, "orders").await, -79_900);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authorized_payment_is_pending_until_it_is_captured() {
    let world = World::razorpay().await;
    let host = world.host().await;
    let charge = world.start(&host).await;
    let order = parameter(&charge, "order_id").to_owned();
    world.site.authorize(&order).unwrap();
    world.deliver(&host, world.site.deliveries().remove(0)).await.unwrap();
    assert_eq!(world.charge(&host, &charge.key).await.state, State::Pending);
    world.site.pay(&order).unwrap();
    let later = world.host_after(MINUTES).await;
    later.payments.recover().await.unwrap();
    assert_eq!(world.charge(&later, &charge.key).await.state, State::Settled, "no webhook came");
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_webhooks_and_returns_are_refused() {
    let world = World::razorpay().await;
    let host = world.host().await;
    let charge = world.start(&host).await;
    let order = parameter(&charge, "order_id").to_owned();
    let paid = world.site.pay(&order).unwrap();
    let genuine = world.site.deliveries().remove(1);
    let forgeries = [
        genuine.clone().altered(),
        genuine.clone().with_header("x-razorpay-signature", &"0".repeat(64)),
        genuine.clone().with_header("x-razorpay-signature", "short"),
        genuine.with_header("x-razorpay-signature", ""),
    ];
    for forged in forgeries {
        let refused = world.deliver(&host, forged).await;
        let Err(BillingError::Plugin(error)) = refused else { panic!("{refused:?}") };
        assert_eq!(error.kind, CallErrorKind::Unauthorized);
    }

    let with = |name: &str, value: &str| {
        let mut returned = paid.returned.clone();
        returned.iter_mut().filter(|(known, _)| known == name).for_each(|pair| pair.1 = value.to_owned());
        returned
    };
    let forged_returns = [
        with("razorpay_signature", &"0".repeat(64)),
        with("razorpay_payment_id", "pay_Another0000001"),
        with("razorpay_payment_id", "pay_../../../v1/orders"),
        with("razorpay_order_id", "order_Another0001"),
    ];
    for returned in forged_returns {
        let refused = host.payments.confirm(world.setup.tenant, &charge.key, &returned).await;
        let Err(BillingError::Plugin(error)) = refused else { panic!("{refused:?}") };
        assert_eq!(error.kind, CallErrorKind::Unauthorized);
    }
    assert_eq!(world.charge(&host, &charge.key).await.state, State::ActionRequired);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_under_anothers_id_hides_nothing() {
    // The id's header is not signed: whoever repeats a genuine webhook may write there what they like.
    let world = World::razorpay().await;
    let host = world.host().await;
    let charge = world.start(&host).await;
    let order = parameter(&charge, "order_id").to_owned();
    world.site.authorize(&order).unwrap();
    world.site.pay(&order).unwrap();
    let deliveries = world.site.deliveries();
    let id_of_paid = deliveries[2].headers.iter().find(|(name, _)| name == "x-razorpay-event-id").unwrap();
    let replayed = deliveries[0].clone().with_header("x-razorpay-event-id", &id_of_paid.1);
    world.deliver(&host, replayed).await.unwrap();
    world.deliver(&host, deliveries[2].clone()).await.unwrap();
    assert_eq!(world.charge(&host, &charge.key).await.state, State::Settled);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_becomes_of_an_answer_there_is_one_order() {
    for fault in [Fault::LostAnswer, Fault::Malformed, Fault::LostRequest, Fault::Refused(503, json!({}))] {
        let world = World::razorpay().await;
        let host = world.host().await;
        world.site.faults.next_write(fault.clone());
        let charge = world.start(&host).await;
        let is_done = matches!(fault, Fault::LostAnswer | Fault::Malformed);
        let expected = if is_done { State::ActionRequired } else { State::Unknown };
        assert_eq!(charge.state, expected, "{fault:?}: {:?}", charge.reason);
        let later = world.host_after(MINUTES).await;
        later.payments.recover().await.unwrap();
        assert_eq!(world.charge(&later, &charge.key).await.state, State::ActionRequired, "{fault:?}");
        assert_eq!(world.site.orders().len(), 1, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_is_kept_to_and_a_refused_key_ends_the_charge() {
    let world = World::razorpay().await;
    let host = world.host().await;
    world.site.faults.next_write(Fault::TooMany { retry_after_s: 60 });
    let charge = world.start(&host).await;
    assert_eq!((charge.state, charge.reason.unwrap().code.as_str()), (State::Prepared, "rate-limited"));
    let early = world.host_after(Duration::from_secs(40)).await;
    assert_eq!(early.payments.recover().await.unwrap(), 0);
    let later = world.host_after(MINUTES).await;
    later.payments.recover().await.unwrap();
    assert_eq!(world.charge(&later, &charge.key).await.state, State::ActionRequired);

    let mut world = World::razorpay().await;
    world.setup.secrets.insert("key-secret".to_owned(), "wrong".to_owned());
    let charge = world.start(&world.host().await).await;
    assert_eq!((charge.state, charge.reason.unwrap().code.as_str()), (State::Declined, "unauthorized"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_razorpay_refuses_is_declined_in_its_words() {
    let world = World::razorpay().await;
    let host = world.host().await;
    let mut order = crate::world::order();
    order.amount.minor = 99;
    let charge = host.payments.start(world.setup.tenant, world.setup.installation, &order).await.unwrap();
    assert_eq!(charge.state, State::Declined);
    let reason = charge.reason.unwrap();
    assert_eq!(reason.code, "bad-request-error");
    assert_eq!(reason.message, "Order amount less than minimum amount allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_whose_answer_is_lost_is_found_and_not_made_twice() {
    for fault in [Fault::LostAnswer, Fault::Malformed, Fault::LostRequest, Fault::Refused(500, json!({}))] {
        let world = World::razorpay().await;
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
        let world = World::razorpay().await;
        let host = world.host().await;
        let charge = paid(&world, &host).await;
        world.site.let_refunds_wait();
        let refund = world.refund(&host, &charge.key, 300).await;
        assert_eq!(refund.state, State::Pending);
        world.site.finish_refund(&world.site.refunds()[0].id, is_done).unwrap();
        world.deliver(&host, world.site.deliveries().pop().unwrap()).await.unwrap();
        let refund = world.refund(&host, &charge.key, 300).await;
        assert_eq!(refund.state, if is_done { State::Settled } else { State::Declined });
        assert_eq!(world.balance(&host, "refunds").await, if is_done { 300 } else { 0 });
    }
}
