//! Who does something, as the audit log names it.

use std::net::IpAddr;

use neustream_model::{ApiKeyId, ClaimId, RequestId, UserId};

/// Who acts, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub who: Who,
    /// The client's address, where the deed came over the network.
    pub address: Option<IpAddr>,
    /// The request that asked for it.
    pub request: Option<RequestId>,
    /// The claim of the request on its idempotency key, where it has one: it is marked with the first change.
    pub claim: Option<ClaimId>,
}

/// The kinds of those who act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Somebody who is signed in.
    Person {
        /// In whose name.
        user: UserId,
        /// The administrator who acts in that name, where it is not the person.
        impersonator: Option<UserId>,
    },
    /// A program with an API key.
    Key {
        /// The key.
        id: ApiKeyId,
    },
    /// Whoever runs the command line on the host.
    Operator,
    /// The host by itself.
    Host,
}

tokio::task_local! {
    /// Who acts in this task.
    static ACTING: Actor;
}

impl Actor {
    /// Who acts in this task: whoever [`Actor::during`] named, or the host. So services that are called with an
    /// organisation's id still write down who asked.
    pub fn of_task() -> Self {
        ACTING.try_with(|actor| *actor).unwrap_or_else(|_| Self::host())
    }

    /// Does `work` with this actor as the one who acts. Tasks that it spawns begin with nobody again.
    pub async fn during<T>(self, work: impl Future<Output = T>) -> T {
        ACTING.scope(self, work).await
    }

    /// The host by itself: upgrades by ring, payments that settle, deadlines that pass.
    pub const fn host() -> Self {
        Self { who: Who::Host, address: None, request: None, claim: None }
    }

    /// Whoever runs the command line on the host.
    pub const fn operator() -> Self {
        Self { who: Who::Operator, address: None, request: None, claim: None }
    }

    /// Somebody who is signed in.
    pub const fn person(user: UserId) -> Self {
        Self { who: Who::Person { user, impersonator: None }, address: None, request: None, claim: None }
    }

    /// A program with an API key.
    pub const fn key(id: ApiKeyId) -> Self {
        Self { who: Who::Key { id }, address: None, request: None, claim: None }
    }

    /// The same, from `address` by `request`.
    #[must_use]
    pub const fn from_request(self, address: Option<IpAddr>, request: Option<RequestId>) -> Self {
        Self { address, request, ..self }
    }

    /// The same, for a request that has claimed its idempotency key.
    #[must_use]
    pub const fn claiming(self, claim: Option<ClaimId>) -> Self {
        Self { claim, ..self }
    }
}

impl Who {
    /// The kind's word.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Person { .. } => "person",
            Self::Key { .. } => "key",
            Self::Operator => "operator",
            Self::Host => "host",
        }
    }

    /// The id of the person or key.
    pub fn id(self) -> Option<String> {
        match self {
            Self::Person { user, .. } => Some(user.to_string()),
            Self::Key { id } => Some(id.to_string()),
            Self::Operator | Self::Host => None,
        }
    }

    /// Who acts in the person's name.
    pub const fn impersonator(self) -> Option<UserId> {
        match self {
            Self::Person { impersonator, .. } => impersonator,
            Self::Key { .. } | Self::Operator | Self::Host => None,
        }
    }
}
