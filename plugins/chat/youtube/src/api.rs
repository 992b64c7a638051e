//! Requests to the YouTube Data API v3, and what its refusals mean
//! (developers.google.com/youtube/v3/live/docs/errors).

use neustream_plugin::Problem;
use neustream_plugin::chat::{Connection, Endpoint, Request, Response, Transport};
use neustream_plugin::json::json;

use crate::answers::Refusal;

/// The manifest's name of the connected account.
pub const ACCOUNT: &str = "account";
/// The only connection: it looks for a running broadcast, then reads its chat. One for both, so that the host
/// keeps a distance between any two questions.
pub const POLL: &str = "chat";

const BASE: &str = "https://www.googleapis.com/youtube/v3";
const MESSAGES: &str = "https://www.googleapis.com/youtube/v3/liveChat/messages";
/// The smallest page that YouTube gives: 200 messages are some 200 kB, well below the host's 1 MiB.
const PAGE: &str = "200";

/// Looks for the chat of `video`, or of the account's running broadcast where there is none. `broadcastStatus`
/// cannot be combined with `mine`: it means the account's own already.
pub fn search(video: Option<&str>, interval_ms: u32) -> Connection {
    let endpoint = match video {
        Some(id) => {
            Endpoint::new(format!("{BASE}/videos")).query("part", "liveStreamingDetails").query("id", id)
        }
        None => Endpoint::new(format!("{BASE}/liveBroadcasts"))
            .query("part", "id,snippet")
            .query("broadcastStatus", "active")
            .query("broadcastType", "all"),
    };
    poll(endpoint, interval_ms)
}

/// Reads the page of the chat that `token` names, the first one without.
pub fn read(chat: &str, token: Option<&str>, interval_ms: u32) -> Connection {
    let endpoint = Endpoint::new(MESSAGES)
        .query("liveChatId", chat)
        .query("part", "id,snippet,authorDetails")
        .query("maxResults", PAGE);
    let endpoint = match token {
        Some(token) => endpoint.query("pageToken", token),
        None => endpoint,
    };
    poll(endpoint, interval_ms)
}

fn poll(endpoint: Endpoint, interval_ms: u32) -> Connection {
    Connection::new(POLL, Transport::Poll(endpoint.bearer(ACCOUNT).every_ms(interval_ms)))
}

/// Writes a message.
pub fn write(id: String, chat: &str, text: &str) -> Request {
    let body = json!({"snippet": {
        "liveChatId": chat,
        "type": "textMessageEvent",
        "textMessageDetails": {"messageText": text},
    }});
    Request::new(id, "POST", MESSAGES).query("part", "snippet").bearer(ACCOUNT).json(&body)
}

/// Removes a message.
pub fn remove(id: String, message: &str) -> Request {
    Request::new(id, "DELETE", MESSAGES).query("id", message).bearer(ACCOUNT)
}

/// What a refusal means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// The chat is over or was never there.
    Ended,
    /// The page's token is no good any more.
    TokenInvalid,
    /// The credentials are refused.
    Unauthorized(Problem),
    /// The project's quota of the day is used up.
    QuotaExceeded(Problem),
    /// Too fast.
    TooFast(Problem),
    /// YouTube cannot answer now.
    Unavailable(Problem),
    /// Anything else: the request is refused for what it is.
    Refused(Problem),
}

impl Meaning {
    /// The problem in the host's words.
    pub fn problem(self) -> Problem {
        match self {
            Self::Ended => Problem::new("chat-ended", "The broadcast's chat has ended."),
            Self::TokenInvalid => Problem::new("page-token-invalid", "YouTube lost the place in the chat."),
            Self::Unauthorized(problem)
            | Self::QuotaExceeded(problem)
            | Self::TooFast(problem)
            | Self::Unavailable(problem)
            | Self::Refused(problem) => problem,
        }
    }
}

/// What an answer that is no success means.
pub fn meaning(outcome: &Result<Response, Problem>) -> Meaning {
    let response = match outcome {
        Ok(response) => response,
        Err(problem) => return Meaning::Unavailable(problem.clone()),
    };
    let refusal: Refusal = response.json().unwrap_or_default();
    let reason = refusal.error.errors.first().map(|first| first.reason.as_str()).unwrap_or_default();
    let patient = |code: &str, message: &str| Problem::new(code, message).after_ms(response.retry_after_ms());
    match (response.status, reason) {
        (_, "liveChatEnded" | "liveChatNotFound" | "liveChatDisabled") | (404, _) => Meaning::Ended,
        (400, "pageTokenInvalid" | "invalidPageToken") => Meaning::TokenInvalid,
        (403, "quotaExceeded" | "dailyLimitExceeded") => Meaning::QuotaExceeded(patient(
            "quota-exceeded",
            "YouTube's quota of the day is used up; it begins anew at midnight, Pacific time.",
        )),
        (429, _) | (403, "rateLimitExceeded" | "userRateLimitExceeded") => {
            Meaning::TooFast(patient("rate-limited", "YouTube asks for patience."))
        }
        (401, _) | (403, "authError" | "insufficientPermissions" | "insufficientLivePermissions") => {
            Meaning::Unauthorized(Problem::new(
                "unauthorized",
                "YouTube refuses the connected account; connect it again.",
            ))
        }
        (403, "liveStreamingNotEnabled") => Meaning::Refused(Problem::new(
            "live-streaming-not-enabled",
            "Live streaming is not enabled for the connected YouTube account.",
        )),
        (500..=599, _) => {
            Meaning::Unavailable(patient("platform-error", &format!("YouTube answered {}.", response.status)))
        }
        (status, "") => Meaning::Refused(Problem::new("refused", format!("YouTube answered {status}."))),
        (status, reason) => {
            let reason: String = reason.chars().filter(char::is_ascii_alphanumeric).take(60).collect();
            Meaning::Refused(Problem::new("refused", format!("YouTube answered {status}: {reason}.")))
        }
    }
}
