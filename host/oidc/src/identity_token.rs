//! Reading an identity token (OpenID Connect Core 3.1.3.7).

use std::collections::HashSet;

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use neustream_model::UnixMillis;
use serde::Deserialize;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use crate::OpenIdError;
use crate::provider::Provider;

/// Longer texts are no identity tokens.
const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// How far clocks may differ.
const LEEWAY_S: u64 = 60;
/// OpenID Connect Core 2: `sub` has at most 255 ASCII characters.
const MAX_SUBJECT_BYTES: usize = 255;

/// What a provider says about somebody, as far as this host needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The provider's name for the account, which never changes and is nobody else's.
    pub subject: String,
    /// The address, if the provider gave one.
    pub email: Option<String>,
    /// Whether the provider says that the person read its mail.
    pub is_email_verified: bool,
    /// Whether the provider's word about that is final: it gives such addresses out itself.
    pub is_email_authority: bool,
    /// The person's name, if the provider gave one.
    pub name: Option<String>,
}

/// Whom a token must be from and for.
pub(crate) struct Expected<'a> {
    pub provider: &'a Provider,
    pub client_id: &'a str,
    pub nonce: &'a str,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: u64,
    iat: u64,
    nonce: String,
    aud: Audience,
    azp: Option<String>,
    email: Option<String>,
    /// Some providers write a text.
    email_verified: Option<Value>,
    name: Option<String>,
    preferred_username: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// The name of the key that a token says to be signed with.
pub(crate) fn key_name(token: &str) -> Result<Option<String>, OpenIdError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(OpenIdError::TokenInvalid("it is too long"));
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| OpenIdError::TokenInvalid("it is no JWT"))?;
    Ok(header.kid)
}

/// What `token` says, if it is signed by one of `keys` and meets everything that is expected at `now`.
pub(crate) fn read(
    token: &str,
    keys: &JwkSet,
    expected: &Expected<'_>,
    now: UnixMillis,
) -> Result<Claimed, OpenIdError> {
    let invalid = OpenIdError::TokenInvalid;
    let kid = key_name(token)?;
    let key =
        signing_key(keys, kid.as_deref()).ok_or(invalid("no key of the provider has its key's name"))?;
    let provider = expected.provider;
    // The key says which algorithm is taken, whatever the token's own header says (RFC 8725 3.1).
    let mut validation = Validation::new(algorithm_of(key).ok_or(invalid("its algorithm is not taken"))?);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.iss = Some(
        std::iter::once(&provider.issuer).chain(&provider.former_issuers).cloned().collect::<HashSet<_>>(),
    );
    validation.set_audience(&[expected.client_id]);
    // Checked below, against the caller's clock.
    validation.validate_exp = false;
    let decoding = DecodingKey::from_jwk(key).map_err(|_| invalid("the provider's key cannot be read"))?;
    let claims = jsonwebtoken::decode::<Claims>(token, &decoding, &validation)
        .map_err(|_| invalid("its signature, issuer or audience is wrong"))?
        .claims;
    check(&claims, expected, now)?;
    Ok(claimed(claims, provider))
}

fn check(claims: &Claims, expected: &Expected<'_>, now: UnixMillis) -> Result<(), OpenIdError> {
    let invalid = |why| Err(OpenIdError::TokenInvalid(why));
    let now_s = now.0 / 1000;
    if now_s >= claims.exp.saturating_add(LEEWAY_S) || claims.iat > now_s + LEEWAY_S {
        return invalid("it is of another time");
    }
    if !bool::from(claims.nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
        return invalid("it answers another question");
    }
    // Core 3.1.3.7, 4 and 5: a token for several parties names the one that it was issued to.
    let has_others = matches!(&claims.aud, Audience::Several(parties) if parties.len() > 1);
    let is_ours = claims.azp.as_deref().map_or(!has_others, |party| party == expected.client_id);
    if !is_ours {
        return invalid("it was issued to another party");
    }
    if let Audience::One(party) = &claims.aud
        && party != expected.client_id
    {
        return invalid("it is for another party");
    }
    if !(1..=MAX_SUBJECT_BYTES).contains(&claims.sub.len())
        || !claims.sub.bytes().all(|b| b.is_ascii_graphic())
    {
        return invalid("its subject is none");
    }
    Ok(())
}

fn claimed(claims: Claims, provider: &Provider) -> Claimed {
    let organisation =
        provider.organisation_claim.as_ref().and_then(|name| claims.others.get(name)?.as_str());
    let is_email_verified = match &claims.email_verified {
        Some(Value::Bool(is_verified)) => *is_verified,
        Some(Value::String(text)) => text == "true",
        _ => false,
    };
    let is_authority =
        claims.email.as_deref().is_some_and(|email| provider.is_authority_for(email, organisation));
    Claimed {
        subject: claims.sub,
        is_email_authority: is_email_verified && is_authority,
        is_email_verified: is_email_verified && claims.email.is_some(),
        email: claims.email,
        name: claims.name.or(claims.preferred_username),
    }
}

/// The key of this name; without a name, the only one.
fn signing_key<'a>(keys: &'a JwkSet, kid: Option<&str>) -> Option<&'a Jwk> {
    match kid {
        Some(kid) => keys.find(kid),
        None => keys.keys.first().filter(|_| keys.keys.len() == 1),
    }
}

