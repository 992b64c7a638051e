//! Charges: how one goes, and how it goes wrong.

use std::time::Duration;

use neustream_billing::{BillingError, State};
use neustream_contract::payment::{PaymentStatus, Receipt};
use neustream_contract::{CallErrorKind, Digest};

use crate::provider::Fault;
use crate::world::{World, order, usd};

async fn start(world: &World, reference: &str) -> neustream_billing::ChargeView {
    world.host().start(world.tenant, world.installation, &order(reference)).await.unwrap()
}

#[tokio::test]
async fn a_payer_is_sent_to_the_provider_and_a_paid_charge_is_in_the_ledger() {
    let world = World::new();
    let charge = start(&world, "o-1").await;
    assert_eq!(charge.state, State::ActionRequired);
    assert_eq!(charge.action.unwrap().url.unwrap(), "https://pay.example.com/pay_0");

    world.platform.pay(charge.key.as_str());
    let host = world.host();
    let mut changes = host.subscribe();
    let returned = [("signature".to_owned(), "order_pay_0".to_owned())];
    let charge = host.confirm(world.tenant, &charge.key, &returned).await.unwrap();
    assert_eq!((charge.state, charge.payment_id.as_deref()), (State::Settled, Some("pay_0")));
    assert_eq!(changes.try_recv().unwrap().state, State::Settled);

    let transfer = host.transfer(world.tenant, &charge.key).await.unwrap().unwrap();
    let lines: Vec<_> = transfer.lines.iter().map(|line| (line.account.to_string(), line.minor)).collect();
    let provider = format!("provider:{}", world.installation);
    assert_eq!(lines, [(provider, 1000), ("orders".to_owned(), -1000)]);
}

#[tokio::test]
async fn a_repeated_reference_is_the_same_charge_and_other_terms_are_refused() {
    let world = World::new();
    let first = start(&world, "o-1").await;
    let second = start(&world, "o-1").await;
    assert_eq!(first, second);
    assert_eq!(world.platform.charges(), 1);

    let mut dearer = order("o-1");
    dearer.amount = usd(1001);
    let refused = world.host().start(world.tenant, world.installation, &dearer).await;
    assert_eq!(refused, Err(BillingError::ReferenceInUse));
}

#[tokio::test]
async fn two_hosts_that_start_one_order_at_once_make_one_charge() {
    for is_idempotent in [true, false] {
        let world = World::with(is_idempotent, false);
        let (one, other) = (world.host(), world.host());
        let order = order("o-1");
        let (first, second) = tokio::join!(
            one.start(world.tenant, world.installation, &order),
            other.start(world.tenant, world.installation, &order)
        );
        assert_eq!(first.unwrap().key, second.unwrap().key);
        world.settle_down().await;
        assert_eq!(world.platform.charges(), 1);
    }
}

#[tokio::test]
async fn a_lost_answer_is_found_again_while_the_payer_waits() {
    let world = World::with(false, false);
    world.platform.books().faults.push_back(Fault::LostAnswer);
    let charge = start(&world, "o-1").await;
    assert_eq!(charge.state, State::ActionRequired);
    assert_eq!(world.platform.charges(), 1);
}

