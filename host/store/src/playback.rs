//! Who may watch: what was taken back of playback tokens, and all of it as the media path needs it.
//!
//! Tokens themselves are not stored: they say what they open, and are signed.

use std::collections::BTreeMap;
use std::sync::Arc;

use neustream_model::{PlaybackTokenId, Revocations, SourceId, UnixMillis, Viewing, Visibility};
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, FromRow};

use crate::row::{number, parsed, text, to_sql};
use crate::store::within;
use crate::{Entry, HostStore, SourceRow, StoreError, Target, TenantStore};

/// Revocations of one source that are kept at the same time. Whoever needs more revokes all.
const MAX_REVOCATIONS: i64 = 5000;
/// Sources asked about in one query.
const SOURCES_AT_ONCE: usize = 200;

const ALL: &str = "all";
const TOKEN: &str = "token:";
const VIEWER: &str = "viewer:";

/// Which playback tokens of a source are taken back. Tokens that are made later hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RevokedTokens {
    /// All of them.
    All,
    /// Those of a viewer.
    OfViewer(String),
    /// A single one.
    One(PlaybackTokenId),
}

impl RevokedTokens {
    fn subject(&self) -> String {
        match self {
            Self::All => ALL.to_owned(),
            Self::OfViewer(viewer) => format!("{VIEWER}{viewer}"),
            Self::One(id) => format!("{TOKEN}{id}"),
        }
    }
}

struct RevocationRow {
    subject: String,
    up_to: PlaybackTokenId,
}

impl FromRow<'_, AnyRow> for RevocationRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self { subject: text(row, "subject")?, up_to: parsed(row, "up_to")? })
    }
}

struct RevisionRow {
    id: SourceId,
    revision: u64,
}

impl FromRow<'_, AnyRow> for RevisionRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self { id: parsed(row, "id")?, revision: number(row, "viewing_revision")? })
    }
}

impl TenantStore {
    /// Takes playback tokens of a source back, all of which end by themselves before `expires_at`.
    ///
    /// # Errors
    /// [`StoreError::TooManyRevocations`] when single ones are too many to be kept.
    pub async fn revoke_playback_tokens(
        &self,
        source: SourceId,
        revoked: &RevokedTokens,
        expires_at: UnixMillis,
    ) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            // Nobody else revokes, and no media path takes a half of it for the whole.
            self.hold_source(&mut transaction, source).await?;
            if *revoked == RevokedTokens::All {
                sqlx::query("DELETE FROM playback_revocations WHERE tenant_id = $1 AND source_id = $2")
                    .bind(self.tenant.to_string())
                    .bind(source.to_string())
                    .execute(&mut *transaction)
                    .await?;
            }
            sqlx::query(
                "INSERT INTO playback_revocations (source_id, subject, tenant_id, up_to, expires_at) \
                 VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (source_id, subject) DO UPDATE SET up_to = excluded.up_to, \
                 expires_at = excluded.expires_at",
            )
            .bind(source.to_string())
            .bind(revoked.subject())
            .bind(self.tenant.to_string())
            .bind(PlaybackTokenId::new().to_string())
            .bind(to_sql(expires_at.0))
            .execute(&mut *transaction)
            .await?;
            let kept: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM playback_revocations WHERE tenant_id = $1 AND source_id = $2 \
                 AND expires_at > $3",
            )
            .bind(self.tenant.to_string())
            .bind(source.to_string())
            .bind(to_sql(UnixMillis::now().0))
            .fetch_one(&mut *transaction)
            .await?;
            if kept > MAX_REVOCATIONS {
                return Err(StoreError::TooManyRevocations { max: MAX_REVOCATIONS as u64 });
            }
            sqlx::query(
                "UPDATE sources SET viewing_revision = viewing_revision + 1 WHERE tenant_id = $1 AND id = $2",
            )
            .bind(self.tenant.to_string())
            .bind(source.to_string())
            .execute(&mut *transaction)
            .await?;
            let shown = match revoked {
                RevokedTokens::All => json!({ "revoked": "all" }),
                RevokedTokens::OfViewer(viewer) => json!({ "revoked": "viewer", "viewer_id": viewer }),
                RevokedTokens::One(id) => json!({ "revoked": "token", "token_id": id }),
            };
            let entry = Entry::new("source.revoke-playback-tokens", Target::new("source", source));
            self.audit(&mut transaction, entry.after(shown));
            transaction.commit().await?;
            Ok(())
        })
        .await
    }
}

impl HostStore {
    /// Who may watch a source, as the media path needs it.
    pub async fn viewing(&self, source: &SourceRow) -> Result<Viewing, StoreError> {
        let revocations = match source.visibility {
            Visibility::TokenOnly => self.revocations(source.id).await?,
            Visibility::Public | Visibility::Unlisted => Revocations::default(),
        };
        // What was revoked after the row was read is in already, and its revision makes the media path look again.
        Ok(Viewing {
            visibility: source.visibility,
            is_encrypted: source.is_encrypted,
            revision: source.viewing_revision,
            revocations: Arc::new(revocations),
        })
    }

    /// The revisions of who may watch these sources. One that is gone is left out.
    pub async fn viewing_revisions(
        &self,
        sources: &[SourceId],
    ) -> Result<BTreeMap<SourceId, u64>, StoreError> {
        let mut revisions = BTreeMap::new();
        for some in sources.chunks(SOURCES_AT_ONCE) {
            let places: Vec<String> = (1..=some.len()).map(|place| format!("${place}")).collect();
            let sql = format!("SELECT id, viewing_revision FROM sources WHERE id IN ({})", places.join(", "));
            let rows: Vec<RevisionRow> = within(async {
                let query = some
                    .iter()
                    .fold(sqlx::query_as(AssertSqlSafe(sql)), |query, id| query.bind(id.to_string()));
                Ok(query.fetch_all(&self.store.pool).await?)
            })
            .await?;
            revisions.extend(rows.into_iter().map(|row| (row.id, row.revision)));
        }
        Ok(revisions)
    }

    /// Forgets what was revoked of tokens that have ended by themselves; tells how much.
    pub async fn prune_playback_revocations(&self, now: UnixMillis) -> Result<u64, StoreError> {
        within(async {
            let pruned = sqlx::query("DELETE FROM playback_revocations WHERE expires_at <= $1")
                .bind(to_sql(now.0))
                .execute(&self.store.pool)
                .await?;
            Ok(pruned.rows_affected())
        })
        .await
    }

    async fn revocations(&self, source: SourceId) -> Result<Revocations, StoreError> {
        let rows: Vec<RevocationRow> = within(async {
            let rows = sqlx::query_as(
                "SELECT subject, up_to FROM playback_revocations WHERE source_id = $1 AND expires_at > $2",
            )
            .bind(source.to_string())
            .bind(to_sql(UnixMillis::now().0))
            .fetch_all(&self.store.pool)
            .await?;
            Ok(rows)
        })
        .await?;
        let mut revocations = Revocations::default();
        for row in rows {
            if let Some(viewer) = row.subject.strip_prefix(VIEWER) {
                revocations.viewers.insert(viewer.to_owned(), row.up_to);
            } else if let Some(id) = row.subject.strip_prefix(TOKEN).and_then(|id| id.parse().ok()) {
                revocations.tokens.insert(id);
            } else {
                revocations.all_up_to = Some(row.up_to);
            }
        }
        Ok(revocations)
    }
}
