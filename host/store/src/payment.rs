//! The payment journal: charges and refunds.
//!
//! A change is made to the revision that it was decided on, and carries along
//! the webhook event that brought it and what it moves in the ledger, all in
//! one transaction. What the states mean and where they lead is known by
//! `neustream-billing`; here only money that moved cannot be unsaid.

use neustream_model::{Reason, UnixMillis};
use serde_json::json;
use sqlx::Any;
use sqlx::any::AnyArguments;
use sqlx::query::Query;

use crate::payment_ledger::{TransferRow, insert_transfer};
use crate::payment_row::{PaymentCommitted, PaymentEvent, PaymentOpened, PaymentPurpose, PaymentRow};
use crate::row::to_sql;
use crate::scope::in_no_other_app;
use crate::store::within;
use crate::transaction::Transaction;
use crate::{Entry, HostStore, StoreError, Target, TenantStore};

/// The state whose rows are never changed back.
const SETTLED: &str = "settled";
/// The state of refunds that do not count against their charge.
const DECLINED: &str = "declined";

impl TenantStore {
    /// Writes a new charge or refund, unless its reference has one. Refunds of one charge that are not declined are
    /// together at most what was paid: whoever opens one holds the charge's row meanwhile.
    pub async fn open_payment(&self, payment: &PaymentRow) -> Result<PaymentOpened, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            // A write comes first: SQLite does not take a reader that begins to write.
            if let PaymentPurpose::Refund { charge_key, .. } = &payment.purpose {
                let (left_minor, currency) = self.hold_charge(&mut transaction, charge_key).await?;
                if let Some(known) = self.payment_by_reference(&mut transaction, payment).await? {
                    return Ok(PaymentOpened::Known(Box::new(known)));
                }
                if left_minor < payment.amount_minor || currency != payment.currency {
                    return Ok(PaymentOpened::Exceeds { left_minor, currency });
                }
            }
            if self.insert_payment(&mut transaction, payment).await? {
                let entry = Entry::new(payment.purpose.opening(), Target::new("payment", &payment.key));
                self.audit(&mut transaction, entry.after(payment.shown()));
                transaction.commit().await?;
                return Ok(PaymentOpened::New);
            }
            let known = self.payment_by_reference(&mut transaction, payment).await?;
            known.map_or_else(
                || Err(StoreError::Unavailable("a payment with this reference is being written".into())),
                |known| Ok(PaymentOpened::Known(Box::new(known))),
            )
        })
        .await
    }

    /// A charge or refund of the tenant.
    pub async fn payment(&self, key: &str) -> Result<Option<PaymentRow>, StoreError> {
        within(async {
            let payment = sqlx::query_as(concat!(
                "SELECT * FROM payments WHERE tenant_id = $1 AND payment_key = $2 AND ",
                in_no_other_app!("installation_id", "$3")
            ))
            .bind(self.tenant.to_string())
            .bind(key)
            .bind(self.app_text())
            .fetch_optional(&mut *self.connection().await?)
            .await?;
            Ok(payment)
        })
        .await
    }

    /// The tenant's charges, newest first, those before the key `before`.
    pub async fn charges(&self, before: Option<&str>, limit: u32) -> Result<Vec<PaymentRow>, StoreError> {
        within(async {
            let charges = sqlx::query_as(concat!(
                "SELECT * FROM payments WHERE tenant_id = $1 AND kind = 'charge' AND payment_key < $2 AND ",
                in_no_other_app!("installation_id", "$4"),
                " ORDER BY payment_key DESC LIMIT $3"
            ))
            .bind(self.tenant.to_string())
            // After every key.
            .bind(before.unwrap_or("~"))
            .bind(i64::from(limit))
            .bind(self.app_text())
            .fetch_all(&mut *self.connection().await?)
            .await?;
            Ok(charges)
        })
        .await
    }

    /// The refunds of a charge, oldest first.
    pub async fn refunds_of_charge(&self, charge: &str) -> Result<Vec<PaymentRow>, StoreError> {
        within(async {
            let refunds = sqlx::query_as(
                "SELECT * FROM payments WHERE tenant_id = $1 AND charge_key = $2 ORDER BY payment_key",
            )
            .bind(self.tenant.to_string())
            .bind(charge)
            .fetch_all(&mut *self.connection().await?)
            .await?;
            Ok(refunds)
        })
        .await
    }

    /// Takes the lease of a payment that nobody holds at `now`. None when somebody does or there is no such payment.
    pub async fn claim_payment(
        &self,
        key: &str,
        holder: &str,
        until: UnixMillis,
        now: UnixMillis,
    ) -> Result<Option<PaymentRow>, StoreError> {
        within(async {
            let claimed = sqlx::query_as(
                "UPDATE payments SET lease_holder = $3, lease_until = $4, revision = revision + 1 \
                 WHERE tenant_id = $1 AND payment_key = $2 AND (lease_until IS NULL OR lease_until <= $5) \
                 RETURNING *",
            )
            .bind(self.tenant.to_string())
            .bind(key)
            .bind(holder)
            .bind(to_sql(until.0))
            .bind(to_sql(now.0))
            .fetch_optional(&mut *self.connection().await?)
            .await?;
            Ok(claimed)
        })
        .await
    }

    /// Writes a change, with the event that brought it and what it moves, all of it or nothing. `payment.revision` is
    /// that of the row that the change was decided on; terms are not changed.
    pub async fn commit_payment(
        &self,
        payment: &PaymentRow,
        event: Option<&PaymentEvent>,
        transfer: Option<&TransferRow>,
    ) -> Result<PaymentCommitted, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            if let Some(event) = event
                && !insert_event(&mut transaction, event).await?
            {
                return Ok(PaymentCommitted::Repeated);
            }
            let before = self.payment_state(&mut transaction, &payment.key).await?;
            if !self.update_payment(&mut transaction, payment).await? {
                return Ok(PaymentCommitted::Stale);
            }
            // Attempts and looks on the way are no changes that anybody made.
            if before.as_ref() != Some(&payment.state) {
                let entry = Entry::new("payment.move", Target::new("payment", &payment.key));
                let entry = entry.before(json!({ "state": before })).after(json!({ "state": payment.state }));
                self.audit(&mut transaction, entry);
            }
            if let Some(transfer) = transfer {
                insert_transfer(&mut transaction, self.tenant, transfer).await?;
            }
            transaction.commit().await?;
            Ok(PaymentCommitted::Done)
        })
        .await
    }

    async fn payment_state(
        &self,
        transaction: &mut Transaction,
        key: &str,
    ) -> Result<Option<String>, StoreError> {
        let state =
            sqlx::query_scalar("SELECT state FROM payments WHERE tenant_id = $1 AND payment_key = $2")
                .bind(self.tenant.to_string())
                .bind(key)
                .fetch_optional(&mut **transaction)
                .await?;
        Ok(state)
    }

    /// Holds the charge's row until the transaction ends; tells what is left of it, and its currency.
    async fn hold_charge(
        &self,
        transaction: &mut Transaction,
        charge: &str,
    ) -> Result<(u64, String), StoreError> {
        let held: Option<PaymentRow> = sqlx::query_as(
            "UPDATE payments SET revision = revision WHERE tenant_id = $1 AND payment_key = $2 AND state = $3 \
             RETURNING *",
        )
        .bind(self.tenant.to_string())
        .bind(charge)
        .bind(SETTLED)
        .fetch_optional(&mut **transaction)
        .await?;
        let Some(held) = held else { return Ok((0, String::new())) };
        let taken: i64 = sqlx::query_scalar(
            "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM payments \
             WHERE tenant_id = $1 AND charge_key = $2 AND state <> $3",
        )
        .bind(self.tenant.to_string())
        .bind(charge)
        .bind(DECLINED)
        .fetch_one(&mut **transaction)
        .await?;
        Ok((held.amount_minor.saturating_sub(taken.unsigned_abs()), held.currency))
    }

    async fn payment_by_reference(
        &self,
        transaction: &mut Transaction,
        payment: &PaymentRow,
    ) -> Result<Option<PaymentRow>, StoreError> {
        let known =
            sqlx::query_as("SELECT * FROM payments WHERE tenant_id = $1 AND kind = $2 AND reference = $3")
                .bind(self.tenant.to_string())
                .bind(payment.purpose.kind())
                .bind(&payment.reference)
                .fetch_optional(&mut **transaction)
                .await?;
        Ok(known)
    }

    async fn insert_payment(
        &self,
        transaction: &mut Transaction,
        payment: &PaymentRow,
    ) -> Result<bool, StoreError> {
        let (charge, refund) = match &payment.purpose {
            PaymentPurpose::Charge { description, payer_ref, return_url } => {
                (Some((description, payer_ref, return_url)), None)
            }
            PaymentPurpose::Refund { charge_key, paid_id } => (None, Some((charge_key, paid_id))),
        };
        let inserted = sqlx::query(
            "INSERT INTO payments (payment_key, tenant_id, kind, installation_id, plugin, reference, amount_minor, \
             currency, description, payer_ref, return_url, charge_key, paid_id, state, attempts, looks, \
             next_attempt, revision, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) \
             ON CONFLICT (tenant_id, kind, reference) DO NOTHING",
        )
        .bind(&payment.key)
        .bind(self.tenant.to_string())
        .bind(payment.purpose.kind())
        .bind(payment.installation_id.to_string())
        .bind(&payment.plugin)
        .bind(&payment.reference)
        .bind(to_sql(payment.amount_minor))
        .bind(&payment.currency)
        .bind(charge.map(|charge| charge.0.clone()))
        .bind(charge.map(|charge| charge.1.clone()))
        .bind(charge.map(|charge| charge.2.clone()))
        .bind(refund.map(|refund| refund.0.clone()))
        .bind(refund.map(|refund| refund.1.clone()))
        .bind(&payment.state)
        .bind(to_sql(payment.attempts))
        .bind(to_sql(payment.looks))
        .bind(payment.next_attempt.map(|at| to_sql(at.0)))
        .bind(to_sql(payment.revision))
        .bind(to_sql(payment.created_at.0))
        .bind(to_sql(payment.updated_at.0))
        .execute(&mut **transaction)
        .await?;
        Ok(inserted.rows_affected() == 1)
    }

    async fn update_payment(
        &self,
        transaction: &mut Transaction,
        payment: &PaymentRow,
    ) -> Result<bool, StoreError> {
        let fee = payment.fee.as_ref();
        let lease = payment.lease.as_ref();
        let query = sqlx::query(
            "UPDATE payments SET state = $4, attempts = $5, looks = $6, sent_by = $7, next_attempt = $8, \
             begun_id = $9, payment_id = $10, action = $11, fee_minor = $12, fee_currency = $13, \
             reason_code = $14, reason_message = $15, flag_code = $16, flag_message = $17, lease_holder = $18, \
             lease_until = $19, updated_at = $20, revision = revision + 1 \
             WHERE tenant_id = $1 AND payment_key = $2 AND revision = $3 AND (state <> $21 OR $4 = $21)",
        )
        .bind(self.tenant.to_string())
        .bind(&payment.key)
        .bind(to_sql(payment.revision))
        .bind(&payment.state)
        .bind(to_sql(payment.attempts))
        .bind(to_sql(payment.looks))
        .bind(payment.sent_by.map(|at| to_sql(at.0)))
        .bind(payment.next_attempt.map(|at| to_sql(at.0)))
        .bind(payment.begun_id.clone())
        .bind(payment.payment_id.clone())
        .bind(payment.action.clone())
        .bind(fee.map(|(minor, _)| to_sql(*minor)))
        .bind(fee.map(|(_, currency)| currency.clone()));
        let query = bind_reason(bind_reason(query, payment.reason.as_ref()), payment.flag.as_ref())
            .bind(lease.map(|(holder, _)| holder.clone()))
            .bind(lease.map(|(_, until)| to_sql(until.0)))
            .bind(to_sql(payment.updated_at.0))
            .bind(SETTLED);
        Ok(query.execute(&mut **transaction).await?.rows_affected() == 1)
    }
}

