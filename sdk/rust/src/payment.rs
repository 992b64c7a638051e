//! Payment providers: payments through one provider, charged once whatever breaks.
//!
//! The host writes a charge down before it calls, and asks `find` when it cannot know what became of one. A provider's
//! part: pass the key on as the idempotency key, and never say [`Failure::NotSent`] unless that is proven. In functions
//! that answer a [`Failure`], `?` on an [`Error`] takes the safe side.
//!
//! ```
//! use neustream_plugin::json::json;
//! use neustream_plugin::payment::{
//!     Action, Charge, Failure, Money, PaymentProvider, Receipt, Status, Update, Webhook,
//! };
//! use neustream_plugin::testing::{FakeHost, answer, charge};
//! use neustream_plugin::{Context, Error, Host, Request, hex, json};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Order {
//!     id: String,
//!     pay_url: String,
//!     paid: Option<u64>,
//! }
//!
//! #[derive(Deserialize)]
//! struct Event {
//!     id: String,
//!     reference: String,
//!     order: Order,
//! }
//!
//! impl Order {
//!     fn status(self) -> Status {
//!         match self.paid {
//!             Some(minor) => Status::Settled(Receipt {
//!                 provider_id: self.id,
//!                 amount: Money { minor, currency: "EUR".to_owned() },
//!                 fee: None,
//!             }),
//!             None => Status::ActionRequired(Action {
//!                 provider_id: self.id,
//!                 url: Some(self.pay_url),
//!                 parameters: Vec::new(),
//!             }),
//!         }
//!     }
//! }
//!
//! struct Example;
//!
//! impl PaymentProvider for Example {
//!     fn start(host: &impl Host, _: &Context, charge: &Charge) -> Result<Status, Failure> {
//!         let request = Request::post("https://api.example/v1/orders")
//!             .bearer("api-key")
//!             .header("idempotency-key", &charge.key)
//!             .json(&json!({"reference": charge.key, "minor": charge.amount.minor}));
//!         let order: Order = host.send(&request)?.success("Example")?.json()?;
//!         Ok(order.status())
//!     }
//!
//!     fn find(host: &impl Host, _: &Context, key: &str) -> Result<Option<Status>, Error> {
//!         let request = Request::get("https://api.example/v1/orders").query("reference", key);
//!         let response = host.send(&request.bearer("api-key"))?;
//!         match response.status {
//!             404 => Ok(None),
//!             _ => Ok(Some(response.success("Example")?.json::<Order>()?.status())),
//!         }
//!     }
//! #   fn confirm(
//! #       host: &impl Host,
//! #       ctx: &Context,
//! #       key: &str,
//! #       _: &str,
//! #       _: &[(String, String)],
//! #   ) -> Result<Status, Error> {
//! #       let found = Self::find(host, ctx, key)?;
//! #       found.ok_or_else(|| Error::unavailable("unknown-order", "Example does not know the order yet."))
//! #   }
//! #   fn refund(
//! #       _: &impl Host,
//! #       _: &Context,
//! #       _: &str,
//! #       _: &str,
//! #       _: &Money,
//! #   ) -> Result<Status, Failure> {
//! #       Err(Failure::NotSent(Error::other("no-refunds", "Example pays nothing back.")))
//! #   }
//!
//!     // `confirm` and `refund` are alike.
//!
//!     fn receive(host: &impl Host, _: &Context, webhook: &Webhook) -> Result<Vec<Update>, Error> {
//!         let tag = webhook.header("x-signature").and_then(hex::decode).unwrap_or_default();
//!         if !host.verify_hmac_sha256("webhook-secret", &webhook.body, &tag)? {
//!             return Err(Error::unauthorized("forged", "The signature is not Example's."));
//!         }
//!         let event: Event = json::from(&webhook.body)?;
//!         let status = event.order.status();
//!         Ok(vec![Update { event_id: event.id, key: Some(event.reference), status }])
//!     }
//! }
//!
//! neustream_plugin::export_payment!(Example);
//!
//! # fn main() {
//! let request = Request::get("https://api.example/v1/orders").query("reference", "c-1").bearer("api-key");
//! let host = FakeHost::new("{}").expect(request, answer(404, &[], ""));
//! assert_eq!(Example::find(&host, &host.context(), "c-1"), Ok(None));
//! # }
//! ```

use crate::{Context, Error, Host};

pub use crate::bindings::payment::exports::neustream::payment::provider::{
    Action, Charge, Failure, Money, Receipt, Status, Update, Webhook,
};

/// Whether `text` can be a key of the host's: what a platform says about the orders of others is no key.
///
/// ```
/// use neustream_plugin::payment::is_key;
///
/// assert!(is_key("order-7"));
/// assert!(!is_key("Order 7") && !is_key(""));
/// ```
pub fn is_key(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=40).contains(&text.len()) && text.bytes().all(is_plain)
}

impl Webhook {
    /// The value of a header, by its name in any case.
    ///
    /// ```
    /// use neustream_plugin::testing::webhook;
    ///
    /// let webhook = webhook(&[("x-signature", "0f")], "{}");
    /// assert_eq!(webhook.header("X-Signature"), Some("0f"));
    /// ```
    pub fn header(&self, name: &str) -> Option<&str> {
        let field = self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        field.map(|(_, value)| value.as_str())
    }
}

