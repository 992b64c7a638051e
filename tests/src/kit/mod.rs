//! What the behaviour tests are made of: the real binary, real encoders and
//! receivers, and stand-ins for the platforms.
//!
//! Nothing here imports a crate of the house: the kit speaks to the product
//! only over sockets, as a customer does, and judges it with other programs.
//! Everything that is started is owned by a value whose drop ends it, and
//! every wait is for an event with a deadline.

pub mod api;
pub mod author;
pub mod browser;
pub mod counter;
pub mod document;
pub mod hls;
pub mod http;
pub mod made_up;
pub mod oauth;
pub mod payments;
pub mod picture;
pub mod port;
pub mod postgres;
pub mod probe;
pub mod program;
pub mod publisher;
pub mod receiver;
pub mod rtmp;
pub mod server;
pub mod smtp;
pub mod stage;
pub mod stand_in;
pub mod studio;
pub mod tls;
pub mod tool;
pub mod twitch_chat;
pub mod wait;

pub use anyhow::{Context, Result, anyhow, bail, ensure};
