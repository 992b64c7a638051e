//! What is said to a provider's token endpoint, and how its answers are read.
//!
//! Sans-IO but for [`post`]. Answers are untrusted: sizes, characters and types
//! are checked before anything is kept. Two liberties are taken because large
//! platforms take them: `scope` may be a list, and `expires_in` a text.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use bytes::Bytes;
use neustream_contract::manifest::ClientAuth;
use neustream_model::{Secret, UnixMillis};
use neustream_outbound::{AllowList, Endpoint, HttpLimits, HttpRequest, HttpResponse, Outbound};
use neustream_store::OauthClient;
use serde::Deserialize;
use serde_json::Value;
use url::Url;
use url::form_urlencoded::{self, Serializer};

use super::OauthError;

/// Time for one exchange with a provider.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);
/// The largest answer of a token endpoint.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// The largest token; providers stay below 4 KiB.
const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// An access token that is said to live longer is asked for anew after this time.
const MAX_LIFETIME: Duration = Duration::from_hours(24 * 365);

/// Where tokens are asked for, and as whom.
pub(super) struct TokenEndpoint<'a> {
    pub url: &'a str,
    pub auth: ClientAuth,
    pub client: &'a OauthClient,
}

/// What is exchanged for tokens.
pub(super) enum TokenGrant<'a> {
    /// RFC 6749 4.1.3 with RFC 7636 4.5.
    Code { code: &'a str, redirect_uri: &'a str, verifier: &'a str },
    /// RFC 6749 6.
    Refresh { refresh_token: &'a str },
}

/// What a token endpoint gave.
pub(super) struct Tokens {
    pub access: String,
    pub refresh: Option<String>,
    pub expires_at: Option<UnixMillis>,
    /// Parted by spaces; none where they are those that were asked for (RFC 6749 5.1).
    pub scopes: Option<String>,
}

/// The page to which somebody is sent (RFC 6749 4.1.1, RFC 7636 4.3).
pub(super) fn authorize_url<'a>(
    base: &str,
    parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<String, OauthError> {
    let mut url = Url::parse(base).map_err(|error| OauthError::AddressInvalid(error.to_string()))?;
    // RFC 6749 3.1: a query of the endpoint itself stays.
    url.query_pairs_mut().extend_pairs(parameters);
    Ok(url.into())
}

impl TokenEndpoint<'_> {
    /// Exchanges `grant` for tokens.
    pub async fn exchange(&self, outbound: &Outbound, grant: &TokenGrant<'_>) -> Result<Tokens, OauthError> {
        let asked_at = UnixMillis::now();
        let response = post(outbound, self.url, self.request(grant)).await?;
        read_answer(&response, grant, asked_at)
    }

    fn request(&self, grant: &TokenGrant<'_>) -> Form {
        let mut form = Form::of(self.auth, self.client);
        match grant {
            TokenGrant::Code { code, redirect_uri, verifier } => {
                form.pair("grant_type", "authorization_code");
                form.pair("code", code);
                form.pair("redirect_uri", redirect_uri);
                form.pair("code_verifier", verifier);
            }
            // No scope: what was consented to stays (RFC 6749 6).
            TokenGrant::Refresh { refresh_token } => {
                form.pair("grant_type", "refresh_token");
                form.pair("refresh_token", refresh_token);
            }
        }
        form
    }
}

/// A form with the client's proof in it or before it.
pub(super) struct Form {
    authorization: Option<Secret>,
    body: String,
}

impl Form {
    /// An empty form of `client` (RFC 6749 2.3.1).
    pub fn of(auth: ClientAuth, client: &OauthClient) -> Self {
        let mut form = Self { authorization: None, body: String::new() };
        match auth {
            ClientAuth::Basic => {
                let encoded =
                    |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let pair =
                    format!("{}:{}", encoded(&client.client_id), encoded(client.client_secret.expose()));
                form.authorization = Some(Secret::new(format!("Basic {}", BASE64_STANDARD.encode(pair))));
            }
            ClientAuth::Body => {
                form.pair("client_id", &client.client_id);
                form.pair("client_secret", client.client_secret.expose());
            }
        }
        form
    }

    pub fn pair(&mut self, name: &str, value: &str) {
        let mut body = Serializer::new(std::mem::take(&mut self.body));
        body.append_pair(name, value);
        self.body = body.finish();
    }
}

