//! Identity: e-mail addresses, passwords, roles and what they may, tokens. Rules only: no SQL, no HTTP.
//!
//! Everything here is pure but for random numbers; moments are arguments.
//! [`Password`] checking costs tens of milliseconds of CPU by design: call
//! [`PasswordHash::of`] and [`verify_password`] on a thread that may block.
//!
//! Absent: sign-in by other providers, second factors (they come as
//! further files beside these).

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod access_token;
mod api_key;
mod email;
mod opaque_token;
mod password;
mod permission;
mod role;

pub use access_token::{ACCESS_TOKEN_LIFETIME, AccessTokens, Claims, TokenRefused, fresh_signing_key};
pub use api_key::{ApiKey, ApiKeyMalformed};
pub use email::{Email, EmailMalformed};
pub use opaque_token::{
    InvitationToken, OpaqueTokenMalformed, REFRESH_TOKEN_LIFETIME, RefreshToken, SetupToken, TokenDigest,
};
pub use password::{Password, PasswordHash, PasswordRefused, verify_password};
pub use permission::{Permission, PermissionUnknown, Permissions};
pub use role::{PlatformRole, Role, RoleUnknown};
