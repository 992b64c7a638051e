//! Where passwords are hashed: on threads that may block, a few at a time.

use neustream_accounts::{Password, PasswordHash, verify_password};
use neustream_model::Secret;
use std::time::Duration;
use tokio::sync::Semaphore;

use crate::error::ApiError;

/// Hashes at a time: each takes a core and 19 MiB for its while.
const AT_ONCE: usize = 2;
/// How long a request waits for its turn; later it is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);

/// Bounds the work that passwords make.
pub(crate) struct PasswordWork(Semaphore);

impl Default for PasswordWork {
    fn default() -> Self {
        Self(Semaphore::new(AT_ONCE))
    }
}

impl PasswordWork {
    /// Hashes a chosen password.
    pub async fn hash(&self, password: Password) -> Result<PasswordHash, ApiError> {
        self.run(move || PasswordHash::of(&password)).await
    }

    /// Whether `text` is the password behind `stored`; `None` stands for a user who does not exist.
    pub async fn verify(&self, text: Secret, stored: Option<String>) -> Result<bool, ApiError> {
        self.run(move || verify_password(text.expose(), stored.as_deref())).await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
        let turn = tokio::time::timeout(PATIENCE, self.0.acquire()).await;
        let Ok(Ok(_turn)) = turn else { return Err(ApiError::Unavailable) };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| ApiError::Internal(format!("hashing a password: {error}")))
    }
}
