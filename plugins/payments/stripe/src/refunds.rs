//! Refunds of intents.

use neustream_plugin::payment::{Failure, Money, Status};
use neustream_plugin::{Error, Host, Problem};

use crate::api::{self, Outcome, is_id};
use crate::entities::{KEY, List, Refund};
use crate::memory::{self, Memo, REFUND_S};

/// Pages of 100 refunds that are looked through; one payment hardly has more than a few.
const PAGES: usize = 5;

/// Pays back.
pub fn pay_back(host: &impl Host, key: &str, intent: &str, amount: &Money) -> Result<Status, Failure> {
    if !is_id(intent, "pi_") {
        let message = "The payment to be paid back is not Stripe's.";
        return Ok(Status::Declined(Problem::new("payment-unknown", message)));
    }
    // Without this a refund whose answer is lost could not be found, so nothing is sent.
    memory::remember(host, key, &Memo::Refund(intent.to_owned()), REFUND_S).map_err(Failure::NotSent)?;
    let request = api::post("/refunds", key)
        .form("payment_intent", intent)
        .form("amount", amount.minor.to_string())
        .form(format!("metadata[{KEY}]"), key);
    let status = match api::done::<Refund>(host, &request)? {
        Outcome::Refused(status) => status,
        Outcome::Done(refund) => refund.status()?,
    };
    if !matches!(status, Status::Pending(_)) {
        memory::forget(host, key);
    }
    Ok(status)
}

/// The refund `key` of `intent`.
pub fn find(host: &impl Host, key: &str, intent: &str) -> Result<Option<Status>, Error> {
    let refunds = of_intent(host, intent)?;
    refunds.iter().find(|refund| refund.key() == Some(key)).map(Refund::status).transpose()
}

/// The refunds of `intent`, newest first.
pub fn of_intent(host: &impl Host, intent: &str) -> Result<Vec<Refund>, Error> {
    let mut refunds: Vec<Refund> = Vec::new();
    for _ in 0..PAGES {
        let mut request = api::get("/refunds").query("payment_intent", intent).query("limit", "100");
        if let Some(last) = refunds.last() {
            request = request.query("starting_after", last.id());
        }
        let Some(page) = api::found::<List<Refund>>(host, &request)? else { break };
        refunds.extend(page.data);
        if !page.has_more {
            break;
        }
    }
    Ok(refunds)
}
