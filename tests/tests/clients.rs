//! The clients of the API for JavaScript and Python: current, well typed, and at work with a real host.

use std::path::{Path, PathBuf};
use std::process::Command;

use neustream_tests::kit::api::PASSWORD;
use neustream_tests::kit::server::Server;
use neustream_tests::kit::tool::{python_with, target_profile_dir, workspace_dir};
use neustream_tests::kit::{Context, Result, ensure};
use tokio::sync::Mutex;

/// Held while a test uses the packages of the client for JavaScript, which npm takes away before it installs them anew.
static PACKAGES: Mutex<()> = Mutex::const_new(());

#[tokio::test(flavor = "multi_thread")]
async fn the_clients_are_those_of_the_committed_document() -> Result<()> {
    let _held = PACKAGES.lock().await;
    let xtask = target_profile_dir()?.join("xtask");
    ensure!(xtask.is_file(), "{} is missing; build it with: cargo build -p xtask", xtask.display());
    succeed(Command::new(xtask).args(["clients", "--check"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_for_javascript_is_well_typed_and_works_with_a_real_host() -> Result<()> {
    let server = Server::start().await?;
    let folder = workspace_dir().join("sdk/client-js");
    let _held = PACKAGES.lock().await;
    packages(&folder)?;
    succeed(
        with_account(&server, Command::new("npm"))
            .await?
            .args(["run", "--silent", "test"])
            .current_dir(folder),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_for_python_is_well_typed_and_works_with_a_real_host() -> Result<()> {
    let server = Server::start().await?;
    let folder = workspace_dir().join("sdk/client-python");
    let python = python_with("openapi_python_client")?;
    let mut command = with_account(&server, Command::new(&python)).await?;
    command.args(["-m", "unittest", "discover", "-s", "tests", "-t", "."]);
    succeed(command.env("PYTHONPATH", "src").env("PYTHONDONTWRITEBYTECODE", "1").current_dir(&folder))?;
    let types = ["-m", "mypy", "--cache-dir", "/dev/null", "src/neustream", "tests"];
    succeed(Command::new(python_with("mypy")?).args(types).current_dir(folder))
}

/// Tells a client's tests where the host is and who may sign in there.
async fn with_account(server: &Server, mut command: Command) -> Result<Command> {
    let account = server.account().await?;
    command.env("NEUSTREAM_TEST_URL", format!("http://{}", server.http()));
    command.env("NEUSTREAM_TEST_EMAIL", &account.email).env("NEUSTREAM_TEST_PASSWORD", PASSWORD);
    Ok(command)
}

fn packages(folder: &Path) -> Result<()> {
    let written = |name: &str| std::fs::metadata(folder.join(name)).and_then(|file| file.modified());
    let wanted = written("package-lock.json").context("package-lock.json")?;
    // npm writes this one when everything is in place.
    if written("node_modules/.package-lock.json").is_ok_and(|installed| installed >= wanted) {
        return Ok(());
    }
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    succeed(Command::new("npm").args(arguments).current_dir(folder))
}

fn succeed(command: &mut Command) -> Result<()> {
    let program = PathBuf::from(command.get_program());
    let output = command.output().with_context(|| format!("{} cannot be started", program.display()))?;
    let told = [output.stdout, output.stderr].concat();
    ensure!(output.status.success(), "{}: {}", program.display(), String::from_utf8_lossy(&told));
    Ok(())
}
