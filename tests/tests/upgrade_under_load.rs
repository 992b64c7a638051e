//! A connector that is replaced under a live socket loses nothing, repeats nothing, and keeps the order.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use neustream_tests::kit::api::Account;
use neustream_tests::kit::author::{Author, built, digest, republished};
use neustream_tests::kit::server::Settings;
use neustream_tests::kit::tls::Authority;
use neustream_tests::kit::twitch_chat::{HOST, TwitchChat, privmsg};
use neustream_tests::kit::wait::until;
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::{Value, json};

const CHANNEL: &str = "ronni";
const TOKEN: &str = "token_of_ronni_0123456789";
const EVENTS: usize = 10_000;
/// Each is an upgrade and a rollback.
const ROUNDS: usize = 10;
const SWITCH: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_events_pass_ten_upgrades_and_rollbacks_once_and_in_order() -> Result<()> {
    let authority = Authority::new()?;
    let twitch = Arc::new(TwitchChat::start(authority.acceptor(HOST)?, CHANNEL, TOKEN).await?);
    let server = Settings::new()?
        .with("NEUSTREAM_OUTBOUND_RESOLVE", format!("{HOST}:443={}", twitch.address))
        .with("NEUSTREAM_OUTBOUND_CA_FILE", authority.file().display().to_string())
        .start()
        .await?;
    let account = server.account().await?;
    let author = Author::register(&account, "upgrading").await?;
    let one = version("1.0.0")?;
    let two = version("1.1.0")?;
    author.publish(&one).await?;
    author.publish(&two).await?;
    let installation = install(&account).await?;
    twitch.is_joined(Duration::from_secs(30)).await?;

    let feeding = tokio::spawn(feed(Arc::clone(&twitch)));
    let began = Instant::now();
    let connector = Connector { account: &account, installation: &installation };
    for round in 1..=ROUNDS {
        // Spread over the whole stream of events.
        connector.has_stored((2 * round - 1) * EVENTS / (2 * ROUNDS + 2)).await?;
        let asked = json!({ "version": "1.1.0" });
        account.ask("POST", &connector.path("/upgrade"), Some(&asked)).await?;
        connector.answers_as(&digest(&two)).await.with_context(|| format!("upgrade {round}"))?;
        connector.has_stored(2 * round * EVENTS / (2 * ROUNDS + 2)).await?;
        let asked = json!({ "digest": digest(&one) });
        account.ask("POST", &connector.path("/rollback"), Some(&asked)).await?;
        connector.answers_as(&digest(&one)).await.with_context(|| format!("rollback {round}"))?;
    }
    let switching = began.elapsed();
    let is_still_feeding = !feeding.is_finished();
    feeding.await??;
    let status = connector.has_stored(EVENTS).await?;
    println!("{ROUNDS} rounds within {switching:?}, {EVENTS} events within {:?}", began.elapsed());
    ensure!(is_still_feeding, "the switches must happen under load");

    let stored = connector.stored().await?;
    let expected: Vec<String> = (0..EVENTS).map(id).collect();
    let lost: Vec<_> = {
        let seen: HashSet<_> = stored.iter().collect();
        expected.iter().filter(|id| !seen.contains(id)).take(5).collect()
    };
    ensure!(lost.is_empty(), "lost: {lost:?} and perhaps more, of {} stored", stored.len());
    ensure!(stored.len() == EVENTS, "{} stored: some came twice", stored.len());
    ensure!(stored == expected, "out of order");
    ensure!(status["poison"] == 0, "{status}");
    ensure!(twitch.joins() == 1, "the socket was opened {} times", twitch.joins());
    ensure!(twitch.complaints().is_empty(), "{:?}", twitch.complaints());
    Ok(())
}

fn id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// Writes all events into the channel, some lines a frame, as fast as they are read but no faster than a large channel
/// ever was: so the switches fall in between.
async fn feed(twitch: Arc<TwitchChat>) -> Result<()> {
    let mut pace = tokio::time::interval(Duration::from_millis(10));
    for first in (0..EVENTS).step_by(5) {
        let lines: String = (first..first + 5)
            .map(|number| privmsg(&id(number), CHANNEL, &format!("line {number}")))
            .collect();
        pace.tick().await;
        twitch.send(lines).await?;
    }
    Ok(())
}

/// The bundled connector under another name, whose account is a token that is pasted.
fn version(number: &str) -> Result<Vec<u8>> {
    republished(&built("chat/twitch")?, |manifest| {
        manifest["id"] = json!("upgrading/twitch-chat");
        manifest["version"] = json!(number);
        manifest["capabilities"]["secrets"]["account"] =
            json!({ "kind": "string", "hosts": ["irc-ws.chat.twitch.tv", "api.twitch.tv"] });
    })
}

async fn install(account: &Account) -> Result<String> {
    let shown = account.ask("GET", "/api/plugins/upgrading/twitch-chat/versions/1.0.0", None).await?;
    let body = json!({
        "plugin": "upgrading/twitch-chat",
        "version": "1.0.0",
        "grant": keys(&shown["plugin"]["permissions"]),
        "config": { "channel": CHANNEL },
        "secrets": { "account": TOKEN },
        "auto_upgrade": false,
    });
    let answer = account.ask("POST", "/api/installations", Some(&body)).await?;
    let id = answer["installation"]["id"].as_str().with_context(|| format!("an id in {answer}"))?;
    if answer["installation"]["enabled"] == false {
        account.ask("POST", &format!("/api/installations/{id}/enable"), None).await?;
    }
    Ok(id.to_owned())
}

/// All keys of a permission sheet.
fn keys(permissions: &Value) -> Vec<String> {
    let lines = permissions.as_array().into_iter().flatten();
    let keys = lines.flat_map(|line| line["keys"].as_array().cloned().unwrap_or_default());
    keys.filter_map(|key| key.as_str().map(str::to_owned)).collect()
}

struct Connector<'a> {
    account: &'a Account,
    installation: &'a str,
}

impl Connector<'_> {
    fn path(&self, rest: &str) -> String {
        format!("/api/installations/{}{rest}", self.installation)
    }

    async fn status(&self) -> Result<Value> {
        let answer = self.account.ask("GET", &self.path("/connector"), None).await?;
        Ok(if answer["connector"].is_object() { answer["connector"].clone() } else { answer })
    }

    /// Waits until the package with this digest has answered an event.
    async fn answers_as(&self, digest: &str) -> Result<()> {
        until(SWITCH, "the package answers", || async {
            let status = self.status().await?;
            Ok((status["plugin_digest"] == digest).then_some(()))
        })
        .await?;
        Ok(())
    }

    /// Waits until so many messages are stored.
    async fn has_stored(&self, events: usize) -> Result<Value> {
        let (status, _) = until(Duration::from_mins(2), "the events are stored", || async {
            let status = self.status().await?;
            Ok((status["messages"].as_u64() >= Some(events as u64)).then_some(status))
        })
        .await?;
        Ok(status)
    }

    /// The platform's ids of all stored messages, in the order in which they were stored.
    async fn stored(&self) -> Result<Vec<String>> {
        let (mut ids, mut cursor) = (Vec::new(), String::new());
        loop {
            let answer =
                self.account.ask("GET", &self.path(&format!("/messages?limit=200{cursor}")), None).await?;
            let messages = answer["messages"].as_array().with_context(|| format!("messages in {answer}"))?;
            ids.extend(
                messages.iter().filter_map(|message| message["platform_id"].as_str().map(str::to_owned)),
            );
            match answer["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        ids.reverse();
        Ok(ids)
    }
}
