//! What answers requests behind the rules.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::{AddressPolicy, CheckedRequest, HttpResponse, OutboundError};

/// Answers requests that were checked already. [`Outbound`](crate::Outbound) asks the world; on a plugin author's
/// machine a recording answers, so that a plugin meets the same rules in both places.
pub trait Network: Send + Sync {
    /// Which address literals pass. Strict where nothing else is said.
    fn policy(&self) -> AddressPolicy {
        AddressPolicy::default()
    }

    /// One exchange, within the request's limits.
    fn exchange(&self, request: CheckedRequest) -> BoxFuture<'static, Result<HttpResponse, OutboundError>>;
}

impl<N: Network + ?Sized> Network for Arc<N> {
    fn policy(&self) -> AddressPolicy {
        (**self).policy()
    }

    fn exchange(&self, request: CheckedRequest) -> BoxFuture<'static, Result<HttpResponse, OutboundError>> {
        (**self).exchange(request)
    }
}
