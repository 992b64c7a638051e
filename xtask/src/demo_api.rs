//! A small client of the HTTP API: JSON over plain HTTP/1.0 on this machine, so that xtask stays free of an
//! HTTP stack and compiles in a moment.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Longest that the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The API of the server at `address` (`host:port`), with the demo account's token once there is one.
pub struct Api {
    address: String,
    token: Option<String>,
}

impl Api {
    /// The API at `address`.
    pub fn at(address: &str) -> Self {
        Self { address: address.to_owned(), token: None }
    }

    /// Sends `token` with every request from now on.
    pub fn authorize(&mut self, token: &str) {
        self.token = Some(token.to_owned());
    }

    /// Posts `body` to `path` and reads the JSON answer.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.post_bytes(path, "application/json", body.to_string().as_bytes())
    }

    /// Posts `body` of any type to `path` and reads the JSON answer.
    pub fn post_bytes(&self, path: &str, content_type: &str, body: &[u8]) -> Result<Value> {
        self.exchange("POST", path, content_type, body).with_context(|| format!("POST {path}"))
    }

    /// Reads the JSON at `path`.
    pub fn get(&self, path: &str) -> Result<Value> {
        self.exchange("GET", path, "application/json", &[]).with_context(|| format!("GET {path}"))
    }

    fn exchange(&self, method: &str, path: &str, content_type: &str, body: &[u8]) -> Result<Value> {
        let authorization =
            self.token.as_ref().map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: {}\r\nContent-Type: {content_type}\r\n\
             Content-Length: {}\r\n{authorization}\r\n",
            self.address,
            body.len(),
        );
        let mut socket = TcpStream::connect(&self.address)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.write_all(request.as_bytes())?;
        socket.write_all(body)?;
        // HTTP/1.0: the answer ends with the connection.
        let mut answer = String::new();
        socket.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("the answer is not HTTP")?;
        let status = head.split(' ').nth(1).unwrap_or_default();
        if !status.starts_with('2') {
            bail!("the server answered {status}: {body}");
        }
        serde_json::from_str(body).context("the answer is not JSON")
    }
}
