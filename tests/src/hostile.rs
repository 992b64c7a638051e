//! Hostile plugins against a serving host: uploaded, installed and called through the API, as a bad author could.
//!
//! Beside them a broadcast runs, whose frames are counted at the far end by the numbers in its pictures, and a
//! neighbour asks its own filter again and again. Shown is that nothing crashes, that the neighbour hardly notices, and
//! that the broadcast loses no frame.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use neustream_hostile::{Kind, Sample, Stock};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use crate::kit::api::Account;
use crate::kit::author::Author;
use crate::kit::counter::Count;
use crate::kit::http::Answer;
use crate::kit::publisher::{Encoding, Publisher};
use crate::kit::rtmp::client::RtmpClient;
use crate::kit::rtmp::destination::{Behaviour, RtmpDestination};
use crate::kit::server::{Server, Settings};
use crate::kit::studio::GOES_LIVE;
use crate::kit::wait::until;
use crate::kit::{Context, Result, ensure};

/// How often the neighbour asks.
const PACE: Duration = Duration::from_millis(10);
/// How long a prepared destination may take to show what became of it.
const SHOWN: Duration = Duration::from_secs(12);
/// Packages of one author: its host limits their number.
const OF_ONE_AUTHOR: usize = 200;

/// What is run.
#[derive(Debug, Clone)]
pub struct Run {
    /// The samples of the seed.
    pub numbers: Vec<u32>,
    /// Chooses the packages.
    pub seed: u64,
    /// How long the neighbour is measured without anybody beside it.
    pub quiet: Duration,
    /// Whether every sample is told on standard error.
    pub is_told: bool,
}

/// What was seen.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Packages that were refused at the upload.
    pub refused: usize,
    /// Packages that were accepted, installed and called.
    pub installed: usize,
    /// Statuses of all answers to calls of hostile plugins.
    pub statuses: BTreeMap<u16, usize>,
    /// Calls of the neighbour alone, sorted.
    pub before: Vec<Duration>,
    /// Calls of the neighbour beside hostile plugins, sorted.
    pub beside: Vec<Duration>,
    /// Of those alone, the ones whose filter had not answered within its 50 ms.
    pub late_before: usize,
    /// The same of those beside hostile plugins.
    pub late_beside: usize,
    /// Frames that the broadcast sent to its destination.
    pub frames: usize,
    /// How much the process grew, in MiB.
    pub grown_mib: u64,
    /// How long it took.
    pub took: Duration,
}

/// So many of a hundred of the sorted times took at most this.
pub fn percentile(sorted: &[Duration], percent: f64) -> Duration {
    let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied().unwrap_or_default()
}

impl Outcome {
    /// What the hostile plugins added to the neighbour's 99th percentile.
    pub fn added(&self) -> Duration {
        percentile(&self.beside, 99.0).saturating_sub(percentile(&self.before, 99.0))
    }

    /// As docs/BENCHMARKS.md has it.
    pub fn to_markdown(&self) -> String {
        let ms = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1e3);
        let of = |times: &[Duration], late: usize| {
            let (median, p99) = (percentile(times, 50.0), percentile(times, 99.0));
            format!("{} | {} | {} | {late}", times.len(), ms(median), ms(p99))
        };
        format!(
            "{} packages within {:.0} s: {} refused, {} installed and called; answers by status: {:?}\n\n\
             | Neighbour | calls | median | p99 | later than 50 ms |\n|---|---:|---:|---:|---:|\n\
             | alone | {} |\n| beside hostile plugins | {} |\n\n\
             added to the p99: {}; frames of the broadcast: {}, lost: 0; the process grew by {} MiB\n",
            self.refused + self.installed,
            self.took.as_secs_f64(),
            self.refused,
            self.installed,
            self.statuses,
            of(&self.before, self.late_before),
            of(&self.beside, self.late_beside),
            ms(self.added()),
            self.frames,
            self.grown_mib,
        )
    }
}

