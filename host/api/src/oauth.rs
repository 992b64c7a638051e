//! Accounts that are connected by consent: sending people to a provider, and taking them back.
//!
//! The way back (`/api/oauth/callback/...`) is opened by a browser that the
//! provider has sent, so it has no token. Who comes back is who was sent: their
//! browser holds a cookie that `authorize` has set, good for this one flow.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use neustream_contract::manifest::SecretKind;
use neustream_installations::oauth::{Callback, CallbackOutcome, OauthError, flow_name};
use neustream_installations::{Consent, InstallationError, InstallationView, TokenSource as _};
use neustream_model::{InstallationId, Secret};
use neustream_store::StoreError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Access, PersonAccess, may};
use crate::client::PublicUrls;
use crate::completion::to_the_end;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Json, Path, QueryString};
use crate::moment::rfc3339;
use crate::state::AppState;

/// Where providers send people back to, followed by plugin and secret.
const CALLBACK: &str = "/api/oauth/callback";
/// Where people land who said nothing else.
const HOME: &str = "/";
const MAX_RETURN_BYTES: usize = 512;

/// Where to come back to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthorizeBody {
    /// A path of this host. The result is appended to its query: `oauth` (`connected` or `failed`), `code` (why it
    /// failed), `installation`, `secret`.
    #[schema(example = "/plugins")]
    return_to: Option<String>,
}

/// Where somebody is to be sent.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuthorizeUrlBody {
    /// The provider's page. Open it in the browser that got this answer: its cookie is needed on the way back.
    authorize_url: String,
    /// How many seconds there are to consent.
    expires_in_s: u64,
}

/// A connected account, or one to be connected.
#[derive(Serialize, ToSchema)]
pub(crate) struct SecretConnectionBody {
    /// The secret's name in the manifest.
    #[schema(example = "account")]
    secret: String,
    /// Its name for people.
    label: String,
    /// `connected`, `consent-needed` (it was connected, and must be again) or `not-connected`.
    #[schema(example = "connected")]
    state: &'static str,
    /// What the plugin asks for and the tenant granted.
    scopes: Vec<String>,
    /// Those that the account has not been asked for yet.
    missing_scopes: Vec<String>,
    /// When the account was connected, or its token was last renewed (RFC 3339).
    renewed_at: Option<String>,
    /// When the token ends; the host renews it before (RFC 3339).
    expires_at: Option<String>,
    /// What must be registered at the provider, letter by letter.
    redirect_uri: String,
}

/// Accounts of an installation.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConnectionsBody {
    connections: Vec<SecretConnectionBody>,
}

