//! A stand-in for a platform's RTMP ingest: records what arrives and when, and
//! misbehaves as told.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::amf::{self, Amf};
use super::chunk::{ChunkReader, Message, chunked};
use super::client::control;
use super::faulty::Reply;
use super::flv::{self, FlvWriter};
use super::kind;
use super::throttle::Throttled;
use crate::kit::port::loopback;
use crate::kit::wait::until;

/// How the stand-in treats those who publish to it.
#[derive(Clone, Default)]
pub struct Behaviour {
    /// Bytes a second that it reads at most.
    pub read_bytes_per_s: Option<u64>,
    /// Resets every connection at this age.
    pub reset_after: Option<Duration>,
    /// When it acknowledges what it read (RTMP 5.4.3).
    pub acknowledges: Acknowledges,
    /// What it does once the handshake is done.
    pub reply: Reply,
    /// The only key it accepts; another one is refused with `NetStream.Publish.BadName`.
    pub only_key: Option<String>,
    /// TLS in front.
    pub tls: Option<TlsAcceptor>,
}

/// When a receiver tells how much it has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Acknowledges {
    /// After every window that the publisher asked for (RTMP 5.4.4), as ffmpeg and nginx do.
    #[default]
    AsAsked,
    /// After every so many bytes, whatever the publisher asked for.
    Every(u64),
    /// Not at all.
    Never,
}

/// A running stand-in. Dropping it closes everything.
pub struct RtmpDestination {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Connection>>>,
    folder: TempDir,
    _tasks: JoinSet<()>,
}

/// One connection, as far as it came.
#[derive(Debug, Clone)]
pub struct Connection {
    /// When it was accepted.
    pub opened: Instant,
    /// Commands in order, with all their values; a `@setDataFrame` counts as one.
    pub commands: Vec<Vec<Amf>>,
    /// When each media message was read.
    pub arrivals: Vec<Arrival>,
    /// When it ended.
    pub closed: Option<Instant>,
}

/// One media message.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    /// When it was read to its end.
    pub at: Instant,
    /// Audio or video.
    pub kind: u8,
    /// Its timestamp in milliseconds.
    pub timestamp: u32,
    /// Whether it is a codec header.
    pub is_header: bool,
    /// Whether it is a picture that decodes alone.
    pub is_keyframe: bool,
}

impl Connection {
    /// The names of the commands, in order.
    pub fn command_names(&self) -> Vec<&str> {
        self.commands.iter().filter_map(|values| values.first().and_then(Amf::as_text)).collect()
    }

    /// The publishing name that was asked for.
    pub fn key(&self) -> Option<&str> {
        let is_publish = |values: &&Vec<Amf>| values.first().and_then(Amf::as_text) == Some("publish");
        self.commands.iter().find(is_publish)?.get(3)?.as_text()
    }

    /// A field of the `connect` command.
    pub fn connect_field(&self, name: &str) -> Option<&Amf> {
        self.commands.first()?.get(2)?.field(name)
    }
}

impl RtmpDestination {
    /// Starts one on a free port.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn start(behaviour: Behaviour) -> Result<Self> {
        Self::start_on(0, behaviour).await
    }

    /// Starts one on this port of 127.0.0.1.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn start_on(port: u16, behaviour: Behaviour) -> Result<Self> {
        let listener = TcpListener::bind(loopback(port)).await.context("listen")?;
        let address = listener.local_addr()?;
        let folder = tempfile::tempdir()?;
        let seen = Arc::default();
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, behaviour, Arc::clone(&seen), folder.path().to_owned()));
        Ok(Self { address, seen, folder, _tasks: tasks })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where to publish to, without the key.
    pub fn url(&self) -> String {
        format!("rtmp://{}/live", self.address)
    }

    /// Every connection so far, oldest first.
    pub fn connections(&self) -> Vec<Connection> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The recording of the connection with this place, from 0.
    pub fn recording(&self, place: usize) -> PathBuf {
        self.folder.path().join(format!("{place}.flv"))
    }

    /// Waits until `pick` finds what it looks for in the connections.
    ///
    /// # Errors
    /// When it does not in time.
    pub async fn sees<T>(
        &self,
        limit: Duration,
        what: &str,
        mut pick: impl FnMut(&[Connection]) -> Option<T>,
    ) -> Result<T> {
        let what = format!("the stand-in at {} sees {what}", self.address);
        let (found, _) = until(limit, &what, || {
            let found = {
                let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
                pick(&seen)
            };
            async { Ok(found) }
        })
        .await?;
        Ok(found)
    }
}

