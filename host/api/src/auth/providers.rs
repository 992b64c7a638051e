//! Signing in with an account at another provider, and connecting one.
//!
//! Whoever is sent away gets a cookie that only the way back of this provider
//! sees; it holds, sealed, what the answer must fit. So nothing is kept for
//! those who never come back, and nobody brings another browser's answer.
//!
//! An account at a provider that is known opens its account here. One that is
//! not opens a new account, or the account of the same address where both
//! sides are sure of it: the address is verified here, and the provider gives
//! such addresses out itself (Google for gmail.com and for the organisations
//! whose mail it runs). In every other case somebody else might own the address
//! by now or might have opened the account here first; then the person signs in
//! otherwise and connects the provider in the profile.

use axum::extract::State;
use axum::http::header::{ACCEPT, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use neustream_accounts::{Email, NO_PASSWORD, PlatformRole};
use neustream_model::{Secret, UnixMillis, UserId};
use neustream_oidc::{Begun, Callback, Claimed, Flow, OpenIdError};
use neustream_store::{HostStore, NewAccount, NewUserIdentity, StoreError, UserRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Visitor;
use super::login::first_factor_proved;
use super::tokens::SignInBody;
use crate::completion::to_the_end;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path, QueryString};
use crate::mail::{Letter, Postbox};
use crate::maintenance::registration_is_open;
use crate::oauth::is_own_path;
use crate::state::AppState;
use crate::text::name;

const COOKIE_NAME: &str = "neustream-sign-in";
/// What the sealed cookie is for.
const PURPOSE: &str = "sign-in";
/// Where people land who said nothing else.
const HOME: &str = "/";
const LOGIN_PAGE: &str = "/login";

/// What the browser brings back, sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    flow: Flow,
    return_to: String,
    /// Who connects a provider; nobody where somebody signs in.
    connects: Option<UserId>,
}

/// Where to land afterwards.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReturnQuery {
    /// A path of this host.
    #[param(example = "/sources")]
    return_to: Option<String>,
}

/// What a provider answers with.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CallbackQuery {
    /// Which flow it is.
    state: Option<String>,
    /// What is exchanged for an identity.
    code: Option<String>,
    /// Why there is none.
    error: Option<String>,
    /// Who answers (RFC 9207).
    iss: Option<String>,
}

/// A provider that people can sign in with.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProviderBody {
    /// Its name in addresses.
    #[schema(example = "google")]
    name: String,
    /// Its name for people.
    #[schema(example = "Google")]
    label: String,
}

/// Providers that people can sign in with.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProvidersBody {
    providers: Vec<ProviderBody>,
}

/// List the providers that people can sign in with
#[utoipa::path(
    get, path = "/api/auth/providers", operation_id = "listSignInProviders", tag = "auth", security(()),
    responses((status = 200, body = ProvidersBody)),
)]
pub(crate) async fn list(State(state): State<AppState>) -> Json<ProvidersBody> {
    let body = |(name, provider): (&str, &neustream_oidc::Provider)| ProviderBody {
        name: name.to_owned(),
        label: provider.label.clone(),
    };
    Json(ProvidersBody { providers: state.openid.providers().map(body).collect() })
}

/// Sign in with a provider
///
/// Opened by a browser: leads to the provider's page and sets a cookie that the way back needs.
#[utoipa::path(
    get, path = "/api/auth/{provider}", operation_id = "beginProviderSignIn", tag = "auth", security(()),
    params(("provider" = String, Path, description = "`google` or `twitch`."), ReturnQuery),
    responses(
        (status = 303, description = "To the provider."),
        (status = 403, body = ErrorBody, description = "The provider cannot be reached: `SIGN_IN_FAILED`."),
        (status = 404, body = ErrorBody, description = "This host has no client at such a provider."),
        (status = 422, body = ErrorBody, description = "`return_to` is no path of this host."),
    ),
)]
pub(crate) async fn begin(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(provider): Path<String>,
    QueryString(query): QueryString<ReturnQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let return_to = checked_return(query.return_to)?;
    match depart(&state, &visitor, &provider, return_to, None).await {
        Ok((url, cookie)) => {
            let location = HeaderValue::try_from(url).map_err(|error| {
                ApiError::Internal(format!("a provider's page that is no header: {error}"))
            })?;
            Ok((StatusCode::SEE_OTHER, [(LOCATION, location), (SET_COOKIE, cookie)]).into_response())
        }
        Err(error @ ApiError::SignInFailed { .. }) if is_browser(&headers) => Ok(failed_page(&error)),
        Err(error) => Err(error),
    }
}

