//! The made-up platforms of the example plugins, as `examples/plugins` and `docs/plugins` describe them.

mod chat;
mod live;
mod pay;

pub use chat::MadeUpChat;
pub use live::MadeUpLive;
pub use pay::MadeUpPay;

use anyhow::Result;

use super::oauth::HttpsSite;
use super::rtmp::destination::RtmpDestination;
use super::server::Settings;
use super::stand_in::Platforms;

/// The channel of all that has one.
pub const CHANNEL: &str = "ronni";
/// What the pages have as the stream key.
pub const STREAM_KEY: &str = "live_1_abc";
/// What the pages have as the key of the provider's API.
pub const API_KEY: &str = "sk_1_abc";
/// What the pages have as the chat's token.
pub const TOKEN: &str = "token_1_abc";

/// All of them, running.
pub struct World {
    /// Where broadcasts go.
    pub ingest: RtmpDestination,
    /// Says who is live.
    pub live: HttpsSite<MadeUpLive>,
    /// Takes payments.
    pub pay: HttpsSite<MadeUpPay>,
    /// Has a chat.
    pub chat: MadeUpChat,
    platforms: Platforms,
}

impl World {
    /// Starts them.
    ///
    /// # Errors
    /// When one cannot listen.
    pub async fn open() -> Result<Self> {
        let mut platforms = Platforms::new()?;
        Ok(Self {
            ingest: platforms.rtmps("eu.ingest.live.example", STREAM_KEY).await?,
            live: platforms.https(MadeUpLive::new(CHANNEL)).await?,
            pay: platforms.https(MadeUpPay::new(API_KEY)).await?,
            chat: platforms.made_up_chat(CHANNEL, TOKEN).await?,
            platforms,
        })
    }

    /// Settings that lead a server to them.
    ///
    /// # Errors
    /// When no folder can be made.
    pub fn lead(&self) -> Result<Settings> {
        Ok(self.platforms.lead(Settings::new()?))
    }
}
