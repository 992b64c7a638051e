//! What Twitch's Helix does, without a socket: the same model answers the adapter's own tests and, over TLS, the whole
//! house.
//!
//! After dev.twitch.tv/docs/api/reference: Get Users, Get Stream Key, Modify Channel Information, Get Streams.

use serde_json::{Value, json};

/// A channel.
#[derive(Debug)]
pub struct TwitchModel {
    /// The user's id.
    pub user: String,
    /// The channel's title.
    pub title: String,
    /// The stream key.
    pub key: String,
    /// How many watch, while it is live.
    pub viewers: Option<u64>,
    /// `METHOD path` of what was asked.
    pub asked: Vec<String>,
    /// The answer to every change of the channel.
    pub refuse_changes: Option<u16>,
}

impl Default for TwitchModel {
    fn default() -> Self {
        Self {
            user: "44322889".to_owned(),
            title: "An old title".to_owned(),
            key: "live_44322889_a34ub37c8ajv98a0".to_owned(),
            viewers: None,
            asked: Vec::new(),
            refuse_changes: None,
        }
    }
}

/// What a request needs (`scope`), so that whoever knows the tokens can judge it first.
pub fn scope_of(method: &str, path: &str) -> Option<&'static str> {
    match (method, path) {
        ("GET", "streams/key") => Some("channel:read:stream_key"),
        ("PATCH", "channels") => Some("channel:manage:broadcast"),
        _ => None,
    }
}

/// The body of an error.
pub fn error_body(status: u16, message: &str) -> Value {
    let name = match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        _ => "Error",
    };
    json!({ "error": name, "status": status, "message": message })
}

impl TwitchModel {
    /// The answer to a request below `/helix/`, made with a token of this user.
    pub fn answer(
        &mut self,
        method: &str,
        path: &str,
        query: &[(String, String)],
        body: &[u8],
    ) -> (u16, Value) {
        self.asked.push(format!("{method} {path}"));
        let get = |name: &str| {
            let mut found = query.iter().filter(|(known, _)| known == name);
            found.next().map(|(_, value)| value.as_str())
        };
        let wrong = |message: &str| (400, error_body(400, message));
        match (method, path) {
            ("GET", "users") if query.is_empty() => {
                (200, json!({ "data": [{ "id": self.user, "login": "ada", "display_name": "Ada" }] }))
            }
            ("GET", "streams/key") => match get("broadcaster_id") {
                Some(id) if id == self.user => (200, json!({ "data": [{ "stream_key": self.key }] })),
                Some(_) => (403, error_body(403, "the broadcaster must be the token's user")),
                None => wrong("Missing required parameter \"broadcaster_id\""),
            },
            ("PATCH", "channels") => {
                if let Some(status) = self.refuse_changes {
                    return (status, error_body(status, "not now"));
                }
                if get("broadcaster_id") != Some(self.user.as_str()) {
                    return (401, error_body(401, "incorrect user authorization"));
                }
                let body: Value = serde_json::from_slice(body).unwrap_or_default();
                let title = body["title"].as_str().filter(|title| !title.is_empty());
                match title {
                    Some(title) if title.chars().count() <= 140 => {
                        title.clone_into(&mut self.title);
                        (204, Value::Null)
                    }
                    _ => wrong("The title is empty or too long"),
                }
            }
            ("GET", "streams") => match (get("user_id"), self.viewers) {
                (Some(id), Some(viewers)) if id == self.user => {
                    let stream = json!({ "user_id": id, "type": "live", "title": self.title, "viewer_count": viewers });
                    (200, json!({ "data": [stream], "pagination": {} }))
                }
                (Some(_), _) => (200, json!({ "data": [], "pagination": {} })),
                (None, _) => wrong("every stream of Twitch was asked for"),
            },
            _ => (404, error_body(404, "no such endpoint")),
        }
    }
}
