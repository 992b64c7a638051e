//! Twitch's API, as far as it is used here (dev.twitch.tv/docs/api/reference).
//!
//! Every request has the account's token and the id of the client that it was
//! made for; the host puts both in.

use neustream_plugin::{Content, Context, Error, Field, Host, Problem, Request, Response, Value};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

const BASE: &str = "https://api.twitch.tv/helix/";
/// The manifest's name of the account.
const ACCOUNT: &str = "account";
/// The id of the OAuth client, beside the account.
const CLIENT_ID: &str = "account.client-id";
/// The longest title (Modify Channel Information).
const MAX_TITLE_CHARS: usize = 140;

/// One tenant's channel.
pub(crate) struct Helix<'a, H>(pub &'a H);

#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Data<T> {
    data: Vec<T>,
}

#[derive(Deserialize)]
struct User {
    id: String,
}

#[derive(Deserialize)]
struct Key {
    stream_key: String,
}

#[derive(Deserialize)]
struct Stream {
    viewer_count: u64,
}

/// A title as Twitch takes it; none where nothing is left of it.
pub(crate) fn title(text: &str) -> Option<String> {
    let title: String = text.chars().filter(|c| !c.is_control()).take(MAX_TITLE_CHARS).collect();
    let title = title.trim();
    (!title.is_empty()).then(|| title.to_owned())
}

impl<H: Host> Helix<'_, H> {
    /// The id of the account's user; none where no account is connected. Get Users without a name is about the
    /// token's own.
    pub fn user(&self, ctx: &Context) -> Result<Option<String>, Error> {
        match self.list::<User>(ctx, "users", Vec::new()) {
            Ok(users) => match users.into_iter().next() {
                Some(user) if is_id(&user.id) => Ok(Some(user.id)),
                _ => Err(Error::unavailable("malformed", "Twitch does not say whose account it is.")),
            },
            Err(Error::InvalidConfig(problem)) if problem.code == "secret-missing" => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Get Stream Key.
    pub fn stream_key(&self, ctx: &Context, user: &str) -> Result<String, Error> {
        let keys: Vec<Key> = self.list(ctx, "streams/key", vec![Field::new("broadcaster_id", user)])?;
        let key = keys.into_iter().next().map(|key| key.stream_key).filter(|key| !key.is_empty());
        key.ok_or_else(|| Error::unavailable("malformed", "Twitch names no stream key."))
    }

    /// Modify Channel Information.
    pub fn set_title(&self, ctx: &Context, user: &str, title: &str) -> Result<(), Error> {
        let body = json!({ "title": title }).to_string().into_bytes();
        self.ask(ctx, "PATCH", "channels", vec![Field::new("broadcaster_id", user)], Content::Bytes(body))
            .map(drop)
    }

    /// Get Streams: how many watch; none while the channel is not live.
    pub fn viewers(&self, ctx: &Context, user: &str) -> Result<Option<u64>, Error> {
        let streams: Vec<Stream> = self.list(ctx, "streams", vec![Field::new("user_id", user)])?;
        Ok(streams.first().map(|stream| stream.viewer_count))
    }

    fn list<T: DeserializeOwned>(
        &self,
        ctx: &Context,
        path: &str,
        query: Vec<Field>,
    ) -> Result<Vec<T>, Error> {
        let response = self.ask(ctx, "GET", path, query, Content::Empty)?;
        let answer: Data<T> = serde_json::from_slice(&response.body)
            .map_err(|_| Error::unavailable("malformed", "Twitch's answer cannot be read."))?;
        Ok(answer.data)
    }

    fn ask(
        &self,
        ctx: &Context,
        method: &str,
        path: &str,
        query: Vec<Field>,
        body: Content,
    ) -> Result<Response, Error> {
        let token = Value::Prefixed(("Bearer ".to_owned(), ACCOUNT.to_owned()));
        let mut headers = vec![
            Field { name: "authorization".to_owned(), value: token },
            Field { name: "client-id".to_owned(), value: Value::Secret(CLIENT_ID.to_owned()) },
            Field::new("accept", "application/json"),
        ];
        if !matches!(body, Content::Empty) {
            headers.push(Field::new("content-type", "application/json"));
        }
        let (method, url) = (method.to_owned(), format!("{BASE}{path}"));
        let request = Request { method, url, query, headers, body, timeout_ms: 0 };
        let response = self.0.send(&request)?;
        match response.status {
            200..300 => Ok(response),
            429 => {
                let problem = Problem::new("rate-limited", "Twitch asks for patience.");
                Err(Error::RateLimited(problem.after_ms(reset_ms(&response, ctx.now))))
            }
            _ => Err(response.error_of_status("Twitch")),
        }
    }
}

/// `Ratelimit-Reset`: seconds since the Unix epoch (dev.twitch.tv/docs/api/guide, "Twitch Rate Limits").
fn reset_ms(response: &Response, now: u64) -> Option<u32> {
    let (_, value) =
        response.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("ratelimit-reset"))?;
    let at = value.trim().parse::<u64>().ok()?.checked_mul(1000)?;
    u32::try_from(at.saturating_sub(now)).ok()
}

fn is_id(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}
