//! `cargo xtask demo`: the whole chain on one machine.
//!
//! A test pattern with sound is published over RTMP, Neustream relays it to two local RTMP receivers and packs
//! it for the browser. Everything starts from an empty data folder (`target/demo`) and ends with Ctrl-C.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::command::{announce, command};
use crate::demo_api::Api;
use crate::{run, setup, workspace};

/// The account that the demo creates.
const EMAIL: &str = "demo@example.com";

/// Longest that the server may take from its start to its addresses.
const START: Duration = Duration::from_secs(30);

/// Pause before a program that ended is started again.
const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// Something that ends the demo or one of its programs.
enum Event {
    Signal,
    ServerEnded,
}

/// Addresses that the server prints when it serves.
#[derive(Default)]
struct Addresses {
    dashboard: Option<String>,
    rtmp: Option<String>,
    set_up: Option<String>,
}

/// Builds everything, runs the demo and returns after Ctrl-C.
pub fn run_demo() -> Result<()> {
    setup::ffmpeg_for("The demo's test pattern and receivers")?;
    run::build_server("dev")?;

    let (events, ended) = mpsc::channel();
    notify_signals(events.clone())?;
    let (mut server, addresses) = start_server(events)?;
    let result = play(&addresses, &ended);
    stop(&mut server);
    result
}

/// Sets up the account and runs publisher and receivers until the demo ends.
fn play(addresses: &Addresses, ended: &Receiver<Event>) -> Result<()> {
    let dashboard = addresses.dashboard.as_deref().context("the server printed no dashboard address")?;
    let rtmp = addresses.rtmp.as_deref().context("the server printed no RTMP address")?;
    let set_up = addresses.set_up.as_deref().context("the server printed no set-up link")?;
    let receivers = [free_port()?, free_port()?].map(|port| format!("rtmp://127.0.0.1:{port}/live"));
    let password = random_password()?;
    let source = create(dashboard, set_up, &password, &receivers)?;

    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for receiver in &receivers {
            scope.spawn(|| keep_running(|| receive(receiver), &is_over));
        }
        scope.spawn(|| keep_running(|| publish(&format!("{rtmp}/{}", source.stream_key)), &is_over));
        println!(
            "\nThe demo runs. Ctrl-C ends it.\n\n\
             Player:     {dashboard}/watch/{}\n\
             Dashboard:  {dashboard}/\n\
             Login:      {EMAIL}\n\
             Password:   {password}\n",
            source.playback_id,
        );
        let event = ended.recv();
        is_over.store(true, Ordering::Release);
        match event {
            Ok(Event::ServerEnded) => bail!("the server ended by itself; its last lines say why"),
            Ok(Event::Signal) | Err(_) => Ok(()),
        }
    })
}

/// What the demo publishes to.
struct Source {
    stream_key: String,
    playback_id: String,
}

/// Creates account, source and destinations.
fn create(dashboard: &str, set_up: &str, password: &str, receivers: &[String]) -> Result<Source> {
    let address = dashboard.trim_start_matches("http://").trim_end_matches('/');
    let token = set_up.split_once("token=").context("the set-up link carries no token")?.1;
    let mut api = Api::at(address);
    let account = json!({ "token": token, "email": EMAIL, "password": password, "display_name": "Demo" });
    let session = api.post("/api/auth/setup", &account)?;
    api.authorize(text(&session, "token")?);
    let created = api.post("/api/sources", &json!({ "name": "Test pattern" }))?;
    let source = &created["source"];
    let id = text(source, "id")?;
    for (index, receiver) in receivers.iter().enumerate() {
        let destination = json!({
            "plugin": "neustream/custom-rtmp",
            "name": format!("Local receiver {}", index + 1),
            "config": { "rtmp_url": receiver },
            "secrets": { "stream-key": "demo" },
        });
        api.post(&format!("/api/sources/{id}/destinations"), &destination)?;
    }
    Ok(Source {
        stream_key: text(source, "stream_key")?.to_owned(),
        playback_id: text(source, "playback_id")?.to_owned(),
    })
}

/// Starts the server on an empty data folder and waits for its addresses.
fn start_server(events: Sender<Event>) -> Result<(Child, Addresses)> {
    let data = workspace::target_dir().join("demo");
    if data.exists() {
        fs::remove_dir_all(&data).with_context(|| format!("cannot empty {}", data.display()))?;
    }
    fs::create_dir_all(&data).with_context(|| format!("cannot create {}", data.display()))?;
    announce("starting neustream");
    let mut server = in_own_group(&mut command(workspace::server_binary("debug")))
        .arg("serve")
        .env("NEUSTREAM_DATA_DIR", &data)
        .env("NEUSTREAM_ALLOW_PRIVATE_NETWORKS", "true")
        .env("NEUSTREAM_LOG", env::var_os("NEUSTREAM_LOG").unwrap_or_else(|| "warn".into()))
        .stdout(Stdio::piped())
        .spawn()
        .context("neustream cannot be started")?;
    let output = server.stdout.take().expect("the output is piped");
    let (found, addresses) = mpsc::channel();
    thread::spawn(move || watch_output(output, &found, &events));
    let Ok(addresses) = addresses.recv_timeout(START) else {
        stop(&mut server);
        bail!("the server printed no addresses; its last lines say why");
    };
    Ok((server, addresses))
}

