//! Takes payments through Example Pay, a made-up provider.
//!
//! The host writes every charge down before it calls, and calls `find` when it cannot know what became of one. What is
//! left to the plugin: pass the key on, and never say that nothing happened unless that is proven.

use neustream_plugin::json::json;
use neustream_plugin::payment::{
    Action, Charge, Failure, Money, PaymentProvider, Receipt, Status, Update, Webhook, is_key,
};
use neustream_plugin::{Context, Error, Host, Problem, Request, Response, hex, json, query};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The provider.
pub struct ExamplePay;

neustream_plugin::export_payment!(ExamplePay);

const API: &str = "https://api.pay.example/v1";

/// A payment or a refund, as the provider has it.
#[derive(Deserialize)]
struct Entry {
    id: String,
    /// Our key.
    reference: String,
    state: State,
    amount: u64,
    currency: String,
    pay_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Open,
    Pending,
    /// Of a payment.
    Paid,
    /// Of a refund.
    Done,
    Failed,
}

#[derive(Deserialize)]
struct List {
    data: Vec<Entry>,
}

#[derive(Deserialize)]
struct Event {
    id: String,
    object: Entry,
}

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: String,
}

impl PaymentProvider for ExamplePay {
    // In functions that move money, `?` on an error takes the safe side: unless it is proven that nothing was sent, the
    // host asks `find` and never repeats blindly.
    fn start(host: &impl Host, _: &Context, charge: &Charge) -> Result<Status, Failure> {
        let request = Request::post(format!("{API}/payments")).json(&json!({
            "reference": charge.key,
            "amount": charge.amount.minor,
            "currency": charge.amount.currency,
            "description": charge.description,
            "return_url": charge.return_url,
        }));
        moved(&host.send(&authorized(request, &charge.key))?)
    }

    fn find(host: &impl Host, _: &Context, key: &str) -> Result<Option<Status>, Error> {
        // The key may be a charge's or a refund's.
        for list in ["payments", "refunds"] {
            let request = Request::get(format!("{API}/{list}"))
                .query("reference", key)
                .bearer("api-key");
            let list: List = read(&host.send(&request)?)?;
            if let Some(entry) = list.data.into_iter().find(|entry| entry.reference == key) {
                return Ok(Some(entry.status()));
            }
        }
        Ok(None)
    }

    // The payer's browser is not to be trusted, so the provider is asked.
    fn confirm(
        host: &impl Host,
        _: &Context,
        key: &str,
        provider_id: &str,
        _: &[(String, String)],
    ) -> Result<Status, Error> {
        let id = query::escape(provider_id);
        let request = Request::get(format!("{API}/payments/{id}")).bearer("api-key");
        let payment: Entry = read(&host.send(&request)?)?;
        if payment.reference != key {
            return Err(Error::unauthorized(
                "other-payment",
                "Example Pay has another charge under this payment.",
            ));
        }
        Ok(payment.status())
    }

    fn refund(
        host: &impl Host,
        _: &Context,
        key: &str,
        provider_id: &str,
        amount: &Money,
    ) -> Result<Status, Failure> {
        let request = Request::post(format!("{API}/refunds")).json(&json!({
            "reference": key,
            "payment": provider_id,
            "amount": amount.minor,
        }));
        moved(&host.send(&authorized(request, key))?)
    }

    fn receive(host: &impl Host, _: &Context, webhook: &Webhook) -> Result<Vec<Update>, Error> {
        // Genuine first, then read.
        let tag = webhook
            .header("x-signature")
            .and_then(hex::decode)
            .unwrap_or_default();
        if !host.verify_hmac_sha256("webhook-secret", &webhook.body, &tag)? {
            return Err(Error::unauthorized(
                "signature-wrong",
                "The signature is not Example Pay's.",
            ));
        }
        // Events that are about no money, and those that are newer than this plugin.
        let Kind { kind } = json::from(&webhook.body)?;
        if !matches!(kind.as_str(), "payment" | "refund") {
            return Ok(Vec::new());
        }
        let event: Event = json::from(&webhook.body)?;
        // The account may have payments that are none of the host's.
        let key = Some(event.object.reference.clone()).filter(|key| is_key(key));
        Ok(vec![Update {
            event_id: event.id,
            key,
            status: event.object.status(),
        }])
    }
}

/// A request that moves money: with `key` it is carried out once, however often it is sent.
fn authorized(request: Request, key: &str) -> Request {
    request.bearer("api-key").header("idempotency-key", key)
}

/// What became of it.
fn moved(response: &Response) -> Result<Status, Failure> {
    match response.status {
        // Refused for what it is: it will not happen.
        400 | 402 | 422 => Ok(Status::Declined(Problem::new(
            "declined",
            "Example Pay does not take this payment.",
        ))),
        _ => Ok(read::<Entry>(response)?.status()),
    }
}

fn read<T: DeserializeOwned>(response: &Response) -> Result<T, Error> {
    if response.is_success() {
        response.json()
    } else {
        Err(response.error_of_status("Example Pay"))
    }
}

