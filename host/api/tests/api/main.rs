//! The API on both databases, from the outside.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod auth;
mod catalogue;
mod destinations;
mod developing;
mod documented;
mod drivers;
mod errors;
mod hooks;
mod identity;
mod installations;
mod isolation;
mod kit;
mod limits;
mod mail;
mod oauth;
mod openapi;
mod outage;
mod pages;
mod partners;
mod playback;
mod publishers;
mod realtime;
mod review;
mod serving;
mod sources;
mod streams;
