//! localstripe (PyPI): a Stripe that others wrote, behind TLS.
//!
//! It has PaymentIntents and refunds, and no Checkout Sessions.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::super::port::loopback;
use super::super::program::Program;
use super::super::tool::localstripe_python;

/// Serves on a free port of loopback, which it prints, and keeps its books in memory.
const SERVE: &str = "
import socket
from aiohttp import web
from localstripe import server
server.store.dump_to_disk = lambda: None
listener = socket.socket()
listener.bind(('127.0.0.1', 0))
print('listening on', listener.getsockname()[1], flush=True)
web.run_app(server.app, sock=listener, print=None)
";

/// A running localstripe. Dropping it ends it.
pub struct LocalStripe {
    plain: SocketAddr,
    tls: SocketAddr,
    _program: Program,
    _tasks: JoinSet<()>,
}

impl LocalStripe {
    /// Starts it, with TLS in front.
    ///
    /// # Errors
    /// When it is not installed (the message says how) or does not start.
    pub async fn start(tls: TlsAcceptor) -> Result<Self> {
        let mut command = Command::new(localstripe_python()?);
        command.args(["-c", SERVE]);
        let mut program = Program::start("localstripe", command)?;
        let port = |line: &str| line.strip_prefix("listening on ")?.trim().parse().ok();
        let plain = loopback(program.line(Duration::from_secs(30), "its port", port).await?);
        let listener = TcpListener::bind(loopback(0)).await?;
        let address = listener.local_addr()?;
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let acceptor = tls.clone();
                connections.spawn(async move {
                    let Ok(mut secure) = acceptor.accept(socket).await else { return };
                    let Ok(mut server) = TcpStream::connect(plain).await else { return };
                    // Either side may end it as it likes.
                    let _ended = copy_bidirectional(&mut secure, &mut server).await;
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { plain, tls: address, _program: program, _tasks: tasks })
    }

    /// Where it speaks TLS.
    pub fn address(&self) -> SocketAddr {
        self.tls
    }

    /// Where it speaks plain HTTP, for what the payer and the platform do.
    pub fn plain(&self) -> SocketAddr {
        self.plain
    }
}
