//! Anything may happen in any order: starts, deaths, payments, webhooks, refunds, faults, time.

use std::collections::BTreeMap;
use std::time::Duration;

use neustream_billing::{BillingError, PaymentKey, State};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestRunner};

use crate::provider::Fault;
use crate::world::{World, order, refund};

#[derive(Debug, Clone)]
enum Step {
    Start { order: usize, dies_at: Option<u64> },
    Pay { order: usize },
    Webhook { number: usize, dies_at: Option<u64> },
    Refund { order: usize, reference: u8, minor: u64, dies_at: Option<u64> },
    Recover { dies_at: Option<u64> },
    Fault(Fault),
    FindFault,
    JournalOutage,
    Pass { seconds: u64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let dies_at = || proptest::option::weighted(0.4, 0..16_u64);
    let fault = prop_oneof![
        Just(Fault::LostAnswer),
        Just(Fault::LostRequest),
        Just(Fault::Late),
        Just(Fault::NotSent),
        Just(Fault::RateLimited)
    ];
    let step = prop_oneof![
        4 => (0..3_usize, dies_at()).prop_map(|(order, dies_at)| Step::Start { order, dies_at }),
        3 => (0..3_usize).prop_map(|order| Step::Pay { order }),
        4 => (0..8_usize, dies_at()).prop_map(|(number, dies_at)| Step::Webhook { number, dies_at }),
        3 => (0..3_usize, 0..3_u8, 1..900_u64, dies_at())
            .prop_map(|(order, reference, minor, dies_at)| Step::Refund { order, reference, minor, dies_at }),
        3 => dies_at().prop_map(|dies_at| Step::Recover { dies_at }),
        3 => fault.prop_map(Step::Fault),
        1 => Just(Step::FindFault),
        1 => Just(Step::JournalOutage),
        3 => (1..120_u64).prop_map(|seconds| Step::Pass { seconds }),
    ];
    vec(step, 1..40)
}

/// What a process may answer: whatever it likes, but none of the errors that would be the driver's own fault.
fn is_fair<T: std::fmt::Debug>(outcome: Option<&Result<T, BillingError>>) {
    let is_fair = match outcome {
        None | Some(Ok(_)) => true,
        Some(Err(error)) => matches!(
            error,
            BillingError::Journal(_)
                | BillingError::NotSettled
                | BillingError::ExceedsPaid { .. }
                | BillingError::ReferenceInUse
                | BillingError::ChargeUnknown
        ),
    };
    assert!(is_fair, "{outcome:?}");
}

async fn go(world: &World, steps: &[Step]) {
    let orders = ["o-0", "o-1", "o-2"];
    let mut keys: BTreeMap<usize, PaymentKey> = BTreeMap::new();
    for step in steps {
        let host = world.host();
        match step {
            Step::Start { order: number, dies_at } => {
                let order = order(orders[*number]);
                let start = host.start(world.tenant, world.installation, &order);
                let outcome = world.points.dying_at(dies_at.unwrap_or(u64::MAX >> 1), start).await;
                is_fair(outcome.as_ref());
                if let Some(Ok(view)) = outcome {
                    let known = keys.entry(*number).or_insert_with(|| view.key.clone());
                    assert_eq!(*known, view.key, "one order, one key");
                }
            }
            Step::Pay { order } => {
                if let Some(key) = keys.get(order) {
                    world.platform.pay(key.as_str());
                }
            }
            Step::Webhook { number, dies_at } => {
                let webhook = World::webhook(*number);
                let receive = host.receive(world.tenant, world.installation, &webhook);
                is_fair(world.points.dying_at(dies_at.unwrap_or(u64::MAX >> 1), receive).await.as_ref());
            }
            Step::Refund { order, reference, minor, dies_at } => {
                let Some(key) = keys.get(order) else { continue };
                let refund = refund(&format!("r-{reference}"), *minor);
                let refunded = host.refund(world.tenant, key, &refund);
                is_fair(world.points.dying_at(dies_at.unwrap_or(u64::MAX >> 1), refunded).await.as_ref());
            }
            Step::Recover { dies_at } => {
                is_fair(
                    world.points.dying_at(dies_at.unwrap_or(u64::MAX >> 1), host.recover()).await.as_ref(),
                );
            }
            Step::Fault(fault) => world.platform.books().faults.push_back(*fault),
            Step::FindFault => world.platform.books().find_faults += 1,
            Step::JournalOutage => world.journal.kept.lock().unwrap().outages += 1,
            Step::Pass { seconds } => world.pass(Duration::from_secs(*seconds)),
        }
    }
}

/// Everything calms down, all webhooks come once more in this order: what is true then.
async fn check(world: &World, is_forward: bool) {
    world.platform.books().faults.clear();
    world.platform.books().find_faults = 0;
    world.journal.kept.lock().unwrap().outages = 0;
    world.pass(Duration::from_mins(2));
    world.find_out().await;
    let count = world.platform.books().events.len();
    for number in 0..count {
        let number = if is_forward { number } else { count - 1 - number };
        world.host().receive(world.tenant, world.installation, &World::webhook(number)).await.unwrap();
    }

    let books = world.platform.books();
    let kept = world.journal.kept.lock().unwrap();
    for made in &books.made {
        let same = books.made.iter().filter(|other| other.key == made.key).count();
        assert_eq!(same, 1, "twice at the platform: {made:?}");
        let entry = &kept.entries[&made.key.parse().unwrap()];
        assert_eq!(made.is_paid, entry.state == State::Settled, "{entry:?} is {made:?}");
    }
    for entry in kept.entries.values() {
        assert_eq!(entry.state == State::Settled, kept.transfers.contains_key(&entry.key), "{entry:?}");
        assert_eq!(entry.flag, None, "{entry:?}");
        assert!(entry.is_free(world.now()), "a lease is left: {entry:?}");
        if entry.state == State::Settled {
            assert!(books.made.iter().any(|made| made.key == entry.key.to_string()), "{entry:?}");
        }
    }
}

#[test]
fn whatever_happens_in_whatever_order_nobody_is_charged_twice() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let config = Config { cases: 600, failure_persistence: None, ..Config::default() };
    let ways = (any::<bool>(), any::<bool>(), any::<bool>());
    TestRunner::new(config)
        .run(&(steps(), ways), |(steps, (is_idempotent, is_direct, is_forward))| {
            runtime.block_on(async {
                let world = World::with(is_idempotent, is_direct);
                go(&world, &steps).await;
                check(&world, is_forward).await;
            });
            Ok(())
        })
        .unwrap();
}
