//! `neustream admin`: what an operator does on the machine itself, with the real program on both databases.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use neustream_store::{Restoration, SealingKey, Snapshot, SnapshotError, StoreSettings};
use neustream_tests::kit::api::{Account, PASSWORD};
use neustream_tests::kit::postgres::Postgres;
use neustream_tests::kit::server::{Server, Settings};
use neustream_tests::kit::wait::until;
use neustream_tests::kit::{Context, Result, ensure, http};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;

const EMAIL: &str = "root@example.com";
const DESTINATION_KEY: &str = "live_4471_KeptInTheBackupSealed";
const STOPPING: Duration = Duration::from_secs(30);
/// What the operator is promised for a switch to hold on another node.
const OTHER_NODES: Duration = Duration::from_secs(5);

/// A place to run Neustream in: settings, and the database that they name.
struct Place {
    settings: Settings,
    url: Option<String>,
    _postgres: Option<Postgres>,
}

impl Place {
    fn sqlite() -> Result<Self> {
        Ok(Self { settings: Settings::new()?, url: None, _postgres: None })
    }

    async fn postgres() -> Result<Self> {
        let postgres = Postgres::start().await?;
        let settings = Settings::new()?.with("NEUSTREAM_DATABASE_URL", postgres.url());
        Ok(Self { settings, url: Some(postgres.url()), _postgres: Some(postgres) })
    }

    /// `neustream admin ...`: its exit code and what it said.
    async fn admin(&self, arguments: &[&str]) -> Result<(Option<i32>, String)> {
        self.settings.run(&[&["admin"], arguments].concat()).await
    }

    /// The same, expecting success.
    async fn done(&self, arguments: &[&str]) -> Result<String> {
        let (code, said) = self.admin(arguments).await?;
        ensure!(code == Some(0), "{arguments:?} ended with {code:?}: {said}");
        Ok(said)
    }

    /// The same, expecting a refusal that has `words` in it.
    async fn refused(&self, arguments: &[&str], words: &str) -> Result<()> {
        let (code, said) = self.admin(arguments).await?;
        ensure!(code == Some(1), "{arguments:?} ended with {code:?}: {said}");
        ensure!(said.contains(words), "`{words}` is not in: {said}");
        Ok(())
    }

    /// The same, with a line on standard input.
    async fn done_with(&self, arguments: &[&str], input: &str) -> Result<String> {
        let mut command = self.settings.command(&[&["admin"], arguments].concat())?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let mut stdin = child.stdin.take().context("standard input")?;
        stdin.write_all(format!("{input}\n").as_bytes()).await?;
        drop(stdin);
        let output = child.wait_with_output().await?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(said)
    }

    /// The check of the doctor's with this name.
    async fn doctor(&self, name: &str) -> Result<(Option<i32>, Value)> {
        let (code, said) = self.admin(&["doctor", "--json"]).await?;
        let report: Value = serde_json::from_str(&said).with_context(|| format!("no JSON: {said}"))?;
        let checks = report["checks"].as_array().context("checks")?;
        let check = checks.iter().find(|check| check["name"] == name);
        Ok((code, check.with_context(|| format!("no check `{name}` in {report}"))?.clone()))
    }

    fn store_settings(&self) -> Result<StoreSettings> {
        let key: SealingKey =
            std::fs::read_to_string(self.settings.data_dir().join("master.key"))?.trim().parse()?;
        Ok(match &self.url {
            Some(url) => StoreSettings::by_url(url.clone(), key),
            None => StoreSettings::sqlite_in(&self.settings.data_dir(), key),
        })
    }
}

/// An account with a source and a destination whose key is sealed; the stream key of the source.
async fn furnish(server: &Server) -> Result<(Account, String)> {
    let account = Account::register_as(server.http(), "ada@example.com").await?;
    let source = account.source("Zoë's channel").await?;
    account.custom(&source, "rtmp://127.0.0.1:9/live", DESTINATION_KEY).await?;
    Ok((account, source.stream_key))
}

/// Expects that a server has everything of [`furnish`].
async fn expect_furnished(server: &Server) -> Result<()> {
    let account = Account::log_in(server.http(), "ada@example.com").await?;
    let sources = account.ask("GET", "/api/sources", None).await?;
    ensure!(sources["sources"][0]["name"] == "Zoë's channel", "{sources}");
    let id = sources["sources"][0]["id"].as_str().context("an id")?;
    let destinations = account.ask("GET", &format!("/api/sources/{id}/destinations"), None).await?;
    ensure!(destinations["destinations"].as_array().is_some_and(|all| all.len() == 1), "{destinations}");
    Ok(())
}