impl Entry {
    fn status(self) -> Status {
        let amount = Money {
            minor: self.amount,
            currency: self.currency,
        };
        let receipt = Receipt {
            provider_id: self.id.clone(),
            amount,
            fee: None,
        };
        match self.state {
            State::Open => Status::ActionRequired(Action {
                provider_id: self.id,
                url: self.pay_url,
                parameters: Vec::new(),
            }),
            State::Pending => Status::Pending(receipt),
            State::Paid | State::Done => Status::Settled(receipt),
            State::Failed => {
                Status::Declined(Problem::new("failed", "Example Pay could not do it."))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use neustream_plugin::AuthenticatingHost as _;
    use neustream_plugin::testing::{FakeHost, answer, charge, unreachable, webhook};

    use super::*;

    const OPEN: &str = r#"{"id": "p_1", "reference": "charge-1", "state": "open", "amount": 1250, "currency": "EUR", "pay_url": "https://pay.example/p_1"}"#;
    const PAID: &str = r#"{"id": "p_1", "reference": "charge-1", "state": "paid", "amount": 1250, "currency": "EUR"}"#;

    fn started(outcome: Result<Response, Error>) -> Result<Status, Failure> {
        let request = Request::post("https://api.pay.example/v1/payments")
            .json(&json!({
                "reference": "charge-1",
                "amount": 1250,
                "currency": "EUR",
                "description": "A month of membership",
                "return_url": "https://shop.example/thanks",
            }))
            .bearer("api-key")
            .header("idempotency-key", "charge-1");
        let host = FakeHost::new("{}").expect(request, outcome);
        ExamplePay::start(&host, &host.context(), &charge())
    }

    fn listed(list: &str) -> Request {
        Request::get(format!("https://api.pay.example/v1/{list}"))
            .query("reference", "charge-1")
            .bearer("api-key")
    }

    fn settled() -> Status {
        let amount = Money {
            minor: 1250,
            currency: "EUR".to_owned(),
        };
        Status::Settled(Receipt {
            provider_id: "p_1".to_owned(),
            amount,
            fee: None,
        })
    }

    #[test]
    fn the_payer_is_sent_to_the_payment_page() {
        let status = started(answer(200, &[], OPEN));
        let url = Some("https://pay.example/p_1".to_owned());
        let action = Action {
            provider_id: "p_1".to_owned(),
            url,
            parameters: Vec::new(),
        };
        assert_eq!(status, Ok(Status::ActionRequired(action)));
    }

    #[test]
    fn nothing_was_sent_only_where_that_is_proven() {
        assert!(matches!(
            started(answer(401, &[], "")),
            Err(Failure::NotSent(_))
        ));
        assert!(matches!(
            started(answer(402, &[], "")),
            Ok(Status::Declined(_))
        ));
        assert!(matches!(
            started(answer(500, &[], "")),
            Err(Failure::Unknown(_))
        ));
        assert!(matches!(
            started(answer(200, &[], "<html>")),
            Err(Failure::Unknown(_))
        ));
        assert!(matches!(started(unreachable()), Err(Failure::Unknown(_))));
    }

    #[test]
    fn a_charge_is_found_by_its_key_and_nothing_where_there_is_none() {
        let body = format!(r#"{{"data": [{PAID}]}}"#);
        let host = FakeHost::new("{}").expect(listed("payments"), answer(200, &[], body));
        assert_eq!(
            ExamplePay::find(&host, &host.context(), "charge-1"),
            Ok(Some(settled()))
        );
        let nothing = || answer(200, &[], r#"{"data": []}"#);
        let host = FakeHost::new("{}")
            .expect(listed("payments"), nothing())
            .expect(listed("refunds"), nothing());
        assert_eq!(
            ExamplePay::find(&host, &host.context(), "charge-1"),
            Ok(None)
        );
    }

    #[test]
    fn a_payer_who_returns_is_believed_by_the_providers_word_only() {
        let request = Request::get("https://api.pay.example/v1/payments/p_1").bearer("api-key");
        let host = FakeHost::new("{}")
            .expect(request.clone(), answer(200, &[], PAID))
            .expect(request, answer(200, &[], PAID));
        let ctx = host.context();
        assert_eq!(
            ExamplePay::confirm(&host, &ctx, "charge-1", "p_1", &[]),
            Ok(settled())
        );
        let other = ExamplePay::confirm(&host, &ctx, "charge-2", "p_1", &[]);
        assert!(matches!(other, Err(Error::Unauthorized(_))));
    }

    #[test]
    fn only_a_genuine_webhook_is_read() {
        let host = FakeHost::new("{}").with_secret("webhook-secret", "whsec_1");
        let body = format!(r#"{{"id": "evt_1", "type": "payment", "object": {PAID}}}"#);
        let tag = hex::encode(
            &host
                .hmac_sha256("webhook-secret", body.as_bytes())
                .expect("a tag"),
        );
        let ctx = host.context();
        let updates = ExamplePay::receive(&host, &ctx, &webhook(&[("x-signature", &tag)], &body));
        let update = Update {
            event_id: "evt_1".to_owned(),
            key: Some("charge-1".to_owned()),
            status: settled(),
        };
        assert_eq!(updates, Ok(vec![update]));
        for headers in [&[("x-signature", "00")][..], &[]] {
            let forged = ExamplePay::receive(&host, &ctx, &webhook(headers, &body));
            assert!(matches!(forged, Err(Error::Unauthorized(_))));
        }
    }
}
