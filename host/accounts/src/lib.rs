//! Identity: e-mail addresses, passwords, roles and what they may, tokens. Rules only: no SQL, no HTTP.
//!
//! Everything here is pure but for random numbers; moments are arguments.
//! [`Password`] checking costs tens of milliseconds of CPU by design: call
//! [`PasswordHash::of`] and [`verify_password`] on a thread that may block.
//!
//! Absent: sign-in by other providers (`neustream-oidc`).

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod access_token;
mod api_key;
mod email;
mod opaque_token;
mod password;
mod permission;
mod playback_token;
mod role;
mod totp;
mod verification_code;

pub use access_token::{ACCESS_TOKEN_LIFETIME, AccessTokens, Claims, TokenRefused, fresh_signing_key};
pub use api_key::{ApiKey, ApiKeyMalformed};
pub use email::{Email, EmailMalformed};
pub use opaque_token::{
    ChallengeToken, DownloadToken, EmailToken, InvitationToken, OpaqueTokenMalformed, PasswordResetToken,
    REFRESH_TOKEN_LIFETIME, RefreshToken, SetupToken, TokenDigest,
};
pub use password::{
    NO_PASSWORD, Password, PasswordHash, PasswordRefused, generated_password, verify_password,
};
pub use permission::{Permission, PermissionUnknown, Permissions};
pub use playback_token::{MAX_VIEWER_BYTES, PLAYBACK_TOKEN_LIFETIME, PlaybackGrant, PlaybackTokens};
pub use role::{PlatformRole, Role, RoleUnknown};
pub use totp::{
    MAX_TOTP_FAILURES, RECOVERY_CODES, RecoveryCode, RecoveryCodeMalformed, TOTP_FAILURE_WINDOW, Totp,
    TotpMalformed,
};
pub use verification_code::{
    MAX_CODE_FAILURES, PASSWORD_RESET_LIFETIME, VERIFICATION_LIFETIME, VerificationCode,
    VerificationCodeMalformed,
};
