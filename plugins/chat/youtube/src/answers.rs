//! The parts of YouTube's answers that are read. What is missing is empty: an item of a kind that does not exist
//! yet must not cost the page.

use serde::Deserialize;

/// An answer of `liveChatMessages.list`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// What the answer is.
    #[serde(default)]
    pub kind: String,
    /// Names the next page.
    pub next_page_token: Option<String>,
    /// How long to wait before asking for it.
    pub polling_interval_millis: Option<u64>,
    /// When the broadcast went offline.
    pub offline_at: Option<String>,
    /// Messages, oldest first.
    #[serde(default)]
    pub items: Vec<Item>,
}

/// What [`Page::kind`] is.
pub const PAGE: &str = "youtube#liveChatMessageListResponse";

/// A `liveChatMessage` resource.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Item {
    pub id: String,
    pub snippet: Snippet,
    pub author_details: Author,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Snippet {
    #[serde(rename = "type")]
    pub kind: String,
    pub published_at: String,
    pub author_channel_id: String,
    pub display_message: String,
    pub text_message_details: TextMessage,
    pub message_deleted_details: MessageDeleted,
    pub message_retracted_details: MessageRetracted,
    pub user_banned_details: UserBanned,
    pub super_chat_details: Paid,
    pub super_sticker_details: Paid,
    pub new_sponsor_details: Membership,
    pub member_milestone_chat_details: Membership,
    pub membership_gifting_details: Gifting,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TextMessage {
    pub message_text: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MessageDeleted {
    pub deleted_message_id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MessageRetracted {
    pub retracted_message_id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UserBanned {
    pub banned_user_details: BannedUser,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BannedUser {
    pub channel_id: String,
}

/// A Super Chat or Super Sticker. YouTube writes 64-bit numbers as texts.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Paid {
    pub amount_micros: Number,
    pub currency: String,
    pub amount_display_string: String,
    pub user_comment: String,
    pub tier: Number,
    pub super_sticker_metadata: Sticker,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Sticker {
    pub sticker_id: String,
    pub alt_text: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Membership {
    pub member_level_name: String,
    pub member_month: Number,
    pub user_comment: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Gifting {
    pub gift_memberships_count: Number,
    pub gift_memberships_level_name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Author {
    pub channel_id: String,
    pub display_name: String,
    pub profile_image_url: String,
    pub is_verified: bool,
    pub is_chat_owner: bool,
    pub is_chat_sponsor: bool,
    pub is_chat_moderator: bool,
}

/// A number that is written as such or as a text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Number {
    Digits(u64),
    Text(String),
    Absent(()),
}

impl Default for Number {
    fn default() -> Self {
        Self::Absent(())
    }
}

impl Number {
    /// As it is written; empty where there is none.
    pub fn text(&self) -> String {
        match self {
            Self::Digits(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::Absent(()) => String::new(),
        }
    }
}

/// An answer of `liveBroadcasts.list` or `videos.list`.
#[derive(Debug, Deserialize)]
pub struct Broadcasts {
    /// What the answer is.
    #[serde(default)]
    pub kind: String,
    #[serde(default)]
    pub items: Vec<Broadcast>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Broadcast {
    pub id: String,
    pub snippet: BroadcastSnippet,
    pub live_streaming_details: LiveStreaming,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BroadcastSnippet {
    pub live_chat_id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LiveStreaming {
    pub active_live_chat_id: String,
}

impl Broadcast {
    /// The id of its chat, while it has one.
    pub fn chat(&self) -> Option<&str> {
        let ids = [&self.live_streaming_details.active_live_chat_id, &self.snippet.live_chat_id];
        ids.into_iter().find(|id| !id.is_empty()).map(String::as_str)
    }
}

/// An answer that is a refusal.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Refusal {
    pub error: RefusalDetails,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RefusalDetails {
    pub errors: Vec<RefusalReason>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RefusalReason {
    pub reason: String,
}
