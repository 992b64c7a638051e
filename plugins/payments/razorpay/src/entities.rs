//! Orders, payments and refunds as Razorpay writes them, and what they mean.

use neustream_plugin::payment::{Action, Money, Receipt, Status};
use neustream_plugin::{Error, Problem};
use serde::Deserialize;
use serde_json::Value;

/// The note that carries the key, beside `receipt`.
pub const KEY_NOTE: &str = "neustream_key";

/// `GET /v1/...` of many.
#[derive(Deserialize)]
pub struct Collection<T> {
    pub items: Vec<T>,
}

/// An order.
#[derive(Deserialize)]
pub struct Order {
    pub id: String,
    pub amount: u64,
    pub currency: String,
    #[serde(default)]
    pub receipt: Option<String>,
    /// `created`, `attempted` or `paid`.
    pub status: String,
    /// An object, or `[]` where there are none.
    #[serde(default)]
    pub notes: Value,
    #[serde(default)]
    pub created_at: u64,
}

/// A payment of an order.
#[derive(Deserialize)]
pub struct Payment {
    pub id: String,
    pub amount: u64,
    pub currency: String,
    /// `created`, `authorized`, `captured`, `refunded` or `failed`.
    pub status: String,
    #[serde(default)]
    pub order_id: Option<String>,
    /// What Razorpay keeps, tax included; known once it is captured.
    #[serde(default)]
    pub fee: Option<u64>,
}

/// A refund.
#[derive(Deserialize)]
pub struct Refund {
    pub id: String,
    pub amount: u64,
    #[serde(default)]
    pub currency: Option<String>,
    #[serde(default)]
    pub receipt: Option<String>,
    /// `pending`, `processed` or `failed`.
    pub status: String,
    #[serde(default)]
    pub notes: Value,
}

impl Order {
    /// How an order stands that has no payment which counts.
    pub fn to_pay(&self, key_id: &str, shop_name: Option<&str>) -> Status {
        let mut parameters = vec![
            ("key".to_owned(), key_id.to_owned()),
            ("order_id".to_owned(), self.id.clone()),
            ("amount".to_owned(), self.amount.to_string()),
            ("currency".to_owned(), self.currency.clone()),
        ];
        let noted = |name: &str| self.notes.get(name).and_then(Value::as_str).map(str::to_owned);
        let more = [
            ("name", shop_name.map(str::to_owned)),
            ("description", noted("description")),
            ("callback_url", noted("return_url")),
        ];
        parameters.extend(more.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        Status::ActionRequired(Action { provider_id: self.id.clone(), url: None, parameters })
    }
}

impl Payment {
    /// Whether the money is, or was, at the merchant.
    pub fn is_captured(&self) -> bool {
        matches!(self.status.as_str(), "captured" | "refunded")
    }

    /// Whether the bank has promised the money.
    pub fn is_authorized(&self) -> bool {
        self.status == "authorized"
    }

    /// How a charge with this payment stands; none when the payer must try again.
    pub fn status(&self) -> Option<Status> {
        if self.is_captured() {
            return Some(Status::Settled(self.receipt()));
        }
        self.is_authorized().then(|| Status::Pending(self.receipt()))
    }

    fn receipt(&self) -> Receipt {
        let money = |minor| Money { minor, currency: self.currency.clone() };
        Receipt { provider_id: self.id.clone(), amount: money(self.amount), fee: self.fee.map(money) }
    }
}

impl Refund {
    /// The key that the host gave it.
    pub fn key(&self) -> Option<&str> {
        self.notes.get(KEY_NOTE).and_then(Value::as_str).or(self.receipt.as_deref())
    }

    /// How it stands. Some answers leave the currency out: it is that of the payment, `currency`.
    pub fn status(&self, currency: &str) -> Result<Status, Error> {
        let known = self.currency.as_deref().filter(|known| !known.is_empty());
        let amount = Money { minor: self.amount, currency: known.unwrap_or(currency).to_owned() };
        let receipt = Receipt { provider_id: self.id.clone(), amount, fee: None };
        match self.status.as_str() {
            "processed" => Ok(Status::Settled(receipt)),
            "pending" => Ok(Status::Pending(receipt)),
            "failed" => {
                Ok(Status::Declined(Problem::new("refund-failed", "Razorpay could not pay it back.")))
            }
            _ => {
                Err(Error::unavailable("malformed", "Razorpay's refund has a state that is not documented."))
            }
        }
    }
}
