//! The YouTube Live Streaming API, as far as it is used here.
//!
//! Source: developers.google.com/youtube/v3/live/docs. A project has 10,000
//! units a day for all its users; reading costs 1, everything else 50.

use neustream_plugin::json::json;
use neustream_plugin::{Error, Field, Host, Problem, Request, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

const BASE: &str = "https://www.googleapis.com/youtube/v3/";
/// The manifest's name of the account.
const ACCOUNT: &str = "account";
/// Where a channel is enabled for live streaming.
const FEATURES: &str = "https://www.youtube.com/features";
/// How long nobody asks after the day's units are used up.
const QUOTA_PAUSE_MS: u32 = 60 * 60 * 1000;

/// Why YouTube did not do it.
#[derive(Debug)]
pub(crate) enum Failure {
    /// YouTube answered with an error: its status and `reason`, and what it means here.
    Refused { status: u16, reason: String, error: Error },
    /// No answer, or none that can be read: what was asked for may have happened.
    Unknown(Error),
    /// The host did not send it.
    Unsent(Error),
}

impl Failure {
    /// Whether YouTube gave this reason.
    pub fn is(&self, expected: &str) -> bool {
        matches!(self, Self::Refused { reason, .. } if reason == expected)
    }

    /// Whether there is no such thing (any more).
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }

    /// Whether it is certain that nothing happened.
    pub fn is_certain(&self) -> bool {
        match self {
            Self::Refused { status, .. } => *status < 500,
            Self::Unknown(_) => false,
            Self::Unsent(_) => true,
        }
    }

    /// Whether the tenant has connected no account.
    pub fn is_without_account(&self) -> bool {
        matches!(self, Self::Unsent(Error::InvalidConfig(problem)) if problem.code == "secret-missing")
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused { error, .. } | Failure::Unknown(error) | Failure::Unsent(error) => error,
        }
    }
}