/// Posts a form to `url` and to nothing else: no redirect is followed, and the allow-list holds its origin alone.
pub(super) async fn post(outbound: &Outbound, url: &str, form: Form) -> Result<HttpResponse, OauthError> {
    let Form { authorization, body } = form;
    let origin = Endpoint::parse(url)?;
    if !origin.is_tls() {
        return Err(OauthError::AddressInvalid("not https".to_owned()));
    }
    let allowed = AllowList::parse([origin.to_string()], ["POST"])
        .map_err(|error| OauthError::AddressInvalid(error.to_string()))?;
    let mut headers = vec![
        ("content-type".to_owned(), Secret::new("application/x-www-form-urlencoded")),
        ("accept".to_owned(), Secret::new("application/json")),
    ];
    headers.extend(authorization.map(|value| ("authorization".to_owned(), value)));
    let request = HttpRequest {
        method: "POST".to_owned(),
        url: url.to_owned(),
        headers,
        body: Bytes::from(body),
        limits: HttpLimits {
            response_body_bytes: MAX_ANSWER_BYTES,
            timeout: TIMEOUT,
            ..HttpLimits::default()
        },
    };
    Ok(outbound.http(&allowed, request).await?)
}

/// RFC 6749 5.1.
#[derive(Deserialize)]
struct Answer {
    access_token: String,
    token_type: String,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    scope: Value,
}

fn read_answer(
    response: &HttpResponse,
    grant: &TokenGrant<'_>,
    asked_at: UnixMillis,
) -> Result<Tokens, OauthError> {
    if response.status != 200 {
        return Err(refusal(response, grant));
    }
    let answer: Answer = serde_json::from_slice(&response.body)
        .map_err(|_| OauthError::Malformed("it is not JSON with an access token"))?;
    if !answer.token_type.eq_ignore_ascii_case("bearer") {
        return Err(OauthError::Malformed("its tokens are not bearer tokens"));
    }
    let refresh = answer.refresh_token.filter(|token| !token.is_empty());
    if !is_token(&answer.access_token) || !refresh.as_deref().is_none_or(is_token) {
        return Err(OauthError::Malformed("a token has characters or a length that no token has"));
    }
    let seconds = match &answer.expires_in {
        Value::Number(number) => number.as_f64().filter(|seconds| *seconds >= 0.0),
        Value::String(text) => text.parse::<u32>().ok().map(f64::from),
        _ => None,
    };
    let lifetime = seconds.map(|seconds| Duration::from_secs_f64(seconds.min(MAX_LIFETIME.as_secs_f64())));
    Ok(Tokens {
        access: answer.access_token,
        refresh,
        expires_at: lifetime.map(|lifetime| asked_at.plus(lifetime)),
        scopes: scopes(&answer.scope),
    })
}

