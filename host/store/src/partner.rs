//! Partners: tenants that have tenants of their own, what those may install, and the bundles they begin with.

use std::collections::{BTreeMap, BTreeSet};

use neustream_model::{TenantId, UnixMillis};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{FromRow, Row};

use crate::catalogue::optional_id;
use crate::row::{moment, parsed, text, to_sql};
use crate::store::within;
use crate::transaction::Transaction;
use crate::user::insert_account;
use crate::{Chain, Entry, HostStore, Missing, NewAccount, StoreError, Target, TenantStore, UserRow};

/// A partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerRow {
    /// The tenant that it is.
    pub tenant_id: TenantId,
    /// Its namespace, whose keys sign its bundles.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// When it became one.
    pub created_at: UnixMillis,
}

/// A bundle as it was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleRow {
    /// Its name, unique for its partner.
    pub name: String,
    /// Canonical JSON.
    pub document: String,
    /// Whose key signed it: `ed25519:<hex>`.
    pub key: String,
    /// In hexadecimal.
    pub signature: String,
    /// When it was last brought.
    pub updated_at: UnixMillis,
}

/// What may be installed in a scope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstallRules {
    /// The only plugins that may be installed; `None` for every one that is seen.
    pub allowed: Option<BTreeSet<String>>,
    /// The only version of a plugin that may be installed: digests by plugin.
    pub pins: BTreeMap<String, String>,
}

/// A tenant that a partner makes.
#[derive(Debug, Clone)]
pub struct NewPartnerTenant {
    /// Its first user; its role is that of any member.
    pub account: NewAccount,
    /// Digest of the token with which that user chooses a password, and until when.
    pub invitation: String,
    /// When the invitation ends.
    pub invitation_expires_at: UnixMillis,
    /// Name, logo and colours, as JSON.
    pub branding: Option<String>,
    /// What it may install.
    pub rules: InstallRules,
}

impl FromRow<'_, AnyRow> for PartnerRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            tenant_id: parsed(row, "tenant_id")?,
            namespace: text(row, "namespace")?,
            name: text(row, "name")?,
            created_at: moment(row, "created_at")?,
        })
    }
}

impl FromRow<'_, AnyRow> for BundleRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            name: text(row, "name")?,
            document: text(row, "document")?,
            key: text(row, "key")?,
            signature: text(row, "signature")?,
            updated_at: moment(row, "updated_at")?,
        })
    }
}

impl HostStore {
    /// Makes the tenant that holds `namespace` a partner. One that is a partner already keeps its namespace; only the
    /// name changes, where the namespace is the same.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where the tenant does not hold the namespace.
    pub async fn make_partner(
        &self,
        tenant: TenantId,
        namespace: &str,
        name: &str,
    ) -> Result<PartnerRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let row = sqlx::query_as(
                "INSERT INTO partners (tenant_id, namespace, name, created_at) \
                 SELECT p.tenant_id, p.namespace, $3, $4 FROM publishers p \
                 WHERE p.tenant_id = $1 AND p.namespace = $2 \
                 ON CONFLICT (tenant_id) DO UPDATE SET name = CASE WHEN partners.namespace = excluded.namespace \
                 THEN excluded.name ELSE partners.name END RETURNING *",
            )
            .bind(tenant.to_string())
            .bind(namespace)
            .bind(name)
            .bind(to_sql(UnixMillis::now().0))
            .fetch_optional(&mut *transaction)
            .await?
            .ok_or(StoreError::NotFound(Missing::Publisher))?;
            let entry = Entry::new("partner.create", Target::new("organisation", tenant));
            let entry = entry.after(json!({ "namespace": namespace, "name": name }));
            self.audit_in(&mut transaction, tenant, entry.clone());
            self.audit(&mut transaction, entry);
            transaction.commit().await?;
            Ok(row)
        })
        .await
    }

    /// Deletes tenants whose bundle was not installed to its end: their host was killed. Tells how many.
    pub async fn delete_unprovisioned(&self, begun_before: UnixMillis) -> Result<u64, StoreError> {
        within(async {
            let result = sqlx::query("DELETE FROM tenants WHERE provisioning_since < $1")
                .bind(to_sql(begun_before.0))
                .execute(&self.store.pool)
                .await?;
            Ok(result.rows_affected())
        })
        .await
    }
}

impl TenantStore {
    /// The partner that this tenant is.
    pub async fn partner(&self) -> Result<Option<PartnerRow>, StoreError> {
        within(async {
            let row = sqlx::query_as("SELECT * FROM partners WHERE tenant_id = $1")
                .bind(self.tenant.to_string())
                .fetch_optional(&mut *self.connection().await?)
                .await?;
            Ok(row)
        })
        .await
    }

