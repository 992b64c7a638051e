//! Invitations into a team: a link by mail, for one address.
//!
//! Whoever has the link reads that address's mail. A person with an account
//! joins with it; whoever has none opens one, whose home is the organisation.

use neustream_model::{TeamInvitationId, TenantId, UnixMillis, UserId};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, FromRow};

use crate::audit::{Entry, Target};
use crate::membership::insert_membership;
use crate::organisation::hold_organisation;
use crate::row::{flag, moment, parsed, text, to_sql};
use crate::store::within;
use crate::user::insert_user;
use crate::{HostStore, Keyset, LimitKind, Missing, NewAccount, StoreError, TenantStore, UserRow};

/// An invitation into a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamInvitationRow {
    /// The invitation.
    pub id: TeamInvitationId,
    /// The organisation.
    pub tenant_id: TenantId,
    /// Whom it is for: an e-mail address in lower case.
    pub email: String,
    /// The role's word.
    pub role: String,
    /// Who made it.
    pub invited_by: UserId,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When its link was last sent.
    pub sent_at: UnixMillis,
    /// When its link ends.
    pub expires_at: UnixMillis,
}

/// An invitation to be made.
#[derive(Debug, Clone)]
pub struct NewTeamInvitation {
    /// Whom it is for: an e-mail address in lower case.
    pub email: String,
    /// The role's word.
    pub role: String,
    /// Who makes it.
    pub invited_by: UserId,
    /// SHA-256 of the link's token in hexadecimal.
    pub digest: String,
    /// When the link ends.
    pub expires_at: UnixMillis,
}

/// An invitation as whoever has its link sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenTeamInvitation {
    /// The invitation.
    pub invitation: TeamInvitationRow,
    /// What the organisation is called.
    pub organisation: String,
    /// Whether there is an account with its address.
    pub has_account: bool,
}

impl FromRow<'_, AnyRow> for TeamInvitationRow {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: parsed(row, "id")?,
            tenant_id: parsed(row, "tenant_id")?,
            email: text(row, "email")?,
            role: text(row, "role")?,
            invited_by: parsed(row, "invited_by")?,
            created_at: moment(row, "created_at")?,
            sent_at: moment(row, "sent_at")?,
            expires_at: moment(row, "expires_at")?,
        })
    }
}

impl FromRow<'_, AnyRow> for OpenTeamInvitation {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            invitation: TeamInvitationRow::from_row(row)?,
            organisation: text(row, "organisation")?,
            has_account: flag(row, "has_account")?,
        })
    }
}

impl TeamInvitationRow {
    /// As the audit log shows it.
    fn shown(&self) -> Value {
        json!({ "email": self.email, "role": self.role })
    }
}

impl TenantStore {
    /// The invitations of the organisation, oldest first; those whose link has ended too.
    pub async fn team_invitations(&self, page: &Keyset) -> Result<Vec<TeamInvitationRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as(
                "SELECT * FROM team_invitations WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3",
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

    /// Invites somebody. One who is invited already keeps the invitation, with the new role and the new link. An
    /// organisation may have `max` invitations.
    ///
    /// # Errors
    /// [`StoreError::AlreadyMember`], [`StoreError::LimitReached`].
    pub async fn invite(&self, new: &NewTeamInvitation, max: u64) -> Result<TeamInvitationRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            hold_organisation(&mut transaction, self.tenant).await?;
            self.refuse_member(&mut transaction, &new.email).await?;
            let current: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM team_invitations WHERE tenant_id = $1 AND email <> $2",
            )
            .bind(self.tenant.to_string())
            .bind(&new.email)
            .fetch_one(&mut *transaction)
            .await?;
            let current = u64::try_from(current).unwrap_or(0);
            if current >= max {
                return Err(StoreError::LimitReached { kind: LimitKind::Invitations, current, max });
            }
            let row: TeamInvitationRow = sqlx::query_as(
                "INSERT INTO team_invitations (id, tenant_id, email, role, digest, invited_by, created_at, sent_at, \
                 expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8) ON CONFLICT (tenant_id, email) DO UPDATE SET \
                 role = excluded.role, digest = excluded.digest, invited_by = excluded.invited_by, \
                 sent_at = excluded.sent_at, expires_at = excluded.expires_at RETURNING *",
            )
            .bind(TeamInvitationId::new().to_string())
            .bind(self.tenant.to_string())
            .bind(&new.email)
            .bind(&new.role)
            .bind(&new.digest)
            .bind(new.invited_by.to_string())
            .bind(to_sql(UnixMillis::now().0))
            .bind(to_sql(new.expires_at.0))
            .fetch_one(&mut *transaction)
            .await?;
            let entry = Entry::new("invitation.create", Target::new("invitation", row.id));
            self.audit(&mut transaction, entry.after(row.shown()));
            transaction.commit().await?;
            Ok(row)
        })
        .await
    }

    /// Gives an invitation a new link; the former one ends.
    pub async fn renew_invitation(
        &self,
        id: TeamInvitationId,
        digest: &str,
        expires_at: UnixMillis,
    ) -> Result<TeamInvitationRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let row: Option<TeamInvitationRow> = sqlx::query_as(
                "UPDATE team_invitations SET digest = $3, sent_at = $4, expires_at = $5 \
                 WHERE tenant_id = $1 AND id = $2 RETURNING *",
            )
            .bind(self.tenant.to_string())
            .bind(id.to_string())
            .bind(digest)
            .bind(to_sql(UnixMillis::now().0))
            .bind(to_sql(expires_at.0))
            .fetch_optional(&mut *transaction)
            .await?;
            let row = row.ok_or(StoreError::NotFound(Missing::Invitation))?;
            let entry = Entry::new("invitation.resend", Target::new("invitation", id));
            self.audit(&mut transaction, entry.after(row.shown()));
            transaction.commit().await?;
            Ok(row)
        })
        .await
    }

    /// Takes an invitation back.
    pub async fn revoke_invitation(&self, id: TeamInvitationId) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let row: Option<TeamInvitationRow> =
                sqlx::query_as("DELETE FROM team_invitations WHERE tenant_id = $1 AND id = $2 RETURNING *")
                    .bind(self.tenant.to_string())
                    .bind(id.to_string())
                    .fetch_optional(&mut *transaction)
                    .await?;
            let row = row.ok_or(StoreError::NotFound(Missing::Invitation))?;
            let entry = Entry::new("invitation.revoke", Target::new("invitation", id));
            self.audit(&mut transaction, entry.before(row.shown()));
            transaction.commit().await
        })
        .await
    }

    async fn refuse_member(&self, connection: &mut AnyConnection, email: &str) -> Result<(), StoreError> {
        let members: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM memberships m JOIN users u ON u.id = m.user_id \
             WHERE m.tenant_id = $1 AND u.email = $2",
        )
        .bind(self.tenant.to_string())
        .bind(email)
        .fetch_one(connection)
        .await?;
        if members > 0 { Err(StoreError::AlreadyMember) } else { Ok(()) }
    }
}

