//! `/api/auth/totp`: a second factor (RFC 6238) and its recovery codes.

use axum::extract::State;
use axum::http::StatusCode;
use neustream_accounts::{MAX_TOTP_FAILURES, RECOVERY_CODES, RecoveryCode, TOTP_FAILURE_WINDOW, Totp};
use neustream_model::{UnixMillis, UserId};
use neustream_store::{HostStore, StoreError, UserRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::proof::{Proof, address_of, prove};
use super::{Oneself, Visitor};
use crate::error::{ApiError, ErrorBody};
use crate::extract::Json;
use crate::identity::Person;
use crate::mail::{Letter, Postbox};
use crate::state::AppState;

/// Whether there is a second factor.
#[derive(Serialize, ToSchema)]
pub(crate) struct SecondFactorStateBody {
    /// Whether signing in takes a code.
    enabled: bool,
    /// Recovery codes that are left.
    #[schema(example = 10)]
    recovery_codes_left: u64,
}

/// A proof of who asks.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ProofBody {
    /// The account's password, where it has one.
    #[schema(example = "correct horse battery")]
    current_password: Option<String>,
}

/// What an authenticator app is to know.
#[derive(Serialize, ToSchema)]
pub(crate) struct SecondFactorSecretBody {
    /// The secret in base32, to be typed into the app.
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    secret: String,
    /// The same as a URL, to be shown as a QR code.
    #[schema(
        example = "otpauth://totp/live.example.com:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=live.example.com"
    )]
    otpauth_url: String,
}

/// A code of the authenticator app.
#[derive(Deserialize, ToSchema)]
pub(crate) struct CodeBody {
    /// Six digits.
    #[schema(example = "287082")]
    code: String,
}

/// Proofs of who asks: the password and the second factor.
#[derive(Deserialize, ToSchema)]
pub(crate) struct BothFactorsBody {
    /// The account's password, where it has one.
    #[schema(example = "correct horse battery")]
    current_password: Option<String>,
    /// A code of the authenticator app, or a recovery code.
    #[schema(example = "287082")]
    code: String,
}

/// Recovery codes, shown once.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodesBody {
    /// Each stands for the second factor, once.
    #[schema(example = json!(["7k2m-9qxd-4t0v-hs8e"]))]
    recovery_codes: Vec<String>,
}

/// Tell whether there is a second factor
#[utoipa::path(
    get, path = "/api/auth/totp", operation_id = "getSecondFactor", tag = "auth", security(("bearer" = [])),
    responses((status = 200, body = SecondFactorStateBody)),
)]
pub(crate) async fn show(
    State(state): State<AppState>,
    person: Person,
) -> Result<Json<SecondFactorStateBody>, ApiError> {
    let factor = state.store.host().second_factor(person.user).await?;
    let enabled = factor.as_ref().is_some_and(|factor| factor.confirmed_at.is_some());
    let recovery_codes_left = factor.map_or(0, |factor| factor.recovery_codes);
    Ok(Json(SecondFactorStateBody { enabled, recovery_codes_left }))
}

/// Begin with a second factor
///
/// Answers what an authenticator app is to know. Nothing is asked for at sign-in until a code of the app confirms it.
#[utoipa::path(
    post, path = "/api/auth/totp", operation_id = "beginSecondFactor", tag = "auth", security(("bearer" = [])),
    request_body = ProofBody,
    responses(
        (status = 200, body = SecondFactorSecretBody),
        (status = 403, body = ErrorBody, description = "The password is wrong (`PASSWORD_WRONG`), the sign-in too old (`SIGN_IN_TOO_OLD`), or it is not one's own (`IMPERSONATED`)."),
        (status = 409, body = ErrorBody, description = "One is on already: `SECOND_FACTOR_ON`."),
        (status = 429, body = ErrorBody, description = "`TOO_MANY_FAILED_LOGINS`: too many wrong passwords."),
    ),
)]
pub(crate) async fn begin(
    State(state): State<AppState>,
    oneself: Oneself,
    visitor: Visitor,
    Json(body): Json<ProofBody>,
) -> Result<Json<SecondFactorSecretBody>, ApiError> {
    let proof = Proof { password: body.current_password.as_deref(), code: None };
    let host = visitor.host_as(&state, oneself.0.user);
    if is_on(&host, oneself.0.user).await? {
        return Err(StoreError::SecondFactorOn.into());
    }
    let user = prove(&state, &visitor, oneself, proof).await?;
    let totp = Totp::generate();
    let secret = totp.base32();
    host.begin_second_factor(user.id, &secret).await?;
    let url = totp.url(state.letterhead().host(), &address_of(&user)?);
    Ok(Json(SecondFactorSecretBody {
        secret: secret.expose().to_owned(),
        otpauth_url: url.expose().to_owned(),
    }))
}

