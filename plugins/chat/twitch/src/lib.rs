//! Twitch's chat: IRC over WebSocket with tags (dev.twitch.tv/docs/chat/irc).
//!
//! | File | Concept |
//! |---|---|
//! | `irc` | lines out of frames, and what a line says (RFC 1459 2.3.1, IRCv3 message tags) |
//! | `connector` | login, joining, silence: the life of the connection |
//! | `messages` | what was written in the channel, in the host's words |
//! | `outbox` | what the tenant writes: Twitch's rate limits, confirmations |
//! | `removal` | removing messages by Helix; the IRC command is gone |
//! | `state` | what is remembered between calls |
//!
//! Absent: whispers, lists of viewers (the capability `membership` would send a
//! line for everybody who comes and goes), emote sets, several channels.

mod connector;
mod irc;
mod messages;
mod outbox;
mod removal;
mod state;

#[cfg(test)]
mod tests;

pub use connector::TwitchChat;

neustream_plugin::export_chat!(TwitchChat);
