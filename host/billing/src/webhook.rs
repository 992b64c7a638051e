//! What providers send.

use neustream_contract::payment::{Update, Webhook};
use neustream_model::{InstallationId, TenantId};

use crate::entry::Entry;
use crate::error::BillingError;
use crate::journal::EventId;
use crate::key::PaymentKey;
use crate::payments::Payments;

/// The largest body.
const BODY_BYTES: usize = 256 * 1024;
/// Headers, and bytes of all of them.
const HEADERS: usize = 64;
const HEADER_BYTES: usize = 16 * 1024;
/// The longest id of an event.
const EVENT_ID_BYTES: usize = 255;

/// What came of a webhook.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Received {
    /// Updates that were written, whether or not they changed a state.
    pub applied: u32,
    /// Updates that the journal had already.
    pub repeated: u32,
    /// Updates about nothing that the installation has.
    pub foreign: u32,
}

impl Payments {
    /// Takes a webhook of an installation, as it came. Updates may arrive late, twice, in any order and for charges of
    /// nobody; each is written in one transaction with its event's id.
    ///
    /// # Errors
    /// [`BillingError::Plugin`] of kind `Unauthorized` for a webhook that is not genuine (answer 401). After any
    /// other the provider is to send it again.
    pub async fn receive(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        webhook: &Webhook,
    ) -> Result<Received, BillingError> {
        let header_bytes: usize = webhook.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        let is_small = webhook.headers.len() <= HEADERS && header_bytes <= HEADER_BYTES;
        if webhook.body.len() > BODY_BYTES || !is_small {
            return Err(BillingError::TooLarge("the webhook"));
        }
        let ready = self.ready(tenant, installation, None).await?;
        let updates = ready.bounded(ready.provider().receive(ready.call(), webhook)).await??;
        let mut received = Received::default();
        for update in &updates {
            self.apply(tenant, installation, update, &mut received).await?;
        }
        Ok(received)
    }

    async fn apply(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        update: &Update,
        received: &mut Received,
    ) -> Result<(), BillingError> {
        let mut id = update.event_id.clone();
        id.truncate(id.floor_char_boundary(EVENT_ID_BYTES));
        let entry = self.entry_of(tenant, installation, update).await?;
        let key = entry.as_ref().map(|entry| entry.key.clone());
        let event = EventId { installation, id, key, at: self.now() };
        let count = match entry {
            Some(entry) => match self.observe(entry, &update.status, Some(&event), None).await? {
                (_, true) => &mut received.applied,
                (_, false) => &mut received.repeated,
            },
            None if self.parts.journal.note_event(&event).await? => &mut received.foreign,
            None => &mut received.repeated,
        };
        *count += 1;
        Ok(())
    }

    /// The entry that an update is about. An installation speaks for its own charges and refunds alone.
    async fn entry_of(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        update: &Update,
    ) -> Result<Option<Entry>, BillingError> {
        let key = update.key.as_deref().and_then(|key| key.parse::<PaymentKey>().ok());
        let Some(key) = key else { return Ok(None) };
        let entry = self.parts.journal.entry(tenant, &key).await?;
        Ok(entry.filter(|entry| entry.installation == installation))
    }
}
