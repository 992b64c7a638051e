//! What is asked for: parsed at the edge, valid from there on.

use neustream_contract::payment::Money;
use neustream_model::Reason;
use url::Url;

/// The largest amount in minor units: ten billion of a currency with cents. No provider takes more.
pub const MAX_MINOR: u64 = 1_000_000_000_000;

/// Something to be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The tenant's name of it, 1 to 128 printable characters: the same reference is the same charge.
    pub reference: String,
    /// How much, at least 1 and at most [`MAX_MINOR`].
    pub amount: Money,
    /// What the payer reads: one line, 1 to 200 characters.
    pub description: String,
    /// An opaque name of the payer, 1 to 128 printable characters.
    pub payer_ref: String,
    /// Where the payer returns to, an `http(s)` URL of at most 1024 bytes.
    pub return_url: String,
}

/// Something to be paid back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundOrder {
    /// The tenant's name of it, like that of an order: the same reference is the same refund.
    pub reference: String,
    /// How much.
    pub amount: Money,
}

/// An order that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {message}")]
pub struct OrderInvalid {
    /// JSON pointer (RFC 6901) to what is wrong, such as `/amount/currency`.
    pub pointer: &'static str,
    /// What it must be.
    pub message: &'static str,
}

impl Order {
    /// Whether it can be taken.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), OrderInvalid> {
        check_line(&self.reference, 128, "/reference")?;
        check_money(&self.amount)?;
        check_line(&self.description, 200, "/description")?;
        check_line(&self.payer_ref, 128, "/payer_ref")?;
        let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.username().is_empty();
        if self.return_url.len() > 1024 || !Url::parse(&self.return_url).is_ok_and(|url| is_web(&url)) {
            let message = "must be an http(s) URL of at most 1024 bytes";
            return Err(OrderInvalid { pointer: "/return_url", message });
        }
        Ok(())
    }
}

impl RefundOrder {
    /// Whether it can be taken.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), OrderInvalid> {
        check_line(&self.reference, 128, "/reference")?;
        check_money(&self.amount)
    }
}

fn check_money(money: &Money) -> Result<(), OrderInvalid> {
    if !(1..=MAX_MINOR).contains(&money.minor) {
        let message = "must be from 1 to 1000000000000 minor units";
        return Err(OrderInvalid { pointer: "/amount/minor", message });
    }
    if money.currency.len() != 3 || !money.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        let message = "must be three capital letters (ISO 4217)";
        return Err(OrderInvalid { pointer: "/amount/currency", message });
    }
    Ok(())
}

fn check_line(text: &str, most: usize, pointer: &'static str) -> Result<(), OrderInvalid> {
    let is_line = !text.trim().is_empty() && !text.chars().any(char::is_control);
    if is_line && text.chars().count() <= most {
        return Ok(());
    }
    let message = if most == 200 {
        "must be one line of 1 to 200 characters"
    } else {
        "must be one line of 1 to 128 characters"
    };
    Err(OrderInvalid { pointer, message })
}

impl From<&OrderInvalid> for Reason {
    fn from(error: &OrderInvalid) -> Self {
        Self::new("invalid", error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> Order {
        Order {
            reference: "o-1".to_owned(),
            amount: Money { minor: 999, currency: "USD".to_owned() },
            description: "Pro, a month".to_owned(),
            payer_ref: "user-7".to_owned(),
            return_url: "https://example.com/thanks".to_owned(),
        }
    }

    #[test]
    fn an_order_that_is_whole_is_taken() {
        assert_eq!(order().check(), Ok(()));
    }

    #[test]
    fn what_is_wrong_is_pointed_to() {
        type Case = (fn(&mut Order), &'static str);
        let cases: [Case; 8] = [
            (|order| order.reference.clear(), "/reference"),
            (|order| order.amount.minor = 0, "/amount/minor"),
            (|order| order.amount.minor = u64::MAX, "/amount/minor"),
            (|order| order.amount.currency = "usd".to_owned(), "/amount/currency"),
            (|order| order.description = "two\nlines".to_owned(), "/description"),
            (|order| order.payer_ref = "x".repeat(129), "/payer_ref"),
            (|order| order.return_url = "javascript:alert(1)".to_owned(), "/return_url"),
            (|order| order.return_url = "https://user:pass@example.com".to_owned(), "/return_url"),
        ];
        for (spoil, pointer) in cases {
            let mut order = order();
            spoil(&mut order);
            assert_eq!(order.check().map_err(|error| error.pointer), Err(pointer));
        }
    }
}
