//! The RTMP handshake (RTMP 5.2, and the digest form that Flash Player 9 brought) over `rml_rtmp`.
//!
//! Invariant: exactly 3073 bytes of the peer enter the handshake, in pieces of any size; what follows
//! belongs to the chunk stream and is never copied here. Peers with the plain and with the digest form are
//! served alike; the peer's last packet is not verified, since real encoders get its digest wrong.

use rml_rtmp::handshake::{
    Handshake as Exchange, HandshakeError as ExchangeError, HandshakeProcessResult, PeerType,
};

/// C0 + C1 + C2, or S0 + S1 + S2.
pub(crate) const PEER_BYTES: usize = 1 + 1536 + 1536;

/// The peer does not speak RTMP.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// Its first byte is not 3 (RTMP 5.2.2). HTTP and TLS clients end here.
    #[error("the peer opened with version {version}, expected RTMP version 3")]
    Version {
        /// The first byte.
        version: u8,
    },
    /// The exchange failed otherwise.
    #[error("handshake failed: {0}")]
    Exchange(String),
}

impl From<ExchangeError> for HandshakeError {
    fn from(error: ExchangeError) -> Self {
        Self::Exchange(error.to_string())
    }
}

/// A handshake under way.
pub(crate) struct Handshake {
    exchange: Exchange,
    received: usize,
}

impl Handshake {
    /// Waits for a client to begin.
    pub fn server() -> Self {
        Self { exchange: Exchange::new(PeerType::Server), received: 0 }
    }

    /// Begins as a client: also returns C0 and C1.
    pub fn client() -> (Self, Vec<u8>) {
        let mut exchange = Exchange::new(PeerType::Client);
        let opening = exchange.generate_outbound_p0_and_p1().expect("it only fills memory of its own");
        (Self { exchange, received: 0 }, opening)
    }

    /// Takes what it needs from the front of `input`, appends what the peer must get to `response` and tells
    /// whether the handshake is done.
    pub fn advance(
        &mut self,
        input: &mut &[u8],
        response: &mut impl Extend<u8>,
    ) -> Result<bool, HandshakeError> {
        if self.received == 0
            && let Some(&version) = input.first()
            && version != 3
        {
            return Err(HandshakeError::Version { version });
        }
        let (taken, rest) = input.split_at(input.len().min(PEER_BYTES - self.received));
        if taken.is_empty() {
            return Ok(false);
        }
        *input = rest;
        self.received += taken.len();
        match self.exchange.process_bytes(taken)? {
            HandshakeProcessResult::InProgress { response_bytes } => {
                response.extend(response_bytes);
                Ok(false)
            }
            HandshakeProcessResult::Completed { response_bytes, .. } => {
                response.extend(response_bytes);
                Ok(true)
            }
        }
    }

    /// Memory held while it is under way: the peer's packets and our own.
    pub const BUFFERED_BYTES: usize = PEER_BYTES + size_of::<Self>();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a handshake with pieces of `size` bytes and returns what both leave unread of two more bytes.
    fn run(size: usize) -> (Vec<u8>, Vec<u8>) {
        let (mut client, mut to_server) = Handshake::client();
        let mut server = Handshake::server();
        let (mut to_client, mut left_at_server, mut left_at_client) = (Vec::new(), Vec::new(), Vec::new());
        let (mut server_done, mut client_done) = (false, false);
        while !(server_done && client_done) {
            let sent = std::mem::take(&mut to_server);
            for mut piece in sent.chunks(size) {
                server_done = server_done || server.advance(&mut piece, &mut to_client).unwrap();
                left_at_server.extend_from_slice(piece);
            }
            let sent = std::mem::take(&mut to_client);
            for mut piece in sent.chunks(size) {
                if !client_done && client.advance(&mut piece, &mut to_server).unwrap() {
                    client_done = true;
                    to_server.extend_from_slice(&[7, 8]);
                }
                left_at_client.extend_from_slice(piece);
            }
        }
        (left_at_server, left_at_client)
    }

    #[test]
    fn pieces_of_any_size_end_with_nothing_lost() {
        for size in [1, 2, 7, 1000, 1536, 1537, 3073, 9000] {
            let (left_at_server, left_at_client) = run(size);
            assert_eq!(left_at_server, [7, 8], "what follows the handshake stays in the input, size {size}");
            assert!(left_at_client.is_empty());
        }
    }

    #[test]
    fn a_browser_is_refused_at_its_first_byte() {
        let mut response = Vec::new();
        let error = Handshake::server().advance(&mut &b"GET / HTTP/1.1"[..], &mut response).unwrap_err();
        assert!(matches!(error, HandshakeError::Version { version: b'G' }), "{error}");
        assert!(response.is_empty());
    }

    #[test]
    fn a_plain_handshake_gets_its_own_packet_back() {
        let mut server = Handshake::server();
        let mut opening = vec![3];
        opening.extend((0..1536).map(|i| if i < 8 { 0 } else { i as u8 }));
        let mut response = Vec::new();
        assert!(!server.advance(&mut &opening[..], &mut response).unwrap());
        assert_eq!(response.len(), PEER_BYTES);
        assert_eq!(response[1537..], opening[1..]);
        let echo = response[1..1537].to_vec();
        assert!(server.advance(&mut &echo[..], &mut response).unwrap());
    }
}