fn path(folder: &TempDir, name: &str) -> (PathBuf, String) {
    let path = folder.path().join(name);
    let text = path.to_string_lossy().into_owned();
    (path, text)
}

#[tokio::test]
async fn a_backup_of_a_running_server_moves_to_the_other_database_and_back() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (file, first) = path(&folder, "first.tar.gz");
    let sqlite = Place::sqlite()?;
    let mut server = sqlite.settings.clone().start().await?;
    furnish(&server).await?;
    let said = sqlite.done(&["backup", "--to", &first]).await?;
    ensure!(said.contains("the master key"), "{said}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file)?.permissions());
    let others = mode & 0o077;
    ensure!(others == 0, "others may read the backup: {mode:o}");
    sqlite.refused(&["restore", &first, "--overwrite"], "stop it first").await?;
    server.expect_serving().await?;
    server.terminate(STOPPING).await?;

    let postgres = Place::postgres().await?;
    let said = postgres.done(&["restore", &first]).await?;
    ensure!(said.contains("into PostgreSQL"), "{said}");
    let (_, sealed) = postgres.doctor("sealed secrets").await?;
    ensure!(sealed["verdict"] == "ok", "{sealed}");
    postgres.done(&["verify-audit"]).await?;
    let mut server = postgres.settings.clone().start().await?;
    expect_furnished(&server).await?;
    let (_, second) = path(&folder, "second.tar.gz");
    postgres.done(&["backup", "--to", &second]).await?;
    server.terminate(STOPPING).await?;

    let again = Place::sqlite()?;
    let said = again.done(&["restore", &second, "--check"]).await?;
    ensure!(said.contains("from postgresql") && !again.settings.data_dir().exists(), "{said}");
    again.done(&["restore", &second]).await?;
    again.done(&["verify-audit"]).await?;
    again.refused(&["restore", &second], "--overwrite").await?;
    again.done(&["restore", &first, "--overwrite"]).await?;
    expect_furnished(&again.settings.clone().start().await?).await
}

#[tokio::test]
async fn a_damaged_backup_is_refused_before_anything_is_touched() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (file, name) = path(&folder, "backup.tar.gz");
    let place = Place::sqlite()?;
    place.refused(&["backup", "--to", &name], "--without-key").await?;
    place.done(&["create-administrator", "--email", EMAIL]).await?;
    place.done(&["backup", "--to", &name]).await?;
    let whole = std::fs::read(&file)?;

    let empty = Place::sqlite()?;
    for cut in [0, 20, whole.len() / 2, whole.len() - 9] {
        std::fs::write(&file, &whole[..cut])?;
        empty.refused(&["restore", &name], "backup.tar.gz is not restored").await?;
    }
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 0x20;
    std::fs::write(&file, &changed)?;
    empty.refused(&["restore", &name], "backup.tar.gz is not restored").await?;
    ensure!(!empty.settings.data_dir().exists(), "something was made");
    ensure!(!Path::new(&format!("{name}.partial")).exists(), "a partial file is left");
    Ok(())
}

#[tokio::test]
async fn a_backup_without_the_key_needs_that_very_key() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (_, name) = path(&folder, "backup.tar.gz");
    let place = Place::sqlite()?;
    place.done(&["create-administrator", "--email", EMAIL]).await?;
    place.done(&["backup", "--to", &name, "--without-key"]).await?;
    let empty = Place::sqlite()?;
    empty.refused(&["restore", &name], "without the master key").await?;
    let key = empty.settings.data_dir().join("master.key");
    std::fs::write(&key, format!("{}\n", "ab".repeat(32)))?;
    empty.refused(&["restore", &name], "are sealed with the master key").await?;
    std::fs::copy(place.settings.data_dir().join("master.key"), &key)?;
    empty.done(&["restore", &name]).await?;
    Ok(())
}

