//! Webhooks: answered after the commit, refused when not genuine.

use neustream_chat::connector::{ConnectorState, Delivery};
use neustream_chat::testing::Talk;

use crate::world::World;

async fn deliver(world: &World, key: &str, body: &str) -> Delivery {
    let headers = vec![("X-Key".to_owned(), key.to_owned())];
    world.connectors.deliver(world.place.installation, "hook", headers, body.as_bytes().to_vec()).await
}

async fn listening() -> World {
    let mut world = World::with(Talk::with_webhook()).await;
    world.status_with(|status| status.connections.iter().any(|one| one.transport == "webhook")).await;
    world
}

#[tokio::test]
async fn a_webhook_is_delivered_when_its_step_has_committed() {
    let world = listening().await;
    assert_eq!(deliver(&world, "good", "MSG 1 ada x\nMSG 2 ada x\n").await, Delivery::Delivered);
    assert_eq!(world.stored(), ["1", "2"]);
    assert_eq!(deliver(&world, "good", "MSG 1 ada x\n").await, Delivery::Delivered);
    assert_eq!(world.stored(), ["1", "2"]);
}

#[tokio::test]
async fn a_webhook_is_not_answered_before_its_commit() {
    let mut world = listening().await;
    world.store.refuse_commits(u32::MAX);
    let (connectors, installation) = (world.connectors.clone(), world.place.installation);
    let headers = vec![("x-key".to_owned(), "good".to_owned())];
    let delivery = tokio::spawn(async move {
        connectors.deliver(installation, "hook", headers, b"MSG 1 ada x\n".to_vec()).await
    });
    world.problem(ConnectorState::Retrying, "store-unavailable").await;
    assert!(!delivery.is_finished());
    world.store.refuse_commits(0);
    assert_eq!(delivery.await.unwrap(), Delivery::Delivered);
    assert_eq!(world.stored(), ["1"]);
}

#[tokio::test]
async fn a_webhook_that_is_not_genuine_is_refused_and_no_poison() {
    let world = listening().await;
    assert_eq!(deliver(&world, "forged", "MSG 1 ada x\n").await, Delivery::Unauthorized);
    assert_eq!(deliver(&world, "good", "MSG 2 ada x\n").await, Delivery::Delivered);
    assert_eq!(world.stored(), ["2"]);
    assert_eq!(world.status().poison, 0);
}

#[tokio::test]
async fn forged_webhooks_among_genuine_ones_do_not_harm_them() {
    let world = listening().await;
    world.store.refuse_commits(2);
    let all = (0..20).map(|number| {
        let key = if number % 3 == 0 { "forged" } else { "good" };
        let body = format!("MSG {number} ada x\n");
        let world = &world;
        async move { (number, deliver(world, key, &body).await) }
    });
    for (number, delivery) in futures_util::future::join_all(all).await {
        let expected = if number % 3 == 0 { Delivery::Unauthorized } else { Delivery::Delivered };
        assert_eq!(delivery, expected, "{number}");
    }
    assert_eq!(world.stored().len(), 13);
}

#[tokio::test]
async fn what_nobody_listens_to_is_unknown_and_what_is_too_large_is_refused() {
    let world = listening().await;
    let (connectors, installation) = (&world.connectors, world.place.installation);
    assert_eq!(connectors.deliver(installation, "other", vec![], vec![]).await, Delivery::Unknown);
    let nobody = neustream_model::InstallationId::new();
    assert_eq!(connectors.deliver(nobody, "hook", vec![], vec![]).await, Delivery::Unknown);
    let large = vec![0; 256 * 1024 + 1];
    assert_eq!(connectors.deliver(installation, "hook", vec![], large).await, Delivery::TooLarge);
}

#[tokio::test]
async fn a_disabled_connector_tells_the_platform_to_come_again() {
    let mut world = listening().await;
    world.installations.refuse(
        world.place,
        neustream_contract::CallErrorKind::NotRunnable,
        "installation-disabled",
    );
    world.changed();
    world.problem(ConnectorState::Failed, "installation-disabled").await;
    assert_eq!(deliver(&world, "good", "MSG 1 ada x\n").await, Delivery::Unavailable);
    assert_eq!(world.stored(), Vec::<String>::new());
}