/// Begin to connect an account
///
/// Answers the provider's page and sets a cookie that the way back needs.
#[utoipa::path(
    post, path = "/api/installations/{id}/secrets/{name}/authorize", operation_id = "authorizeSecret",
    tag = "installations", security(("bearer" = ["plugins:write"])),
    params(
        ("id" = String, Path, format = Uuid, description = "The installation."),
        ("name" = String, Path, description = "The secret's name in the manifest."),
    ),
    request_body(content = Option<AuthorizeBody>),
    responses(
        (status = 200, body = AuthorizeUrlBody),
        (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "Nobody has registered this host at the provider (`OAUTH_CLIENT_MISSING`), or the client was set for another address (`OAUTH_CLIENT_BOUND_ELSEWHERE`)."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn authorize(
    State(state): State<AppState>,
    access: PersonAccess<may::PluginsWrite>,
    urls: PublicUrls,
    Path((id, name)): Path<(InstallationId, String)>,
    body: Option<Json<AuthorizeBody>>,
) -> Result<Response, ApiError> {
    let return_to = body.and_then(|Json(body)| body.return_to).unwrap_or_else(|| HOME.to_owned());
    if !is_own_path(&return_to) {
        let message = "must be a path of this host, such as /plugins".to_owned();
        return Err(ApiError::Invalid { field: "return_to", message });
    }
    let view = state.installations.show(&access.app, id).await?;
    let consent = consent_of(&view, &name)?;
    let redirect_uri = redirect_uri(&urls, consent.plugin, &name);
    let begun = state.oauth.begin(&consent, access.user, &redirect_uri, &return_to).await?;
    let cookie = cookie(&begun.flow, begun.browser.expose(), begun.expires_in.as_secs(), &urls)?;
    let body =
        AuthorizeUrlBody { authorize_url: begun.authorize_url, expires_in_s: begun.expires_in.as_secs() };
    Ok(([(SET_COOKIE, cookie)], Json(body)).into_response())
}

/// Come back from a provider
///
/// Opened by a browser that the provider has sent; leads on to the dashboard, whatever came of it.
#[utoipa::path(
    get, path = "/api/oauth/callback/{namespace}/{name}/{secret}", operation_id = "finishAuthorization",
    tag = "installations",
    params(
        ("namespace" = String, Path, description = "The plugin's namespace."),
        ("name" = String, Path, description = "The plugin's name."),
        ("secret" = String, Path, description = "The secret's name in the manifest."),
        ("state" = Option<String>, Query, description = "Which flow it is."),
        ("code" = Option<String>, Query, description = "What is exchanged for tokens."),
        ("error" = Option<String>, Query, description = "Why there is none."),
        ("iss" = Option<String>, Query, description = "Who answers (RFC 9207)."),
    ),
    responses((status = 303, description = "Back to the dashboard.")),
)]
pub(crate) async fn callback(
    State(state): State<AppState>,
    urls: PublicUrls,
    Path((namespace, name, secret)): Path<(String, String, String)>,
    QueryString(query): QueryString<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let take = |name: &str| {
        let mut found = query.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone());
        // RFC 6749 3.1: a parameter that comes twice is an error, and here it means nothing.
        found.next().filter(|_| found.next().is_none())
    };
    let given = take("state").unwrap_or_default();
    let flow = flow_name(&given);
    let outcome = match (take("code"), take("error")) {
        (Some(code), None) => CallbackOutcome::Code(Secret::new(code)),
        (_, error) => CallbackOutcome::Error(error.unwrap_or_default()),
    };
    let callback = Callback {
        plugin: format!("{namespace}/{name}"),
        name: secret.clone(),
        state: Secret::new(given),
        iss: take("iss"),
        outcome,
        browser: cookie_value(&headers, &flow),
    };
    // To its end, even when the browser goes away: a code that was exchanged must not be lost.
    let returned = to_the_end(async move {
        let mut returned = state.oauth.finish(callback).await;
        if let (Ok(()), Some((tenant, installation))) = (&returned.result, returned.installation) {
            match state.installations.account_changed(tenant, installation, true).await {
                Ok(()) => {}
                // It was removed while the provider thought: nobody would ever forget its tokens.
                Err(InstallationError::Store(StoreError::NotFound(_))) => {
                    state.oauth.forget(tenant, installation).await;
                    returned.result = Err(OauthError::StateUnknown);
                }
                Err(error) => {
                    tracing::warn!(%tenant, %installation, %error, "drivers were not told of a connected account");
                }
            }
        }
        Ok(returned)
    })
    .await?;
    let mut result = match &returned.result {
        Ok(()) => "oauth=connected".to_owned(),
        // Codes are words of a-z and hyphens.
        Err(error) => format!("oauth=failed&code={}", error.code()),
    };
    if let Some((_, installation)) = returned.installation {
        // Known flows have a known secret, whose name needs no escaping.
        result = format!("{result}&installation={installation}&secret={secret}");
    }
    let path = returned.return_to.unwrap_or_else(|| HOME.to_owned());
    let mark = if path.contains('?') { '&' } else { '?' };
    let location = format!("{path}{mark}{result}");
    let location = HeaderValue::try_from(location)
        .map_err(|error| ApiError::Internal(format!("a way back that is no header: {error}")))?;
    let headers: [(HeaderName, HeaderValue); 3] = [
        (LOCATION, location),
        (SET_COOKIE, cookie(&flow, "", 0, &urls)?),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// List the accounts of an installation
#[utoipa::path(
    get, path = "/api/installations/{id}/connections", operation_id = "listConnections", tag = "installations",
    security(("bearer" = ["plugins:read"]), ("apiKey" = ["plugins:read"])),
    params(("id" = String, Path, format = Uuid, description = "The installation.")),
    responses((status = 200, body = ConnectionsBody), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)),
)]
pub(crate) async fn connections(
    State(state): State<AppState>,
    access: Access<may::PluginsRead>,
    urls: PublicUrls,
    Path(id): Path<InstallationId>,
) -> Result<Json<ConnectionsBody>, ApiError> {
    let view = state.installations.show(&access.app, id).await?;
    let kept = access.app.oauth_connections(id).await?;
    let secrets = view.version.package.manifest.capabilities.secrets.iter();
    let connection = |name: &String| {
        let consent = consent_of(&view, name).ok()?;
        let kept = kept.iter().find(|kept| kept.secret == *name);
        let missing = consent.missing_scopes(kept.map_or("", |kept| kept.scopes.as_str()));
        let state = match kept {
            None => "not-connected",
            Some(kept) if kept.refused.is_some() || !missing.is_empty() => "consent-needed",
            Some(_) => "connected",
        };
        Some(SecretConnectionBody {
            secret: name.clone(),
            label: consent.secret.label.clone().unwrap_or_else(|| name.clone()),
            state,
            scopes: consent.scopes().into_iter().map(str::to_owned).collect(),
            missing_scopes: missing,
            renewed_at: kept.map(|kept| rfc3339(kept.issued_at)),
            expires_at: kept.and_then(|kept| kept.expires_at).map(rfc3339),
            redirect_uri: redirect_uri(&urls, consent.plugin, name),
        })
    };
    Ok(Json(ConnectionsBody { connections: secrets.filter_map(|(name, _)| connection(name)).collect() }))
}

