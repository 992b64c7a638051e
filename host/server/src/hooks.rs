//! Where webhooks of platforms go: to the driver of their installation's kind.

use async_trait::async_trait;
use neustream_api::{HookDelivery, HookOutcome, HookSink};
use neustream_billing::{BillingError, Payments};
use neustream_chat::connector::{Connectors, Delivery};
use neustream_contract::payment::Webhook;
use neustream_contract::{CallErrorKind, Kind};

/// The drivers that take webhooks.
pub struct Hooks {
    pub connectors: Connectors,
    pub payments: Payments,
}

#[async_trait]
impl HookSink for Hooks {
    async fn deliver(&self, hook: HookDelivery) -> HookOutcome {
        match hook.owner.kind {
            Kind::Chat => self.deliver_to_connector(hook).await,
            Kind::Payment => self.deliver_to_payments(hook).await,
            Kind::Destination | Kind::Moderation => HookOutcome::Unwanted,
        }
    }
}

impl Hooks {
    async fn deliver_to_connector(&self, hook: HookDelivery) -> HookOutcome {
        let HookDelivery { owner, headers, body } = hook;
        let delivered =
            self.connectors.deliver(owner.installation, &owner.connection, headers, body.to_vec()).await;
        match delivered {
            Delivery::Delivered => HookOutcome::Committed,
            Delivery::Unauthorized => HookOutcome::NotGenuine,
            Delivery::Unknown | Delivery::TooLarge => HookOutcome::Unwanted,
            Delivery::Unavailable => HookOutcome::TryAgain,
        }
    }

    async fn deliver_to_payments(&self, hook: HookDelivery) -> HookOutcome {
        let HookDelivery { owner, headers, body } = hook;
        let webhook = Webhook { headers, body: body.to_vec() };
        match self.payments.receive(owner.tenant, owner.installation, &webhook).await {
            Ok(_) => HookOutcome::Committed,
            Err(BillingError::Plugin(error)) if error.kind == CallErrorKind::Unauthorized => {
                HookOutcome::NotGenuine
            }
            Err(BillingError::TooLarge(_)) => HookOutcome::Unwanted,
            Err(error) => {
                let installation = owner.installation;
                tracing::warn!(%installation, %error, "a payment provider's webhook waits to be sent again");
                HookOutcome::TryAgain
            }
        }
    }
}
