use std::cell::RefCell;
use std::rc::Rc;

use neustream_plugin::payment::{Charge, Failure, Money, PaymentProvider, Status, Webhook};
use neustream_plugin::testing::{FakeHost, Joined, answer, config_of_examples, unreachable};
use neustream_plugin::{AuthenticatingHost, Error, hex};
use serde_json::{Value, json};

use crate::Razorpay;

const SCHEMA: &str = include_str!("../config.schema.json");
const KEY: &str = "nsc-0123456789abcdef0123456789abcdef";
const REFUND_KEY: &str = "nsr-0123456789abcdef0123456789abcdef";

type Platform = Box<dyn Fn(&str) -> (u16, Value)>;

/// A host whose Razorpay answers `METHOD /path` so, and the requests that it saw.
fn host(platform: impl Fn(&str) -> (u16, Value) + 'static) -> (FakeHost, Rc<RefCell<Vec<Joined>>>) {
    let seen = Rc::<RefCell<Vec<Joined>>>::default();
    let (log, platform): (_, Platform) = (Rc::clone(&seen), Box::new(platform));
    let host = FakeHost::new(config_of_examples(SCHEMA))
        .with_secret("key-secret", "s3cret")
        .with_secret("webhook-secret", "hook")
        .with_platform(move |request| {
            assert_eq!(
                request.header("authorization"),
                Some("Basic cnpwX3Rlc3RfMURQNW1tT2xGNUc1YWc6czNjcmV0")
            );
            log.borrow_mut().push(request.clone());
            let path = request.url.strip_prefix("https://api.razorpay.com/v1").unwrap_or_default();
            let (status, body) = platform(&format!("{} {path}", request.method));
            answer(status, &[], body.to_string())
        });
    (host, seen)
}

fn nothing() -> (FakeHost, Rc<RefCell<Vec<Joined>>>) {
    host(|asked| panic!("asked for {asked}"))
}

fn charge() -> Charge {
    Charge {
        key: KEY.to_owned(),
        amount: inr(79_900),
        description: "Pro, a month".to_owned(),
        payer_ref: "user-7".to_owned(),
        return_url: "https://example.com/thanks".to_owned(),
    }
}

fn inr(minor: u64) -> Money {
    Money { minor, currency: "INR".to_owned() }
}

fn order(id: &str, receipt: &str, status: &str, created_at: u64) -> Value {
    json!({
        "id": id, "entity": "order", "amount": 79_900, "currency": "INR", "receipt": receipt,
        "status": status, "notes": [], "created_at": created_at,
    })
}

fn payment(id: &str, order: &str, status: &str) -> Value {
    json!({ "id": id, "amount": 79_900, "currency": "INR", "status": status, "order_id": order, "fee": 1598 })
}

fn of(items: &[Value]) -> (u16, Value) {
    (200, json!({ "entity": "collection", "count": items.len(), "items": items }))
}

fn webhook(host: &FakeHost, event: &Value) -> Webhook {
    let body = event.to_string().into_bytes();
    let tag = host.hmac_sha256("webhook-secret", &body).unwrap();
    let tag = hex::encode(&tag);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let headers = vec![pair("x-razorpay-signature", &tag), pair("x-razorpay-event-id", "evt_1")];
    Webhook { headers, body }
}

#[test]
fn an_order_carries_the_key_as_receipt_and_is_captured_by_itself() {
    let (host, seen) = host(|_| (200, order("order_1", KEY, "created", 1)));
    let status = Razorpay::start(&host, &host.context(), &charge()).unwrap();
    assert!(matches!(status, Status::ActionRequired(action) if action.provider_id == "order_1"));
    let sent: Value = serde_json::from_slice(&seen.borrow()[0].body).unwrap();
    assert_eq!(sent["receipt"], KEY);
    assert_eq!(sent["amount"], 79_900);
    assert_eq!(sent["payment"]["capture"], "automatic");
    assert_eq!(seen.borrow()[0].header("content-type"), Some("application/json"));
}

