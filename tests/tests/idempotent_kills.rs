//! kill -9 between requests that carry an `Idempotency-Key`: clients that simply ask again until they are answered
//! find everything done once, whatever broke in between.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use neustream_tests::kit::api::Account;
use neustream_tests::kit::http;
use neustream_tests::kit::postgres::Postgres;
use neustream_tests::kit::server::{Server, Settings};
use neustream_tests::kit::wait::until;
use neustream_tests::kit::{Context, Result, bail, ensure};
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Clients at the same time.
const CLIENTS: usize = 6;
/// Sources that each of them makes.
const SOURCES: usize = 12;
/// What was begun when the server died is given up after some 20 s, and a busy machine is slow.
const ANSWERED: Duration = Duration::from_secs(90);

/// How a request ended for its client.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// With an answer, the first or the same again.
    Answered,
    /// It was done, but what was answered is lost.
    AnswerLost,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_makes_nothing_twice_and_loses_nothing_on_sqlite() -> Result<()> {
    survive(Settings::new()?, 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_makes_nothing_twice_and_loses_nothing_on_postgresql() -> Result<()> {
    let database = Postgres::start().await?;
    survive(Settings::new()?.with("NEUSTREAM_DATABASE_URL", database.url()), 1).await
}

/// `cargo test -p neustream-tests --test idempotent_kills -- --ignored --nocapture`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "ten kills on each database take minutes: what was begun waits 20 s"]
async fn many_kills_make_nothing_twice_and_lose_nothing() -> Result<()> {
    survive(Settings::new()?, 10).await?;
    let database = Postgres::start().await?;
    survive(Settings::new()?.with("NEUSTREAM_DATABASE_URL", database.url()), 10).await
}

/// Lets clients make sources while the server is killed so many times, at even distances.
async fn survive(settings: Settings, kills: usize) -> Result<()> {
    let mut server = settings.start().await?;
    let account = server.account().await?;
    let (answered, mut answers) = watch::channel(0_usize);
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        clients.spawn(make_sources(server.http(), account.clone(), client, answered.clone()));
    }
    drop(answered);
    for kill in 1..=kills {
        let moment = CLIENTS * SOURCES * kill / (kills + 1);
        answers.wait_for(|count| *count >= moment).await.context("the clients ended early")?;
        server = server.kill_and_restart().await?;
    }
    let mut lost = 0;
    while let Some(ends) = clients.join_next().await {
        lost += ends??.iter().filter(|end| **end == End::AnswerLost).count();
    }
    let made = count_by_name(&server, &account).await?;
    ensure!(made.len() == CLIENTS * SOURCES, "{} of {} sources are there", made.len(), CLIENTS * SOURCES);
    ensure!(made.values().all(|count| *count == 1), "some were made twice: {made:?}");
    eprintln!("figure: {kills} kills, {} sources, each made once; {lost} answers lost", made.len());
    Ok(())
}

async fn make_sources(
    server: SocketAddr,
    account: Account,
    client: usize,
    answered: watch::Sender<usize>,
) -> Result<Vec<End>> {
    let mut ends = Vec::new();
    for number in 0..SOURCES {
        let name = format!("client {client}, source {number}");
        let what = format!("an answer to {name}");
        let (end, _) = until(ANSWERED, &what, || ask(server, &account, &name)).await?;
        ends.push(end);
        answered.send_modify(|count| *count += 1);
    }
    Ok(ends)
}

/// Asks once; `None` when it is to be asked again.
async fn ask(server: SocketAddr, account: &Account, name: &str) -> Result<Option<End>> {
    let token = format!("Bearer {}", account.token);
    let key = name.replace([' ', ','], "-");
    let headers = [
        ("authorization", token.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", key.as_str()),
    ];
    let body = json!({ "name": name }).to_string();
    let Ok(answer) = http::send(server, "POST", "/api/sources", &headers, Some(body.as_bytes())).await else {
        return Ok(None);
    };
    // An answer that breaks off with the server is none.
    let Ok(body) = answer.json() else { return Ok(None) };
    match (answer.status, body["code"].as_str()) {
        (201, _) => {
            ensure!(body["source"]["name"] == name, "another request's answer: {body}");
            Ok(Some(End::Answered))
        }
        (409, Some("IDEMPOTENT_ANSWER_LOST")) => Ok(Some(End::AnswerLost)),
        (409, Some("IDEMPOTENCY_RUNNING")) | (503 | 408, _) => Ok(None),
        (status, _) => bail!("{name}: {status} {body}"),
    }
}

/// How many sources there are of each name, read page by page.
async fn count_by_name(server: &Server, account: &Account) -> Result<BTreeMap<String, usize>> {
    let account = Account::with(server.http(), &account.email, &account.token);
    let mut made: BTreeMap<String, usize> = BTreeMap::new();
    let mut path = "/api/sources?limit=7".to_owned();
    loop {
        let page = account.ask("GET", &path, None).await?;
        for source in page["sources"].as_array().context("sources")? {
            *made.entry(source["name"].as_str().context("a name")?.to_owned()).or_default() += 1;
        }
        let Some(cursor) = page["next_cursor"].as_str() else { return Ok(made) };
        path = format!("/api/sources?limit=7&cursor={cursor}");
    }
}
