//! The parts of the YouTube Data API v3 that belong to live chats, as Google documents them. Panics at what no
//! client should do; refuses what YouTube would refuse.

use std::collections::VecDeque;

use neustream_plugin::Problem;
use neustream_plugin::chat::Response;
use neustream_plugin::testing::Joined;
use neustream_plugin::testing::chat::{Driver, response};
use serde_json::{Value, json};

use crate::YouTubeChat;

const BASE: &str = "https://www.googleapis.com/youtube/v3/";

/// One channel with one broadcast.
pub struct Server {
    pub token: String,
    /// The chat of the running broadcast.
    pub chat: Option<String>,
    /// What has happened in the chat.
    pub items: Vec<Value>,
    pub polling_interval_ms: u64,
    pub offline_at: Option<&'static str>,
    /// Answers of the next list requests instead of the usual ones.
    pub instead: VecDeque<Result<Response, Problem>>,
    /// Answers of the next writes and removals instead of the usual ones.
    pub instead_of_errands: VecDeque<Result<Response, Problem>>,
    /// What was written.
    pub written: Vec<String>,
    /// What was removed.
    pub removed: Vec<String>,
    /// When pages were asked for.
    pub asked_at: Vec<u64>,
    /// When searches were made.
    pub searched_at: Vec<u64>,
    not_before: u64,
}

impl Server {
    pub fn new(token: &str) -> Self {
        Self {
            token: token.to_owned(),
            chat: Some("chat-1".to_owned()),
            items: Vec::new(),
            polling_interval_ms: 3000,
            offline_at: None,
            instead: VecDeque::new(),
            instead_of_errands: VecDeque::new(),
            written: Vec::new(),
            removed: Vec::new(),
            asked_at: Vec::new(),
            searched_at: Vec::new(),
            not_before: 0,
        }
    }

    /// Plays host and YouTube for so many milliseconds.
    pub fn run(&mut self, driver: &mut Driver<YouTubeChat>, ms: u64) {
        let end = driver.now() + ms;
        loop {
            self.run_errands(driver);
            let names: Vec<_> = driver.connections().into_iter().map(str::to_owned).collect();
            let polls = names.into_iter().filter_map(|name| {
                let (due, question) = driver.poll(&name)?;
                Some((due, name, question))
            });
            let next = polls.min_by_key(|(due, ..)| *due).filter(|(due, ..)| *due <= end);
            let Some((due, name, question)) = next else { break };
            let wait = due.saturating_sub(driver.now());
            driver.pass_ms(wait);
            let outcome = self.answer(&question, driver.now());
            driver.answered(&name, outcome);
        }
        let rest = end - driver.now();
        driver.pass_ms(rest);
    }

    fn run_errands(&mut self, driver: &mut Driver<YouTubeChat>) {
        while let Some((id, request)) = driver.requests().iter().next() {
            let (id, request) = (id.clone(), request.clone());
            let outcome = self.answer(&request, driver.now());
            driver.answered(&id, outcome);
        }
    }

    /// A host that was restarted does not know when it asked last; YouTube forgives one question.
    pub fn forget_pace(&mut self) {
        self.not_before = 0;
    }

    /// One answer.
    pub fn answer(&mut self, request: &Joined, now: u64) -> Result<Response, Problem> {
        let resource = request.url.strip_prefix(BASE).expect("a resource of the API");
        let is_list = request.method == "GET";
        let queue = if is_list { &mut self.instead } else { &mut self.instead_of_errands };
        if is_list {
            let times =
                if resource == "liveChat/messages" { &mut self.asked_at } else { &mut self.searched_at };
            times.push(now);
        }
        if let Some(outcome) = queue.pop_front() {
            return outcome;
        }
        if request.header("authorization") != Some(&format!("Bearer {}", self.token)) {
            return refusal(401, "authError");
        }
        match (request.method.as_str(), resource) {
            ("GET", "liveBroadcasts") => self.broadcasts(request),
            ("GET", "videos") => self.video(request),
            ("GET", "liveChat/messages") => self.list(request, now),
            ("POST", "liveChat/messages") => self.insert(request),
            ("DELETE", "liveChat/messages") => self.delete(request),
            (method, resource) => panic!("no {method} {resource}"),
        }
    }

