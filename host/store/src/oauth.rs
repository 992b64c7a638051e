//! OAuth clients, and consents under way.
//!
//! A client belongs to the operator or to one tenant; its secret is sealed and
//! bound to the token address that it was set for. A consent under way is
//! found by the digest of its `state`, taken once, and gone when it is taken.

use neustream_model::{InstallationId, Secret, TenantId, UnixMillis, UserId};
use serde_json::json;
use sqlx::FromRow;
use sqlx::any::AnyRow;

use crate::row::{moment, parsed, text, to_sql};
use crate::sealing::Place;
use crate::store::within;
use crate::{Entry, HostStore, StoreError, Target, TenantStore, changed};

/// A client at a provider: who asks for consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OauthClient {
    /// The provider's name for it.
    pub client_id: String,
    /// What it proves itself with.
    pub client_secret: Secret,
    /// Where that may be sent.
    pub token_url: String,
}

/// What is shown of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OauthClientInfo {
    /// Plugin id.
    pub plugin: String,
    /// The name of the secret in the plugin's manifest.
    pub secret: String,
    /// The provider's name for it.
    pub client_id: String,
    /// Where its secret may be sent.
    pub token_url: String,
    /// When it was last set.
    pub updated_at: UnixMillis,
}

/// Somebody is about to be sent to a provider.
#[derive(Debug, Clone)]
pub struct NewOauthConsent {
    /// SHA-256 of the `state` in hexadecimal.
    pub state_digest: String,
    /// Who was sent.
    pub user: UserId,
    /// For which installation.
    pub installation: InstallationId,
    /// Its plugin.
    pub plugin: String,
    /// The name of the secret in the plugin's manifest.
    pub secret: String,
    /// What the way back needs.
    pub flow: Secret,
    /// When it is too late to come back.
    pub expires_at: UnixMillis,
}

/// Somebody came back from a provider.
#[derive(Debug, Clone)]
pub struct OauthConsent {
    /// Whose consent it is.
    pub tenant: TenantId,
    /// Who was sent.
    pub user: UserId,
    /// For which installation.
    pub installation: InstallationId,
    /// Its plugin.
    pub plugin: String,
    /// The name of the secret in the plugin's manifest.
    pub secret: String,
    /// What the way back needs.
    pub flow: Secret,
    /// When it was too late.
    pub expires_at: UnixMillis,
}

struct ClientRow {
    info: OauthClientInfo,
    sealed: String,
}

impl FromRow<'_, AnyRow> for ClientRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let info = OauthClientInfo {
            plugin: text(row, "plugin")?,
            secret: text(row, "secret")?,
            client_id: text(row, "client_id")?,
            token_url: text(row, "token_url")?,
            updated_at: moment(row, "updated_at")?,
        };
        Ok(Self { info, sealed: text(row, "sealed")? })
    }
}

struct ConsentRow {
    tenant: TenantId,
    user: UserId,
    installation: InstallationId,
    plugin: String,
    secret: String,
    sealed: String,
    expires_at: UnixMillis,
}

impl FromRow<'_, AnyRow> for ConsentRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            tenant: parsed(row, "tenant_id")?,
            user: parsed(row, "user_id")?,
            installation: parsed(row, "installation_id")?,
            plugin: text(row, "plugin")?,
            secret: text(row, "secret")?,
            sealed: text(row, "sealed")?,
            expires_at: moment(row, "expires_at")?,
        })
    }
}

impl OauthClient {
    fn set_entry(&self, plugin: &str, secret: &str) -> Entry {
        let shown = json!({ "client_id": self.client_id, "client_secret": changed() });
        Entry::new("oauth-client.set", oauth_target(plugin, secret)).after(shown)
    }
}

impl OauthClientInfo {
    fn delete_entry(&self) -> Entry {
        let target = oauth_target(&self.plugin, &self.secret);
        Entry::new("oauth-client.delete", target).before(json!({ "client_id": self.client_id }))
    }
}

/// The client for a secret of a plugin.
fn oauth_target(plugin: &str, secret: &str) -> Target {
    Target::new("oauth-client", format_args!("{plugin}#{secret}"))
}

