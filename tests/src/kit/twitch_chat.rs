//! Twitch's chat server: IRC over a WebSocket over TLS, one channel, as strict as the real one.
//!
//! Logging in is `CAP REQ`, `PASS`, `NICK`, `JOIN`, in this order
//! (<https://dev.twitch.tv/docs/chat/irc/>). What it does not like ends the connection and is told to the test. What it
//! writes into the channel waits for the reader: it is as fast as the socket lets it.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};

use super::port::loopback;
use super::wait::within;

/// The host that connectors know.
pub const HOST: &str = "irc-ws.chat.twitch.tv";
/// Frames on their way to a connection; a test that writes faster than its reader waits.
const FRAMES: usize = 8;

type Socket = WebSocketStream<TlsStream<TcpStream>>;

/// The server with its one channel.
pub struct TwitchChat {
    /// Where it listens.
    pub address: SocketAddr,
    frames: broadcast::Sender<String>,
    joined: watch::Receiver<u32>,
    written: watch::Receiver<u64>,
    complaints: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

#[derive(Clone)]
struct Channel {
    name: String,
    token: String,
    frames: broadcast::Sender<String>,
    joined: watch::Sender<u32>,
    written: watch::Sender<u64>,
    complaints: Arc<Mutex<Vec<String>>>,
}

impl TwitchChat {
    /// Serves the channel `name` to whoever has the token.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(tls: TlsAcceptor, name: &str, token: &str) -> Result<Self> {
        let listener = TcpListener::bind(loopback(0)).await.context("listen")?;
        let address = listener.local_addr()?;
        let (frames, _) = broadcast::channel(FRAMES);
        let (joined, is_joined) = watch::channel(0);
        let (written, is_written) = watch::channel(0);
        let channel = Channel {
            name: name.to_owned(),
            token: token.to_owned(),
            frames: frames.clone(),
            joined,
            written,
            complaints: Arc::default(),
        };
        let complaints = Arc::clone(&channel.complaints);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let (tls, channel) = (tls.clone(), channel.clone());
                connections.spawn(async move {
                    if let Err(complaint) = channel.serve(tls, socket).await {
                        let mut all = channel.complaints.lock().unwrap_or_else(PoisonError::into_inner);
                        all.push(format!("{complaint:#}"));
                    }
                });
            }
        });
        Ok(Self { address, frames, joined: is_joined, written: is_written, complaints, _tasks: tasks })
    }

    /// Waits until somebody is in the channel.
    ///
    /// # Errors
    /// When nobody comes in time; with what the server did not like.
    pub async fn is_joined(&self, limit: Duration) -> Result<()> {
        let mut joined = self.joined.clone();
        let waited = within(limit, "somebody joins the channel", async {
            joined.wait_for(|joins| *joins > 0).await.map(|_| ()).context("the server is gone")
        });
        waited.await.with_context(|| format!("complaints: {:?}", self.complaints()))
    }

    /// How often somebody joined: once for each connection.
    pub fn joins(&self) -> u32 {
        *self.joined.borrow()
    }

    /// What the server did not like.
    pub fn complaints(&self) -> Vec<String> {
        self.complaints.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends a frame with these lines to whoever is in the channel, once what was sent before is on its way.
    ///
    /// # Errors
    /// When nobody is there, or nobody reads for a minute.
    pub async fn send(&self, lines: String) -> Result<()> {
        let mut written = self.written.clone();
        let before = *written.borrow_and_update();
        ensure!(self.frames.send(lines).is_ok(), "nobody is in the channel: {:?}", self.complaints());
        within(Duration::from_mins(1), "a frame is taken", async {
            written.wait_for(|frames| *frames > before).await.map(|_| ()).context("the server is gone")
        })
        .await
    }
}

/// A message of a viewer, as a line.
pub fn privmsg(id: &str, channel: &str, text: &str) -> String {
    format!(
        "@badge-info=;badges=;color=#1E90FF;display-name=Viewer;emotes=;first-msg=0;id={id};mod=0;room-id=1337;\
         subscriber=0;tmi-sent-ts=1507246572675;turbo=0;user-id=1234;user-type= \
         :viewer!viewer@viewer.tmi.twitch.tv PRIVMSG #{channel} :{text}\r\n"
    )
}