async fn accept(
    listener: TcpListener,
    behaviour: Behaviour,
    seen: Arc<Mutex<Vec<Connection>>>,
    folder: PathBuf,
) {
    let mut connections = JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        let opened = Instant::now();
        let place = {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.push(Connection { opened, commands: Vec::new(), arrivals: Vec::new(), closed: None });
            seen.len() - 1
        };
        let log = ConnectionLog { seen: Arc::clone(&seen), place };
        let recording = folder.join(format!("{place}.flv"));
        connections.spawn(serve(socket, behaviour.clone(), log, recording));
        while connections.try_join_next().is_some() {}
    }
}

/// Writes into one connection's record; marks its end when dropped.
struct ConnectionLog {
    seen: Arc<Mutex<Vec<Connection>>>,
    place: usize,
}

impl ConnectionLog {
    fn note(&self, change: impl FnOnce(&mut Connection)) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = seen.get_mut(self.place) {
            change(connection);
        }
    }
}

impl Drop for ConnectionLog {
    fn drop(&mut self) {
        self.note(|connection| connection.closed = Some(Instant::now()));
    }
}

async fn serve(socket: TcpStream, behaviour: Behaviour, log: ConnectionLog, recording: PathBuf) {
    socket.set_nodelay(true).ok();
    if behaviour.reset_after.is_some() {
        // Closing then sends RST instead of FIN.
        socket.set_zero_linger().ok();
    }
    let reset_after = behaviour.reset_after.unwrap_or(Duration::MAX);
    let conversation = async {
        match behaviour.tls.clone() {
            None => converse(socket, &behaviour, &log, recording).await,
            Some(tls) => match tls.accept(socket).await {
                Ok(socket) => converse(socket, &behaviour, &log, recording).await,
                Err(error) => Err(error.into()),
            },
        }
    };
    timeout(reset_after, conversation).await.ok();
}

async fn converse(
    socket: impl AsyncRead + AsyncWrite + Unpin,
    behaviour: &Behaviour,
    log: &ConnectionLog,
    recording: PathBuf,
) -> Result<()> {
    let mut socket = Throttled::new(socket, behaviour.read_bytes_per_s);
    if behaviour.reply == Reply::Silence {
        tokio::io::copy(&mut socket, &mut tokio::io::sink()).await?;
        return Ok(());
    }
    shake_hands(&mut socket).await?;
    if let Some(bytes) = behaviour.reply.hostile_bytes() {
        socket.write_all(&bytes).await?;
        tokio::io::copy(&mut socket, &mut tokio::io::sink()).await?;
        return Ok(());
    }
    let mut reader = ChunkReader::default();
    let mut file = FlvWriter::create(&recording)?;
    let mut window = match behaviour.acknowledges {
        Acknowledges::Every(bytes) => bytes,
        Acknowledges::AsAsked | Acknowledges::Never => u64::MAX,
    };
    let mut acknowledged = 0;
    loop {
        let message = reader.message(&mut socket).await?;
        let read = socket.read_bytes();
        if read - acknowledged >= window {
            acknowledged = read;
            send(&mut socket, &control(kind::ACKNOWLEDGEMENT, read as u32)).await?;
        }
        match message.kind {
            kind::WINDOW_SIZE if behaviour.acknowledges == Acknowledges::AsAsked => {
                let asked = message.payload.first_chunk().map(|bytes| u32::from_be_bytes(*bytes));
                window = asked.map_or(window, u64::from);
            }
            kind::COMMAND => {
                let values = amf::decode(&message.payload);
                log.note(|connection| connection.commands.push(values.clone()));
                answer(&mut socket, &values, behaviour).await?;
            }
            kind::DATA => {
                log.note(|connection| connection.commands.push(amf::decode(&message.payload)));
                file.write(&message)?;
            }
            kind::AUDIO | kind::VIDEO => {
                log.note(|connection| connection.arrivals.push(arrival(&message)));
                file.write(&message)?;
            }
            _ => {}
        }
    }
}

