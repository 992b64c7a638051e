use std::net::IpAddr;
use std::time::Duration;

use neustream_model::{SignInId, UnixMillis, UserId};
use neustream_store::testing::{TestStore, on_both};
use neustream_store::{NewRefreshToken, NewSignIn, SignInKind, StoreError};

use crate::world;

fn token(digest: &str) -> NewRefreshToken {
    let expires_at = UnixMillis::now().plus(Duration::from_hours(1));
    NewRefreshToken { digest: digest.to_owned(), expires_at }
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// Signs in on a device with a first refresh token.
async fn begun(t: &TestStore, user: UserId, device: &str, token: &NewRefreshToken) -> SignInId {
    let new = NewSignIn {
        id: SignInId::new(),
        user,
        kind: SignInKind::Person,
        method: "password".to_owned(),
        device: device.to_owned(),
        address: Some(address("192.0.2.1")),
        expires_at: token.expires_at,
    };
    t.store.host().begin_sign_in(&new, Some(token)).await.unwrap();
    new.id
}

#[tokio::test]
async fn a_refresh_token_is_exchanged_once_and_its_reuse_ends_the_sign_in() {
    on_both(async |t| {
        let host = t.store.host();
        let user = world::user(&t, "ada@example.com").await;
        let id = begun(&t, user.id, "laptop", &token("one")).await;
        let (found, sign_in) = host.rotate_refresh_token("one", &token("two"), None).await.unwrap();
        assert_eq!((found.id, sign_in), (user.id, id));
        host.rotate_refresh_token("two", &token("three"), None).await.unwrap();

        let reused = host.rotate_refresh_token("one", &token("stolen"), None).await;
        assert!(matches!(reused, Err(StoreError::RefreshTokenReused)), "{reused:?}");
        for digest in ["three", "stolen"] {
            let refused = host.rotate_refresh_token(digest, &token("four"), None).await;
            assert!(matches!(refused, Err(StoreError::RefreshTokenRefused)), "{digest}: {refused:?}");
        }
        assert!(host.sign_ins(user.id).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn of_racing_exchanges_of_one_refresh_token_one_wins() {
    on_both(async |t| {
        let host = t.store.host();
        let user = world::user(&t, "ada@example.com").await;
        begun(&t, user.id, "laptop", &token("one")).await;
        let attempts = (0..4).map(|n| {
            let host = host.clone();
            let next = token(&format!("next-{n}"));
            tokio::spawn(async move { host.rotate_refresh_token("one", &next, None).await })
        });
        let mut won = 0;
        for attempt in attempts.collect::<Vec<_>>() {
            match attempt.await.unwrap() {
                Ok(_) => won += 1,
                Err(StoreError::RefreshTokenReused | StoreError::RefreshTokenRefused) => {}
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(won, 1);
    })
    .await;
}

#[tokio::test]
async fn expired_unknown_and_revoked_refresh_tokens_are_refused_alike() {
    on_both(async |t| {
        let host = t.store.host();
        let user = world::user(&t, "ada@example.com").await;
        let expired = NewRefreshToken { digest: "old".to_owned(), expires_at: UnixMillis(1) };
        begun(&t, user.id, "old", &expired).await;
        let out = begun(&t, user.id, "phone", &token("signed-out")).await;
        assert_eq!(host.end_sign_in_of("signed-out").await.unwrap(), Some((user.id, out)));
        assert_eq!(host.end_sign_in_of("signed-out").await.unwrap(), None);
        for digest in ["old", "never-seen", "signed-out"] {
            let refused = host.rotate_refresh_token(digest, &token("next"), None).await;
            assert!(matches!(refused, Err(StoreError::RefreshTokenRefused)), "{digest}: {refused:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn sign_ins_are_listed_with_where_they_were_last_seen() {
    on_both(async |t| {
        let host = t.store.host();
        let user = world::user(&t, "ada@example.com").await;
        let phone = begun(&t, user.id, "phone", &token("phone")).await;
        let laptop = begun(&t, user.id, "laptop", &token("laptop")).await;
        host.rotate_refresh_token("phone", &token("phone-2"), Some(address("2001:db8::7"))).await.unwrap();

        let listed = host.sign_ins(user.id).await.unwrap();
        let seen: Vec<_> = listed.iter().map(|row| (row.id, row.device.as_str(), row.address)).collect();
        assert!(seen.contains(&(phone, "phone", Some(address("2001:db8::7")))), "{seen:?}");
        assert!(seen.contains(&(laptop, "laptop", Some(address("192.0.2.1")))), "{seen:?}");
        assert_eq!(seen.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn ending_one_sign_in_leaves_others_and_other_peoples_alone() {
    on_both(async |t| {
        let host = t.store.host();
        let ada = world::user(&t, "ada@example.com").await;
        let eve = world::user(&t, "eve@example.com").await;
        let phone = begun(&t, ada.id, "phone", &token("phone")).await;
        begun(&t, ada.id, "laptop", &token("laptop")).await;

        let foreign = host.end_sign_in(eve.id, phone).await;
        assert!(matches!(foreign, Err(StoreError::NotFound(_))), "{foreign:?}");
        host.end_sign_in(ada.id, phone).await.unwrap();
        let again = host.end_sign_in(ada.id, phone).await;
        assert!(matches!(again, Err(StoreError::NotFound(_))), "{again:?}");
        assert!(host.rotate_refresh_token("phone", &token("p2"), None).await.is_err());
        host.rotate_refresh_token("laptop", &token("laptop-2"), None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn all_other_sign_ins_end_at_once() {
    on_both(async |t| {
        let host = t.store.host();
        let user = world::user(&t, "ada@example.com").await;
        for device in ["phone", "tablet"] {
            begun(&t, user.id, device, &token(device)).await;
        }
        let kept = begun(&t, user.id, "laptop", &token("laptop")).await;
        assert_eq!(host.end_sign_ins(user.id, Some(kept)).await.unwrap(), 2);
        let left: Vec<_> = host.sign_ins(user.id).await.unwrap().iter().map(|row| row.id).collect();
        assert_eq!(left, [kept]);
        assert_eq!(host.end_sign_ins(user.id, None).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn nobody_has_more_than_a_hundred_sign_ins() {
    on_both(async |t| {
        let user = world::user(&t, "ada@example.com").await;
        let first = begun(&t, user.id, "first", &token("first")).await;
        for n in 0..100 {
            begun(&t, user.id, "more", &token(&format!("more-{n}"))).await;
        }
        let listed = t.store.host().sign_ins(user.id).await.unwrap();
        assert_eq!(listed.len(), 100);
        assert!(listed.iter().all(|row| row.id != first));
    })
    .await;
}
