//! Everything that the API's document allows, and much that it does not, asked of the real server by a program of others
//! (schemathesis): nothing breaks, and nothing is answered that the document does not say.
//!
//! The run here is short and always the same. A deep one, which takes an hour or so:
//!
//! ```sh
//! cargo test -p neustream-tests --test schemathesis -- --ignored --nocapture
//! ```
//!
//! `NEUSTREAM_TEST_SCHEMATHESIS` gives more of its options, such as `--seed 7` or `--include-operation-id createSource`.

use std::time::Duration;

use neustream_tests::kit::api::{Account, PASSWORD};
use neustream_tests::kit::postgres::Postgres;
use neustream_tests::kit::program::Program;
use neustream_tests::kit::server::{Server, Settings};
use neustream_tests::kit::tool::{python_with, tests_dir};
use neustream_tests::kit::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::process::Command;

/// How many of each thing there are: some of what is asked deletes them.
const OF_EACH: usize = 12;

/// Operations that are asked elsewhere: these answer for as long as somebody listens, or wait for a broadcast.
const EXCLUDED: [&str; 2] = ["followInstallationLog", "getHlsFile"];

const SHORT: [&str; 4] = ["--max-examples=2", "--seed=1", "--generation-database=none", "--no-shrink"];
const DEEP: [&str; 1] = ["--max-examples=150"];

