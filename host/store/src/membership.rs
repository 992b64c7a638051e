//! Teams: who belongs to an organisation, as what.
//!
//! An organisation always has an owner, and a person always has a home: whoever
//! leaves the last organisation gets an empty one. Every change of a team holds
//! the organisation's row, so that of two owners who leave at the same time one
//! stays.

use neustream_model::{TenantId, UnixMillis, UserId};
use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, FromRow};

use crate::audit::{Entry, Target};
use crate::organisation::hold_organisation;
use crate::row::{moment, parsed, text, to_sql};
use crate::store::within;
use crate::transaction::Transaction;
use crate::{HostStore, Keyset, Missing, StoreError, TenantStore};

/// The word of the role that whoever makes an organisation has in it.
pub(crate) const OWNER: &str = "owner";
/// The word of the role that an owner has who handed the organisation over.
const ADMIN: &str = "admin";

/// A member of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// Who.
    pub user: UserId,
    /// E-mail address in lower case.
    pub email: String,
    /// The name that people see.
    pub display_name: String,
    /// The role's word.
    pub role: String,
    /// Since when.
    pub joined_at: UnixMillis,
}

impl FromRow<'_, AnyRow> for MemberRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            user: parsed(row, "user_id")?,
            email: text(row, "email")?,
            display_name: text(row, "display_name")?,
            role: text(row, "role")?,
            joined_at: moment(row, "created_at")?,
        })
    }
}

impl TenantStore {
    /// The members of the organisation, those first whose accounts are oldest.
    pub async fn members(&self, page: &Keyset) -> Result<Vec<MemberRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as(
                "SELECT m.user_id, m.role, m.created_at, u.email, u.display_name \
                 FROM memberships m JOIN users u ON u.id = m.user_id \
                 WHERE m.tenant_id = $1 AND m.user_id > $2 ORDER BY m.user_id LIMIT $3",
            )
            .bind(self.tenant.to_string())
            .bind(page.above())
            .bind(page.limit())
            .fetch_all(&mut *self.connection().await?)
            .await?;
            Ok(rows)
        })
        .await
    }

    /// A member of the organisation.
    pub async fn member(&self, user: UserId) -> Result<MemberRow, StoreError> {
        within(async { member(&mut *self.connection().await?, self.tenant, user).await }).await
    }

    /// Gives a member another role. Only where `may_touch_owners` are owners made and unmade.
    ///
    /// # Errors
    /// [`StoreError::OwnerNeeded`], [`StoreError::LastOwner`].
    pub async fn set_role(
        &self,
        user: UserId,
        role: &str,
        may_touch_owners: bool,
    ) -> Result<MemberRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            hold_organisation(&mut transaction, self.tenant).await?;
            let before = member(&mut transaction, self.tenant, user).await?;
            if (before.role == OWNER || role == OWNER) && !may_touch_owners {
                return Err(StoreError::OwnerNeeded);
            }
            if before.role == OWNER && role != OWNER {
                keep_an_owner(&mut transaction, self.tenant).await?;
            }
            let after = self.write_role(&mut transaction, &before, role).await?;
            transaction.commit().await?;
            Ok(after)
        })
        .await
    }

    /// Hands the organisation over: `to` owns it then, and `from`, who did, is an admin.
    ///
    /// # Errors
    /// [`StoreError::OwnerNeeded`] where `from` does not own it.
    pub async fn hand_over(&self, from: UserId, to: UserId) -> Result<MemberRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            hold_organisation(&mut transaction, self.tenant).await?;
            let former = member(&mut transaction, self.tenant, from).await?;
            if former.role != OWNER {
                return Err(StoreError::OwnerNeeded);
            }
            let next = member(&mut transaction, self.tenant, to).await?;
            let next = self.write_role(&mut transaction, &next, OWNER).await?;
            if from != to {
                self.write_role(&mut transaction, &former, ADMIN).await?;
            }
            transaction.commit().await?;
            Ok(next)
        })
        .await
    }

    async fn write_role(
        &self,
        transaction: &mut Transaction,
        before: &MemberRow,
        role: &str,
    ) -> Result<MemberRow, StoreError> {
        sqlx::query("UPDATE memberships SET role = $3 WHERE tenant_id = $1 AND user_id = $2")
            .bind(self.tenant.to_string())
            .bind(before.user.to_string())
            .bind(role)
            .execute(&mut **transaction)
            .await?;
        let entry = Entry::new("member.update", Target::new("member", before.user))
            .before(json!({ "role": before.role }))
            .after(json!({ "role": role }));
        self.audit(transaction, entry);
        Ok(MemberRow { role: role.to_owned(), ..before.clone() })
    }
}

