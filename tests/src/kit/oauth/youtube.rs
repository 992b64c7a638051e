//! The YouTube Live Streaming API over TLS, for whoever holds a token of its provider.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::https::{Answer, Request, Site};
use super::provider::Provider;
use super::youtube_model::{YouTubeModel, error_body};

const SCOPE: &str = "https://www.googleapis.com/auth/youtube";

/// `www.googleapis.com`.
pub struct YouTubeApi {
    provider: Provider,
    model: Mutex<YouTubeModel>,
}

impl YouTubeApi {
    /// A channel whose owner consents at `provider`.
    pub fn new(provider: Provider) -> Self {
        Self { provider, model: Mutex::default() }
    }

    /// The channel.
    pub fn channel(&self) -> MutexGuard<'_, YouTubeModel> {
        self.model.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Site for YouTubeApi {
    fn name(&self) -> &'static str {
        "www.googleapis.com"
    }

    async fn answer(&self, request: Request) -> Option<Answer> {
        let Some(resource) = request.path.strip_prefix("/youtube/v3/") else {
            return Some(Answer::empty(404));
        };
        let Some(token) = request.bearer().filter(|token| self.provider.is_alive(token)) else {
            return Some(Answer::json(401, &error_body(401, "authError")));
        };
        if self.provider.allows(token, SCOPE).is_err() {
            return Some(Answer::json(403, &error_body(403, "insufficientPermissions")));
        }
        if !request.body.is_empty() && request.json().is_err() {
            return Some(Answer::json(400, &error_body(400, "parseError")));
        }
        let answer = self.channel().answer(&request.method, resource, &request.query, &request.body);
        answer.map(
            |(status, body)| if status == 204 { Answer::empty(204) } else { Answer::json(status, &body) },
        )
    }
}
