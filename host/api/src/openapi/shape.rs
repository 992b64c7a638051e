//! What follows from an operation's shape: who signs in can be refused, who sends JSON can send none, everybody can be
//! too many.

use serde_json::{Value, json};

use super::{fields, items};

/// What the common answers of an operation depend on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    is_api: bool,
    is_signed_in: bool,
    is_administration: bool,
    has_permission: bool,
    is_for_keys: bool,
    changes_app: bool,
    is_idempotent: bool,
    has_parameters: bool,
    takes_json: bool,
    takes_body: bool,
}

/// What an archived app refuses (`access::changes_app`).
const CHANGES_OF_APPS: [&str; 8] = [
    "sources:write",
    "streams:control",
    "playback:write",
    "plugins:write",
    "chat:write",
    "moderation:write",
    "payments:write",
    "keys:write",
];

/// What every operation of some shape answers with a status.
pub(super) struct Common {
    /// Its name among the shared answers.
    pub name: &'static str,
    pub status: &'static str,
    pub description: &'static str,
    pub codes: Vec<&'static str>,
}

impl Shape {
    pub fn of(path: &str, method: &str, operation: &Value) -> Self {
        let schemes = || items(&operation["security"]).flat_map(fields);
        let scopes = || schemes().flat_map(|(_, scopes)| items(scopes)).filter_map(Value::as_str);
        let content = &operation["requestBody"]["content"];
        let is_signed_in = schemes().next().is_some();
        Self {
            is_api: path.starts_with("/api/"),
            is_signed_in,
            is_administration: scopes().any(|scope| scope == "administrator"),
            has_permission: scopes().any(|scope| scope.contains(':')),
            is_for_keys: schemes().any(|(name, _)| name == "apiKey"),
            changes_app: scopes().any(|scope| CHANGES_OF_APPS.contains(&scope)),
            is_idempotent: method == "post" && is_signed_in && !path.starts_with("/api/auth/"),
            // Who is signed in may name an organisation, an app and a key in headers.
            has_parameters: is_signed_in || items(&operation["parameters"]).next().is_some(),
            takes_json: content["application/json"].is_object(),
            takes_body: content.is_object() && method != "get",
        }
    }