    /// The partner that this tenant is a tenant of.
    pub async fn partner_id(&self) -> Result<Option<TenantId>, StoreError> {
        within(async {
            let row = sqlx::query("SELECT partner_id FROM tenants WHERE id = $1")
                .bind(self.tenant.to_string())
                .fetch_optional(&mut *self.connection().await?)
                .await?;
            Ok(row.map(|row| optional_id(&row, "partner_id")).transpose()?.flatten())
        })
        .await
    }

    /// Name, logo and colours of the tenant as JSON; its partner's bundle brought them.
    pub async fn branding(&self) -> Result<Option<String>, StoreError> {
        within(async {
            let branding: Option<Option<String>> =
                sqlx::query_scalar("SELECT branding FROM tenants WHERE id = $1")
                    .bind(self.tenant.to_string())
                    .fetch_optional(&mut *self.connection().await?)
                    .await?;
            Ok(branding.flatten())
        })
        .await
    }

    /// What the tenants of this partner may install.
    pub async fn install_rules(&self) -> Result<InstallRules, StoreError> {
        within(async {
            let scope = self.tenant.to_string();
            let is_restricted: Option<i64> =
                sqlx::query_scalar("SELECT updated_at FROM allow_lists WHERE scope_id = $1")
                    .bind(&scope)
                    .fetch_optional(&mut *self.connection().await?)
                    .await?;
            let allowed: Vec<String> =
                sqlx::query_scalar("SELECT plugin FROM allowed_plugins WHERE scope_id = $1")
                    .bind(&scope)
                    .fetch_all(&mut *self.connection().await?)
                    .await?;
            let pins = sqlx::query("SELECT plugin, digest FROM plugin_pins WHERE scope_id = $1")
                .bind(&scope)
                .fetch_all(&mut *self.connection().await?)
                .await?;
            let pin = |row: &AnyRow| Ok((row.try_get("plugin")?, row.try_get("digest")?));
            Ok(InstallRules {
                allowed: is_restricted.map(|_| allowed.into_iter().collect()),
                pins: pins.iter().map(pin).collect::<sqlx::Result<_>>()?,
            })
        })
        .await
    }

