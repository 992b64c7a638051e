//! `neustream:payment`.

use neustream_contract::payment::{Charge, Money, PayerAction, PaymentStatus, Receipt, Update, Webhook};
use serde_json::{Value, json};

use super::write::{reason, texts};
use super::{At, Read};

/// `charge`
pub fn charge(at: &At<'_>) -> Read<Charge> {
    let at = at.clone().with_keys(&["key", "amount", "description", "payer-ref", "return-url"])?;
    let text = |key| at.field(key).and_then(|field| field.text());
    Ok(Charge {
        key: text("key")?,
        amount: money(&at.field("amount")?)?,
        description: text("description")?,
        payer_ref: text("payer-ref")?,
        return_url: text("return-url")?,
    })
}

/// `money`
pub fn money(at: &At<'_>) -> Read<Money> {
    let at = at.clone().with_keys(&["minor", "currency"])?;
    Ok(Money { minor: at.field("minor")?.number()?, currency: at.field("currency")?.text()? })
}

/// `webhook`
pub fn webhook(at: &At<'_>) -> Read<Webhook> {
    let at = at.clone().with_keys(&["headers", "body"])?;
    Ok(Webhook { headers: at.optional_list("headers", At::texts)?, body: at.optional_bytes("body")? })
}

/// `status`
pub fn status(status: &PaymentStatus) -> Value {
    match status {
        PaymentStatus::Settled(one) => json!({ "settled": receipt(one) }),
        PaymentStatus::Pending(one) => json!({ "pending": receipt(one) }),
        PaymentStatus::ActionRequired(one) => json!({ "action-required": action(one) }),
        PaymentStatus::Declined(problem) => json!({ "declined": reason(problem) }),
    }
}

fn receipt(receipt: &Receipt) -> Value {
    json!({
        "provider-id": receipt.provider_id,
        "amount": amount(&receipt.amount),
        "fee": receipt.fee.as_ref().map(amount),
    })
}

fn amount(money: &Money) -> Value {
    json!({ "minor": money.minor, "currency": money.currency })
}

fn action(action: &PayerAction) -> Value {
    json!({
        "provider-id": action.provider_id,
        "url": action.url,
        "parameters": texts(&action.parameters),
    })
}

/// `update`
pub fn update(update: &Update) -> Value {
    json!({ "event-id": update.event_id, "key": update.key, "status": status(&update.status) })
}
