//! What builds and tests need and cargo does not bring: the Rust target of plugins, Debian packages, a current
//! ffmpeg.
//!
//! Root on Debian or Ubuntu gets them installed; everyone else gets the exact line to run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command::{announce, command, find_program, output_of, run, run_quietly};
use crate::{pages, workspace};

/// The target of bundled plugins; wit-component turns its modules into components.
const PLUGIN_TARGET: &str = "wasm32-unknown-unknown";

/// The package of PyPI that carries a current static ffmpeg, which speaks enhanced RTMP; Debian's does not.
const CURRENT_FFMPEG: &str = "imageio-ffmpeg==0.8.1";

/// The package of PyPI that stands in for Stripe, written by others.
const LOCALSTRIPE: &str = "localstripe==1.15.10";

/// The package of PyPI that checks the types of the SDK for Python.
const MYPY: &str = "mypy==1.18.2";

/// The package of PyPI that writes the API's client for Python.
const CLIENT_GENERATOR: &str = "openapi-python-client==0.29.1";

/// The package of PyPI that lays out what the generator writes.
const RUFF: &str = "ruff==0.17.5";

/// The package of PyPI that asks the API everything that its document allows, and more.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";

/// Programs that tests drive, where they are not found by a fixed name.
pub struct TestTools {
    /// A current ffmpeg that publishes HEVC and AV1 over enhanced RTMP.
    pub current_ffmpeg: PathBuf,
    /// A Python with the packages that tests import.
    pub python: PathBuf,
}

/// Makes sure that plugins can be compiled.
pub fn rust_target() -> Result<()> {
    let libraries =
        output_of(command("rustc").args(["--print", "target-libdir", "--target", PLUGIN_TARGET]))?;
    if Path::new(&libraries).is_dir() {
        return Ok(());
    }
    announce(&format!("installing the Rust target {PLUGIN_TARGET}"));
    run(command("rustup").args(["target", "add", PLUGIN_TARGET]))
        .with_context(|| format!("plugins need the Rust target: rustup target add {PLUGIN_TARGET}"))
}

/// Makes sure that everything that tests need is there.
pub fn for_tests() -> Result<TestTools> {
    rust_target()?;
    let mut packages = Vec::new();
    packages.extend(missing("ffmpeg", has_program("ffmpeg") && has_program("ffprobe")));
    packages.extend(missing("chromium", has_program("chromium")));
    packages.extend(missing("postgresql", has_file_below("/usr/lib/postgresql", "bin/initdb")));
    packages.extend(missing("redis-server", has_program("redis-server")));
    packages.extend(missing_nginx());
    packages.extend(missing("python3-venv", has_program("python3")));
    install("The tests", &packages)?;
    pages::require_node()?;
    browser_packages()?;
    let current_ffmpeg = current_ffmpeg()?;
    python_package("localstripe", LOCALSTRIPE)?;
    python_package("mypy", MYPY)?;
    python_package("schemathesis", SCHEMATHESIS)?;
    client_generator()?;
    Ok(TestTools { current_ffmpeg, python: python_environment().join("bin/python") })
}

/// Makes sure that the peers are there beside which benches measure.
pub fn for_benches() -> Result<()> {
    rust_target()?;
    install("Benches", &missing_nginx().collect::<Vec<_>>())
}

/// Makes sure that ffmpeg is there, for `what`.
pub fn ffmpeg_for(what: &str) -> Result<()> {
    let missing: Vec<_> = missing("ffmpeg", has_program("ffmpeg")).into_iter().collect();
    install(what, &missing)
}

/// Makes sure that PostgreSQL is there, for `what`.
pub fn postgres_for(what: &str) -> Result<()> {
    let missing: Vec<_> =
        missing("postgresql", has_file_below("/usr/lib/postgresql", "bin/initdb")).into_iter().collect();
    install(what, &missing)
}