fn arrival(message: &Message) -> Arrival {
    Arrival {
        at: Instant::now(),
        kind: message.kind,
        timestamp: message.timestamp,
        is_header: flv::is_header(message),
        is_keyframe: flv::is_keyframe(message),
    }
}

async fn shake_hands(socket: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> Result<()> {
    let mut hello = vec![0; 1537];
    socket.read_exact(&mut hello).await?;
    let mut answer = vec![0; 1537];
    answer[0] = 3;
    answer.extend(&hello[1..]);
    socket.write_all(&answer).await?;
    socket.flush().await?;
    let mut echo = vec![0; 1536];
    socket.read_exact(&mut echo).await?;
    Ok(())
}

async fn answer(
    socket: &mut (impl AsyncRead + AsyncWrite + Unpin),
    values: &[Amf],
    behaviour: &Behaviour,
) -> Result<()> {
    let name = values.first().and_then(Amf::as_text).unwrap_or_default();
    let number = Amf::Number(values.get(1).and_then(Amf::as_number).unwrap_or_default());
    match name {
        "connect" => {
            send(socket, &control(kind::WINDOW_SIZE, 2_500_000)).await?;
            let properties = Amf::Object(vec![("fmsVer".into(), Amf::text("FMS/3,0,1,123"))]);
            let status = status("status", "NetConnection.Connect.Success", "Connection succeeded.");
            command(socket, 0, &[Amf::text("_result"), number, properties, status]).await
        }
        "createStream" => {
            command(socket, 0, &[Amf::text("_result"), number, Amf::Null, Amf::Number(1.0)]).await
        }
        "publish" => {
            let key = values.get(3).and_then(Amf::as_text).unwrap_or_default();
            let is_echoed = behaviour.reply == Reply::EchoesKey;
            let is_refused = is_echoed || behaviour.only_key.as_deref().is_some_and(|only| only != key);
            let status = if is_echoed {
                status("error", "NetStream.Publish.BadName", &format!("The key {key} is not known here."))
            } else if is_refused {
                status("error", "NetStream.Publish.BadName", "The key is not known here.")
            } else {
                status("status", "NetStream.Publish.Start", "Publishing.")
            };
            command(socket, 1, &[Amf::text("onStatus"), Amf::Number(0.0), Amf::Null, status]).await?;
            if is_refused {
                bail!("the key was refused");
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn status(level: &str, code: &str, description: &str) -> Amf {
    Amf::Object(vec![
        ("level".into(), Amf::text(level)),
        ("code".into(), Amf::text(code)),
        ("description".into(), Amf::text(description)),
    ])
}

async fn command(socket: &mut (impl AsyncWrite + Unpin), stream: u32, values: &[Amf]) -> Result<()> {
    let payload = amf::encode(values);
    send(socket, &Message { kind: kind::COMMAND, stream, timestamp: 0, payload }).await
}

async fn send(socket: &mut (impl AsyncWrite + Unpin), message: &Message) -> Result<()> {
    let chunk_stream = if message.kind == kind::COMMAND { 3 } else { 2 };
    socket.write_all(&chunked(message, chunk_stream, 128)).await?;
    socket.flush().await?;
    Ok(())
}