/// `liveBroadcast`: an event.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LiveBroadcast {
    pub id: String,
    #[serde(default)]
    pub snippet: Json,
    #[serde(default)]
    pub status: Status,
    #[serde(default)]
    pub content_details: ContentDetails,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Status {
    /// `created`, `ready`, `testStarting`, `testing`, `liveStarting`, `live`, `complete`, `revoked`.
    pub life_cycle_status: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ContentDetails {
    pub bound_stream_id: Option<String>,
}

/// `liveStream`: where pictures are sent.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LiveStream {
    pub id: String,
    #[serde(default)]
    pub snippet: StreamSnippet,
    #[serde(default)]
    pub cdn: Cdn,
    #[serde(default)]
    pub status: StreamStatus,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct StreamSnippet {
    pub title: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Cdn {
    pub ingestion_info: IngestionInfo,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct IngestionInfo {
    pub stream_name: String,
    pub rtmps_ingestion_address: String,
    pub rtmps_backup_ingestion_address: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct StreamStatus {
    /// `active`, `created`, `error`, `inactive`, `ready`.
    pub stream_status: String,
}

/// `video`, as viewers see the event.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Video {
    #[serde(default)]
    pub live_streaming_details: LiveStreamingDetails,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct LiveStreamingDetails {
    pub actual_end_time: Option<String>,
    /// A number as a text; not there when nobody watches, or when the channel hides it.
    pub concurrent_viewers: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound = "T: DeserializeOwned")]
struct List<T> {
    #[serde(default = "Vec::new")]
    items: Vec<T>,
    #[serde(default)]
    next_page_token: Option<String>,
}

/// One tenant's channel.
pub(crate) struct Channel<'a, H>(pub &'a H);

impl<H: Host> Channel<'_, H> {
    /// An event; none where there is none of that id.
    pub fn broadcast(&self, id: &str, part: &str) -> Result<Option<LiveBroadcast>, Failure> {
        self.list("liveBroadcasts", vec![Field::new("part", part), Field::new("id", id)]).map(first)
    }

    /// The first of the channel's events of this status for which `is_it` holds, among its newest hundred.
    pub fn find_broadcast(
        &self,
        status: &str,
        is_it: impl Fn(&LiveBroadcast) -> bool,
    ) -> Result<Option<LiveBroadcast>, Failure> {
        const PAGES: usize = 2;
        let mut page_token: Option<String> = None;
        for _ in 0..PAGES {
            let mut query = vec![
                Field::new("part", "id,snippet,status,contentDetails"),
                Field::new("broadcastStatus", status),
                Field::new("maxResults", "50"),
            ];
            query.extend(page_token.map(|token| Field::new("pageToken", token)));
            let page: List<LiveBroadcast> = self.list("liveBroadcasts", query)?;
            if let Some(found) = page.items.into_iter().find(&is_it) {
                return Ok(Some(found));
            }
            page_token = page.next_page_token;
            if page_token.is_none() {
                break;
            }
        }
        Ok(None)
    }

    /// Makes an event.
    pub fn insert_broadcast(&self, body: &Json) -> Result<LiveBroadcast, Failure> {
        let part = "id,snippet,status,contentDetails";
        self.send("POST", "liveBroadcasts", vec![Field::new("part", part)], Some(body))
    }

    /// Joins an event and a stream.
    pub fn bind(&self, broadcast: &str, stream: &str) -> Result<LiveBroadcast, Failure> {
        let query = vec![
            Field::new("part", "id,contentDetails"),
            Field::new("id", broadcast),
            Field::new("streamId", stream),
        ];
        self.send("POST", "liveBroadcasts/bind", query, None)
    }

    /// Changes the status of an event.
    pub fn transition(&self, broadcast: &str, status: &str) -> Result<LiveBroadcast, Failure> {
        let query = vec![
            Field::new("part", "id,status"),
            Field::new("id", broadcast),
            Field::new("broadcastStatus", status),
        ];
        self.send("POST", "liveBroadcasts/transition", query, None)
    }

    /// Changes the snippet of an event, all of it.
    pub fn update_snippet(&self, broadcast: &str, snippet: &Json) -> Result<LiveBroadcast, Failure> {
        let body = json!({ "id": broadcast, "snippet": snippet });
        self.send("PUT", "liveBroadcasts", vec![Field::new("part", "snippet")], Some(&body))
    }

    /// Takes an event away that never began.
    pub fn delete_broadcast(&self, broadcast: &str) -> Result<(), Failure> {
        self.ask("DELETE", "liveBroadcasts", vec![Field::new("id", broadcast)], None).map(drop)
    }

    /// A stream; none where there is none of that id.
    pub fn stream(&self, id: &str) -> Result<Option<LiveStream>, Failure> {
        self.list("liveStreams", vec![Field::new("part", "id,snippet,cdn,status"), Field::new("id", id)])
            .map(first)
    }

    /// The channel's streams, at most fifty.
    pub fn streams(&self) -> Result<Vec<LiveStream>, Failure> {
        let query = vec![
            Field::new("part", "id,snippet,cdn,status"),
            Field::new("mine", "true"),
            Field::new("maxResults", "50"),
        ];
        Ok(self.list("liveStreams", query)?.items)
    }

    /// Makes a stream.
    pub fn insert_stream(&self, title: &str) -> Result<LiveStream, Failure> {
        let body = json!({
            "snippet": { "title": title },
            "cdn": { "frameRate": "variable", "ingestionType": "rtmp", "resolution": "variable" },
            "contentDetails": { "isReusable": true },
        });
        let part = "id,snippet,cdn,contentDetails,status";
        self.send("POST", "liveStreams", vec![Field::new("part", part)], Some(&body))
    }

    /// The event as its viewers see it.
    pub fn video(&self, id: &str) -> Result<Option<Video>, Failure> {
        self.list("videos", vec![Field::new("part", "liveStreamingDetails"), Field::new("id", id)]).map(first)
    }

    fn list<T: DeserializeOwned>(&self, resource: &str, query: Vec<Field>) -> Result<List<T>, Failure> {
        self.send("GET", resource, query, None)
    }

    fn send<T: DeserializeOwned>(
        &self,
        method: &str,
        resource: &str,
        query: Vec<Field>,
        body: Option<&Json>,
    ) -> Result<T, Failure> {
        self.ask(method, resource, query, body)?.json().map_err(Failure::Unknown)
    }

    fn ask(
        &self,
        method: &str,
        resource: &str,
        query: Vec<Field>,
        body: Option<&Json>,
    ) -> Result<Response, Failure> {
        let request = Request { query, ..Request::new(method, format!("{BASE}{resource}")) };
        let request = request.bearer(ACCOUNT).header("accept", "application/json");
        let request = match body {
            Some(json) => request.json(json),
            None => request,
        };
        let response = self.0.send(&request).map_err(|error| match error {
            Error::Unavailable(_) => Failure::Unknown(error),
            other => Failure::Unsent(other),
        })?;
        if response.is_success() { Ok(response) } else { Err(refusal(&response)) }
    }
}

fn first<T>(list: List<T>) -> Option<T> {
    list.items.into_iter().next()
}

/// `{"error": {"errors": [{"reason": "..."}]}}` (developers.google.com/youtube/v3/live/docs/errors).
fn refusal(response: &Response) -> Failure {
    let body: Json = response.json().unwrap_or_default();
    let reason = body.pointer("/error/errors/0/reason").and_then(Json::as_str).unwrap_or_default();
    let reason: String = reason.chars().filter(char::is_ascii_alphanumeric).take(60).collect();
    let status = response.status;
    let patience = |code: &str, message: &str, pause_ms: Option<u32>| {
        Error::RateLimited(Problem::new(code, message).after_ms(response.retry_after_ms().or(pause_ms)))
    };
    let error = match (status, reason.as_str()) {
        (_, "quotaExceeded" | "dailyLimitExceeded") => patience(
            "quota-exceeded",
            "YouTube's daily quota of this host's client is used up; it is filled again at midnight Pacific time.",
            Some(QUOTA_PAUSE_MS),
        ),
        (429, _) | (_, "rateLimitExceeded" | "userRateLimitExceeded" | "userRequestsExceedRateLimit") => {
            patience("rate-limited", "YouTube asks for patience.", None)
        }
        (_, "liveStreamingNotEnabled" | "livePermissionBlocked" | "insufficientLivePermissions") => {
            let message = format!("YouTube says that this channel may not stream live; see {FEATURES}.");
            Error::unauthorized("live-streaming-not-enabled", message)
        }
        (401, _) => Error::unauthorized("unauthorized", "YouTube no longer takes the account's token."),
        (_, "insufficientPermissions" | "accountClosed" | "accountSuspended" | "youtubeSignupRequired") => {
            Error::unauthorized("forbidden", format!("YouTube refuses the account: {reason}."))
        }
        (500.., _) => response.error_of_status("YouTube"),
        (_, "") => Error::other("refused", format!("YouTube answered {status}.")),
        (_, reason) => Error::other("refused", format!("YouTube refuses this: {reason}.")),
    };
    Failure::Refused { status, reason, error }
}