impl HostStore {
    /// Claims payments that are due at `now` and that nobody holds, the most overdue first.
    pub async fn claim_due_payments(
        &self,
        holder: &str,
        until: UnixMillis,
        now: UnixMillis,
        limit: u32,
    ) -> Result<Vec<PaymentRow>, StoreError> {
        within(async {
            let due: Vec<String> = sqlx::query_scalar(
                "SELECT payment_key FROM payments WHERE next_attempt <= $1 \
                 AND (lease_until IS NULL OR lease_until <= $1) ORDER BY next_attempt LIMIT $2",
            )
            .bind(to_sql(now.0))
            .bind(i64::from(limit))
            .fetch_all(&self.store.pool)
            .await?;
            let mut claimed = Vec::with_capacity(due.len());
            for key in due {
                // The condition again: another host may have claimed it since.
                let row: Option<PaymentRow> = sqlx::query_as(
                    "UPDATE payments SET lease_holder = $2, lease_until = $3, revision = revision + 1 \
                     WHERE payment_key = $1 AND next_attempt <= $4 AND (lease_until IS NULL OR lease_until <= $4) \
                     RETURNING *",
                )
                .bind(key)
                .bind(holder)
                .bind(to_sql(until.0))
                .bind(to_sql(now.0))
                .fetch_optional(&self.store.pool)
                .await?;
                claimed.extend(row);
            }
            Ok(claimed)
        })
        .await
    }

