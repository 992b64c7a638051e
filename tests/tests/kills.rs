//! kill -9 under load, again and again: what was streamed is counted once and lost for a heartbeat at most, what was
//! acknowledged is there, and the audit log's chains hold.
//!
//! The test has a clock of its own: it notes when each publisher was let in and when the server was killed, and holds
//! the database's figures against that. Encoders stream at once with writers that change destinations over the API.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use neustream_model::UnixMillis;
use neustream_store::{AuditFilter, AuditOrder, SealingKey, Store, StoreSettings, TenantStore};
use neustream_tests::kit::api::{Account, Source};
use neustream_tests::kit::postgres::Postgres;
use neustream_tests::kit::rtmp::client::{Answer, RtmpClient};
use neustream_tests::kit::server::{Server, Settings};
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::json;
use tokio::task::JoinSet;

/// Streams at the same time.
const SOURCES: usize = 4;
/// Writers of the API at the same time.
const WRITERS: usize = 3;
/// How often the server writes usage down: what a kill may take of each stream.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// What a beat may come later on a busy machine.
const LATE: Duration = Duration::from_millis(1_500);
/// How long streams run before the kill, in turns: some shorter than a heartbeat, some several.
const LIVES_MS: [u64; 5] = [300, 4_200, 1_100, 3_300, 2_500];