#[test]
fn a_return_url_too_long_for_a_note_is_left_out() {
    let (host, seen) = host(|_| (200, order("order_1", KEY, "created", 1)));
    let mut charge = charge();
    charge.return_url = format!("https://example.com/{}", "x".repeat(300));
    Razorpay::start(&host, &host.context(), &charge).unwrap();
    let sent: Value = serde_json::from_slice(&seen.borrow()[0].body).unwrap();
    assert_eq!(sent["notes"].get("return_url"), None);
}

#[test]
fn answers_are_told_apart_by_whether_razorpay_acted() {
    let outcome = |status: u16, body: Value| {
        let (host, _) = host(move |_| (status, body.clone()));
        Razorpay::start(&host, &host.context(), &charge())
    };
    for status in [401, 403, 429] {
        assert!(matches!(outcome(status, json!({})), Err(Failure::NotSent(_))), "{status}");
    }
    for status in [408, 409, 500, 502, 503, 504, 302] {
        assert!(matches!(outcome(status, json!({})), Err(Failure::Unknown(_))), "{status}");
    }
    assert!(matches!(outcome(400, json!({})), Ok(Status::Declined(_))));
    // Something was made, but not what was asked for.
    for odd in [
        json!({}),
        json!([]),
        json!("x"),
        order("order_1", "other", "created", 1),
        order("../x", KEY, "created", 1),
    ] {
        assert!(matches!(outcome(200, odd.clone()), Err(Failure::Unknown(_))), "{odd}");
    }
    let host = FakeHost::new(config_of_examples(SCHEMA))
        .with_secret("key-secret", "x")
        .with_platform(|_| unreachable());
    assert!(matches!(Razorpay::start(&host, &host.context(), &charge()), Err(Failure::Unknown(_))));
}

#[test]
fn an_order_is_found_by_its_whole_receipt_and_a_paid_one_first() {
    let longer = format!("{KEY}x");
    let (host, _) = host(move |asked| match asked {
        "GET /orders" => of(&[
            order("order_3", &longer, "paid", 3),
            order("order_2", KEY, "paid", 2),
            order("order_1", KEY, "created", 1),
        ]),
        "GET /orders/order_2/payments" => {
            of(&[payment("pay_1", "order_2", "failed"), payment("pay_2", "order_2", "captured")])
        }
        other => panic!("asked for {other}"),
    });
    let found = Razorpay::find(&host, &host.context(), KEY).unwrap().unwrap();
    let Status::Settled(receipt) = found else { panic!("{found:?}") };
    assert_eq!(
        (receipt.provider_id.as_str(), receipt.amount, receipt.fee),
        ("pay_2", inr(79_900), Some(inr(1598)))
    );
}

#[test]
fn what_razorpay_has_not_is_not_found_and_an_outage_is_not_nothing() {
    let (empty, _) = host(|_| of(&[]));
    assert_eq!(Razorpay::find(&empty, &empty.context(), KEY), Ok(None));
    for status in [401, 429, 500] {
        let (host, _) = host(move |_| (status, json!({})));
        assert!(Razorpay::find(&host, &host.context(), KEY).is_err(), "{status}");
    }
    let (host, _) = host(|_| (200, json!({ "items": "none" })));
    assert!(Razorpay::find(&host, &host.context(), KEY).is_err());
}

#[test]
fn a_paid_order_whose_payment_is_not_shown_yet_is_asked_for_again() {
    let (host, _) = host(|asked| match asked {
        "GET /orders" => of(&[order("order_1", KEY, "paid", 1)]),
        _ => of(&[]),
    });
    let error = Razorpay::find(&host, &host.context(), KEY).unwrap_err();
    assert_eq!(error.code(), "payment-missing");
}

#[test]
fn a_payer_who_returns_without_a_payment_is_answered_with_the_orders_state() {
    let (host, _) = host(|asked| {
        assert_eq!(asked, "GET /orders/order_1");
        (200, order("order_1", KEY, "created", 1))
    });
    let returned = [("error[code]".to_owned(), "BAD_REQUEST_ERROR".to_owned())];
    let status = Razorpay::confirm(&host, &host.context(), KEY, "order_1", &returned).unwrap();
    assert!(matches!(status, Status::ActionRequired(_)));
}

