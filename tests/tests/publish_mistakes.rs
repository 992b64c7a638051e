//! What the authors' command prints for the mistakes that only a server can tell of: word for word, against a real one.
//!
//! The snapshots lie with those of the other mistakes, in `sdk/cli/tests/mistakes`; `NEUSTREAM_UPDATE_SNAPSHOTS=1`
//! writes them anew.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use neustream_tests::kit::api::{Account, PASSWORD};
use neustream_tests::kit::author::{built, republished};
use neustream_tests::kit::server::Server;
use neustream_tests::kit::{Context, Result, ensure, tool};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// Somebody with a machine of their own, signed in at a server.
struct Author {
    machine: tempfile::TempDir,
    server: String,
}

/// What a command ended with.
#[derive(Debug)]
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Author {
    async fn signed_in(server: &Server) -> Result<(Self, Account)> {
        let account = Account::register(server.http()).await?;
        let author = Self { machine: tempfile::tempdir()?, server: server.base_url() };
        let login = ["login", &author.server, "--email", &account.email, "--password-stdin"];
        let said = author.run_with(Path::new("."), &login, PASSWORD).await?;
        ensure!(said.code == 0, "{said:?}");
        Ok((author, account))
    }

    fn path(&self, place: &str) -> PathBuf {
        self.machine.path().join(place)
    }

    async fn run(&self, folder: &str, args: &[&str]) -> Result<Said> {
        self.run_with(Path::new(folder), args, "").await
    }

    async fn run_with(&self, folder: &Path, args: &[&str], input: &str) -> Result<Said> {
        let target = tool::target_profile_dir()?.with_file_name("plugin-docs");
        let mut child = Command::new(tool::plugin_command()?)
            .args(args)
            .current_dir(self.machine.path().join(folder))
            .env("NEUSTREAM_PLUGIN_HOME", self.path("home"))
            .env("CARGO_TARGET_DIR", target)
            .env("NO_COLOR", "1")
            .env_remove("NEUSTREAM_SERVER")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut stdin = child.stdin.take().context("a pipe")?;
        // Who does not read its input closes it.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let done = child.wait_with_output().await?;
        let code = done.status.code().context("an exit code")?;
        Ok(Said { code, out: String::from_utf8(done.stdout)?, err: String::from_utf8(done.stderr)? })
    }

    /// Runs a command that is a mistake, and compares what it prints with the snapshot `name`.
    async fn mistake(&self, name: &str, folder: &str, args: &[&str], exit: i32) -> Result<()> {
        let said = self.run(folder, args).await?;
        let shown = format!(
            "$ neustream-plugin {}\n[exit code {}]\n--- standard output ---\n{}--- standard error ---\n{}",
            args.join(" "),
            said.code,
            said.out,
            said.err
        );
        let shown = hexadecimal_hidden(&shown.replace(&self.server, "<server>"));
        let folder = tool::workspace_dir().join("sdk/cli/tests/mistakes");
        let file = folder.join(name).with_extension("txt");
        if std::env::var_os("NEUSTREAM_UPDATE_SNAPSHOTS").is_some() {
            std::fs::write(&file, &shown)?;
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(shown, kept, "{} differs", file.display());
        assert_eq!(said.code, exit, "{said:?}");
        Ok(())
    }
}

/// Keys and digests differ from run to run.
fn hexadecimal_hidden(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((at, sign)) =
        ["ed25519:", "sha256:"].iter().filter_map(|sign| Some((rest.find(sign)?, *sign))).min()
    {
        let (before, after) = rest.split_at(at + sign.len());
        let digits = after.find(|char: char| !char.is_ascii_hexdigit()).unwrap_or(after.len());
        shown.push_str(before);
        shown.push_str(if digits == 64 { "<hexadecimal>" } else { &after[..digits] });
        rest = &after[digits..];
    }
    shown + rest
}

#[tokio::test]
async fn mistakes_in_publishing_say_what_to_do_and_where() -> Result<()> {
    let server = Server::start().await?;
    let (first, account) = Author::signed_in(&server).await?;
    let (second, _) = Author::signed_in(&server).await?;
    let new = ["new", "acme/words", "--kind", "moderation", "--language", "rust"];
    for author in [&first, &second] {
        ensure!(author.run(".", &new).await?.code == 0, "a project");
    }

    first.mistake("unsigned", "words", &["publish"], 2).await?;
    let published = first.run("words", &["publish", "--register"]).await?;
    ensure!(published.code == 0, "{published:?}");
    second.mistake("wrong-namespace", "words", &["publish", "--register"], 4).await?;

    let source = first.path("words/plugin.toml");
    let text = std::fs::read_to_string(&source)?;
    std::fs::write(&source, text.replace("memory-mib = 8", "memory-mib = 9"))?;
    first.mistake("version-not-raised", "words", &["publish"], 4).await?;

    // What the command itself would have refused, sent by other means: the server says the same.
    let package = std::fs::read(first.path("words/dist/words.wasm"))?;
    let answer = account.upload("/api/plugins", &package).await?;
    assert_eq!(answer.json()?["code"], "PACKAGE_UNSIGNED", "{}", answer.text());
    Ok(())
}

#[tokio::test]
async fn a_package_for_a_newer_platform_is_refused_with_both_versions() -> Result<()> {
    let server = Server::start().await?;
    let (author, _) = Author::signed_in(&server).await?;
    let package =
        republished(&built("moderation/blocklist")?, |manifest| manifest["id"] = "acme/words".into())?;
    std::fs::write(author.path("words.wasm"), newer(&package))?;
    author.mistake("newer-platform", ".", &["publish", "words.wasm", "--register"], 4).await
}

/// The same component for the platform 0.2.0.
fn newer(package: &[u8]) -> Vec<u8> {
    let mut newer = package.to_vec();
    let (old, new) = (b"@0.1.0", b"@0.2.0");
    for at in 0..newer.len() - old.len() {
        if newer[at..].starts_with(old) {
            newer[at..at + new.len()].copy_from_slice(new);
        }
    }
    newer
}