/// The safe side: what was refused before the provider acted (not granted, wrong settings, wrong credentials, too fast)
/// was not sent; of anything else nobody knows.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Denied(_) | Error::InvalidConfig(_) | Error::Unauthorized(_) | Error::RateLimited(_) => {
                Self::NotSent(error)
            }
            Error::Unavailable(_) | Error::Other(_) => Self::Unknown(error),
        }
    }
}

/// One provider of payments. Holds nothing: an instance lives for one call, and the host keeps the journal. The
/// [module](self) has an example.
///
/// ```
/// use neustream_plugin::Error;
/// use neustream_plugin::payment::Failure;
///
/// // What `?` makes of errors in `start` and `refund`:
/// let refused = Failure::from(Error::unauthorized("unauthorized", "The key is wrong."));
/// assert!(matches!(refused, Failure::NotSent(_)));
/// let lost = Failure::from(Error::unavailable("timed-out", "No answer."));
/// assert!(matches!(lost, Failure::Unknown(_)));
/// ```
pub trait PaymentProvider {
    /// Begins a charge, with `charge.key` as the provider's idempotency key.
    fn start(host: &impl Host, ctx: &Context, charge: &Charge) -> Result<Status, Failure>;

    /// What the provider knows about the charge or refund with this key. None: nothing, so it may be started.
    fn find(host: &impl Host, ctx: &Context, key: &str) -> Result<Option<Status>, Error>;

    /// Checks what the payer's browser brought back for the charge `key`, which `start` gave `provider_id`.
    /// Nothing of `returned` is to be trusted before its signature is checked.
    fn confirm(
        host: &impl Host,
        ctx: &Context,
        key: &str,
        provider_id: &str,
        returned: &[(String, String)],
    ) -> Result<Status, Error>;

    /// Pays back, at most what was paid. `key` is the refund's own.
    fn refund(
        host: &impl Host,
        ctx: &Context,
        key: &str,
        provider_id: &str,
        amount: &Money,
    ) -> Result<Status, Failure>;

    /// Reads a webhook. Verify it before parsing; one that is not genuine is [`Error::Unauthorized`].
    fn receive(host: &impl Host, ctx: &Context, webhook: &Webhook) -> Result<Vec<Update>, Error>;
}

/// Makes a component of a [`PaymentProvider`](crate::payment::PaymentProvider). Only when built for wasm. The
/// [module](crate::payment) has an example.
///
/// ```
/// # use neustream_plugin::payment::{Charge, Failure, Money, PaymentProvider, Status, Update, Webhook};
/// # use neustream_plugin::{Context, Error, Host};
/// # struct Example;
/// # impl PaymentProvider for Example {
/// #     fn start(_: &impl Host, _: &Context, _: &Charge) -> Result<Status, Failure> { unreachable!() }
/// #     fn find(_: &impl Host, _: &Context, _: &str) -> Result<Option<Status>, Error> { Ok(None) }
/// #     fn confirm(
/// #         _: &impl Host, _: &Context, _: &str, _: &str, _: &[(String, String)],
/// #     ) -> Result<Status, Error> { unreachable!() }
/// #     fn refund(
/// #         _: &impl Host, _: &Context, _: &str, _: &str, _: &Money,
/// #     ) -> Result<Status, Failure> { unreachable!() }
/// #     fn receive(_: &impl Host, _: &Context, _: &Webhook) -> Result<Vec<Update>, Error> { Ok(Vec::new()) }
/// # }
/// neustream_plugin::export_payment!(Example);
/// ```
#[macro_export]
macro_rules! export_payment {
    ($provider:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::bindings::payment::exports::neustream::payment::provider;
            use $crate::payment::{Charge, Failure, Money, PaymentProvider, Status, Update, Webhook};
            use $crate::{Context, Error, Imports};

            struct Component;

            impl provider::Guest for Component {
                fn start(ctx: Context, charge: Charge) -> Result<Status, Failure> {
                    $crate::report_panics();
                    <$provider as PaymentProvider>::start(&Imports, &ctx, &charge)
                }

                fn find(ctx: Context, key: String) -> Result<Option<Status>, Error> {
                    $crate::report_panics();
                    <$provider as PaymentProvider>::find(&Imports, &ctx, &key)
                }

                fn confirm(
                    ctx: Context,
                    key: String,
                    provider_id: String,
                    returned: Vec<(String, String)>,
                ) -> Result<Status, Error> {
                    $crate::report_panics();
                    <$provider as PaymentProvider>::confirm(&Imports, &ctx, &key, &provider_id, &returned)
                }

                fn refund(
                    ctx: Context,
                    key: String,
                    provider_id: String,
                    amount: Money,
                ) -> Result<Status, Failure> {
                    $crate::report_panics();
                    <$provider as PaymentProvider>::refund(&Imports, &ctx, &key, &provider_id, &amount)
                }

                fn receive(ctx: Context, webhook: Webhook) -> Result<Vec<Update>, Error> {
                    $crate::report_panics();
                    <$provider as PaymentProvider>::receive(&Imports, &ctx, &webhook)
                }
            }

    $crate::bindings::payment::export!(Component with_types_in $crate::bindings::payment);
        };
    };
}