    /// Remembers an event that is about nothing of the installation's. False when it is known.
    pub async fn note_payment_event(&self, event: &PaymentEvent) -> Result<bool, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let is_new = insert_event(&mut transaction, event).await?;
            transaction.commit().await?;
            Ok(is_new)
        })
        .await
    }

    /// Forgets events that arrived before `before`; tells how many.
    pub async fn forget_payment_events(&self, before: UnixMillis) -> Result<u64, StoreError> {
        within(async {
            let forgotten = sqlx::query("DELETE FROM payment_events WHERE arrived_at < $1")
                .bind(to_sql(before.0))
                .execute(&self.store.pool)
                .await?;
            Ok(forgotten.rows_affected())
        })
        .await
    }
}

async fn insert_event(transaction: &mut Transaction, event: &PaymentEvent) -> Result<bool, StoreError> {
    let inserted = sqlx::query(
        "INSERT INTO payment_events (installation_id, event_id, payment_key, arrived_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (installation_id, event_id, payment_key) DO NOTHING",
    )
    .bind(event.installation_id.to_string())
    .bind(&event.event_id)
    .bind(event.payment_key.as_deref().unwrap_or_default())
    .bind(to_sql(event.arrived_at.0))
    .execute(&mut **transaction)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

fn bind_reason<'q>(
    query: Query<'q, Any, AnyArguments>,
    reason: Option<&Reason>,
) -> Query<'q, Any, AnyArguments> {
    query.bind(reason.map(|reason| reason.code.clone())).bind(reason.map(|reason| reason.message.clone()))
}
