use std::cell::RefCell;
use std::rc::Rc;

use neustream_plugin::payment::{Charge, Failure, Money, PaymentProvider, Status, Webhook};
use neustream_plugin::testing::{FakeHost, Joined, answer};
use neustream_plugin::{AuthenticatingHost, Error, hex};
use serde_json::{Value, json};

use crate::Stripe;

const KEY: &str = "nsc-0123456789abcdef0123456789abcdef";
const REFUND_KEY: &str = "nsr-0123456789abcdef0123456789abcdef";

type Platform = Box<dyn Fn(&str, &Joined) -> (u16, Value)>;

fn host(platform: impl Fn(&str, &Joined) -> (u16, Value) + 'static) -> (FakeHost, Rc<RefCell<Vec<Joined>>>) {
    let seen = Rc::<RefCell<Vec<Joined>>>::default();
    let (log, platform): (_, Platform) = (Rc::clone(&seen), Box::new(platform));
    let host = FakeHost::new("{}")
        .with_secret("api-key", "sk_test_1")
        .with_secret("webhook-secret", "whsec_1")
        .with_platform(move |request| {
            assert_eq!(request.header("authorization"), Some("Bearer sk_test_1"));
            assert_eq!(request.header("stripe-version"), Some("2024-06-20"));
            log.borrow_mut().push(request.clone());
            let path = request.url.strip_prefix("https://api.stripe.com/v1").unwrap_or_default();
            let (status, body) = platform(&format!("{} {path}", request.method), request);
            answer(status, &[], body.to_string())
        });
    (host, seen)
}

fn nothing() -> (FakeHost, Rc<RefCell<Vec<Joined>>>) {
    host(|asked, _| panic!("asked for {asked}"))
}

fn charge() -> Charge {
    Charge {
        key: KEY.to_owned(),
        amount: usd(999),
        description: "Pro, a month".to_owned(),
        payer_ref: "user-7".to_owned(),
        return_url: "https://example.com/thanks".to_owned(),
    }
}

fn usd(minor: u64) -> Money {
    Money { minor, currency: "USD".to_owned() }
}

fn session(id: &str, key: &str, status: &str, payment_status: &str, created: u64) -> Value {
    json!({
        "id": id, "object": "checkout.session", "created": created, "status": status,
        "payment_status": payment_status, "amount_total": 999, "currency": "usd", "client_reference_id": key,
        "metadata": { "neustream_key": key }, "payment_intent": "pi_1",
        "url": format!("https://checkout.stripe.com/c/pay/{id}"),
    })
}

fn webhook(host: &FakeHost, seconds: u64, event: &Value) -> Webhook {
    let body = event.to_string().into_bytes();
    let signed = [seconds.to_string().as_bytes(), b".", &body].concat();
    let tag = host.hmac_sha256("webhook-secret", &signed).unwrap();
    let tag = hex::encode(&tag);
    Webhook { headers: vec![("stripe-signature".to_owned(), format!("t={seconds},v1={tag}"))], body }
}

#[test]
fn a_session_carries_the_key_three_times_and_the_amount_as_it_is() {
    let (host, seen) = host(|_, _| (200, session("cs_1", KEY, "open", "unpaid", 1)));
    let status = Stripe::start(&host, &host.context(), &charge()).unwrap();
    assert!(matches!(status, Status::ActionRequired(action) if action.url.is_some()));
    let sent = &seen.borrow()[0];
    assert_eq!(sent.header("idempotency-key"), Some(KEY));
    assert_eq!(sent.field("client_reference_id"), Some(KEY));
    assert_eq!(sent.field("metadata[neustream_key]"), Some(KEY));
    assert_eq!(sent.field("payment_intent_data[metadata][neustream_key]"), Some(KEY));
    assert_eq!(sent.field("line_items[0][price_data][unit_amount]"), Some("999"));
    assert_eq!(sent.field("line_items[0][price_data][currency]"), Some("usd"));
}

#[test]
fn answers_are_told_apart_by_whether_stripe_acted() {
    let outcome = |status: u16, body: Value| {
        let (host, _) = host(move |_, _| (status, body.clone()));
        Stripe::start(&host, &host.context(), &charge())
    };
    let of_type = |kind: &str| json!({ "error": { "type": kind } });
    for status in [401, 403, 429] {
        assert!(matches!(outcome(status, json!({})), Err(Failure::NotSent(_))), "{status}");
    }
    for status in [408, 409, 424, 500, 502, 503, 504, 307] {
        assert!(matches!(outcome(status, json!({})), Err(Failure::Unknown(_))), "{status}");
    }
    assert!(matches!(outcome(400, of_type("idempotency_error")), Err(Failure::Unknown(_))));
    assert!(matches!(outcome(400, of_type("invalid_request_error")), Ok(Status::Declined(_))));
    assert!(matches!(outcome(402, of_type("card_error")), Ok(Status::Declined(_))));
    for odd in [
        json!({}),
        json!([]),
        session("cs_1", "other", "open", "unpaid", 1),
        session("cs_1", KEY, "odd", "unpaid", 1),
    ] {
        assert!(matches!(outcome(200, odd.clone()), Err(Failure::Unknown(_))), "{odd}");
    }
}

