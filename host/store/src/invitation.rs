//! Invitations: the link with which an invited user chooses the first password.

use neustream_model::UnixMillis;

use crate::row::to_sql;
use crate::store::within;
use crate::{Entry, HostStore, StoreError, Target, UserRow};

impl HostStore {
    /// The user whom an invitation is for, while it is valid.
    ///
    /// # Errors
    /// [`StoreError::InvitationRefused`] when it is unknown, used or expired, or its tenant is not there yet.
    pub async fn invited_user(&self, digest: &str) -> Result<UserRow, StoreError> {
        within(async {
            sqlx::query_as(
                "SELECT u.* FROM users u JOIN invitations i ON i.user_id = u.id JOIN tenants t ON t.id = u.tenant_id \
                 WHERE i.digest = $1 AND i.expires_at > $2 AND t.provisioning_since IS NULL",
            )
            .bind(digest)
            .bind(to_sql(UnixMillis::now().0))
            .fetch_optional(&self.store.pool)
            .await?
            .ok_or(StoreError::InvitationRefused)
        })
        .await
    }

    /// Consumes an invitation and sets its user's password hash, both or neither.
    ///
    /// # Errors
    /// As [`HostStore::invited_user`].
    pub async fn accept_invitation(&self, digest: &str, password_hash: &str) -> Result<UserRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            // The row is deleted under a lock: of two that race one finds nothing.
            let user: Option<String> = sqlx::query_scalar(
                "DELETE FROM invitations WHERE digest = $1 AND expires_at > $2 AND user_id IN ( \
                 SELECT u.id FROM users u JOIN tenants t ON t.id = u.tenant_id \
                 WHERE t.provisioning_since IS NULL) RETURNING user_id",
            )
            .bind(digest)
            .bind(to_sql(UnixMillis::now().0))
            .fetch_optional(&mut *transaction)
            .await?;
            let user = user.ok_or(StoreError::InvitationRefused)?;
            let row: UserRow =
                sqlx::query_as("UPDATE users SET password_hash = $2 WHERE id = $1 RETURNING *")
                    .bind(user)
                    .bind(password_hash)
                    .fetch_one(&mut *transaction)
                    .await?;
            let entry = Entry::new("invitation.accept", Target::new("person", row.id));
            self.as_person(row.id).audit_in(&mut transaction, row.tenant_id, entry);
            transaction.commit().await?;
            Ok(row)
        })
        .await
    }
}
