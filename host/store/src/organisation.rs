//! Organisations: what the store calls tenants, as their people see them.

use neustream_model::{TenantId, UnixMillis, UserId};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, FromRow};

use crate::app::insert_default_app;
use crate::audit::{Entry, Target};
use crate::membership::{OWNER, insert_membership};
use crate::row::{flag, moment, parsed, text, to_sql};
use crate::store::within;
use crate::transaction::Transaction;
use crate::{HostStore, LimitKind, Missing, StoreError, TenantStore};

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationRow {
    /// The organisation.
    pub id: TenantId,
    /// What people call it.
    pub name: String,
    /// When it was made.
    pub created_at: UnixMillis,
}

/// An organisation that a person belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnOrganisation {
    /// The organisation.
    pub organisation: OrganisationRow,
    /// The person's role in it, as a word.
    pub role: String,
    /// Whether requests that name no organisation act for it.
    pub is_home: bool,
    /// Since when the person belongs to it.
    pub joined_at: UnixMillis,
}

impl FromRow<'_, AnyRow> for OrganisationRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self { id: parsed(row, "id")?, name: text(row, "name")?, created_at: moment(row, "created_at")? })
    }
}

impl FromRow<'_, AnyRow> for OwnOrganisation {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            organisation: OrganisationRow::from_row(row)?,
            role: text(row, "role")?,
            is_home: flag(row, "is_home")?,
            joined_at: moment(row, "joined_at")?,
        })
    }
}

impl OrganisationRow {
    /// As the audit log shows it.
    fn shown(&self) -> Value {
        json!({ "name": self.name })
    }
}

impl HostStore {
    /// The organisations that a person belongs to, the oldest membership first.
    pub async fn organisations_of(&self, user: UserId) -> Result<Vec<OwnOrganisation>, StoreError> {
        within(async {
            let rows = sqlx::query_as(
                "SELECT t.id, t.name, t.created_at, m.role, m.created_at AS joined_at, \
                 CASE WHEN u.tenant_id = t.id THEN 1 ELSE 0 END AS is_home \
                 FROM memberships m JOIN users u ON u.id = m.user_id JOIN tenants t ON t.id = m.tenant_id \
                 WHERE m.user_id = $1 AND t.provisioning_since IS NULL ORDER BY m.created_at, t.id",
            )
            .bind(user.to_string())
            .fetch_all(&self.store.pool)
            .await?;
            Ok(rows)
        })
        .await
    }

    /// Makes an organisation that `user` owns, with its default app. A person may belong to `max` at most.
    ///
    /// # Errors
    /// [`StoreError::LimitReached`].
    pub async fn create_organisation(
        &self,
        user: UserId,
        name: &str,
        max: u64,
    ) -> Result<OrganisationRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            hold_user(&mut transaction, user).await?;
            let current: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM memberships WHERE user_id = $1")
                .bind(user.to_string())
                .fetch_one(&mut *transaction)
                .await?;
            let current = u64::try_from(current).unwrap_or(0);
            if current >= max {
                return Err(StoreError::LimitReached { kind: LimitKind::Organisations, current, max });
            }
            let organisation = self.insert_owned(&mut transaction, user, name).await?;
            transaction.commit().await?;
            Ok(organisation)
        })
        .await
    }

    /// Inserts an organisation that `user` owns.
    pub(crate) async fn insert_owned(
        &self,
        transaction: &mut Transaction,
        user: UserId,
        name: &str,
    ) -> Result<OrganisationRow, StoreError> {
        let now = UnixMillis::now();
        let organisation = insert_organisation(transaction, name, now).await?;
        insert_membership(transaction, organisation.id, user, OWNER, now).await?;
        let entry = Entry::new("organisation.create", Target::new("organisation", organisation.id));
        self.audit_in(transaction, organisation.id, entry.after(organisation.shown()));
        Ok(organisation)
    }
}

impl TenantStore {
    /// The organisation.
    pub async fn organisation(&self) -> Result<OrganisationRow, StoreError> {
        within(async {
            sqlx::query_as("SELECT id, name, created_at FROM tenants WHERE id = $1")
                .bind(self.tenant.to_string())
                .fetch_optional(&mut *self.connection().await?)
                .await?
                .ok_or(StoreError::NotFound(Missing::Tenant))
        })
        .await
    }

    /// Gives the organisation another name.
    pub async fn rename_organisation(&self, name: &str) -> Result<OrganisationRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let before = hold_organisation(&mut transaction, self.tenant).await?;
            let after = OrganisationRow { name: name.to_owned(), ..before.clone() };
            sqlx::query("UPDATE tenants SET name = $2 WHERE id = $1")
                .bind(self.tenant.to_string())
                .bind(name)
                .execute(&mut *transaction)
                .await?;
            let entry = Entry::new("organisation.update", Target::new("organisation", self.tenant));
            self.audit(&mut transaction, entry.before(before.shown()).after(after.shown()));
            transaction.commit().await?;
            Ok(after)
        })
        .await
    }
}

/// Inserts an organisation and its default app.
pub(crate) async fn insert_organisation(
    connection: &mut AnyConnection,
    name: &str,
    now: UnixMillis,
) -> Result<OrganisationRow, StoreError> {
    let organisation = OrganisationRow { id: TenantId::new(), name: name.to_owned(), created_at: now };
    sqlx::query("INSERT INTO tenants (id, name, created_at) VALUES ($1, $2, $3)")
        .bind(organisation.id.to_string())
        .bind(name)
        .bind(to_sql(now.0))
        .execute(&mut *connection)
        .await?;
    insert_default_app(connection, organisation.id, now).await?;
    Ok(organisation)
}

/// The organisation as it is. Nobody else changes its team, its apps or what is counted of it until the transaction
/// ends.
pub(crate) async fn hold_organisation(
    connection: &mut AnyConnection,
    tenant: TenantId,
) -> Result<OrganisationRow, StoreError> {
    sqlx::query_as("UPDATE tenants SET name = name WHERE id = $1 RETURNING id, name, created_at")
        .bind(tenant.to_string())
        .fetch_optional(connection)
        .await?
        .ok_or(StoreError::NotFound(Missing::Tenant))
}

/// Makes those wait who would give the user another organisation too.
async fn hold_user(connection: &mut AnyConnection, user: UserId) -> Result<(), StoreError> {
    let held = sqlx::query("UPDATE users SET role = role WHERE id = $1")
        .bind(user.to_string())
        .execute(connection)
        .await?;
    if held.rows_affected() == 0 { Err(StoreError::NotFound(Missing::User)) } else { Ok(()) }
}
