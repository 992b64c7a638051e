//! OAuth tokens of installations: sealed, replaced as a pair, refreshed by one host at a time.
//!
//! A refresh token may be good for one use (RFC 9700 4.14.2), so whoever
//! refreshes takes a lease first ([`HostStore::lease_oauth_tokens`]) and the
//! new pair is written under it before anybody uses it. A pair is only ever
//! replaced by one made from it: every write names the revision that it saw.

use std::time::Duration;

use neustream_model::{InstallationId, Secret, TenantId, UnixMillis};
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{FromRow, Row};

use crate::row::{moment, number, optional_moment, parsed, text, to_sql};
use crate::scope::in_app;
use crate::sealing::Place;
use crate::store::within;
use crate::{Entry, HostStore, StoreError, Target, TenantStore, changed};

/// A pair of tokens as a provider gave it.
#[derive(Debug, Clone)]
pub struct NewOauthTokens {
    /// The client that it was made for.
    pub client_id: String,
    /// Where it came from.
    pub token_url: String,
    /// What was consented to, parted by spaces.
    pub scopes: String,
    /// Access and refresh token, in the form of whoever keeps them.
    pub pair: Secret,
    /// When it was made.
    pub issued_at: UnixMillis,
    /// When the access token ends, where the provider told.
    pub expires_at: Option<UnixMillis>,
}

/// A pair of tokens as kept.
#[derive(Debug, Clone)]
pub struct OauthTokens {
    /// Grows with every new pair.
    pub revision: u64,
    /// The client that it was made for.
    pub client_id: String,
    /// Where it came from.
    pub token_url: String,
    /// What was consented to, parted by spaces.
    pub scopes: String,
    /// Access and refresh token.
    pub pair: Secret,
    /// When it was made.
    pub issued_at: UnixMillis,
    /// When the access token ends.
    pub expires_at: Option<UnixMillis>,
    /// Until when somebody else refreshes it.
    pub lease_until: Option<UnixMillis>,
    /// Why the provider takes it no more.
    pub refused: Option<String>,
}

/// What is shown of a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OauthConnection {
    /// The name of the secret in the plugin's manifest.
    pub secret: String,
    /// What was consented to, parted by spaces.
    pub scopes: String,
    /// When the pair was made: at the consent, or at the last refresh.
    pub issued_at: UnixMillis,
    /// When the access token ends.
    pub expires_at: Option<UnixMillis>,
    /// Why new consent is needed; none while it is not.
    pub refused: Option<String>,
}

struct TokenRow {
    tenant: TenantId,
    installation: InstallationId,
    secret: String,
    sealed: String,
    client_id: String,
    token_url: String,
    scopes: String,
    issued_at: UnixMillis,
    expires_at: Option<UnixMillis>,
    revision: u64,
    lease_until: Option<UnixMillis>,
    refused: Option<String>,
}

impl FromRow<'_, AnyRow> for TokenRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            tenant: parsed(row, "tenant_id")?,
            installation: parsed(row, "installation_id")?,
            secret: text(row, "secret")?,
            sealed: text(row, "sealed")?,
            client_id: text(row, "client_id")?,
            token_url: text(row, "token_url")?,
            scopes: text(row, "scopes")?,
            issued_at: moment(row, "issued_at")?,
            expires_at: optional_moment(row, "expires_at")?,
            revision: number(row, "revision")?,
            lease_until: optional_moment(row, "lease_until")?,
            refused: row.try_get("refused")?,
        })
    }
}

impl TenantStore {
    /// What the installation is connected to, by name of the secret.
    pub async fn oauth_connections(
        &self,
        installation: InstallationId,
    ) -> Result<Vec<OauthConnection>, StoreError> {
        within(async {
            let rows: Vec<TokenRow> = sqlx::query_as(concat!(
                "SELECT * FROM oauth_tokens WHERE tenant_id = $1 AND installation_id = $2 AND ",
                in_app!("installation_id", "$3"),
                " ORDER BY secret"
            ))
            .bind(self.tenant.to_string())
            .bind(installation.to_string())
            .bind(self.app_text())
            .fetch_all(&mut *self.connection().await?)
            .await?;
            Ok(rows.into_iter().map(OauthConnection::from).collect())
        })
        .await
    }

