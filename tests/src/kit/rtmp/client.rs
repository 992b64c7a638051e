//! A publishing client whose every byte the test decides.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::amf::{self, Amf};
use super::chunk::{ChunkReader, Message, chunked};
use super::kind;
use crate::kit::wait::within;

/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(10);

/// What the server answered to `publish`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// `NetStream.Publish.Start`.
    Accepted,
    /// Another status: its code and description.
    Refused {
        /// Such as `NetStream.Publish.BadName`.
        code: String,
        /// The sentence for people.
        description: String,
    },
    /// The connection ended without an answer.
    Closed,
}

/// A connected client.
pub struct RtmpClient {
    socket: TcpStream,
    reader: ChunkReader,
    chunk_size: usize,
}

impl RtmpClient {
    /// Connects from 127.0.0.1 and shakes hands.
    ///
    /// # Errors
    /// When the server refuses or does not answer.
    pub async fn connect(server: SocketAddr) -> Result<Self> {
        Self::connect_from(Ipv4Addr::LOCALHOST.into(), server).await
    }

    /// Connects from another loopback address, which the server takes for another machine.
    ///
    /// # Errors
    /// When the server refuses or does not answer.
    pub async fn connect_from(from: IpAddr, server: SocketAddr) -> Result<Self> {
        let mut socket = open_from(from, server).await?;
        within(ANSWER, "the server shakes hands", async {
            let mut hello = vec![0; 1537];
            hello[0] = 3;
            socket.write_all(&hello).await?;
            let mut answer = vec![0; 1 + 1536 + 1536];
            socket.read_exact(&mut answer).await?;
            socket.write_all(&answer[1..1537]).await?;
            Ok(())
        })
        .await?;
        Ok(Self { socket, reader: ChunkReader::default(), chunk_size: 128 })
    }

    /// Sends `connect` for `app` and waits for its result.
    ///
    /// # Errors
    /// When the server closes or refuses.
    pub async fn open_app(&mut self, app: &str) -> Result<()> {
        let details = Amf::Object(vec![
            ("app".into(), Amf::text(app)),
            ("type".into(), Amf::text("nonprivate")),
            ("tcUrl".into(), Amf::Text(format!("rtmp://127.0.0.1/{app}"))),
        ]);
        self.command(0, &[Amf::text("connect"), Amf::Number(1.0), details]).await?;
        within(ANSWER, "the server answers connect", async {
            loop {
                let values = self.next_command().await?;
                match values.first().and_then(Amf::as_text) {
                    Some("_result") => return Ok(()),
                    Some("_error") => bail!("connect was refused: {values:?}"),
                    _ => {}
                }
            }
        })
        .await
    }

