use neustream_model::{InstallationId, UnixMillis};
use neustream_store::testing::{TestStore, on_both};
use neustream_store::{KvPut, KvPutOutcome, Missing, StoreError, TenantStore};

use crate::{installations, world};

const NOW: UnixMillis = UnixMillis(1_000_000);

async fn owner(t: &TestStore, email: &str) -> (TenantStore, InstallationId) {
    let tenant = world::tenant(t, email).await;
    let made = tenant.create_installations(&[installations::installation("acme/one")], 10).await.unwrap();
    (tenant, made[0].row.id)
}

fn put<'a>(key: &'a str, value: &'a [u8], expected: Option<u64>) -> KvPut<'a> {
    KvPut { key, value, expected, expires_at: None, max_bytes: 1000, max_keys: 1000 }
}

fn revision(outcome: KvPutOutcome) -> u64 {
    match outcome {
        KvPutOutcome::Written(revision) => revision,
        other => panic!("written, not {other:?}"),
    }
}

#[tokio::test]
async fn a_write_with_an_old_revision_loses_and_revisions_never_repeat() {
    on_both(async |t| {
        let (tenant, id) = owner(&t, "ada@example.com").await;
        let (host, tenant) = (t.store.host(), tenant.tenant());
        let key = "any\0byte ü";
        let first = revision(host.kv_put(tenant, id, put(key, b"\x00\xff", None), NOW).await.unwrap());
        let lost = host.kv_put(tenant, id, put(key, b"2", None), NOW).await.unwrap();
        assert_eq!(lost, KvPutOutcome::RaceLost);
        let read = host.kv_get(tenant, id, key, NOW).await.unwrap().unwrap();
        assert_eq!((read.value.as_slice(), read.revision), (b"\x00\xff".as_slice(), first));

        let second = revision(host.kv_put(tenant, id, put(key, b"2", Some(first)), NOW).await.unwrap());
        assert!(second > first);
        assert!(!host.kv_delete(tenant, id, key, first, NOW).await.unwrap());
        assert!(host.kv_delete(tenant, id, key, second, NOW).await.unwrap());
        assert_eq!(host.kv_get(tenant, id, key, NOW).await.unwrap(), None);
        assert!(revision(host.kv_put(tenant, id, put(key, b"3", None), NOW).await.unwrap()) > second);
    })
    .await;
}

