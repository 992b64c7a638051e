//! Ports of this machine: which are free, which are listened on.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result};

use super::wait::until;

/// A port of 127.0.0.1 that was free a moment ago, for programs that cannot take port 0.
///
/// # Errors
/// When the machine has no free port.
pub fn free_port() -> Result<u16> {
    let socket = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("a free port")?;
    Ok(socket.local_addr()?.port())
}

/// Waits until someone listens on `port`, without connecting to it.
///
/// # Errors
/// When nobody does in time.
pub async fn listened_on(port: u16, who: &str) -> Result<()> {
    let what = format!("{who} listens on port {port}");
    until(Duration::from_secs(15), &what, || async { Ok(is_listened_on(port).then_some(())) }).await?;
    Ok(())
}

/// Waits until nobody listens on `port` any more.
///
/// # Errors
/// When somebody still does in the end.
pub async fn given_back(port: u16) -> Result<()> {
    let what = format!("port {port} is given back");
    until(Duration::from_secs(15), &what, || async { Ok((!is_listened_on(port)).then_some(())) }).await?;
    Ok(())
}

/// How many connections to `port` the listening side holds open.
pub fn connections_to(port: u16) -> usize {
    const ESTABLISHED: &str = "01";
    sockets_at(port).filter(|state| state == ESTABLISHED).count()
}

/// Whether someone listens on `port`.
fn is_listened_on(port: u16) -> bool {
    const LISTEN: &str = "0A";
    sockets_at(port).any(|state| state == LISTEN)
}

/// The states of the sockets whose own port is `port`, from the kernel's table.
fn sockets_at(port: u16) -> impl Iterator<Item = String> {
    let suffix = format!(":{port:04X}");
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].into_iter();
    let lines = tables.flat_map(|table| {
        let text = std::fs::read_to_string(table).unwrap_or_default();
        text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    });
    lines.filter_map(move |line| {
        let mut columns = line.split_whitespace().skip(1);
        let is_here = columns.next().is_some_and(|local| local.ends_with(&suffix));
        columns.nth(1).filter(|_| is_here).map(str::to_owned)
    })
}

/// `127.0.0.1:port`.
pub fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// Raises this process's limit of open files, and with it that of the programs it starts.
///
/// # Errors
/// When the hard limit is lower and may not be raised.
pub fn allow_open_files(wanted: u64) -> Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let now = getrlimit(Resource::Nofile);
    if now.current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    let maximum = now.maximum.map(|maximum| maximum.max(wanted));
    setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum })
        .with_context(|| format!("allow {wanted} open files"))
}
