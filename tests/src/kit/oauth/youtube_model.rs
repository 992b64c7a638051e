//! What the YouTube Live Streaming API does, without a socket: the same model answers the adapter's own tests and, over
//! TLS, the whole house.
//!
//! After developers.google.com/youtube/v3/live/docs: required properties, parts that must be named, states and the
//! transitions between them, errors with their reasons, and the quota.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The units of a project's day.
const UNITS: u64 = 10_000;
/// The most recent start that is taken, as a text that sorts like the moment.
const EPOCH: &str = "2020-01-01T00:00:00Z";

/// An event of the channel.
#[derive(Debug, Clone)]
pub struct YouTubeBroadcast {
    /// Its id.
    pub id: String,
    /// `snippet`.
    pub snippet: Value,
    /// `status.privacyStatus`.
    pub privacy: String,
    /// `status.lifeCycleStatus`.
    pub status: String,
    /// `contentDetails.boundStreamId`.
    pub stream: Option<String>,
    /// Whether it must pass through `testing`.
    pub has_monitor: bool,
    /// How many watch.
    pub viewers: Option<u64>,
}

/// A stream of the channel.
#[derive(Debug, Clone)]
pub struct YouTubeStream {
    /// Its id.
    pub id: String,
    /// `snippet.title`.
    pub title: String,
    /// `cdn.ingestionInfo.streamName`.
    pub name: String,
    /// Whether pictures arrive.
    pub is_active: bool,
}

/// A channel and its project.
#[derive(Debug)]
pub struct YouTubeModel {
    /// Every event that was made, the newest last.
    pub broadcasts: Vec<YouTubeBroadcast>,
    /// Every stream that was made.
    pub streams: Vec<YouTubeStream>,
    /// Whether the channel may stream live.
    pub is_enabled: bool,
    /// Units that are left.
    pub units: u64,
    /// The answer to the next request of this kind (`POST liveBroadcasts`) gets lost, after it was carried out.
    pub lose_next: Option<&'static str>,
    /// `METHOD resource` of what was asked.
    pub asked: Vec<String>,
    next: u32,
}

