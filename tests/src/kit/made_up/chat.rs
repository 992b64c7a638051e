//! `chat.live.example`: one channel's chat over a WebSocket. It greets whoever comes, and echoes what is written.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};

use super::super::port::loopback;

/// The chat. Dropping it ends it.
pub struct MadeUpChat {
    /// Where it listens.
    pub address: SocketAddr,
    _tasks: JoinSet<()>,
}

impl MadeUpChat {
    /// The host that connectors know.
    pub const HOST: &str = "chat.live.example";

    /// Serves the channel to whoever has the token.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(tls: TlsAcceptor, channel: &str, token: &str) -> Result<Self> {
        let listener = TcpListener::bind(loopback(0)).await.context("listen")?;
        let address = listener.local_addr()?;
        let (path, token) = (format!("/v1/channels/{channel}"), format!("Bearer {token}"));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let (tls, path, token) = (tls.clone(), path.clone(), token.clone());
                connections.spawn(async move {
                    // Whoever is not welcome or leaves is gone.
                    serve(tls, socket, &path, &token).await.ok();
                });
            }
        });
        Ok(Self { address, _tasks: tasks })
    }
}

async fn serve(tls: TlsAcceptor, socket: TcpStream, path: &str, token: &str) -> Result<()> {
    let socket = tls.accept(socket).await.context("TLS")?;
    #[expect(clippy::result_large_err, reason = "the library's own type")]
    let check = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let is_welcome = request.uri().path() == path
            && header("authorization") == Some(token)
            && header("host") == Some(MadeUpChat::HOST);
        is_welcome.then_some(response).ok_or_else(|| ErrorResponse::new(Some("not welcome".to_owned())))
    };
    let mut socket = accept_hdr_async(socket, check).await.context("the handshake")?;
    socket.send(Message::text(message("m-1", "welcome").to_string())).await?;
    let mut number = 1;
    while let Some(frame) = socket.next().await {
        let Message::Text(text) = frame? else { continue };
        let written: Value = serde_json::from_str(&text)?;
        match written["type"].as_str() {
            Some("send") => {
                number += 1;
                let echo = message(&format!("m-{number}"), written["text"].as_str().context("a text")?);
                socket
                    .send(Message::text(json!({ "type": "sent", "ref": written["ref"] }).to_string()))
                    .await?;
                socket.send(Message::text(echo.to_string())).await?;
            }
            Some("remove") => {
                let removed = json!({ "type": "removed", "id": written["id"] });
                socket.send(Message::text(removed.to_string())).await?;
            }
            _ => bail!("not a word of this chat: {written}"),
        }
    }
    Ok(())
}

fn message(id: &str, text: &str) -> Value {
    json!({ "type": "message", "id": id, "author_id": "42", "author": "ronni", "text": text })
}
