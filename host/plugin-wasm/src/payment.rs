//! The adapter file of kind `payment`: the contract's trait over the WIT world's exports.
//!
//! Whether a call that moves money may be repeated is never the guest's word
//! alone: where no request left the host, nothing was sent, however the call
//! ended; where one left, a trap, a time-out or silence leave the outcome
//! unknown. Only when the guest itself tells `not-sent`, and every request was
//! answered, is it believed, since then it repeats what the provider said.

use async_trait::async_trait;
use futures_util::FutureExt as _;
use neustream_contract::payment::{
    Charge, Money, PayerAction, PaymentFailure, PaymentProvider, PaymentStatus, Receipt, Update, Webhook,
};
use neustream_contract::{Call, CallError, Manifest};

use crate::answer::{at_most, id, invalid, reason, reported, url};
use crate::bindings::payment::exports::neustream::payment::provider as wit;
use crate::call::{Called, Caller, Guest, asking};
use crate::fault::mismatch;
use crate::kind::Exports;
use crate::state::CallState;

/// The longest key of a charge.
const MAX_KEY_BYTES: usize = 40;
const MAX_PARAMETERS: usize = 32;
const MAX_PARAMETER_BYTES: usize = 4 * 1024;
/// What one webhook may tell.
const MAX_UPDATES: usize = 100;

/// One payment plugin, ready to be called.
pub(crate) struct WasmProvider(pub(crate) Caller);

fn provider(guest: &mut Guest<'_>) -> wasmtime::Result<wit::Guest> {
    let Exports::Payment(provider) = &guest.plugin.exports else { return Err(mismatch("payment")) };
    provider.load(&mut *guest.store, guest.instance)
}

/// How a call that moves money went, as far as the guest knows.
type Moved = Result<PaymentStatus, PaymentFailure>;

#[async_trait]
impl PaymentProvider for WasmProvider {
    fn manifest(&self) -> &Manifest {
        self.0.plugin.manifest()
    }

    async fn start(&self, call: &Call, charge: &Charge) -> Moved {
        let charge = wit::Charge {
            key: charge.key.clone(),
            amount: amount(&charge.amount),
            description: charge.description.clone(),
            payer_ref: charge.payer_ref.clone(),
            return_url: charge.return_url.clone(),
        };
        let ask = asking(move |mut guest| {
            async move { provider(&mut guest)?.call_start(guest.store, &guest.context, &charge).await }
                .boxed()
        });
        settled(self.0.call(call, "start", ask, moved).await)
    }

    async fn find(&self, call: &Call, key: &str) -> Result<Option<PaymentStatus>, CallError> {
        let key = key.to_owned();
        let ask = asking(move |mut guest| {
            async move { provider(&mut guest)?.call_find(guest.store, &guest.context, &key).await }.boxed()
        });
        let read = |answer: Result<Option<wit::Status>, _>, state: &mut CallState| {
            let found = answer.map_err(|error| reported(error, state))?;
            found.map(|found| status(found, state)).transpose()
        };
        self.0.call(call, "find", ask, read).await.result
    }

    async fn confirm(
        &self,
        call: &Call,
        key: &str,
        provider_id: &str,
        returned: &[(String, String)],
    ) -> Result<PaymentStatus, CallError> {
        let (key, provider_id, returned) = (key.to_owned(), provider_id.to_owned(), returned.to_vec());
        let ask = asking(move |mut guest| {
            async move {
                let provider = provider(&mut guest)?;
                provider.call_confirm(guest.store, &guest.context, &key, &provider_id, &returned).await
            }
            .boxed()
        });
        let read = |answer: Result<wit::Status, _>, state: &mut CallState| {
            status(answer.map_err(|error| reported(error, state))?, state)
        };
        self.0.call(call, "confirm", ask, read).await.result
    }

    async fn refund(&self, call: &Call, key: &str, provider_id: &str, money: &Money) -> Moved {
        let (key, provider_id, amount) = (key.to_owned(), provider_id.to_owned(), amount(money));
        let ask = asking(move |mut guest| {
            async move {
                let provider = provider(&mut guest)?;
                provider.call_refund(guest.store, &guest.context, &key, &provider_id, &amount).await
            }
            .boxed()
        });
        settled(self.0.call(call, "refund", ask, moved).await)
    }

    async fn receive(&self, call: &Call, webhook: &Webhook) -> Result<Vec<Update>, CallError> {
        let webhook = wit::Webhook { headers: webhook.headers.clone(), body: webhook.body.clone() };
        let ask = asking(move |mut guest| {
            async move { provider(&mut guest)?.call_receive(guest.store, &guest.context, &webhook).await }
                .boxed()
        });
        let read = |answer: Result<Vec<wit::Update>, _>, state: &mut CallState| {
            let updates = answer.map_err(|error| reported(error, state))?;
            at_most("updates", updates.len(), MAX_UPDATES)?;
            updates.into_iter().map(|one| update(one, state)).collect()
        };
        self.0.call(call, "receive", ask, read).await.result
    }
}

