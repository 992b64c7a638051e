//! Stand-ins for platforms that are used with an account: an OAuth provider, and the APIs that take its tokens.
//!
//! Strict: what the documents forbid is refused, and so is what they do not
//! mention where a real platform would notice it.

mod https;
mod provider;

pub use https::{Answer, HttpsSite, Request, Site};
pub use provider::{Decision, Provider, ProviderRules, Registration};
