//! The usual beginning: a running server, a customer, a source.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use super::api::{Account, Source};
use super::publisher::{Encoding, Publisher};
use super::server::{Server, Settings};

/// How long a stream may take to go live before a test gives up. The product's own figure is 3 s.
pub const GOES_LIVE: Duration = Duration::from_secs(15);

/// A server with one customer, who has one source.
pub struct Studio {
    /// The server.
    pub server: Server,
    /// The customer.
    pub account: Account,
    /// The source.
    pub source: Source,
}

impl Studio {
    /// Opens one with the usual settings.
    ///
    /// # Errors
    /// When the server does not start or refuses the customer.
    pub async fn open() -> Result<Self> {
        Self::open_with(Settings::new()?).await
    }

    /// Opens one with these settings.
    ///
    /// # Errors
    /// When the server does not start or refuses the customer.
    pub async fn open_with(settings: Settings) -> Result<Self> {
        Self::open_source(settings, json!({ "name": "Main stream" })).await
    }

    /// Opens one whose source has these fields.
    ///
    /// # Errors
    /// When the server does not start or refuses the customer or the source.
    pub async fn open_source(settings: Settings, source: Value) -> Result<Self> {
        let server = settings.start().await?;
        let account = server.account().await?;
        let source = account.source_with(source).await?;
        Ok(Self { server, account, source })
    }

    /// Adds a custom destination; gives its id.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn destination(&self, rtmp_url: &str, key: &str) -> Result<String> {
        self.account.custom(&self.source, rtmp_url, key).await
    }

    /// Starts an encoder with the source's key.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn publish(&self, encoding: &Encoding) -> Result<Publisher> {
        Publisher::start(&self.server.publish_url(&self.source.stream_key), encoding)
    }

    /// Starts an encoder and waits until the source is live.
    ///
    /// # Errors
    /// When it does not go live in time.
    pub async fn publish_live(&self, encoding: &Encoding) -> Result<Publisher> {
        let publisher = self.publish(encoding)?;
        self.account.live(&self.source, GOES_LIVE).await?;
        Ok(publisher)
    }

    /// Waits until all these destinations are live.
    ///
    /// # Errors
    /// When one is not in time.
    pub async fn all_live(&self, destinations: &[&str]) -> Result<()> {
        for id in destinations {
            self.account.destination_is(&self.source, id, "live", GOES_LIVE).await?;
        }
        Ok(())
    }

    /// The multivariant playlist of the source.
    pub fn playlist_url(&self) -> String {
        self.server.playlist_url(&self.source.playback_id)
    }

    /// The viewer page of the source.
    pub fn watch_url(&self) -> String {
        format!("{}/watch/{}", self.server.base_url(), self.source.playback_id)
    }
}
