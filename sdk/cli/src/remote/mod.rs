//! A Neustream as its API shows it: sessions, requests, refusals, logs.
//!
//! Tokens live in the command's own folder and in the `Authorization` header of requests to their own server, nowhere
//! else: no redirect is followed, plain HTTP goes to this machine only (unless `login --allow-http` said otherwise),
//! and nothing here prints one.

mod address;
mod client;
mod installation;
mod log_stream;
pub(crate) mod namespace;
mod refusal;
mod session;
mod upload;

pub(crate) use address::ServerAddress;
pub(crate) use client::Client;
pub(crate) use installation::installation_of;
pub(crate) use log_stream::{Heard, LogLine, follow, kept_lines};
pub(crate) use refusal::Refusal;
pub(crate) use upload::{Check, Next, upload_failure};