#[test]
fn what_was_never_asked_for_is_not_looked_for() {
    let (host, _) = nothing();
    assert_eq!(Stripe::find(&host, &host.context(), KEY), Ok(None));
}

#[test]
fn a_session_whose_id_is_known_is_read_by_it() {
    let (host, seen) = host(|asked, _| match asked {
        "POST /checkout/sessions" => (200, session("cs_1", KEY, "open", "unpaid", 1)),
        "GET /checkout/sessions/cs_1" => (200, session("cs_1", KEY, "complete", "paid", 1)),
        other => panic!("asked for {other}"),
    });
    Stripe::start(&host, &host.context(), &charge()).unwrap();
    let found = Stripe::find(&host, &host.context(), KEY).unwrap().unwrap();
    assert!(
        matches!(found, Status::Settled(receipt) if receipt.provider_id == "pi_1" && receipt.amount == usd(999))
    );
    assert_eq!(seen.borrow().len(), 2);
}

#[test]
fn a_lost_answer_is_found_by_reading_back_to_the_moment_of_the_request() {
    let pages = |asked: &str, request: &Joined| {
        let now = 1_760_000_000;
        match (asked, request.parameter("starting_after")) {
            ("POST /checkout/sessions", _) => (500, json!({})),
            ("GET /checkout/sessions", None) => {
                let newer = session("cs_9", "nsc-another", "open", "unpaid", now + 5);
                (200, json!({ "data": [newer], "has_more": true }))
            }
            ("GET /checkout/sessions", Some("cs_9")) => {
                (200, json!({ "data": [session("cs_1", KEY, "open", "unpaid", now)], "has_more": true }))
            }
            other => panic!("asked for {other:?}"),
        }
    };
    let (host, seen) = host(pages);
    Stripe::start(&host, &host.context(), &charge()).unwrap_err();
    let found = Stripe::find(&host, &host.context(), KEY).unwrap().unwrap();
    assert!(matches!(found, Status::ActionRequired(action) if action.provider_id == "cs_1"));
    assert_eq!(seen.borrow().len(), 3);
}

#[test]
fn reading_back_ends_at_the_moment_of_the_request_or_says_that_it_cannot_tell() {
    let old = |asked: &str, _: &Joined| {
        if asked == "POST /checkout/sessions" {
            return (500, json!({}));
        }
        let older = session("cs_0", "nsc-another", "open", "unpaid", 1_760_000_000 - 3600);
        (200, json!({ "data": [older], "has_more": true }))
    };
    let (of_old, seen) = host(old);
    Stripe::start(&of_old, &of_old.context(), &charge()).unwrap_err();
    assert_eq!(Stripe::find(&of_old, &of_old.context(), KEY), Ok(None));
    assert_eq!(seen.borrow().len(), 2);

    let busy = |asked: &str, _: &Joined| {
        if asked == "POST /checkout/sessions" {
            return (500, json!({}));
        }
        let newer = session("cs_9", "nsc-another", "open", "unpaid", 1_760_000_000 + 3600);
        (200, json!({ "data": [newer], "has_more": true }))
    };
    let (busy, seen) = host(busy);
    Stripe::start(&busy, &busy.context(), &charge()).unwrap_err();
    let error = Stripe::find(&busy, &busy.context(), KEY).unwrap_err();
    assert_eq!(error.code(), "too-many");
    assert!(seen.borrow().len() <= 20, "a call has 20 requests");
}

#[test]
fn a_full_memory_does_not_stop_a_charge_but_stops_a_refund() {
    let (host, _) = host(|_, _| (200, session("cs_1", KEY, "open", "unpaid", 1)));
    host.break_memory();
    assert!(Stripe::start(&host, &host.context(), &charge()).is_ok());
    let refused = Stripe::refund(&host, &host.context(), REFUND_KEY, "pi_1", &usd(5));
    assert!(matches!(refused, Err(Failure::NotSent(_))), "{refused:?}");
}

