//! Neustream under test: the real binary on a fresh SQLite file, set up through its own HTTP API.
//!
//! One account owns everything, ports are free ones, private networks are allowed because the destinations are on
//! the loopback interface; every other setting keeps its default.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::http;
use super::server::Server;

/// A running Neustream as the account that the run uses sees it.
#[derive(Debug)]
pub struct Neustream {
    /// Where it takes RTMP.
    pub rtmp: SocketAddr,
    http: SocketAddr,
    token: String,
}

/// One source as its owner sees it once.
#[derive(Debug, Clone)]
pub struct Source {
    id: String,
    /// What its encoder publishes to `/live`.
    pub stream_key: String,
    /// What its players play of `/play`.
    pub playback_id: String,
}

impl Neustream {
    /// Starts `binary` on `core` and registers an account.
    pub fn start(core: usize, binary: &Path) -> Result<(Server, Self)> {
        let binary =
            binary.canonicalize().with_context(|| format!("no such program: {}", binary.display()))?;
        let mut server = Server::start(core, &binary, |folder, command| {
            command.arg("serve").env("NEUSTREAM_DATA_DIR", folder.join("data"));
            command.env("NEUSTREAM_HTTP_ADDR", "127.0.0.1:0").env("NEUSTREAM_RTMP_ADDR", "127.0.0.1:0");
            command.env("NEUSTREAM_ALLOW_PRIVATE_NETWORKS", "true").env("NEUSTREAM_LOG", "warn");
            Ok(())
        })?;
        let http = address_in(&server.line_after("Dashboard:")?)?;
        let rtmp = address_in(&server.line_after("RTMP:")?)?;
        let account =
            json!({"email": "load@example.com", "password": "a-Load-generator-4", "display_name": "Load"});
        let answer = http::request(http, "POST", "/api/auth/register", None, Some(&account))?;
        let token = text_at(&answer, &["token"]).context("registration gave no token")?;
        Ok((server, Self { rtmp, http, token }))
    }

    /// Creates a source.
    pub fn create_source(&self, name: &str) -> Result<Source> {
        let answer = self.post("/api/sources", &json!({ "name": name }))?;
        Ok(Source {
            id: text_at(&answer, &["id"]).context("source without id")?,
            stream_key: text_at(&answer, &["stream_key"]).context("source without stream_key")?,
            playback_id: text_at(&answer, &["playback_id"]).context("source without playback_id")?,
        })
    }

    /// Adds a destination through the bundled adapter for any RTMP server.
    pub fn add_destination(&self, source: &Source, address: SocketAddr, stream_key: &str) -> Result<()> {
        let destination = json!({
            "name": stream_key,
            "platform": "custom",
            "rtmp_url": format!("rtmp://{address}/d"),
            "stream_key": stream_key,
        });
        self.post(&format!("/api/sources/{}/destinations", source.id), &destination)?;
        Ok(())
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        http::request(self.http, "POST", path, Some(&self.token), Some(body))
    }
}

/// The `host:port` of a URL that the server printed.
fn address_in(url: &str) -> Result<SocketAddr> {
    let behind_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = behind_scheme.split('/').next().unwrap_or_default();
    authority.parse().with_context(|| format!("{url:?} names no address"))
}

/// The first text of these names, wherever in `answer` it stands: the documents wrap resources in an object.
fn text_at(answer: &Value, names: &[&str]) -> Option<String> {
    let object = answer.as_object()?;
    let here = names.iter().find_map(|name| object.get(*name)?.as_str());
    here.map(str::to_owned).or_else(|| object.values().find_map(|inner| text_at(inner, names)))
}
