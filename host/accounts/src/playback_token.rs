//! Playback tokens: JWT (RFC 7519) with HS256 and a key of their own, so that no other token of this host is one.
//!
//! A token is checked from memory: the signature here, everything else by [`neustream_model::Viewing`].

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use neustream_model::{PlaybackClaims, PlaybackId, PlaybackTokenId, Secret, UnixMillis, ViewerRefused};
use serde::{Deserialize, Serialize};

/// How long a playback token is taken where its maker does not say.
pub const PLAYBACK_TOKEN_LIFETIME: Duration = Duration::from_hours(1);

/// The longest name of a viewer, in bytes.
pub const MAX_VIEWER_BYTES: usize = 128;

const ISSUER: &str = "neustream";
const AUDIENCE: &str = "playback";
/// Longer texts are not ours; they are refused before any work. A viewer's name is escaped twice at worst.
const MAX_TOKEN_BYTES: usize = 1536;

/// What a playback token is to say.
#[derive(Debug, Clone)]
pub struct PlaybackGrant {
    /// The source that it opens.
    pub playback_id: PlaybackId,
    /// Whom the tenant gives it to, in the tenant's own words: at most [`MAX_VIEWER_BYTES`].
    pub viewer: Option<String>,
    /// The one address that it is taken from.
    pub address: Option<IpAddr>,
    /// How long it is taken.
    pub lifetime: Duration,
}

/// As written in a token.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// The playback id.
    sub: PlaybackId,
    jti: PlaybackTokenId,
    /// Seconds since the Unix epoch.
    iat: u64,
    exp: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    viewer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
}

/// Issues and reads playback tokens. Prints no key.
#[derive(Clone)]
pub struct PlaybackTokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

impl PlaybackTokens {
    /// Works with the host's key for playback.
    pub fn new(key: &Secret) -> Self {
        // The one algorithm that is taken, whatever a token's own header says (RFC 8725 §3.1).
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Judged with the rest, against the caller's clock.
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_secret(key.expose().as_bytes()),
            decoding: DecodingKey::from_secret(key.expose().as_bytes()),
            validation,
        }
    }

    /// A token, and what it says. It ends at a whole second.
    pub fn issue(&self, grant: PlaybackGrant, now: UnixMillis) -> (Secret, PlaybackClaims) {
        let (id, iat) = (PlaybackTokenId::new(), now.0 / 1000);
        let exp = now.plus(grant.lifetime).0.div_ceil(1000);
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: grant.playback_id,
            jti: id,
            iat,
            exp,
            viewer: grant.viewer,
            address: grant.address.map(|address| address.to_canonical()),
        };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding);
        let token = token.expect("plain claims are signed with a key of the right kind");
        (Secret::new(token), claims.into())
    }

    /// What `token` says, if this host issued it. Whether it holds is for [`neustream_model::Viewing::admit`] to say.
    ///
    /// # Errors
    /// [`ViewerRefused::TokenInvalid`].
    pub fn read(&self, token: &str) -> Result<PlaybackClaims, ViewerRefused> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(ViewerRefused::TokenInvalid);
        }
        jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)
            .map(|token| token.claims.into())
            .map_err(|_| ViewerRefused::TokenInvalid)
    }
}

impl From<Claims> for PlaybackClaims {
    fn from(claims: Claims) -> Self {
        Self {
            id: claims.jti,
            playback_id: claims.sub,
            viewer: claims.viewer,
            address: claims.address,
            expires_at: UnixMillis(claims.exp.saturating_mul(1000)),
        }
    }
}

impl fmt::Debug for PlaybackTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlaybackTokens(***)")
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::fresh_signing_key;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn grant() -> PlaybackGrant {
        PlaybackGrant {
            playback_id: PlaybackId::generate(),
            viewer: Some("ada".to_owned()),
            address: Some("::ffff:192.0.2.1".parse().unwrap()),
            lifetime: Duration::from_mins(5),
        }
    }

    #[test]
    fn a_token_reads_back_what_it_was_made_to_say() {
        let tokens = PlaybackTokens::new(&fresh_signing_key());
        let grant = grant();
        let (token, told) = tokens.issue(grant.clone(), NOW);
        let read = tokens.read(token.expose()).unwrap();
        assert_eq!(read, told);
        assert_eq!((read.playback_id, read.viewer), (grant.playback_id, grant.viewer));
        assert_eq!(read.address, Some("192.0.2.1".parse().unwrap()));
        assert_eq!(read.expires_at, NOW.plus(Duration::from_mins(5)));
    }

    #[test]
    fn a_token_fits_into_a_path_even_with_the_longest_name() {
        let tokens = PlaybackTokens::new(&fresh_signing_key());
        let worst = PlaybackGrant { viewer: Some("\u{1}".repeat(MAX_VIEWER_BYTES)), ..grant() };
        let (token, _) = tokens.issue(worst, NOW);
        assert!(tokens.read(token.expose()).is_ok());
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        assert!(token.expose().bytes().all(is_plain));
    }

    #[test]
    fn what_this_host_did_not_sign_for_playback_is_refused() {
        let key = fresh_signing_key();
        let tokens = PlaybackTokens::new(&key);
        let (token, claims) = tokens.issue(grant(), NOW);
        let (foreign, _) = PlaybackTokens::new(&fresh_signing_key()).issue(grant(), NOW);
        let parts: Vec<&str> = token.expose().split('.').collect();
        let body = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        let sign = |body: &str| {
            let value: serde_json::Value = serde_json::from_str(body).unwrap();
            let key = EncodingKey::from_secret(key.expose().as_bytes());
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &value, &key).unwrap()
        };
        let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        let other_source = body.replace(claims.playback_id.as_str(), PlaybackId::generate().as_str());
        for text in [
            "",
            "a.b.c",
            foreign.expose(),
            &format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(&other_source), parts[2]),
            &format!("{}.{}.", parts[0], parts[1]),
            &format!("{unsigned}.{}.", parts[1]),
            &format!("{}{}", token.expose(), "a".repeat(3000)),
            &sign(&body.replace("\"playback\"", "\"api\"")),
            &sign(&body.replace("\"neustream\"", "\"someone\"")),
        ] {
            assert_eq!(tokens.read(text), Err(ViewerRefused::TokenInvalid), "{text}");
        }
        assert!(tokens.read(&sign(&body)).is_ok(), "the key is the right one");
    }

    #[test]
    fn nothing_prints_the_key() {
        assert_eq!(format!("{:?}", PlaybackTokens::new(&fresh_signing_key())), "PlaybackTokens(***)");
    }
}