impl TenantStore {
    /// Sets the tenant's own client, which then comes before the operator's.
    pub async fn set_oauth_client(
        &self,
        plugin: &str,
        secret: &str,
        client: &OauthClient,
    ) -> Result<(), StoreError> {
        let place = Place::OauthClient { tenant: Some(self.tenant), plugin, secret };
        let sealed = self.store.sealing_key.seal(&place, &client.client_secret)?;
        within(async {
            let mut transaction = self.begin().await?;
            sqlx::query(
                "INSERT INTO oauth_tenant_clients (tenant_id, plugin, secret, client_id, sealed, token_url, \
                 updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, plugin, secret) \
                 DO UPDATE SET client_id = excluded.client_id, sealed = excluded.sealed, \
                 token_url = excluded.token_url, updated_at = excluded.updated_at",
            )
            .bind(self.tenant.to_string())
            .bind(plugin)
            .bind(secret)
            .bind(&client.client_id)
            .bind(sealed)
            .bind(&client.token_url)
            .bind(to_sql(UnixMillis::now().0))
            .execute(&mut *transaction)
            .await?;
            self.audit(&mut transaction, client.set_entry(plugin, secret));
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    /// The tenant's own clients, by plugin and secret.
    pub async fn oauth_clients(&self) -> Result<Vec<OauthClientInfo>, StoreError> {
        within(async {
            let rows: Vec<ClientRow> = sqlx::query_as(
                "SELECT * FROM oauth_tenant_clients WHERE tenant_id = $1 ORDER BY plugin, secret",
            )
            .bind(self.tenant.to_string())
            .fetch_all(&mut *self.connection().await?)
            .await?;
            Ok(rows.into_iter().map(|row| row.info).collect())
        })
        .await
    }

    /// Forgets the tenant's own client. False when there is none.
    pub async fn delete_oauth_client(&self, plugin: &str, secret: &str) -> Result<bool, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let deleted: Option<ClientRow> = sqlx::query_as(
                "DELETE FROM oauth_tenant_clients WHERE tenant_id = $1 AND plugin = $2 AND secret = $3 RETURNING *",
            )
            .bind(self.tenant.to_string())
            .bind(plugin)
            .bind(secret)
            .fetch_optional(&mut *transaction)
            .await?;
            let Some(deleted) = deleted else { return Ok(false) };
            self.audit(&mut transaction, deleted.info.delete_entry());
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    /// Notes that somebody is sent to a provider. An earlier flow of the same person for the same secret ends, so
    /// that their number is bounded; expired ones of the organisation go too.
    pub async fn begin_oauth_consent(&self, new: &NewOauthConsent) -> Result<(), StoreError> {
        let place = Place::OauthConsent {
            tenant: self.tenant,
            installation: new.installation,
            secret: new.secret.as_str(),
        };
        let sealed = self.store.sealing_key.seal(&place, &new.flow)?;
        within(async {
            let mut transaction = self.begin().await?;
            sqlx::query(
                "DELETE FROM oauth_consents WHERE expires_at <= $1 OR (tenant_id = $2 \
                 AND installation_id = $3 AND secret = $4 AND user_id = $5)",
            )
            .bind(to_sql(UnixMillis::now().0))
            .bind(self.tenant.to_string())
            .bind(new.installation.to_string())
            .bind(&new.secret)
            .bind(new.user.to_string())
            .execute(&mut *transaction)
            .await?;
            sqlx::query(
                "INSERT INTO oauth_consents (state_digest, tenant_id, user_id, installation_id, plugin, secret, \
                 sealed, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(&new.state_digest)
            .bind(self.tenant.to_string())
            .bind(new.user.to_string())
            .bind(new.installation.to_string())
            .bind(&new.plugin)
            .bind(&new.secret)
            .bind(sealed)
            .bind(to_sql(new.expires_at.0))
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }
}

impl HostStore {
    /// Sets the operator's client.
    pub async fn set_oauth_client(
        &self,
        plugin: &str,
        secret: &str,
        client: &OauthClient,
    ) -> Result<(), StoreError> {
        let place = Place::OauthClient { tenant: None, plugin, secret };
        let sealed = self.store.sealing_key.seal(&place, &client.client_secret)?;
        within(async {
            let mut transaction = self.begin().await?;
            sqlx::query(
                "INSERT INTO oauth_clients (plugin, secret, client_id, sealed, token_url, updated_at) \
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (plugin, secret) \
                 DO UPDATE SET client_id = excluded.client_id, sealed = excluded.sealed, \
                 token_url = excluded.token_url, updated_at = excluded.updated_at",
            )
            .bind(plugin)
            .bind(secret)
            .bind(&client.client_id)
            .bind(sealed)
            .bind(&client.token_url)
            .bind(to_sql(UnixMillis::now().0))
            .execute(&mut *transaction)
            .await?;
            self.audit(&mut transaction, client.set_entry(plugin, secret));
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    /// The operator's clients, by plugin and secret.
    pub async fn oauth_clients(&self) -> Result<Vec<OauthClientInfo>, StoreError> {
        within(async {
            let rows: Vec<ClientRow> = sqlx::query_as("SELECT * FROM oauth_clients ORDER BY plugin, secret")
                .fetch_all(&self.store.pool)
                .await?;
            Ok(rows.into_iter().map(|row| row.info).collect())
        })
        .await
    }

    /// Forgets the operator's client. False when there is none.
    pub async fn delete_oauth_client(&self, plugin: &str, secret: &str) -> Result<bool, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let deleted: Option<ClientRow> =
                sqlx::query_as("DELETE FROM oauth_clients WHERE plugin = $1 AND secret = $2 RETURNING *")
                    .bind(plugin)
                    .bind(secret)
                    .fetch_optional(&mut *transaction)
                    .await?;
            let Some(deleted) = deleted else { return Ok(false) };
            self.audit(&mut transaction, deleted.info.delete_entry());
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    /// The clients that may ask for `secret` of `plugin` in the name of `tenant`: its own first, then the operator's.
    pub async fn oauth_clients_for(
        &self,
        tenant: TenantId,
        plugin: &str,
        secret: &str,
    ) -> Result<Vec<OauthClient>, StoreError> {
        let (own, operators): (Option<ClientRow>, Option<ClientRow>) = within(async {
            let own = sqlx::query_as(
                "SELECT * FROM oauth_tenant_clients WHERE tenant_id = $1 AND plugin = $2 AND secret = $3",
            )
            .bind(tenant.to_string())
            .bind(plugin)
            .bind(secret)
            .fetch_optional(&self.store.pool)
            .await?;
            let operators = sqlx::query_as("SELECT * FROM oauth_clients WHERE plugin = $1 AND secret = $2")
                .bind(plugin)
                .bind(secret)
                .fetch_optional(&self.store.pool)
                .await?;
            Ok((own, operators))
        })
        .await?;
        let unseal = |tenant, row: ClientRow| {
            let place = Place::OauthClient { tenant, plugin, secret };
            let client_secret = self.store.sealing_key.unseal(&place, &row.sealed)?;
            let OauthClientInfo { client_id, token_url, .. } = row.info;
            Ok(OauthClient { client_id, client_secret, token_url })
        };
        let own = own.map(|row| unseal(Some(tenant), row));
        own.into_iter().chain(operators.map(|row| unseal(None, row))).collect()
    }

    /// Takes the consent under way whose `state` has this digest. It is gone then, whatever comes of it: of two who
    /// bring the same state one finds nothing. Whether it has expired is for the caller to see.
    pub async fn take_oauth_consent(&self, state_digest: &str) -> Result<Option<OauthConsent>, StoreError> {
        let row: Option<ConsentRow> = within(async {
            let row = sqlx::query_as("DELETE FROM oauth_consents WHERE state_digest = $1 RETURNING *")
                .bind(state_digest)
                .fetch_optional(&self.store.pool)
                .await?;
            Ok(row)
        })
        .await?;
        let Some(row) = row else { return Ok(None) };
        let place = Place::OauthConsent {
            tenant: row.tenant,
            installation: row.installation,
            secret: row.secret.as_str(),
        };
        let flow = self.store.sealing_key.unseal(&place, &row.sealed)?;
        let ConsentRow { tenant, user, installation, plugin, secret, expires_at, .. } = row;
        Ok(Some(OauthConsent { tenant, user, installation, plugin, secret, flow, expires_at }))
    }
}