    /// The headers that it takes for its shape alone, by the names of [`common_parameters`].
    pub fn common_parameters(self) -> Vec<&'static str> {
        let mut names = Vec::new();
        if self.has_permission {
            names.extend(["Organisation", "App"]);
        }
        if self.is_idempotent {
            names.push("IdempotencyKey");
        }
        names
    }

    /// What it answers for its shape alone.
    pub fn common_answers(self) -> Vec<Common> {
        let mut answers =
            vec![common("500", "Internal", "Something went wrong on this host.", &["INTERNAL"])];
        answers.extend(self.malformed());
        if self.is_signed_in {
            let description = "There is no token, or it is not taken (any more).";
            let codes =
                ["UNAUTHENTICATED", "TOKEN_EXPIRED", "TOKEN_INVALID", "SIGN_IN_ENDED", "API_KEY_REFUSED"];
            let (name, codes) =
                if self.is_for_keys { ("Unauthenticated", &codes[..]) } else { ("NotSignedIn", &codes[..4]) };
            answers.push(common("401", name, description, codes));
            answers.push(self.refused());
        }
        if self.takes_body {
            answers.push(common("413", "PayloadTooLarge", "The body is too large.", &["PAYLOAD_TOO_LARGE"]));
        }
        if self.takes_json {
            let codes = &["UNSUPPORTED_MEDIA_TYPE", "UNSUPPORTED_ENCODING"];
            answers.push(common("415", "UnsupportedMediaType", "The body is of another type.", codes));
        }
        answers.extend(self.in_conflict());
        answers.extend(self.invalid());
        if self.is_api {
            let description = "Too many requests; `Retry-After` tells when to come back.";
            answers.push(common("429", "RateLimited", description, &["RATE_LIMITED"]));
            answers.push(common("408", "TimedOut", "The request took too long.", &["REQUEST_TIMEOUT"]));
            let description = "The host is busy or being maintained, or its database is away.";
            answers.push(common("503", "Unavailable", description, &["UNAVAILABLE", "MAINTENANCE"]));
        }
        answers
    }

    /// What speaks against a change, whatever it is of.
    fn in_conflict(self) -> Option<Common> {
        let idempotency = ["IDEMPOTENCY_RUNNING", "IDEMPOTENT_ANSWER_LOST", "APP_ARCHIVED"];
        match (self.is_idempotent, self.changes_app) {
            (true, true) => {
                let description =
                    "The request with this key is being run, or its answer was lost; or the app is archived.";
                Some(common("409", "RunningOrArchived", description, &idempotency))
            }
            (true, false) => {
                let description = "The request with this key is being run, or its answer was lost.";
                Some(common("409", "Running", description, &idempotency[..2]))
            }
            (false, true) => Some(common("409", "Archived", "The app is archived.", &["APP_ARCHIVED"])),
            (false, false) => None,
        }
    }

    fn invalid(self) -> Option<Common> {
        let codes = ["VALIDATION_FAILED", "IDEMPOTENCY_KEY_REUSED"];
        match (self.takes_json, self.is_idempotent) {
            (true, true) => {
                let description = "A field is not valid, or the idempotency key belongs to another request.";
                Some(common("422", "InvalidOrReused", description, &codes))
            }
            (true, false) => Some(common("422", "ValidationFailed", "A field is not valid.", &codes[..1])),
            (false, true) => {
                let description = "The idempotency key belongs to another request.";
                Some(common("422", "KeyReused", description, &codes[1..]))
            }
            (false, false) => None,
        }
    }

    fn malformed(self) -> Option<Common> {
        match (self.takes_json, self.has_parameters) {
            (true, true) => {
                let codes = &["MALFORMED_REQUEST", "MALFORMED_JSON"];
                Some(common("400", "Malformed", "A parameter is malformed, or the body is not JSON.", codes))
            }
            (true, false) => {
                Some(common("400", "MalformedBody", "The body is not JSON.", &["MALFORMED_JSON"]))
            }
            (false, true) => {
                let codes = &["MALFORMED_REQUEST"];
                Some(common("400", "MalformedParameter", "A parameter is malformed.", codes))
            }
            (false, false) => None,
        }
    }

    /// Why somebody who is signed in may not.
    fn refused(self) -> Common {
        if self.is_administration {
            let description = "Only those who run this platform may do that.";
            let codes = &["NOT_ADMINISTRATOR", "SUSPENDED", "PEOPLE_ONLY"];
            return common("403", "AdministratorsOnly", description, codes);
        }
        if self.has_permission {
            let description = "Your role, or the API key, does not have the permission.";
            let codes =
                &["PERMISSION_MISSING", "SUSPENDED", "ORGANISATION_FOREIGN", "APP_FOREIGN", "PEOPLE_ONLY"];
            return common("403", "PermissionMissing", description, codes);
        }
        let codes = &["PEOPLE_ONLY", "SUSPENDED", "IMPERSONATED"];
        common("403", "NotForYou", "This is not for you.", codes)
    }
}

fn common(
    status: &'static str,
    name: &'static str,
    description: &'static str,
    codes: &[&'static str],
) -> Common {
    Common { name, status, description, codes: codes.to_vec() }
}

/// Headers that many operations take.
pub(super) fn common_parameters() -> Value {
    let header = |name: &str, description: &str, schema: Value| json!({ "name": name, "in": "header", "required": false, "description": description, "schema": schema });
    let id = || json!({ "type": "string", "format": "uuid" });
    json!({
        "Organisation": header(
            "Neustream-Organisation",
            "The organisation to act for, of those that you belong to; your home organisation when left out. \
             An API key acts for its own.",
            id(),
        ),
        "App": header(
            "Neustream-App",
            "The app to act for; the organisation's default app when left out. An API key acts for its own.",
            id(),
        ),
        "IdempotencyKey": header(
            "Idempotency-Key",
            "A word of your own for this request, such as a UUID. Sent again with the same key within 24 hours, it is not \
             done again but answered alike (draft-ietf-httpapi-idempotency-key-header).",
            json!({ "type": "string", "minLength": 1, "maxLength": 255 }),
        ),
    })
}

/// Headers that many answers have.
pub(super) fn headers_of_answers() -> Value {
    json!({
        "RetryAfter": {
            "description": "Seconds until it is worth asking again (RFC 9110 §10.2.3).",
            "schema": { "type": "integer", "minimum": 0, "example": 12 },
        },
    })
}
