//! Twitch's API, as far as it is used here (dev.twitch.tv/docs/api/reference).
//!
//! Every request has the account's token and the id of the client that it was
//! made for; the host puts both in.

use neustream_plugin::json::json;
use neustream_plugin::{Context, Error, Host, Problem, Request, Response, Value};
use serde::Deserialize;
use serde::de::DeserializeOwned;

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
        match self.list::<User>(ctx, get("users")) {
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
        let keys: Vec<Key> = self.list(ctx, get("streams/key").query("broadcaster_id", user))?;
        let key = keys.into_iter().next().map(|key| key.stream_key).filter(|key| !key.is_empty());
        key.ok_or_else(|| Error::unavailable("malformed", "Twitch names no stream key."))
    }

    /// Modify Channel Information.
    pub fn set_title(&self, ctx: &Context, user: &str, title: &str) -> Result<(), Error> {
        let request = Request::patch(format!("{BASE}channels")).query("broadcaster_id", user);
        self.ask(ctx, &authorized(request).json(&json!({ "title": title }))).map(drop)
    }

    /// Get Streams: how many watch; none while the channel is not live.
    pub fn viewers(&self, ctx: &Context, user: &str) -> Result<Option<u64>, Error> {
        let streams: Vec<Stream> = self.list(ctx, get("streams").query("user_id", user))?;
        Ok(streams.first().map(|stream| stream.viewer_count))
    }

    fn list<T: DeserializeOwned>(&self, ctx: &Context, request: Request) -> Result<Vec<T>, Error> {
        let answer: Data<T> = self.ask(ctx, &authorized(request))?.json()?;
        Ok(answer.data)
    }

    fn ask(&self, ctx: &Context, request: &Request) -> Result<Response, Error> {
        let response = self.0.send(request)?;
        if response.status != 429 {
            return response.success("Twitch");
        }
        let patience = Problem::new("rate-limited", "Twitch asks for patience.");
        Err(Error::RateLimited(patience.after_ms(reset_ms(&response, ctx.now))))
    }
}

fn get(path: &str) -> Request {
    Request::get(format!("{BASE}{path}"))
}

fn authorized(request: Request) -> Request {
    let request = request.bearer(ACCOUNT).header("client-id", Value::secret(CLIENT_ID));
    request.header("accept", "application/json")
}

/// `Ratelimit-Reset`: seconds since the Unix epoch (dev.twitch.tv/docs/api/guide, "Twitch Rate Limits").
fn reset_ms(response: &Response, now: u64) -> Option<u32> {
    let at = response.header("ratelimit-reset")?.trim().parse::<u64>().ok()?.checked_mul(1000)?;
    u32::try_from(at.saturating_sub(now)).ok()
}

fn is_id(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}
