//! Installations on both databases, with a real catalogue and a scripted runtime.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod calling;
mod configuring;
mod destinations;
mod developing;
mod figures;
mod hooks;
mod installing;
mod kit;
mod partners;
mod rings;
mod upgrading;
mod watching;
