//! Chat messages in the host's words (developers.google.com/youtube/v3/live/docs/liveChatMessages, `snippet.type`).

use neustream_plugin::chat::{Message, is_id};
use neustream_plugin::time;

use crate::answers::{Author, Item};

/// What an item tells.
#[derive(Debug, PartialEq, Eq)]
pub enum Told {
    /// A message was written.
    Written(Message),
    /// The message with this id was removed.
    Removed(String),
    /// Everything by the channel with this id was removed.
    Banned(String),
    /// The chat is over.
    Ended,
    /// Nothing for the chat.
    Nothing,
}

/// What `item` tells. A kind that does not exist yet is a `system` message, where YouTube has words for it.
pub fn told(item: Item) -> Told {
    match item.snippet.kind.as_str() {
        "chatEndedEvent" => Told::Ended,
        // A message that was removed before this page was asked for stands there as a tombstone.
        "tombstone" => Told::Removed(item.id),
        "messageDeletedEvent" => Told::Removed(item.snippet.message_deleted_details.deleted_message_id),
        "messageRetractedEvent" => Told::Removed(item.snippet.message_retracted_details.retracted_message_id),
        "userBannedEvent" => Told::Banned(item.snippet.user_banned_details.banned_user_details.channel_id),
        _ => written(item),
    }
}

fn written(item: Item) -> Told {
    let snippet = &item.snippet;
    let mut extra: Vec<(&str, String)> = Vec::new();
    let mut said = "";
    let kind = match snippet.kind.as_str() {
        "textMessageEvent" => {
            said = &snippet.text_message_details.message_text;
            "message"
        }
        "superChatEvent" | "superStickerEvent" | "fanFundingEvent" => {
            let is_sticker = snippet.kind == "superStickerEvent";
            let paid = if is_sticker { &snippet.super_sticker_details } else { &snippet.super_chat_details };
            let sticker = &paid.super_sticker_metadata;
            said = if is_sticker { &sticker.alt_text } else { &paid.user_comment };
            extra.extend([
                ("amount", paid.amount_display_string.clone()),
                ("amount-micros", paid.amount_micros.text()),
                ("currency", paid.currency.clone()),
                ("tier", paid.tier.text()),
                ("sticker", sticker.sticker_id.clone()),
            ]);
            "paid"
        }
        "newSponsorEvent" | "memberMilestoneChatEvent" => {
            let is_new = snippet.kind == "newSponsorEvent";
            let member =
                if is_new { &snippet.new_sponsor_details } else { &snippet.member_milestone_chat_details };
            said = &member.user_comment;
            extra.extend([
                ("level", member.member_level_name.clone()),
                ("months", member.member_month.text()),
            ]);
            "paid"
        }
        "membershipGiftingEvent" => {
            let gifting = &snippet.membership_gifting_details;
            extra.extend([
                ("count", gifting.gift_memberships_count.text()),
                ("level", gifting.gift_memberships_level_name.clone()),
            ]);
            "paid"
        }
        _ => "system",
    };
    let text = if said.is_empty() { &snippet.display_message } else { said };
    if !is_id(&item.id) || (text.is_empty() && kind == "system") {
        return Told::Nothing;
    }
    if kind != "message" {
        extra.push(("event", snippet.kind.clone()));
        if !said.is_empty() && snippet.display_message != said {
            extra.push(("system-text", snippet.display_message.clone()));
        }
    }
    let author = &item.author_details;
    extra.push(("avatar", author.profile_image_url.clone()));
    let author_id = [&author.channel_id, &snippet.author_channel_id].into_iter().find(|id| is_id(id));
    Told::Written(Message {
        // YouTube's own words have no author.
        author_id: author_id.cloned().unwrap_or_else(|| "youtube".to_owned()),
        author: author.display_name.clone(),
        text: text.to_owned(),
        kind: kind.to_owned(),
        roles: roles(author),
        reply_to: None,
        sent_at: time::of_rfc3339(&snippet.published_at).unwrap_or_default(),
        extra: extra
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        id: item.id,
    })
}

fn roles(author: &Author) -> Vec<String> {
    let roles = [
        ("broadcaster", author.is_chat_owner),
        ("moderator", author.is_chat_moderator),
        ("subscriber", author.is_chat_sponsor),
        ("verified", author.is_verified),
    ];
    roles.into_iter().filter(|(_, has)| *has).map(|(role, _)| role.to_owned()).collect()
}
