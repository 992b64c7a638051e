//! `/api/auth`: accounts, signing in and staying signed in.
//!
//! Access tokens last 15 minutes and are not stored; they name their sign-in
//! and end with it. Refresh tokens last 7 days, are exchanged once, and travel
//! in a cookie that scripts cannot read (and in the body, for clients that are
//! not browsers). The cookie goes to `/api/auth` only and never with a request
//! from another site, so that no other route can be called on the strength of
//! it.
//!
//! One file a concern: `account` opens accounts, `login` proves who somebody
//! is, `tokens` keeps them signed in.

pub(crate) mod account;
pub(crate) mod login;
pub(crate) mod profile;
pub(crate) mod tokens;
mod visitor;

pub(crate) use tokens::{SignInBody, sign_in};
pub(crate) use visitor::Visitor;