#[tokio::test]
async fn a_lost_request_is_sent_again_only_when_none_can_be_under_way() {
    for fault in [Fault::LostRequest, Fault::Late] {
        let world = World::with(false, false);
        world.platform.books().faults.push_back(fault);
        let charge = start(&world, "o-1").await;
        assert_eq!(charge.state, State::Unknown, "{fault:?}");
        assert_eq!(charge.reason.unwrap().code, "timed-out");
        world.pass(Duration::from_secs(2));
        world.host().recover().await.unwrap();
        assert_eq!(
            world.state(&charge.key),
            State::Unknown,
            "nothing was found, but that is not believed yet"
        );

        world.settle_down().await;
        assert_eq!(world.state(&charge.key), State::ActionRequired);
        assert_eq!(world.platform.charges(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn an_unknown_outcome_stays_unknown_while_the_provider_cannot_be_asked() {
    let world = World::with(false, false);
    world.platform.books().faults.push_back(Fault::LostAnswer);
    world.platform.books().find_faults = 5;
    let charge = start(&world, "o-1").await;
    assert_eq!(charge.state, State::Unknown);
    let mut last = None;
    for _ in 0..4 {
        let due = world.journal.kept.lock().unwrap().entries[&charge.key].next_attempt.unwrap();
        let pause = Duration::from_millis(due.0 - world.now().0);
        assert!(last.is_none_or(|last| pause > last), "the pauses grow: {pause:?} after {last:?}");
        last = Some(pause);
        world.pass(pause);
        assert_eq!(world.host().recover().await.unwrap(), 1);
        assert_eq!(world.state(&charge.key), State::Unknown);
    }
    world.settle_down().await;
    assert_eq!((world.state(&charge.key), world.platform.charges()), (State::ActionRequired, 1));
}

#[tokio::test]
async fn what_was_not_sent_is_sent_later_with_the_same_key() {
    let world = World::with(false, false);
    world.platform.books().faults.extend([Fault::NotSent, Fault::RateLimited]);
    let charge = start(&world, "o-1").await;
    assert_eq!((charge.state, charge.reason.unwrap().code.as_str()), (State::Prepared, "refused"));
    world.pass(Duration::from_secs(2));
    world.host().recover().await.unwrap();
    assert_eq!(world.state(&charge.key), State::Prepared);
    world.pass(Duration::from_secs(29));
    assert_eq!(world.host().recover().await.unwrap(), 0, "the provider asked for 30 seconds");
    world.pass(Duration::from_secs(1));
    world.host().recover().await.unwrap();
    assert_eq!((world.state(&charge.key), world.platform.charges()), (State::ActionRequired, 1));
    assert_eq!(world.platform.books().made[0].key, charge.key.to_string());
}

#[tokio::test]
async fn a_refused_api_key_ends_the_charge_at_once() {
    let world = World::new();
    world.platform.books().faults.push_back(Fault::Unauthorized);
    let charge = start(&world, "o-1").await;
    assert_eq!((charge.state, charge.reason.unwrap().code.as_str()), (State::Declined, "unauthorized"));
    assert_eq!(world.platform.charges(), 0);
}

#[tokio::test]
async fn refused_credentials_that_can_be_refreshed_are_tried_once_more() {
    let world = World::with(false, false);
    world.installed.refreshable.store(1, std::sync::atomic::Ordering::SeqCst);
    world.platform.books().faults.push_back(Fault::Unauthorized);
    let charge = start(&world, "o-1").await;
    assert_eq!((charge.state, world.platform.charges()), (State::ActionRequired, 1));
}

#[tokio::test]
async fn nothing_is_written_for_an_installation_that_cannot_be_called() {
    let world = World::new();
    *world.installed.is_disabled.lock().unwrap() = true;
    let refused = world.host().start(world.tenant, world.installation, &order("o-1")).await;
    let Err(BillingError::Plugin(error)) = refused else { panic!("{refused:?}") };
    assert_eq!(error.kind, CallErrorKind::NotRunnable);
    assert!(world.journal.kept.lock().unwrap().entries.is_empty());
}

#[tokio::test]
async fn an_unreachable_journal_means_that_nothing_is_called() {
    let world = World::new();
    // The second operation of a start is its claim, the third is `calling`.
    for outage in 0..3 {
        let host = world.host();
        let order = order(&format!("o-{outage}"));
        let start = host.start(world.tenant, world.installation, &order);
        world.points.dying_at(outage * 2, start).await;
    }
    world.journal.kept.lock().unwrap().outages = 1;
    let refused = world.host().start(world.tenant, world.installation, &order("o-9")).await;
    assert!(matches!(refused, Err(BillingError::Journal(_))), "{refused:?}");
    assert_eq!(world.platform.charges(), 0);
}

#[tokio::test]
async fn a_charge_goes_on_with_the_package_that_it_began_with() {
    let world = World::new();
    world.platform.books().faults.push_back(Fault::LostAnswer);
    world.platform.books().find_faults = 1;
    start(&world, "o-1").await;
    *world.installed.plugin.lock().unwrap() = Digest::of(b"version 2");
    world.settle_down().await;
    start(&world, "o-2").await;
    let (old, new) = (Digest::of(b"version 1"), Digest::of(b"version 2"));
    assert_eq!(world.platform.books().called, [old, old, old, new]);
}

#[tokio::test]
async fn a_forged_return_is_refused_and_changes_nothing() {
    let world = World::new();
    let charge = start(&world, "o-1").await;
    let returned = [("signature".to_owned(), "guessed".to_owned())];
    let refused = world.host().confirm(world.tenant, &charge.key, &returned).await;
    let Err(BillingError::Plugin(error)) = refused else { panic!("{refused:?}") };
    assert_eq!(error.kind, CallErrorKind::Unauthorized);
    assert_eq!(world.state(&charge.key), State::ActionRequired);
}

#[tokio::test]
async fn an_amount_that_is_not_the_orders_is_flagged_and_moves_nothing() {
    let world = World::new();
    let charge = start(&world, "o-1").await;
    world.platform.books().made[0].amount = usd(1);
    world.platform.pay(charge.key.as_str());
    world.pass(Duration::from_hours(1));
    world.host().recover().await.unwrap();
    let charge = world.host().charge(world.tenant, &charge.key).await.unwrap();
    assert_eq!(charge.state, State::Pending);
    assert_eq!(charge.flag.unwrap().code, "amount-differs");
    assert!(world.journal.kept.lock().unwrap().transfers.is_empty());
    world.pass(Duration::from_hours(24));
    assert_eq!(world.host().recover().await.unwrap(), 0, "a person looks, not the host");
}

#[tokio::test]
async fn a_second_payment_of_one_charge_is_flagged_and_not_in_the_ledger() {
    let world = World::new();
    let charge = start(&world, "o-1").await;
    world.platform.pay(charge.key.as_str());
    let receipt = Receipt { provider_id: "pay_other".to_owned(), amount: usd(1000), fee: None };
    let mut second = world.platform.books().events[1].clone();
    (second.event_id, second.status) = ("evt_other".to_owned(), PaymentStatus::Settled(receipt));
    world.platform.books().events.push(second);
    for number in [1, 2] {
        world.host().receive(world.tenant, world.installation, &World::webhook(number)).await.unwrap();
    }
    let charge = world.host().charge(world.tenant, &charge.key).await.unwrap();
    assert_eq!(charge.flag.unwrap().code, "second-payment");
    assert_eq!(world.journal.kept.lock().unwrap().transfers.len(), 1);
}

#[tokio::test]
async fn a_charge_that_nobody_pays_is_not_asked_about_for_ever() {
    let world = World::new();
    let charge = start(&world, "o-1").await;
    let mut questions = 0;
    for _ in 0..24 * 14 {
        world.pass(Duration::from_hours(1));
        questions += world.host().recover().await.unwrap();
    }
    assert!((24..24 * 8).contains(&questions), "{questions} questions in two weeks");
    assert_eq!(world.state(&charge.key), State::ActionRequired);
}

#[tokio::test]
async fn another_tenants_charge_is_not_there() {
    let world = World::new();
    let charge = start(&world, "o-1").await;
    let other = neustream_model::TenantId::new();
    assert_eq!(world.host().charge(other, &charge.key).await, Err(BillingError::ChargeUnknown));
    assert_eq!(world.host().charges(other, None, 10).await.unwrap(), []);
    assert_eq!(world.host().charges(world.tenant, None, 10).await.unwrap().len(), 1);
}
