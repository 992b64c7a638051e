//! `api.live.example`: says whether a channel is live.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::super::oauth::{Answer, Request, Site};

/// The platform with its one channel.
pub struct MadeUpLive {
    channel: &'static str,
    /// Whether it shows pictures now.
    pub is_live: AtomicBool,
}

impl MadeUpLive {
    /// A platform with this channel.
    pub fn new(channel: &'static str) -> Self {
        Self { channel, is_live: AtomicBool::new(true) }
    }
}

impl Site for MadeUpLive {
    fn name(&self) -> &'static str {
        "api.live.example"
    }

    async fn answer(&self, request: Request) -> Option<Answer> {
        let is_channel = request.path == format!("/v1/channels/{}", self.channel);
        Some(match (request.method.as_str(), is_channel) {
            ("GET", true) => {
                let is_live = self.is_live.load(Ordering::Relaxed);
                Answer::json(200, &json!({ "live": is_live, "viewers": 12 }))
            }
            ("GET", false) => Answer::json(404, &json!({ "error": "no such channel" })),
            _ => Answer::empty(405),
        })
    }
}
