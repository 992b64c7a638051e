//! The catalogue on both databases, with a runtime that does what the test says.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod developing;
mod kit;
mod listing;
mod partners;
mod publishing;
mod reviewing;
