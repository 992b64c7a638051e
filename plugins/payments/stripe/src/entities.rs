//! Sessions, intents and refunds as Stripe writes them, and what they mean.

use std::collections::BTreeMap;

use neustream_plugin::payment::{Action, Money, Receipt, Status};
use neustream_plugin::{Error, Problem};
use serde::Deserialize;

/// The metadata that carries the key.
pub const KEY: &str = "neustream_key";

/// A page of a list.
#[derive(Deserialize)]
pub struct List<T> {
    pub data: Vec<T>,
    #[serde(default)]
    pub has_more: bool,
}

/// An id, or the whole object where it was expanded.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Reference {
    Id(String),
    Object { id: String },
}

impl Reference {
    pub fn id(&self) -> &str {
        match self {
            Self::Id(id) | Self::Object { id } => id,
        }
    }
}

/// Something that a charge began with.
pub trait Begun {
    /// Its id.
    fn id(&self) -> &str;
    /// The charge's key.
    fn key(&self) -> Option<&str>;
    /// Seconds since the Unix epoch.
    fn created(&self) -> u64;
    /// How the charge stands.
    fn status(&self, publishable_key: Option<&str>) -> Result<Status, Error>;
}

/// A Checkout Session.
#[derive(Deserialize)]
pub struct Session {
    id: String,
    #[serde(default)]
    created: u64,
    /// `open`, `complete` or `expired`.
    status: Option<String>,
    /// `paid`, `unpaid` or `no_payment_required`.
    payment_status: String,
    amount_total: Option<u64>,
    currency: Option<String>,
    client_reference_id: Option<String>,
    payment_intent: Option<Reference>,
    #[serde(default)]
    metadata: Option<BTreeMap<String, String>>,
    url: Option<String>,
}

/// A PaymentIntent.
#[derive(Deserialize)]
pub struct Intent {
    id: String,
    #[serde(default)]
    created: u64,
    amount: u64,
    currency: String,
    /// `requires_payment_method`, `requires_confirmation`, `requires_action`, `processing`, `requires_capture`,
    /// `canceled` or `succeeded`.
    status: String,
    client_secret: Option<String>,
    #[serde(default)]
    metadata: Option<BTreeMap<String, String>>,
}

/// A refund.
#[derive(Deserialize)]
pub struct Refund {
    id: String,
    amount: u64,
    currency: String,
    /// `pending`, `requires_action`, `succeeded`, `failed` or `canceled`.
    status: Option<String>,
    #[serde(default)]
    metadata: Option<BTreeMap<String, String>>,
}

/// A charge, as far as its refunds matter.
#[derive(Deserialize)]
pub struct Charge {
    pub payment_intent: Option<Reference>,
    pub refunds: Option<List<Refund>>,
}

impl Begun for Session {
    fn id(&self) -> &str {
        &self.id
    }

    fn key(&self) -> Option<&str> {
        key_of(self.metadata.as_ref()).or(self.client_reference_id.as_deref())
    }

    fn created(&self) -> u64 {
        self.created
    }

    fn status(&self, _publishable_key: Option<&str>) -> Result<Status, Error> {
        match (self.payment_status.as_str(), self.status.as_deref()) {
            ("paid" | "no_payment_required", _) => self.receipt().map(Status::Settled),
            (_, Some("complete")) => self.receipt().map(Status::Pending),
            (_, Some("expired")) => {
                Ok(Status::Declined(Problem::new("expired", "The payer did not pay in time.")))
            }
            (_, Some("open")) => Ok(Status::ActionRequired(Action {
                provider_id: self.id.clone(),
                url: self.url.clone(),
                parameters: Vec::new(),
            })),
            _ => Err(malformed("a session's state")),
        }
    }
}

impl Session {
    /// How a session stands whose delayed payment failed.
    pub fn failed() -> Status {
        Status::Declined(Problem::new("payment-failed", "The payment did not go through."))
    }

    /// The payment's id is that of its intent, which refunds name.
    fn receipt(&self) -> Result<Receipt, Error> {
        let (Some(minor), Some(currency), Some(intent)) =
            (self.amount_total, &self.currency, &self.payment_intent)
        else {
            return Err(malformed("a session's payment"));
        };
        Ok(receipt(intent.id(), minor, currency))
    }
}

impl Begun for Intent {
    fn id(&self) -> &str {
        &self.id
    }

    fn key(&self) -> Option<&str> {
        key_of(self.metadata.as_ref())
    }

    fn created(&self) -> u64 {
        self.created
    }

    fn status(&self, publishable_key: Option<&str>) -> Result<Status, Error> {
        match self.status.as_str() {
            "succeeded" => Ok(Status::Settled(receipt(&self.id, self.amount, &self.currency))),
            "processing" | "requires_capture" => {
                Ok(Status::Pending(receipt(&self.id, self.amount, &self.currency)))
            }
            "canceled" => Ok(Status::Declined(Problem::new("canceled", "The payment was cancelled."))),
            "requires_payment_method" | "requires_confirmation" | "requires_action" => {
                let parameters =
                    [("client_secret", self.client_secret.as_deref()), ("publishable_key", publishable_key)];
                let set = parameters.into_iter().filter_map(|(name, value)| Some((name, value?)));
                Ok(Status::ActionRequired(Action {
                    provider_id: self.id.clone(),
                    url: None,
                    parameters: set.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
                }))
            }
            _ => Err(malformed("an intent's state")),
        }
    }
}

impl Refund {
    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The refund's key.
    pub fn key(&self) -> Option<&str> {
        key_of(self.metadata.as_ref())
    }

    /// How it stands.
    pub fn status(&self) -> Result<Status, Error> {
        let receipt = receipt(&self.id, self.amount, &self.currency);
        match self.status.as_deref() {
            Some("succeeded") => Ok(Status::Settled(receipt)),
            Some("pending" | "requires_action") => Ok(Status::Pending(receipt)),
            Some("failed" | "canceled") => {
                Ok(Status::Declined(Problem::new("refund-failed", "Stripe could not pay it back.")))
            }
            _ => Err(malformed("a refund's state")),
        }
    }
}

fn key_of(metadata: Option<&BTreeMap<String, String>>) -> Option<&str> {
    metadata?.get(KEY).map(String::as_str)
}

/// Stripe writes currencies in small letters.
fn receipt(id: &str, minor: u64, currency: &str) -> Receipt {
    let amount = Money { minor, currency: currency.to_ascii_uppercase() };
    Receipt { provider_id: id.to_owned(), amount, fee: None }
}

fn malformed(what: &str) -> Error {
    Error::unavailable("malformed", format!("Stripe's answer cannot be read: {what} is not as documented."))
}