    /// Asks to publish `name` and gives the answer.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn publish(&mut self, name: &str) -> Result<Answer> {
        for (place, command) in ["releaseStream", "FCPublish"].iter().enumerate() {
            let number = Amf::Number(2.0 + place as f64);
            self.command(0, &[Amf::text(command), number, Amf::Null, Amf::text(name)]).await?;
        }
        self.command(0, &[Amf::text("createStream"), Amf::Number(4.0), Amf::Null]).await?;
        let publish = [Amf::text("publish"), Amf::Number(5.0), Amf::Null, Amf::text(name), Amf::text("live")];
        self.command(1, &publish).await?;
        within(ANSWER, "the server answers publish", async {
            loop {
                let Ok(values) = self.next_command().await else { return Ok(Answer::Closed) };
                let name = values.first().and_then(Amf::as_text).unwrap_or_default();
                let text = |field: &str| {
                    let found = values.get(3).and_then(|status| status.field(field)).and_then(Amf::as_text);
                    found.unwrap_or_default().to_owned()
                };
                match name {
                    "onStatus" if text("code") == "NetStream.Publish.Start" => return Ok(Answer::Accepted),
                    "onStatus" => {
                        return Ok(Answer::Refused { code: text("code"), description: text("description") });
                    }
                    _ => {}
                }
            }
        })
        .await
    }

    /// Asks to play `name` and reads nothing of what comes.
    ///
    /// # Errors
    /// When the socket is closed.
    pub async fn play(&mut self, name: &str) -> Result<()> {
        self.command(0, &[Amf::text("createStream"), Amf::Number(2.0), Amf::Null]).await?;
        self.command(1, &[Amf::text("play"), Amf::Number(3.0), Amf::Null, Amf::text(name)]).await
    }

    /// Connects, opens `live` and asks to publish `key`; what a publisher does.
    ///
    /// # Errors
    /// When the server does not speak RTMP.
    pub async fn publishing(server: SocketAddr, key: &str) -> Result<(Self, Answer)> {
        let mut client = Self::connect(server).await?;
        client.open_app("live").await?;
        let answer = client.publish(key).await?;
        Ok((client, answer))
    }

    /// Ends the publication as encoders do.
    ///
    /// # Errors
    /// When the socket is closed.
    pub async fn unpublish(&mut self) -> Result<()> {
        self.command(0, &[Amf::text("FCUnpublish"), Amf::Number(6.0), Amf::Null, Amf::text("")]).await?;
        self.command(0, &[Amf::text("deleteStream"), Amf::Number(7.0), Amf::Null, Amf::Number(1.0)]).await
    }

    /// Announces another chunk size and uses it from then on.
    ///
    /// # Errors
    /// When the socket is closed.
    pub async fn set_chunk_size(&mut self, size: u32) -> Result<()> {
        self.message(&control(kind::SET_CHUNK_SIZE, size)).await?;
        self.chunk_size = size as usize;
        Ok(())
    }

    /// Sends one message.
    ///
    /// # Errors
    /// When the socket is closed.
    pub async fn message(&mut self, message: &Message) -> Result<()> {
        let chunk_stream = match message.kind {
            kind::AUDIO => 4,
            kind::VIDEO => 6,
            kind::COMMAND => 3,
            _ => 2,
        };
        self.raw(&chunked(message, chunk_stream, self.chunk_size)).await
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// When the socket is closed.
    pub async fn raw(&mut self, bytes: &[u8]) -> Result<()> {
        within(ANSWER, "the server takes bytes", async { Ok(self.socket.write_all(bytes).await?) }).await
    }

    /// Reads until the server closes the connection.
    ///
    /// # Errors
    /// When it does not within `limit`.
    pub async fn closed(&mut self, limit: Duration) -> Result<()> {
        closed(&mut self.socket, limit).await
    }

    async fn command(&mut self, stream: u32, values: &[Amf]) -> Result<()> {
        let payload = amf::encode(values);
        self.message(&Message { kind: kind::COMMAND, stream, timestamp: 0, payload }).await
    }

    async fn next_command(&mut self) -> Result<Vec<Amf>> {
        loop {
            let message = self.reader.message(&mut self.socket).await.context("the server closed")?;
            if message.kind == kind::COMMAND {
                return Ok(amf::decode(&message.payload));
            }
        }
    }
}

/// A plain TCP connection from a given loopback address.
///
/// # Errors
/// When the server does not accept it.
pub async fn open_from(from: IpAddr, server: SocketAddr) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::new(from, 0))?;
    within(ANSWER, "the server accepts a connection", async { Ok(socket.connect(server).await?) }).await
}

/// Reads and forgets until the peer closes or resets the connection.
///
/// # Errors
/// When it does not within `limit`.
pub async fn closed(socket: &mut TcpStream, limit: Duration) -> Result<()> {
    let mut bytes = vec![0; 16 * 1024];
    within(limit, "the server closes the connection", async {
        while !matches!(socket.read(&mut bytes).await, Ok(0) | Err(_)) {}
        Ok(())
    })
    .await
}

/// A protocol control message with one number.
pub fn control(kind: u8, number: u32) -> Message {
    Message { kind, stream: 0, timestamp: 0, payload: number.to_be_bytes().to_vec() }
}
