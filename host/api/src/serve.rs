//! The HTTP server: sockets around the router, bounded in number and in time.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower::ServiceExt;

/// Connections at a time; the others wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 10_000;
/// A client that has not sent its request's head by then is closed; so is an idle one.
const HEADER_TIMEOUT: Duration = Duration::from_secs(20);
/// The head of a request, at most.
const MAX_HEAD_BYTES: usize = 32 * 1024;
/// A client that takes nothing of an answer for so long is closed (`TCP_USER_TIMEOUT`).
#[cfg(target_os = "linux")]
const STALL_TIMEOUT: Duration = Duration::from_secs(30);
/// Requests that run when the host stops get so long.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
/// After the system refused a connection (no file descriptors are left), before the next try.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves `router` on `listener` until `stop` completes, then lets running requests end (at most 5 seconds).
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let (running, stopping) = watch::channel(());
    let seats = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &seats) => accepted,
        };
        match accepted {
            Ok((stream, peer, seat)) => {
                let (router, stopping) = (router.clone(), stopping.clone());
                tokio::spawn(async move {
                    converse(stream, peer, router, stopping).await;
                    drop(seat);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop((listener, stopping));
    // Told to every connection; each drops its receiver when it is done.
    let _ = running.send(());
    if tokio::time::timeout(DRAIN_TIMEOUT, running.closed()).await.is_err() {
        tracing::info!("some requests did not end in time");
    }
}

async fn accept(
    listener: &TcpListener,
    seats: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let seat = seats.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    // Small answers must not wait for more; without it they come a little later.
    let _ = stream.set_nodelay(true);
    // A peer that vanished, or that keeps its window shut, gives its place back.
    #[cfg(target_os = "linux")]
    let _ = socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(STALL_TIMEOUT));
    Ok((stream, peer, seat))
}

/// One connection, from its first request to its last.
async fn converse(stream: TcpStream, peer: SocketAddr, router: Router, mut stopping: watch::Receiver<()>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    // A client that vanishes or speaks something else is its own problem: errors of the connection end it, no more.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopping.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
