//! Verifying chains of the audit log, and forgetting their beginnings.
//!
//! A chain holds when its entries follow each other without gaps from the
//! last forgotten one (or the beginning) to its head, each with the hash of
//! the one before, and each with the hash of what it says. Whoever may write
//! to the database could also make a whole chain anew; against that, keep an
//! export's last hash elsewhere ([`AuditVerification::head_hash`]).

use neustream_model::{TenantId, UnixMillis};
use sqlx::FromRow;
use sqlx::any::AnyRow;

use crate::audit::{Chain, GENESIS};
use crate::audit_log::{AuditEntry, AuditFilter, AuditOrder};
use crate::row::{number, text, to_sql};
use crate::store::within;
use crate::{HostStore, StoreError, TenantStore};

/// Entries that are read at once.
const PAGE: u32 = 500;

/// What came of verifying a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditVerification {
    /// Entries that were looked at.
    pub entries: u64,
    /// The last entry of the chain; 0 where it has none.
    pub head_sequence: u64,
    /// Its hash: SHA-256 in hexadecimal.
    pub head_hash: String,
    /// Entries up to this one were forgotten after the time that they are kept.
    pub forgotten_sequence: u64,
    /// Where the chain breaks first; none where it holds.
    pub broken: Option<AuditBreak>,
}

/// Where and how a chain breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditBreak {
    /// There is no such entry, though there is a later one or the head says so.
    #[error("entry {sequence} is missing")]
    Missing {
        /// Its place.
        sequence: u64,
    },
    /// It does not follow the entry before it.
    #[error("entry {sequence} does not follow the one before it")]
    Unlinked {
        /// Its place.
        sequence: u64,
    },
    /// It does not say any more what was hashed.
    #[error("entry {sequence} was changed after it was written")]
    Changed {
        /// Its place.
        sequence: u64,
    },
    /// The head names another hash than the last entry has.
    #[error("the head of the chain does not belong to its last entry {sequence}")]
    Head {
        /// The last entry.
        sequence: u64,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Head {
    sequence: u64,
    hash: String,
    forgotten_sequence: u64,
    forgotten_hash: String,
}

impl FromRow<'_, AnyRow> for Head {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            sequence: number(row, "sequence")?,
            hash: text(row, "hash")?,
            forgotten_sequence: number(row, "forgotten_sequence")?,
            forgotten_hash: text(row, "forgotten_hash")?,
        })
    }
}

impl Head {
    /// The head of a chain without entries.
    fn none() -> Self {
        Self { sequence: 0, hash: GENESIS.into(), forgotten_sequence: 0, forgotten_hash: GENESIS.into() }
    }
}

impl TenantStore {
    /// Verifies the organisation's chain.
    pub async fn verify_audit(&self) -> Result<AuditVerification, StoreError> {
        verify(Chain::Organisation(self.tenant()), Reader::Tenant(self)).await
    }
}

impl HostStore {
    /// Every chain there is, the platform's first.
    pub async fn audit_chains(&self) -> Result<Vec<Chain>, StoreError> {
        within(async {
            // Those without a head, too: it may have been removed.
            let keys: Vec<String> = sqlx::query_scalar(
                "SELECT tenant_id FROM audit_heads UNION SELECT tenant_id FROM audit_entries ORDER BY 1",
            )
            .fetch_all(&self.store.pool)
            .await?;
            let organisations = keys.iter().filter_map(|key| key.parse::<TenantId>().ok());
            Ok(std::iter::once(Chain::Platform).chain(organisations.map(Chain::Organisation)).collect())
        })
        .await
    }

    /// Verifies a chain.
    pub async fn verify_audit(&self, chain: Chain) -> Result<AuditVerification, StoreError> {
        verify(chain, Reader::Host(self)).await
    }

    /// Forgets the entries of a chain that were written before `before`, at most `most` of them; tells how many. What
    /// is left still verifies: the head remembers the hash of the last one that was forgotten.
    pub async fn forget_audit(&self, chain: Chain, before: UnixMillis, most: u32) -> Result<u64, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            // Of the oldest, the last that is old enough: a clock that was set back leaves no gap.
            let last: Option<(i64, String)> = sqlx::query_as(
                "SELECT sequence, hash FROM (SELECT sequence, hash, at FROM audit_entries WHERE tenant_id = $1 \
                 ORDER BY sequence LIMIT $3) oldest WHERE at < $2 ORDER BY sequence DESC LIMIT 1",
            )
            .bind(chain.key())
            .bind(to_sql(before.0))
            .bind(i64::from(most))
            .fetch_optional(&mut *transaction)
            .await?;
            let Some((last, hash)) = last else { return Ok(0) };
            let forgotten = sqlx::query("DELETE FROM audit_entries WHERE tenant_id = $1 AND sequence <= $2")
                .bind(chain.key())
                .bind(last)
                .execute(&mut *transaction)
                .await?;
            sqlx::query(
                "UPDATE audit_heads SET forgotten_sequence = $2, forgotten_hash = $3 WHERE tenant_id = $1",
            )
            .bind(chain.key())
            .bind(last)
            .bind(hash)
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            Ok(forgotten.rows_affected())
        })
        .await
    }
}

