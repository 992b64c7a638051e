//! The only crate with SQL: rows, queries, sealing at rest.
//!
//! [`Store`] opens a SQLite file or a PostgreSQL database and hands out two
//! scopes. [`TenantStore`] holds everything that belongs to a tenant, and
//! every query of it names that tenant: another tenant's row is simply not
//! there. [`HostStore`] is for the host itself: signing people in, finding the
//! source of a stream key, unsealing secrets for the media path.
//!
//! Invariants: stream keys and tokens are stored as digests, secrets sealed
//! ([`SealingKey`]); secrets leave through [`HostStore`] only. The same SQL
//! runs on both databases (see `migrations/`), and every test runs on both.
//! Every call ends within a second, if need be with [`StoreError::Unavailable`].
//!
//! Absent: rules about passwords and tokens (`neustream-accounts`), HTTP, and
//! anything that only one of the two databases can do.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod destination;
mod error;
mod meta;
mod refresh_token;
mod row;
mod scope;
mod sealing;
mod session;
mod source;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod user;

pub use destination::{
    ActiveDestination, Destination, DestinationChange, DestinationRow, NewDestination, SecretInfo,
};
pub use error::{LimitKind, Missing, StoreError};
pub use refresh_token::NewRefreshToken;
pub use scope::{HostStore, TenantStore};
pub use sealing::{SealError, SealingKey, SealingKeyError};
pub use session::{SessionRow, Usage};
pub use source::{NewSource, Source, SourceChange, SourceRow};
pub use store::{Store, StoreSettings};
pub use user::{NewAccount, UserRow};