/// Signatures with private keys only: a shared secret signs nothing here.
fn algorithm_of(key: &Jwk) -> Option<Algorithm> {
    match &key.algorithm {
        AlgorithmParameters::RSA(_) => Some(Algorithm::RS256),
        AlgorithmParameters::EllipticCurve(parameters) => {
            use jsonwebtoken::jwk::EllipticCurve as Curve;
            match parameters.curve {
                Curve::P256 => Some(Algorithm::ES256),
                Curve::P384 => Some(Algorithm::ES384),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
    use jsonwebtoken::{EncodingKey, Header};
    use serde_json::json;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);
    const NOW_S: u64 = NOW.0 / 1000;

    /// A provider's key pair.
    struct Signer {
        key: rcgen::KeyPair,
    }

    impl Signer {
        fn new() -> Self {
            Self { key: rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap() }
        }

        fn keys(&self) -> JwkSet {
            // The last 64 bytes of an uncompressed P-256 point are its coordinates.
            let point = self.key.public_key_raw();
            let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
            serde_json::from_value(json!({ "keys": [{
                "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "one",
                "x": encode(&point[1..33]), "y": encode(&point[33..65]),
            }] }))
            .unwrap()
        }

        fn sign(&self, claims: &Value) -> String {
            let header = Header { kid: Some("one".to_owned()), ..Header::new(Algorithm::ES256) };
            let key = EncodingKey::from_ec_der(&self.key.serialize_der());
            jsonwebtoken::encode(&header, claims, &key).unwrap()
        }
    }

    fn claims() -> Value {
        json!({
            "iss": "https://accounts.google.com", "aud": "client", "sub": "1080", "nonce": "n",
            "iat": NOW_S, "exp": NOW_S + 3600, "email": "ada@gmail.com", "email_verified": true, "name": "Ada",
        })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = claims();
        claims[name] = value;
        claims
    }

    fn read_by(signer: &Signer, token: &str) -> Result<Claimed, OpenIdError> {
        let provider = Provider::of_name("google").unwrap();
        let expected = Expected { provider, client_id: "client", nonce: "n" };
        read(token, &signer.keys(), &expected, NOW)
    }

    #[test]
    fn a_token_says_who_somebody_is() {
        let signer = Signer::new();
        let claimed = read_by(&signer, &signer.sign(&claims())).unwrap();
        assert_eq!((claimed.subject.as_str(), claimed.email.as_deref()), ("1080", Some("ada@gmail.com")));
        assert!(claimed.is_email_verified && claimed.is_email_authority);
        assert_eq!(claimed.name.as_deref(), Some("Ada"));
    }

    #[test]
    fn an_address_that_is_not_verified_is_nobodys() {
        let signer = Signer::new();
        for value in [json!(false), json!("false"), json!(1), Value::Null] {
            let claimed = read_by(&signer, &signer.sign(&with("email_verified", value))).unwrap();
            assert!(!claimed.is_email_verified && !claimed.is_email_authority);
        }
        let claimed = read_by(&signer, &signer.sign(&with("email", Value::Null))).unwrap();
        assert!(!claimed.is_email_verified);
        let elsewhere = read_by(&signer, &signer.sign(&with("email", json!("ada@acme.example")))).unwrap();
        assert!(elsewhere.is_email_verified && !elsewhere.is_email_authority);
    }

    #[test]
    fn a_token_of_or_for_others_and_of_another_time_is_refused() {
        let signer = Signer::new();
        for (name, value) in [
            ("iss", json!("https://evil.example")),
            ("aud", json!("other")),
            ("aud", json!(["client", "other"])),
            ("azp", json!("other")),
            ("nonce", json!("m")),
            ("nonce", Value::Null),
            ("exp", json!(NOW_S - 61)),
            ("iat", json!(NOW_S + 61)),
            ("sub", json!("")),
            ("sub", json!("a b")),
        ] {
            let result = read_by(&signer, &signer.sign(&with(name, value.clone())));
            assert!(matches!(result, Err(OpenIdError::TokenInvalid(_))), "{name} {value}: {result:?}");
        }
        let mut named = with("aud", json!(["client", "other"]));
        named["azp"] = json!("client");
        assert!(read_by(&signer, &signer.sign(&named)).is_ok());
    }

    #[test]
    fn a_forged_token_is_refused() {
        let (signer, stranger) = (Signer::new(), Signer::new());
        let token = signer.sign(&claims());
        let parts: Vec<&str> = token.split('.').collect();
        let body = BASE64_URL_SAFE_NO_PAD.encode(with("sub", json!("1")).to_string());
        let unsigned = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none","kid":"one"}"#);
        let shared = {
            // Signed with the public key as if it were a shared secret (RFC 8725 2.1).
            let header = Header { kid: Some("one".to_owned()), ..Header::new(Algorithm::HS256) };
            let key = EncodingKey::from_secret(signer.key.public_key_raw());
            jsonwebtoken::encode(&header, &claims(), &key).unwrap()
        };
        for forged in [
            String::new(),
            "a.b.c".to_owned(),
            stranger.sign(&claims()),
            format!("{}.{body}.{}", parts[0], parts[2]),
            format!("{unsigned}.{body}."),
            shared,
            "x".repeat(20_000),
        ] {
            let result = read_by(&signer, &forged);
            assert!(matches!(result, Err(OpenIdError::TokenInvalid(_))), "{forged}: {result:?}");
        }
    }
}
