use std::time::Duration;

use neustream_model::{PlaybackTokenId, SourceId, UnixMillis, Viewing, Visibility};
use neustream_store::testing::{TestStore, on_both};
use neustream_store::{Missing, RevokedTokens, SourceChange, StoreError, TenantStore};

use crate::world;

async fn token_only(tenant: &TenantStore) -> SourceId {
    let new = neustream_store::NewSource { visibility: Visibility::TokenOnly, ..world::source("Main") };
    tenant.create_source(&new, 10).await.unwrap().0.row.id
}

async fn viewing(t: &TestStore, source: SourceId) -> Viewing {
    let row = t.store.host().source_by_id(source).await.unwrap().unwrap();
    t.store.host().viewing(&row).await.unwrap()
}

fn in_an_hour() -> UnixMillis {
    UnixMillis::now().plus(Duration::from_hours(1))
}

#[tokio::test]
async fn who_may_watch_is_kept_and_every_change_of_it_has_a_number() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let (source, _) = tenant.create_source(&world::source("Main"), 10).await.unwrap();
        assert_eq!((source.row.visibility, source.row.is_encrypted), (Visibility::Unlisted, false));
        let id = source.row.id;
        let before = viewing(&t, id).await;
        let change = SourceChange {
            visibility: Some(Visibility::TokenOnly),
            is_encrypted: Some(true),
            ..SourceChange::default()
        };
        tenant.update_source(id, &change).await.unwrap();
        let after = viewing(&t, id).await;
        assert_eq!((after.visibility, after.is_encrypted), (Visibility::TokenOnly, true));
        assert!(after.revision > before.revision);

        tenant.revoke_playback_tokens(id, &RevokedTokens::All, in_an_hour()).await.unwrap();
        let revoked = viewing(&t, id).await;
        assert!(revoked.revision > after.revision);
        let revisions = t.store.host().viewing_revisions(&[id, SourceId::new()]).await.unwrap();
        assert_eq!(revisions.into_iter().collect::<Vec<_>>(), [(id, revoked.revision)]);
    })
    .await;
}

#[tokio::test]
async fn what_is_revoked_is_known_until_it_would_have_ended() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let id = token_only(&tenant).await;
        let one = PlaybackTokenId::new();
        let before = PlaybackTokenId::new();
        for revoked in [RevokedTokens::One(one), RevokedTokens::OfViewer("token:all".to_owned())] {
            // Twice is no error.
            tenant.revoke_playback_tokens(id, &revoked, in_an_hour()).await.unwrap();
            tenant.revoke_playback_tokens(id, &revoked, in_an_hour()).await.unwrap();
        }
        let after = PlaybackTokenId::new();
        let known = viewing(&t, id).await.revocations;
        assert_eq!(known.tokens.iter().copied().collect::<Vec<_>>(), [one]);
        let up_to = known.viewers["token:all"];
        assert!(before < up_to && up_to < after);
        assert_eq!((known.viewers.len(), known.all_up_to), (1, None));

        tenant.revoke_playback_tokens(id, &RevokedTokens::All, in_an_hour()).await.unwrap();
        let known = viewing(&t, id).await.revocations;
        assert!(known.all_up_to.is_some_and(|last| last > after));
        assert!(known.tokens.is_empty() && known.viewers.is_empty(), "all covers them");

        assert_eq!(t.store.host().prune_playback_revocations(UnixMillis::now()).await.unwrap(), 0);
        assert_eq!(t.store.host().prune_playback_revocations(in_an_hour()).await.unwrap(), 1);
        assert_eq!(viewing(&t, id).await.revocations.all_up_to, None);
    })
    .await;
}

#[tokio::test]
async fn another_organisation_revokes_nothing() {
    on_both(async |t| {
        let ada = world::tenant(&t, "ada@example.com").await;
        let eve = world::tenant(&t, "eve@example.com").await;
        let id = token_only(&ada).await;
        let refused = eve.revoke_playback_tokens(id, &RevokedTokens::All, in_an_hour()).await.unwrap_err();
        assert!(matches!(refused, StoreError::NotFound(Missing::Source)), "{refused}");
        assert_eq!(viewing(&t, id).await.revocations.all_up_to, None);
    })
    .await;
}

#[tokio::test]
async fn single_revocations_are_bounded() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let id = token_only(&tenant).await;
        let expires_at = in_an_hour().0;
        t.execute(format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) \
             INSERT INTO playback_revocations (source_id, subject, tenant_id, up_to, expires_at) \
             SELECT '{id}', 'viewer:' || i, '{}', '{}', {expires_at} FROM n",
            tenant.tenant(),
            PlaybackTokenId::new(),
        ))
        .await;
        let one = RevokedTokens::One(PlaybackTokenId::new());
        let refused = tenant.revoke_playback_tokens(id, &one, in_an_hour()).await.unwrap_err();
        assert!(matches!(refused, StoreError::TooManyRevocations { max: 5000 }), "{refused}");
        assert_eq!(viewing(&t, id).await.revocations.tokens.len(), 0, "nothing is left of it");
        tenant.revoke_playback_tokens(id, &RevokedTokens::All, in_an_hour()).await.unwrap();
        assert_eq!(viewing(&t, id).await.revocations.viewers.len(), 0);
    })
    .await;
}
