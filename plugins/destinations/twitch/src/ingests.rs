//! Twitch's list of ingests, read strictly and brought into the order of choice.
//!
//! Twitch's reference gives the fields; Amazon IVS, the same service, says what
//! they mean (`FindIngest`): available is 1.0, the default is to be chosen, then
//! the lowest priority. `url_template_secure` is the same ingest over TLS.
//! Entries that lead elsewhere than to Twitch's own hosts are passed over.

use neustream_plugin::destination::PushUrl;
use neustream_plugin::{Error, Response, json};
use serde::{Deserialize, Serialize};

use crate::adapter::is_usable;

/// Most entries that are kept; Twitch has some sixty.
const MAX_INGESTS: usize = 200;
/// Longest name that is kept, in characters.
const MAX_NAME_CHARS: usize = 80;

/// Usable ingests, best first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Ingests {
    /// When Twitch gave the list, in milliseconds since the Unix epoch.
    pub(crate) fetched_at: u64,
    ingests: Vec<Ingest>,
}

/// One ingest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ingest {
    /// Such as `EU: Frankfurt, DE (3)`.
    pub(crate) name: String,
    /// Where to push, without the key.
    pub(crate) url: String,
}

/// The answer of `GET https://ingest.twitch.tv/ingests`.
#[derive(Deserialize)]
struct Answer {
    ingests: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    #[serde(default = "available")]
    availability: f64,
    #[serde(default)]
    default: bool,
    #[serde(default)]
    priority: i64,
    url_template: Option<String>,
    url_template_secure: Option<String>,
}

fn available() -> f64 {
    1.0
}

impl Ingests {
    /// Reads Twitch's answer.
    pub(crate) fn from_answer(response: &Response, fetched_at: u64) -> Result<Self, Error> {
        let mut answer: Answer = response.json()?;
        answer.ingests.retain(|entry| entry.availability > 0.0);
        answer.ingests.sort_by_key(|entry| (!entry.default, entry.priority));
        let ingests = answer.ingests.iter().filter_map(Ingest::of).take(MAX_INGESTS).collect();
        Ok(Self { fetched_at, ingests })
    }

    /// Reads what [`Ingests::to_kept`] wrote; none for anything else.
    pub(crate) fn from_kept(kept: &[u8]) -> Option<Self> {
        json::from(kept).ok()
    }

    /// The list as it is kept.
    pub(crate) fn to_kept(&self) -> Vec<u8> {
        json::to(self)
    }

    /// The ingest to use where nothing else is said.
    pub(crate) fn recommended(&self) -> Option<&Ingest> {
        self.ingests.first()
    }

    /// The best ingest of that name, or whose name has it in it; case does not matter.
    pub(crate) fn called(&self, name: &str) -> Option<&Ingest> {
        let name = name.to_lowercase();
        let is_exact = |ingest: &&Ingest| ingest.name.to_lowercase() == name;
        let is_part = |ingest: &&Ingest| ingest.name.to_lowercase().contains(&name);
        self.ingests.iter().find(is_exact).or_else(|| self.ingests.iter().find(is_part))
    }

    /// The best ingest at another URL than `first`, with the same scheme: a target has one protocol.
    pub(crate) fn other_than(&self, first: &Ingest) -> Option<&Ingest> {
        let is_alike = |ingest: &&Ingest| ingest.scheme() == first.scheme() && ingest.url != first.url;
        self.ingests.iter().find(is_alike)
    }
}

impl Ingest {
    fn scheme(&self) -> Option<&str> {
        self.url.split_once("://").map(|(scheme, _)| scheme)
    }

    fn of(entry: &Entry) -> Option<Self> {
        let url = [&entry.url_template_secure, &entry.url_template]
            .into_iter()
            .flatten()
            .filter_map(|template| template.strip_suffix("/{stream_key}"))
            .filter_map(|url| PushUrl::parse(url).ok())
            .find(is_usable)?;
        let name = entry.name.chars().filter(|c| !c.is_control()).take(MAX_NAME_CHARS).collect();
        Some(Self { name, url: url.to_string() })
    }
}
