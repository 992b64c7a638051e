//! The provider: orders, and what the checkout brings back.

use neustream_plugin::payment::{Charge, Failure, Money, PaymentProvider, Status, Update, Webhook};
use neustream_plugin::{Context, Error, Host, read_config};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::{Api, KEY_SECRET, Outcome, is_id};
use crate::entities::{Collection, KEY_NOTE, Order, Payment};
use crate::{refunds, signature, webhook};

/// The longest note (razorpay.com/docs/api/orders: 15 notes of 256 characters).
const NOTE_CHARS: usize = 256;

/// Payments through Razorpay.
#[derive(Debug)]
pub struct Razorpay;

#[derive(Deserialize)]
pub struct Config {
    key_id: String,
    shop_name: Option<String>,
}

impl Config {
    pub fn read(host: &impl Host) -> Result<Self, Error> {
        read_config(host)
    }

    pub fn api<'a, H: Host>(&'a self, host: &'a H) -> Api<'a, H> {
        Api { host, key_id: &self.key_id }
    }
}

impl PaymentProvider for Razorpay {
    fn start(host: &impl Host, _ctx: &Context, charge: &Charge) -> Result<Status, Failure> {
        let config = Config::read(host)?;
        let mut notes = serde_json::Map::new();
        let texts = [
            (KEY_NOTE, &charge.key),
            ("payer", &charge.payer_ref),
            ("description", &charge.description),
            ("return_url", &charge.return_url),
        ];
        for (name, text) in texts.into_iter().filter(|(_, text)| text.chars().count() <= NOTE_CHARS) {
            notes.insert(name.to_owned(), Value::String(text.clone()));
        }
        let body = json!({
            "amount": charge.amount.minor,
            "currency": charge.amount.currency,
            "receipt": charge.key,
            "notes": notes,
            // Captured at once: an authorization that nobody captures is given back after days.
            "payment": {
                "capture": "automatic",
                "capture_options": { "automatic_expiry_period": 12, "refund_speed": "normal" },
            },
        });
        let api = config.api(host);
        match api.done::<Order>(&api.post("/orders").json(&body))? {
            Outcome::Refused(status) => Ok(status),
            Outcome::Done(order) if is_same(&order, charge) => {
                Ok(order.to_pay(&config.key_id, config.shop_name.as_deref()))
            }
            Outcome::Done(_) => {
                let message = "Razorpay's order is not the one that was asked for.";
                Err(Failure::Unknown(Error::unavailable("malformed", message)))
            }
        }
    }

    fn find(host: &impl Host, _ctx: &Context, key: &str) -> Result<Option<Status>, Error> {
        let config = Config::read(host)?;
        if let Some(memo) = refunds::recall(host, key)? {
            return refunds::find(&config.api(host), key, &memo);
        }
        let api = config.api(host);
        let request = api.get("/orders").query("receipt", key).query("count", "100");
        let found: Option<Collection<Order>> = api.found(&request)?;
        // `receipt` finds what contains the text.
        let mut orders = found.map(|found| found.items).unwrap_or_default();
        orders.retain(|order| order.receipt.as_deref() == Some(key));
        // Should there be two, the payer has the first, unless a later one was paid.
        orders.sort_by_key(|order| order.created_at);
        let paid = orders.iter().position(|order| order.status == "paid");
        let started = orders.iter().position(|order| order.status == "attempted");
        let chosen = paid.or(started).unwrap_or(0);
        orders.get(chosen).map(|order| status_of(host, &config, order)).transpose()
    }

    fn confirm(
        host: &impl Host,
        _ctx: &Context,
        key: &str,
        provider_id: &str,
        returned: &[(String, String)],
    ) -> Result<Status, Error> {
        let config = Config::read(host)?;
        let get =
            |wanted: &str| returned.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        let Some(payment_id) = get("razorpay_payment_id") else {
            // The payer came back without having paid: Razorpay says how the order stands.
            return order(host, &config, key, provider_id);
        };
        let tag = get("razorpay_signature").ok_or_else(signature::forged)?;
        if !is_id(payment_id, "pay_") || get("razorpay_order_id").is_some_and(|id| id != provider_id) {
            return Err(signature::forged());
        }
        let signed = format!("{provider_id}|{payment_id}");
        signature::verify(host, KEY_SECRET, signed.as_bytes(), tag)?;
        let api = config.api(host);
        let payment: Option<Payment> = api.found(&api.get(&format!("/payments/{payment_id}")))?;
        let payment = payment.filter(|payment| payment.order_id.as_deref() == Some(provider_id));
        match payment.and_then(|payment| payment.status()) {
            Some(status) => Ok(status),
            None => order(host, &config, key, provider_id),
        }
    }

    fn refund(
        host: &impl Host,
        _ctx: &Context,
        key: &str,
        provider_id: &str,
        amount: &Money,
    ) -> Result<Status, Failure> {
        let config = Config::read(host)?;
        refunds::pay_back(&config.api(host), key, provider_id, amount)
    }

    fn receive(host: &impl Host, _ctx: &Context, webhook: &Webhook) -> Result<Vec<Update>, Error> {
        webhook::updates(host, webhook)
    }
}

/// Whether Razorpay took down what it was told.
fn is_same(order: &Order, charge: &Charge) -> bool {
    order.amount == charge.amount.minor
        && order.currency == charge.amount.currency
        && order.receipt.as_ref() == Some(&charge.key)
        && is_id(&order.id, "order_")
}

/// How the order `id` stands, if it is that of `key`.
fn order(host: &impl Host, config: &Config, key: &str, id: &str) -> Result<Status, Error> {
    let unknown = || Error::other("order-unknown", "Razorpay does not know the order.");
    if !is_id(id, "order_") {
        return Err(unknown());
    }
    let api = config.api(host);
    let order: Option<Order> = api.found(&api.get(&format!("/orders/{id}")))?;
    let order = order.filter(|order| order.receipt.as_deref() == Some(key)).ok_or_else(unknown)?;
    status_of(host, config, &order)
}

/// How an order stands, by its payments.
fn status_of(host: &impl Host, config: &Config, order: &Order) -> Result<Status, Error> {
    if order.status == "created" {
        return Ok(order.to_pay(&config.key_id, config.shop_name.as_deref()));
    }
    if !is_id(&order.id, "order_") {
        return Err(Error::unavailable("malformed", "Razorpay's order has an id that cannot be one."));
    }
    let api = config.api(host);
    let payments: Option<Collection<Payment>> =
        api.found(&api.get(&format!("/orders/{}/payments", order.id)))?;
    let payments = payments.map(|payments| payments.items).unwrap_or_default();
    let best = payments.iter().find(|payment| payment.is_captured());
    let best = best.or_else(|| payments.iter().find(|payment| payment.is_authorized()));
    match best.and_then(Payment::status) {
        Some(status) => Ok(status),
        // Paid, but its payment cannot be seen yet.
        None if order.status == "paid" => {
            Err(Error::unavailable("payment-missing", "Razorpay does not show the order's payment yet."))
        }
        None => Ok(order.to_pay(&config.key_id, config.shop_name.as_deref())),
    }
}
