//! Webhooks (razorpay.com/docs/webhooks): verified over the raw body, then read.

use neustream_plugin::payment::{Status, Update, Webhook, is_key};
use neustream_plugin::{Error, Host, hex, json};
use serde::Deserialize;

use crate::api::{WEBHOOK_SECRET, is_id};
use crate::entities::{Order, Payment, Refund};
use crate::provider::Config;
use crate::signature;

#[derive(Deserialize)]
struct Event {
    event: String,
    payload: Payload,
}

#[derive(Deserialize)]
struct Payload {
    order: Option<Entity<Order>>,
    payment: Option<Entity<Payment>>,
    refund: Option<Entity<Refund>>,
}

#[derive(Deserialize)]
struct Entity<T> {
    entity: T,
}

/// What a webhook tells. Nothing for events that change no charge: a failed attempt leaves its order open.
pub fn updates(host: &impl Host, webhook: &Webhook) -> Result<Vec<Update>, Error> {
    let signature = webhook.header("x-razorpay-signature").ok_or_else(signature::forged)?;
    let tag = signature::verify(host, WEBHOOK_SECRET, &webhook.body, signature)?;
    let event: Event = json::from(&webhook.body)
        .map_err(|_| Error::other("malformed-webhook", "Razorpay's webhook cannot be read."))?;
    // The id's header is not signed; with the signature of the body it cannot be used to hide another event.
    let id = webhook.header("x-razorpay-event-id").unwrap_or("none");
    let event_id = format!("{id}.{}", hex::encode(&tag[..8]));
    let Payload { order, payment, refund } = event.payload;
    let told = match event.event.as_str() {
        "order.paid" => paid(order, payment),
        "payment.captured" | "payment.authorized" => of_payment(host, payment)?,
        "refund.created" | "refund.processed" | "refund.failed" => of_refund(refund, payment)?,
        _ => None,
    };
    let update =
        |(key, status): (Option<String>, _)| Update { event_id, key: key.filter(|key| is_key(key)), status };
    Ok(told.map(update).into_iter().collect())
}

type Told = Option<(Option<String>, Status)>;

fn paid(order: Option<Entity<Order>>, payment: Option<Entity<Payment>>) -> Told {
    let (order, payment) = (order?.entity, payment?.entity);
    let status = payment.status().filter(|_| payment.order_id.as_ref() == Some(&order.id))?;
    Some((order.receipt, status))
}

/// A payment names its order, and the order names the key.
fn of_payment(host: &impl Host, payment: Option<Entity<Payment>>) -> Result<Told, Error> {
    let Some(Entity { entity: payment }) = payment else { return Ok(None) };
    let Some(status) = payment.status() else { return Ok(None) };
    let Some(id) = payment.order_id.filter(|id| is_id(id, "order_")) else { return Ok(Some((None, status))) };
    let config = Config::read(host)?;
    let api = config.api(host);
    let order: Option<Order> = api.found(&api.get(&format!("/orders/{id}")))?;
    let order =
        order.ok_or_else(|| Error::unavailable("order-unknown", "Razorpay does not show the order yet."))?;
    Ok(Some((order.receipt, status)))
}

fn of_refund(refund: Option<Entity<Refund>>, payment: Option<Entity<Payment>>) -> Result<Told, Error> {
    let Some(Entity { entity: refund }) = refund else { return Ok(None) };
    let currency = payment.map(|payment| payment.entity.currency).unwrap_or_default();
    let status = refund.status(&currency)?;
    Ok(Some((refund.key().map(str::to_owned), status)))
}