const SHORT_LIMIT: Duration = Duration::from_mins(15);
const DEEP_LIMIT: Duration = Duration::from_hours(3);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_breaks_and_nothing_is_undocumented_on_sqlite() -> Result<()> {
    run(settings()?, &SHORT, SHORT_LIMIT).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_breaks_and_nothing_is_undocumented_on_postgres() -> Result<()> {
    let postgres = Postgres::start().await?;
    run(settings()?.with("NEUSTREAM_DATABASE_URL", postgres.url()), &SHORT, SHORT_LIMIT).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes an hour or so"]
async fn nothing_breaks_in_a_deep_run_on_sqlite() -> Result<()> {
    run(settings()?, &DEEP, DEEP_LIMIT).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes an hour or so"]
async fn nothing_breaks_in_a_deep_run_on_postgres() -> Result<()> {
    let postgres = Postgres::start().await?;
    run(settings()?.with("NEUSTREAM_DATABASE_URL", postgres.url()), &DEEP, DEEP_LIMIT).await
}

fn settings() -> Result<Settings> {
    // Panics are errors that a client may never see: they are looked for in the log.
    let settings = Settings::new()?.with("NEUSTREAM_LOG", "warn");
    // How many requests are taken is tested elsewhere; here there are thousands, many of them by nobody.
    let scopes = ["ANONYMOUS", "FAILED_LOGINS", "PAYMENTS"];
    let off = |settings: Settings, scope| settings.with(&format!("NEUSTREAM_RATE_LIMIT_{scope}"), "off");
    Ok(scopes.into_iter().fold(settings, off))
}

async fn run(settings: Settings, options: &[&str], limit: Duration) -> Result<()> {
    let mut server = settings.start().await?;
    let administrator = server.administrator().await?;
    let world = furnish(&server, &administrator).await?;
    let folder = tests_dir().join("schemathesis");
    let output = tempfile::tempdir()?;
    let url = format!("http://{}", server.http());

    let mut command = Command::new(python_with("schemathesis")?.with_file_name("schemathesis"));
    command.args(["--no-color", "--config-file"]).arg(folder.join("schemathesis.toml"));
    // It keeps what it found in its folder, and begins with that the next time: each run is to be a fresh one.
    command.arg("run").arg(format!("{url}/api/openapi.json")).args(options).current_dir(output.path());
    for operation in EXCLUDED {
        command.args(["--exclude-operation-id", operation]);
    }
    let more = std::env::var("NEUSTREAM_TEST_SCHEMATHESIS").unwrap_or_default();
    command.args(more.split_whitespace());
    command.env("NEUSTREAM_TEST_URL", &url).env("NEUSTREAM_TEST_EMAIL", &administrator.email);
    command.env("NEUSTREAM_TEST_PASSWORD", PASSWORD).env("NEUSTREAM_TEST_WORLD", world.to_string());
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONPATH", &folder).env("HOME", output.path());

    let mut program = Program::start("schemathesis", command)?;
    let status = program.exit(limit).await?;
    let told = program.lines();
    println!("{}", told[told.len().saturating_sub(40)..].join("\n"));
    if !status.success() {
        bail!("schemathesis found something ({status}):\n{}", told.join("\n"));
    }
    let panicked: Vec<_> = server.log().into_iter().filter(|line| line.contains("panicked")).collect();
    if !panicked.is_empty() {
        bail!("handlers panicked: {panicked:?}");
    }
    Ok(())
}

/// Makes what there is to ask about; gives the ids as the hooks take them.
async fn furnish(server: &Server, administrator: &Account) -> Result<Value> {
    let made = async |path: &str, body: Value, name: &str| {
        let answer = administrator.ask("POST", path, Some(&body)).await?;
        let id = answer[name]["id"].as_str().map(str::to_owned);
        id.with_context(|| format!("no {name} in {answer}"))
    };
    let (mut sources, mut destinations, mut installations) = (vec![], vec![], vec![]);
    let (mut apps, mut keys, mut invitations, mut organisations, mut people) =
        (vec![], vec![], vec![], vec![], vec![]);
    for number in 0..OF_EACH {
        let source = administrator.source(&format!("Source {number}")).await?;
        let destination = json!({
            "platform": "custom", "rtmp_url": "rtmp://127.0.0.1:1/live", "stream_key": "key",
        });
        destinations.push(administrator.destination(&source, &destination).await?);
        sources.push(source.id);
        let name = format!("Number {number}");
        let plugin = json!({ "plugin": "neustream/custom-rtmp", "name": name, "config": {}, "grant": [] });
        installations.push(made("/api/installations", plugin, "installation").await?);
        apps.push(made("/api/apps", json!({ "name": name }), "app").await?);
        organisations.push(made("/api/organisations", json!({ "name": name }), "organisation").await?);
        let key = json!({ "name": name, "scopes": ["sources:read"] });
        keys.push(made("/api/api-keys", key, "api_key").await?);
        let invitation = json!({ "email": format!("guest{number}@example.com"), "role": "editor" });
        invitations.push(made("/api/team/invitations", invitation, "invitation").await?);
        let profile = server.account().await?.ask("GET", "/api/auth/profile", None).await?;
        people.push(profile["user"]["id"].as_str().context("an id")?.to_owned());
    }
    let plugins = administrator.ask("GET", "/api/plugins", None).await?;
    let digest = plugins["plugins"][0]["digest"].as_str().context("a digest")?;
    Ok(json!({
        "path": {
            "/api/sources/": { "id": sources },
            "/api/sources/destinations/": { "id": destinations },
            "/api/streams/": { "id": sources, "sourceId": sources },
            "/api/installations/": { "id": installations },
            "/api/chat/": { "sourceId": sources, "id": sources },
            "/api/apps/": { "id": apps },
            "/api/api-keys/": { "id": keys },
            "/api/organisations/": { "id": organisations },
            "/api/team/": { "userId": people },
            "/api/team/invitations/": { "id": invitations },
            "/api/plugins/": {
                "namespace": ["neustream"], "name": ["twitch", "youtube"], "version": ["0.1.0"],
            },
            "/api/admin/plugins/": { "digest": [digest] },
            "/api/admin/rollouts/": { "digest": [digest] },
            "/api/admin/users/": { "id": people },
            "/api/admin/tenants/": { "id": organisations },
        },
        "body": { "source_id": sources, "installation_id": installations, "plugin": ["neustream/youtube"] },
    }))
}
