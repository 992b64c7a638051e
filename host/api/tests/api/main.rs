//! The API on both databases, from the outside.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod auth;
mod destinations;
mod errors;
mod isolation;
mod kit;
mod limits;
mod openapi;
mod outage;
mod pages;
mod playback;
mod realtime;
mod serving;
mod sources;
mod streams;
