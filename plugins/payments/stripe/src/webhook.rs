//! Webhooks (docs.stripe.com/api/events/types).

use neustream_plugin::payment::{Status, Update, Webhook, is_key};
use neustream_plugin::{Error, Host, json};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::api::is_id;
use crate::entities::{Begun, Charge, Intent, Reference, Refund, Session};
use crate::{refunds, signature};

#[derive(Deserialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Value,
}

type Told = (Option<String>, Status);

/// What a webhook tells. Nothing for events that change no charge: a failed attempt leaves its session open.
pub fn updates(host: &impl Host, now_ms: u64, webhook: &Webhook) -> Result<Vec<Update>, Error> {
    let header = webhook.header("stripe-signature").ok_or_else(signature::forged)?;
    signature::verify(host, header, &webhook.body, now_ms)?;
    let event: Event = json::from(&webhook.body).map_err(|_| malformed())?;
    let object = event.data.object;
    let told = match event.kind.as_str() {
        "checkout.session.completed"
        | "checkout.session.async_payment_succeeded"
        | "checkout.session.expired" => vec![begun::<Session>(object)?],
        "checkout.session.async_payment_failed" => {
            let session: Session = read(object)?;
            vec![(session.key().map(str::to_owned), Session::failed())]
        }
        "payment_intent.succeeded" | "payment_intent.processing" | "payment_intent.canceled" => {
            vec![begun::<Intent>(object)?]
        }
        "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => {
            vec![refunded(&read(object)?)?]
        }
        "charge.refunded" => of_charge(host, read(object)?)?,
        _ => Vec::new(),
    };
    let update = |(key, status): Told| {
        let key = key.filter(|key| is_key(key));
        Update { event_id: event.id.clone(), key, status }
    };
    Ok(told.into_iter().map(update).collect())
}

fn begun<T: Begun + DeserializeOwned>(object: Value) -> Result<Told, Error> {
    let begun: T = read(object)?;
    Ok((begun.key().map(str::to_owned), begun.status(None)?))
}

fn refunded(refund: &Refund) -> Result<Told, Error> {
    Ok((refund.key().map(str::to_owned), refund.status()?))
}

/// Since 2022-11-15 a charge comes without its refunds; then they are asked for.
fn of_charge(host: &impl Host, charge: Charge) -> Result<Vec<Told>, Error> {
    let refunds = match charge.refunds {
        Some(list) if !list.has_more => list.data,
        _ => {
            let intent = charge.payment_intent.as_ref().map(Reference::id);
            let Some(intent) = intent.filter(|intent| is_id(intent, "pi_")) else { return Ok(Vec::new()) };
            refunds::of_intent(host, intent)?
        }
    };
    refunds.iter().filter(|refund| refund.key().is_some()).map(refunded).collect()
}

fn read<T: DeserializeOwned>(object: Value) -> Result<T, Error> {
    serde_json::from_value(object).map_err(|_| malformed())
}

fn malformed() -> Error {
    Error::other("malformed-webhook", "Stripe's webhook cannot be read.")
}