async fn accounts(place: Place) -> Result<()> {
    // Before the first start, and while the server runs.
    let said =
        place.done(&["create-administrator", "--email", "First@Example.com", "--name", "First"]).await?;
    ensure!(said.contains("first@example.com") && said.contains("shown once"), "{said}");
    let mut server = place.settings.clone().start().await?;
    ensure!(server.set_up_link().is_none(), "there is an administrator already");
    place.done_with(&["create-administrator", "--email", EMAIL, "--password-stdin"], PASSWORD).await?;
    let root = Account::log_in(server.http(), EMAIL).await?;
    root.ask("GET", "/api/admin/stats", None).await?;
    place.refused(&["create-administrator", "--email", EMAIL], "--existing").await?;
    place.refused(&["create-administrator", "--email", "nonsense"], "nonsense").await?;

    let ada = Account::register_as(server.http(), "ada@example.com").await?;
    place.done(&["create-administrator", "--email", "ada@example.com", "--existing"]).await?;
    ada.ask("GET", "/api/admin/stats", None).await.context("from the next request on")?;

    let said = place.done(&["reset-password", "--email", "ada@example.com"]).await?;
    let answer = ada.send("GET", "/api/sources", None).await?;
    ensure!(answer.status == 401, "whoever was signed in is signed out: {}", answer.text());
    let made_up = said.lines().find_map(|line| line.strip_prefix("Password:")).context("a password")?;
    let made_up = made_up.split_whitespace().next().context("a password")?;
    let body = json!({ "email": "ada@example.com", "password": made_up });
    let answer = neustream_tests::kit::api::post(server.http(), "/api/auth/login", &body).await?;
    ensure!(answer.status == 200, "{}", answer.text());
    place.refused(&["reset-password", "--email", "nobody@example.com"], "no account").await?;

    let listed = place.done(&["list", "users", "--json"]).await?;
    let people: Vec<Value> = listed.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    ensure!(people.len() == 3 && people[0]["email"] == "ada@example.com", "{listed}");
    ensure!(people.iter().all(|person| person["platform_role"] == "admin"), "{listed}");
    let table = place.done(&["list", "organisations"]).await?;
    ensure!(table.lines().count() == 4 && table.contains("first@example.com"), "{table}");
    let verified = place.done(&["verify-audit"]).await?;
    ensure!(verified.contains("platform") && verified.contains("broken: 0"), "{verified}");
    Ok(())
}

#[tokio::test]
async fn accounts_are_made_listed_and_let_in_again_on_sqlite() -> Result<()> {
    accounts(Place::sqlite()?).await
}

#[tokio::test]
async fn accounts_are_made_listed_and_let_in_again_on_postgresql() -> Result<()> {
    accounts(Place::postgres().await?).await
}

/// Changes the text of the first entry of the platform's chain, behind the back of the program.
async fn forge_audit(place: &Place) -> Result<()> {
    let settings = place.store_settings()?;
    let mut snapshot = Snapshot::take(&settings).await?;
    let mut pieces = Vec::new();
    for table in snapshot.tables() {
        let keep = |piece: neustream_store::Piece| -> Result<(), SnapshotError> {
            pieces.push((table.clone(), piece.lines));
            Ok(())
        };
        snapshot.read(&table, keep).await?;
    }
    let migrations = snapshot.migrations().to_vec();
    snapshot.close().await?;
    let mut restoration = Restoration::begin(&settings, &migrations, true).await?;
    let mut is_forged = false;
    for (table, mut lines) in pieces {
        if table == "audit_entries" && lines.contains("root@example.com") {
            lines = lines.replace("root@example.com", "ruth@example.com");
            is_forged = true;
        }
        restoration.put(&table, &lines).await?;
    }
    ensure!(is_forged, "no entry names the administrator");
    restoration.finish().await?;
    Ok(())
}