/// RFC 6749 appendix A.12 and A.17: visible characters (and the space, which no header could carry).
fn is_token(text: &str) -> bool {
    (1..=MAX_TOKEN_BYTES).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

fn scopes(value: &Value) -> Option<String> {
    let words: Vec<&str> = match value {
        Value::String(text) => text.split_ascii_whitespace().collect(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    let is_scope = |word: &&str| word.len() <= 300 && word.bytes().all(|b| b.is_ascii_graphic());
    Some(words.into_iter().filter(is_scope).take(100).collect::<Vec<_>>().join(" "))
}

/// RFC 6749 5.2, and how platforms answer that do not keep it.
fn refusal(response: &HttpResponse, grant: &TokenGrant<'_>) -> OauthError {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let code = body["error"].as_str().unwrap_or_default();
    match (response.status, code) {
        (429 | 500..=599, _) | (_, "temporarily_unavailable" | "server_error" | "slow_down") => {
            OauthError::Unreachable(format!("it answered with status {}", response.status))
        }
        (_, "invalid_grant") => OauthError::GrantRefused,
        (_, "invalid_client" | "unauthorized_client") => OauthError::ClientRefused,
        (400..=499, code) if is_error_code(code) => OauthError::Provider { code: code.to_owned() },
        // Twitch: `{"status": 400, "message": "Invalid refresh token"}` and, for a client, `invalid client secret`.
        (400..=403, _) => {
            let message = body["message"].as_str().unwrap_or_default().to_ascii_lowercase();
            let is_refresh = matches!(grant, TokenGrant::Refresh { .. });
            if message.contains("invalid client") {
                OauthError::ClientRefused
            } else if is_refresh && message.contains("refresh token")
                || message.contains("authorization code")
            {
                OauthError::GrantRefused
            } else {
                OauthError::Provider { code: format!("status-{}", response.status) }
            }
        }
        (status, _) => OauthError::Provider { code: format!("status-{status}") },
    }
}

/// Error codes of RFC 6749 and its extensions: words in lower case with underscores.
pub(super) fn is_error_code(code: &str) -> bool {
    (1..=60).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> OauthClient {
        OauthClient {
            client_id: "the client".to_owned(),
            client_secret: Secret::new("s:e/c"),
            token_url: "https://id.example.com/token".to_owned(),
        }
    }

    fn answer(status: u16, body: &str) -> HttpResponse {
        HttpResponse { status, headers: Vec::new(), body: Bytes::copy_from_slice(body.as_bytes()) }
    }

    fn read(status: u16, body: &str) -> Result<Tokens, OauthError> {
        read_answer(&answer(status, body), &TokenGrant::Refresh { refresh_token: "r" }, UnixMillis(1_000))
    }

    #[test]
    fn basic_credentials_are_form_encoded_before_they_are_base64() {
        let mut form = Form::of(ClientAuth::Basic, &client());
        form.pair("a", "b c");
        let expected = format!("Basic {}", BASE64_STANDARD.encode("the+client:s%3Ae%2Fc"));
        assert_eq!(form.authorization.unwrap().expose(), expected);
        assert_eq!(form.body, "a=b+c");
    }

    #[test]
    fn a_client_in_the_body_is_not_in_a_header() {
        let form = Form::of(ClientAuth::Body, &client());
        assert!(form.authorization.is_none());
        assert_eq!(form.body, "client_id=the+client&client_secret=s%3Ae%2Fc");
    }

    #[test]
    fn an_answer_is_read_as_the_rfc_and_as_large_platforms_write_it() {
        let body =
            r#"{"access_token":"a","token_type":"Bearer","expires_in":60,"refresh_token":"r","scope":"x y"}"#;
        let tokens = read(200, body).unwrap();
        assert_eq!((tokens.access.as_str(), tokens.refresh.as_deref()), ("a", Some("r")));
        assert_eq!((tokens.expires_at, tokens.scopes.as_deref()), (Some(UnixMillis(61_000)), Some("x y")));
        let body = r#"{"access_token":"a","token_type":"bearer","expires_in":"60","scope":["x","y"]}"#;
        let tokens = read(200, body).unwrap();
        assert_eq!((tokens.expires_at, tokens.scopes.as_deref()), (Some(UnixMillis(61_000)), Some("x y")));
        assert!(tokens.refresh.is_none());
        let tokens = read(200, r#"{"access_token":"a","token_type":"bearer"}"#).unwrap();
        assert_eq!((tokens.expires_at, tokens.scopes), (None, None));
    }

    #[test]
    fn nonsense_is_malformed_and_never_a_panic() {
        for body in [
            "",
            "[]",
            "{}",
            r#"{"access_token":"","token_type":"bearer"}"#,
            r#"{"access_token":"a b","token_type":"bearer"}"#,
            r#"{"access_token":"a\nb","token_type":"bearer"}"#,
            r#"{"access_token":"a","token_type":"mac"}"#,
            r#"{"access_token":"a","token_type":"bearer","refresh_token":"\u0000"}"#,
            r#"{"access_token":7,"token_type":"bearer"}"#,
        ] {
            assert!(matches!(read(200, body), Err(OauthError::Malformed(_))), "{body}");
        }
        let long = format!(r#"{{"access_token":"{}","token_type":"bearer"}}"#, "a".repeat(9000));
        assert!(matches!(read(200, &long), Err(OauthError::Malformed(_))));
        let body = r#"{"access_token":"a","token_type":"bearer","expires_in":1e300}"#;
        assert!(read(200, body).unwrap().expires_at.is_some());
        let body = r#"{"access_token":"a","token_type":"bearer","expires_in":-1}"#;
        assert_eq!(read(200, body).unwrap().expires_at, None);
    }

    #[test]
    fn refusals_say_who_can_help() {
        let code = |status, body| read(status, body).err().map(|error| error.code());
        assert_eq!(code(400, r#"{"error":"invalid_grant"}"#), Some("oauth-consent-needed"));
        let twitch = r#"{"error":"Bad Request","status":400,"message":"Invalid refresh token"}"#;
        assert_eq!(code(400, twitch), Some("oauth-consent-needed"));
        assert_eq!(code(401, r#"{"error":"invalid_client"}"#), Some("oauth-client-refused"));
        assert_eq!(
            code(403, r#"{"status":403,"message":"invalid client secret"}"#),
            Some("oauth-client-refused")
        );
        assert_eq!(code(400, r#"{"error":"invalid_request"}"#), Some("oauth-provider-error"));
        for (status, body) in [(500, "<html>"), (503, ""), (429, "{}"), (400, r#"{"error":"server_error"}"#)]
        {
            assert_eq!(code(status, body), Some("oauth-unreachable"), "{status} {body}");
        }
        assert_eq!(code(302, ""), Some("oauth-provider-error"));
        let loud = read(400, r#"{"error":"<b>ya29.token</b>","error_description":"ya29.token"}"#);
        assert!(!loud.err().unwrap().to_string().contains("ya29"));
    }

    #[test]
    fn the_authorize_url_keeps_its_own_query() {
        let url = authorize_url("https://id.example.com/a?p=1", [("scope", "x y"), ("state", "&")]).unwrap();
        assert_eq!(url, "https://id.example.com/a?p=1&scope=x+y&state=%26");
    }
}