/// Turn the second factor on
///
/// With a first code of the app. The recovery codes are shown this once.
#[utoipa::path(
    post, path = "/api/auth/totp/confirm", operation_id = "confirmSecondFactor", tag = "auth",
    security(("bearer" = [])), request_body = CodeBody,
    responses(
        (status = 200, body = RecoveryCodesBody),
        (status = 401, body = ErrorBody, description = "The code is wrong: `SECOND_FACTOR_WRONG`."),
        (status = 403, body = ErrorBody, description = "`IMPERSONATED`."),
        (status = 409, body = ErrorBody, description = "It is on already (`SECOND_FACTOR_ON`) or was not begun (`SECOND_FACTOR_OFF`)."),
        (status = 429, body = ErrorBody, description = "`TOO_MANY_FAILED_LOGINS`: too many wrong codes."),
    ),
)]
pub(crate) async fn confirm(
    State(state): State<AppState>,
    Oneself(person): Oneself,
    visitor: Visitor,
    Json(body): Json<CodeBody>,
) -> Result<Json<RecoveryCodesBody>, ApiError> {
    let host = visitor.host_as(&state, person.user);
    let factor = host.second_factor(person.user).await?.ok_or(StoreError::SecondFactorOff)?;
    if factor.confirmed_at.is_some() {
        return Err(StoreError::SecondFactorOn.into());
    }
    count_attempt(&host, person.user).await?;
    let step = totp_of(factor.secret.expose())?.step_of(&body.code, UnixMillis::now());
    let step = step.ok_or(ApiError::SecondFactorWrong)?;
    let (codes, digests) = new_recovery_codes();
    let user = host.user(person.user).await?;
    let head = state.letterhead();
    let mail = Postbox::written(&user.email, &Letter::SecondFactorOn { host: head.host() });
    host.confirm_second_factor(user.id, step, &digests, &mail).await?;
    state.mail.ring();
    Ok(Json(RecoveryCodesBody { recovery_codes: codes }))
}

/// Replace the recovery codes
///
/// All former ones stop to work. The new ones are shown this once.
#[utoipa::path(
    post, path = "/api/auth/totp/recovery-codes", operation_id = "replaceRecoveryCodes", tag = "auth",
    security(("bearer" = [])), request_body = BothFactorsBody,
    responses(
        (status = 200, body = RecoveryCodesBody),
        (status = 401, body = ErrorBody, description = "The code is wrong: `SECOND_FACTOR_WRONG`."),
        (status = 403, body = ErrorBody, description = "`PASSWORD_WRONG` or `IMPERSONATED`."),
        (status = 409, body = ErrorBody, description = "There is no second factor: `SECOND_FACTOR_OFF`."),
        (status = 429, body = ErrorBody, description = "`TOO_MANY_FAILED_LOGINS`: too many wrong passwords or codes."),
    ),
)]
pub(crate) async fn replace_recovery_codes(
    State(state): State<AppState>,
    oneself: Oneself,
    visitor: Visitor,
    Json(body): Json<BothFactorsBody>,
) -> Result<Json<RecoveryCodesBody>, ApiError> {
    let user = prove_both(&state, &visitor, oneself, &body).await?;
    let (codes, digests) = new_recovery_codes();
    visitor.host_as(&state, user.id).replace_recovery_codes(user.id, &digests).await?;
    Ok(Json(RecoveryCodesBody { recovery_codes: codes }))
}

