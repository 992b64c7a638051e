//! `/api/auth`: accounts, signing in and staying signed in.
//!
//! Access tokens last 15 minutes and are not stored; they name their sign-in
//! and end with it. Refresh tokens last 7 days, are exchanged once, and travel
//! in a cookie that scripts cannot read (and in the body, for clients that are
//! not browsers). The cookie goes to `/api/auth` only and never with a request
//! from another site, so that no other route can be called on the strength of
//! it.
//!
//! One file a concern: `account` opens accounts, `login` and `second_factor`
//! prove who somebody is, `tokens` keeps them signed in, `sign_ins` shows and
//! ends that, `providers` and `identities` let other providers say who somebody
//! is, `email` and `password` change what they are known by, after
//! `proof`. What tells strangers who has an account is answered alike for all:
//! see `email` and `password`; opening an account under a taken address is the
//! one exception, because its answer is the sign-in.

pub(crate) mod account;
pub(crate) mod email;
pub(crate) mod identities;
pub(crate) mod login;
pub(crate) mod password;
pub(crate) mod profile;
mod proof;
pub(crate) mod providers;
pub(crate) mod second_factor;
pub(crate) mod sign_ins;
pub(crate) mod tokens;
mod visitor;

pub(crate) use proof::{Proof, prove};
pub(crate) use tokens::{SignInBody, sign_in};
pub(crate) use visitor::{Oneself, Visitor};