/// Runs them all, one after the other.
///
/// # Errors
/// When the server crashes or panics, the broadcast loses a frame, or a step of the run itself fails.
pub async fn run(run: &Run) -> Result<Outcome> {
    let began = Instant::now();
    let mut server = Settings::new()?.start().await?;
    let honest = server.account().await?;
    let receiver = RtmpDestination::start(Behaviour::default()).await?;
    let source = honest.source("An honest stream").await?;
    let at_receiver = honest.custom(&source, &receiver.url(), "key").await?;
    let publisher = Publisher::start(&server.publish_url(&source.stream_key), &Encoding::default())?;
    honest.destination_is(&source, &at_receiver, "live", GOES_LIVE).await?;
    install_filter(&honest).await?;

    let mut outcome = Outcome::default();
    let neighbour = Neighbour::start(&honest);
    tokio::time::sleep(run.quiet).await;
    (outcome.before, outcome.late_before) = neighbour.stop().await?;
    let resident = server.resident_bytes()?;
    let neighbour = Neighbour::start(&honest);
    for (index, numbers) in run.numbers.chunks(OF_ONE_AUTHOR).enumerate() {
        let namespace = format!("hostile-{index}");
        let stock = Stock::of_the_workspace()?.of_namespace(&namespace);
        let account = server.account().await?;
        let author = Author::register(&account, &namespace).await?;
        for number in numbers {
            let sample = stock.sample(run.seed, *number)?;
            let told = attack(&server, &account, &author, &sample, &mut outcome)
                .await
                .with_context(|| format!("sample {number} ({})", sample.name))?;
            if run.is_told {
                eprintln!("{number:>4} {}: {told}", sample.name);
            }
            ensure!(server.is_running(), "the server is gone after sample {number}: {}", sample.name);
        }
    }
    (outcome.beside, outcome.late_beside) = neighbour.stop().await?;
    outcome.grown_mib = server.resident_bytes()?.saturating_sub(resident) >> 20;
    publisher.stop().await?;
    receiver.sees(Duration::from_secs(30), "the end", |connections| connections[0].closed).await?;
    ensure!(receiver.connections().len() == 1, "the broadcast was interrupted");
    let count = Count::of(&receiver.recording(0)).await?;
    count.expect_whole("the broadcast beside hostile plugins")?;
    outcome.frames = count.stamps.len();
    server.expect_serving().await?;
    let panicked = server.log().into_iter().find(|line| line.contains("panicked at"));
    ensure!(panicked.is_none(), "the server panicked: {panicked:?}");
    outcome.took = began.elapsed();
    Ok(outcome)
}

/// A filter of the house's own, for the neighbour.
async fn install_filter(account: &Account) -> Result<()> {
    let body = json!({
        "plugin": "neustream/blocklist",
        "grant": [],
        "config": { "rules": [{ "name": "insults", "action": "delete", "terms": ["badword"] }] },
    });
    let answer = account.ask("POST", "/api/installations", Some(&body)).await?;
    let id = id_of(&answer)?;
    if answer["installation"]["enabled"] == false {
        account.ask("POST", &format!("/api/installations/{id}/enable"), None).await?;
    }
    // The first call also loads the filter; it may find its 50 ms over.
    until(Duration::from_secs(10), "the neighbour's filter judges", || async {
        let judged = judge(account, "a badword").await?;
        Ok(judged.text().contains("delete").then_some(()))
    })
    .await?;
    Ok(())
}

fn id_of(answer: &Value) -> Result<String> {
    let id = answer["installation"]["id"].as_str();
    Ok(id.with_context(|| format!("an installation's id in {answer}"))?.to_owned())
}

async fn judge(account: &Account, text: &str) -> Result<Answer> {
    let body = json!({ "messages": [{ "id": "m", "text": text }] });
    account.send("POST", "/api/moderation/judge", Some(&body)).await
}

/// Somebody who asks a filter that behaves.
struct Neighbour {
    is_over: Arc<AtomicBool>,
    asking: JoinHandle<Result<(Vec<Duration>, usize)>>,
}

impl Neighbour {
    fn start(account: &Account) -> Self {
        let (account, is_over) = (account.clone(), Arc::new(AtomicBool::new(false)));
        let ends = Arc::clone(&is_over);
        let asking = tokio::spawn(async move {
            let mut pace = tokio::time::interval(PACE);
            pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let (mut times, mut late) = (Vec::new(), 0);
            while !ends.load(Ordering::Relaxed) {
                pace.tick().await;
                let began = Instant::now();
                let answer = judge(&account, "a badword").await?;
                times.push(began.elapsed());
                let text = answer.text();
                // A filter has 50 ms, told by the runtime or by the driver that waits for it, and the tenant's choice
                // holds for what comes later: it shows in the times.
                let is_late =
                    ["plugin-timeout", "the filter failed: timed-out"].iter().any(|told| text.contains(told));
                late += usize::from(is_late);
                let is_judged = text.contains("delete") || is_late;
                ensure!(answer.status == 200 && is_judged, "{}: {text}", answer.status);
            }
            times.sort_unstable();
            Ok((times, late))
        });
        Self { is_over, asking }
    }

    async fn stop(self) -> Result<(Vec<Duration>, usize)> {
        self.is_over.store(true, Ordering::Relaxed);
        self.asking.await?
    }
}

