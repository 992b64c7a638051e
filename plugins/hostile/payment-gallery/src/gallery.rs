//! The provider, and the deeds that only a payment provider can do.

use neustream_hostile_deeds::{Outcome, asking, computing, failure, keeping, parsed, signing, telling};
use neustream_plugin::payment::{
    Action, Charge, Failure, Money, PaymentProvider, Receipt, Status, Update, Webhook,
};
use neustream_plugin::{Context, Error, Host, Problem};

struct Gallery;

neustream_plugin::export_payment!(Gallery);

/// What stands in front of the setting `deed`.
const SETTING: &str = "{\"deed\":\"";

impl PaymentProvider for Gallery {
    fn start(host: &impl Host, _: &Context, charge: &Charge) -> Result<Status, Failure> {
        move_money(host, &charge.description, &charge.amount)
    }

    fn find(host: &impl Host, _: &Context, _: &str) -> Result<Option<Status>, Error> {
        let config = host.config();
        match config.strip_prefix(SETTING).and_then(|rest| rest.strip_suffix("\"}")) {
            None | Some("nothing") => Ok(None),
            Some(deed) => perform(host, deed, &none()).map(Some),
        }
    }

    fn confirm(
        host: &impl Host,
        _: &Context,
        _: &str,
        _: &str,
        returned: &[(String, String)],
    ) -> Result<Status, Error> {
        perform(host, returned.first().map(|(_, value)| value.as_str()).unwrap_or_default(), &none())
    }

    fn refund(
        host: &impl Host,
        _: &Context,
        _: &str,
        provider_id: &str,
        amount: &Money,
    ) -> Result<Status, Failure> {
        move_money(host, provider_id, amount)
    }

    fn receive(host: &impl Host, _: &Context, webhook: &Webhook) -> Result<Vec<Update>, Error> {
        let text = String::from_utf8_lossy(&webhook.body).into_owned();
        let (deed, argument) = parsed(&text);
        let settled = |amount: Money| Status::Settled(receipt("p", amount));
        Ok(match deed {
            "updates" => (0..argument.parse().unwrap_or(0_u32))
                .map(|n| update(&format!("e{n}"), None, settled(money(1, "EUR"))))
                .collect(),
            // Settles the charge with this key, whatever it was about.
            "settle" => vec![update("e", Some(argument), settled(money(1, "XXX")))],
            "settle-twice" => vec![update("e", Some(argument), settled(money(1, "EUR"))); 2],
            "long-event" => vec![update(&"e".repeat(1 << 20), None, settled(money(1, "EUR")))],
            _ => vec![update("e", None, perform(host, &text, &none())?)],
        })
    }
}

fn move_money(host: &impl Host, text: &str, amount: &Money) -> Result<Status, Failure> {
    let (deed, argument) = parsed(text);
    match deed {
        // Has the provider act, and claims that nothing was sent.
        "deny" => {
            asking::perform(host, "get", argument);
            Err(Failure::NotSent(failure("not-sent", "Nothing was sent.")))
        }
        "not-sent" => Err(Failure::NotSent(failure("not-sent", "Nothing was sent."))),
        "unknown" => Err(Failure::Unknown(failure("unknown", "Who knows."))),
        // Has the provider act, and dies.
        "send-and-trap" => {
            asking::perform(host, "get", argument);
            core::arch::wasm32::unreachable()
        }
        _ => perform(host, text, amount).map_err(Failure::NotSent),
    }
}

fn perform(host: &impl Host, text: &str, amount: &Money) -> Result<Status, Error> {
    let (deed, argument) = parsed(text);
    Ok(match deed {
        "settle" => Status::Settled(receipt("p", amount.clone())),
        "settle-less" => Status::Settled(receipt("p", money(amount.minor / 2, &amount.currency))),
        "settle-more" => Status::Settled(receipt("p", money(u64::MAX, &amount.currency))),
        "settle-currency" => Status::Settled(receipt("p", money(amount.minor, "XXX"))),
        "settle-odd-currency" => Status::Settled(receipt("p", money(amount.minor, "\x1b[31m€"))),
        "settle-odd-fee" => {
            let fee = Some(money(u64::MAX, ""));
            Status::Settled(Receipt { fee, ..receipt("p", amount.clone()) })
        }
        "settle-nameless" => Status::Settled(receipt("", amount.clone())),
        "pending" => Status::Pending(receipt("p", amount.clone())),
        "send-payer" => Status::ActionRequired(action(argument, vec![])),
        "many-parameters" => {
            let parameters =
                vec![("name".to_owned(), "value".to_owned()); argument.parse().unwrap_or_default()];
            Status::ActionRequired(action("https://pay.example/", parameters))
        }
        "decline" => Status::Declined(Problem::new("\x1b[31mNot A Code", "\x1b[2J\r\nforged")),
        "long-id" => Status::Settled(receipt(&"p".repeat(1 << 20), amount.clone())),
        _ => {
            let learned =
                learned(host, deed, argument).unwrap_or_else(|| Err(failure("no-such-deed", deed)))?;
            // Each byte a character, so that nothing is lost.
            let text: String = learned.iter().map(|byte| char::from(*byte)).collect();
            Status::ActionRequired(Action {
                provider_id: "p".to_owned(),
                url: None,
                parameters: vec![("learned".to_owned(), text)],
            })
        }
    })
}

fn learned(host: &impl Host, deed: &str, argument: &str) -> Outcome {
    computing::perform(deed, argument)
        .or_else(|| telling::perform(host, deed, argument))
        .or_else(|| signing::perform(host, deed, argument))
        .or_else(|| keeping::perform(host, deed, argument))
        .or_else(|| asking::perform(host, deed, argument))
}

fn none() -> Money {
    money(0, "EUR")
}

fn money(minor: u64, currency: &str) -> Money {
    Money { minor, currency: currency.to_owned() }
}

fn receipt(id: &str, amount: Money) -> Receipt {
    Receipt { provider_id: id.to_owned(), amount, fee: None }
}

fn action(url: &str, parameters: Vec<(String, String)>) -> Action {
    Action { provider_id: "p".to_owned(), url: Some(url.to_owned()), parameters }
}

fn update(event: &str, key: Option<&str>, status: Status) -> Update {
    Update { event_id: event.to_owned(), key: key.map(str::to_owned), status }
}
