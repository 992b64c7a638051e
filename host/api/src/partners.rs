//! `/api/partner`: what a partner's tenants may install, its bundles, and tenants that begin with one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use neustream_accounts::{Email, InvitationToken, PlatformRole};
use neustream_catalogue::{FirstUser, SignedBundle};
use neustream_contract::Digest;
use neustream_model::UnixMillis;
use neustream_store::{BundleRow, NewAccount, PartnerRow};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::client::PublicUrls;
use crate::completion::to_the_end;
use crate::error::{ApiError, ErrorBody};
use crate::extract::Json;
use crate::identity::Administrator;
use crate::moment::rfc3339;
use crate::state::AppState;
use crate::text::name;

const INVITATION_LIFETIME: Duration = Duration::from_hours(7 * 24);
/// In place of a hash: no password fits it.
const NO_PASSWORD: &str = "!";

/// A partner to be made.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewPartnerBody {
    /// The namespace of the tenant that becomes one; its keys sign its bundles.
    #[schema(example = "acme")]
    namespace: String,
    /// The partner's name.
    #[schema(example = "Acme Live", max_length = 100)]
    name: String,
}

/// A partner.
#[derive(Serialize, ToSchema)]
pub(crate) struct PartnerBody {
    /// The tenant that it is.
    #[schema(format = Uuid)]
    tenant_id: String,
    /// Its namespace.
    namespace: String,
    /// Its name.
    name: String,
    /// When it became one (RFC 3339).
    #[schema(format = DateTime)]
    created_at: String,
}

/// One partner.
#[derive(Serialize, ToSchema)]
pub(crate) struct OnePartnerBody {
    partner: PartnerBody,
}

/// The only plugins that your tenants may install.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct AllowListBody {
    /// Ids; null for every plugin that they see.
    #[schema(example = json!(["acme/odysee", "neustream/twitch"]))]
    allowed: Option<BTreeSet<String>>,
}

/// The only versions of plugins that your tenants may install.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct PinsBody {
    /// Digests by plugin.
    #[schema(value_type = BTreeMap<String, String>)]
    pins: BTreeMap<String, Digest>,
}

/// A signed bundle. `examples/partner-bundle` shows how one is made.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SignedBundleBody {
    /// The document.
    #[schema(value_type = Object)]
    bundle: Value,
    /// Whose key signed it: a current one of your namespace.
    key: String,
    /// Over the document's canonical form (sorted keys, no white space), in hexadecimal.
    signature: String,
}

/// A bundle that is kept.
#[derive(Serialize, ToSchema)]
pub(crate) struct BundleBody {
    /// Its name.
    #[schema(example = "starter")]
    name: String,
    /// The document.
    #[schema(value_type = Object)]
    bundle: Value,
    /// Whose key signed it.
    key: String,
    /// When it was last brought (RFC 3339).
    #[schema(format = DateTime)]
    updated_at: String,
}

/// One bundle.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneBundleBody {
    bundle: BundleBody,
}

/// Bundles, by name.
#[derive(Serialize, ToSchema)]
pub(crate) struct BundlesBody {
    bundles: Vec<BundleBody>,
}

/// A tenant to be made.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewPartnerTenantBody {
    /// The bundle that it begins with.
    #[schema(example = "starter")]
    bundle: String,
    /// E-mail address of its first user.
    #[schema(example = "shop@example.com")]
    email: String,
    /// The name of user and tenant.
    #[schema(example = "Shop", max_length = 100)]
    display_name: String,
}

/// How the first user of a new tenant enters.
#[derive(Serialize, ToSchema)]
pub(crate) struct InvitationBody {
    /// Shown now and never again; `POST /api/auth/invitation` takes it with a password.
    token: String,
    /// The page that does so.
    url: String,
    /// Until when (RFC 3339).
    #[schema(format = DateTime)]
    expires_at: String,
}

/// A tenant that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewTenantBody {
    /// The tenant.
    #[schema(format = Uuid)]
    tenant_id: String,
    /// Its first user.
    #[schema(format = Uuid)]
    user_id: String,
    invitation: InvitationBody,
}

/// How a tenant's pages look.
#[derive(Serialize, ToSchema)]
pub(crate) struct BrandingBody {
    /// `name`, `logo` and `colours`; null for the host's own.
    #[schema(value_type = Option<Object>)]
    branding: Option<Value>,
}

