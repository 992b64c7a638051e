//! The server around the router, over real sockets.

use std::net::SocketAddr;

use neustream_api::{ApiSettings, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::kit::TestApi;

async fn started() -> (TestApi, SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    let api = TestApi::on_sqlite(ApiSettings { metrics_public: false, ..ApiSettings::default() }).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let serving = tokio::spawn(serve(listener, api.router.clone(), async {
        let _ = stopped.await;
    }));
    (api, address, stop, serving)
}

#[tokio::test]
async fn requests_are_served_and_a_stop_ends_idle_connections() {
    let (_api, address, stop, serving) = started().await;
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut answer = vec![0; 4096];
    let read = client.read(&mut answer).await.unwrap();
    assert!(String::from_utf8_lossy(&answer[..read]).starts_with("HTTP/1.1 200 OK\r\n"));

    stop.send(()).unwrap();
    serving.await.unwrap();
    assert_eq!(client.read(&mut answer).await.unwrap(), 0, "the idle connection is closed");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_client_that_never_ends_its_head_is_closed() {
    let (_api, address, _stop, _serving) = started().await;
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ").await.unwrap();
    // From here on there is nothing to do but wait, and the paused clock runs ahead to the time limit.
    tokio::time::pause();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.unwrap();
    assert!(!String::from_utf8_lossy(&answer).contains("200 OK"));
}

#[tokio::test]
async fn what_is_not_http_is_closed() {
    let (_api, address, _stop, _serving) = started().await;
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(&[3; 4096]).await.unwrap();
    let mut answer = Vec::new();
    // Closed, by an end or by a reset.
    let _ = client.read_to_end(&mut answer).await;
    assert!(!String::from_utf8_lossy(&answer).contains("200 OK"));
}
