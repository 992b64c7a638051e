//! Stand-ins for platforms that are used with an account: an OAuth provider, and the APIs that take its tokens.
//!
//! Strict: what the documents forbid is refused, and so is what they do not
//! mention where a real platform would notice it.

mod https;
mod identity;
mod pages;
mod provider;
mod twitch;
mod twitch_model;
mod youtube;
mod youtube_model;

pub use https::{Answer, HttpsSite, Request, Site};
pub use identity::{Holder, IdentityProvider, IdentityRules};
pub use provider::{Decision, Provider, ProviderRules, Registration};
pub use twitch::TwitchApi;
pub use twitch_model::TwitchModel;
pub use youtube::YouTubeApi;
pub use youtube_model::{YouTubeBroadcast, YouTubeModel, YouTubeStream};
