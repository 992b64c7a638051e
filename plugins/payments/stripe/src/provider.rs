//! The provider: sessions and intents.

use neustream_plugin::payment::{Charge, Failure, Money, PaymentProvider, Status, Update, Webhook};
use neustream_plugin::{Context, Error, Field, Host, Level, read_config};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::api::{self, Outcome, is_id};
use crate::entities::{Begun, Intent, KEY, List, Session};
use crate::memory::{self, CHARGE_S, Memo, PENDING_S};
use crate::{refunds, webhook};

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
        let config: Config = read_config(host).map_err(Failure::NotSent)?;
        if memory::remember(host, &charge.key, &Memo::Asked(ctx.now / 1000), CHARGE_S).is_err() {
            // Stripe keeps the key for a day, and nothing moves before the payer acts.
            host.log(Level::Warn, "the memory is full: a lost answer would be asked for again", &[]);
        }
        match config.checkout {
            Checkout::Hosted => {
                begin::<Session>(host, &config, "/checkout/sessions", charge, session_form(charge))
            }
            Checkout::Embedded => {
                begin::<Intent>(host, &config, "/payment_intents", charge, intent_form(charge))
            }
        }
    }

    fn find(host: &impl Host, _ctx: &Context, key: &str) -> Result<Option<Status>, Error> {
        let config: Config = read_config(host)?;
        match memory::recall(host, key)? {
            None => Ok(None),
            Some(Memo::Refund(intent)) => refunds::find(host, key, &intent),
            Some(Memo::Begun(id)) => read(host, &config, key, &id),
            Some(Memo::Asked(at)) => match config.checkout {
                Checkout::Hosted => look_back::<Session>(host, &config, "/checkout/sessions", key, at),
                Checkout::Embedded => look_back::<Intent>(host, &config, "/payment_intents", key, at),
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
        let unknown = || Error::other("payment-unknown", "Stripe does not know the payment.");
        read(host, &config, key, provider_id)?.ok_or_else(unknown)
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

fn session_form(charge: &Charge) -> Vec<Field> {
    let item = |name: &str| format!("line_items[0]{name}");
    vec![
        Field::new("mode", "payment"),
        Field::new("client_reference_id", &charge.key),
        Field::new("success_url", &charge.return_url),
        Field::new("cancel_url", &charge.return_url),
        Field::new(&item("[quantity]"), "1"),
        Field::new(&item("[price_data][currency]"), charge.amount.currency.to_ascii_lowercase()),
        Field::new(&item("[price_data][unit_amount]"), charge.amount.minor.to_string()),
        Field::new(&item("[price_data][product_data][name]"), &charge.description),
        Field::new(&format!("metadata[{KEY}]"), &charge.key),
        Field::new("metadata[payer]", &charge.payer_ref),
        Field::new(&format!("payment_intent_data[metadata][{KEY}]"), &charge.key),
    ]
}

fn intent_form(charge: &Charge) -> Vec<Field> {
    vec![
        Field::new("amount", charge.amount.minor.to_string()),
        Field::new("currency", charge.amount.currency.to_ascii_lowercase()),
        Field::new(&format!("metadata[{KEY}]"), &charge.key),
        Field::new("metadata[payer]", &charge.payer_ref),
        Field::new("metadata[description]", &charge.description),
    ]
}

fn begin<T: Begun + DeserializeOwned>(
    host: &impl Host,
    config: &Config,
    path: &str,
    charge: &Charge,
    form: Vec<Field>,
) -> Result<Status, Failure> {
    let begun = match api::post::<T>(host, path, &charge.key, form)? {
        Outcome::Refused(status) => {
            memory::forget(host, &charge.key);
            return Ok(status);
        }
        Outcome::Done(begun) => begun,
    };
    if begun.key() != Some(charge.key.as_str()) {
        let message = "Stripe's answer is about another charge.";
        return Err(Failure::Unknown(Error::unavailable("malformed-answer", message)));
    }
    let status = begun.status(config.publishable_key.as_deref()).map_err(Failure::Unknown)?;
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
        read_as::<Session>(host, config, &format!("/checkout/sessions/{id}"), key)
    } else if is_id(id, "pi_") {
        read_as::<Intent>(host, config, &format!("/payment_intents/{id}"), key)
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
    let begun: Option<T> = api::get(host, path, &[])?;
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
        let mut query = vec![("limit", "100")];
        query.extend(last.as_deref().map(|last| ("starting_after", last)));
        let page: Option<List<T>> = api::get(host, path, &query)?;
        let Some(page) = page else { return Ok(None) };
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
