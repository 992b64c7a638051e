//! API keys: their texts, their ends, and how many there may be.

use std::time::Duration;

use neustream_model::UnixMillis;
use neustream_store::testing::{TestStore, on_both};
use neustream_store::{
    ApiKeyChange, ApiKeyText, AppStore, Keyset, LimitKind, MAX_API_KEYS, NewApiKey, StoreError,
};

use crate::world;

const NOW: UnixMillis = UnixMillis(1_800_000_000_000);
const HOUR: Duration = Duration::from_hours(1);

async fn app(t: &TestStore, email: &str) -> (AppStore, NewApiKey) {
    let user = world::user(t, email).await;
    let new = NewApiKey {
        name: "Overlay".to_owned(),
        scopes: "sources:read".to_owned(),
        per_minute: Some(30),
        per_hour: None,
        made_by: user.id,
        expires_at: None,
    };
    (t.store.tenant(user.tenant_id).every_app(), new)
}

fn text(digest: &str) -> ApiKeyText {
    ApiKeyText { digest: digest.to_owned(), hint: format!("nsk_{digest}") }
}

async fn is_taken(t: &TestStore, digest: &str, now: UnixMillis) -> bool {
    t.store.host().api_key_by_digest(digest, now).await.unwrap().is_some()
}

#[tokio::test]
async fn a_key_is_found_by_its_digest_with_all_that_it_may() {
    on_both(async |t| {
        let (app, new) = app(&t, "ada@example.com").await;
        let made = app.create_api_key(&new, &text("a"), NOW).await.unwrap();
        let standing = t.store.host().api_key_by_digest("a", NOW).await.unwrap().unwrap();
        assert_eq!(standing.key, made.row);
        assert_eq!(standing.app.id, made.row.app_id, "the default app");
        assert_eq!((standing.key.scopes.as_str(), standing.key.per_minute), ("sources:read", Some(30)));
        assert!(!is_taken(&t, "b", NOW).await);
        assert_eq!(app.api_key(made.row.id, NOW).await.unwrap(), made);
    })
    .await;
}

#[tokio::test]
async fn a_key_ends_when_it_says_and_when_it_is_deleted() {
    on_both(async |t| {
        let (app, new) = app(&t, "ada@example.com").await;
        let made = app.create_api_key(&new, &text("a"), NOW).await.unwrap();
        let change = ApiKeyChange { expires_at: Some(Some(NOW.plus(HOUR))), ..ApiKeyChange::default() };
        app.update_api_key(made.row.id, &change, NOW).await.unwrap();
        assert!(is_taken(&t, "a", UnixMillis(NOW.plus(HOUR).0 - 1)).await);
        assert!(!is_taken(&t, "a", NOW.plus(HOUR)).await);
        app.delete_api_key(made.row.id, NOW).await.unwrap();
        assert!(!is_taken(&t, "a", NOW).await);
        let gone = app.delete_api_key(made.row.id, NOW).await;
        assert!(matches!(gone, Err(StoreError::NotFound(_))), "{gone:?}");
    })
    .await;
}

#[tokio::test]
async fn after_a_rotation_two_texts_are_taken_for_a_while() {
    on_both(async |t| {
        let (app, new) = app(&t, "ada@example.com").await;
        let id = app.create_api_key(&new, &text("a"), NOW).await.unwrap().row.id;
        let rotated = app.rotate_api_key(id, &text("b"), NOW.plus(HOUR), NOW).await.unwrap();
        assert_eq!(rotated.hint, "nsk_b");
        let former = rotated.former.unwrap();
        assert_eq!((former.hint.as_str(), former.ends_at), ("nsk_a", NOW.plus(HOUR)));
        assert!(is_taken(&t, "a", NOW).await && is_taken(&t, "b", NOW).await);
        assert!(!is_taken(&t, "a", NOW.plus(HOUR)).await);
        assert!(is_taken(&t, "b", NOW.plus(HOUR)).await);

        // Two at most: the first is not taken any more.
        app.rotate_api_key(id, &text("c"), NOW.plus(HOUR), NOW).await.unwrap();
        assert!(
            !is_taken(&t, "a", NOW).await && is_taken(&t, "b", NOW).await && is_taken(&t, "c", NOW).await
        );
        // And without an overlap only the newest is.
        let alone = app.rotate_api_key(id, &text("d"), NOW, NOW).await.unwrap();
        assert_eq!(alone.former, None);
        assert!(!is_taken(&t, "c", NOW).await && is_taken(&t, "d", NOW).await);
    })
    .await;
}

