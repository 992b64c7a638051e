//! The one mapping of errors to HTTP: `{"error", "details", "code"}`.
//!
//! `error` is a sentence for people, `details` says what and where (a text,
//! or an object where programs need figures), `code` is a word for programs.
//! What went wrong inside is logged here, once, and never sent.

use std::any::Any;
use std::time::Duration;

use axum::extract::rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection};
use axum::http::header::{ACCEPT_ENCODING, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use neustream_accounts::{EmailMalformed, PasswordRefused, Permission, TokenRefused};
use neustream_billing::BillingError;
use neustream_catalogue::{CatalogueError, ProvisionError};
use neustream_chat::connector::SendError;
use neustream_contract::ConfigInvalid;
use neustream_installations::InstallationError;
use neustream_installations::oauth::OauthError;
use neustream_model::Secret;
use neustream_model::ViewerRefused;
use neustream_store::StoreError;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::catalogue::checks;
use crate::maintenance::COME_BACK;
use crate::refusals::{
    billing_parts, catalogue_parts, chat_parts, installation_parts, oauth_parts, store_parts,
};

/// A request is not answered as asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("the request is malformed")]
    Malformed(String),
    #[error("the request body is not JSON")]
    MalformedJson(String),
    #[error("a field of the request is not valid")]
    Invalid { field: &'static str, message: String },
    #[error("the configuration of the destination is not valid")]
    ConfigInvalid(ConfigInvalid),
    #[error("the installation refused")]
    Installation(InstallationError),
    #[error("the account cannot be connected")]
    Oauth(OauthError),
    #[error("the webhook is not genuine")]
    HookNotGenuine,
    #[error("this host does not push to that address")]
    AddressRefused { field: String, message: String },
    #[error("the request body is of another type than this address takes")]
    UnsupportedMediaType(&'static str),
    #[error("the request body is too large")]
    TooLarge,
    #[error("sign in first")]
    Unauthenticated,
    #[error("the access token is not taken")]
    Token(TokenRefused),
    #[error("the API key is not taken")]
    ApiKeyRefused,
    #[error("the e-mail address or the password is wrong")]
    CredentialsWrong,
    #[error("a code of your authenticator app, or a recovery code, is needed besides")]
    SecondFactorRequired { challenge: Secret, lifetime: Duration },
    #[error("the code is wrong, or was used before")]
    SecondFactorWrong,
    #[error("that took too long: sign in again")]
    ChallengeRefused,
    #[error("the current password is wrong")]
    PasswordWrong,
    #[error("sign in again first: this takes a sign-in of the last minutes")]
    SignInTooOld,
    #[error("nobody changes that in the name of another person")]
    Impersonated,
    #[error("nobody acts as that person")]
    ImpersonationRefused(&'static str),
    #[error("you cannot do that to your own account")]
    OwnAccount,
    #[error("the host is being maintained: come back later")]
    Maintenance,
    #[error("the provider did not sign you in")]
    SignInFailed { provider: String, reason: &'static str },
    #[error("registration is closed on this host")]
    RegistrationClosed,
    #[error("only those who run this platform may do that")]
    NotAdministrator,
    #[error("the sign-in has ended: sign in again")]
    SignInEnded,
    #[error("the account is suspended")]
    Suspended,
    #[error("an API key cannot do that: sign in as a person")]
    PeopleOnly,
    #[error("you do not belong to that organisation")]
    OrganisationForeign,
    #[error("the organisation has no such app")]
    AppForeign,
    #[error("the app is archived: restore it first")]
    AppArchived,
    #[error("you may not do that here")]
    PermissionMissing { permission: Permission },
    #[error("the package is not taken: the scan found something")]
    ScanRefused { digest: String, checks: Value },
    #[error("the catalogue refused")]
    Catalogue(CatalogueError),
    #[error("the payment is not taken as asked")]
    Billing(BillingError),
    #[error("the chat does not take that")]
    Chat(SendError),
    #[error("there is no such thing here")]
    NotFound(&'static str),
    #[error("this address does not take that method")]
    MethodNotAllowed,
    #[error("the source is not live")]
    NotLive,
    #[error("the request body is compressed in a way that this address does not take")]
    UnsupportedEncoding,
    #[error("the request with this Idempotency-Key is being run")]
    IdempotencyRunning { retry_after: Duration },
    #[error("this Idempotency-Key belongs to another request")]
    IdempotencyKeyReused,
    #[error("the request with this Idempotency-Key was run, but its answer was lost")]
    IdempotentAnswerLost { kind: String, id: String },
    #[error(transparent)]
    Viewer(ViewerRefused),
    #[error("too many requests")]
    TooMany { retry_after: Duration },
    #[error("too many failed sign-ins for this account")]
    TooManyFailures { retry_after: Duration },
    #[error("the request took too long")]
    TimedOut,
    #[error("the host is busy, try again in a moment")]
    Unavailable,
    #[error("something went wrong on this host")]
    Internal(String),
    #[error("the store refused")]
    Store { error: StoreError, upgrade_url: Option<String> },
}

/// The body of every error.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    /// A sentence for people.
    #[schema(example = "a field of the request is not valid")]
    error: String,
    /// What and where: a text, an object where programs need figures, or null.
    details: Value,
    /// A word for programs.
    #[schema(example = "VALIDATION_FAILED")]
    code: &'static str,
}

impl ApiError {
    /// Whether the database did not answer.
    pub fn is_of_absent_database(&self) -> bool {
        matches!(self, Self::Unavailable | Self::Store { error: StoreError::Unavailable(_), .. })
    }

    /// Tells whoever meets a limit where there is more.
    pub fn with_upgrade_url(self, url: Option<&str>) -> Self {
        match self {
            Self::Store { error, .. } => Self::Store { error, upgrade_url: url.map(str::to_owned) },
            other => other,
        }
    }

    fn parts(&self) -> (StatusCode, &'static str, Value) {
        use StatusCode as S;
        let text = |text: &str| Value::String(text.to_owned());
        match self {
            Self::Malformed(what) => (S::BAD_REQUEST, "MALFORMED_REQUEST", text(what)),
            Self::MalformedJson(what) => (S::BAD_REQUEST, "MALFORMED_JSON", text(what)),
            Self::Invalid { field, message } => {
                (S::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED", text(&field_text(field, message)))
            }
            Self::ConfigInvalid(error) => {
                (S::UNPROCESSABLE_ENTITY, "CONFIG_INVALID", text(&error.to_string()))
            }
            Self::AddressRefused { field, message } => {
                (S::UNPROCESSABLE_ENTITY, "ADDRESS_REFUSED", text(&field_text(field, message)))
            }
            Self::Installation(error) => installation_parts(error),
            Self::Billing(error) => billing_parts(error),
            Self::Chat(error) => chat_parts(error),
            Self::Oauth(error) => oauth_parts(error),
            Self::HookNotGenuine => (S::UNAUTHORIZED, "NOT_GENUINE", Value::Null),
            Self::UnsupportedMediaType(wanted) => (
                S::UNSUPPORTED_MEDIA_TYPE,
                "UNSUPPORTED_MEDIA_TYPE",
                text(&format!("send `Content-Type: {wanted}`")),
            ),
            Self::TooLarge => (S::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", Value::Null),
            Self::Unauthenticated => {
                (S::UNAUTHORIZED, "UNAUTHENTICATED", text("send `Authorization: Bearer <token>`"))
            }
            Self::Token(refused @ TokenRefused::Expired) => {
                (S::UNAUTHORIZED, "TOKEN_EXPIRED", text(&refused.to_string()))
            }
            Self::Token(refused @ TokenRefused::Invalid) => {
                (S::UNAUTHORIZED, "TOKEN_INVALID", text(&refused.to_string()))
            }
            Self::ApiKeyRefused => (
                S::UNAUTHORIZED,
                "API_KEY_REFUSED",
                text("it is mistyped, unknown, expired, rotated or revoked"),
            ),
            Self::CredentialsWrong => (S::UNAUTHORIZED, "INVALID_CREDENTIALS", Value::Null),
            Self::SecondFactorRequired { challenge, lifetime } => {
                let lifetime = lifetime.as_secs();
                let details = json!({ "challenge": challenge.expose(), "expires_in_s": lifetime });
                (S::UNAUTHORIZED, "SECOND_FACTOR_REQUIRED", details)
            }
            Self::SecondFactorWrong => (S::UNAUTHORIZED, "SECOND_FACTOR_WRONG", Value::Null),
            Self::ChallengeRefused => (S::UNAUTHORIZED, "CHALLENGE_REFUSED", Value::Null),
            Self::PasswordWrong => (S::FORBIDDEN, "PASSWORD_WRONG", Value::Null),
            Self::SignInTooOld => (S::FORBIDDEN, "SIGN_IN_TOO_OLD", Value::Null),
            Self::Impersonated => (S::FORBIDDEN, "IMPERSONATED", Value::Null),
            Self::ImpersonationRefused(why) => (S::FORBIDDEN, "IMPERSONATION_REFUSED", text(why)),
            Self::OwnAccount => (S::CONFLICT, "OWN_ACCOUNT", Value::Null),
            Self::Maintenance => (S::SERVICE_UNAVAILABLE, "MAINTENANCE", retry_details(COME_BACK)),
            Self::SignInFailed { provider, reason } => {
                (S::FORBIDDEN, "SIGN_IN_FAILED", json!({ "provider": provider, "reason": reason }))
            }
            Self::RegistrationClosed => (S::FORBIDDEN, "REGISTRATION_CLOSED", Value::Null),
            Self::NotAdministrator => (S::FORBIDDEN, "NOT_ADMINISTRATOR", Value::Null),
            Self::SignInEnded => (S::UNAUTHORIZED, "SIGN_IN_ENDED", Value::Null),
            Self::Suspended => (S::FORBIDDEN, "SUSPENDED", Value::Null),
            Self::PeopleOnly => (S::FORBIDDEN, "PEOPLE_ONLY", Value::Null),
            Self::OrganisationForeign => {
                (S::FORBIDDEN, "ORGANISATION_FOREIGN", text("`Neustream-Organisation` names one of yours"))
            }
            Self::AppForeign => {
                (S::FORBIDDEN, "APP_FOREIGN", text("`Neustream-App` names an app of the organisation"))
            }
            Self::AppArchived => (S::CONFLICT, "APP_ARCHIVED", Value::Null),
            Self::PermissionMissing { permission } => {
                let details = json!({
                    "permission": permission.as_str(),
                    "least_role": permission.least_role().as_str(),
                });
                (S::FORBIDDEN, "PERMISSION_MISSING", details)
            }
            Self::ScanRefused { digest, checks } => {
                (S::UNPROCESSABLE_ENTITY, "SCAN_REFUSED", json!({ "digest": digest, "checks": checks }))
            }
            Self::Catalogue(error) => catalogue_parts(error),
            Self::NotFound(what) => (S::NOT_FOUND, "NOT_FOUND", text(what)),
            Self::MethodNotAllowed => (S::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", Value::Null),
            Self::NotLive => (S::CONFLICT, "NOT_LIVE", Value::Null),
            Self::UnsupportedEncoding => (
                S::UNSUPPORTED_MEDIA_TYPE,
                "UNSUPPORTED_ENCODING",
                text("send `Content-Encoding: gzip`, or the body as it is"),
            ),
            Self::IdempotencyRunning { retry_after } => {
                (S::CONFLICT, "IDEMPOTENCY_RUNNING", retry_details(*retry_after))
            }
            Self::IdempotencyKeyReused => (
                S::UNPROCESSABLE_ENTITY,
                "IDEMPOTENCY_KEY_REUSED",
                text(
                    "method, address, app or body differ from the first request with this key: take a new key",
                ),
            ),
            Self::IdempotentAnswerLost { kind, id } => {
                (S::CONFLICT, "IDEMPOTENT_ANSWER_LOST", json!({ "changed": { "kind": kind, "id": id } }))
            }
            Self::Viewer(refused) => (S::FORBIDDEN, viewer_code(*refused), Value::Null),
            Self::TooMany { retry_after } => {
                (S::TOO_MANY_REQUESTS, "RATE_LIMITED", retry_details(*retry_after))
            }
            Self::TooManyFailures { retry_after } => {
                (S::TOO_MANY_REQUESTS, "TOO_MANY_FAILED_LOGINS", retry_details(*retry_after))
            }
            Self::TimedOut => (S::REQUEST_TIMEOUT, "REQUEST_TIMEOUT", Value::Null),
            Self::Unavailable => (S::SERVICE_UNAVAILABLE, "UNAVAILABLE", Value::Null),
            Self::Internal(_) => (S::INTERNAL_SERVER_ERROR, "INTERNAL", Value::Null),
            Self::Store { error, upgrade_url } => store_parts(error, upgrade_url.as_deref()),
        }
    }

    /// The sentence for people and the word for programs, for answers that are not HTTP. What went wrong inside is
    /// logged.
    pub fn told(&self) -> (String, &'static str) {
        self.log();
        (self.sentence(), self.parts().1)
    }

    fn sentence(&self) -> String {
        let status = self.parts().0;
        if status == StatusCode::SERVICE_UNAVAILABLE && !matches!(self, Self::Maintenance) {
            return Self::Unavailable.to_string();
        }
        let is_clients = status.is_client_error();
        match self {
            // Their own words are fit for people where the fault is the request's.
            Self::Store { error, .. } if is_clients => error.to_string(),
            Self::Catalogue(error) if is_clients => error.to_string(),
            Self::Installation(error) if is_clients => error.to_string(),
            Self::Oauth(error) if is_clients => error.to_string(),
            Self::Billing(error) if is_clients => error.to_string(),
            Self::Chat(error) if is_clients => error.to_string(),
            Self::Billing(_) | Self::Chat(_) => Self::Unavailable.to_string(),
            Self::Store { .. } | Self::Catalogue(_) | Self::Installation(_) | Self::Oauth(_) => {
                Self::Internal(String::new()).to_string()
            }
            other => other.to_string(),
        }
    }

    /// Logs what went wrong inside: here, once, and never sent.
    fn log(&self) {
        let status = self.parts().0;
        match self {
            Self::Internal(cause) => tracing::error!(cause, "a request failed"),
            Self::Oauth(error) if status.is_server_error() => {
                tracing::error!(error = error as &dyn std::error::Error, "a request failed in OAuth");
            }
            Self::Installation(error) if status.is_server_error() => {
                tracing::error!(
                    error = error as &dyn std::error::Error,
                    "a request failed at an installation"
                );
            }
            Self::Catalogue(error) if status.is_server_error() => {
                tracing::error!(error = error as &dyn std::error::Error, "a request failed in the catalogue");
            }
            Self::Store { error, .. } if status == StatusCode::INTERNAL_SERVER_ERROR => {
                tracing::error!(error = error as &dyn std::error::Error, "a request failed in the store");
            }
            Self::Store { error: StoreError::Unavailable(cause), .. } => {
                tracing::warn!(%cause, "the database is unavailable");
            }
            Self::Store { error: StoreError::RefreshTokenReused, .. } => {
                tracing::warn!("a refresh token was used twice; its sign-in is revoked");
            }
            _ => {}
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooMany { retry_after }
            | Self::TooManyFailures { retry_after }
            | Self::IdempotencyRunning { retry_after } => Some(*retry_after),
            Self::Maintenance => Some(COME_BACK),
            Self::Unavailable
            | Self::Store { error: StoreError::Unavailable(_), .. }
            | Self::Catalogue(
                CatalogueError::Busy | CatalogueError::Provision(ProvisionError::Unavailable(_)),
            ) => Some(Duration::from_secs(1)),
            _ => None,
        }
    }
}

/// The word for why somebody may not watch.
pub(crate) fn viewer_code(refused: ViewerRefused) -> &'static str {
    match refused {
        ViewerRefused::TokenMissing => "PLAYBACK_TOKEN_REQUIRED",
        ViewerRefused::TokenInvalid => "PLAYBACK_TOKEN_INVALID",
        ViewerRefused::TokenExpired => "PLAYBACK_TOKEN_EXPIRED",
        ViewerRefused::TokenRevoked => "PLAYBACK_TOKEN_REVOKED",
    }
}

pub(crate) fn field_text(field: &str, message: &str) -> String {
    format!("{field}: {message}")
}

fn retry_details(retry_after: Duration) -> Value {
    json!({ "retry_after_s": whole_seconds(retry_after) })
}

pub(crate) fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, code, details) = self.parts();
        self.log();
        let body = ErrorBody { error: self.sentence(), details, code };
        let mut response = (status, axum::Json(body)).into_response();
        if let Some(after) = self.retry_after() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(whole_seconds(after)));
        }
        if matches!(self, Self::Unauthenticated | Self::Token(_) | Self::SignInEnded | Self::ApiKeyRefused) {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // RFC 9110 §12.5.3: what would have been taken.
        if matches!(self, Self::UnsupportedEncoding) {
            response.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Store { error, upgrade_url: None }
    }
}

impl From<CatalogueError> for ApiError {
    fn from(error: CatalogueError) -> Self {
        match error {
            CatalogueError::Store(error) => error.into(),
            CatalogueError::ScanRefused { digest, report } => Self::ScanRefused {
                digest: digest.to_string(),
                checks: serde_json::to_value(checks(&report)).unwrap_or_default(),
            },
            other => Self::Catalogue(other),
        }
    }
}

impl From<OauthError> for ApiError {
    fn from(error: OauthError) -> Self {
        match error {
            OauthError::Store(error) => error.into(),
            other => Self::Oauth(other),
        }
    }
}

impl From<BillingError> for ApiError {
    fn from(error: BillingError) -> Self {
        Self::Billing(error)
    }
}

impl From<SendError> for ApiError {
    fn from(error: SendError) -> Self {
        Self::Chat(error)
    }
}

impl From<InstallationError> for ApiError {
    fn from(error: InstallationError) -> Self {
        match error {
            InstallationError::Store(error) => error.into(),
            InstallationError::Catalogue(error) => error.into(),
            other => Self::Installation(other),
        }
    }
}

impl From<EmailMalformed> for ApiError {
    fn from(error: EmailMalformed) -> Self {
        Self::Invalid { field: "email", message: error.to_string() }
    }
}

impl From<PasswordRefused> for ApiError {
    fn from(error: PasswordRefused) -> Self {
        Self::Invalid { field: "password", message: error.to_string() }
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::JsonDataError(error) => Self::Invalid { field: "body", message: cause_of(&error) },
            JsonRejection::JsonSyntaxError(error) => Self::MalformedJson(cause_of(&error)),
            JsonRejection::MissingJsonContentType(_) => Self::UnsupportedMediaType("application/json"),
            JsonRejection::BytesRejection(rejection) => rejection.into(),
            other => Self::Malformed(other.body_text()),
        }
    }
}

impl From<BytesRejection> for ApiError {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Self::TooLarge
        } else {
            Self::Malformed(rejection.body_text())
        }
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::Malformed(cause_of(&rejection))
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Self::Malformed(rejection.body_text())
    }
}

/// The innermost words: the outer ones say "deserialize" and "target type", which a client does not need to know.
fn cause_of(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// What a caught panic becomes. The panic itself was logged by the panic hook.
pub(crate) fn after_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    drop(panic);
    ApiError::Internal("a handler panicked".to_owned()).into_response()
}

pub(crate) async fn method_not_allowed() -> ApiError {
    ApiError::MethodNotAllowed
}