impl Channel {
    async fn serve(&self, tls: TlsAcceptor, socket: TcpStream) -> Result<()> {
        let socket = tls.accept(socket).await.context("TLS")?;
        #[expect(clippy::result_large_err, reason = "the library's own type")]
        let check = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
            let host = request.headers().get("host").and_then(|host| host.to_str().ok());
            if host.is_some_and(|host| host.split(':').next() == Some(HOST)) {
                return Ok(response);
            }
            Err(ErrorResponse::new(Some(format!("not a host of mine: {host:?}"))))
        };
        let mut socket = tokio_tungstenite::accept_hdr_async(socket, check).await.context("the handshake")?;
        self.log_in(&mut socket).await.context("logging in")?;
        let mut frames = self.frames.subscribe();
        self.joined.send_modify(|joins| *joins += 1);
        loop {
            tokio::select! {
                frame = frames.recv() => {
                    socket.send(Message::text(frame.context("frames")?)).await.context("sending")?;
                    self.written.send_modify(|frames| *frames += 1);
                }
                message = socket.next() => match message {
                    None | Some(Ok(Message::Close(_)) | Err(_)) => return Ok(()),
                    Some(Ok(Message::Text(text))) => {
                        let text = text.trim_end();
                        ensure!(text.starts_with("PONG") || text.starts_with("PING"), "unexpected: {text}");
                    }
                    Some(Ok(_)) => {}
                },
            }
        }
    }

    async fn log_in(&self, socket: &mut Socket) -> Result<()> {
        let capabilities = next_line(socket).await?;
        let asked =
            capabilities.strip_prefix("CAP REQ :").with_context(|| format!("not CAP: {capabilities}"))?;
        for capability in asked.split(' ') {
            let is_known =
                ["twitch.tv/tags", "twitch.tv/commands", "twitch.tv/membership"].contains(&capability);
            ensure!(is_known, "an unknown capability: {capability}");
        }
        reply(socket, &format!(":tmi.twitch.tv CAP * ACK :{asked}\r\n")).await?;
        let pass = next_line(socket).await?;
        let token = pass.strip_prefix("PASS oauth:").context("PASS comes behind CAP")?;
        if token != self.token {
            reply(socket, ":tmi.twitch.tv NOTICE * :Login authentication failed\r\n").await?;
            bail!("a wrong token");
        }
        let nick = next_line(socket).await?;
        let nick = nick.strip_prefix("NICK ").context("NICK comes behind PASS")?.to_owned();
        ensure!(nick == nick.to_lowercase(), "a nick is in lower case: {nick}");
        let mut welcome = String::new();
        for (code, text) in
            [("001", ":Welcome, GLHF!"), ("002", ":Your host is tmi.twitch.tv"), ("376", ":>")]
        {
            let _ = write!(welcome, ":tmi.twitch.tv {code} {nick} {text}\r\n");
        }
        welcome += "@badge-info=;badges=;color=;display-name=Ronni;emote-sets=0;user-id=1337;user-type= \
                    :tmi.twitch.tv GLOBALUSERSTATE\r\n";
        reply(socket, &welcome).await?;
        let join = next_line(socket).await?;
        ensure!(join == format!("JOIN #{}", self.name), "not the channel: {join}");
        let name = &self.name;
        let entered = format!(
            ":{nick}!{nick}@{nick}.tmi.twitch.tv JOIN #{name}\r\n\
             @badge-info=;badges=;color=;display-name=Ronni;emote-sets=0;mod=0;subscriber=0;user-type= \
             :tmi.twitch.tv USERSTATE #{name}\r\n\
             @emote-only=0;followers-only=-1;r9k=0;room-id=1337;slow=0;subs-only=0 \
             :tmi.twitch.tv ROOMSTATE #{name}\r\n"
        );
        reply(socket, &entered).await
    }
}

/// The next line of a client: one a frame.
async fn next_line(socket: &mut Socket) -> Result<String> {
    loop {
        match socket.next().await.context("the client is gone")?? {
            Message::Text(text) => return Ok(text.trim_end_matches(['\r', '\n']).to_owned()),
            Message::Ping(_) | Message::Pong(_) => {}
            other => bail!("not a line: {other:?}"),
        }
    }
}

async fn reply(socket: &mut Socket, lines: &str) -> Result<()> {
    socket.send(Message::text(lines)).await.context("answering")
}