/// Make a tenant a partner
#[utoipa::path(
    post, path = "/api/admin/partners", operation_id = "createPartner", tag = "administration", security(("bearer" = ["administrator"])),
    request_body = NewPartnerBody,
    responses(
        (status = 201, body = OnePartnerBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform, or nobody holds the namespace."),
        (status = 409, body = ErrorBody, description = "Its holder is a partner's tenant, or a partner with another namespace: `PARTNER_IMPOSSIBLE`."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    _admin: Administrator,
    Json(body): Json<NewPartnerBody>,
) -> Result<(StatusCode, Json<OnePartnerBody>), ApiError> {
    let name = name("name", &body.name)?;
    let partner = state.partners.make(body.namespace.trim(), &name).await?;
    Ok((StatusCode::CREATED, Json(OnePartnerBody { partner: partner_body(partner) })))
}

/// Show which plugins your tenants may install
#[utoipa::path(
    get, path = "/api/partner/allow-list", operation_id = "getAllowList", tag = "partners", security(("bearer" = ["publishing:read"]), ("apiKey" = ["publishing:read"])),
    responses(
        (status = 200, body = AllowListBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "You are no partner (`NOT_PARTNER`)."),
    ),
)]
pub(crate) async fn allow_list(
    State(state): State<AppState>,
    access: Access<may::PublishingRead>,
) -> Result<Json<AllowListBody>, ApiError> {
    let rules = state.partners.rules(access.store.tenant()).await?;
    Ok(Json(AllowListBody { allowed: rules.allowed }))
}

/// Set which plugins your tenants may install
///
/// What they have installed already stays.
#[utoipa::path(
    put, path = "/api/partner/allow-list", operation_id = "setAllowList", tag = "partners", security(("bearer" = ["publishing:write"]), ("apiKey" = ["publishing:write"])),
    request_body = AllowListBody,
    responses(
        (status = 200, body = AllowListBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "You are no partner."),
        (status = 422, body = ErrorBody, description = "A field is not valid (`VALIDATION_FAILED`), or the bundle, or a list, is not valid (`BUNDLE_INVALID`)."),
    ),
)]
pub(crate) async fn set_allow_list(
    State(state): State<AppState>,
    access: Access<may::PublishingWrite>,
    Json(body): Json<AllowListBody>,
) -> Result<Json<AllowListBody>, ApiError> {
    state.partners.set_allow_list(access.store.tenant(), body.allowed.as_ref()).await?;
    Ok(Json(body))
}

/// Show which versions your tenants may install
#[utoipa::path(
    get, path = "/api/partner/pins", operation_id = "getPins", tag = "partners", security(("bearer" = ["publishing:read"]), ("apiKey" = ["publishing:read"])),
    responses(
        (status = 200, body = PinsBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "You are no partner (`NOT_PARTNER`)."),
    ),
)]
pub(crate) async fn pins(
    State(state): State<AppState>,
    access: Access<may::PublishingRead>,
) -> Result<Json<PinsBody>, ApiError> {
    let rules = state.partners.rules(access.store.tenant()).await?;
    let pin = |(plugin, digest): (String, String)| match digest.parse() {
        Ok(digest) => Ok((plugin, digest)),
        Err(_) => Err(ApiError::Internal(format!("the pin of {plugin} is malformed"))),
    };
    Ok(Json(PinsBody { pins: rules.pins.into_iter().map(pin).collect::<Result<_, _>>()? }))
}

/// Set which versions your tenants may install
#[utoipa::path(
    put, path = "/api/partner/pins", operation_id = "setPins", tag = "partners", security(("bearer" = ["publishing:write"]), ("apiKey" = ["publishing:write"])),
    request_body = PinsBody,
    responses(
        (status = 200, body = PinsBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "You are no partner."),
        (status = 422, body = ErrorBody, description = "A digest is no verified version that your tenants see (`BUNDLE_INVALID`)."),
    ),
)]
pub(crate) async fn set_pins(
    State(state): State<AppState>,
    access: Access<may::PublishingWrite>,
    Json(body): Json<PinsBody>,
) -> Result<Json<PinsBody>, ApiError> {
    state.partners.set_pins(access.store.tenant(), &body.pins).await?;
    Ok(Json(body))
}

/// List your bundles
#[utoipa::path(
    get, path = "/api/partner/bundles", operation_id = "listBundles", tag = "partners", security(("bearer" = ["publishing:read"]), ("apiKey" = ["publishing:read"])),
    responses(
        (status = 200, body = BundlesBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "You are no partner (`NOT_PARTNER`)."),
    ),
)]
pub(crate) async fn bundles(
    State(state): State<AppState>,
    access: Access<may::PublishingRead>,
) -> Result<Json<BundlesBody>, ApiError> {
    let bundles = state.partners.bundles(access.store.tenant()).await?;
    Ok(Json(BundlesBody { bundles: bundles.into_iter().map(bundle_body).collect() }))
}