type Answer = Result<Value, (u16, &'static str)>;

impl Default for YouTubeModel {
    fn default() -> Self {
        let (broadcasts, streams, asked) = (Vec::new(), Vec::new(), Vec::new());
        Self { broadcasts, streams, is_enabled: true, units: UNITS, lose_next: None, asked, next: 0 }
    }
}

/// The body of an error.
pub fn error_body(status: u16, reason: &str) -> Value {
    let detail = json!({ "message": reason, "domain": "youtube.liveBroadcast", "reason": reason });
    json!({ "error": { "code": status, "message": reason, "errors": [detail] } })
}

impl YouTubeModel {
    /// The answer to a request below `/youtube/v3/`; none where it gets lost.
    pub fn answer(
        &mut self,
        method: &str,
        resource: &str,
        query: &[(String, String)],
        body: &[u8],
    ) -> Option<(u16, Value)> {
        let call = format!("{method} {resource}");
        self.asked.push(call.clone());
        let outcome = self.carry_out(&call, query, body);
        if self.lose_next == Some(call.as_str()) {
            self.lose_next = None;
            return None;
        }
        Some(match outcome {
            Ok(Value::Null) => (204, Value::Null),
            Ok(answer) => (200, answer),
            Err((status, reason)) => (status, error_body(status, reason)),
        })
    }

    fn carry_out(&mut self, call: &str, query: &[(String, String)], body: &[u8]) -> Answer {
        let mut parameters = BTreeMap::new();
        for (name, value) in query {
            if parameters.insert(name.as_str(), value.as_str()).is_some() {
                return Err((400, "invalidParameter"));
            }
        }
        let cost = if call.starts_with("GET ") { 1 } else { 50 };
        self.units = self.units.checked_sub(cost).ok_or((403, "quotaExceeded"))?;
        let body: Value = if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(body).map_err(|_| (400, "parseError"))?
        };
        let get = |name: &str| parameters.get(name).copied();
        let part = match (call, get("part")) {
            ("DELETE liveBroadcasts", _) => "",
            (_, Some(part)) => part,
            (_, None) => return Err((400, "missingRequiredParameter")),
        };
        if !self.is_enabled && !call.starts_with("GET videos") {
            return Err((403, "liveStreamingNotEnabled"));
        }
        match call {
            "POST liveBroadcasts" => self.insert_broadcast(part, &body),
            "GET liveBroadcasts" => self.list_broadcasts(part, &parameters),
            "PUT liveBroadcasts" => self.update(part, &body),
            "DELETE liveBroadcasts" => self.delete(get("id").ok_or((400, "idRequired"))?),
            "POST liveBroadcasts/bind" => {
                self.bind(get("id").ok_or((400, "idRequired"))?, get("streamId"), part)
            }
            "POST liveBroadcasts/transition" => {
                let status = get("broadcastStatus").ok_or((400, "statusRequired"))?;
                self.transition(get("id").ok_or((400, "idRequired"))?, status, part)
            }
            "POST liveStreams" => self.insert_stream(part, &body),
            "GET liveStreams" => self.list_streams(part, &parameters),
            "GET videos" => self.list_videos(part, &parameters),
            _ => Err((404, "notFound")),
        }
    }

    fn mint(&mut self, kind: &str) -> String {
        self.next += 1;
        format!("{kind}-{:03}", self.next)
    }

    fn insert_broadcast(&mut self, part: &str, body: &Value) -> Answer {
        covered(part, body)?;
        let snippet = &body["snippet"];
        checked_snippet(snippet)?;
        let privacy = body["status"]["privacyStatus"].as_str().ok_or((400, "privacyStatusRequired"))?;
        if !["public", "unlisted", "private"].contains(&privacy) {
            return Err((400, "invalidPrivacyStatus"));
        }
        let details = &body["contentDetails"];
        if details["enableAutoStart"] != json!(false) || details["enableAutoStop"] != json!(false) {
            return Err((400, "invalidAutoStart"));
        }
        let has_monitor = details["monitorStream"]["enableMonitorStream"] != json!(false);
        let id = self.mint("event");
        let made = YouTubeBroadcast {
            id,
            snippet: snippet.clone(),
            privacy: privacy.to_owned(),
            status: "created".to_owned(),
            stream: None,
            has_monitor,
            viewers: None,
        };
        self.broadcasts.push(made.clone());
        Ok(shown(&made, part))
    }

    fn list_broadcasts(&self, part: &str, query: &BTreeMap<&str, &str>) -> Answer {
        let filters = ["id", "mine", "broadcastStatus"].iter().filter(|name| query.contains_key(**name));
        if filters.count() != 1 {
            return Err((400, "incompatibleParameters"));
        }
        let is_wanted = |event: &&YouTubeBroadcast| match (query.get("id"), query.get("broadcastStatus")) {
            (Some(id), _) => event.id == *id,
            (_, Some(&"upcoming")) => matches!(event.status.as_str(), "created" | "ready" | "testing"),
            (_, Some(&"active")) => event.status == "live",
            (_, Some(&"completed")) => event.status == "complete",
            _ => true,
        };
        page(self.broadcasts.iter().rev().filter(is_wanted).map(|event| shown(event, part)), query)
    }

    fn update(&mut self, part: &str, body: &Value) -> Answer {
        covered(part, body)?;
        let id = body["id"].as_str().ok_or((400, "idRequired"))?;
        checked_snippet(&body["snippet"])?;
        let event = self.event(id)?;
        if event.status == "complete" {
            return Err((403, "liveBroadcastNotModifiable"));
        }
        // The whole part is replaced.
        event.snippet = body["snippet"].clone();
        Ok(shown(event, part))
    }

    fn delete(&mut self, id: &str) -> Answer {
        let status = self.event(id)?.status.clone();
        if matches!(status.as_str(), "live" | "liveStarting") {
            return Err((403, "liveBroadcastDeletionNotAllowed"));
        }
        self.broadcasts.retain(|event| event.id != id);
        Ok(Value::Null)
    }

    fn bind(&mut self, id: &str, stream: Option<&str>, part: &str) -> Answer {
        if let Some(stream) = stream {
            self.streams.iter().find(|known| known.id == stream).ok_or((404, "liveStreamNotFound"))?;
        }
        let event = self.event(id)?;
        if !matches!(event.status.as_str(), "created" | "ready") {
            return Err((403, "liveBroadcastBindingNotAllowed"));
        }
        event.stream = stream.map(str::to_owned);
        "ready".clone_into(&mut event.status);
        Ok(shown(event, part))
    }

    fn transition(&mut self, id: &str, wanted: &str, part: &str) -> Answer {
        let streams = self.streams.clone();
        let event = self.event(id)?;
        let is_active =
            streams.iter().any(|known| Some(&known.id) == event.stream.as_ref() && known.is_active);
        let is_allowed = match (event.status.as_str(), wanted) {
            (now, wanted) if now == wanted => return Err((403, "redundantTransition")),
            ("ready", "testing") => event.has_monitor,
            ("ready", "live") => !event.has_monitor,
            ("testing", "live") | ("live" | "testing", "complete") => true,
            (_, "testing" | "live" | "complete") => false,
            _ => return Err((400, "invalidStatus")),
        };
        if !is_allowed {
            return Err((403, "invalidTransition"));
        }
        if wanted != "complete" && !is_active {
            return Err((403, "errorStreamInactive"));
        }
        wanted.clone_into(&mut event.status);
        Ok(shown(event, part))
    }

    fn insert_stream(&mut self, part: &str, body: &Value) -> Answer {
        covered(part, body)?;
        let title =
            body["snippet"]["title"].as_str().filter(|title| (1..=128).contains(&title.chars().count()));
        let title = title.ok_or((400, "titleRequired"))?.to_owned();
        let cdn = &body["cdn"];
        if cdn["ingestionType"] != "rtmp" {
            return Err((400, "ingestionTypeRequired"));
        }
        for (name, missing) in [("frameRate", "frameRateRequired"), ("resolution", "resolutionRequired")] {
            if !cdn[name].is_string() {
                return Err((400, missing));
            }
        }
        let id = self.mint("stream");
        let made = YouTubeStream { name: format!("key-of-{id}"), id, title, is_active: false };
        self.streams.push(made.clone());
        Ok(shown_stream(&made))
    }

    fn list_streams(&self, part: &str, query: &BTreeMap<&str, &str>) -> Answer {
        if !part.contains("cdn")
            || ["id", "mine"].iter().filter(|name| query.contains_key(**name)).count() != 1
        {
            return Err((400, "incompatibleParameters"));
        }
        let is_wanted = |stream: &&YouTubeStream| query.get("id").is_none_or(|id| stream.id == *id);
        page(self.streams.iter().filter(is_wanted).map(shown_stream), query)
    }

    fn list_videos(&self, part: &str, query: &BTreeMap<&str, &str>) -> Answer {
        let id = *query.get("id").ok_or((400, "missingRequiredParameter"))?;
        let show = |event: &YouTubeBroadcast| {
            let mut details = json!({ "activeLiveChatId": format!("chat-of-{id}") });
            if let Some(viewers) = event.viewers {
                details["concurrentViewers"] = json!(viewers.to_string());
            }
            if event.status == "complete" {
                details["actualEndTime"] = json!("2026-01-01T00:00:00Z");
            }
            let details = if part.contains("liveStreamingDetails") { details } else { Value::Null };
            json!({ "kind": "youtube#video", "id": id, "liveStreamingDetails": details })
        };
        page(self.broadcasts.iter().filter(|event| event.id == id).map(show), query)
    }

    fn event(&mut self, id: &str) -> Result<&mut YouTubeBroadcast, (u16, &'static str)> {
        self.broadcasts.iter_mut().find(|event| event.id == id).ok_or((404, "liveBroadcastNotFound"))
    }
}

