//! The ledger: what settled payments and refunds moved between accounts.

use neustream_model::{TenantId, UnixMillis};
use sqlx::any::AnyRow;
use sqlx::{FromRow, Row};

use crate::row::{moment, text, to_sql};
use crate::store::within;
use crate::transaction::Transaction;
use crate::{StoreError, TenantStore};

/// The lines of one settled payment or refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferRow {
    /// The payment's key; a second transfer of one key is refused.
    pub key: String,
    /// ISO 4217, of all lines.
    pub currency: String,
    /// When it was written.
    pub at: UnixMillis,
    /// Account, and minor units: debit above, credit below zero. They add up to nothing.
    pub lines: Vec<(String, i64)>,
}

struct Head {
    currency: String,
    at: UnixMillis,
}

struct Line(String, i64);

impl FromRow<'_, AnyRow> for Head {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self { currency: text(row, "currency")?, at: moment(row, "at")? })
    }
}

impl FromRow<'_, AnyRow> for Line {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self(text(row, "account")?, row.try_get("minor")?))
    }
}

impl TenantStore {
    /// What a payment or refund moved; none before it settled.
    pub async fn transfer_of(&self, key: &str) -> Result<Option<TransferRow>, StoreError> {
        within(async {
            let head: Option<Head> =
                sqlx::query_as("SELECT * FROM ledger_transfers WHERE tenant_id = $1 AND payment_key = $2")
                    .bind(self.tenant.to_string())
                    .bind(key)
                    .fetch_optional(&mut *self.connection().await?)
                    .await?;
            let Some(Head { currency, at }) = head else { return Ok(None) };
            let lines: Vec<Line> = sqlx::query_as(
                "SELECT account, minor FROM ledger_lines WHERE payment_key = $1 ORDER BY line",
            )
            .bind(key)
            .fetch_all(&mut *self.connection().await?)
            .await?;
            let lines = lines.into_iter().map(|Line(account, minor)| (account, minor)).collect();
            Ok(Some(TransferRow { key: key.to_owned(), currency, at, lines }))
        })
        .await
    }

    /// What stands on an account of the tenant, in minor units of a currency.
    pub async fn balance(&self, account: &str, currency: &str) -> Result<i64, StoreError> {
        within(async {
            let balance = sqlx::query_scalar(
                "SELECT CAST(COALESCE(SUM(l.minor), 0) AS BIGINT) FROM ledger_lines l \
                 JOIN ledger_transfers t ON t.payment_key = l.payment_key \
                 WHERE t.tenant_id = $1 AND l.account = $2 AND t.currency = $3",
            )
            .bind(self.tenant.to_string())
            .bind(account)
            .bind(currency)
            .fetch_one(&mut *self.connection().await?)
            .await?;
            Ok(balance)
        })
        .await
    }
}

/// Writes a transfer within the transaction of the change that it belongs to.
pub(crate) async fn insert_transfer(
    transaction: &mut Transaction,
    tenant: TenantId,
    transfer: &TransferRow,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO ledger_transfers (payment_key, tenant_id, currency, at) VALUES ($1, $2, $3, $4)",
    )
    .bind(&transfer.key)
    .bind(tenant.to_string())
    .bind(&transfer.currency)
    .bind(to_sql(transfer.at.0))
    .execute(&mut **transaction)
    .await?;
    for (number, (account, minor)) in (0_i64..).zip(&transfer.lines) {
        sqlx::query("INSERT INTO ledger_lines (payment_key, line, account, minor) VALUES ($1, $2, $3, $4)")
            .bind(&transfer.key)
            .bind(number)
            .bind(account)
            .bind(*minor)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}
