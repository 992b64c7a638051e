//! The programs that tests need, or the exact line that installs them.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};

/// The line that installs everything from Debian that the tests use.
const APT: &str = "apt-get update && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y \
    --no-install-recommends ffmpeg nginx libnginx-mod-rtmp chromium postgresql nodejs npm python3-pip";

/// The folder that cargo builds into: this test's executable lies in `<target>/<profile>/deps`.
///
/// # Errors
/// When the test does not run from a cargo target folder.
pub fn target_profile_dir() -> Result<PathBuf> {
    let executable = env::current_exe().context("the test's own path")?;
    let deps = executable.parent().context("the test's own folder")?;
    let profile = if deps.ends_with("deps") { deps.parent() } else { Some(deps) };
    profile.map(Path::to_path_buf).context("the folder above deps/")
}

/// The folder of this crate's sources.
pub fn tests_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The folder of the whole workspace.
pub fn workspace_dir() -> PathBuf {
    let tests = tests_dir();
    tests.parent().map_or(tests.clone(), Path::to_path_buf)
}

/// The authors' command, `neustream-plugin`, that cargo built beside this test.
///
/// # Errors
/// When it was not built; the message is the line that builds it.
pub fn plugin_command() -> Result<PathBuf> {
    let path = target_profile_dir()?.join("neustream-plugin");
    let is_built = path.is_file();
    is_built
        .then_some(path)
        .context("neustream-plugin is missing; build it with: cargo build -p neustream-plugin-cli")
}

/// Debian's ffmpeg: publishes, receives, plays.
///
/// # Errors
/// When it is not installed.
pub fn ffmpeg() -> Result<PathBuf> {
    on_path("ffmpeg")
}

/// Debian's ffprobe.
///
/// # Errors
/// When it is not installed.
pub fn ffprobe() -> Result<PathBuf> {
    on_path("ffprobe")
}

/// nginx, for private instances.
///
/// # Errors
/// When it is not installed.
pub fn nginx() -> Result<PathBuf> {
    on_path("nginx")
}

/// nginx's RTMP module.
///
/// # Errors
/// When it is not installed.
pub fn nginx_rtmp_module() -> Result<PathBuf> {
    existing(Path::new("/usr/lib/nginx/modules/ngx_rtmp_module.so"))
}

/// The browser.
///
/// # Errors
/// When it is not installed.
pub fn chromium() -> Result<PathBuf> {
    on_path("chromium")
}

/// Node.js, which drives the browser and the Socket.IO client.
///
/// # Errors
/// When it is not installed.
pub fn node() -> Result<PathBuf> {
    on_path("node")
}

/// A current ffmpeg (8 or later), which speaks enhanced RTMP: `NEUSTREAM_TEST_FFMPEG9`, or the one of PyPI's
/// `imageio-ffmpeg` that `cargo xtask test` fetches, or that of the system's Python.
///
/// # Errors
/// When there is none; the message is the line that fetches it.
pub fn current_ffmpeg() -> Result<PathBuf> {
    if let Some(path) = env::var_os("NEUSTREAM_TEST_FFMPEG9") {
        return existing(Path::new(&path));
    }
    let fetched = target_profile_dir()?.with_file_name("xtask").join("python/bin/python");
    let locate = ["-c", "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())"];
    [fetched.as_path(), Path::new("python3")]
        .iter()
        .filter_map(|python| Command::new(python).args(locate).output().ok())
        .find(|output| output.status.success())
        .map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
        .context("a current ffmpeg is missing; fetch it with: python3 -m pip install imageio-ffmpeg")
}

/// A Python that has localstripe, a Stripe to test against: `NEUSTREAM_TEST_LOCALSTRIPE_PYTHON`, or the one that
/// `cargo xtask setup` makes, or that of the system.
///
/// # Errors
/// When there is none; the message is the line that fetches it.
pub fn localstripe_python() -> Result<PathBuf> {
    if let Some(path) = env::var_os("NEUSTREAM_TEST_LOCALSTRIPE_PYTHON") {
        return existing(Path::new(&path));
    }
    python_with("localstripe")
}

/// A Python that has `module`: the one that `cargo xtask setup` makes, or that of the system.
///
/// # Errors
/// When there is none; the message is the line that fetches it.
pub fn python_with(module: &str) -> Result<PathBuf> {
    let fetched = target_profile_dir()?.with_file_name("xtask").join("python/bin/python");
    let has_it = |python: &PathBuf| {
        let output = Command::new(python).args(["-c", &format!("import {module}")]).output();
        output.is_ok_and(|output| output.status.success())
    };
    let found = [fetched, PathBuf::from("python3")].into_iter().find(has_it);
    found.with_context(|| {
        format!("{module} is missing; fetch it with: cargo xtask setup (or python3 -m pip install {module})")
    })
}

/// A file of PostgreSQL's own folder, such as `initdb`, of the newest version installed.
///
/// # Errors
/// When PostgreSQL is not installed.
pub fn postgres(name: &str) -> Result<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut found: Vec<PathBuf> = versions
        .filter_map(|entry| Some(entry.ok()?.path().join("bin").join(name)))
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    found.pop().ok_or_else(|| missing(name))
}

fn on_path(name: &str) -> Result<PathBuf> {
    let folders = env::var_os("PATH").unwrap_or_default();
    let more = ["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from);
    env::split_paths(&folders)
        .chain(more)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
        .ok_or_else(|| missing(name))
}

fn existing(path: &Path) -> Result<PathBuf> {
    if path.is_file() { Ok(path.to_path_buf()) } else { Err(missing(&path.display().to_string())) }
}

fn missing(name: &str) -> anyhow::Error {
    anyhow!("`{name}` is missing; install what the tests need with: {APT}")
}
