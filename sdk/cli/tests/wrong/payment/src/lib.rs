//! A payment provider that does one thing wrong, named after the rule that it breaks.

use neustream_plugin::json::{self, json};
use neustream_plugin::payment::{Charge, Failure, Money, PaymentProvider, Receipt, Status, Update, Webhook};
use neustream_plugin::{Context, Error, Host, Level, Problem, Request, Response, hex, read_config};
use serde::Deserialize;

struct Wrong;

neustream_plugin::export_payment!(Wrong);

const API: &str = "https://api.pay.example/v1";

#[derive(Deserialize)]
struct Config {
    account: String,
    #[serde(default)]
    mistake: String,
}

#[derive(Deserialize)]
struct Payment {
    id: String,
    reference: String,
    amount: u64,
    currency: String,
}

#[derive(Deserialize)]
struct Event {
    id: String,
    r#type: String,
    payment: Option<Payment>,
}

fn config(host: &impl Host) -> Result<Config, Error> {
    let config: Config = read_config(host)?;
    let is_wrong = !config.account.starts_with("acct-") || config.mistake == "config-examples-work";
    match config.mistake.as_str() {
        "invalid-config-is-pointed-at" if is_wrong => {
            Err(Error::InvalidConfig(Problem::new("account", "The account is none of ours.")))
        }
        _ if is_wrong => Err(Error::invalid_config("/account", "account", "it is none of ours")),
        _ => Ok(config),
    }
}

impl PaymentProvider for Wrong {
    fn start(host: &impl Host, _: &Context, charge: &Charge) -> Result<Status, Failure> {
        let config = config(host)?;
        assert!(config.mistake != "survives-odd-inputs" || !charge.description.is_empty(), "no description");
        if config.mistake == "within-budget" {
            (0..30).for_each(|_| host.log(Level::Info, &"chatter ".repeat(30), &[]));
        }
        moved(host, &config, "payments", &charge.key, &charge.amount)
    }

    fn find(host: &impl Host, _: &Context, key: &str) -> Result<Option<Status>, Error> {
        let config = config(host)?;
        if config.mistake == "errors-have-codes" && key.is_empty() {
            return Err(Error::Other(Problem::new("Key Empty", "There is no key.")));
        }
        let sent = host.send(&Request::get(format!("{API}/payments")).query("reference", key).bearer("api-key"));
        if config.mistake == "answers-without-network" {
            assert!(!sent.as_ref().is_err_and(|error| error.code() == "http-denied"), "no network");
        }
        let found: Vec<Payment> = sent?.success("Example Pay")?.json()?;
        if found.is_empty() && config.mistake == "find-of-unknown-is-none" {
            return Err(Error::other("not-found", "Example Pay has no such payment."));
        }
        Ok(found.into_iter().next().map(Payment::settled))
    }

    fn confirm(
        host: &impl Host,
        ctx: &Context,
        key: &str,
        _: &str,
        _: &[(String, String)],
    ) -> Result<Status, Error> {
        let found = Self::find(host, ctx, key)?;
        found.ok_or_else(|| Error::other("not-found", "Example Pay has no such payment."))
    }

    fn refund(host: &impl Host, _: &Context, key: &str, _: &str, amount: &Money) -> Result<Status, Failure> {
        let config = config(host)?;
        moved(host, &config, "refunds", key, amount)
    }

    fn receive(host: &impl Host, _: &Context, webhook: &Webhook) -> Result<Vec<Update>, Error> {
        let config = config(host)?;
        let does = |mistake: &str| config.mistake == mistake;
        let tag = webhook.header("x-signature").and_then(hex::decode);
        let is_genuine = match &tag {
            None => does("webhook-unsigned-is-refused"),
            Some(_) if does("webhook-tampered-is-refused") => true,
            Some(tag) => host.verify_hmac_sha256("webhook-secret", &webhook.body, tag)?,
        };
        if !is_genuine {
            return Err(Error::unauthorized("signature-wrong", "The signature is not Example Pay's."));
        }
        if does("keeps-secrets") {
            host.log(Level::Info, "a webhook came", &[("body", &String::from_utf8_lossy(&webhook.body))]);
        }
        let event: Event = json::from(&webhook.body)?;
        let status = match (event.r#type.as_str(), event.payment) {
            ("paid", Some(payment)) => (Some(payment.reference.clone()), payment.settled()),
            _ if does("unknown-event-is-nothing") => (None, Status::Declined(Problem::new("unknown", "Who knows."))),
            _ => return Ok(Vec::new()),
        };
        Ok(vec![Update { event_id: event.id, key: status.0, status: status.1 }])
    }
}

/// A request that moves money.
fn moved(host: &impl Host, config: &Config, what: &str, key: &str, amount: &Money) -> Result<Status, Failure> {
    let does = |mistake: &str| config.mistake == mistake;
    let minor = if does("amounts-are-exact") { amount.minor as f64 as u64 } else { amount.minor };
    let body = json!({ "amount": minor, "currency": amount.currency });
    let mut request = Request::post(format!("{API}/{what}")).bearer("api-key").json(&body);
    if !does("start-passes-the-key") {
        request = request.header("idempotency-key", key);
    }
    let response: Response = host.send(&request)?;
    match response.status {
        402 if does("declined-is-declined") => {
            Err(Failure::NotSent(Error::other("declined", "Example Pay declines it.")))
        }
        402 => Ok(Status::Declined(Problem::new("declined", "Example Pay declines it."))),
        500.. if does("lost-answer-is-unknown") => {
            Err(Failure::NotSent(Error::unavailable("away", "Example Pay is away.")))
        }
        _ => {
            let mut payment: Payment = response.success("Example Pay")?.json()?;
            if does("answered-amount-is-the-charge-s") {
                payment.amount -= 30;
            }
            if does("deterministic") {
                let revision = host.kv_put(&format!("{what}-{key}"), b"1", None, None)?;
                payment.id = format!("{}-{revision:?}", payment.id);
            }
            Ok(payment.settled())
        }
    }
}

impl Payment {
    fn settled(self) -> Status {
        let amount = Money { minor: self.amount, currency: self.currency };
        Status::Settled(Receipt { provider_id: self.id, amount, fee: None })
    }
}