#[tokio::test]
async fn an_expired_value_is_gone_and_frees_its_quota() {
    on_both(async |t| {
        let (tenant, id) = owner(&t, "ada@example.com").await;
        let (host, tenant) = (t.store.host(), tenant.tenant());
        let later = UnixMillis(NOW.0 + 5000);
        let short = KvPut { expires_at: Some(later), ..put("a", &[0; 900], None) };
        let written = revision(host.kv_put(tenant, id, short, NOW).await.unwrap());
        assert!(host.kv_get(tenant, id, "a", UnixMillis(later.0 - 1)).await.unwrap().is_some());
        assert_eq!(host.kv_get(tenant, id, "a", later).await.unwrap(), None);
        assert!(!host.kv_delete(tenant, id, "a", written, later).await.unwrap());

        let other = put("b", &[0; 900], None);
        assert_eq!(host.kv_put(tenant, id, other, NOW).await.unwrap(), KvPutOutcome::OverQuota);
        revision(host.kv_put(tenant, id, other, later).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_value_that_is_written_again_counts_once_and_keys_are_counted() {
    on_both(async |t| {
        let (tenant, id) = owner(&t, "ada@example.com").await;
        let (host, tenant) = (t.store.host(), tenant.tenant());
        let first = revision(host.kv_put(tenant, id, put("a", &[0; 999], None), NOW).await.unwrap());
        let grown = host.kv_put(tenant, id, put("a", &[0; 1000], Some(first)), NOW).await.unwrap();
        assert_eq!(grown, KvPutOutcome::OverQuota);
        revision(host.kv_put(tenant, id, put("a", &[0; 9], Some(first)), NOW).await.unwrap());
        let two = |key| KvPut { max_keys: 2, ..put(key, b"1", None) };
        revision(host.kv_put(tenant, id, two("b"), NOW).await.unwrap());
        assert_eq!(host.kv_put(tenant, id, two("c"), NOW).await.unwrap(), KvPutOutcome::OverQuota);
    })
    .await;
}

#[tokio::test]
async fn a_memory_that_was_emptied_is_empty_and_goes_on_with_its_revisions() {
    on_both(async |t| {
        let (tenant, id) = owner(&t, "ada@example.com").await;
        let eve = world::tenant(&t, "eve@example.com").await.tenant();
        let (host, tenant) = (t.store.host(), tenant.tenant());
        assert_eq!(host.kv_usage(tenant, id).await.unwrap(), (0, 0));
        revision(host.kv_put(tenant, id, put("ab", b"123", None), NOW).await.unwrap());
        let last = revision(host.kv_put(tenant, id, put("c", b"", None), NOW).await.unwrap());
        assert_eq!(host.kv_usage(tenant, id).await.unwrap(), (6, 2));
        assert_eq!(host.kv_usage(eve, id).await.unwrap(), (0, 0));
        host.kv_forget(eve, id).await.unwrap();
        assert_eq!(host.kv_usage(tenant, id).await.unwrap(), (6, 2));
        host.kv_forget(tenant, id).await.unwrap();
        assert_eq!(host.kv_usage(tenant, id).await.unwrap(), (0, 0));
        assert_eq!(host.kv_get(tenant, id, "ab", NOW).await.unwrap(), None);
        assert!(revision(host.kv_put(tenant, id, put("ab", b"1", None), NOW).await.unwrap()) > last);
    })
    .await;
}

#[tokio::test]
async fn installations_and_tenants_do_not_see_each_other() {
    on_both(async |t| {
        let (ada, one) = owner(&t, "ada@example.com").await;
        let (eve, two) = owner(&t, "eve@example.com").await;
        let host = t.store.host();
        let written = revision(host.kv_put(ada.tenant(), one, put("a", b"1", None), NOW).await.unwrap());
        assert_eq!(host.kv_get(eve.tenant(), two, "a", NOW).await.unwrap(), None);
        assert_eq!(host.kv_get(eve.tenant(), one, "a", NOW).await.unwrap(), None);
        let intruding = host.kv_put(eve.tenant(), one, put("b", b"1", None), NOW).await;
        assert!(matches!(intruding, Err(StoreError::NotFound(Missing::Installation))), "{intruding:?}");
        let intruding = host.kv_delete(eve.tenant(), one, "a", written, NOW).await;
        assert!(matches!(intruding, Err(StoreError::NotFound(Missing::Installation))), "{intruding:?}");

        // An installation that is made anew after it was removed remembers nothing.
        ada.delete_installation(one).await.unwrap();
        let gone = host.kv_put(ada.tenant(), one, put("b", b"1", None), NOW).await;
        assert!(matches!(gone, Err(StoreError::NotFound(Missing::Installation))), "{gone:?}");
        assert_eq!(host.kv_get(ada.tenant(), one, "a", NOW).await.unwrap(), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_quota_is_exact_under_a_hundred_racing_writers() {
    on_both(async |t| {
        let (tenant, id) = owner(&t, "ada@example.com").await;
        let tenant = tenant.tenant();
        let writers = (0..100).map(|number| {
            let host = t.store.host();
            tokio::spawn(async move {
                let key = format!("key-{number:03}");
                loop {
                    match host.kv_put(tenant, id, put(&key, &[0; 33], None), NOW).await {
                        Ok(outcome) => return outcome != KvPutOutcome::OverQuota,
                        // A busy database; the caller tries again, as a guest does.
                        Err(StoreError::Unavailable(_)) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            })
        });
        let mut stored = 0;
        for writer in writers.collect::<Vec<_>>() {
            stored += usize::from(writer.await.unwrap());
        }
        // 40 bytes each, 1000 allowed.
        assert_eq!(stored, 25);
        let mut there = 0;
        for number in 0..100 {
            let key = format!("key-{number:03}");
            there += usize::from(t.store.host().kv_get(tenant, id, &key, NOW).await.unwrap().is_some());
        }
        assert_eq!(there, 25);
    })
    .await;
}
