//! Refunds: never more than was paid.

use neustream_billing::{BillingError, ChargeView, State};

use crate::provider::Fault;
use crate::world::{World, order, refund, usd};

async fn paid(world: &World) -> ChargeView {
    let charge = world.host().start(world.tenant, world.installation, &order("o-1")).await.unwrap();
    world.platform.pay(charge.key.as_str());
    world.find_out().await;
    world.host().charge(world.tenant, &charge.key).await.unwrap()
}

#[tokio::test]
async fn refunds_together_are_at_most_what_was_paid() {
    let world = World::new();
    let charge = paid(&world).await;
    let host = world.host();
    let first = host.refund(world.tenant, &charge.key, &refund("r-1", 600)).await.unwrap();
    assert_eq!(first.state, State::Settled);
    let refused = host.refund(world.tenant, &charge.key, &refund("r-2", 401)).await;
    assert_eq!(refused, Err(BillingError::ExceedsPaid { left: usd(400) }));
    host.refund(world.tenant, &charge.key, &refund("r-2", 400)).await.unwrap();

    assert_eq!(host.charge(world.tenant, &charge.key).await.unwrap().refunded_minor, 1000);
    assert_eq!(host.refunds(world.tenant, &charge.key).await.unwrap().len(), 2);
    let moved = host.transfer(world.tenant, &first.key).await.unwrap().unwrap();
    let lines: Vec<_> = moved.lines.iter().map(|line| (line.account.to_string(), line.minor)).collect();
    assert_eq!(lines, [("refunds".to_owned(), 600), (format!("provider:{}", world.installation), -600)]);
}

#[tokio::test]
async fn refunds_at_the_same_time_do_not_share_what_is_left() {
    let world = World::new();
    let charge = paid(&world).await;
    let (one, other) = (world.host(), world.host());
    let (first, second) = (refund("r-1", 600), refund("r-2", 600));
    let (first, second) = tokio::join!(
        one.refund(world.tenant, &charge.key, &first),
        other.refund(world.tenant, &charge.key, &second)
    );
    assert_eq!(u32::from(first.is_ok()) + u32::from(second.is_ok()), 1, "{first:?} {second:?}");
}

#[tokio::test]
async fn a_declined_refund_gives_back_what_it_had_taken() {
    let world = World::new();
    let charge = paid(&world).await;
    world.platform.books().faults.push_back(Fault::Unauthorized);
    let host = world.host();
    let refused = host.refund(world.tenant, &charge.key, &refund("r-1", 1000)).await.unwrap();
    assert_eq!(refused.state, State::Declined);
    let again = host.refund(world.tenant, &charge.key, &refund("r-2", 1000)).await.unwrap();
    assert_eq!(again.state, State::Settled);
}

#[tokio::test]
async fn what_is_not_settled_cannot_be_paid_back() {
    let world = World::new();
    let charge = world.host().start(world.tenant, world.installation, &order("o-1")).await.unwrap();
    let refused = world.host().refund(world.tenant, &charge.key, &refund("r-1", 1)).await;
    assert_eq!(refused, Err(BillingError::NotSettled));
}

#[tokio::test]
async fn a_repeated_reference_is_the_same_refund_and_other_terms_are_refused() {
    let world = World::new();
    let charge = paid(&world).await;
    let host = world.host();
    let first = host.refund(world.tenant, &charge.key, &refund("r-1", 100)).await.unwrap();
    assert_eq!(host.refund(world.tenant, &charge.key, &refund("r-1", 100)).await.unwrap(), first);
    let refused = host.refund(world.tenant, &charge.key, &refund("r-1", 200)).await;
    assert_eq!(refused, Err(BillingError::ReferenceInUse));
    assert_eq!(world.platform.books().made.len(), 2);
}
