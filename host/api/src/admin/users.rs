//! `/api/admin/users`: everybody who has an account, and keeping somebody out.

use axum::extract::State;
use neustream_model::{UnixMillis, UserId};
use neustream_store::{PersonListed, Suspension};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Numbered, OwnerBody, PaginationBody};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path, QueryString};
use crate::identity::Administrator;
use crate::moment::rfc3339;
use crate::state::AppState;
use crate::text::description;

/// Characters of what is searched for, at most.
const MAX_SEARCH_CHARS: usize = 100;

/// The plan of somebody's home organisation.
#[derive(Serialize, ToSchema)]
pub(crate) struct HeldPlanBody {
    /// Its name.
    #[schema(example = "Pro")]
    plan_name: String,
    /// `active`, or `past_due` where a payment is late.
    #[schema(example = "active")]
    status: &'static str,
    /// Whether it comes from a subscription; otherwise it is the plan that everybody has.
    is_subscribed: bool,
}

/// Somebody who has an account.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountBody {
    /// The user's id.
    #[schema(format = Uuid)]
    id: String,
    /// E-mail address.
    #[schema(example = "user@example.com")]
    email: String,
    /// Whether somebody proved to read the mail of the address.
    email_verified: bool,
    /// The name that people see.
    #[schema(example = "John Doe")]
    display_name: String,
    /// `admin` runs the platform, `member` acts for the own organisations.
    #[schema(example = "member")]
    role: String,
    /// The home organisation.
    organisation: OwnerBody,
    /// The plan of the home organisation.
    subscription: HeldPlanBody,
    /// Since when the person is kept out (RFC 3339); null while nothing does.
    suspended_at: Option<String>,
    /// Why.
    suspension_reason: Option<String>,
    /// When the account was made (RFC 3339).
    #[schema(format = DateTime)]
    created_at: String,
}

/// A page of accounts, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountsBody {
    users: Vec<AccountBody>,
    pagination: PaginationBody,
}

/// Which page of which accounts; the page is read by [`Numbered`].
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "told to the document")]
pub(crate) struct AccountsQuery {
    /// The number of the page, from 1.
    #[param(minimum = 1, maximum = 1_000_000, default = 1)]
    page: Option<u32>,
    /// Rows of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Only accounts whose e-mail address or name has this text in it.
    #[param(max_length = 100, example = "ada")]
    search: Option<String>,
}

/// Why somebody is kept out.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SuspendBody {
    /// For the audit log: 1 to 2000 characters.
    #[schema(example = "Streams what does not belong to them, ticket 4711")]
    reason: String,
}

/// Whether somebody is kept out.
#[derive(Serialize, ToSchema)]
pub(crate) struct SuspensionBody {
    /// The user's id.
    #[schema(format = Uuid)]
    id: String,
    /// Since when (RFC 3339); null while nothing keeps the person out.
    suspended_at: Option<String>,
    /// Why.
    suspension_reason: Option<String>,
}

/// Whether somebody is kept out.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneSuspensionBody {
    user: SuspensionBody,
}

/// List accounts
#[utoipa::path(
    get, path = "/api/admin/users", operation_id = "listAllUsers", tag = "administration",
    security(("bearer" = ["administrator"])), params(AccountsQuery),
    responses(
        (status = 200, body = AccountsBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform: `NOT_ADMINISTRATOR`."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    admin: Administrator,
    Numbered(page): Numbered,
    QueryString(query): QueryString<AccountsQuery>,
) -> Result<Json<AccountsBody>, ApiError> {
    let search = query.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
    if search.is_some_and(|text| text.chars().count() > MAX_SEARCH_CHARS || text.contains('\0')) {
        let message = format!("at most {MAX_SEARCH_CHARS} characters, and none of them NUL");
        return Err(ApiError::Invalid { field: "search", message });
    }
    let listed = admin.host(&state).people(page, search, UnixMillis::now()).await?;
    let pagination = PaginationBody::new(page, listed.total);
    Ok(Json(AccountsBody { users: listed.rows.into_iter().map(account).collect(), pagination }))
}

/// Suspend somebody
///
/// Every sign-in ends at once, and signing in is refused until `activate`. What the person's organisations do by
/// themselves goes on; those that have no other owner publish no more, and their API keys are refused.
#[utoipa::path(
    post, path = "/api/admin/users/{id}/suspend", operation_id = "suspendUser", tag = "administration",
    security(("bearer" = ["administrator"])), request_body = SuspendBody,
    params(("id" = String, Path, format = Uuid, description = "The user.")),
    responses(
        (status = 200, body = OneSuspensionBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform: `NOT_ADMINISTRATOR`."),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "That is you: `OWN_ACCOUNT`."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn suspend(
    State(state): State<AppState>,
    admin: Administrator,
    Path(user): Path<UserId>,
    Json(body): Json<SuspendBody>,
) -> Result<Json<OneSuspensionBody>, ApiError> {
    if admin.0.user == user {
        return Err(ApiError::OwnAccount);
    }
    let reason = reason(&body.reason)?;
    let host = admin.host(&state);
    let suspension = host.suspend(user, &reason, UnixMillis::now()).await?;
    state.standings.changed(user);
    for source in host.sources_without_owner(user).await? {
        state.live.end(source).await;
    }
    Ok(Json(suspension_body(suspension)))
}

/// Let somebody in again
#[utoipa::path(
    post, path = "/api/admin/users/{id}/activate", operation_id = "activateUser", tag = "administration",
    security(("bearer" = ["administrator"])),
    params(("id" = String, Path, format = Uuid, description = "The user.")),
    responses(
        (status = 200, body = OneSuspensionBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform: `NOT_ADMINISTRATOR`."),
        (status = 404, body = ErrorBody),
    ),
)]
pub(crate) async fn activate(
    State(state): State<AppState>,
    admin: Administrator,
    Path(user): Path<UserId>,
) -> Result<Json<OneSuspensionBody>, ApiError> {
    Ok(Json(suspension_body(admin.host(&state).activate(user).await?)))
}

/// A reason that was given: not empty, and fit for the audit log.
pub(super) fn reason(text: &str) -> Result<String, ApiError> {
    let reason = description("reason", text)?;
    if reason.is_empty() {
        return Err(ApiError::Invalid { field: "reason", message: "must not be empty".to_owned() });
    }
    Ok(reason)
}

fn account(person: PersonListed) -> AccountBody {
    AccountBody {
        id: person.id.to_string(),
        email: person.email,
        email_verified: person.email_verified_at.is_some(),
        display_name: person.display_name,
        role: person.platform_role,
        organisation: OwnerBody::new(person.organisation, person.organisation_name),
        subscription: HeldPlanBody {
            plan_name: person.plan_name,
            status: if person.is_past_due { "past_due" } else { "active" },
            is_subscribed: person.is_subscribed,
        },
        suspended_at: person.suspended_at.map(rfc3339),
        suspension_reason: person.suspension_reason,
        created_at: rfc3339(person.created_at),
    }
}

fn suspension_body(suspension: Suspension) -> OneSuspensionBody {
    OneSuspensionBody {
        user: SuspensionBody {
            id: suspension.user.to_string(),
            suspended_at: suspension.suspended_at.map(rfc3339),
            suspension_reason: suspension.reason,
        },
    }
}