    /// Sets which plugins the tenants of this partner may install; `None` lifts the restriction.
    pub async fn set_allow_list(&self, allowed: Option<&BTreeSet<String>>) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            write_allow_list(&mut transaction, self.tenant, allowed).await?;
            let entry = Entry::new("partner.set-allow-list", Target::new("organisation", self.tenant));
            self.audit(&mut transaction, entry.after(json!({ "plugins": allowed })));
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    /// Sets which versions the tenants of this partner may install.
    pub async fn set_pins(&self, pins: &BTreeMap<String, String>) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            write_pins(&mut transaction, self.tenant, pins).await?;
            let entry = Entry::new("partner.set-pins", Target::new("organisation", self.tenant));
            self.audit(&mut transaction, entry.after(json!({ "pins": pins })));
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    /// Keeps a bundle of this partner, in place of a former one of that name.
    pub async fn put_bundle(
        &self,
        name: &str,
        document: &str,
        key: &str,
        signature: &str,
    ) -> Result<BundleRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let row = sqlx::query_as(
                "INSERT INTO partner_bundles (partner_id, name, document, key, signature, updated_at) \
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (partner_id, name) DO UPDATE SET \
                 document = excluded.document, key = excluded.key, signature = excluded.signature, \
                 updated_at = excluded.updated_at RETURNING *",
            )
            .bind(self.tenant.to_string())
            .bind(name)
            .bind(document)
            .bind(key)
            .bind(signature)
            .bind(to_sql(UnixMillis::now().0))
            .fetch_one(&mut *transaction)
            .await?;
            let bundle: Value = serde_json::from_str(document).unwrap_or_default();
            let entry = Entry::new("bundle.set", Target::new("bundle", name));
            self.audit(&mut transaction, entry.after(json!({ "document": bundle, "key": key })));
            transaction.commit().await?;
            Ok(row)
        })
        .await
    }

    /// The bundles of this partner, by name.
    pub async fn bundles(&self) -> Result<Vec<BundleRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as("SELECT * FROM partner_bundles WHERE partner_id = $1 ORDER BY name")
                .bind(self.tenant.to_string())
                .fetch_all(&mut *self.connection().await?)
                .await?;
            Ok(rows)
        })
        .await
    }

    /// A bundle of this partner.
    pub async fn bundle(&self, name: &str) -> Result<BundleRow, StoreError> {
        let mut all = self.bundles().await?;
        let found = all.iter().position(|bundle| bundle.name == name);
        found.map(|index| all.swap_remove(index)).ok_or(StoreError::NotFound(Missing::Bundle))
    }

    /// Makes a tenant of this partner with its first user, invitation, branding and rules. It counts as unfinished
    /// until [`TenantStore::finish_provisioning`]: nobody can enter it, and a host that finds it so later deletes it.
    ///
    /// # Errors
    /// [`StoreError::EmailTaken`].
    pub async fn create_partner_tenant(&self, new: &NewPartnerTenant) -> Result<UserRow, StoreError> {
        within(async {
            // What is made belongs to another organisation: through the host's door.
            let mut transaction = Transaction::changing_host(&self.store).await?;
            let user = insert_account(&mut transaction, &new.account).await?;
            sqlx::query(
                "UPDATE tenants SET partner_id = $2, branding = $3, provisioning_since = $4 WHERE id = $1",
            )
            .bind(user.tenant_id.to_string())
            .bind(self.tenant.to_string())
            .bind(new.branding.as_deref())
            .bind(to_sql(UnixMillis::now().0))
            .execute(&mut *transaction)
            .await?;
            sqlx::query("INSERT INTO invitations (digest, user_id, expires_at) VALUES ($1, $2, $3)")
                .bind(&new.invitation)
                .bind(user.id.to_string())
                .bind(to_sql(new.invitation_expires_at.0))
                .execute(&mut *transaction)
                .await?;
            write_allow_list(&mut transaction, user.tenant_id, new.rules.allowed.as_ref()).await?;
            write_pins(&mut transaction, user.tenant_id, &new.rules.pins).await?;
            let entry = Entry::new("partner.create-tenant", Target::new("organisation", user.tenant_id));
            let entry = entry.after(json!({ "partner_id": self.tenant, "name": new.account.display_name }));
            transaction.note(Chain::Organisation(user.tenant_id), *self.actor(), entry.clone());
            self.audit(&mut transaction, entry);
            transaction.commit().await?;
            Ok(user)
        })
        .await
    }

    /// A tenant of this partner has its bundle installed: from now on its user may enter.
    pub async fn finish_provisioning(&self, tenant: TenantId) -> Result<(), StoreError> {
        within(async {
            let result = sqlx::query(
                "UPDATE tenants SET provisioning_since = NULL WHERE id = $1 AND partner_id = $2 \
                 AND provisioning_since IS NOT NULL",
            )
            .bind(tenant.to_string())
            .bind(self.tenant.to_string())
            // Of another organisation: through the host's door.
            .execute(&self.store.pool)
            .await?;
            if result.rows_affected() == 0 {
                return Err(StoreError::NotFound(Missing::Tenant));
            }
            Ok(())
        })
        .await
    }

    /// A tenant of this partner could not have its bundle installed: it is deleted with all that is its.
    pub async fn abandon_provisioning(&self, tenant: TenantId) -> Result<(), StoreError> {
        within(async {
            let mut transaction = Transaction::changing_host(&self.store).await?;
            let deleted = sqlx::query(
                "DELETE FROM tenants WHERE id = $1 AND partner_id = $2 AND provisioning_since IS NOT NULL",
            )
            .bind(tenant.to_string())
            .bind(self.tenant.to_string())
            .execute(&mut *transaction)
            .await?;
            if deleted.rows_affected() > 0 {
                let entry = Entry::new("partner.abandon-tenant", Target::new("organisation", tenant));
                self.audit(&mut transaction, entry);
            }
            transaction.commit().await?;
            Ok(())
        })
        .await
    }
}

async fn write_allow_list(
    transaction: &mut Transaction,
    scope: TenantId,
    allowed: Option<&BTreeSet<String>>,
) -> Result<(), StoreError> {
    let scope = scope.to_string();
    for table in
        ["DELETE FROM allow_lists WHERE scope_id = $1", "DELETE FROM allowed_plugins WHERE scope_id = $1"]
    {
        sqlx::query(table).bind(&scope).execute(&mut **transaction).await?;
    }
    let Some(allowed) = allowed else { return Ok(()) };
    sqlx::query("INSERT INTO allow_lists (scope_id, updated_at) VALUES ($1, $2)")
        .bind(&scope)
        .bind(to_sql(UnixMillis::now().0))
        .execute(&mut **transaction)
        .await?;
    for plugin in allowed {
        sqlx::query("INSERT INTO allowed_plugins (scope_id, plugin) VALUES ($1, $2)")
            .bind(&scope)
            .bind(plugin)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

async fn write_pins(
    transaction: &mut Transaction,
    scope: TenantId,
    pins: &BTreeMap<String, String>,
) -> Result<(), StoreError> {
    let scope = scope.to_string();
    sqlx::query("DELETE FROM plugin_pins WHERE scope_id = $1")
        .bind(&scope)
        .execute(&mut **transaction)
        .await?;
    for (plugin, digest) in pins {
        sqlx::query("INSERT INTO plugin_pins (scope_id, plugin, digest) VALUES ($1, $2, $3)")
            .bind(&scope)
            .bind(plugin)
            .bind(digest)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}
