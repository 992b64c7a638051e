//! The provider: sessions and intents.

use neustream_plugin::payment::{Charge, Failure, Money, PaymentProvider, Status, Update, Webhook};
use neustream_plugin::{Context, Error, Host, Level, Request, read_config};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::api::{self, Outcome, is_id};
use crate::entities::{Begun, Intent, KEY, List, Session};
use crate::memory::{self, CHARGE_S, Memo, PENDING_S};
use crate::{refunds, webhook};

const SESSIONS: &str = "/checkout/sessions";
const INTENTS: &str = "/payment_intents";
/// Pages of 100 that are read back to find what was begun without an answer.
const PAGES: usize = 15;
/// How far Stripe's clock may be from the host's, in seconds.
const CLOCKS_S: u64 = 600;

/// Payments through Stripe.
#[derive(Debug)]
pub struct Stripe;

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    checkout: Checkout,
    publishable_key: Option<String>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Checkout {
    #[default]
    Hosted,
    Embedded,
}

impl PaymentProvider for Stripe {
    fn start(host: &impl Host, ctx: &Context, charge: &Charge) -> Result<Status, Failure> {
        let config: Config = read_config(host)?;
        if memory::remember(host, &charge.key, &Memo::Asked(ctx.now / 1000), CHARGE_S).is_err() {
            // Stripe keeps the key for a day, and nothing moves before the payer acts.
            host.log(Level::Warn, "the memory is full: a lost answer would be asked for again", &[]);
        }
        match config.checkout {
            Checkout::Hosted => begin::<Session>(host, &config, charge, &new_session(charge)),
            Checkout::Embedded => begin::<Intent>(host, &config, charge, &new_intent(charge)),
        }
    }

    fn find(host: &impl Host, _ctx: &Context, key: &str) -> Result<Option<Status>, Error> {
        let config: Config = read_config(host)?;
        match memory::recall(host, key)? {
            None => Ok(None),
            Some(Memo::Refund(intent)) => refunds::find(host, key, &intent),
            Some(Memo::Begun(id)) => read(host, &config, key, &id),
            Some(Memo::Asked(at)) => match config.checkout {
                Checkout::Hosted => look_back::<Session>(host, &config, SESSIONS, key, at),
                Checkout::Embedded => look_back::<Intent>(host, &config, INTENTS, key, at),
            },
        }
    }

    /// Nothing that a browser brings back from Stripe is signed, so Stripe itself is asked.
    fn confirm(
        host: &impl Host,
        _ctx: &Context,
        key: &str,
        provider_id: &str,
        _returned: &[(String, String)],
    ) -> Result<Status, Error> {
        let config: Config = read_config(host)?;
        read(host, &config, key, provider_id)?
            .ok_or_else(|| Error::other("payment-unknown", "Stripe does not know the payment."))
    }

    fn refund(
        host: &impl Host,
        _ctx: &Context,
        key: &str,
        provider_id: &str,
        amount: &Money,
    ) -> Result<Status, Failure> {
        refunds::pay_back(host, key, provider_id, amount)
    }

    fn receive(host: &impl Host, ctx: &Context, webhook: &Webhook) -> Result<Vec<Update>, Error> {
        webhook::updates(host, ctx.now, webhook)
    }
}

fn new_session(charge: &Charge) -> Request {
    let item = |name: &str| format!("line_items[0]{name}");
    api::post(SESSIONS, &charge.key)
        .form("mode", "payment")
        .form("client_reference_id", &charge.key)
        .form("success_url", &charge.return_url)
        .form("cancel_url", &charge.return_url)
        .form(item("[quantity]"), "1")
        .form(item("[price_data][currency]"), charge.amount.currency.to_ascii_lowercase())
        .form(item("[price_data][unit_amount]"), charge.amount.minor.to_string())
        .form(item("[price_data][product_data][name]"), &charge.description)
        .form(format!("metadata[{KEY}]"), &charge.key)
        .form("metadata[payer]", &charge.payer_ref)
        .form(format!("payment_intent_data[metadata][{KEY}]"), &charge.key)
}

