//! Requests with an `Idempotency-Key`: done once, whatever breaks in between.
//!
//! A request claims its key before it does anything. The change that it makes
//! marks the claim **in its own transaction** ([`mark_made`], called where the
//! audit log's entries are written), so after a crash the row tells whether the
//! change was made. If it was not, the next request with the key takes the
//! claim over; what is left of the first then finds its claim gone and commits
//! nothing. If it was but the answer got lost, that is what later requests are
//! told. Answers hold what is shown only once, so they are sealed.
//!
//! Absent: what a key and a fingerprint are made of, and which answers are worth
//! keeping (`neustream-api`).

use std::time::Duration;

use neustream_model::{ClaimId, Secret, TenantId, UnixMillis};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, FromRow, Row};

use crate::row::{moment, text, to_sql};
use crate::sealing::Place;
use crate::store::within;
use crate::{HostStore, StoreError};

/// How long a key is remembered.
const KEPT: Duration = Duration::from_hours(24);
/// What sqlx calls it.
const POSTGRES: &str = "PostgreSQL";
/// Keys of one organisation that are remembered at the same time.
pub const MAX_IDEMPOTENCY_KEYS: u64 = 10_000;

/// A key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Whose it is.
    pub tenant: TenantId,
    /// SHA-256 of who asks and of the key, in hexadecimal.
    pub digest: String,
    /// SHA-256 of the request, in hexadecimal.
    pub fingerprint: String,
}

/// What is known of a key.
#[derive(Debug)]
pub enum Claimed {
    /// Nothing: the request is to be run, and its key is claimed for it.
    Run(ClaimId),
    /// The request with this key is being run.
    Running {
        /// When the claim ends at the latest.
        until: UnixMillis,
    },
    /// The key belongs to another request.
    OtherRequest,
    /// The request was run; this was the answer.
    Answered(Secret),
    /// The request was run and changed this, but its answer was lost.
    AnswerLost {
        /// The kind of what was changed.
        kind: String,
        /// Its id.
        id: String,
    },
    /// The organisation has so many keys that no more are remembered.
    TooMany {
        /// When the first of them is forgotten.
        until: UnixMillis,
    },
}

struct KeyRow {
    fingerprint: String,
    claim: String,
    claimed_until: UnixMillis,
    made: Option<(String, String)>,
    sealed: Option<String>,
}

impl FromRow<'_, AnyRow> for KeyRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            fingerprint: text(row, "fingerprint")?,
            claim: text(row, "claim")?,
            claimed_until: moment(row, "claimed_until")?,
            made: Option::zip(row.try_get("made_kind")?, row.try_get("made_id")?),
            sealed: row.try_get("sealed")?,
        })
    }
}

impl HostStore {
    /// Claims a key for a request that ends within `lease`, or tells what is known of it.
    pub async fn claim_idempotency_key(
        &self,
        key: &IdempotencyKey,
        lease: Duration,
        now: UnixMillis,
    ) -> Result<Claimed, StoreError> {
        within(async {
            let claim = ClaimId::new();
            let until = now.plus(lease);
            let mut transaction = self.begin().await?;
            forget_expired(&mut transaction, key.tenant, now).await?;
            let claimed = if insert(&mut transaction, key, claim, until, now).await? {
                match first_to_go_of_too_many(&mut transaction, key.tenant).await? {
                    Some(until) => return Ok(Claimed::TooMany { until }),
                    None => Claimed::Run(claim),
                }
            } else {
                let known = known(&mut transaction, key).await?;
                match self.judge(key, known, now)? {
                    Judged::Abandoned(former)
                        if take_over(&mut transaction, key, &former, claim, until).await? =>
                    {
                        Claimed::Run(claim)
                    }
                    Judged::Abandoned(_) => Claimed::Running { until },
                    Judged::Settled(claimed) => claimed,
                }
            };
            transaction.commit().await?;
            Ok(claimed)
        })
        .await
    }

    /// Keeps the answer of the request that claimed the key. Nothing where the claim was taken over.
    pub async fn keep_idempotent_answer(
        &self,
        key: &IdempotencyKey,
        claim: ClaimId,
        answer: &Secret,
    ) -> Result<(), StoreError> {
        let sealed = self.store.sealing_key.seal(&place(key), answer)?;
        within(async {
            sqlx::query("UPDATE idempotency_keys SET sealed = $3 WHERE digest = $1 AND claim = $2")
                .bind(&key.digest)
                .bind(claim.to_string())
                .bind(sealed)
                .execute(&self.store.pool)
                .await?;
            Ok(())
        })
        .await
    }

    /// Gives the key back where nothing was changed; tells whether that was so. The next request with it is run.
    pub async fn release_idempotency_key(
        &self,
        key: &IdempotencyKey,
        claim: ClaimId,
    ) -> Result<bool, StoreError> {
        within(async {
            let released = sqlx::query(
                "DELETE FROM idempotency_keys WHERE digest = $1 AND claim = $2 AND made_kind IS NULL",
            )
            .bind(&key.digest)
            .bind(claim.to_string())
            .execute(&self.store.pool)
            .await?;
            Ok(released.rows_affected() > 0)
        })
        .await
    }