/// Keep a signed bundle
///
/// It takes the place of a former one of its name. Everything in it is checked: signature, versions, configurations.
#[utoipa::path(
    post, path = "/api/partner/bundles", operation_id = "putBundle", tag = "partners", security(("bearer" = ["publishing:write"]), ("apiKey" = ["publishing:write"])),
    request_body = SignedBundleBody,
    responses(
        (status = 201, body = OneBundleBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "You are no partner (`NOT_PARTNER`)."),
        (status = 422, body = ErrorBody, description = "`BUNDLE_INVALID`: `details` tells what is wrong, and where in the document."),
    ),
)]
pub(crate) async fn put_bundle(
    State(state): State<AppState>,
    access: Access<may::PublishingWrite>,
    Json(body): Json<SignedBundleBody>,
) -> Result<(StatusCode, Json<OneBundleBody>), ApiError> {
    let signed = SignedBundle { bundle: body.bundle, key: body.key, signature: body.signature };
    let bundle = state.partners.put_bundle(access.store.tenant(), &signed).await?;
    Ok((StatusCode::CREATED, Json(OneBundleBody { bundle: bundle_body(bundle) })))
}

/// Make a tenant with a bundle
///
/// Tenant, first user, branding and all plugins, or nothing.
#[utoipa::path(
    post, path = "/api/partner/tenants", operation_id = "createPartnerTenant", tag = "partners", security(("bearer" = ["publishing:write"]), ("apiKey" = ["publishing:write"])),
    request_body = NewPartnerTenantBody,
    responses(
        (status = 201, body = NewTenantBody),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "You are no partner (`NOT_PARTNER`)."),
        (status = 404, body = ErrorBody, description = "You have no such bundle."),
        (status = 409, body = ErrorBody, description = "There is an account with this e-mail address: `EMAIL_TAKEN`."),
        (status = 422, body = ErrorBody, description = "The bundle does not hold any more (`BUNDLE_INVALID`), or a plugin cannot be installed (`PLUGIN_REFUSED`)."),
    ),
)]
pub(crate) async fn create_tenant(
    State(state): State<AppState>,
    access: Access<may::PublishingWrite>,
    urls: PublicUrls,
    Json(body): Json<NewPartnerTenantBody>,
) -> Result<(StatusCode, Json<NewTenantBody>), ApiError> {
    let email: Email = body.email.parse()?;
    let account = NewAccount {
        email: email.as_str().to_owned(),
        display_name: name("display_name", &body.display_name)?,
        password_hash: NO_PASSWORD.to_owned(),
        role: PlatformRole::Member.as_str().to_owned(),
    };
    let token = InvitationToken::generate();
    let expires_at = UnixMillis::now().plus(INVITATION_LIFETIME);
    let first = FirstUser {
        account,
        invitation: token.digest().as_str().to_owned(),
        invitation_expires_at: expires_at,
    };
    let partner = access.store.tenant();
    let user =
        to_the_end(async move { Ok(state.partners.provision(partner, &body.bundle, first).await?) }).await?;
    Ok((
        StatusCode::CREATED,
        Json(NewTenantBody {
            tenant_id: user.tenant_id.to_string(),
            user_id: user.id.to_string(),
            invitation: InvitationBody {
                token: token.expose().to_owned(),
                url: urls.invitation(&token),
                expires_at: rfc3339(expires_at),
            },
        }),
    ))
}

/// Show how your pages look
#[utoipa::path(
    get, path = "/api/branding", operation_id = "getBranding", tag = "partners", security(("bearer" = ["organisation:read"]), ("apiKey" = ["organisation:read"])),
    responses((status = 200, body = BrandingBody), (status = 401, body = ErrorBody)),
)]
pub(crate) async fn branding(access: Access<may::OrganisationRead>) -> Result<Json<BrandingBody>, ApiError> {
    let branding = access.store.branding().await?;
    let branding = branding.map(|text| serde_json::from_str(&text)).transpose();
    let malformed = |error| ApiError::Internal(format!("branding of {}: {error}", access.store.tenant()));
    Ok(Json(BrandingBody { branding: branding.map_err(malformed)? }))
}

fn partner_body(partner: PartnerRow) -> PartnerBody {
    PartnerBody {
        tenant_id: partner.tenant_id.to_string(),
        namespace: partner.namespace,
        name: partner.name,
        created_at: rfc3339(partner.created_at),
    }
}

fn bundle_body(bundle: BundleRow) -> BundleBody {
    BundleBody {
        name: bundle.name,
        bundle: serde_json::from_str(&bundle.document).unwrap_or_default(),
        key: bundle.key,
        updated_at: rfc3339(bundle.updated_at),
    }
}
