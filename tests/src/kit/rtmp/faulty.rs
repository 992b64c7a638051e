//! Places that are no good to publish to: closed ports, black holes, hostile answers.

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;

use super::amf::{self, Amf};
use super::chunk::{Message, chunked};
use super::client::control;
use super::kind;
use crate::kit::port::{free_port, loopback};

/// How commands are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reply {
    /// As a platform does.
    #[default]
    Proper,
    /// Not even the handshake: accepts and stays silent.
    Silence,
    /// A handshake, then bytes that are not RTMP.
    Garbage,
    /// A handshake, then a Set Chunk Size of 16 MiB and a message that announces as much.
    Oversized,
    /// A handshake, then objects nested ten thousand deep.
    DeepAmf,
    /// Refuses every publication and repeats the key in the refusal.
    EchoesKey,
}

impl Reply {
    /// What is sent after the handshake in place of answers; `None` where answers follow, or nothing at all.
    pub(super) fn hostile_bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Proper | Self::Silence | Self::EchoesKey => None,
            Self::Garbage => {
                Some((0..64 * 1024_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect())
            }
            Self::Oversized => {
                let mut bytes = chunked(&control(kind::SET_CHUNK_SIZE, 16 << 20), 2, 128);
                bytes.extend([3, 0, 0, 0, 0xFF, 0xFF, 0xFF, kind::COMMAND, 0, 0, 0, 0]);
                bytes.extend(vec![2; 1 << 20]);
                Some(bytes)
            }
            Self::DeepAmf => {
                let mut payload = amf::encode(&[Amf::text("_result"), Amf::Number(1.0)]);
                payload.extend([3, 0, 1, b'a'].repeat(10_000));
                let message = Message { kind: kind::COMMAND, stream: 0, timestamp: 0, payload };
                Some(chunked(&message, 3, 128))
            }
        }
    }
}

/// An address that answers no attempt to connect, as behind a firewall that drops: its queue of connections is full
/// and nobody takes from it.
pub struct BlackHole {
    listener: TcpListener,
    _queued: Vec<TcpStream>,
}

impl BlackHole {
    /// Digs one.
    ///
    /// # Errors
    /// When the kernel goes on accepting.
    pub async fn new() -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(loopback(0))?;
        let listener = socket.listen(0)?;
        let address = listener.local_addr()?;
        let mut queued = Vec::new();
        for _ in 0..16 {
            match timeout(Duration::from_millis(200), TcpStream::connect(address)).await {
                Ok(connected) => queued.push(connected?),
                Err(_) => return Ok(Self { listener, _queued: queued }),
            }
        }
        bail!("the kernel accepts more connections than its queue may hold")
    }

    /// Where to publish to, without the key.
    ///
    /// # Errors
    /// When the socket is gone.
    pub fn url(&self) -> Result<String> {
        Ok(format!("rtmp://{}/live", self.listener.local_addr()?))
    }
}

/// A port on which nobody listens.
///
/// # Errors
/// When the machine has no free port.
pub fn refusing_url() -> Result<String> {
    Ok(format!("rtmp://127.0.0.1:{}/live", free_port()?))
}