/// Come back from a provider
///
/// A browser is led on to the dashboard, signed in by the refresh cookie; a program that asks for JSON gets the
/// sign-in. Where the account has a second factor, its challenge stands behind the `#` of the address or in the answer.
#[utoipa::path(
    get, path = "/api/auth/{provider}/callback", operation_id = "finishProviderSignIn", tag = "auth", security(()),
    params(("provider" = String, Path, description = "`google` or `twitch`."), CallbackQuery),
    responses(
        (status = 200, body = SignInBody, description = "Signed in; for programs."),
        (status = 303, description = "Back to the dashboard; for browsers."),
        (status = 401, body = ErrorBody, description = "`SECOND_FACTOR_REQUIRED`."),
        (status = 403, body = ErrorBody, description = "`SIGN_IN_FAILED`, or the account is kept out (`SUSPENDED`)."),
        (status = 404, body = ErrorBody, description = "This host has no client at such a provider."),
    ),
)]
pub(crate) async fn callback(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(provider): Path<String>,
    QueryString(query): QueryString<CallbackQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    known(&state, &provider)?;
    let is_browser = is_browser(&headers);
    let forget = cookie(&provider, "", 0, &visitor)?;
    let kept = kept_by(&state, &headers).filter(|kept| kept.flow.provider() == provider);
    // To its end, even when the browser goes away: a code that was exchanged must not be lost.
    let result = to_the_end(async move { arrive(&state, &visitor, &provider, kept, query).await }).await;
    let mut response = match result {
        Ok(Arrived::SignedIn { response, return_to }) if is_browser => led_to(&return_to, response)?,
        Ok(Arrived::SignedIn { response, .. }) => response,
        Ok(Arrived::Connected { return_to }) => redirect(&return_to)?,
        Err(error) if is_browser => failed_page(&error),
        Err(error) => error.into_response(),
    };
    response.headers_mut().append(SET_COOKIE, forget);
    Ok(response)
}

/// How it ended well.
enum Arrived {
    /// With a sign-in.
    SignedIn { response: Response, return_to: String },
    /// With a connected provider.
    Connected { return_to: String },
}

async fn arrive(
    state: &AppState,
    visitor: &Visitor,
    provider: &str,
    kept: Option<Kept>,
    query: CallbackQuery,
) -> Result<Arrived, ApiError> {
    let failed = |error: OpenIdError| sign_in_failed(provider, &error);
    let Kept { flow, return_to, connects } = kept.ok_or_else(|| failed(OpenIdError::StateUnknown))?;
    let CallbackQuery { state: given, code, error, iss } = query;
    let callback = Callback { state: given, code, error, iss };
    let claimed = state.openid.finish(&flow, &callback, UnixMillis::now()).await.map_err(failed)?;
    if let Some(user) = connects {
        let host = visitor.host_as(state, user);
        let user = host.user(user).await?;
        connect(state, &host, &user, &identity_of(provider, &claimed)).await?;
        return Ok(Arrived::Connected { return_to });
    }
    let user = account_of(state, visitor, provider, claimed).await?;
    let response = first_factor_proved(state, visitor, user, provider, None).await?;
    Ok(Arrived::SignedIn { response, return_to })
}

/// The account that somebody signs in to: see the module.
async fn account_of(
    state: &AppState,
    visitor: &Visitor,
    provider: &str,
    claimed: Claimed,
) -> Result<UserRow, ApiError> {
    let host = visitor.host(state);
    if let Some(user) = host.user_by_identity(provider, &claimed.subject).await? {
        return Ok(user);
    }
    let refused = |reason| ApiError::SignInFailed { provider: provider.to_owned(), reason };
    let email = claimed.email.as_deref().filter(|_| claimed.is_email_verified);
    let email: Email =
        email.and_then(|email| email.parse().ok()).ok_or_else(|| refused("email-unverified"))?;
    let identity = identity_of(provider, &claimed);
    match host.user_by_email(email.as_str()).await? {
        Some(user) if user.email_verified_at.is_some() && claimed.is_email_authority => {
            connect(state, &host, &user, &identity).await?;
            Ok(user)
        }
        Some(_) => Err(refused("account-exists")),
        None if !registration_is_open(state).await => Err(refused("registration-closed")),
        None => {
            let called = claimed.name.as_deref().and_then(|text| name("display_name", text).ok());
            let account = NewAccount {
                email: email.as_str().to_owned(),
                display_name: called.unwrap_or_else(|| email.local().to_owned()),
                password_hash: NO_PASSWORD.to_owned(),
                role: PlatformRole::Member.as_str().to_owned(),
            };
            Ok(host.create_account_with_identity(&account, &identity).await?)
        }
    }
}

/// Lets `user` sign in with an account at a provider from now on, and says so by mail.
async fn connect(
    state: &AppState,
    host: &HostStore,
    user: &UserRow,
    identity: &NewUserIdentity,
) -> Result<(), ApiError> {
    let head = state.letterhead();
    let label = label_of(state, &identity.provider);
    let letter = Letter::IdentityConnected { host: head.host(), provider: &label };
    let mail = Postbox::written(&user.email, &letter);
    match host.connect_identity(user.id, identity, &mail).await {
        Err(StoreError::IdentityTaken) => {
            Err(ApiError::SignInFailed { provider: identity.provider.clone(), reason: "identity-taken" })
        }
        other => {
            other?;
            state.mail.ring();
            Ok(())
        }
    }
}

