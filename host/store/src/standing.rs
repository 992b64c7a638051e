//! What a signed-in person may do now: one query a request.

use neustream_model::{AppId, SignInId, TenantId, UnixMillis, UserId};
use sqlx::FromRow;
use sqlx::any::AnyRow;

use crate::row::{optional, optional_moment, text, to_sql};
use crate::store::within;
use crate::{HostStore, StoreError};

/// What a request with an access token asks to act for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// The sign-in of the token.
    pub sign_in: SignInId,
    /// The user of the token.
    pub user: UserId,
    /// The organisation; `None` for the home of the user.
    pub organisation: Option<TenantId>,
    /// The app; `None` for the default app of the organisation.
    pub app: Option<AppId>,
}

/// A person who is signed in, as things stand now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The role on the platform, as a word.
    pub platform_role: String,
    /// Whether the person is kept out.
    pub is_suspended: bool,
    /// Who acts as this person.
    pub impersonator: Option<UserId>,
    /// The membership that was asked for, if there is one.
    pub membership: Option<MemberStanding>,
}

/// A membership, as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberStanding {
    /// The organisation.
    pub tenant: TenantId,
    /// The role in it, as a word.
    pub role: String,
    /// The app that was asked for, if the organisation has it.
    pub app: Option<AppStanding>,
}

/// An app, as it stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppStanding {
    /// The app.
    pub id: AppId,
    /// Whether it is put away.
    pub is_archived: bool,
}

impl FromRow<'_, AnyRow> for Standing {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let app = |id| -> sqlx::Result<AppStanding> {
            Ok(AppStanding { id, is_archived: optional_moment(row, "app_archived_at")?.is_some() })
        };
        let member = |tenant| -> sqlx::Result<MemberStanding> {
            let app = optional(row, "app_id")?.map(app).transpose()?;
            Ok(MemberStanding { tenant, role: text(row, "member_role")?, app })
        };
        Ok(Self {
            platform_role: text(row, "platform_role")?,
            is_suspended: optional_moment(row, "suspended_at")?.is_some(),
            impersonator: optional(row, "impersonator_id")?,
            membership: optional(row, "member_of")?.map(member).transpose()?,
        })
    }
}

impl HostStore {
    /// How the person stands whose access token asks for `wanted`; `None` when the sign-in has ended.
    ///
    /// An organisation that is still being made counts as none. A sign-in that is bound to one organisation has no
    /// membership in any other.
    pub async fn standing(&self, wanted: &Wanted, now: UnixMillis) -> Result<Option<Standing>, StoreError> {
        let organisation = wanted.organisation.map(|id| id.to_string()).unwrap_or_default();
        let app = wanted.app.map(|id| id.to_string()).unwrap_or_default();
        within(async {
            let standing = sqlx::query_as(
                "SELECT u.role AS platform_role, u.suspended_at, s.impersonator_id, t.id AS member_of, \
                 m.role AS member_role, a.id AS app_id, a.archived_at AS app_archived_at \
                 FROM sign_ins s JOIN users u ON u.id = s.user_id \
                 LEFT JOIN memberships m ON m.user_id = u.id \
                 AND m.tenant_id = COALESCE(NULLIF($3, ''), s.acting_tenant, u.tenant_id) \
                 AND m.tenant_id = COALESCE(s.acting_tenant, m.tenant_id) \
                 LEFT JOIN tenants t ON t.id = m.tenant_id AND t.provisioning_since IS NULL \
                 LEFT JOIN apps a ON a.tenant_id = t.id AND (a.id = $4 OR ($4 = '' AND a.is_default = 1)) \
                 WHERE s.id = $1 AND s.user_id = $2 AND s.ended_at IS NULL \
                 AND s.expires_at > $5",
            )
            .bind(wanted.sign_in.to_string())
            .bind(wanted.user.to_string())
            .bind(organisation)
            .bind(app)
            .bind(to_sql(now.0))
            .fetch_optional(&self.store.pool)
            .await?;
            Ok(standing)
        })
        .await
    }
}