/// Turn the second factor off
#[utoipa::path(
    post, path = "/api/auth/totp/disable", operation_id = "disableSecondFactor", tag = "auth",
    security(("bearer" = [])), request_body = BothFactorsBody,
    responses(
        (status = 204, description = "Signing in takes no second factor any more."),
        (status = 401, body = ErrorBody, description = "The code is wrong: `SECOND_FACTOR_WRONG`."),
        (status = 403, body = ErrorBody, description = "`PASSWORD_WRONG` or `IMPERSONATED`."),
        (status = 409, body = ErrorBody, description = "There is no second factor: `SECOND_FACTOR_OFF`."),
        (status = 429, body = ErrorBody, description = "`TOO_MANY_FAILED_LOGINS`: too many wrong passwords or codes."),
    ),
)]
pub(crate) async fn disable(
    State(state): State<AppState>,
    oneself: Oneself,
    visitor: Visitor,
    Json(body): Json<BothFactorsBody>,
) -> Result<StatusCode, ApiError> {
    let user = prove_both(&state, &visitor, oneself, &body).await?;
    let head = state.letterhead();
    let mail = Postbox::written(&user.email, &Letter::SecondFactorOff { host: head.host() });
    visitor.host_as(&state, user.id).remove_second_factor(user.id, &mail).await?;
    state.mail.ring();
    Ok(StatusCode::NO_CONTENT)
}

/// Whether signing in takes a second factor.
pub(super) async fn is_on(host: &HostStore, user: UserId) -> Result<bool, ApiError> {
    let factor = host.second_factor(user).await?;
    Ok(factor.is_some_and(|factor| factor.confirmed_at.is_some()))
}

/// Uses a code of the authenticator app or a recovery code. Wrong codes are counted, whoever brings them and from
/// wherever: whoever knows the password has few guesses at six digits.
///
/// # Errors
/// [`ApiError::SecondFactorWrong`], [`ApiError::TooManyFailures`]; [`StoreError::SecondFactorOff`] where there is none.
pub(super) async fn check_code(
    state: &AppState,
    visitor: &Visitor,
    user: &UserRow,
    code: &str,
) -> Result<(), ApiError> {
    let host = visitor.host(state);
    let factor = host.second_factor(user.id).await?.filter(|factor| factor.confirmed_at.is_some());
    let factor = factor.ok_or(StoreError::SecondFactorOff)?;
    if let Ok(recovery) = code.parse::<RecoveryCode>() {
        // 80 random bits: nobody guesses them, so a flood of wrong codes does not keep their owner out.
        let left = host.use_recovery_code(user.id, recovery.digest().as_str()).await?;
        let left = left.ok_or(ApiError::SecondFactorWrong)?;
        let head = state.letterhead();
        return state.mail.post(&user.email, &Letter::RecoveryCodeUsed { host: head.host(), left }).await;
    }
    count_attempt(&host, user.id).await?;
    let step = totp_of(factor.secret.expose())?.step_of(code, UnixMillis::now());
    let step = step.ok_or(ApiError::SecondFactorWrong)?;
    if host.use_second_factor_step(user.id, step).await? { Ok(()) } else { Err(ApiError::SecondFactorWrong) }
}

/// Where the account has a password, the code comes on top of it; elsewhere the code is the proof.
async fn prove_both(
    state: &AppState,
    visitor: &Visitor,
    oneself: Oneself,
    body: &BothFactorsBody,
) -> Result<UserRow, ApiError> {
    let host = visitor.host_as(state, oneself.0.user);
    let user = host.user(oneself.0.user).await?;
    if user.password_hash == neustream_accounts::NO_PASSWORD {
        check_code(state, visitor, &user, &body.code).await?;
        return Ok(user);
    }
    let proof = Proof { password: body.current_password.as_deref(), code: None };
    let user = prove(state, visitor, oneself, proof).await?;
    check_code(state, visitor, &user, &body.code).await?;
    Ok(user)
}

async fn count_attempt(host: &HostStore, user: UserId) -> Result<(), ApiError> {
    if host.count_second_factor_attempt(user, MAX_TOTP_FAILURES, TOTP_FAILURE_WINDOW).await? {
        Ok(())
    } else {
        Err(ApiError::TooManyFailures { retry_after: TOTP_FAILURE_WINDOW })
    }
}

fn totp_of(secret: &str) -> Result<Totp, ApiError> {
    secret.parse().map_err(|error| ApiError::Internal(format!("a kept second factor: {error}")))
}

fn new_recovery_codes() -> (Vec<String>, Vec<String>) {
    let codes: Vec<RecoveryCode> = (0..RECOVERY_CODES).map(|_| RecoveryCode::generate()).collect();
    let digests = codes.iter().map(|code| code.digest().as_str().to_owned()).collect();
    (codes.iter().map(RecoveryCode::for_people).collect(), digests)
}
