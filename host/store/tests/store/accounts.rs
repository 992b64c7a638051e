use neustream_model::Secret;
use neustream_store::testing::on_both;
use neustream_store::{NewAccount, Store, StoreError, StoreSettings};

use crate::world;

fn admin(email: &str) -> NewAccount {
    NewAccount { role: "admin".to_owned(), ..world::account(email) }
}

#[tokio::test]
async fn an_account_is_found_by_its_email() {
    on_both(async |t| {
        let made = world::user(&t, "ada@example.com").await;
        let found = t.store.host().user_by_email("ada@example.com").await.unwrap().unwrap();
        assert_eq!((found.id, found.tenant_id), (made.id, made.tenant_id));
        assert_eq!(found.password_hash, "$argon2id$");
        assert!(t.store.host().user_by_email("eve@example.com").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn an_email_is_taken_once() {
    on_both(async |t| {
        world::user(&t, "ada@example.com").await;
        let again = t.store.host().create_account(&world::account("ada@example.com")).await;
        assert!(matches!(again, Err(StoreError::EmailTaken)), "{again:?}");
    })
    .await;
}

#[tokio::test]
async fn a_user_is_seen_by_the_own_tenant_only() {
    on_both(async |t| {
        let ada = world::user(&t, "ada@example.com").await;
        let eve = world::user(&t, "eve@example.com").await;
        assert_eq!(t.store.tenant(ada.tenant_id).user(ada.id).await.unwrap().email, "ada@example.com");
        let stolen = t.store.tenant(eve.tenant_id).user(ada.id).await;
        assert!(matches!(stolen, Err(StoreError::NotFound(_))), "{stolen:?}");
    })
    .await;
}

#[tokio::test]
async fn a_row_of_a_user_prints_neither_hash_nor_address() {
    on_both(async |t| {
        let printed = format!("{:?}", world::user(&t, "ada@example.com").await);
        assert!(!printed.contains("argon2") && !printed.contains("ada@"), "{printed}");
    })
    .await;
}

#[tokio::test]
async fn set_up_makes_the_first_admin_once() {
    on_both(async |t| {
        let host = t.store.host();
        assert!(host.offer_setup("first").await.unwrap());
        // A restart before the set-up offers a new link; the former one is void.
        assert!(host.offer_setup("second").await.unwrap());
        let void = host.complete_setup("first", &admin("ada@example.com")).await;
        assert!(matches!(void, Err(StoreError::SetupRefused)), "{void:?}");

        assert!(host.needs_setup().await.unwrap());
        host.complete_setup("second", &admin("ada@example.com")).await.unwrap();
        assert!(!host.needs_setup().await.unwrap());

        let again = host.complete_setup("second", &admin("eve@example.com")).await;
        assert!(matches!(again, Err(StoreError::SetupRefused)), "{again:?}");
        assert!(!host.offer_setup("third").await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_set_up_with_a_taken_email_keeps_the_link_valid() {
    on_both(async |t| {
        let host = t.store.host();
        world::user(&t, "ada@example.com").await;
        host.offer_setup("link").await.unwrap();
        let taken = host.complete_setup("link", &admin("ada@example.com")).await;
        assert!(matches!(taken, Err(StoreError::EmailTaken)), "{taken:?}");
        host.complete_setup("link", &admin("root@example.com")).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn of_racing_set_ups_one_wins() {
    on_both(async |t| {
        t.store.host().offer_setup("link").await.unwrap();
        let attempts = (0..4).map(|n| {
            let host = t.store.host();
            tokio::spawn(
                async move { host.complete_setup("link", &admin(&format!("{n}@example.com"))).await },
            )
        });
        let mut won = 0;
        for attempt in attempts.collect::<Vec<_>>() {
            match attempt.await.unwrap() {
                Ok(_) => won += 1,
                Err(StoreError::SetupRefused) => {}
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(won, 1);
    })
    .await;
}

#[tokio::test]
async fn the_signing_key_is_made_once_and_survives_a_restart() {
    on_both(async |t| {
        let first = t.store.host().signing_key(|| Secret::new("one")).await.unwrap();
        assert_eq!(first.expose(), "one");
        let restarted =
            Store::open(StoreSettings::by_url(t.url.clone(), t.sealing_key.clone())).await.unwrap();
        let second = restarted.host().signing_key(|| Secret::new("two")).await.unwrap();
        assert_eq!(second.expose(), "one");
    })
    .await;
}