    /// Forgets the tokens of one secret, or of all secrets of an installation that is no more, and every consent
    /// under way for them.
    pub async fn forget_oauth(
        &self,
        installation: InstallationId,
        secret: Option<&str>,
    ) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let mut is_connected = false;
            for statement in [
                concat!(
                    "DELETE FROM oauth_tokens WHERE tenant_id = $1 AND installation_id = $2 \
                     AND secret = COALESCE($3, secret) AND ",
                    in_app!("installation_id", "$4")
                ),
                concat!(
                    "DELETE FROM oauth_consents WHERE tenant_id = $1 AND installation_id = $2 \
                     AND secret = COALESCE($3, secret) AND ",
                    in_app!("installation_id", "$4")
                ),
            ] {
                let gone = sqlx::query(statement)
                    .bind(self.tenant.to_string())
                    .bind(installation.to_string())
                    .bind(secret)
                    .bind(self.app_text())
                    .execute(&mut *transaction)
                    .await?;
                is_connected |= gone.rows_affected() > 0;
            }
            if is_connected {
                let shown = json!({ "secret": secret });
                let entry = Entry::new("connection.delete", Target::new("installation", installation));
                self.audit(&mut transaction, entry.before(shown));
            }
            transaction.commit().await?;
            Ok(())
        })
        .await
    }
}

impl HostStore {
    /// The tokens of a secret, unsealed.
    pub async fn oauth_tokens(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        secret: &str,
    ) -> Result<Option<OauthTokens>, StoreError> {
        let row: Option<TokenRow> = within(async {
            let row = sqlx::query_as(
                "SELECT * FROM oauth_tokens WHERE tenant_id = $1 AND installation_id = $2 AND secret = $3",
            )
            .bind(tenant.to_string())
            .bind(installation.to_string())
            .bind(secret)
            .fetch_optional(&self.store.pool)
            .await?;
            Ok(row)
        })
        .await?;
        row.map(|row| self.unsealed_tokens(row)).transpose()
    }

