//! The payment driver's journal, kept in the store.

use async_trait::async_trait;
use neustream_billing::{
    Account, ChargeTerms, Commit, Committed, Entry, EventId, Holder, Journal, JournalError, Lease, Line,
    Opened, PaymentKey, Purpose, RefundTerms, State, Transfer,
};
use neustream_contract::payment::Money;
use neustream_model::{TenantId, UnixMillis};
use neustream_store::{
    PaymentCommitted, PaymentEvent, PaymentOpened, PaymentPurpose, PaymentRow, Store, StoreError, TransferRow,
};

/// Answers the driver from the database.
pub struct StoreJournal(pub Store);

#[async_trait]
impl Journal for StoreJournal {
    async fn open(&self, entry: &Entry) -> Result<Opened, JournalError> {
        let opened = self.0.tenant(entry.tenant).open_payment(&row(entry)?).await.map_err(failed)?;
        Ok(match opened {
            PaymentOpened::New => Opened::New,
            PaymentOpened::Known(known) => Opened::Known(Box::new(self::entry(*known)?)),
            PaymentOpened::Exceeds { left_minor, currency } => {
                Opened::Exceeds { left: Money { minor: left_minor, currency } }
            }
        })
    }

    async fn entry(&self, tenant: TenantId, key: &PaymentKey) -> Result<Option<Entry>, JournalError> {
        self.0.tenant(tenant).payment(key.as_str()).await.map_err(failed)?.map(entry).transpose()
    }

    async fn charges(
        &self,
        tenant: TenantId,
        before: Option<&PaymentKey>,
        limit: u32,
    ) -> Result<Vec<Entry>, JournalError> {
        entries(self.0.tenant(tenant).charges(before.map(PaymentKey::as_str), limit).await)
    }

    async fn refunds_of(&self, tenant: TenantId, charge: &PaymentKey) -> Result<Vec<Entry>, JournalError> {
        entries(self.0.tenant(tenant).refunds_of_charge(charge.as_str()).await)
    }

    async fn transfer(&self, tenant: TenantId, key: &PaymentKey) -> Result<Option<Transfer>, JournalError> {
        let transfer = self.0.tenant(tenant).transfer_of(key.as_str()).await.map_err(failed)?;
        transfer.map(|transfer| read_transfer(tenant, key, transfer)).transpose()
    }

    async fn claim(
        &self,
        tenant: TenantId,
        key: &PaymentKey,
        lease: &Lease,
        now: UnixMillis,
    ) -> Result<Option<Entry>, JournalError> {
        let Lease { holder, until } = lease;
        let claimed = self.0.tenant(tenant).claim_payment(key.as_str(), &holder.0, *until, now).await;
        claimed.map_err(failed)?.map(entry).transpose()
    }