    fn broadcasts(&self, request: &Joined) -> Result<Response, Problem> {
        let filters = ["id", "mine", "broadcastStatus"];
        let given = filters.iter().filter(|name| request.parameter(name).is_some()).count();
        assert_eq!(given, 1, "exactly one filter: {:?}", request.query);
        assert_eq!(request.parameter("broadcastStatus"), Some("active"));
        let items: Vec<_> = self
            .chat
            .iter()
            .map(|chat| json!({"kind": "youtube#liveBroadcast", "id": "dQw4w9WgXcQ", "snippet": {"title": "Live", "liveChatId": chat}}))
            .collect();
        ok(&json!({"kind": "youtube#liveBroadcastListResponse", "items": items}))
    }

    fn video(&self, request: &Joined) -> Result<Response, Problem> {
        assert_eq!(request.parameter("part"), Some("liveStreamingDetails"));
        let items = match (request.parameter("id"), &self.chat) {
            (Some("dQw4w9WgXcQ"), Some(chat)) => {
                vec![
                    json!({"id": "dQw4w9WgXcQ", "liveStreamingDetails": {"actualStartTime": "2026-11-20T08:00:00Z", "activeLiveChatId": chat}}),
                ]
            }
            (Some("dQw4w9WgXcQ"), None) => {
                vec![
                    json!({"id": "dQw4w9WgXcQ", "liveStreamingDetails": {"actualEndTime": "2026-11-20T09:00:00Z"}}),
                ]
            }
            _ => Vec::new(),
        };
        ok(&json!({"kind": "youtube#videoListResponse", "items": items}))
    }

    fn list(&mut self, request: &Joined, now: u64) -> Result<Response, Problem> {
        assert!(now >= self.not_before, "asked {} ms too early", self.not_before - now);
        for part in request.parameter("part").expect("a part").split(',') {
            assert!(["id", "snippet", "authorDetails"].contains(&part), "no part {part}");
        }
        let count: usize = request.parameter("maxResults").unwrap_or("500").parse().expect("a number");
        assert!((200..=2000).contains(&count), "maxResults={count}");
        let asked = request.parameter("liveChatId").expect("a chat");
        if self.chat.as_deref() != Some(asked) {
            return refusal(403, "liveChatEnded");
        }
        let position = match request.parameter("pageToken").map(|token| token.strip_prefix("position:")) {
            None => 0,
            Some(Some(position)) => position.parse().expect("one of this server's tokens"),
            Some(None) => return refusal(400, "pageTokenInvalid"),
        };
        let page: Vec<_> = self.items.iter().skip(position).take(count).cloned().collect();
        self.not_before = now + self.polling_interval_ms;
        let mut answer = json!({
            "kind": "youtube#liveChatMessageListResponse",
            "nextPageToken": format!("position:{}", position + page.len()),
            "pollingIntervalMillis": self.polling_interval_ms,
            "pageInfo": {"totalResults": page.len(), "resultsPerPage": page.len()},
            "items": page,
        });
        if let Some(at) = self.offline_at {
            answer["offlineAt"] = json!(at);
        }
        ok(&answer)
    }

    fn insert(&mut self, request: &Joined) -> Result<Response, Problem> {
        assert_eq!(request.parameter("part"), Some("snippet"));
        assert_eq!(request.header("content-type"), Some("application/json"));
        let body: Value = serde_json::from_slice(&request.body).expect("JSON");
        let snippet = &body["snippet"];
        assert_eq!(snippet["type"], "textMessageEvent");
        let text = snippet["textMessageDetails"]["messageText"].as_str().expect("a text");
        assert!((1..=200).contains(&text.chars().count()));
        if snippet["liveChatId"].as_str() != self.chat.as_deref() {
            return refusal(403, "liveChatEnded");
        }
        self.written.push(text.to_owned());
        let id = format!("own-{}", self.written.len());
        self.items.push(super::text(&id, "channel-own", text));
        ok(self.items.last().expect("just pushed"))
    }

    fn delete(&mut self, request: &Joined) -> Result<Response, Problem> {
        let id = request.parameter("id").expect("an id");
        if !self.items.iter().any(|item| item["id"] == id) {
            return refusal(404, "liveChatMessageNotFound");
        }
        self.removed.push(id.to_owned());
        response(204, &[], "")
    }
}

fn ok(answer: &Value) -> Result<Response, Problem> {
    response(200, &[("content-type", "application/json; charset=UTF-8")], &answer.to_string())
}

/// An error as Google's APIs write it.
pub fn refusal(status: u16, reason: &str) -> Result<Response, Problem> {
    let body = json!({"error": {
        "code": status,
        "message": "words that change",
        "errors": [{"message": "words that change", "domain": "youtube.liveChat", "reason": reason}],
    }});
    response(status, &[], &body.to_string())
}
