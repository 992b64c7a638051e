//! Aurora's API, version 2, as far as it is used here.
//!
//! Every request has the account's token, which the host puts in and refreshes. Refusals look like
//! `{"error": {"code": "quota_exceeded", "resets_at": "2026-11-21T00:00:00Z"}}`.

use neustream_plugin::json::json;
use neustream_plugin::{Context, Error, Host, Problem, Request, Response, paging, query, time};
use serde::{Deserialize, Serialize};

const BASE: &str = "https://api.aurora.example/v2/broadcasts";
const NAME: &str = "Aurora";

/// One call's way to Aurora.
pub(crate) struct Api<'a, H> {
    pub host: &'a H,
    pub ctx: &'a Context,
}

/// What a new broadcast is to be.
#[derive(Serialize)]
pub(crate) struct Wanted {
    /// Our id, kept there with it.
    pub reference: String,
    pub title: String,
    pub visibility: String,
    pub keep: bool,
}

/// A broadcast there.
#[derive(Debug, Deserialize)]
pub(crate) struct Broadcast {
    pub id: String,
    pub reference: Option<String>,
    pub state: State,
    pub ingest: Ingest,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    Ready,
    Live,
    Ended,
    /// Something newer.
    #[serde(other)]
    Other,
}

/// Where it is sent.
#[derive(Debug, Deserialize)]
pub(crate) struct Ingest {
    pub url: String,
    pub backup_url: Option<String>,
    pub key: String,
    pub expires_at: Option<String>,
}

/// How it is seen.
#[derive(Debug, Deserialize)]
pub(crate) struct Status {
    state: State,
    pub viewers: Option<u64>,
}

impl Status {
    pub fn is_live(&self) -> bool {
        self.state == State::Live
    }
}

#[derive(Deserialize)]
struct List {
    data: Vec<Broadcast>,
    next_cursor: Option<String>,
}

#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    error: Reason,
}

#[derive(Default, Deserialize)]
struct Reason {
    #[serde(default)]
    code: String,
    resets_at: Option<String>,
}

impl<H: Host> Api<'_, H> {
    pub fn create(&self, wanted: &Wanted) -> Result<Broadcast, Error> {
        self.ask(Request::post(BASE).json(wanted))?.json()
    }

    pub fn broadcast(&self, id: &str) -> Result<Broadcast, Error> {
        let response = self.ask(Request::get(at(id)));
        if is_gone(&response) {
            return Err(Error::denied(
                "broadcast-deleted",
                "The broadcast was deleted on Aurora.",
            ));
        }
        response?.json()
    }

    /// The broadcast with our reference, among those that have not ended. Pages behind it are not asked for.
    pub fn find(&self, reference: &str) -> Result<Option<Broadcast>, Error> {
        let mut broadcasts = paging::items(|cursor| {
            let request = Request::get(BASE)
                .query("state", "ready,live")
                .query("limit", "50");
            let request = match cursor {
                Some(cursor) => request.query("cursor", cursor),
                None => request,
            };
            let list: List = self.ask(request)?.json()?;
            Ok(paging::Page {
                items: list.data,
                next: list.next_cursor,
            })
        });
        let is_ours = |broadcast: &Broadcast| broadcast.reference.as_deref() == Some(reference);
        broadcasts
            .find(|broadcast| broadcast.as_ref().map_or(true, is_ours))
            .transpose()
    }

    pub fn status(&self, id: &str) -> Result<Status, Error> {
        let response = self.ask(Request::get(format!("{}/status", at(id))));
        if is_gone(&response) {
            return Ok(Status {
                state: State::Ended,
                viewers: None,
            });
        }
        response?.json()
    }

    pub fn retitle(&self, id: &str, title: &str) -> Result<(), Error> {
        self.ask(Request::patch(at(id)).json(&json!({"title": title})))
            .map(drop)
    }

    /// Ending one that has ended, or is gone, is a success.
    pub fn end(&self, id: &str) -> Result<(), Error> {
        let response = self.ask(Request::post(format!("{}/end", at(id))));
        if is_gone(&response) {
            Ok(())
        } else {
            response.map(drop)
        }
    }

    fn ask(&self, request: Request) -> Result<Response, Error> {
        let response = self.host.send(&request.bearer("account"))?;
        if response.is_success() {
            Ok(response)
        } else {
            Err(self.refused(&response))
        }
    }

    fn refused(&self, response: &Response) -> Error {
        let Refusal { error } = response.json().unwrap_or_default();
        match (response.status, error.code.as_str()) {
            (_, "quota_exceeded") => {
                let resets_at = error.resets_at.as_deref().and_then(time::of_rfc3339);
                let after_ms =
                    resets_at.and_then(|at| u32::try_from(at.saturating_sub(self.ctx.now)).ok());
                let message = "Aurora's quota for this account is used up.";
                Error::RateLimited(Problem::new("quota-exceeded", message).after_ms(after_ms))
            }
            (_, "streaming_disabled") => {
                let message =
                    "Aurora says that this account may not stream; see its settings there.";
                Error::unauthorized("streaming-disabled", message)
            }
            (404 | 410, _) | (409, "already_ended") => {
                Error::other(GONE, "Aurora has no such broadcast.")
            }
            // 401, 403, 429 with its Retry-After, the rest.
            _ => response.error_of_status(NAME),
        }
    }
}

/// The code of what is not there, or not there any more.
const GONE: &str = "gone";

fn is_gone<T>(outcome: &Result<T, Error>) -> bool {
    outcome.as_ref().is_err_and(|error| error.code() == GONE)
}

/// An id comes from Aurora, but whatever it is, it is one part of the path.
fn at(id: &str) -> String {
    format!("{BASE}/{}", query::escape(id))
}
