//! What was written in the channel, in the host's words.
//!
//! `extra` has Twitch's own tags under their names (`badges`, `color`, `emotes`,
//! `bits`, ...), for whoever renders them.

use neustream_plugin::chat::{Message, is_id};

use crate::irc::Line;
use crate::state::Account;

/// What marks `/me`: CTCP ACTION.
const ACTION: &str = "\u{1}ACTION ";

/// Tags that are passed on when they are set.
const EXTRA: [&str; 8] = [
    "badges",
    "color",
    "emotes",
    "bits",
    "first-msg",
    "returning-chatter",
    "source-room-id",
    "reply-parent-user-login",
];

/// Tags of notices that are passed on under shorter names.
const NOTICE_EXTRA: [(&str, &str); 8] = [
    ("msg-id", "notice"),
    ("system-msg", "system-text"),
    ("msg-param-sub-plan", "plan"),
    ("msg-param-cumulative-months", "months"),
    ("msg-param-recipient-display-name", "recipient"),
    ("msg-param-mass-gift-count", "count"),
    ("msg-param-viewerCount", "viewers"),
    ("msg-param-color", "announcement-color"),
];

/// Notices behind which somebody paid.
const PAID: [&str; 11] = [
    "sub",
    "resub",
    "subgift",
    "submysterygift",
    "giftpaidupgrade",
    "anonsubgift",
    "anonsubmysterygift",
    "anongiftpaidupgrade",
    "primepaidupgrade",
    "standardpayforward",
    "communitypayforward",
];

/// A PRIVMSG; none without an id and an author, for then nobody could answer or remove it.
pub fn privmsg(line: &Line<'_>) -> Option<Message> {
    let said = line.text();
    let (text, kind) = match said.strip_prefix(ACTION) {
        Some(action) => (action.strip_suffix('\u{1}').unwrap_or(action), "action"),
        None if line.tag("bits").is_some() => (said, "paid"),
        None => (said, "message"),
    };
    message(line, text, kind)
}

/// A USERNOTICE: a subscription, a gift, a raid, an announcement. What the user wrote is the text; where there is
/// nothing, Twitch's own sentence.
pub fn user_notice(line: &Line<'_>) -> Option<Message> {
    let notice = line.tag("msg-id").unwrap_or_default();
    let kind = if PAID.contains(&&*notice) { "paid" } else { "system" };
    let system = line.tag("system-msg").unwrap_or_default();
    let said = line.parameter(1).unwrap_or_default();
    let mut message = message(line, if said.is_empty() { &system } else { said }, kind)?;
    let extra =
        NOTICE_EXTRA.iter().filter_map(|(tag, name)| Some(((*name).to_owned(), line.tag(tag)?.into())));
    message.extra.extend(extra);
    Some(message)
}

fn message(line: &Line<'_>, text: &str, kind: &str) -> Option<Message> {
    let nick: String = line.tag("login").map_or_else(|| line.nick().to_owned(), Into::into);
    let id_of = |tag: &str| line.tag(tag).filter(|id| is_id(id)).map(Into::into);
    Some(Message {
        id: id_of("id")?,
        author_id: id_of("user-id").or_else(|| Some(nick.clone()).filter(|nick| is_id(nick)))?,
        author: line.tag("display-name").map_or(nick, |name| name.trim().to_owned()),
        text: text.to_owned(),
        kind: kind.to_owned(),
        roles: roles(&line.tag("badges").unwrap_or_default(), line.has("mod"), line.has("subscriber")),
        reply_to: id_of("reply-parent-msg-id"),
        sent_at: line.tag("tmi-sent-ts").and_then(|at| at.parse().ok()).unwrap_or_default(),
        extra: EXTRA.iter().filter_map(|name| Some(((*name).to_owned(), line.tag(name)?.into()))).collect(),
    })
}

/// The tenant's own message, which Twitch confirms and does not repeat.
pub fn own(id: String, text: &str, reply_to: Option<String>, account: &Account, now: u64) -> Message {
    let (text, kind) = text.strip_prefix("/me ").map_or((text, "message"), |action| (action, "action"));
    let extra = [("badges", &account.badges), ("color", &account.color)];
    Message {
        id,
        author_id: account.id.clone(),
        author: if account.name.is_empty() { account.login.clone() } else { account.name.clone() },
        text: text.to_owned(),
        kind: kind.to_owned(),
        roles: roles(&account.badges, false, false),
        reply_to,
        sent_at: now,
        extra: extra
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .collect(),
    }
}

/// Roles from badges (`broadcaster/1,subscriber/12`) and the older tags.
pub fn roles(badges: &str, is_moderator: bool, is_subscriber: bool) -> Vec<String> {
    let mut roles: Vec<String> = Vec::new();
    let of_badges = badges.split(',').filter_map(|badge| match badge.split('/').next()? {
        "broadcaster" => Some("broadcaster"),
        "moderator" | "lead_moderator" => Some("moderator"),
        "vip" => Some("vip"),
        "subscriber" | "founder" => Some("subscriber"),
        "staff" | "admin" | "global_mod" => Some("staff"),
        "partner" => Some("partner"),
        "bot-badge" => Some("bot"),
        _ => None,
    });
    let of_tags = [("moderator", is_moderator), ("subscriber", is_subscriber)];
    for role in of_badges.chain(of_tags.into_iter().filter_map(|(role, has)| has.then_some(role))) {
        if !roles.iter().any(|other| other == role) {
            roles.push(role.to_owned());
        }
    }
    roles
}
