//! Helix over TLS, for whoever holds a token of its provider and names the client that it was made for.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::https::{Answer, Request, Site};
use super::provider::Provider;
use super::twitch_model::{TwitchModel, error_body, scope_of};

/// `api.twitch.tv`.
pub struct TwitchApi {
    provider: Provider,
    model: Mutex<TwitchModel>,
}

impl TwitchApi {
    /// A channel whose owner consents at `provider`.
    pub fn new(provider: Provider) -> Self {
        Self { provider, model: Mutex::default() }
    }

    /// The channel.
    pub fn channel(&self) -> MutexGuard<'_, TwitchModel> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refusal(&self, request: &Request, path: &str) -> Option<Answer> {
        let refuse = |message: &str| Some(Answer::json(401, &error_body(401, message)));
        let Some(client_id) = request.header("client-id") else { return refuse("Client ID is missing") };
        let Some(token) = request.bearer() else { return refuse("OAuth token is missing") };
        if !self.provider.is_alive(token) {
            return refuse("Invalid OAuth token");
        }
        let Some(scope) = scope_of(&request.method, path) else {
            // Any scope tells whose token it is.
            let is_theirs = self.provider.client_of(token).as_deref() == Some(client_id);
            return if is_theirs { None } else { refuse("Client ID and OAuth token do not match") };
        };
        match self.provider.allows(token, scope) {
            Ok(owner) if owner == client_id => None,
            Ok(_) => refuse("Client ID and OAuth token do not match"),
            Err(_) => refuse(&format!("Missing scope: {scope}")),
        }
    }
}

impl Site for TwitchApi {
    fn name(&self) -> &'static str {
        "api.twitch.tv"
    }

    async fn answer(&self, request: Request) -> Option<Answer> {
        let Some(path) = request.path.strip_prefix("/helix/") else { return Some(Answer::empty(404)) };
        if let Some(refusal) = self.refusal(&request, path) {
            return Some(refusal);
        }
        if !request.body.is_empty() && request.json().is_err() {
            return Some(Answer::json(400, &error_body(400, "the body is not JSON")));
        }
        let (status, body) = self.channel().answer(&request.method, path, &request.query, &request.body);
        Some(if status == 204 { Answer::empty(204) } else { Answer::json(status, &body) })
    }
}
