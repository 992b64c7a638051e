//! The API on both databases, from the outside.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod administration;
mod api_keys;
mod audit;
mod audited;
mod auth;
mod catalogue;
mod data_rights;
mod destinations;
mod developing;
mod documented;
mod drivers;
mod errors;
mod guide;
mod hooks;
mod http;
mod idempotency;
mod identity;
mod installations;
mod kit;
mod limits;
mod machine;
mod mail;
mod matrix;
mod oauth;
mod openapi;
mod organisations;
mod outage;
mod pages;
mod partners;
mod playback;
mod pre_flight;
mod providers;
mod publishers;
mod rate_limits;
mod realtime;
mod redis;
mod review;
mod serving;
mod sources;
mod stream_health;
mod streams;
mod subscriptions;
mod viewing;
mod world;