impl HostStore {
    /// The invitation whose link has this digest, while it is valid.
    pub async fn open_team_invitation(&self, digest: &str) -> Result<Option<OpenTeamInvitation>, StoreError> {
        within(async {
            let row = sqlx::query_as(
                "SELECT i.*, t.name AS organisation, CASE WHEN u.id IS NULL THEN 0 ELSE 1 END AS has_account \
                 FROM team_invitations i JOIN tenants t ON t.id = i.tenant_id LEFT JOIN users u ON u.email = i.email \
                 WHERE i.digest = $1 AND i.expires_at > $2 AND t.provisioning_since IS NULL",
            )
            .bind(digest)
            .bind(to_sql(UnixMillis::now().0))
            .fetch_optional(&self.store.pool)
            .await?;
            Ok(row)
        })
        .await
    }

    /// The person `user` follows an invitation that is for the own address. A person may belong to `max`
    /// organisations.
    ///
    /// # Errors
    /// [`StoreError::InvitationRefused`], [`StoreError::InvitationForOther`], [`StoreError::AlreadyMember`],
    /// [`StoreError::LimitReached`].
    pub async fn join(&self, digest: &str, user: UserId, max: u64) -> Result<TeamInvitationRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let invitation = consume(&mut transaction, digest).await?;
            let row: UserRow = sqlx::query_as("UPDATE users SET role = role WHERE id = $1 RETURNING *")
                .bind(user.to_string())
                .fetch_one(&mut *transaction)
                .await?;
            if row.email != invitation.email {
                return Err(StoreError::InvitationForOther);
            }
            let current: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM memberships WHERE user_id = $1")
                .bind(user.to_string())
                .fetch_one(&mut *transaction)
                .await?;
            let current = u64::try_from(current).unwrap_or(0);
            if current >= max {
                return Err(StoreError::LimitReached { kind: LimitKind::Organisations, current, max });
            }
            self.admit(&mut transaction, &invitation, user).await?;
            transaction.commit().await?;
            Ok(invitation)
        })
        .await
    }

    /// Somebody without an account follows an invitation: the account is made for its address, and the organisation is
    /// its home.
    ///
    /// # Errors
    /// [`StoreError::InvitationRefused`]; [`StoreError::EmailTaken`] where there is an account meanwhile.
    pub async fn join_with_new_account(
        &self,
        digest: &str,
        account: &NewAccount,
    ) -> Result<UserRow, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let invitation = consume(&mut transaction, digest).await?;
            let account = NewAccount { email: invitation.email.clone(), ..account.clone() };
            let user =
                insert_user(&mut transaction, invitation.tenant_id, &account, UnixMillis::now()).await?;
            // Whoever has the link has read the mail.
            sqlx::query("UPDATE users SET email_verified_at = $2 WHERE id = $1")
                .bind(user.id.to_string())
                .bind(to_sql(UnixMillis::now().0))
                .execute(&mut *transaction)
                .await?;
            let joined = self.clone().acting_as(crate::Actor {
                who: crate::Who::Person { user: user.id, impersonator: None },
                ..*self.actor()
            });
            joined.admit(&mut transaction, &invitation, user.id).await?;
            transaction.commit().await?;
            Ok(user)
        })
        .await
    }

    async fn admit(
        &self,
        transaction: &mut crate::transaction::Transaction,
        invitation: &TeamInvitationRow,
        user: UserId,
    ) -> Result<(), StoreError> {
        let TeamInvitationRow { tenant_id, role, .. } = invitation;
        insert_membership(transaction, *tenant_id, user, role, UnixMillis::now()).await?;
        let entry = Entry::new("member.join", Target::new("member", user));
        self.audit_in(transaction, *tenant_id, entry.after(invitation.shown()));
        Ok(())
    }
}

/// Takes the invitation whose link has this digest: of two that race one finds nothing.
async fn consume(connection: &mut AnyConnection, digest: &str) -> Result<TeamInvitationRow, StoreError> {
    sqlx::query_as(
        "DELETE FROM team_invitations WHERE digest = $1 AND expires_at > $2 AND tenant_id IN \
         (SELECT t.id FROM tenants t WHERE t.provisioning_since IS NULL) RETURNING *",
    )
    .bind(digest)
    .bind(to_sql(UnixMillis::now().0))
    .fetch_optional(connection)
    .await?
    .ok_or(StoreError::InvitationRefused)
}