#[tokio::test]
async fn the_last_use_is_noted_every_few_minutes() {
    on_both(async |t| {
        let (app, new) = app(&t, "ada@example.com").await;
        let id = app.create_api_key(&new, &text("a"), NOW).await.unwrap().row.id;
        let host = t.store.host();
        let mut last = Vec::new();
        for seconds in [0, 60, 299, 300] {
            let now = NOW.plus(Duration::from_secs(seconds));
            let standing = host.api_key_by_digest("a", now).await.unwrap().unwrap();
            host.api_key_used(&standing.key, now).await.unwrap();
            last.push(app.api_key(id, now).await.unwrap().row.last_used_at.unwrap());
        }
        assert_eq!(last, [NOW, NOW, NOW, NOW.plus(Duration::from_mins(5))]);
    })
    .await;
}

#[tokio::test]
async fn keys_of_another_organisation_are_not_there() {
    on_both(async |t| {
        let (ada, new) = app(&t, "ada@example.com").await;
        let (eve, _) = app(&t, "eve@example.com").await;
        let id = ada.create_api_key(&new, &text("a"), NOW).await.unwrap().row.id;
        assert!(eve.api_keys(&Keyset::all(), NOW).await.unwrap().is_empty());
        let change = ApiKeyChange { name: Some("Mine".to_owned()), ..ApiKeyChange::default() };
        for refused in [
            eve.api_key(id, NOW).await.map(drop),
            eve.update_api_key(id, &change, NOW).await.map(drop),
            eve.rotate_api_key(id, &text("b"), NOW, NOW).await.map(drop),
            eve.delete_api_key(id, NOW).await,
        ] {
            assert!(matches!(refused, Err(StoreError::NotFound(_))), "{refused:?}");
        }
        assert_eq!(ada.api_key(id, NOW).await.unwrap().row.name, "Overlay");
    })
    .await;
}

#[tokio::test]
async fn racing_requests_make_no_more_keys_than_there_may_be() {
    on_both(async |t| {
        let (app, new) = app(&t, "ada@example.com").await;
        for index in 0..MAX_API_KEYS - 2 {
            app.create_api_key(&new, &text(&format!("t{index}")), NOW).await.unwrap();
        }
        let texts: Vec<_> = (0..6).map(|index| text(&format!("r{index}"))).collect();
        let racing = texts.iter().map(|text| app.create_api_key(&new, text, NOW));
        let made = futures_util::future::join_all(racing).await;
        assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 2, "{made:?}");
        for refused in made.into_iter().filter_map(Result::err) {
            let StoreError::LimitReached { kind, current, max } = refused else { panic!("{refused}") };
            assert_eq!((kind, current, max), (LimitKind::ApiKeys, MAX_API_KEYS, MAX_API_KEYS));
        }
        assert_eq!(app.api_keys(&Keyset::all(), NOW).await.unwrap().len() as u64, MAX_API_KEYS);
    })
    .await;
}

#[tokio::test]
async fn keys_are_read_page_by_page() {
    on_both(async |t| {
        let (app, new) = app(&t, "ada@example.com").await;
        let mut ids = Vec::new();
        for index in 0..5 {
            ids.push(app.create_api_key(&new, &text(&format!("t{index}")), NOW).await.unwrap().row.id);
        }
        let first = app.api_keys(&Keyset::first(2), NOW).await.unwrap();
        let rest = app.api_keys(&Keyset::after(first[1].row.id, 9), NOW).await.unwrap();
        let read: Vec<_> = first.into_iter().chain(rest).map(|key| key.row.id).collect();
        assert_eq!(read, ids);
    })
    .await;
}