#[test]
fn a_refund_is_found_among_those_of_its_intent() {
    let (host, _) = host(|asked, request| match asked {
        "POST /refunds" => (500, json!({})),
        "GET /refunds" => {
            assert_eq!(request.parameter("payment_intent"), Some("pi_1"));
            let refund = |id: &str, key: &str| json!({ "id": id, "amount": 5, "currency": "usd", "status": "succeeded", "metadata": { "neustream_key": key } });
            (
                200,
                json!({ "data": [refund("re_2", "nsr-another"), refund("re_1", REFUND_KEY)], "has_more": false }),
            )
        }
        other => panic!("asked for {other}"),
    });
    Stripe::refund(&host, &host.context(), REFUND_KEY, "pi_1", &usd(5)).unwrap_err();
    let found = Stripe::find(&host, &host.context(), REFUND_KEY).unwrap().unwrap();
    assert!(matches!(found, Status::Settled(receipt) if receipt.provider_id == "re_1"));
}

#[test]
fn a_payer_who_returns_is_answered_with_what_stripe_says_of_this_charge_alone() {
    let (host, _) = host(|_, _| (200, session("cs_1", "nsc-another", "complete", "paid", 1)));
    assert!(Stripe::confirm(&host, &host.context(), KEY, "cs_1", &[]).is_err());
    assert!(Stripe::confirm(&host, &host.context(), KEY, "cs_1/../../refunds", &[]).is_err());
}

#[test]
fn a_webhook_is_believed_for_five_minutes() {
    let (host, _) = nothing();
    let event = json!({ "id": "evt_1", "type": "ping", "data": { "object": {} } });
    let now = host.context().now / 1000;
    for (seconds, is_believed) in
        [(now, true), (now - 300, true), (now - 301, false), (now + 300, true), (now + 301, false)]
    {
        let received = Stripe::receive(&host, &host.context(), &webhook(&host, seconds, &event));
        assert_eq!(received.is_ok(), is_believed, "{seconds} at {now}");
    }
}

#[test]
fn one_of_several_signatures_is_enough_and_none_is_not() {
    let (host, _) = nothing();
    let event = json!({ "id": "evt_1", "type": "ping", "data": { "object": {} } });
    let genuine = webhook(&host, host.context().now / 1000, &event);
    let (moment, tag) = genuine.headers[0].1.split_once(',').unwrap();
    let with = |header: String| Webhook {
        headers: vec![("stripe-signature".to_owned(), header)],
        body: genuine.body.clone(),
    };
    let other = "0".repeat(64);
    assert!(Stripe::receive(&host, &host.context(), &with(format!("{moment},v1={other}, {tag}"))).is_ok());
    let many = format!("v1={other},").repeat(1000);
    for header in [
        format!("{moment},v1={other}"),
        moment.to_owned(),
        tag.to_owned(),
        String::new(),
        format!("{moment},{many}{tag}"),
    ] {
        let refused = Stripe::receive(&host, &host.context(), &with(header));
        assert!(matches!(refused, Err(Error::Unauthorized(_))), "{refused:?}");
    }
    let refused =
        Stripe::receive(&host, &host.context(), &Webhook { headers: vec![], body: genuine.body.clone() });
    assert!(matches!(refused, Err(Error::Unauthorized(_))));
}

#[test]
fn a_genuine_webhook_that_is_odd_is_an_error_or_nothing_and_never_a_panic() {
    let (host, _) = nothing();
    let now = host.context().now / 1000;
    let of = |kind: &str, object: Value| json!({ "id": "evt_1", "type": kind, "data": { "object": object } });
    for odd in
        [json!(null), json!({}), of("checkout.session.completed", json!({})), of("refund.updated", json!([]))]
    {
        assert!(Stripe::receive(&host, &host.context(), &webhook(&host, now, &odd)).is_err(), "{odd}");
    }
    let foreign = of("checkout.session.completed", session("cs_1", "Order #7", "complete", "paid", 1));
    let updates = Stripe::receive(&host, &host.context(), &webhook(&host, now, &foreign)).unwrap();
    assert_eq!((updates.len(), &updates[0].key), (1, &None));
}

#[test]
fn a_charges_own_refunds_are_told_each() {
    let (host, _) = nothing();
    let refund = |id: &str, key: &str, status: &str| json!({ "id": id, "amount": 5, "currency": "usd", "status": status, "metadata": { "neustream_key": key } });
    let object = json!({ "payment_intent": { "id": "pi_1" }, "refunds": { "has_more": false, "data": [
        refund("re_1", REFUND_KEY, "succeeded"), refund("re_2", "nsr-2", "failed"),
        json!({ "id": "re_3", "amount": 5, "currency": "usd", "status": "succeeded", "metadata": {} }),
    ] } });
    let event = json!({ "id": "evt_1", "type": "charge.refunded", "data": { "object": object } });
    let updates =
        Stripe::receive(&host, &host.context(), &webhook(&host, host.context().now / 1000, &event)).unwrap();
    assert_eq!(
        updates.iter().map(|update| update.key.as_deref()).collect::<Vec<_>>(),
        [Some(REFUND_KEY), Some("nsr-2")]
    );
    assert!(updates.iter().all(|update| update.event_id == "evt_1"));
}
