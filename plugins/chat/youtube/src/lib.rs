//! YouTube's live chat, read by polling (developers.google.com/youtube/v3/live/docs/liveChatMessages).
//!
//! | File | Concept |
//! |---|---|
//! | `connector` | finding the running broadcast, reading its chat page by page, its end |
//! | `api` | requests, and what YouTube's refusals mean |
//! | `answers` | the parts of answers that are read |
//! | `messages` | chat messages in the host's words |
//! | `errands` | what the tenant writes and removes |
//! | `state` | what is remembered between calls |
//!
//! A page's token commits together with the page's messages, so a restart
//! neither repeats nor loses any.
//!
//! Absent: `streamList` (gRPC, which the host does not speak yet), polls,
//! several broadcasts at once.

mod answers;
mod api;
mod connector;
mod errands;
mod messages;
mod state;

#[cfg(test)]
mod tests;

pub use connector::YouTubeChat;

neustream_plugin::export_chat!(YouTubeChat);
