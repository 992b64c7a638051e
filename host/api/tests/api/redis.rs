//! A private Redis that ends with the test process.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use neustream_api::RedisUrl;
use tempfile::TempDir;

const INSTALL: &str = "apt-get update && apt-get install -y redis-server";

/// Waits for the end of its standard input, which is a pipe held by the test process: however that process ends, the
/// server stops.
const KEEPER: &str = r#"
redis-server --port "$1" --bind 127.0.0.1 --dir "$2" --save '' --appendonly no --daemonize no </dev/null &
server=$!
exec 3<&0
( read -r _ <&3; kill -KILL "$server" ) >/dev/null 2>&1 &
wait "$server"
"#;

/// A Redis server of a test.
pub struct Redis {
    port: u16,
    folder: TempDir,
    keeper: Option<Child>,
}

impl Redis {
    /// A server on a free port.
    ///
    /// # Panics
    /// When it does not start; the message says what to install.
    pub fn start() -> Self {
        let is_there = |folder: &str| Path::new(folder).join("redis-server").exists();
        let paths = std::env::var("PATH").unwrap_or_default();
        assert!(paths.split(':').any(is_there), "Redis is missing; install it with: {INSTALL}");
        let folder = tempfile::tempdir().unwrap();
        // Another process may take the free port before the server does.
        for _ in 0..5 {
            let port = free_port();
            if let Some(keeper) = start(port, folder.path()) {
                return Self { port, folder, keeper: Some(keeper) };
            }
        }
        panic!("Redis does not start on a free port");
    }

    /// Where it answers.
    pub fn url(&self) -> RedisUrl {
        format!("redis://127.0.0.1:{}", self.port).parse().unwrap()
    }

    /// Kills it; everything it knew is lost.
    pub fn kill(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            keeper.wait().unwrap();
        }
    }

    /// Starts it again where it was.
    pub fn start_again(&mut self) {
        self.keeper = Some(start(self.port, self.folder.path()).expect("the port is still free"));
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

fn start(port: u16, folder: &Path) -> Option<Child> {
    let mut keeper = Command::new("sh")
        .args(["-c", KEEPER, "sh", &port.to_string()])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(keeper.stdout.take().unwrap());
    let mut line = String::new();
    while log.read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
        if line.contains("Ready to accept connections") {
            // The server must never wait for a reader of its log.
            std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
            return Some(keeper);
        }
        line.clear();
    }
    drop(keeper.stdin.take());
    keeper.wait().unwrap();
    None
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