/// Prepares to send somebody to a provider: its page, and the cookie that the way back needs.
pub(super) async fn depart(
    state: &AppState,
    visitor: &Visitor,
    provider: &str,
    return_to: String,
    connects: Option<UserId>,
) -> Result<(String, HeaderValue), ApiError> {
    known(state, provider)?;
    let redirect_uri = format!("{}{}", visitor.urls.web(), callback_path(provider));
    let begun = state.openid.begin(provider, &redirect_uri, UnixMillis::now()).await;
    let Begun { authorize_url, flow, lifetime } = begun.map_err(|error| sign_in_failed(provider, &error))?;
    let kept = Kept { flow, return_to, connects };
    let text = Secret::new(serde_json::to_string(&kept).unwrap_or_default());
    let sealed = state.store.host().seal_for_browser(PURPOSE, &text)?;
    Ok((authorize_url, cookie(provider, &sealed, lifetime.as_secs(), visitor)?))
}

/// Where to land, checked.
pub(super) fn checked_return(return_to: Option<String>) -> Result<String, ApiError> {
    let return_to = return_to.unwrap_or_else(|| HOME.to_owned());
    if is_own_path(&return_to) {
        return Ok(return_to);
    }
    let message = "must be a path of this host, such as /sources".to_owned();
    Err(ApiError::Invalid { field: "return_to", message })
}

/// The provider's name for people.
pub(super) fn label_of(state: &AppState, provider: &str) -> String {
    let found = state.openid.providers().find(|(name, _)| *name == provider);
    found.map_or_else(|| provider.to_owned(), |(_, provider)| provider.label.clone())
}

fn known(state: &AppState, provider: &str) -> Result<(), ApiError> {
    let is_known = state.openid.providers().any(|(name, _)| name == provider);
    if is_known { Ok(()) } else { Err(ApiError::NotFound("provider that this host signs in with")) }
}

fn identity_of(provider: &str, claimed: &Claimed) -> NewUserIdentity {
    NewUserIdentity {
        provider: provider.to_owned(),
        subject: claimed.subject.clone(),
        // An address for people to recognise; nothing is done with it.
        email: claimed.email.as_deref().unwrap_or_default().chars().take(254).collect(),
    }
}

fn sign_in_failed(provider: &str, error: &OpenIdError) -> ApiError {
    tracing::info!(provider, code = error.code(), %error, "nobody was signed in with a provider");
    ApiError::SignInFailed { provider: provider.to_owned(), reason: error.code() }
}

fn kept_by(state: &AppState, headers: &HeaderMap) -> Option<Kept> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = pairs.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, sealed) = pairs.find(|(name, _)| *name == COOKIE_NAME)?;
    let opened = state.store.host().unseal_from_browser(PURPOSE, sealed)?;
    serde_json::from_str(opened.expose()).ok()
}

/// `SameSite=Lax`: the provider's redirect is a navigation from another site, which brings the cookie along.
fn cookie(provider: &str, value: &str, max_age_s: u64, visitor: &Visitor) -> Result<HeaderValue, ApiError> {
    let secure = if visitor.urls.is_https() { "; Secure" } else { "" };
    let path = callback_path(provider);
    let text =
        format!("{COOKIE_NAME}={value}; Path={path}; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(text)
        .map_err(|error| ApiError::Internal(format!("a cookie that is no header: {error}")))
}

fn callback_path(provider: &str) -> String {
    format!("/api/auth/{provider}/callback")
}

/// Whether a person looks at the answer (RFC 9110 12.5.1).
fn is_browser(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.any(|value| value.contains("text/html"))
}

/// On to the dashboard with the cookies of `response`: its body is for programs.
fn led_to(return_to: &str, mut response: Response) -> Result<Response, ApiError> {
    let mut page = redirect(return_to)?;
    if let Some(cookie) = response.headers_mut().remove(SET_COOKIE) {
        page.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(page)
}

fn redirect(path: &str) -> Result<Response, ApiError> {
    let location = HeaderValue::try_from(path)
        .map_err(|error| ApiError::Internal(format!("a way back that is no header: {error}")))?;
    let headers: [(HeaderName, HeaderValue); 1] = [(LOCATION, location)];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// The page that says why nobody is signed in, or asks for the second factor. What is secret stands behind the `#`,
/// which browsers tell no server.
fn failed_page(error: &ApiError) -> Response {
    let page = match error {
        ApiError::SecondFactorRequired { challenge, .. } => {
            format!("{LOGIN_PAGE}#challenge={}", challenge.expose())
        }
        ApiError::SignInFailed { provider, reason } => {
            format!("{LOGIN_PAGE}?provider={provider}&failed={reason}")
        }
        _ => format!("{LOGIN_PAGE}?failed=unavailable"),
    };
    redirect(&page).unwrap_or_else(IntoResponse::into_response)
}