/// Disconnect an account
///
/// Its tokens are forgotten, and given up at the provider where that is possible.
#[utoipa::path(
    delete, path = "/api/installations/{id}/secrets/{name}", operation_id = "disconnectSecret", tag = "installations",
    security(("bearer" = ["plugins:write"]), ("apiKey" = ["plugins:write"])),
    params(
        ("id" = String, Path, format = Uuid, description = "The installation."),
        ("name" = String, Path, description = "The secret's name in the manifest."),
    ),
    responses(
        (status = 204), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 422, body = ErrorBody, description = "`NOT_BY_CONSENT`: the secret is a pasted one."),
    ),
)]
pub(crate) async fn disconnect(
    State(state): State<AppState>,
    access: Access<may::PluginsWrite>,
    Path((id, name)): Path<(InstallationId, String)>,
) -> Result<StatusCode, ApiError> {
    let view = state.installations.show(&access.app, id).await?;
    to_the_end(async move {
        state.oauth.disconnect(&consent_of(&view, &name)?).await?;
        state.installations.account_changed(view.row.tenant_id, id, false).await?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

fn consent_of<'a>(view: &'a InstallationView, name: &'a str) -> Result<Consent<'a>, ApiError> {
    let manifest = &view.version.package.manifest;
    let (name, secret) = manifest
        .capabilities
        .secrets
        .get_key_value(name)
        .ok_or(ApiError::NotFound("secret of this plugin"))?;
    if secret.kind != SecretKind::Oauth2 {
        return Err(OauthError::NotOauth.into());
    }
    Ok(Consent {
        tenant: view.row.tenant_id,
        installation: view.id(),
        plugin: &manifest.id,
        name,
        secret,
        grant: &view.grant,
    })
}

/// One address a secret of a plugin, so that no provider's answer is taken for another's (RFC 9700 4.4.2).
pub(crate) fn redirect_uri(urls: &PublicUrls, plugin: &str, secret: &str) -> String {
    format!("{}/{plugin}/{secret}", redirect_base(urls))
}

/// What all of these addresses begin with.
pub(crate) fn redirect_base(urls: &PublicUrls) -> String {
    format!("{}{CALLBACK}", urls.web())
}

/// A path of this host and nothing that a browser could read as another host (`//`, `/\`).
pub(crate) fn is_own_path(path: &str) -> bool {
    path.len() <= MAX_RETURN_BYTES
        && path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\' && b != b'#')
}

/// `SameSite=Lax`: the provider's redirect is a navigation from another site, which brings the cookie along; a request
/// that another site's page makes does not.
fn cookie(flow: &str, value: &str, max_age_s: u64, urls: &PublicUrls) -> Result<HeaderValue, ApiError> {
    let secure = if urls.is_https() { "; Secure" } else { "" };
    let name = cookie_name(flow);
    let text =
        format!("{name}={value}; Path={CALLBACK}; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(text)
        .map_err(|error| ApiError::Internal(format!("a cookie that is no header: {error}")))
}

fn cookie_name(flow: &str) -> String {
    format!("neustream-oauth-{flow}")
}

fn cookie_value(headers: &HeaderMap, flow: &str) -> Option<Secret> {
    let name = cookie_name(flow);
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut values = pairs.flat_map(|pairs| pairs.split(';')).filter_map(|pair| {
        let (known, value) = pair.trim().split_once('=')?;
        (known == name).then(|| Secret::new(value))
    });
    values.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_host_are_returned_to() {
        for path in ["/", "/plugins", "/plugins?tab=accounts", "/a//b"] {
            assert!(is_own_path(path), "{path}");
        }
        for path in [
            "",
            "plugins",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a b",
            "/a\n",
            "/a#b",
            "/ä",
        ] {
            assert!(!is_own_path(path), "{path}");
        }
    }

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers
            .append(COOKIE, HeaderValue::from_static("a=1; neustream-oauth-ab=one;neustream-oauth-abc=two"));
        headers.append(COOKIE, HeaderValue::from_static("neustream-oauth-cd=three"));
        let find = |flow| cookie_value(&headers, flow).map(|value| value.expose().to_owned());
        assert_eq!(find("ab").as_deref(), Some("one"));
        assert_eq!(find("cd").as_deref(), Some("three"));
        assert_eq!(find("a"), None);
    }
}
