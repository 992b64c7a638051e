//! Requests with an idempotency key: done once, whatever breaks in between.

use std::time::Duration;

use neustream_model::{ClaimId, Secret, UnixMillis};
use neustream_store::testing::{TestStore, on_both};
use neustream_store::{Actor, Claimed, IdempotencyKey, MAX_IDEMPOTENCY_KEYS, StoreError, TenantStore};

use crate::world;

const LEASE: Duration = Duration::from_secs(20);
const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

fn key(tenant: &TenantStore, digest: &str, fingerprint: &str) -> IdempotencyKey {
    IdempotencyKey { tenant: tenant.tenant(), digest: digest.to_owned(), fingerprint: fingerprint.to_owned() }
}

async fn claim(t: &TestStore, key: &IdempotencyKey, now: UnixMillis) -> Claimed {
    t.store.host().claim_idempotency_key(key, LEASE, now).await.unwrap()
}

#[track_caller]
fn run(claimed: &Claimed) -> ClaimId {
    let Claimed::Run(claim) = claimed else { panic!("{claimed:?}") };
    *claim
}

/// The scope of a request that has this claim.
fn running(tenant: &TenantStore, claim: ClaimId) -> TenantStore {
    tenant.clone().acting_as(Actor::host().claiming(Some(claim)))
}

async fn sources(tenant: &TenantStore) -> usize {
    tenant.sources().await.unwrap().len()
}

#[tokio::test]
async fn a_key_is_claimed_once_and_then_answers_as_the_first_time() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let (host, key) = (t.store.host(), key(&tenant, "a", "f"));
        let first = run(&claim(&t, &key, NOW).await);
        let again = claim(&t, &key, NOW.plus(Duration::from_secs(1))).await;
        assert!(matches!(again, Claimed::Running { until } if until == NOW.plus(LEASE)), "{again:?}");
        let other = IdempotencyKey { fingerprint: "g".to_owned(), ..key.clone() };
        assert!(matches!(claim(&t, &other, NOW).await, Claimed::OtherRequest));

        host.keep_idempotent_answer(&key, first, &Secret::new("sk_secret")).await.unwrap();
        let answered = claim(&t, &key, NOW).await;
        assert!(
            matches!(&answered, Claimed::Answered(answer) if answer.expose() == "sk_secret"),
            "{answered:?}"
        );
        assert!(matches!(claim(&t, &other, NOW).await, Claimed::OtherRequest));

        // A day later the key is as good as new.
        run(&claim(&t, &key, NOW.plus(Duration::from_hours(24))).await);
    })
    .await;
}

#[tokio::test]
async fn of_many_requests_with_one_key_one_is_run() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let key = key(&tenant, "a", "f");
        let claims = futures_util::future::join_all((0..20).map(|_| claim(&t, &key, NOW))).await;
        assert_eq!(
            claims.iter().filter(|claimed| matches!(claimed, Claimed::Run(_))).count(),
            1,
            "{claims:?}"
        );
        assert_eq!(claims.iter().filter(|claimed| matches!(claimed, Claimed::Running { .. })).count(), 19);
    })
    .await;
}

#[tokio::test]
async fn what_died_before_its_change_is_run_again() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let key = key(&tenant, "a", "f");
        let dead = run(&claim(&t, &key, NOW).await);
        let late = NOW.plus(LEASE);
        let heirs = futures_util::future::join_all((0..5).map(|_| claim(&t, &key, late))).await;
        let heirs: Vec<ClaimId> = heirs
            .into_iter()
            .filter_map(|heir| if let Claimed::Run(claim) = heir { Some(claim) } else { None })
            .collect();
        let [heir] = heirs[..] else { panic!("one heir: {heirs:?}") };

        // The first was only slow: nothing of it counts any more.
        let slow = running(&tenant, dead).create_source(&world::source("Slow"), 10).await;
        assert!(matches!(slow, Err(StoreError::ClaimLost)), "{slow:?}");
        assert_eq!(sources(&tenant).await, 0);
        running(&tenant, heir).create_source(&world::source("Heir"), 10).await.unwrap();
        assert_eq!(sources(&tenant).await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_died_after_its_change_is_not_run_again() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let key = key(&tenant, "a", "f");
        let dead = run(&claim(&t, &key, NOW).await);
        let (source, _) = running(&tenant, dead).create_source(&world::source("Main"), 10).await.unwrap();

        assert!(matches!(claim(&t, &key, NOW).await, Claimed::Running { .. }), "its answer may still come");
        let late = claim(&t, &key, NOW.plus(LEASE)).await;
        let Claimed::AnswerLost { kind, id } = &late else { panic!("{late:?}") };
        assert_eq!((kind.as_str(), id.clone()), ("source", source.row.id.to_string()));
        assert!(!t.store.host().release_idempotency_key(&key, dead).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn where_nothing_was_changed_the_key_is_free_again() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let key = key(&tenant, "a", "f");
        let refused = run(&claim(&t, &key, NOW).await);
        // The limit: nothing is written, nothing is marked.
        let refusal = running(&tenant, refused).create_source(&world::source("Main"), 0).await;
        assert!(matches!(refusal, Err(StoreError::LimitReached { .. })), "{refusal:?}");
        assert!(t.store.host().release_idempotency_key(&key, refused).await.unwrap());
        let other = IdempotencyKey { fingerprint: "g".to_owned(), ..key };
        run(&claim(&t, &other, NOW).await);
    })
    .await;
}

#[tokio::test]
async fn an_organisation_has_only_so_many_keys() {
    on_both(async |t| {
        let (ada, eve) =
            (world::tenant(&t, "ada@example.com").await, world::tenant(&t, "eve@example.com").await);
        t.execute(format!(
            "INSERT INTO idempotency_keys (digest, organisation_id, fingerprint, claim, claimed_until, expires_at) \
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MAX_IDEMPOTENCY_KEYS}) \
             SELECT 'd' || i, '{}', 'f', 'c' || i, 0, {} FROM n",
            ada.tenant(),
            NOW.0 + 5000,
        ))
        .await;
        let refused = claim(&t, &key(&ada, "a", "f"), NOW).await;
        assert!(matches!(refused, Claimed::TooMany { until } if until.0 == NOW.0 + 5000), "{refused:?}");
        run(&claim(&t, &key(&eve, "e", "f"), NOW).await);
        run(&claim(&t, &key(&ada, "a", "f"), UnixMillis(NOW.0 + 5000)).await);
    })
    .await;
}
