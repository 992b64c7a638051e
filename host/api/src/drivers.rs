//! What the API needs of the drivers of chat, moderation and payments.
//!
//! Each trait is its service, or a stand-in in tests; the methods mean what
//! they mean there.

use async_trait::async_trait;
use neustream_billing::{BillingError, ChargeView, Order, PaymentKey, Payments, RefundOrder, RefundView};
use neustream_chat::connector::{ConnectorStatus, Connectors, SendError};
use neustream_chat::moderation::{Judgement, Moderation, Replay, VerdictRecording};
use neustream_contract::CallError;
use neustream_contract::moderation::Message;
use neustream_model::{InstallationId, TenantId};

/// Chat connectors.
#[async_trait]
pub trait ChatControl: Send + Sync + 'static {
    /// How the connector of an installation is doing.
    fn status(&self, tenant: TenantId, installation: InstallationId) -> Option<ConnectorStatus>;
    /// Queues a message to be written on the platform; answers its id.
    async fn send(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        text: &str,
        reply_to: Option<String>,
    ) -> Result<String, SendError>;
    /// Asks for a message to be removed on the platform.
    async fn remove(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        message: &str,
    ) -> Result<(), SendError>;
}

#[async_trait]
impl ChatControl for Connectors {
    fn status(&self, tenant: TenantId, installation: InstallationId) -> Option<ConnectorStatus> {
        Self::status(self, tenant, installation)
    }

    async fn send(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        text: &str,
        reply_to: Option<String>,
    ) -> Result<String, SendError> {
        Self::send(self, tenant, installation, text, reply_to).await
    }

    async fn remove(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        message: &str,
    ) -> Result<(), SendError> {
        Self::remove(self, tenant, installation, message).await
    }
}

/// Moderation filters.
#[async_trait]
pub trait ModerationControl: Send + Sync + 'static {
    /// Judges messages by the tenant's filters.
    async fn judge(&self, tenant: TenantId, messages: Vec<Message>) -> Vec<Judgement>;
    /// Judges a recorded batch again.
    async fn replay(&self, recording: &VerdictRecording) -> Result<Replay, CallError>;
}

#[async_trait]
impl ModerationControl for Moderation {
    async fn judge(&self, tenant: TenantId, messages: Vec<Message>) -> Vec<Judgement> {
        self.judge_batch(tenant, messages).await
    }

    async fn replay(&self, recording: &VerdictRecording) -> Result<Replay, CallError> {
        Self::replay(self, recording).await
    }
}

/// Payments.
#[async_trait]
pub trait PaymentControl: Send + Sync + 'static {
    /// Starts a charge, or goes on with the one of the same reference.
    async fn start(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        order: &Order,
    ) -> Result<ChargeView, BillingError>;
    /// A charge.
    async fn charge(&self, tenant: TenantId, key: &PaymentKey) -> Result<ChargeView, BillingError>;
    /// Charges, newest first.
    async fn charges(
        &self,
        tenant: TenantId,
        before: Option<&PaymentKey>,
        limit: u32,
    ) -> Result<Vec<ChargeView>, BillingError>;
    /// Checks what the payer's browser brought back.
    async fn confirm(
        &self,
        tenant: TenantId,
        key: &PaymentKey,
        returned: &[(String, String)],
    ) -> Result<ChargeView, BillingError>;
    /// Pays back.
    async fn refund(
        &self,
        tenant: TenantId,
        key: &PaymentKey,
        refund: &RefundOrder,
    ) -> Result<RefundView, BillingError>;
    /// What was paid back of a charge, oldest first.
    async fn refunds(&self, tenant: TenantId, key: &PaymentKey) -> Result<Vec<RefundView>, BillingError>;
}

#[async_trait]
impl PaymentControl for Payments {
    async fn start(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        order: &Order,
    ) -> Result<ChargeView, BillingError> {
        Self::start(self, tenant, installation, order).await
    }

    async fn charge(&self, tenant: TenantId, key: &PaymentKey) -> Result<ChargeView, BillingError> {
        Self::charge(self, tenant, key).await
    }

    async fn charges(
        &self,
        tenant: TenantId,
        before: Option<&PaymentKey>,
        limit: u32,
    ) -> Result<Vec<ChargeView>, BillingError> {
        Self::charges(self, tenant, before, limit).await
    }

    async fn confirm(
        &self,
        tenant: TenantId,
        key: &PaymentKey,
        returned: &[(String, String)],
    ) -> Result<ChargeView, BillingError> {
        Self::confirm(self, tenant, key, returned).await
    }

    async fn refund(
        &self,
        tenant: TenantId,
        key: &PaymentKey,
        refund: &RefundOrder,
    ) -> Result<RefundView, BillingError> {
        Self::refund(self, tenant, key, refund).await
    }

    async fn refunds(&self, tenant: TenantId, key: &PaymentKey) -> Result<Vec<RefundView>, BillingError> {
        Self::refunds(self, tenant, key).await
    }
}