/// Every part of the body must be named.
fn covered(part: &str, body: &Value) -> Result<(), (u16, &'static str)> {
    let object = body.as_object().ok_or((400, "parseError"))?;
    let is_named = |name: &String| name == "id" || part.split(',').any(|part| part == name);
    if object.keys().all(is_named) { Ok(()) } else { Err((400, "unexpectedPart")) }
}

fn checked_snippet(snippet: &Value) -> Result<(), (u16, &'static str)> {
    let title = snippet["title"].as_str().filter(|title| !title.is_empty()).ok_or((400, "titleRequired"))?;
    if title.chars().count() > 100 || title.contains(['<', '>']) {
        return Err((400, "invalidTitle"));
    }
    let start = snippet["scheduledStartTime"].as_str().ok_or((400, "scheduledStartTimeRequired"))?;
    if start.len() < EPOCH.len() || start < EPOCH || !start.ends_with('Z') {
        return Err((400, "invalidScheduledStartTime"));
    }
    Ok(())
}

fn shown(event: &YouTubeBroadcast, part: &str) -> Value {
    let mut value = json!({ "kind": "youtube#liveBroadcast", "etag": "e", "id": event.id });
    for name in part.split(',') {
        let content = match name {
            "id" => continue,
            "snippet" => event.snippet.clone(),
            "status" => json!({ "privacyStatus": event.privacy, "lifeCycleStatus": event.status }),
            "contentDetails" => event.stream.as_ref().map_or(json!({}), |id| json!({ "boundStreamId": id })),
            _ => Value::Null,
        };
        value[name] = content;
    }
    value
}

fn shown_stream(stream: &YouTubeStream) -> Value {
    json!({
        "kind": "youtube#liveStream",
        "id": stream.id,
        "snippet": { "title": stream.title },
        "cdn": {
            "ingestionType": "rtmp",
            "ingestionInfo": {
                "streamName": stream.name,
                "ingestionAddress": "rtmp://a.rtmp.youtube.com/live2",
                "backupIngestionAddress": "rtmp://b.rtmp.youtube.com/live2?backup=1",
                "rtmpsIngestionAddress": "rtmps://a.rtmps.youtube.com/live2",
                "rtmpsBackupIngestionAddress": "rtmps://b.rtmps.youtube.com/live2?backup=1",
            },
        },
        "status": { "streamStatus": if stream.is_active { "active" } else { "ready" } },
    })
}

/// `maxResults` items, five where nothing is said, from `pageToken` on.
fn page(items: impl Iterator<Item = Value>, query: &BTreeMap<&str, &str>) -> Answer {
    let size =
        query.get("maxResults").map_or(Ok(5), |text| text.parse()).map_err(|_| (400, "invalidParameter"))?;
    if !(1..=50usize).contains(&size) {
        return Err((400, "invalidParameter"));
    }
    let from: usize =
        query.get("pageToken").map_or(Ok(0), |text| text.parse()).map_err(|_| (400, "invalidPageToken"))?;
    let all: Vec<Value> = items.collect();
    let mut answer = json!({ "kind": "youtube#listResponse", "items": all.iter().skip(from).take(size).collect::<Vec<_>>() });
    if from + size < all.len() {
        answer["nextPageToken"] = json!((from + size).to_string());
    }
    Ok(answer)
}