impl HostStore {
    /// Takes a person out of an organisation, whoever decides it: `action` is what the audit log calls it. Whoever was
    /// at home there has another home afterwards. Only where `may_touch_owners` does an owner go.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::OwnerNeeded`], [`StoreError::LastOwner`].
    pub async fn remove_member(
        &self,
        tenant: TenantId,
        user: UserId,
        may_touch_owners: bool,
        action: &'static str,
    ) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            hold_organisation(&mut transaction, tenant).await?;
            let before = member(&mut transaction, tenant, user).await?;
            if before.role == OWNER {
                if !may_touch_owners {
                    return Err(StoreError::OwnerNeeded);
                }
                keep_an_owner(&mut transaction, tenant).await?;
            }
            sqlx::query("DELETE FROM memberships WHERE tenant_id = $1 AND user_id = $2")
                .bind(tenant.to_string())
                .bind(user.to_string())
                .execute(&mut *transaction)
                .await?;
            let entry = Entry::new(action, Target::new("member", user))
                .before(json!({ "role": before.role, "email": before.email }));
            self.audit_in(&mut transaction, tenant, entry);
            self.move_home(&mut transaction, tenant, &before).await?;
            transaction.commit().await
        })
        .await
    }

    /// Gives a person another home who leaves the one in `left`.
    async fn move_home(
        &self,
        transaction: &mut Transaction,
        left: TenantId,
        person: &MemberRow,
    ) -> Result<(), StoreError> {
        let home: String = sqlx::query_scalar("SELECT tenant_id FROM users WHERE id = $1")
            .bind(person.user.to_string())
            .fetch_one(&mut **transaction)
            .await?;
        if home != left.to_string() {
            return Ok(());
        }
        self.move_to_another_home(transaction, left, person.user, &person.display_name).await
    }

    /// Gives a person whose home was `left` the oldest other one, or a new one with the person's name.
    pub(crate) async fn move_to_another_home(
        &self,
        transaction: &mut Transaction,
        left: TenantId,
        user: UserId,
        display_name: &str,
    ) -> Result<(), StoreError> {
        let other: Option<String> = sqlx::query_scalar(
            "SELECT m.tenant_id FROM memberships m JOIN tenants t ON t.id = m.tenant_id \
             WHERE m.user_id = $1 AND m.tenant_id <> $2 AND t.provisioning_since IS NULL ORDER BY m.created_at, m.tenant_id LIMIT 1",
        )
        .bind(user.to_string())
        .bind(left.to_string())
        .fetch_optional(&mut **transaction)
        .await?;
        let next = if let Some(other) = other {
            other
        } else {
            let own = self.insert_owned(transaction, user, display_name).await?;
            own.id.to_string()
        };
        sqlx::query("UPDATE users SET tenant_id = $2 WHERE id = $1")
            .bind(user.to_string())
            .bind(next)
            .execute(&mut **transaction)
            .await?;
        Ok(())
    }
}

/// Inserts a membership.
pub(crate) async fn insert_membership(
    connection: &mut AnyConnection,
    tenant: TenantId,
    user: UserId,
    role: &str,
    now: UnixMillis,
) -> Result<(), StoreError> {
    let inserted = sqlx::query(
        "INSERT INTO memberships (tenant_id, user_id, role, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (tenant_id, user_id) DO NOTHING",
    )
    .bind(tenant.to_string())
    .bind(user.to_string())
    .bind(role)
    .bind(to_sql(now.0))
    .execute(connection)
    .await?;
    if inserted.rows_affected() == 0 { Err(StoreError::AlreadyMember) } else { Ok(()) }
}

async fn member(
    connection: &mut AnyConnection,
    tenant: TenantId,
    user: UserId,
) -> Result<MemberRow, StoreError> {
    sqlx::query_as(
        "SELECT m.user_id, m.role, m.created_at, u.email, u.display_name \
         FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = $1 AND m.user_id = $2",
    )
    .bind(tenant.to_string())
    .bind(user.to_string())
    .fetch_optional(connection)
    .await?
    .ok_or(StoreError::NotFound(Missing::Member))
}

/// Refuses where an owner is about to go and there is no other. The organisation's row is held.
async fn keep_an_owner(connection: &mut AnyConnection, tenant: TenantId) -> Result<(), StoreError> {
    let owners: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM memberships WHERE tenant_id = $1 AND role = $2")
            .bind(tenant.to_string())
            .bind(OWNER)
            .fetch_one(connection)
            .await?;
    if owners < 2 { Err(StoreError::LastOwner) } else { Ok(()) }
}

impl HostStore {
    /// The addresses of an organisation's owners.
    pub async fn owners_of(&self, tenant: TenantId) -> Result<Vec<String>, StoreError> {
        within(async {
            let emails = sqlx::query_scalar(
                "SELECT u.email FROM memberships m JOIN users u ON u.id = m.user_id \
                 WHERE m.tenant_id = $1 AND m.role = $2 ORDER BY u.email",
            )
            .bind(tenant.to_string())
            .bind(OWNER)
            .fetch_all(&self.store.pool)
            .await?;
            Ok(emails)
        })
        .await
    }
}
