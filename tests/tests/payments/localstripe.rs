//! Stripe's component against localstripe, which others wrote: PaymentIntents, refunds, webhooks.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use neustream_billing::State;
use neustream_contract::payment::Webhook;
use neustream_tests::kit::http;
use neustream_tests::kit::payments::{LocalStripe, hmac_hex};
use neustream_tests::kit::tls::Authority;
use serde_json::{Value, json};

use crate::host::{Host, Setup};
use crate::world::{STRIPE_KEY, WEBHOOK_SECRET, order, refund, setup};

/// What Stripe.js and the payer's bank would do.
async fn payer(local: &LocalStripe, path: &str, form: &str) -> Value {
    let bearer = format!("Bearer {STRIPE_KEY}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let answer = http::send(local.plain(), "POST", path, &headers, Some(form.as_bytes())).await.unwrap();
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_and_its_refund_go_through_localstripe() {
    let authority = Authority::new().unwrap();
    let local = LocalStripe::start(authority.acceptor("api.stripe.com").unwrap()).await.unwrap();
    let config = json!({ "checkout": "embedded", "publishable_key": "pk_test_Stand1n456" });
    let secrets = [("api-key", STRIPE_KEY), ("webhook-secret", WEBHOOK_SECRET)];
    let api = ("api.stripe.com".to_owned(), local.address());
    let (setup, _folder) = setup(None, "stripe", api, &authority, config, &secrets).await;
    let host = Host::start(&setup).await;

    let charge = host.payments.start(setup.tenant, setup.installation, &order()).await.unwrap();
    assert_eq!(charge.state, State::ActionRequired, "{charge:?}");
    let intent = charge.action.clone().unwrap().provider_id;

    // The payer's card, and the confirmation that Stripe.js sends.
    let card = "type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2030&card[cvc]=123";
    let method = payer(&local, "/v1/payment_methods", card).await;
    let method = method["id"].as_str().unwrap();
    payer(&local, &format!("/v1/payment_intents/{intent}"), &format!("payment_method={method}")).await;
    let confirmed = payer(&local, &format!("/v1/payment_intents/{intent}/confirm"), "").await;

    // No webhook came: the poll finds it.
    let later = Host::start(&Setup { clock_ahead: Duration::from_mins(3), ..setup.clone() }).await;
    later.payments.recover().await.unwrap();
    let charge = later.payments.charge(setup.tenant, &charge.key).await.unwrap();
    assert_eq!(
        (charge.state, charge.payment_id.as_deref()),
        (State::Settled, Some(intent.as_str())),
        "{confirmed}"
    );

    // Its webhook, late: nothing moves again.
    let event =
        json!({ "id": "evt_late", "type": "payment_intent.succeeded", "data": { "object": confirmed } });
    let body = event.to_string().into_bytes();
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let tag = hmac_hex(WEBHOOK_SECRET, &[format!("{seconds}.").as_bytes(), &body].concat());
    let headers = vec![("stripe-signature".to_owned(), format!("t={seconds},v1={tag}"))];
    let webhook = Webhook { headers, body };
    host.payments.receive(setup.tenant, setup.installation, &webhook).await.unwrap();
    assert_eq!(host.payments.charge(setup.tenant, &charge.key).await.unwrap().flag, None);

    let paid_back = host.payments.refund(setup.tenant, &charge.key, &refund("r-1", 900)).await.unwrap();
    assert_eq!(paid_back.state, State::Settled, "{paid_back:?}");
    assert_eq!(host.store.tenant(setup.tenant).balance("refunds", "INR").await.unwrap(), 900);
}

#[tokio::test(flavor = "multi_thread")]
async fn localstripe_refuses_a_wrong_key_and_the_charge_ends() {
    let authority = Authority::new().unwrap();
    let local = LocalStripe::start(authority.acceptor("api.stripe.com").unwrap()).await.unwrap();
    let config = json!({ "checkout": "embedded", "publishable_key": "pk_test_Stand1n456" });
    let api = ("api.stripe.com".to_owned(), local.address());
    let secrets = [("api-key", "no_key_at_all"), ("webhook-secret", WEBHOOK_SECRET)];
    let (setup, _folder) = setup(None, "stripe", api, &authority, config, &secrets).await;
    let host = Host::start(&setup).await;
    let charge = host.payments.start(setup.tenant, setup.installation, &order()).await.unwrap();
    assert_eq!((charge.state, charge.reason.unwrap().code.as_str()), (State::Declined, "unauthorized"));
}