    fn judge(&self, key: &IdempotencyKey, known: KeyRow, now: UnixMillis) -> Result<Judged, StoreError> {
        if known.fingerprint != key.fingerprint {
            return Ok(Judged::Settled(Claimed::OtherRequest));
        }
        let settled = match (known.sealed, known.made) {
            (Some(sealed), _) => Claimed::Answered(self.store.sealing_key.unseal(&place(key), &sealed)?),
            (None, _) if known.claimed_until > now => Claimed::Running { until: known.claimed_until },
            (None, Some((kind, id))) => Claimed::AnswerLost { kind, id },
            (None, None) => return Ok(Judged::Abandoned(known.claim)),
        };
        Ok(Judged::Settled(settled))
    }
}

enum Judged {
    Settled(Claimed),
    /// Whoever claimed it is gone and changed nothing.
    Abandoned(String),
}

/// Notes in the transaction of a change what it changes, first thing changed first.
///
/// # Errors
/// [`StoreError::ClaimLost`] when somebody else runs the request by now: the change must not be made.
pub(crate) async fn mark_made(
    transaction: &mut AnyConnection,
    claim: ClaimId,
    kind: &str,
    id: &str,
) -> Result<(), StoreError> {
    if transaction.backend_name() == POSTGRES {
        // What lets a tenant's connection see the row; see `row_security`.
        sqlx::query("SELECT set_config('neustream.claim', $1, true)")
            .bind(claim.to_string())
            .execute(&mut *transaction)
            .await?;
    }
    let marked = sqlx::query(
        "UPDATE idempotency_keys SET made_kind = COALESCE(made_kind, $2), made_id = COALESCE(made_id, $3) \
         WHERE claim = $1",
    )
    .bind(claim.to_string())
    .bind(kind)
    .bind(id)
    .execute(transaction)
    .await?;
    if marked.rows_affected() == 1 { Ok(()) } else { Err(StoreError::ClaimLost) }
}

async fn forget_expired(
    transaction: &mut AnyConnection,
    tenant: TenantId,
    now: UnixMillis,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM idempotency_keys WHERE organisation_id = $1 AND expires_at <= $2")
        .bind(tenant.to_string())
        .bind(to_sql(now.0))
        .execute(transaction)
        .await?;
    Ok(())
}

/// Whether the key was new.
async fn insert(
    transaction: &mut AnyConnection,
    key: &IdempotencyKey,
    claim: ClaimId,
    until: UnixMillis,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    let inserted = sqlx::query(
        "INSERT INTO idempotency_keys (digest, organisation_id, fingerprint, claim, claimed_until, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (digest) DO NOTHING",
    )
    .bind(&key.digest)
    .bind(key.tenant.to_string())
    .bind(&key.fingerprint)
    .bind(claim.to_string())
    .bind(to_sql(until.0))
    .bind(to_sql(now.plus(KEPT).0))
    .execute(transaction)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Where the organisation has too many keys: when the first of them is forgotten.
async fn first_to_go_of_too_many(
    transaction: &mut AnyConnection,
    tenant: TenantId,
) -> Result<Option<UnixMillis>, StoreError> {
    let (count, first): (i64, i64) = sqlx::query_as(
        "SELECT COUNT(*), COALESCE(MIN(expires_at), 0) FROM idempotency_keys WHERE organisation_id = $1",
    )
    .bind(tenant.to_string())
    .fetch_one(transaction)
    .await?;
    let is_too_many = u64::try_from(count).is_ok_and(|count| count > MAX_IDEMPOTENCY_KEYS);
    Ok(is_too_many.then(|| UnixMillis(u64::try_from(first).unwrap_or(0))))
}

async fn known(transaction: &mut AnyConnection, key: &IdempotencyKey) -> Result<KeyRow, StoreError> {
    let row = sqlx::query_as("SELECT * FROM idempotency_keys WHERE digest = $1")
        .bind(&key.digest)
        .fetch_optional(transaction)
        .await?;
    // It was given back since: the client comes again.
    row.ok_or_else(|| StoreError::Unavailable("an idempotency key was given back at this moment".into()))
}

/// Whether the claim `former` was still the one that counts.
async fn take_over(
    transaction: &mut AnyConnection,
    key: &IdempotencyKey,
    former: &str,
    claim: ClaimId,
    until: UnixMillis,
) -> Result<bool, StoreError> {
    let taken = sqlx::query(
        "UPDATE idempotency_keys SET claim = $3, claimed_until = $4 \
         WHERE digest = $1 AND claim = $2 AND made_kind IS NULL AND sealed IS NULL",
    )
    .bind(&key.digest)
    .bind(former)
    .bind(claim.to_string())
    .bind(to_sql(until.0))
    .execute(transaction)
    .await?;
    Ok(taken.rows_affected() == 1)
}

fn place(key: &IdempotencyKey) -> Place<'_> {
    Place::IdempotentAnswer { tenant: key.tenant, digest: &key.digest, fingerprint: &key.fingerprint }
}
