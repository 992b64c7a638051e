//! A hundred of the thousand hostile packages (`cargo xtask bench hostile` runs all of them): nobody crashes, and a
//! neighbour is served all the while.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use neustream_contract::chat::{ChatConnectors as _, Event, Outgoing, Payload};
use neustream_contract::destination::DestinationAdapters as _;
use neustream_contract::moderation::ModerationFilters as _;
use neustream_contract::payment::{PaymentProviders as _, Webhook};
use neustream_contract::{Kind, Package, PluginPlatform as _};
use neustream_hostile::Sample;

use crate::kit::{Platform, charge, message, stock};

const SEED: u64 = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_hostile_packages_crash_nobody_and_keep_nobody_waiting() {
    let platform = Arc::new(Platform::open().await);
    let is_over = Arc::new(AtomicBool::new(false));
    let neighbour = tokio::spawn(neighbour(Arc::clone(&platform), Arc::clone(&is_over)));
    let (mut loaded, mut refused, mut answered, mut failed) = (0, 0, 0, 0);
    for number in (0..1000).step_by(10).map(|tenth| tenth + tenth / 10 % 10) {
        let sample = stock().sample(SEED, number).expect("a sample");
        // Bombs take their ten seconds each: they have a test of their own.
        if sample.name.starts_with("bomb: 40 functions") {
            continue;
        }
        let report = platform.plugins.scan(sample.package.clone().into()).await;
        let is_refused = platform.plugins.load(sample.package.clone().into()).await.is_err();
        if is_refused {
            assert!(
                report.problem().is_some(),
                "{}: scanned well, and does not load: {report:?}",
                sample.name
            );
            refused += 1;
            continue;
        }
        loaded += 1;
        for is_good in every_function_of(&platform, &sample).await {
            *(if is_good { &mut answered } else { &mut failed }) += 1;
        }
    }
    is_over.store(true, Ordering::Relaxed);
    let mut times = neighbour.await.expect("the neighbour lives");
    times.sort();
    let p99 = times[times.len() * 99 / 100];
    println!("{loaded} loaded, {refused} refused; {answered} calls answered, {failed} failed");
    println!("{} calls of the neighbour: median {:?}, p99 {p99:?}", times.len(), times[times.len() / 2]);
    assert!(
        loaded > 30 && refused > 10 && failed > 30,
        "{loaded} loaded, {refused} refused, {failed} failed"
    );
    assert!(times.len() > 100);
    // The exact figure is the bench's, on a machine of its own; here nobody waits for long.
    assert!(p99 < Duration::from_millis(500), "{p99:?}");
}

/// Calls a plugin that behaves, every five milliseconds; how long each took.
async fn neighbour(platform: Arc<Platform>, is_over: Arc<AtomicBool>) -> Vec<Duration> {
    let mut call = platform.call(Kind::Destination);
    call.tenant = neustream_model::TenantId::new();
    let mut pace = tokio::time::interval(Duration::from_millis(5));
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut times = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        pace.tick().await;
        let began = Instant::now();
        let target = platform.prepare(&call, "good x").await.expect("the neighbour is served");
        assert_eq!(target.state, b"x");
        times.push(began.elapsed());
    }
    times
}

/// Calls every function of a plugin with every deed; whether each was answered.
async fn every_function_of(platform: &Platform, sample: &Sample) -> Vec<bool> {
    let kind = Package::read(&sample.package).expect("it was loaded").manifest.kind;
    let mut ends = Vec::new();
    for deed in &sample.deeds {
        let call = platform.call_of(&sample.package);
        let digest = &call.plugin;
        match kind {
            Kind::Destination => {
                let Ok(adapter) = platform.plugins.adapter(digest).await else { continue };
                ends.push(platform.prepare(&call, deed).await.is_ok());
                ends.push(adapter.check(&call, deed.as_bytes()).await.is_ok());
                ends.push(adapter.finish(&call, deed.as_bytes()).await.is_ok());
                ends.push(adapter.retitle(&call, deed.as_bytes(), deed).await.is_ok());
            }
            Kind::Chat => {
                let Ok(connector) = platform.plugins.connector(digest).await else { continue };
                let events = [
                    Event::Opened("main".to_owned()),
                    Event::Received("main".to_owned(), Payload::Text(deed.clone())),
                    Event::Send(Outgoing { id: "o".to_owned(), text: deed.clone(), reply_to: None }),
                    Event::Timer(deed.clone()),
                ];
                ends.push(connector.open(&call).await.is_ok());
                ends.push(connector.handle(&call, deed.as_bytes(), &events).await.is_ok());
            }
            Kind::Moderation => {
                let Ok(filter) = platform.plugins.filter(digest).await else { continue };
                let batch = [message("m", deed), message("n", "hello")];
                ends.push(filter.plan(&call, &batch).await.is_ok());
                ends.push(filter.judge(&call, &batch, &[]).await.is_ok());
            }
            Kind::Payment => {
                let Ok(provider) = platform.plugins.provider(digest).await else { continue };
                let returned = [("payment".to_owned(), deed.clone())];
                let webhook = Webhook { headers: vec![], body: deed.as_bytes().to_vec() };
                ends.push(provider.start(&call, &charge(deed)).await.is_ok());
                ends.push(provider.find(&call, "k").await.is_ok());
                ends.push(provider.confirm(&call, "k", "p", &returned).await.is_ok());
                ends.push(provider.refund(&call, "k", deed, &charge(deed).amount).await.is_ok());
                ends.push(provider.receive(&call, &webhook).await.is_ok());
            }
        }
    }
    ends
}