async fn forgery(place: Place) -> Result<()> {
    place.done(&["create-administrator", "--email", EMAIL]).await?;
    place.done(&["verify-audit"]).await?;
    forge_audit(&place).await?;
    place.refused(&["verify-audit"], "BROKEN").await?;
    let (code, said) = place.admin(&["verify-audit", "--json"]).await?;
    let first: Value = serde_json::from_str(said.lines().next().context("a line")?)?;
    ensure!(code == Some(1) && first["chain"] == "platform" && first["broken"].is_string(), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_forged_audit_entry_is_found_on_sqlite() -> Result<()> {
    forgery(Place::sqlite()?).await
}

#[tokio::test]
async fn a_forged_audit_entry_is_found_on_postgresql() -> Result<()> {
    forgery(Place::postgres().await?).await
}

async fn healthy(place: Place) -> Result<()> {
    let (code, database) = place.doctor("database").await?;
    ensure!(code == Some(0) && database["verdict"] == "ok", "before the first start: {database}");
    let server = place.settings.clone().start().await?;
    let running = Place { settings: server.same_place(), url: None, _postgres: None };
    for name in
        ["database", "schema", "sealed secrets", "clock", "HTTP port", "RTMP port", "plugins", "master key"]
    {
        let (code, check) = running.doctor(name).await?;
        ensure!(code == Some(0) && check["verdict"] == "ok", "{check}");
    }
    let (_, port) = running.doctor("HTTP port").await?;
    ensure!(port["found"].as_str().is_some_and(|found| found.contains("a Neustream that runs")), "{port}");
    Ok(())
}

#[tokio::test]
async fn the_doctor_finds_nothing_wrong_before_and_during_a_run_on_sqlite() -> Result<()> {
    healthy(Place::sqlite()?).await
}

#[tokio::test]
async fn the_doctor_finds_nothing_wrong_before_and_during_a_run_on_postgresql() -> Result<()> {
    let place = Place::postgres().await?;
    let wall = async |place: &Place| place.doctor("row security").await;
    ensure!(wall(&place).await?.1["verdict"] == "ok", "the login may make the role");
    healthy(place).await
}

#[tokio::test]
async fn the_doctor_names_what_is_wrong_and_says_what_to_do() -> Result<()> {
    let place = Place::sqlite()?;
    place.done(&["create-administrator", "--email", EMAIL]).await?;
    // The key is made before anything is sealed: the first start seals.
    place.settings.clone().start().await?.terminate(STOPPING).await?;
    let key = place.settings.data_dir().join("master.key");
    std::fs::write(&key, format!("{}\n", "cd".repeat(32)))?;
    let (code, check) = place.doctor("sealed secrets").await?;
    ensure!(code == Some(1) && check["verdict"] == "problem", "{check}");
    ensure!(check["advice"].as_str().is_some_and(|advice| advice.contains("master.key")), "{check}");
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    let (_, check) = place.doctor("master key").await?;
    ensure!(
        check["verdict"] == "warning" && check["advice"].as_str().is_some_and(|a| a.starts_with("chmod 600")),
        "{check}"
    );

    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let settings = Settings::new()?.with("NEUSTREAM_RTMP_ADDR", taken.local_addr()?.to_string());
    let place = Place { settings, url: None, _postgres: None };
    let (code, check) = place.doctor("RTMP port").await?;
    ensure!(code == Some(1) && check["verdict"] == "problem", "{check}");
    ensure!(check["advice"].as_str().is_some_and(|advice| advice.contains("rtmp_addr")), "{check}");

    let few = Place { settings: Settings::new()?.with_open_files(128), url: None, _postgres: None };
    let (code, check) = few.doctor("open files").await?;
    ensure!(code == Some(1) && check["found"].as_str().is_some_and(|found| found.contains("128")), "{check}");

    let port = neustream_tests::kit::port::free_port()?;
    let away = format!("postgres://someone:hidden@127.0.0.1:{port}/nothing");
    let place =
        Place { settings: Settings::new()?.with("NEUSTREAM_DATABASE_URL", away), url: None, _postgres: None };
    let (code, check) = place.doctor("database").await?;
    ensure!(
        code == Some(1) && check["verdict"] == "problem" && !check.to_string().contains("hidden"),
        "{check}"
    );

    let place = Place {
        settings: Settings::new()?.with("NEUSTREAM_HTTP_ADDR", "nonsense"),
        url: None,
        _postgres: None,
    };
    let (code, check) = place.doctor("settings").await?;
    ensure!(
        code == Some(1) && check["found"].as_str().is_some_and(|found| found.contains("http_addr")),
        "{check}"
    );
    let (code, said) = place.admin(&["doctor"]).await?;
    ensure!(code == Some(1) && said.contains("PROBLEM") && said.contains("problems: 1"), "{said}");
    Ok(())
}

#[tokio::test]
async fn maintenance_that_is_switched_on_at_one_node_holds_at_the_others() -> Result<()> {
    let place = Place::postgres().await?;
    place.done_with(&["create-administrator", "--email", EMAIL, "--password-stdin"], PASSWORD).await?;
    let one = place.settings.clone().start().await?;
    let url = place.url.clone().context("a URL")?;
    let other = Settings::new()?.with("NEUSTREAM_DATABASE_URL", url);
    std::fs::create_dir_all(other.data_dir())?;
    std::fs::copy(place.settings.data_dir().join("master.key"), other.data_dir().join("master.key"))?;
    let other = other.start().await?;
    let root = Account::log_in(one.http(), EMAIL).await?;
    let status = async |server: &Server| -> Result<u16> {
        Ok(http::get(server.http(), "/api/streams/live").await?.status)
    };
    ensure!(status(&other).await? == 200, "open at first");
    for (switch, expected) in [(true, 503), (false, 200)] {
        let body = json!({ "maintenance_mode": switch });
        root.ask("PUT", "/api/admin/settings", Some(&body)).await?;
        ensure!(status(&one).await? == expected, "at once where it was switched");
        until(OTHER_NODES, "the other node follows", || {
            let other = other.http();
            async move {
                let answer = http::get(other, "/api/streams/live").await?;
                Ok((answer.status == expected).then_some(()))
            }
        })
        .await?;
    }
    ensure!(http::get(other.http(), "/health").await?.status == 200, "health answers");
    Ok(())
}
