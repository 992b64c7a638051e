//! Work that ends even when its client hangs up.

use neustream_store::Actor;

use crate::error::ApiError;

/// Runs `work` to its end. A handler's own future is dropped when the client hangs up, and between a commit and
/// telling the media path about it nothing may get lost.
pub(crate) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, ApiError>> + Send + 'static,
) -> Result<T, ApiError> {
    // The audit log names whoever asked, in the work as in the handler.
    tokio::spawn(Actor::of_task().during(work))
        .await
        .unwrap_or_else(|error| Err(ApiError::Internal(format!("a request's work ended early: {error}"))))
}
