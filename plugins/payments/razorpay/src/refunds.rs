//! Refunds: which payment one belongs to is remembered before it is asked for, so that it is found again.

use neustream_plugin::payment::{Failure, Money, Status};
use neustream_plugin::{Error, Host, Level, Problem, json};
use serde::{Deserialize, Serialize};

use crate::api::{Api, Outcome, is_id};
use crate::entities::{Collection, KEY_NOTE, Refund};

/// How long a refund is remembered: Razorpay finishes one within days.
const REMEMBERED_S: u32 = 30 * 24 * 3600;
/// Refunds of one payment that are looked through.
const MANY: &str = "100";

/// What is remembered of a refund.
#[derive(Serialize, Deserialize)]
pub struct Memo {
    payment: String,
    currency: String,
}

/// Pays back.
pub fn pay_back(
    api: &Api<'_, impl Host>,
    key: &str,
    payment: &str,
    amount: &Money,
) -> Result<Status, Failure> {
    if !is_id(payment, "pay_") {
        let message = "The payment to be paid back is not Razorpay's.";
        return Ok(Status::Declined(Problem::new("payment-unknown", message)));
    }
    // Without this a refund whose answer is lost could not be found, so nothing is sent.
    remember(api.host, key, payment, &amount.currency).map_err(Failure::NotSent)?;
    let body = json::json!({
        "amount": amount.minor,
        "speed": "normal",
        "receipt": key,
        "notes": { KEY_NOTE: key },
    });
    let request = api.post(&format!("/payments/{payment}/refund"));
    let status = match api.done::<Refund>(&request.header("x-refund-idempotency", key).json(&body))? {
        Outcome::Refused(status) => status,
        Outcome::Done(refund) => refund.status(&amount.currency)?,
    };
    if !matches!(status, Status::Pending(_)) {
        forget(api.host, key);
    }
    Ok(status)
}

/// What is remembered of the refund `key`; none when it was never asked for.
pub fn recall(host: &impl Host, key: &str) -> Result<Option<Memo>, Error> {
    let entry = host.kv_get(&memo_key(key))?;
    Ok(entry.and_then(|entry| json::from(&entry.value).ok()))
}

/// What Razorpay knows of it.
pub fn find(api: &Api<'_, impl Host>, key: &str, memo: &Memo) -> Result<Option<Status>, Error> {
    let request = api.get(&format!("/payments/{}/refunds", memo.payment)).query("count", MANY);
    let refunds: Option<Collection<Refund>> = api.found(&request)?;
    let refunds = refunds.map(|refunds| refunds.items).unwrap_or_default();
    let found = refunds.iter().find(|refund| refund.key() == Some(key));
    found.map(|refund| refund.status(&memo.currency)).transpose()
}

fn memo_key(key: &str) -> String {
    format!("refund.{key}")
}

fn remember(host: &impl Host, key: &str, payment: &str, currency: &str) -> Result<(), Error> {
    let memo = Memo { payment: payment.to_owned(), currency: currency.to_owned() };
    let name = memo_key(key);
    if host.kv_put(&name, &json::to(&memo), None, Some(REMEMBERED_S))?.is_none()
        && host.kv_get(&name)?.is_none()
    {
        return Err(Error::other("memory", "The refund could not be written down."));
    }
    Ok(())
}

fn forget(host: &impl Host, key: &str) {
    let name = memo_key(key);
    let forgotten = host.kv_get(&name).and_then(|entry| match entry {
        Some(entry) => host.kv_delete(&name, entry.revision).map(drop),
        None => Ok(()),
    });
    if forgotten.is_err() {
        host.log(Level::Debug, "a finished refund is remembered a while longer", &[]);
    }
}