/// Uploads a package; where it is accepted, installs it, has it do its deeds, and removes it again. Tells what happened.
async fn attack(
    server: &Server,
    account: &Account,
    author: &Author,
    sample: &Sample,
    outcome: &mut Outcome,
) -> Result<String> {
    let answer = account.upload("/api/plugins", &author.signed(&sample.package)).await?;
    *outcome.statuses.entry(answer.status).or_default() += 1;
    if answer.status != 201 {
        ensure!((400..500).contains(&answer.status), "uploading: {} {}", answer.status, answer.text());
        outcome.refused += 1;
        return Ok(format!("refused: {}", answer.json()?["error"]));
    }
    let plugin = answer.json()?["plugin"].clone();
    let keys =
        plugin["permissions"].as_array().into_iter().flatten().filter_map(|line| line["keys"].as_array());
    let names =
        plugin["secrets"].as_array().into_iter().flatten().filter_map(|secret| secret["name"].as_str());
    let secrets: BTreeMap<&str, &str> =
        names.map(|name| (name, "a_secret_of_a_hostile_installation")).collect();
    let body = json!({
        "plugin": plugin["id"],
        "grant": keys.flatten().collect::<Vec<_>>(),
        "secrets": secrets,
        "auto_upgrade": false,
    });
    let answer = account.send("POST", "/api/installations", Some(&body)).await?;
    *outcome.statuses.entry(answer.status).or_default() += 1;
    if answer.status != 201 {
        ensure!((400..500).contains(&answer.status), "installing: {} {}", answer.status, answer.text());
        outcome.refused += 1;
        return Ok(format!("not installed: {}", answer.json()?["error"]));
    }
    outcome.installed += 1;
    let id = id_of(&answer.json()?)?;
    let path = |rest: &str| format!("/api/installations/{id}{rest}");
    let kind = match plugin["kind"].as_str() {
        Some("destination") => Kind::Destination,
        Some("chat") => Kind::Chat,
        Some("moderation") => Kind::Moderation,
        _ => Kind::Payment,
    };
    let mut told = String::from("ran");
    for (place, deed) in sample.deeds.iter().enumerate() {
        // What a person may type: a deed is data, too.
        let deed: String = deed.chars().take(100).collect();
        let answer = match kind {
            Kind::Destination => {
                told = broadcast(server, account, &id, &deed).await?;
                continue;
            }
            Kind::Chat => account.send("POST", &path("/messages"), Some(&json!({ "text": deed }))).await?,
            Kind::Moderation => judge(account, &deed).await?,
            Kind::Payment => {
                let charge = json!({
                    "reference": format!("order-{}-{place}", sample.number),
                    "amount": { "minor": 1000, "currency": "EUR" },
                    "description": deed,
                    "payer_ref": "payer",
                    "return_url": "https://example.com/thanks",
                });
                account.send("POST", &path("/charges"), Some(&charge)).await?
            }
        };
        *outcome.statuses.entry(answer.status).or_default() += 1;
        let is_told = answer.status < 500 || answer.status == 503;
        ensure!(is_told, "`{deed}`: {} {}", answer.status, answer.text());
    }
    let answer = account.send("POST", &path("/self-test"), None).await?;
    ensure!(answer.status < 500, "the self-test: {} {}", answer.status, answer.text());
    let answer = account.send("DELETE", &path(""), None).await?;
    ensure!(answer.status < 500, "uninstalling: {} {}", answer.status, answer.text());
    Ok(told)
}

/// Has a destination prepared whose title is the deed; gives the reason that is shown for it.
async fn broadcast(server: &Server, account: &Account, installation: &str, deed: &str) -> Result<String> {
    let source = account.source(deed).await?;
    let body = json!({ "installation_id": installation, "config": {}, "secrets": {} });
    let path = format!("/api/sources/{}", source.id);
    let answer = account.send("POST", &format!("{path}/destinations"), Some(&body)).await?;
    ensure!(answer.status < 500, "a destination: {} {}", answer.status, answer.text());
    let mut shown = format!("no destination: {}", answer.status);
    if answer.status == 201 {
        let id = answer.json()?["destination"]["id"].as_str().context("an id")?.to_owned();
        let (_publisher, _) = RtmpClient::publishing(server.rtmp(), &source.stream_key).await?;
        let (reason, _) = until(SHOWN, "the destination shows what became of it", || async {
            let stream = account.stream(&source).await?;
            let destination = stream.destination(&id)?;
            let has_connected = ["connecting", "live"].contains(&destination.state.as_str());
            let reason = destination.reason.as_ref().map(|reason| reason.code.clone());
            Ok(reason.or(has_connected.then(|| destination.state.clone())))
        })
        .await?;
        shown = reason;
        account.end_stream(&source).await?;
    }
    account.send("DELETE", &path, None).await?;
    Ok(shown)
}
