//! The process is killed at every await: exactly one charge, one refund, one ledger entry.

use neustream_billing::State;

use crate::points::polled;
use crate::world::{World, order, refund};

/// Ways of a platform: whether it knows a repeated key, and whether money moves at once.
const WAYS: [(bool, bool); 4] = [(true, false), (true, true), (false, false), (false, true)];

/// After a death during `start`: a new host recovers, the tenant asks again, the payer pays.
async fn one_charge_in_the_end(world: &World) {
    world.settle_down().await;
    let view = world.host().start(world.tenant, world.installation, &order("o-1")).await.unwrap();
    world.settle_down().await;
    world.platform.pay(view.key.as_str());
    world.find_out().await;
    assert_eq!(world.platform.charges(), 1, "charges at the stand-in");
    let kept = world.journal.kept.lock().unwrap();
    assert_eq!(kept.only_charge().state, State::Settled);
    assert_eq!(kept.only_charge().flag, None);
    assert_eq!(kept.transfers.len(), 1, "ledger entries");
}

#[tokio::test]
async fn killed_at_every_point_of_a_charge_there_is_one_charge() {
    for (is_idempotent, is_direct) in WAYS {
        let mut deaths = 0;
        loop {
            let world = World::with(is_idempotent, is_direct);
            let host = world.host();
            let order = order("o-1");
            let start = host.start(world.tenant, world.installation, &order);
            let ended = world.points.dying_at(deaths, start).await;
            one_charge_in_the_end(&world).await;
            if ended.is_some() {
                break;
            }
            deaths += 1;
        }
        assert!(deaths >= 11, "only {deaths} points: journal and provider are not interrupted");
    }
}

#[tokio::test]
async fn dropped_at_every_poll_of_a_charge_there_is_one_charge() {
    for (is_idempotent, is_direct) in WAYS {
        let mut polls = 1;
        loop {
            let world = World::with(is_idempotent, is_direct);
            let host = world.host();
            let ended = polled(polls, host.start(world.tenant, world.installation, &order("o-1"))).await;
            one_charge_in_the_end(&world).await;
            if ended.is_some() {
                break;
            }
            polls += 1;
        }
        assert!(polls >= 12, "only {polls} polls");
    }
}

#[tokio::test]
async fn killed_again_at_every_point_of_the_recovery_there_is_one_charge() {
    for (is_idempotent, is_direct) in WAYS {
        let mut first = 0;
        let mut deaths = 0;
        loop {
            let mut second = 0;
            let mut has_ended;
            loop {
                let world = World::with(is_idempotent, is_direct);
                let host = world.host();
                let order = order("o-1");
                let start = host.start(world.tenant, world.installation, &order);
                has_ended = world.points.dying_at(first, start).await.is_some();
                world.pass(std::time::Duration::from_secs(75));
                let host = world.host();
                let recovered = world.points.dying_at(second, host.recover()).await;
                one_charge_in_the_end(&world).await;
                if recovered.is_some() {
                    break;
                }
                second += 1;
                deaths += 1;
            }
            if has_ended {
                break;
            }
            first += 1;
        }
        assert!(deaths >= 60, "only {deaths} deaths during recovery");
    }
}

#[tokio::test]
async fn killed_at_every_point_of_a_refund_it_is_paid_back_once() {
    for (is_idempotent, is_direct) in WAYS {
        let mut deaths = 0;
        loop {
            let world = World::with(is_idempotent, is_direct);
            let view = world.host().start(world.tenant, world.installation, &order("o-1")).await.unwrap();
            world.platform.pay(view.key.as_str());
            world.find_out().await;
            let host = world.host();
            let order = refund("r-1", 600);
            let ended = world.points.dying_at(deaths, host.refund(world.tenant, &view.key, &order)).await;
            world.settle_down().await;
            let refund = world.host().refund(world.tenant, &view.key, &order).await.unwrap();
            world.settle_down().await;
            assert_eq!(world.state(&refund.key), State::Settled);
            assert_eq!(world.platform.books().made.len(), 2, "one charge, one refund");
            assert_eq!(world.journal.kept.lock().unwrap().transfers.len(), 2);
            if ended.is_some() {
                break;
            }
            deaths += 1;
        }
        assert!(deaths >= 13, "only {deaths} points");
    }
}

#[tokio::test]
async fn killed_at_every_point_of_a_webhook_the_repeated_one_counts_once() {
    let mut deaths = 0;
    loop {
        let world = World::new();
        let view = world.host().start(world.tenant, world.installation, &order("o-1")).await.unwrap();
        world.platform.pay(view.key.as_str());
        let paid = World::webhook(world.platform.books().events.len() - 1);
        let host = world.host();
        let received = host.receive(world.tenant, world.installation, &paid);
        let ended = world.points.dying_at(deaths, received).await;
        world.host().receive(world.tenant, world.installation, &paid).await.unwrap();
        assert_eq!(world.state(&view.key), State::Settled);
        assert_eq!(world.journal.kept.lock().unwrap().transfers.len(), 1);
        if ended.is_some() {
            break;
        }
        deaths += 1;
    }
    assert!(deaths >= 5, "only {deaths} points");
}