/// Shows what the server prints, sends its addresses when they are complete, and tells when it ends.
fn watch_output(output: ChildStdout, found: &Sender<Addresses>, events: &Sender<Event>) {
    let mut addresses = Some(Addresses::default());
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        println!("{line}");
        if let Some(known) = &mut addresses {
            read_address(&line, known);
        }
        let is_complete =
            |known: &Addresses| known.dashboard.is_some() && known.rtmp.is_some() && known.set_up.is_some();
        if addresses.as_ref().is_some_and(is_complete)
            && let Some(addresses) = addresses.take()
        {
            // Nobody listens any more when the start took too long.
            let _ = found.send(addresses);
        }
    }
    // The demo may be over already.
    let _ = events.send(Event::ServerEnded);
}

/// Reads `Dashboard: http://...`, `RTMP: rtmp://...` and `Set up: http://...`.
fn read_address(line: &str, addresses: &mut Addresses) {
    let Some((name, value)) = line.trim().split_once(':') else { return };
    let value = Some(value.trim().trim_end_matches('/').to_owned());
    match name {
        "Dashboard" => addresses.dashboard = value,
        "RTMP" => addresses.rtmp = value,
        "Set up" => addresses.set_up = value,
        _ => {}
    }
}

/// A receiver that takes one publisher and throws its frames away.
fn receive(url: &str) -> Command {
    let mut ffmpeg = ffmpeg();
    ffmpeg.args(["-listen", "1", "-i", &format!("{url}/demo"), "-c", "copy", "-f", "null", "-"]);
    ffmpeg
}

/// A moving picture with a clock in it and a tone, one keyframe a second.
fn publish(url: &str) -> Command {
    let mut ffmpeg = ffmpeg();
    ffmpeg.args(["-re", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30"]);
    ffmpeg.args(["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"]);
    ffmpeg.args(["-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"]);
    ffmpeg.args(["-b:v", "2500k", "-g", "30", "-c:a", "aac", "-b:a", "128k", "-f", "flv", url]);
    ffmpeg
}

fn ffmpeg() -> Command {
    let mut ffmpeg = command("ffmpeg");
    ffmpeg
        .args(["-hide_banner", "-loglevel", "error", "-nostdin"])
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    ffmpeg
}

/// Runs a program again and again until the demo is over.
fn keep_running(program: impl Fn() -> Command, is_over: &AtomicBool) {
    while !is_over.load(Ordering::Acquire) {
        let Ok(mut child) = in_own_group(&mut program()).spawn() else { return };
        while !is_over.load(Ordering::Acquire) && matches!(child.try_wait(), Ok(None)) {
            thread::sleep(RESTART_PAUSE / 10);
        }
        stop(&mut child);
        if !is_over.load(Ordering::Acquire) {
            thread::sleep(RESTART_PAUSE);
        }
    }
}

/// Asks a program to end and waits for it.
fn stop(child: &mut Child) {
    if matches!(child.try_wait(), Ok(None)) {
        // It may have ended in this very moment, which is as good.
        let _ = kill_process(Pid::from_child(child), Signal::TERM);
        let _ = child.wait();
    }
}

/// Keeps the terminal's Ctrl-C away from a child: the demo ends its children itself, in order.
fn in_own_group(command: &mut Command) -> &mut Command {
    use std::os::unix::process::CommandExt;
    command.process_group(0)
}

fn notify_signals(events: Sender<Event>) -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("signals cannot be handled")?;
    thread::spawn(move || {
        for _ in signals.forever() {
            // Nobody listens when the demo has not begun yet; then the process ends by itself.
            if events.send(Event::Signal).is_err() {
                std::process::exit(130);
            }
        }
    });
    Ok(())
}

/// A port of this machine that is free now.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no free port on this machine")?;
    Ok(listener.local_addr()?.port())
}

/// 120 random bits in hexadecimal.
fn random_password() -> Result<String> {
    let mut random = [0u8; 15];
    fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut random))
        .context("the system gives no random bytes")?;
    Ok(hex::encode(random))
}

fn text<'a>(value: &'a Value, field: &str) -> Result<&'a str> {
    value[field].as_str().with_context(|| format!("the server's answer has no {field}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_are_read_as_the_server_prints_them() {
        let mut addresses = Addresses::default();
        for line in [
            "Dashboard: http://127.0.0.1:3000/",
            "RTMP:      rtmp://127.0.0.1:1935/live",
            "Set up:    http://127.0.0.1:3000/setup?token=abc",
            "2026-11-20T05:00:00Z INFO serving",
        ] {
            read_address(line, &mut addresses);
        }
        assert_eq!(addresses.dashboard.as_deref(), Some("http://127.0.0.1:3000"));
        assert_eq!(addresses.rtmp.as_deref(), Some("rtmp://127.0.0.1:1935/live"));
        assert_eq!(addresses.set_up.as_deref(), Some("http://127.0.0.1:3000/setup?token=abc"));
    }
}