fn new_intent(charge: &Charge) -> Request {
    api::post(INTENTS, &charge.key)
        .form("amount", charge.amount.minor.to_string())
        .form("currency", charge.amount.currency.to_ascii_lowercase())
        .form(format!("metadata[{KEY}]"), &charge.key)
        .form("metadata[payer]", &charge.payer_ref)
        .form("metadata[description]", &charge.description)
}

fn begin<T: Begun + DeserializeOwned>(
    host: &impl Host,
    config: &Config,
    charge: &Charge,
    request: &Request,
) -> Result<Status, Failure> {
    let begun = match api::done::<T>(host, request)? {
        Outcome::Refused(status) => {
            memory::forget(host, &charge.key);
            return Ok(status);
        }
        Outcome::Done(begun) => begun,
    };
    if begun.key() != Some(charge.key.as_str()) {
        let message = "Stripe's answer is about another charge.";
        return Err(Failure::Unknown(Error::unavailable("malformed", message)));
    }
    let status = begun.status(config.publishable_key.as_deref())?;
    keep(host, &charge.key, begun.id(), &status);
    Ok(status)
}

/// Remembers what a charge began with for as long as it matters.
fn keep(host: &impl Host, key: &str, id: &str, status: &Status) {
    let ttl_s = match status {
        Status::ActionRequired(_) => CHARGE_S,
        Status::Pending(_) => PENDING_S,
        Status::Settled(_) | Status::Declined(_) => return memory::forget(host, key),
    };
    if memory::remember(host, key, &Memo::Begun(id.to_owned()), ttl_s).is_err() {
        host.log(Level::Warn, "the memory is full: the charge is learnt of by webhook only", &[]);
    }
}

/// How the charge `key` stands that began with `id`.
fn read(host: &impl Host, config: &Config, key: &str, id: &str) -> Result<Option<Status>, Error> {
    if is_id(id, "cs_") {
        read_as::<Session>(host, config, &format!("{SESSIONS}/{id}"), key)
    } else if is_id(id, "pi_") {
        read_as::<Intent>(host, config, &format!("{INTENTS}/{id}"), key)
    } else {
        Ok(None)
    }
}

fn read_as<T: Begun + DeserializeOwned>(
    host: &impl Host,
    config: &Config,
    path: &str,
    key: &str,
) -> Result<Option<Status>, Error> {
    let begun: Option<T> = api::found(host, &api::get(path))?;
    let Some(begun) = begun.filter(|begun| begun.key() == Some(key)) else { return Ok(None) };
    let status = begun.status(config.publishable_key.as_deref())?;
    if matches!(status, Status::Pending(_)) {
        keep(host, key, begun.id(), &status);
    }
    Ok(Some(status))
}

/// Reads the list, newest first, back to the moment `asked_at` of the request. Lists are consistent: what is not there
/// was not made.
fn look_back<T: Begun + DeserializeOwned>(
    host: &impl Host,
    config: &Config,
    path: &str,
    key: &str,
    asked_at: u64,
) -> Result<Option<Status>, Error> {
    let mut last: Option<String> = None;
    for _ in 0..PAGES {
        let mut request = api::get(path).query("limit", "100");
        if let Some(last) = &last {
            request = request.query("starting_after", last);
        }
        let Some(page) = api::found::<List<T>>(host, &request)? else { return Ok(None) };
        if let Some(found) = page.data.iter().find(|begun| begun.key() == Some(key)) {
            let status = found.status(config.publishable_key.as_deref())?;
            keep(host, key, found.id(), &status);
            return Ok(Some(status));
        }
        let is_past = page.data.last().is_none_or(|oldest| oldest.created() + CLOCKS_S < asked_at);
        if is_past || !page.has_more {
            return Ok(None);
        }
        last = page.data.last().map(|oldest| oldest.id().to_owned());
    }
    Err(Error::unavailable("too-many", "Stripe has too many payments of that time to tell."))
}
