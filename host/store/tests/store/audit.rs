//! The audit log: its chains, and what breaks them.

use std::collections::{BTreeMap, BTreeSet};

use neustream_model::{ApiKeyId, RequestId, Secret, UserId};
use neustream_store::testing::{TestStore, on_both};
use neustream_store::{
    Actor, AuditBreak, AuditEntry, AuditFilter, AuditOrder, Chain, DestinationChange, Entry, NewDestination,
    OauthClient, SourceChange, Target, TenantStore, Who,
};
use serde_json::json;

use crate::world;

/// What no entry may hold.
const SECRET: &str = "live_s3cr3t_0123456789";

async fn log(tenant: &TenantStore) -> Vec<AuditEntry> {
    tenant.audit_log(&AuditFilter::default(), AuditOrder::OldestFirst(0), 1000).await.unwrap()
}

async fn actions(tenant: &TenantStore, filter: AuditFilter) -> Vec<String> {
    let entries = tenant.audit_log(&filter, AuditOrder::OldestFirst(0), 1000).await.unwrap();
    entries.into_iter().map(|entry| entry.action).collect()
}

/// A tenant with a source that was made, changed, given a new key and deleted.
async fn busy_tenant(t: &TestStore) -> TenantStore {
    let tenant = world::tenant(t, "ada@example.com").await;
    let (source, _) = tenant.create_source(&world::source("Main"), 10).await.unwrap();
    let change = SourceChange { name: Some("Stage".to_owned()), ..SourceChange::default() };
    tenant.update_source(source.row.id, &change).await.unwrap();
    tenant.rotate_stream_key(source.row.id).await.unwrap();
    tenant.delete_source(source.row.id).await.unwrap();
    tenant
}

#[tokio::test]
async fn an_entry_says_who_did_what_to_what_and_from_where() {
    on_both(async |t| {
        let user = world::user(&t, "ada@example.com").await;
        let request = RequestId::new();
        let actor = Actor::person(user.id).from_request(Some([192, 0, 2, 7].into()), Some(request));
        let tenant = t.store.tenant(user.tenant_id).acting_as(actor);
        let (source, key) = tenant.create_source(&world::source("Main"), 10).await.unwrap();
        let change = SourceChange { name: Some("Stage".to_owned()), ..SourceChange::default() };
        tenant.update_source(source.row.id, &change).await.unwrap();

        let filter = AuditFilter { target_id: Some(source.row.id.to_string()), ..AuditFilter::default() };
        let entries = tenant.audit_log(&filter, AuditOrder::LatestFirst(None), 1).await.unwrap();
        let [entry] = entries.as_slice() else { panic!("{entries:?}") };
        assert_eq!((entry.action.as_str(), entry.target_kind.as_str()), ("source.update", "source"));
        assert_eq!(
            (entry.actor_kind.as_str(), entry.actor_id.clone()),
            ("person", Some(user.id.to_string()))
        );
        assert_eq!(entry.actor_name.as_deref(), Some("Ada"));
        assert_eq!(entry.address.as_deref(), Some("192.0.2.7"));
        assert_eq!(entry.request_id, Some(request.to_string()));
        assert_eq!(entry.before, Some(json!({ "name": "Main" })), "only what differs");
        assert_eq!(entry.after, Some(json!({ "name": "Stage" })));
        let everything = format!("{:?}", log(&tenant).await);
        assert!(!everything.contains(key.expose()), "a stream key is never in it");
    })
    .await;
}

#[tokio::test]
async fn entries_are_found_by_actor_action_target_and_time() {
    on_both(async |t| {
        let tenant = busy_tenant(&t).await;
        let key = ApiKeyId::new();
        let by_key = tenant.clone().acting_as(Actor::key(key));
        by_key.create_source(&world::source("By key"), 10).await.unwrap();
        let other = UserId::new();
        let who = Who::Person { user: other, impersonator: Some(UserId::new()) };
        let impersonated = tenant.clone().acting_as(Actor { who, ..Actor::host() });
        let (made, _) = impersonated.create_source(&world::source("By another"), 10).await.unwrap();

        let none = AuditFilter::default;
        let of_key = AuditFilter { actor: Some(key.to_string()), ..none() };
        assert_eq!(actions(&tenant, of_key).await, ["source.create"]);
        let of_kind = AuditFilter { action: Some("source".to_owned()), ..none() };
        assert_eq!(actions(&tenant, of_kind).await.len(), 6);
        let of_action = AuditFilter { action: Some("source.delete".to_owned()), ..none() };
        assert_eq!(actions(&tenant, of_action).await, ["source.delete"]);
        let of_target = AuditFilter { target_id: Some(made.row.id.to_string()), ..none() };
        assert_eq!(actions(&tenant, of_target).await, ["source.create"]);
        let all = log(&tenant).await;
        let last = all.last().unwrap();
        assert!(last.impersonator_id.is_some(), "{last:?}");
        let since = AuditFilter { from: Some(last.at), ..none() };
        assert!(actions(&tenant, since).await.contains(&last.action));
        let before = AuditFilter { until: Some(all[0].at), ..none() };
        assert_eq!(actions(&tenant, before).await, [""; 0]);
        let stranger = world::tenant(&t, "eve@example.com").await;
        let of_key = AuditFilter { actor: Some(key.to_string()), ..none() };
        assert_eq!(actions(&stranger, of_key).await, [""; 0], "another organisation's log is its own");
    })
    .await;
}

