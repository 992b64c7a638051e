//! What runs beside the server: the compiler of plugins, their folder, ffmpeg.

use std::ffi::OsString;
use std::process::Stdio;
use std::time::{Duration, Instant};

use neustream_plugin_wasm::Compiler;
use tokio::process::Command;

use super::Check;
use crate::admin::Place;
use crate::bundled;

const TOOL: Duration = Duration::from_secs(10);
/// What most encoders send and most platforms take.
const CODECS: [&str; 4] = ["h264", "hevc", "av1", "aac"];

/// Whether plugins can be compiled: in a child process, within limits that this system must know.
pub async fn plugin_runtime() -> Check {
    let name = "plugins";
    let compiler = match Compiler::this_program(vec![OsString::from("compile-plugin")]) {
        Ok(compiler) => compiler,
        Err(error) => {
            return Check::problem(name, format!("this program's path is not known: {error}"), "mount /proc");
        }
    };
    let began = Instant::now();
    match compiler.probe().await {
        Err(error) => Check::problem(
            name,
            format!("none can be compiled: {error}"),
            "let the server start a process of itself with limits (setrlimit) and 512 MiB of memory",
        ),
        Ok(()) if bundled::count() == 0 => Check::warning(
            name,
            "they can be compiled, but none is built into this program",
            "build it with `cargo xtask run`, or set `plugin_dir`",
        ),
        Ok(()) => Check::ok(
            name,
            format!(
                "{} are built in; the compiler answers in {} ms",
                bundled::count(),
                began.elapsed().as_millis()
            ),
        ),
    }
}

/// The operator's own plugins.
pub fn plugin_folder(place: &Place) -> Option<Check> {
    let name = "plugin folder";
    let folder = place.config.plugin_dir.as_ref()?;
    Some(match std::fs::read_dir(folder) {
        Ok(entries) => {
            let is_plugin = |path: &std::path::Path| path.extension().is_some_and(|end| end == "wasm");
            let count = entries.filter_map(Result::ok).filter(|entry| is_plugin(&entry.path())).count();
            Check::ok(name, format!("{count} in {}", folder.display()))
        }
        Err(error) => Check::problem(
            name,
            format!("{} cannot be read: {error}", folder.display()),
            "set `plugin_dir` to a folder that the server's user reads",
        ),
    })
}

/// Streams are relayed without it; test pictures and transcoding are its work.
pub async fn ffmpeg() -> Check {
    let name = "codecs";
    let missing = |found: String| {
        Check::warning(
            name,
            found,
            "install ffmpeg with H.264 and AAC, such as Debian's package ffmpeg; relaying needs none",
        )
    };
    let Some(version) = output(&["-hide_banner", "-version"]).await else {
        return missing("ffmpeg is not on the PATH".to_owned());
    };
    let version = version.split_whitespace().nth(2).unwrap_or("of an unknown version").to_owned();
    let Some(codecs) = output(&["-hide_banner", "-codecs"]).await else {
        return missing(format!("ffmpeg {version} does not list its codecs"));
    };
    let can = |flag: usize, codec: &str| {
        codecs.lines().any(|line| {
            let mut words = line.split_whitespace();
            let flags = words.next().unwrap_or_default();
            words.next() == Some(codec) && flags.as_bytes().get(flag).is_some_and(|letter| *letter != b'.')
        })
    };
    let cannot: Vec<&str> = CODECS.iter().copied().filter(|codec| !can(0, codec)).collect();
    let cannot_encode: Vec<&str> = ["h264", "aac"].into_iter().filter(|codec| !can(1, codec)).collect();
    if cannot.is_empty() && cannot_encode.is_empty() {
        return Check::ok(name, format!("ffmpeg {version} reads {} and writes h264, aac", CODECS.join(", ")));
    }
    missing(format!(
        "ffmpeg {version} does not read [{}] and does not write [{}]",
        cannot.join(", "),
        cannot_encode.join(", ")
    ))
}

async fn output(arguments: &[&str]) -> Option<String> {
    let ask = Command::new("ffmpeg").args(arguments).stdin(Stdio::null()).kill_on_drop(true).output();
    let output = tokio::time::timeout(TOOL, ask).await.ok()?.ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