#[tokio::test(flavor = "multi_thread")]
async fn a_few_kills_lose_no_usage_and_no_acknowledged_write_on_sqlite() -> Result<()> {
    survive(None, 3).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_few_kills_lose_no_usage_and_no_acknowledged_write_on_postgresql() -> Result<()> {
    let database = Postgres::start().await?;
    survive(Some(database.url()), 3).await
}

/// `cargo test -p neustream-tests --test kills -- --ignored`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a hundred kills on each database take a quarter of an hour"]
async fn a_hundred_kills_lose_no_usage_and_no_acknowledged_write() -> Result<()> {
    survive(None, 100).await?;
    let database = Postgres::start().await?;
    survive(Some(database.url()), 100).await
}

/// Starts a server on a database (`None` for its own file), and kills it so many times.
async fn survive(database: Option<String>, kills: usize) -> Result<()> {
    let mut settings = Settings::new()?.with("NEUSTREAM_USAGE_INTERVAL_S", HEARTBEAT.as_secs().to_string());
    if let Some(url) = &database {
        settings = settings.with("NEUSTREAM_DATABASE_URL", url);
    }
    let mut server = settings.start().await?;
    let account = server.account().await?;
    let mut sources = Vec::new();
    for number in 0..SOURCES {
        sources.push(account.source(&format!("Source {number}")).await?);
    }
    let books = Books::open(&server, database, &account).await?;
    let acknowledged = Arc::new(Acknowledged::default());
    let (mut streamed, mut counted) = (Duration::ZERO, Duration::ZERO);
    for kill in 0..kills {
        let before = books.counted(&sources).await?;
        let life = Duration::from_millis(LIVES_MS[kill % LIVES_MS.len()]);
        let (restarted, lives) = live_and_die(server, &account, &sources, &acknowledged, life).await?;
        server = restarted;
        let after = books.counted(&sources).await?;
        for (source, life) in sources.iter().zip(&lives) {
            let added = after[&source.id].saturating_sub(before[&source.id]);
            life.expect(added).with_context(|| format!("kill {kill}, source {}", source.id))?;
            streamed += life.at_least;
            counted += added;
        }
        books.expect_kept(&acknowledged).await.with_context(|| format!("after kill {kill}"))?;
    }
    let entries = books.expect_whole().await?;
    let changes = acknowledged.lock().count;
    ensure!(changes > kills as u64, "there was hardly any load: {changes} changes");
    eprintln!(
        "figure: {kills} kills: {streamed:.1?} streamed, {counted:.1?} counted; {changes} acknowledged changes, all \
         there; {entries} entries of audit chains verified"
    );
    Ok(())
}

/// How long one stream ran, by the test's clock.
struct Life {
    at_least: Duration,
    at_most: Duration,
}

impl Life {
    /// What was counted is not more than it ran, and less by a heartbeat at most.
    fn expect(&self, counted: Duration) -> Result<()> {
        let owed = self.at_least.saturating_sub(HEARTBEAT + LATE);
        ensure!(counted >= owed, "{counted:?} counted of at least {:?}: usage was lost", self.at_least);
        ensure!(
            counted <= self.at_most,
            "{counted:?} counted of at most {:?}: it was counted twice",
            self.at_most
        );
        Ok(())
    }
}

/// Streams every source and writes over the API for `life`, then kills the server and starts it again.
async fn live_and_die(
    server: Server,
    account: &Account,
    sources: &[Source],
    acknowledged: &Arc<Acknowledged>,
    life: Duration,
) -> Result<(Server, Vec<Life>)> {
    let mut writers = JoinSet::new();
    for place in 0..WRITERS {
        let source = sources[place % sources.len()].clone();
        writers.spawn(write(account.clone(), source, Arc::clone(acknowledged)));
    }
    let mut publishers = Vec::new();
    for source in sources {
        let asked = Instant::now();
        let (client, answer) = RtmpClient::publishing(server.rtmp(), &source.stream_key).await?;
        ensure!(answer == Answer::Accepted, "a publisher was refused: {answer:?}");
        publishers.push((client, asked, Instant::now()));
    }
    // How long it streams is what is tested: nothing else ends this wait.
    tokio::time::sleep(life).await;
    let killing = Instant::now();
    let server = server.kill_and_restart().await?;
    let restarted = Instant::now();
    drop(writers);
    let lives = publishers.into_iter().map(|(client, asked, accepted)| {
        drop(client);
        // The server died somewhere between the signal and its successor's first word.
        let died_by = restarted.checked_sub(server.started_in()).unwrap_or(restarted);
        Life { at_least: killing - accepted, at_most: died_by.saturating_duration_since(asked) }
    });
    let lives = lives.collect();
    Ok((server, lives))
}

/// What the server acknowledged.
#[derive(Default)]
struct Acknowledged(Mutex<Changes>);

#[derive(Default)]
struct Changes {
    count: u64,
    /// Destinations that were made, and whose deletion nobody asked for.
    there: BTreeSet<String>,
    /// Destinations that were deleted.
    gone: BTreeSet<String>,
    /// Audit entries that there must be: action and target.
    entries: BTreeSet<(&'static str, String)>,
}

impl Acknowledged {
    fn lock(&self) -> std::sync::MutexGuard<'_, Changes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes and deletes destinations until the server is gone.
async fn write(account: Account, source: Source, acknowledged: Arc<Acknowledged>) {
    let body = json!({
        "platform": "custom",
        "rtmp_url": "rtmp://127.0.0.1:9/app",
        "stream_key": "unused",
        "is_active": false,
    });
    loop {
        let Ok(id) = account.destination(&source, &body).await else { return };
        {
            let mut known = acknowledged.lock();
            known.count += 1;
            known.there.insert(id.clone());
            known.entries.insert(("destination.create", id.clone()));
            if known.count.is_multiple_of(7) && known.there.len() < 30 {
                // This one stays.
                continue;
            }
            known.there.remove(&id);
        }
        // Whether it is still there is only known when this is answered.
        let path = format!("/api/sources/destinations/{id}");
        if account.ask("DELETE", &path, None).await.is_err() {
            return;
        }
        let mut known = acknowledged.lock();
        known.count += 1;
        known.entries.insert(("destination.delete", id.clone()));
        known.gone.insert(id);
    }
}

/// A second look at the database, beside the server.
struct Books {
    store: Store,
    tenant: TenantStore,
}

impl Books {
    async fn open(server: &Server, database: Option<String>, account: &Account) -> Result<Self> {
        let data = server.data_dir();
        let key = SealingKey::load_or_create(&data.join("master.key"))?;
        let store = Store::open(match database {
            Some(url) => StoreSettings::by_url(url, key),
            None => StoreSettings::sqlite_in(&data, key),
        });
        let store = store.await?;
        let profile = account.ask("GET", "/api/auth/profile", None).await?;
        let tenant = profile["user"]["organisation_id"].as_str();
        let tenant = tenant.with_context(|| format!("an organisation in {profile}"))?.parse()?;
        Ok(Self { tenant: store.tenant(tenant), store })
    }

    /// How long each source was streamed, as written down.
    async fn counted(&self, sources: &[Source]) -> Result<BTreeMap<String, Duration>> {
        let usage = self.tenant.usage(UnixMillis::now()).await?;
        let of = |source: &Source| Ok((source.id.clone(), usage.of(source.id.parse()?).this_month));
        sources.iter().map(of).collect()
    }

    /// Expects everything that was acknowledged to be there, and its entry in the audit log.
    async fn expect_kept(&self, acknowledged: &Acknowledged) -> Result<()> {
        let there = self.tenant.every_app().all_destinations().await?;
        let there: BTreeSet<String> = there.into_iter().map(|one| one.row.id.to_string()).collect();
        let entries = std::mem::take(&mut acknowledged.lock().entries);
        {
            let known = acknowledged.lock();
            let lost: Vec<_> = known.there.difference(&there).collect();
            ensure!(lost.is_empty(), "destinations that were acknowledged are lost: {lost:?}");
            let back: Vec<_> = known.gone.intersection(&there).collect();
            ensure!(back.is_empty(), "destinations that were deleted are back: {back:?}");
        }
        for (action, id) in entries {
            let filter = AuditFilter {
                action: Some(action.to_owned()),
                target_id: Some(id.clone()),
                ..AuditFilter::default()
            };
            let found = self.tenant.audit_log(&filter, AuditOrder::OldestFirst(0), 2).await?;
            ensure!(found.len() == 1, "{} entries `{action}` of {id}", found.len());
        }
        self.expect_whole().await.map(drop)
    }

    /// Expects every chain to hold; counts their entries.
    async fn expect_whole(&self) -> Result<u64> {
        let host = self.store.host();
        let mut entries = 0;
        for chain in host.audit_chains().await? {
            let verified = host.verify_audit(chain).await?;
            ensure!(verified.broken.is_none(), "{chain:?}: {:?}", verified.broken);
            entries += verified.entries;
        }
        Ok(entries)
    }
}
