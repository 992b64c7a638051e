//! A payment provider as a Rust trait, and its way into a component.

use crate::{Context, Error, Host};

pub use crate::bindings::payment::exports::neustream::payment::provider::{
    Action, Charge, Failure, Money, Receipt, Status, Update, Webhook,
};

/// Whether `text` can be a key of the host's: what a platform says about the orders of others is no key.
pub fn is_key(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=40).contains(&text.len()) && text.bytes().all(is_plain)
}

/// One provider of payments. Stateless: an instance lives for one call, and the host keeps the journal.
pub trait PaymentProvider {
    /// Begins a charge, with `charge.key` as the provider's idempotency key.
    fn start(host: &impl Host, ctx: &Context, charge: &Charge) -> Result<Status, Failure>;

    /// What the provider knows about the charge with this key. None: nothing, so it may be started.
    fn find(host: &impl Host, ctx: &Context, key: &str) -> Result<Option<Status>, Error>;

    /// Checks what the payer's browser brought back for the charge `key`, which `start` gave `provider_id`.
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

    /// Reads a webhook, after it is verified.
    fn receive(host: &impl Host, ctx: &Context, webhook: &Webhook) -> Result<Vec<Update>, Error>;
}

/// Makes a component of a [`PaymentProvider`]. Only when built for wasm.
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
