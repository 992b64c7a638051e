//! What tests need again and again: one of each, to be changed with `..`.

use crate::destination::Broadcast;
use crate::payment::{Charge, Money, Webhook};
use crate::{Error, Response, moderation};

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A platform's answer with this status, these headers and this body.
///
/// ```
/// use neustream_plugin::testing::answer;
///
/// let outcome = answer(429, &[("retry-after", "30")], "");
/// assert_eq!(outcome.unwrap().retry_after_ms(), Some(30_000));
/// ```
#[allow(clippy::needless_pass_by_value, reason = "`json!` is given by value")]
pub fn answer(status: u16, headers: &[(&str, &str)], body: impl ToString) -> Result<Response, Error> {
    Ok(Response { status, headers: pairs(headers), body: body.to_string().into_bytes() })
}

/// A failure to reach the platform.
///
/// ```
/// use neustream_plugin::testing::{FakeHost, unreachable};
/// use neustream_plugin::{Host, Request};
///
/// let request = Request::get("https://api.example/v1/channel");
/// let host = FakeHost::new("{}").expect(request.clone(), unreachable());
/// assert_eq!(host.send(&request).unwrap_err().code(), "timed-out");
/// ```
pub fn unreachable() -> Result<Response, Error> {
    Err(Error::unavailable("timed-out", "the platform did not answer within 3000 ms"))
}

/// A public broadcast.
///
/// ```
/// use neustream_plugin::destination::Broadcast;
/// use neustream_plugin::testing::broadcast;
///
/// let untitled = Broadcast { title: String::new(), ..broadcast() };
/// assert_eq!(untitled.id, "broadcast-1");
/// ```
pub fn broadcast() -> Broadcast {
    Broadcast {
        id: "broadcast-1".to_owned(),
        title: "First light".to_owned(),
        visibility: "public".to_owned(),
    }
}

/// A message to be judged.
///
/// ```
/// use neustream_plugin::moderation::Message;
/// use neustream_plugin::testing::message;
///
/// let second = Message { id: "m-2".to_owned(), ..message("hello") };
/// ```
pub fn message(text: &str) -> moderation::Message {
    moderation::Message {
        id: "m-1".to_owned(),
        platform: "twitch".to_owned(),
        author_hash: "author-1".to_owned(),
        roles: Vec::new(),
        text: text.to_owned(),
        traits: Vec::new(),
    }
}

/// A charge of 12.50 EUR.
///
/// ```
/// use neustream_plugin::payment::Charge;
/// use neustream_plugin::testing::charge;
///
/// let other = Charge { key: "charge-2".to_owned(), ..charge() };
/// assert_eq!(other.amount.minor, 1250);
/// ```
pub fn charge() -> Charge {
    Charge {
        key: "charge-1".to_owned(),
        amount: Money { minor: 1250, currency: "EUR".to_owned() },
        description: "A month of membership".to_owned(),
        payer_ref: "payer-1".to_owned(),
        return_url: "https://shop.example/thanks".to_owned(),
    }
}

/// What a provider sent.
///
/// ```
/// use neustream_plugin::testing::webhook;
///
/// let webhook = webhook(&[("x-signature", "00")], r#"{"event": "paid"}"#);
/// ```
#[allow(clippy::needless_pass_by_value, reason = "`json!` is given by value")]
pub fn webhook(headers: &[(&str, &str)], body: impl ToString) -> Webhook {
    Webhook { headers: pairs(headers), body: body.to_string().into_bytes() }
}
