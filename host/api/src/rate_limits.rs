//! Rate limits by scope: whose requests count together, and how many they may be.
//!
//! Counts are kept in Redis where one is set, so that all nodes share them, and
//! otherwise (also while Redis does not answer) in memory of this process. A
//! limit never fails a request that it would let through.

use std::time::Instant;

use crate::limiter::{Limiter, Taken};
use crate::rate_shared::SharedCounts;
use crate::{Allowance, ApiSettings, RateLimits};

/// Whose requests count together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Requests without a valid token, of one network; and all that ask for a token.
    Anonymous,
    /// Failed sign-ins, of one network to one account.
    FailedLogins,
    /// Requests of one person.
    User,
    /// Requests of one API key.
    Key,
    /// Payments of one organisation.
    Payments,
}

impl Scope {
    const ALL: [Self; 5] = [Self::Anonymous, Self::FailedLogins, Self::User, Self::Key, Self::Payments];

    /// The scope's word in Redis.
    fn word(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::FailedLogins => "failed-logins",
            Self::User => "user",
            Self::Key => "key",
            Self::Payments => "payments",
        }
    }
}

/// Counts what is asked, by scope and subject.
pub(crate) struct RateLimiter {
    limits: RateLimits,
    own: [Limiter<String>; Scope::ALL.len()],
    shared: Option<SharedCounts>,
}

impl RateLimiter {
    pub fn new(settings: &ApiSettings) -> Self {
        Self {
            limits: settings.rate_limits.clone(),
            own: Scope::ALL.map(|_| Limiter::with(Vec::new())),
            shared: settings.redis.as_ref().map(SharedCounts::new),
        }
    }

    /// What a subject of `scope` may do, as set.
    pub fn allowances(&self, scope: Scope) -> &[Allowance] {
        match scope {
            Scope::Anonymous => &self.limits.anonymous,
            Scope::FailedLogins => &self.limits.failed_logins,
            Scope::User => &self.limits.user,
            Scope::Key => &self.limits.key,
            Scope::Payments => &self.limits.payments,
        }
    }

    /// Takes one for `subject`, of `allowances`; `None` where there are none, so that there is no limit.
    pub async fn take(&self, scope: Scope, subject: &str, allowances: &[Allowance]) -> Option<Taken> {
        if allowances.is_empty() {
            return None;
        }
        if let Some(shared) = &self.shared
            && let Some(taken) = shared.take(scope.word(), subject, allowances).await
        {
            return Some(taken);
        }
        self.own[scope as usize].take_of(subject.to_owned(), allowances, Instant::now())
    }

    /// Gives one back that was taken for `subject`, of `allowances`.
    pub async fn give_back(&self, scope: Scope, subject: &str, allowances: &[Allowance]) {
        if let Some(shared) = &self.shared {
            shared.give_back(scope.word(), subject, allowances).await;
        }
        self.own[scope as usize].give_back(&subject.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_counts_for_itself() {
        for (index, scope) in Scope::ALL.into_iter().enumerate() {
            assert_eq!(scope as usize, index, "{scope:?}");
        }
    }
}
