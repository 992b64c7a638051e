//! Access tokens: JWT (RFC 7519) with HS256 and a key that the host made itself.

use std::fmt;
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use neustream_model::{Secret, SignInId, UnixMillis, UserId};
use serde::{Deserialize, Serialize};

/// How long an access token is taken.
pub const ACCESS_TOKEN_LIFETIME: Duration = Duration::from_mins(15);

const ISSUER: &str = "neustream";
/// Longer texts are not ours; they are refused before any work.
const MAX_TOKEN_BYTES: usize = 2048;

/// A new signing key: 256 random bits as hexadecimal text.
pub fn fresh_signing_key() -> Secret {
    Secret::new(hex::encode(rand::random::<[u8; 32]>()))
}

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who it was issued to.
    pub sub: UserId,
    /// The sign-in that it descends from: when that ends, the token ends with it.
    pub sid: SignInId,
    /// Seconds since the Unix epoch when it was issued.
    pub iat: u64,
    /// Seconds since the Unix epoch when it stops to be taken.
    pub exp: u64,
    /// What tells this token from every other.
    pub jti: String,
    /// Always `neustream`.
    pub iss: String,
}

/// Why an access token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefused {
    /// It was valid once.
    #[error("the access token has expired")]
    Expired,
    /// It was not issued by this host, or was changed.
    #[error("the access token is not valid")]
    Invalid,
}

/// Issues and checks access tokens. Prints no key.
#[derive(Clone)]
pub struct AccessTokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

impl AccessTokens {
    /// Works with the host's signing key.
    pub fn new(key: &Secret) -> Self {
        // The one algorithm that is taken, whatever a token's own header says (RFC 8725 §3.1).
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        validation.validate_aud = false;
        // Checked here instead, against the caller's clock.
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_secret(key.expose().as_bytes()),
            decoding: DecodingKey::from_secret(key.expose().as_bytes()),
            validation,
        }
    }

    /// A token for `user` in a sign-in, valid for [`ACCESS_TOKEN_LIFETIME`] from `now`. It does not say what the user
    /// may do: that is looked up when it is used, so that a change holds at once.
    pub fn issue(&self, user: UserId, sign_in: SignInId, now: UnixMillis) -> Secret {
        let iat = now.0 / 1000;
        let claims = Claims {
            sub: user,
            sid: sign_in,
            iat,
            exp: iat + ACCESS_TOKEN_LIFETIME.as_secs(),
            jti: hex::encode(rand::random::<[u8; 12]>()),
            iss: ISSUER.to_owned(),
        };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding);
        Secret::new(token.expect("plain claims are signed with a key of the right kind"))
    }

    /// What `token` says, if this host issued it and it has not expired at `now`.
    pub fn verify(&self, token: &str, now: UnixMillis) -> Result<Claims, TokenRefused> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenRefused::Invalid);
        }
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)
            .map_err(|_| TokenRefused::Invalid)?
            .claims;
        if now.0 / 1000 >= claims.exp { Err(TokenRefused::Expired) } else { Ok(claims) }
    }
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessTokens(***)")
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn issued() -> (AccessTokens, Secret, UserId, SignInId) {
        let tokens = AccessTokens::new(&fresh_signing_key());
        let (user, sign_in) = (UserId::new(), SignInId::new());
        let token = tokens.issue(user, sign_in, NOW);
        (tokens, token, user, sign_in)
    }

    #[test]
    fn a_token_says_who_signed_in_and_when() {
        let (tokens, token, user, sign_in) = issued();
        let claims = tokens.verify(token.expose(), NOW).unwrap();
        assert_eq!((claims.sub, claims.sid), (user, sign_in));
        assert_eq!(claims.exp - claims.iat, 900);
    }

    #[test]
    fn a_token_expires_to_the_second() {
        let (tokens, token, ..) = issued();
        let last = NOW.plus(Duration::from_secs(899));
        assert!(tokens.verify(token.expose(), last).is_ok());
        let after = NOW.plus(ACCESS_TOKEN_LIFETIME);
        assert_eq!(tokens.verify(token.expose(), after), Err(TokenRefused::Expired));
    }

    #[test]
    fn a_token_of_another_key_is_not_taken() {
        let (_, token, ..) = issued();
        let other = AccessTokens::new(&fresh_signing_key());
        assert_eq!(other.verify(token.expose(), NOW), Err(TokenRefused::Invalid));
    }

    #[test]
    fn a_changed_or_unsigned_token_is_not_taken() {
        let (tokens, token, user, _) = issued();
        let parts: Vec<_> = token.expose().split('.').collect();
        let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        let other = claims.replace(&user.to_string(), &UserId::new().to_string());
        assert_ne!(other, claims);
        let raised = URL_SAFE_NO_PAD.encode(other);
        let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        for text in [
            "",
            "a.b.c",
            &format!("{}.{raised}.{}", parts[0], parts[2]),
            &format!("{unsigned}.{raised}."),
            &format!("{}.{}.", parts[0], parts[1]),
            &format!("{}{}", token.expose(), "a".repeat(3000)),
        ] {
            assert_eq!(tokens.verify(text, NOW), Err(TokenRefused::Invalid), "{text}");
        }
    }
}