    /// Keeps the tokens of a new consent, in place of any former ones.
    pub async fn keep_oauth_tokens(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        secret: &str,
        tokens: &NewOauthTokens,
    ) -> Result<(), StoreError> {
        let sealed = self.seal_tokens(tenant, installation, secret, tokens)?;
        within(async {
            let mut transaction = self.begin().await?;
            // The condition keeps an installation's id from being used by another tenant.
            let kept = sqlx::query(
                "INSERT INTO oauth_tokens (installation_id, secret, tenant_id, client_id, token_url, scopes, sealed, \
                 issued_at, expires_at, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
                 ON CONFLICT (installation_id, secret) DO UPDATE SET client_id = excluded.client_id, \
                 token_url = excluded.token_url, scopes = excluded.scopes, sealed = excluded.sealed, \
                 issued_at = excluded.issued_at, expires_at = excluded.expires_at, \
                 revision = oauth_tokens.revision + 1, lease = NULL, lease_until = NULL, refused = NULL \
                 WHERE oauth_tokens.tenant_id = excluded.tenant_id",
            )
            .bind(installation.to_string())
            .bind(secret)
            .bind(tenant.to_string())
            .bind(&tokens.client_id)
            .bind(&tokens.token_url)
            .bind(&tokens.scopes)
            .bind(sealed)
            .bind(to_sql(tokens.issued_at.0))
            .bind(tokens.expires_at.map(|at| to_sql(at.0)))
            // Later than every revision of tokens that were forgotten before.
            .bind(to_sql(UnixMillis::now().0))
            .execute(&mut *transaction)
            .await?;
            debug_assert!(kept.rows_affected() == 1, "installation ids are unique over tenants");
            let shown = json!({ "secret": secret, "scopes": tokens.scopes, "tokens": changed() });
            let entry = Entry::new("connection.create", Target::new("installation", installation));
            self.audit_in(&mut transaction, tenant, entry.after(shown));
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    /// Takes the right to refresh the tokens of `revision` for a time: nobody else has it meanwhile. Answers the
    /// name of the lease, or none when somebody else has it or the revision has passed.
    pub async fn lease_oauth_tokens(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        secret: &str,
        revision: u64,
        length: Duration,
    ) -> Result<Option<String>, StoreError> {
        let lease = format!("{:032x}", rand::random::<u128>());
        let now = UnixMillis::now();
        within(async {
            let taken = sqlx::query(
                "UPDATE oauth_tokens SET lease = $5, lease_until = $6 WHERE tenant_id = $1 \
                 AND installation_id = $2 AND secret = $3 AND revision = $4 \
                 AND (lease_until IS NULL OR lease_until <= $7)",
            )
            .bind(tenant.to_string())
            .bind(installation.to_string())
            .bind(secret)
            .bind(to_sql(revision))
            .bind(&lease)
            .bind(to_sql(now.plus(length).0))
            .bind(to_sql(now.0))
            .execute(&self.store.pool)
            .await?;
            Ok((taken.rows_affected() == 1).then_some(lease))
        })
        .await
    }

    /// Replaces the tokens that `lease` was taken for and ends the lease. False when the lease was lost: then there
    /// are other tokens, or none.
    pub async fn renew_oauth_tokens(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        secret: &str,
        lease: &str,
        tokens: &NewOauthTokens,
    ) -> Result<bool, StoreError> {
        let sealed = self.seal_tokens(tenant, installation, secret, tokens)?;
        within(async {
            let renewed = sqlx::query(
                "UPDATE oauth_tokens SET client_id = $5, token_url = $6, scopes = $7, sealed = $8, \
                 issued_at = $9, expires_at = $10, revision = revision + 1, lease = NULL, lease_until = NULL, \
                 refused = NULL WHERE tenant_id = $1 AND installation_id = $2 AND secret = $3 AND lease = $4",
            )
            .bind(tenant.to_string())
            .bind(installation.to_string())
            .bind(secret)
            .bind(lease)
            .bind(&tokens.client_id)
            .bind(&tokens.token_url)
            .bind(&tokens.scopes)
            .bind(sealed)
            .bind(to_sql(tokens.issued_at.0))
            .bind(tokens.expires_at.map(|at| to_sql(at.0)))
            .execute(&self.store.pool)
            .await?;
            Ok(renewed.rows_affected() == 1)
        })
        .await
    }

    /// Ends `lease` without new tokens; with `refused` they are marked as taken no more.
    pub async fn release_oauth_tokens(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        secret: &str,
        lease: &str,
        refused: Option<&str>,
    ) -> Result<(), StoreError> {
        within(async {
            sqlx::query(
                "UPDATE oauth_tokens SET lease = NULL, lease_until = NULL, refused = COALESCE($5, refused) \
                 WHERE tenant_id = $1 AND installation_id = $2 AND secret = $3 AND lease = $4",
            )
            .bind(tenant.to_string())
            .bind(installation.to_string())
            .bind(secret)
            .bind(lease)
            .bind(refused)
            .execute(&self.store.pool)
            .await?;
            Ok(())
        })
        .await
    }

    fn seal_tokens(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        secret: &str,
        tokens: &NewOauthTokens,
    ) -> Result<String, StoreError> {
        let place = Place::OauthTokens { tenant, installation, secret };
        Ok(self.store.sealing_key.seal(&place, &tokens.pair)?)
    }

    fn unsealed_tokens(&self, row: TokenRow) -> Result<OauthTokens, StoreError> {
        let place =
            Place::OauthTokens { tenant: row.tenant, installation: row.installation, secret: &row.secret };
        let pair = self.store.sealing_key.unseal(&place, &row.sealed)?;
        let TokenRow { revision, client_id, token_url, scopes, issued_at, expires_at, .. } = row;
        let (lease_until, refused) = (row.lease_until, row.refused);
        Ok(OauthTokens {
            revision,
            client_id,
            token_url,
            scopes,
            pair,
            issued_at,
            expires_at,
            lease_until,
            refused,
        })
    }
}

impl From<TokenRow> for OauthConnection {
    fn from(row: TokenRow) -> Self {
        let TokenRow { secret, scopes, issued_at, expires_at, refused, .. } = row;
        Self { secret, scopes, issued_at, expires_at, refused }
    }
}
