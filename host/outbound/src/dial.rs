//! TCP to the first of the checked addresses that answers.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::OutboundError;

/// How long one address is alone before the next is tried beside it (RFC 8305 5).
const STAGGER: Duration = Duration::from_millis(250);

/// Dials `addresses` in order, a new one whenever the last failed or stayed silent for [`STAGGER`]; the first
/// connection wins and the other attempts end with it. There is no time limit here: the caller has one.
pub(crate) async fn dial(host: &str, addresses: &[SocketAddr]) -> Result<TcpStream, OutboundError> {
    let mut waiting = addresses.iter().copied();
    let mut attempts = JoinSet::new();
    let mut failure = None;
    loop {
        if let Some(address) = waiting.next() {
            attempts.spawn(async move { (address, TcpStream::connect(address).await) });
        }
        let next_turn = async {
            if waiting.len() == 0 {
                std::future::pending::<()>().await;
            } else {
                tokio::time::sleep(STAGGER).await;
            }
        };
        tokio::select! {
            attempt = attempts.join_next() => match attempt {
                Some(Ok((_, Ok(stream)))) => {
                    // Media and requests are written in whole pieces; waiting to fill a segment only delays them.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Some(Ok((address, Err(error)))) => failure = Some(connect_error(host, address, &error)),
                Some(Err(_)) => {}
                None => {
                    return Err(failure.unwrap_or_else(|| OutboundError::DnsFailed {
                        host: host.to_owned(),
                        detail: "no address".to_owned(),
                    }));
                }
            },
            () = next_turn => {}
        }
    }
}

fn connect_error(host: &str, address: SocketAddr, error: &io::Error) -> OutboundError {
    let host = host.to_owned();
    match error.kind() {
        io::ErrorKind::ConnectionRefused => OutboundError::ConnectRefused { host, address },
        kind => OutboundError::ConnectFailed { host, address, kind },
    }
}