/// What the guest answered; when it tells that the provider has not acted, that is noted.
fn moved(
    answer: Result<wit::Status, wit::Failure>,
    state: &mut CallState,
) -> Result<PaymentStatus, CallError> {
    match answer {
        Ok(answer) => status(answer, state),
        Err(wit::Failure::NotSent(error)) => {
            state.sent.provider_denied();
            Err(reported(error, state))
        }
        Err(wit::Failure::Unknown(error)) => Err(reported(error, state)),
    }
}

fn settled(called: Called<PaymentStatus>) -> Moved {
    let Called { result, has_sent } = called;
    result.map_err(
        |error| {
            if has_sent { PaymentFailure::Unknown(error) } else { PaymentFailure::NotSent(error) }
        },
    )
}

fn amount(money: &Money) -> wit::Money {
    wit::Money { minor: money.minor, currency: money.currency.clone() }
}

fn money(money: wit::Money) -> Result<Money, CallError> {
    let is_currency = money.currency.len() == 3 && money.currency.bytes().all(|b| b.is_ascii_uppercase());
    if !is_currency {
        return Err(invalid("a currency", "is not three capital letters (ISO 4217)"));
    }
    Ok(Money { minor: money.minor, currency: money.currency })
}

fn status(status: wit::Status, state: &CallState) -> Result<PaymentStatus, CallError> {
    Ok(match status {
        wit::Status::Settled(one) => PaymentStatus::Settled(receipt(one)?),
        wit::Status::Pending(one) => PaymentStatus::Pending(receipt(one)?),
        wit::Status::ActionRequired(one) => PaymentStatus::ActionRequired(action(one)?),
        wit::Status::Declined(problem) => PaymentStatus::Declined(reason(&problem, state)),
    })
}

fn receipt(receipt: wit::Receipt) -> Result<Receipt, CallError> {
    Ok(Receipt {
        provider_id: id("a payment's id", receipt.provider_id)?,
        amount: money(receipt.amount)?,
        fee: receipt.fee.map(money).transpose()?,
    })
}

fn action(action: wit::Action) -> Result<PayerAction, CallError> {
    at_most("parameters of an action", action.parameters.len(), MAX_PARAMETERS)?;
    let is_https = |text: &str| url::Url::parse(text).is_ok_and(|url| url.scheme() == "https");
    let page = action.url.map(|text| url("the payer's URL", text)).transpose()?;
    if page.as_deref().is_some_and(|page| !is_https(page)) {
        return Err(invalid("the payer's URL", "is not an https URL"));
    }
    let parameter = |(name, text): (String, String)| {
        at_most("bytes of a parameter", text.len(), MAX_PARAMETER_BYTES)?;
        Ok((id("a parameter's name", name)?, text))
    };
    Ok(PayerAction {
        provider_id: id("a payment's id", action.provider_id)?,
        url: page,
        parameters: action.parameters.into_iter().map(parameter).collect::<Result<_, CallError>>()?,
    })
}

fn update(update: wit::Update, state: &CallState) -> Result<Update, CallError> {
    let is_key = |key: &String| {
        (1..=MAX_KEY_BYTES).contains(&key.len())
            && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if update.key.as_ref().is_some_and(|key| !is_key(key)) {
        return Err(invalid("a charge's key", "is not 1 to 40 characters of a-z, 0-9 and `-`"));
    }
    Ok(Update {
        event_id: id("an event's id", update.event_id)?,
        key: update.key,
        status: status(update.status, state)?,
    })
}

#[cfg(test)]
mod tests {
    use neustream_contract::CallErrorKind;

    use super::*;

    fn receipt_of(currency: &str) -> wit::Receipt {
        let amount = wit::Money { minor: 100, currency: currency.to_owned() };
        wit::Receipt { provider_id: "pay_1".to_owned(), amount, fee: None }
    }

    #[test]
    fn a_currency_is_three_capital_letters() {
        assert!(receipt(receipt_of("EUR")).is_ok());
        for bad in ["eur", "EURO", "€", ""] {
            assert_eq!(receipt(receipt_of(bad)).unwrap_err().code, "answer-invalid", "{bad}");
        }
    }

    #[test]
    fn a_payer_is_sent_to_https_only() {
        let action_to = |url: &str| wit::Action {
            provider_id: "order_1".to_owned(),
            url: Some(url.to_owned()),
            parameters: vec![],
        };
        assert!(action(action_to("https://checkout.example.com/pay?x=1")).is_ok());
        for bad in ["http://checkout.example.com/", "javascript:alert(1)", "//x", ""] {
            assert!(action(action_to(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_failed_call_from_which_something_left_has_an_unknown_outcome() {
        let error = || CallError::new(CallErrorKind::Timeout, "plugin-timeout", "late");
        let called = |has_sent| settled(Called { result: Err(error()), has_sent });
        assert!(matches!(called(false), Err(PaymentFailure::NotSent(_))));
        assert!(matches!(called(true), Err(PaymentFailure::Unknown(_))));
    }
}
