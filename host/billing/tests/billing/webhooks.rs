//! Webhooks: late, twice, in any order, for nobody, forged.

use neustream_billing::{BillingError, Received, State};
use neustream_contract::CallErrorKind;
use neustream_contract::payment::{PaymentStatus, Update, Webhook};
use neustream_model::{InstallationId, Reason};

use crate::world::{World, order};

const APPLIED: Received = Received { applied: 1, repeated: 0, foreign: 0 };
const REPEATED: Received = Received { applied: 0, repeated: 1, foreign: 0 };
const FOREIGN: Received = Received { applied: 0, repeated: 0, foreign: 1 };

#[tokio::test]
async fn a_repeated_webhook_changes_nothing() {
    let world = World::new();
    let charge = world.host().start(world.tenant, world.installation, &order("o-1")).await.unwrap();
    world.platform.pay(charge.key.as_str());
    let paid = World::webhook(1);
    let host = world.host();
    assert_eq!(host.receive(world.tenant, world.installation, &paid).await.unwrap(), APPLIED);
    let before = world.journal.kept.lock().unwrap().entries.clone();
    for _ in 0..3 {
        assert_eq!(host.receive(world.tenant, world.installation, &paid).await.unwrap(), REPEATED);
    }
    assert_eq!(world.journal.kept.lock().unwrap().entries, before);
}

#[tokio::test]
async fn old_news_after_new_ones_lead_nowhere_back() {
    let world = World::new();
    let charge = world.host().start(world.tenant, world.installation, &order("o-1")).await.unwrap();
    world.platform.pay(charge.key.as_str());
    let host = world.host();
    for number in [1, 0] {
        host.receive(world.tenant, world.installation, &World::webhook(number)).await.unwrap();
    }
    assert_eq!(world.state(&charge.key), State::Settled);
    assert_eq!(world.journal.kept.lock().unwrap().entries[&charge.key].flag, None);
}

#[tokio::test]
async fn money_that_moved_after_a_refusal_counts_and_a_refusal_after_money_moved_is_flagged() {
    let refused = PaymentStatus::Declined(Reason::new("refused", "The card was refused."));
    for order_of_news in [[1, 2], [2, 1]] {
        let world = World::new();
        let charge = world.host().start(world.tenant, world.installation, &order("o-1")).await.unwrap();
        world.platform.pay(charge.key.as_str());
        let key = Some(charge.key.to_string());
        let update = Update { event_id: "evt_x".to_owned(), key, status: refused.clone() };
        world.platform.books().events.push(update);
        for number in order_of_news {
            world.host().receive(world.tenant, world.installation, &World::webhook(number)).await.unwrap();
        }
        assert_eq!(world.state(&charge.key), State::Settled);
        assert_eq!(world.journal.kept.lock().unwrap().transfers.len(), 1);
        let flag = world.journal.kept.lock().unwrap().entries[&charge.key].flag.clone();
        let is_late = order_of_news == [1, 2];
        assert_eq!(flag.map(|flag| flag.code), is_late.then(|| "declined-after-settled".to_owned()));
    }
}

#[tokio::test]
async fn a_webhook_for_nobodys_charge_is_remembered_and_changes_nothing() {
    let world = World::new();
    for key in [None, Some("order of another shop"), Some("nsc-00000000000000000000000000000000")] {
        let status = PaymentStatus::Declined(Reason::new("x", "x"));
        let event_id = format!("evt_{key:?}");
        let update = Update { event_id, key: key.map(str::to_owned), status };
        world.platform.books().events.push(update);
    }
    for number in 0..3 {
        let webhook = World::webhook(number);
        let host = world.host();
        assert_eq!(host.receive(world.tenant, world.installation, &webhook).await.unwrap(), FOREIGN);
        assert_eq!(host.receive(world.tenant, world.installation, &webhook).await.unwrap(), REPEATED);
    }
    assert!(world.journal.kept.lock().unwrap().entries.is_empty());
}

#[tokio::test]
async fn an_installation_does_not_speak_for_the_charges_of_another() {
    let world = World::new();
    let charge = world.host().start(world.tenant, world.installation, &order("o-1")).await.unwrap();
    world.platform.pay(charge.key.as_str());
    let other = InstallationId::new();
    assert_eq!(world.host().receive(world.tenant, other, &World::webhook(1)).await.unwrap(), FOREIGN);
    assert_eq!(world.state(&charge.key), State::ActionRequired);
}

#[tokio::test]
async fn a_forged_webhook_is_unauthorized_and_a_large_one_is_not_looked_at() {
    let world = World::new();
    let mut forged = World::webhook(0);
    forged.headers[0].1 = "guessed".to_owned();
    let refused = world.host().receive(world.tenant, world.installation, &forged).await;
    let Err(BillingError::Plugin(error)) = refused else { panic!("{refused:?}") };
    assert_eq!(error.kind, CallErrorKind::Unauthorized);

    let large = Webhook { headers: vec![], body: vec![b'x'; 256 * 1024 + 1] };
    let refused = world.host().receive(world.tenant, world.installation, &large).await;
    assert_eq!(refused, Err(BillingError::TooLarge("the webhook")));
}

#[tokio::test]
async fn a_webhook_that_overtakes_the_answer_of_a_start_counts_once() {
    // The host dies between the platform's act and the journal: the webhook is there before anybody looks.
    let world = World::with(true, true);
    let host = world.host();
    let order = order("o-1");
    let mut deaths = 0;
    while world.platform.charges() == 0 {
        let start = host.start(world.tenant, world.installation, &order);
        world.points.dying_at(deaths, start).await;
        deaths += 1;
        world.pass(std::time::Duration::from_mins(2));
    }
    host.receive(world.tenant, world.installation, &World::webhook(0)).await.unwrap();
    assert_eq!(world.journal.kept.lock().unwrap().only_charge().state, State::Settled);
    world.settle_down().await;
    assert_eq!(world.journal.kept.lock().unwrap().transfers.len(), 1);
}