#[test]
fn a_signature_is_checked_over_the_order_that_the_host_stored() {
    let (host, _) = nothing();
    let tag = host.hmac_sha256("key-secret", b"order_other|pay_1").unwrap();
    let tag = hex::encode(&tag);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let returned = [pair("razorpay_payment_id", "pay_1"), pair("razorpay_signature", &tag)];
    let refused = Razorpay::confirm(&host, &host.context(), KEY, "order_1", &returned);
    assert!(matches!(refused, Err(Error::Unauthorized(_))), "{refused:?}");
}

#[test]
fn nothing_is_paid_back_that_could_not_be_found_again() {
    let (host, _) = nothing();
    host.break_memory();
    let refused = Razorpay::refund(&host, &host.context(), REFUND_KEY, "pay_1", &inr(5));
    assert!(matches!(refused, Err(Failure::NotSent(_))), "{refused:?}");
}

#[test]
fn a_refund_is_remembered_until_it_is_known_to_be_done() {
    let (host, seen) = host(|asked| match asked {
        "POST /payments/pay_1/refund" => (500, json!({})),
        "GET /payments/pay_1/refunds" => of(&[
            json!({ "id": "rfnd_0", "amount": 5, "status": "processed", "notes": [] }),
            json!({ "id": "rfnd_1", "amount": 5, "status": "processed", "notes": { "neustream_key": REFUND_KEY } }),
        ]),
        other => panic!("asked for {other}"),
    });
    let unknown = Razorpay::refund(&host, &host.context(), REFUND_KEY, "pay_1", &inr(5));
    assert!(matches!(unknown, Err(Failure::Unknown(_))));
    assert_eq!(seen.borrow()[0].header("x-refund-idempotency"), Some(REFUND_KEY));
    let found = Razorpay::find(&host, &host.context(), REFUND_KEY).unwrap().unwrap();
    assert!(
        matches!(&found, Status::Settled(receipt) if receipt.provider_id == "rfnd_1" && receipt.amount == inr(5))
    );
}

#[test]
fn ids_that_would_lead_elsewhere_stand_in_no_path() {
    let (host, _) = nothing();
    for id in ["pay_1/../../orders", "pay_1?x", "order_1", "pay_", ""] {
        let refused = Razorpay::refund(&host, &host.context(), REFUND_KEY, id, &inr(5)).unwrap();
        assert!(matches!(refused, Status::Declined(_)), "{id}");
    }
    let refused = Razorpay::confirm(&host, &host.context(), KEY, "order_1/payments", &[]);
    assert!(refused.is_err());
}

#[test]
fn a_genuine_webhook_that_is_odd_is_an_error_or_nothing_and_never_a_panic() {
    let (host, _) = nothing();
    for odd in
        [json!(null), json!([]), json!({ "event": "order.paid" }), json!({ "event": 1, "payload": {} })]
    {
        let refused = Razorpay::receive(&host, &host.context(), &webhook(&host, &odd));
        assert!(matches!(refused, Err(Error::Other(_))), "{odd}");
    }
    for quiet in ["payment.failed", "subscription.charged", "order.paid", "refund.processed"] {
        let event = json!({ "event": quiet, "payload": {} });
        assert_eq!(Razorpay::receive(&host, &host.context(), &webhook(&host, &event)), Ok(vec![]), "{quiet}");
    }
}

#[test]
fn an_order_of_the_shops_own_is_about_none_of_the_hosts_charges() {
    let (host, _) = nothing();
    let event = json!({ "event": "order.paid", "payload": {
        "order": { "entity": order("order_1", "Receipt No. 1", "paid", 1) },
        "payment": { "entity": payment("pay_1", "order_1", "captured") },
    } });
    let updates = Razorpay::receive(&host, &host.context(), &webhook(&host, &event)).unwrap();
    assert_eq!((updates.len(), &updates[0].key), (1, &None));
}