/// Installs Debian packages as root, or fails with the line to run.
fn install(what: &str, packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let list = packages.join(" ");
    let by_hand = format!("sudo apt-get update && sudo apt-get install --no-install-recommends -y {list}");
    if find_program("apt-get").is_none() {
        bail!("{what} need {list}, and this system has no apt-get. On Debian or Ubuntu:\n\n    {by_hand}\n");
    }
    if output_of(command("id").arg("-u"))? != "0" {
        bail!(
            "{what} need packages that are not installed. Run this line, then try again:\n\n    {by_hand}\n"
        );
    }
    announce(&format!("installing {list}"));
    run_quietly(apt_get().arg("update"))?;
    run_quietly(apt_get().args(["install", "--no-install-recommends", "-y"]).args(packages))
        .with_context(|| format!("packages cannot be installed; by hand: {by_hand}"))
}

/// apt-get that asks nothing and starts no services.
fn apt_get() -> Command {
    let mut apt_get = command("apt-get");
    apt_get.env("RUNLEVEL", "1").env("DEBIAN_FRONTEND", "noninteractive");
    apt_get
}

/// The npm packages of the browser tests, where there are such tests.
fn browser_packages() -> Result<()> {
    let folder = workspace::root().join("tests/browser");
    if !folder.join("package-lock.json").is_file() {
        return Ok(());
    }
    let inputs = ["package-lock.json", "package.json"].map(|input| folder.join(input));
    let stamp = crate::stamp::Stamp::of(folder.join("node_modules/.xtask/packages"), &inputs)?;
    if stamp.is_fresh() {
        return Ok(());
    }
    announce("installing the packages of the browser tests");
    run_quietly(command("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    stamp.save()
}

/// The static ffmpeg of a Python package, in a virtual environment below the build folder.
fn current_ffmpeg() -> Result<PathBuf> {
    let environment = python_environment();
    let python = environment.join("bin/python");
    let locate = "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())";
    if let Ok(path) = output_of(command(&python).args(["-c", locate])) {
        return Ok(path.into());
    }
    announce("installing a current ffmpeg for the enhanced RTMP tests");
    if environment.exists() {
        fs::remove_dir_all(&environment)
            .with_context(|| format!("cannot remove {}", environment.display()))?;
    }
    if run_quietly(command("python3").args(["-m", "venv"]).arg(&environment)).is_err() {
        // Debian's python3 comes without its venv module.
        install("The tests", &["python3-venv"])?;
        run_quietly(command("python3").args(["-m", "venv"]).arg(&environment))?;
    }
    run_quietly(command(&python).args(["-m", "pip", "install", "--quiet", CURRENT_FFMPEG]))?;
    Ok(output_of(command(&python).args(["-c", locate]))?.into())
}

/// Makes sure that the generator of the client for Python is there; gives the folder with its programs.
pub fn client_generator() -> Result<PathBuf> {
    let programs = python_environment().join("bin");
    if !programs.join("python").is_file() {
        current_ffmpeg()?;
    }
    python_package("openapi_python_client", CLIENT_GENERATOR)?;
    python_package("ruff", RUFF)?;
    Ok(programs)
}

/// `package` with the module `name`, in the same virtual environment, which is there by now.
fn python_package(name: &str, package: &str) -> Result<()> {
    let python = python_environment().join("bin/python");
    if output_of(command(&python).args(["-c", &format!("import {name}")])).is_ok() {
        return Ok(());
    }
    announce(&format!("installing {name} for the tests"));
    run_quietly(command(&python).args(["-m", "pip", "install", "--quiet", package]))
}

/// The virtual environment of the tests' Python packages.
fn python_environment() -> PathBuf {
    workspace::target_dir().join("xtask/python")
}

fn missing(package: &'static str, is_there: bool) -> Option<&'static str> {
    (!is_there).then_some(package)
}

/// nginx and its RTMP module, as far as they are missing.
fn missing_nginx() -> impl Iterator<Item = &'static str> {
    let server = has_program("nginx") || Path::new("/usr/sbin/nginx").is_file();
    let module = Path::new("/usr/lib/nginx/modules/ngx_rtmp_module.so").is_file();
    missing("nginx", server).into_iter().chain(missing("libnginx-mod-rtmp", module))
}

fn has_program(program: &str) -> bool {
    find_program(program).is_some()
}

/// Whether any folder right below `folder` holds `file`.
fn has_file_below(folder: &str, file: &str) -> bool {
    fs::read_dir(folder)
        .is_ok_and(|entries| entries.filter_map(Result::ok).any(|entry| entry.path().join(file).is_file()))
}