/// Through whose door a chain is read.
#[derive(Clone, Copy)]
enum Reader<'a> {
    Tenant(&'a TenantStore),
    Host(&'a HostStore),
}

impl Reader<'_> {
    async fn head(self, chain: Chain) -> Result<Head, StoreError> {
        within(async {
            let mut connection = match self {
                Self::Tenant(store) => store.connection().await?,
                Self::Host(store) => store.store.pool.acquire().await?,
            };
            let head = sqlx::query_as("SELECT * FROM audit_heads WHERE tenant_id = $1")
                .bind(chain.key())
                .fetch_optional(&mut *connection)
                .await?;
            Ok(head.unwrap_or_else(Head::none))
        })
        .await
    }

    /// The entries after one.
    async fn page(self, chain: Chain, after: u64) -> Result<Vec<AuditEntry>, StoreError> {
        let (all, order) = (AuditFilter::default(), AuditOrder::OldestFirst(after));
        match self {
            Self::Tenant(store) => store.audit_log(&all, order, PAGE).await,
            Self::Host(store) => store.audit_log(chain, &all, order, PAGE).await,
        }
    }
}

/// Follows a chain from its beginning to the head that it has now; entries that are added meanwhile are not looked at.
async fn verify(chain: Chain, reader: Reader<'_>) -> Result<AuditVerification, StoreError> {
    loop {
        let expected = reader.head(chain).await?;
        let Followed { entries, mut broken, goes_on } = follow(chain, &expected, reader).await?;
        if broken.is_some() || goes_on {
            let present = reader.head(chain).await?;
            // What was forgotten while it was read is not missing.
            if present.forgotten_sequence != expected.forgotten_sequence {
                continue;
            }
            // An entry is written with its head or not at all.
            if goes_on && present == expected {
                broken = broken.or(Some(AuditBreak::Head { sequence: expected.sequence }));
            }
        }
        return Ok(AuditVerification {
            entries,
            head_sequence: expected.sequence,
            head_hash: expected.hash,
            forgotten_sequence: expected.forgotten_sequence,
            broken,
        });
    }
}

/// What was found on the way to the head.
struct Followed {
    /// How many entries.
    entries: u64,
    /// Where they break.
    broken: Option<AuditBreak>,
    /// Whether there are entries behind the head.
    goes_on: bool,
}

async fn follow(chain: Chain, head: &Head, reader: Reader<'_>) -> Result<Followed, StoreError> {
    let (mut last, mut previous) = (head.forgotten_sequence, head.forgotten_hash.clone());
    let mut entries = 0;
    loop {
        let found = reader.page(chain, last).await?;
        if found.is_empty() {
            return Ok(Followed { entries, broken: ends(head, last, &previous), goes_on: false });
        }
        for entry in found {
            if entry.sequence > head.sequence {
                return Ok(Followed { entries, broken: ends(head, last, &previous), goes_on: true });
            }
            if let Some(broken) = check(&chain.key(), &entry, last, &previous) {
                return Ok(Followed { entries, broken: Some(broken), goes_on: false });
            }
            entries += 1;
            (last, previous) = (entry.sequence, entry.hash);
        }
    }
}

/// What is wrong with an entry after the one with the sequence `last`.
fn check(chain: &str, entry: &AuditEntry, last: u64, previous: &str) -> Option<AuditBreak> {
    let sequence = entry.sequence;
    if sequence != last + 1 {
        return Some(AuditBreak::Missing { sequence: last + 1 });
    }
    if entry.previous_hash != previous {
        return Some(AuditBreak::Unlinked { sequence });
    }
    (entry.hash != entry.expected_hash(chain)).then_some(AuditBreak::Changed { sequence })
}

/// What is wrong with the head after an entry.
fn ends(head: &Head, last: u64, previous: &str) -> Option<AuditBreak> {
    if last < head.sequence {
        return Some(AuditBreak::Missing { sequence: last + 1 });
    }
    (head.hash != previous).then_some(AuditBreak::Head { sequence: last })
}
