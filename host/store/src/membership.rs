//! Memberships: who belongs to an organisation, as what.

use neustream_model::{TenantId, UnixMillis, UserId};
use sqlx::AnyConnection;

use crate::StoreError;
use crate::row::to_sql;

/// The word of the role that whoever makes an organisation has in it.
pub(crate) const OWNER: &str = "owner";

/// Inserts a membership.
pub(crate) async fn insert_membership(
    connection: &mut AnyConnection,
    tenant: TenantId,
    user: UserId,
    role: &str,
    now: UnixMillis,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO memberships (tenant_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)")
        .bind(tenant.to_string())
        .bind(user.to_string())
        .bind(role)
        .bind(to_sql(now.0))
        .execute(&mut *connection)
        .await?;
    Ok(())
}