#[tokio::test]
async fn a_chain_verifies_and_an_export_can_follow_it() {
    on_both(async |t| {
        let tenant = busy_tenant(&t).await;
        let entries = log(&tenant).await;
        for pair in entries.windows(2) {
            assert_eq!(pair[1].previous_hash, pair[0].hash);
            assert_eq!(pair[1].sequence, pair[0].sequence + 1);
        }
        let verified = tenant.verify_audit().await.unwrap();
        assert_eq!(verified.broken, None);
        assert_eq!((verified.entries, verified.head_sequence), (entries.len() as u64, entries.len() as u64));
        assert_eq!(verified.head_hash, entries.last().unwrap().hash);
        let chains = t.store.host().audit_chains().await.unwrap();
        assert!(chains.contains(&Chain::Organisation(tenant.tenant())), "{chains:?}");
        for chain in chains {
            assert_eq!(t.store.host().verify_audit(chain).await.unwrap().broken, None);
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_tampers_with_an_entry_breaks_the_chain_there() {
    let deeds = [
        (
            "UPDATE audit_entries SET after_json = '{\"name\":\"Other\"}' WHERE sequence = 2",
            "entry 2 was changed",
        ),
        ("UPDATE audit_entries SET actor_kind = 'operator' WHERE sequence = 3", "entry 3 was changed"),
        ("UPDATE audit_entries SET at = at - 1 WHERE sequence = 1", "entry 1 was changed"),
        ("DELETE FROM audit_entries WHERE sequence = 2", "entry 2 is missing"),
        ("DELETE FROM audit_entries WHERE sequence = 1", "entry 1 is missing"),
        ("DELETE FROM audit_entries WHERE sequence = 4", "entry 4 is missing"),
        ("UPDATE audit_entries SET previous_hash = hash WHERE sequence = 3", "entry 3 does not follow"),
        ("UPDATE audit_heads SET sequence = 3", "head of the chain"),
        ("DELETE FROM audit_heads", "head of the chain"),
        ("DELETE FROM audit_entries", "entry 1 is missing"),
    ];
    on_both(async |t| {
        for (deed, expected) in deeds {
            let world = t.fresh().await;
            let tenant = busy_tenant(&world).await;
            world.execute(deed).await;
            let broken = tenant.verify_audit().await.unwrap().broken;
            let said = broken.map(|broken| broken.to_string()).unwrap_or_default();
            assert!(said.contains(expected), "{deed}: `{said}` instead of `{expected}`");
        }
    })
    .await;
}

#[tokio::test]
async fn racing_writers_leave_a_chain_without_gaps() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let deeds = (0..20).map(|i| {
            let tenant = tenant.clone();
            tokio::spawn(
                async move { tenant.create_source(&world::source(&format!("{i}")), 5).await.is_ok() },
            )
        });
        let mut made = 0;
        for deed in deeds.collect::<Vec<_>>() {
            made += usize::from(deed.await.unwrap());
        }
        assert_eq!(made, 5, "what was refused left no source");
        let filter = AuditFilter { action: Some("source.create".to_owned()), ..AuditFilter::default() };
        assert_eq!(actions(&tenant, filter).await.len(), 5, "and no entry");
        assert_eq!(tenant.verify_audit().await.unwrap().broken, None);
    })
    .await;
}

#[tokio::test]
async fn a_chain_whose_beginning_was_forgotten_still_verifies() {
    on_both(async |t| {
        let tenant = busy_tenant(&t).await;
        let chain = Chain::Organisation(tenant.tenant());
        let entries = log(&tenant).await;
        let after_all = entries.last().unwrap().at.plus(std::time::Duration::from_secs(1));
        assert_eq!(t.store.host().forget_audit(chain, entries[0].at, 100).await.unwrap(), 0);
        assert_eq!(t.store.host().forget_audit(chain, after_all, 2).await.unwrap(), 2);
        let verified = tenant.verify_audit().await.unwrap();
        assert_eq!((verified.forgotten_sequence, verified.broken), (2, None));
        assert_eq!(
            t.store.host().forget_audit(chain, after_all, 100).await.unwrap() + 2,
            entries.len() as u64
        );
        tenant.create_source(&world::source("Next"), 10).await.unwrap();
        let verified = tenant.verify_audit().await.unwrap();
        assert_eq!((verified.entries, verified.broken), (1, None));
        t.execute("UPDATE audit_heads SET forgotten_sequence = forgotten_sequence - 1").await;
        let broken = tenant.verify_audit().await.unwrap().broken;
        assert!(matches!(broken, Some(AuditBreak::Missing { .. })), "{broken:?}");
    })
    .await;
}

#[tokio::test]
async fn what_is_done_by_the_stores_own_calls_leaves_entries_and_names_no_secret() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let (source, _) = tenant.create_source(&world::source("Main"), 10).await.unwrap();
        let new = NewDestination {
            plugin: "neustream/rtmp".to_owned(),
            installation: None,
            name: "Out".to_owned(),
            config: json!({ "url": "rtmp://example.com/live" }).to_string(),
            secrets: BTreeMap::from([("stream-key".to_owned(), Secret::new(SECRET))]),
            is_active: true,
        };
        let made = tenant.create_destination(source.row.id, &new, 10).await.unwrap();
        let again = BTreeMap::from([("stream-key".to_owned(), Some(Secret::new(SECRET)))]);
        let change = DestinationChange { secrets: again, ..DestinationChange::default() };
        tenant.update_destination(made.row.id, &change).await.unwrap();
        tenant.delete_destination(made.row.id).await.unwrap();
        let client = OauthClient {
            client_id: "a-client".to_owned(),
            client_secret: Secret::new(SECRET),
            token_url: "https://id.example.com/token".to_owned(),
        };
        tenant.set_oauth_client("neustream/tube", "account", &client).await.unwrap();
        assert!(tenant.delete_oauth_client("neustream/tube", "account").await.unwrap());
        assert!(!tenant.delete_oauth_client("neustream/tube", "account").await.unwrap());
        tenant.create_publisher("acme", "ed25519:01", 10).await.unwrap();
        tenant.add_publisher_key("acme", "ed25519:02", 10).await.unwrap();
        tenant.retire_publisher_key("acme", "ed25519:01").await.unwrap();
        t.store.host().make_partner(tenant.tenant(), "acme", "Acme").await.unwrap();
        tenant.set_allow_list(Some(&BTreeSet::from(["neustream/rtmp".to_owned()]))).await.unwrap();
        tenant.set_pins(&BTreeMap::new()).await.unwrap();
        tenant.put_bundle("starter", "{}", "ed25519:02", "00").await.unwrap();
        tenant.write_down(Entry::new("stream.end", Target::new("source", source.row.id))).await.unwrap();

        let told = actions(&tenant, AuditFilter::default()).await;
        let expected = [
            "source.create",
            "destination.create",
            "destination.update",
            "destination.delete",
            "oauth-client.set",
            "oauth-client.delete",
            "publisher.create",
            "publisher.add-key",
            "publisher.retire-key",
            "partner.create",
            "partner.set-allow-list",
            "partner.set-pins",
            "bundle.set",
            "stream.end",
        ];
        let after_the_account = told.iter().skip_while(|action| *action != "source.create");
        assert_eq!(after_the_account.map(String::as_str).collect::<Vec<_>>(), expected);
        let everything = format!("{:?}", log(&tenant).await);
        assert!(!everything.contains(SECRET), "{everything}");
        assert!(everything.contains("changed_secrets"), "that one changed is told: {everything}");
        let host = t.store.host();
        let filter = AuditFilter { action: Some("partner".to_owned()), ..AuditFilter::default() };
        let platform = host.audit_log(Chain::Platform, &filter, AuditOrder::LatestFirst(None), 10);
        assert_eq!(platform.await.unwrap().len(), 1, "making a partner is the platform's deed, too");
    })
    .await;
}

#[tokio::test]
async fn whoever_acts_in_a_task_is_named_by_every_store_that_is_made_in_it() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await.tenant();
        let key = ApiKeyId::new();
        let work = async { t.store.tenant(tenant).create_source(&world::source("Main"), 10).await.unwrap() };
        Actor::key(key).during(work).await;
        t.store.tenant(tenant).create_source(&world::source("Second"), 10).await.unwrap();
        let of_sources = AuditFilter { action: Some("source".to_owned()), ..AuditFilter::default() };
        let entries =
            t.store.tenant(tenant).audit_log(&of_sources, AuditOrder::OldestFirst(0), 10).await.unwrap();
        assert_eq!(entries[0].actor_id, Some(key.to_string()));
        assert_eq!(entries[1].actor_kind, "host", "and by none that is made afterwards");
    })
    .await;
}