    async fn claim_due(
        &self,
        lease: &Lease,
        now: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Entry>, JournalError> {
        entries(self.0.host().claim_due_payments(&lease.holder.0, lease.until, now, limit).await)
    }

    async fn commit(&self, commit: Commit<'_>) -> Result<Committed, JournalError> {
        let Commit { entry, transfer, event } = commit;
        let event = event.map(event_row);
        if let Some(transfer) = transfer {
            transfer.check().map_err(|error| JournalError::Broken(error.to_string()))?;
        }
        let transfer = transfer.map(transfer_row);
        let tenant = self.0.tenant(entry.tenant);
        let committed = tenant.commit_payment(&row(entry)?, event.as_ref(), transfer.as_ref()).await;
        Ok(match committed.map_err(failed)? {
            PaymentCommitted::Done => Committed::Done,
            PaymentCommitted::Stale => Committed::Stale,
            PaymentCommitted::Repeated => Committed::Repeated,
        })
    }

    async fn note_event(&self, event: &EventId) -> Result<bool, JournalError> {
        self.0.host().note_payment_event(&event_row(event)).await.map_err(failed)
    }

    async fn forget_events(&self, before: UnixMillis) -> Result<u64, JournalError> {
        self.0.host().forget_payment_events(before).await.map_err(failed)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn failed(error: StoreError) -> JournalError {
    match error {
        StoreError::Unavailable(_) => JournalError::Unavailable(error.to_string()),
        _ => JournalError::Broken(error.to_string()),
    }
}

fn broken(what: &str, key: &str) -> JournalError {
    JournalError::Broken(format!("{what} of {key} cannot be read"))
}

fn entries(rows: Result<Vec<PaymentRow>, StoreError>) -> Result<Vec<Entry>, JournalError> {
    rows.map_err(failed)?.into_iter().map(entry).collect()
}

fn row(entry: &Entry) -> Result<PaymentRow, JournalError> {
    let action = entry.action.as_ref().map(serde_json::to_string).transpose();
    Ok(PaymentRow {
        key: entry.key.to_string(),
        tenant_id: entry.tenant,
        installation_id: entry.installation,
        plugin: entry.plugin.to_string(),
        reference: entry.reference.clone(),
        amount_minor: entry.amount.minor,
        currency: entry.amount.currency.clone(),
        purpose: match entry.purpose.clone() {
            Purpose::Charge(ChargeTerms { description, payer_ref, return_url }) => {
                PaymentPurpose::Charge { description, payer_ref, return_url }
            }
            Purpose::Refund(RefundTerms { charge, payment_id }) => {
                PaymentPurpose::Refund { charge_key: charge.to_string(), paid_id: payment_id }
            }
        },
        state: entry.state.as_str().to_owned(),
        attempts: u64::from(entry.attempts),
        looks: u64::from(entry.looks),
        sent_by: entry.sent_by,
        next_attempt: entry.next_attempt,
        begun_id: entry.begun_id.clone(),
        payment_id: entry.payment_id.clone(),
        action: action.map_err(|error| JournalError::Broken(error.to_string()))?,
        fee: entry.fee.as_ref().map(|fee| (fee.minor, fee.currency.clone())),
        reason: entry.reason.clone(),
        flag: entry.flag.clone(),
        lease: entry.lease.as_ref().map(|lease| (lease.holder.0.clone(), lease.until)),
        revision: entry.revision,
        created_at: entry.created_at,
        updated_at: entry.updated_at,
    })
}

fn entry(row: PaymentRow) -> Result<Entry, JournalError> {
    let is_broken = |what| broken(what, &row.key);
    let action = row.action.as_deref().map(serde_json::from_str).transpose();
    Ok(Entry {
        key: row.key.parse().map_err(|_| is_broken("the key"))?,
        tenant: row.tenant_id,
        installation: row.installation_id,
        plugin: row.plugin.parse().map_err(|_| is_broken("the package"))?,
        purpose: match row.purpose {
            PaymentPurpose::Charge { description, payer_ref, return_url } => {
                Purpose::Charge(ChargeTerms { description, payer_ref, return_url })
            }
            PaymentPurpose::Refund { charge_key, paid_id } => Purpose::Refund(RefundTerms {
                charge: charge_key.parse().map_err(|_| is_broken("the charge"))?,
                payment_id: paid_id,
            }),
        },
        state: State::parse(&row.state).ok_or_else(|| is_broken("the state"))?,
        action: action.map_err(|_| is_broken("the action"))?,
        reference: row.reference,
        amount: Money { minor: row.amount_minor, currency: row.currency },
        attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
        looks: u32::try_from(row.looks).unwrap_or(u32::MAX),
        sent_by: row.sent_by,
        next_attempt: row.next_attempt,
        begun_id: row.begun_id,
        payment_id: row.payment_id,
        fee: row.fee.map(|(minor, currency)| Money { minor, currency }),
        reason: row.reason,
        flag: row.flag,
        lease: row.lease.map(|(holder, until)| Lease { holder: Holder(holder), until }),
        revision: row.revision,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn event_row(event: &EventId) -> PaymentEvent {
    PaymentEvent {
        installation_id: event.installation,
        event_id: event.id.clone(),
        payment_key: event.key.as_ref().map(PaymentKey::to_string),
        arrived_at: event.at,
    }
}

fn transfer_row(transfer: &Transfer) -> TransferRow {
    let lines = transfer.lines.iter().map(|line| (line.account.to_string(), line.minor));
    TransferRow {
        key: transfer.key.to_string(),
        currency: transfer.currency.clone(),
        at: transfer.at,
        lines: lines.collect(),
    }
}

fn read_transfer(tenant: TenantId, key: &PaymentKey, row: TransferRow) -> Result<Transfer, JournalError> {
    let line = |(account, minor): (String, i64)| {
        let account: Account = account.parse().map_err(|_| broken("an account", key.as_str()))?;
        Ok(Line { account, minor })
    };
    let lines = row.lines.into_iter().map(line).collect::<Result<_, JournalError>>()?;
    Ok(Transfer { key: key.clone(), tenant, currency: row.currency, lines, at: row.at })
}
