//! Copies, deletion and retention of what is kept.

use std::collections::BTreeMap;
use std::time::Duration;

use neustream_model::{Secret, TenantId, UnixMillis};
use neustream_store::testing::{TestStore, on_both};
use neustream_store::{EXPORT_PART_BYTES, ExportedRow, Missing, Retention, StoreError, Subject};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::world;

async fn copy_of(t: &TestStore, subject: Subject) -> BTreeMap<String, Vec<Value>> {
    let mut copy: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let (rows, mut taken) = mpsc::channel(1);
    let host = t.store.host();
    let take = async {
        while let Some(ExportedRow { table, row }) = taken.recv().await {
            copy.entry(table).or_default().push(row);
        }
    };
    let (read, ()) = tokio::join!(host.read_subject(subject, rows), take);
    read.unwrap();
    copy
}

fn later(days: u64) -> UnixMillis {
    UnixMillis::now().plus(Duration::from_hours(24 * days))
}

#[tokio::test]
async fn a_copy_holds_everything_of_its_subject_and_nothing_of_others() {
    on_both(async |t| {
        let ada = world::user(&t, "ada@example.com").await;
        let eve = world::user(&t, "eve@example.com").await;
        let (source, key) =
            t.store.tenant(ada.tenant_id).create_source(&world::source("Ada's"), 10).await.unwrap();
        t.store.tenant(eve.tenant_id).create_source(&world::source("Eve's"), 10).await.unwrap();

        let copy = copy_of(&t, Subject::Organisation(ada.tenant_id)).await;
        assert_eq!(copy["sources"].len(), 1);
        assert_eq!(copy["sources"][0]["name"], "Ada's");
        assert_eq!(copy["users"][0]["email"], "ada@example.com");
        assert!(copy["audit_entries"].iter().any(|entry| entry["action"] == "source.create"));
        assert_eq!(copy["tenants"].len(), 1);
        let own = copy_of(&t, Subject::Account(ada.id)).await;
        assert_eq!(own["users"][0]["display_name"], "Ada");
        assert_eq!(own["memberships"].len(), 1);
        assert!(!own.contains_key("sources"), "those are the organisation's");

        let text = format!("{copy:?}{own:?}");
        for secret in [key.digest().as_str(), key.expose(), "$argon2id$"] {
            assert!(!text.contains(secret), "{secret}");
        }
        for stranger in ["Eve", "eve@example.com", &eve.tenant_id.to_string(), &eve.id.to_string()] {
            assert!(!text.contains(stranger), "{stranger}");
        }
        assert_eq!(source.row.name, "Ada's");
    })
    .await;
}

#[tokio::test]
async fn an_export_is_made_once_survives_who_makes_it_and_goes_in_time() {
    on_both(async |t| {
        let ada = world::user(&t, "ada@example.com").await;
        let host = t.store.host();
        let subject = Subject::Account(ada.id);
        let link = (&Secret::new("nsd_secret"), "digest-of-it");
        let export = host.request_export(subject, ada.id, link, later(7)).await.unwrap();
        assert_eq!((export.state.as_str(), export.subject()), ("waiting", subject));
        let hidden = host.export_by_link("digest-of-it").await.unwrap_err();
        assert!(matches!(hidden, StoreError::NotFound(Missing::DataExport)), "{hidden}");

        let now = UnixMillis::now();
        assert_eq!(host.take_export(now).await.unwrap().unwrap().id, export.id);
        assert!(host.take_export(now).await.unwrap().is_none(), "somebody makes it");
        // Whoever took it died: with its lease over another one takes it, and finds a part there.
        host.put_export_part(export.id, 0, b"half").await.unwrap();
        host.put_export_part(export.id, 7, b"of another attempt").await.unwrap();
        let over = now.plus(Duration::from_hours(1));
        assert_eq!(host.take_export(over).await.unwrap().unwrap().id, export.id);
        host.put_export_part(export.id, 0, b"whole").await.unwrap();
        host.finish_export(export.id, 5, "checksum").await.unwrap();
        const { assert!(5 < EXPORT_PART_BYTES) };

        let ready = host.export_by_link("digest-of-it").await.unwrap();
        assert_eq!((ready.size_bytes, ready.checksum.as_deref()), (Some(5), Some("checksum")));
        assert_eq!(host.export_link(&ready).unwrap().expose(), "nsd_secret");
        assert_eq!(host.export_part(export.id, 0).await.unwrap().unwrap(), b"whole");
        assert_eq!(host.export_part(export.id, 7).await.unwrap(), None);
        assert_eq!(host.exports(subject).await.unwrap().len(), 1);
        assert_eq!(host.prune_exports(later(8)).await.unwrap(), 1);
        assert_eq!(host.export_part(export.id, 0).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn an_export_that_is_never_made_fails_and_too_many_are_refused() {
    on_both(async |t| {
        let ada = world::user(&t, "ada@example.com").await;
        let host = t.store.host();
        let subject = Subject::Organisation(ada.tenant_id);
        for number in 0..5 {
            let digest = format!("digest-{number}");
            host.request_export(subject, ada.id, (&Secret::new("x"), &digest), later(7)).await.unwrap();
        }
        let refused =
            host.request_export(subject, ada.id, (&Secret::new("x"), "sixth"), later(7)).await.unwrap_err();
        assert!(matches!(refused, StoreError::TooManyExports { max: 5 }), "{refused}");
        let mut now = UnixMillis::now();
        for _ in 0..15 {
            assert!(host.take_export(now).await.unwrap().is_some());
            now = now.plus(Duration::from_hours(1));
        }
        assert!(host.take_export(now).await.unwrap().is_none());
        assert!(host.exports(subject).await.unwrap().iter().all(|export| export.state == "failed"));
    })
    .await;
}

#[tokio::test]
async fn a_deletion_waits_is_taken_back_and_keeps_its_time_when_asked_again() {
    on_both(async |t| {
        let ada = world::user(&t, "ada@example.com").await;
        let host = t.store.host();
        let subject = Subject::Organisation(ada.tenant_id);
        let first = host.request_deletion(subject, ada.id, later(30)).await.unwrap();
        let again = host.request_deletion(subject, ada.id, later(60)).await.unwrap();
        assert_eq!(first, again);
        assert!(host.due_deletions(later(29)).await.unwrap().is_empty());
        assert_eq!(host.due_deletions(later(31)).await.unwrap(), [first]);
        host.cancel_deletion(subject).await.unwrap();
        assert_eq!(host.deletion(subject).await.unwrap(), None);
        let nothing = host.cancel_deletion(subject).await.unwrap_err();
        assert!(matches!(nothing, StoreError::NotFound(Missing::Deletion)), "{nothing}");
    })
    .await;
}

/// Rows of every table that names an organisation.
async fn left_of(t: &TestStore, tenant: TenantId) -> Vec<String> {
    copy_of(t, Subject::Organisation(tenant)).await.into_keys().collect()
}

#[tokio::test]
async fn nothing_of_a_deleted_organisation_is_left_and_its_people_have_another_home() {
    on_both(async |t| {
        let ada = world::user(&t, "ada@example.com").await;
        let host = t.store.host();
        let tenant = t.store.tenant(ada.tenant_id);
        tenant.create_source(&world::source("Main"), 10).await.unwrap();
        let days = Retention { chat_days: Some(7), ..Retention::default() };
        tenant.set_retention(&days).await.unwrap();
        host.request_deletion(Subject::Organisation(ada.tenant_id), ada.id, UnixMillis::now()).await.unwrap();
        // Done twice, as after a kill in the middle.
        host.purge_organisation(ada.tenant_id).await.unwrap();
        host.purge_organisation(ada.tenant_id).await.unwrap();
        assert_eq!(left_of(&t, ada.tenant_id).await, Vec::<String>::new());
        assert!(host.due_deletions(later(1)).await.unwrap().is_empty());
        let moved = host.user(ada.id).await.unwrap();
        assert_ne!(moved.tenant_id, ada.tenant_id);
        assert_eq!(host.organisations_of(ada.id).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_books_of_a_deleted_organisation_stay_without_names() {
    on_both(async |t| {
        let ada = world::user(&t, "ada@example.com").await;
        let tenant = ada.tenant_id;
        t.execute(format!(
            "INSERT INTO payments (payment_key, tenant_id, kind, installation_id, plugin, reference, amount_minor, \
             currency, description, payer_ref, state, attempts, looks, revision, created_at, updated_at) \
             VALUES ('nsc-1', '{tenant}', 'charge', 'i', 'p', 'r', 999, 'USD', 'a gift', 'eve', 'settled', 1, 0, 1, 0, 0)"
        ))
        .await;
        t.store.host().purge_organisation(tenant).await.unwrap();
        let copy = copy_of(&t, Subject::Organisation(tenant)).await;
        assert_eq!(copy.keys().collect::<Vec<_>>(), ["payments", "tenants"]);
        assert_eq!((&copy["payments"][0]["payer_ref"], &copy["tenants"][0]["name"]), (&Value::Null, &Value::from("")));
    })
    .await;
}

#[tokio::test]
async fn an_account_goes_with_the_organisations_that_have_nobody_else() {
    on_both(async |t| {
        let ada = world::user(&t, "ada@example.com").await;
        let grace = world::user(&t, "grace@example.com").await;
        let host = t.store.host();
        let shared = host.create_organisation(ada.id, "Shared", 10).await.unwrap();
        t.execute(format!(
            "INSERT INTO memberships (tenant_id, user_id, role, created_at) VALUES ('{}', '{}', 'editor', 1)",
            shared.id, grace.id
        ))
        .await;
        let refused =
            host.request_deletion(Subject::Account(ada.id), ada.id, UnixMillis::now()).await.unwrap_err();
        assert!(matches!(refused, StoreError::LastOwner), "{refused}");
        t.execute(format!("UPDATE memberships SET role = 'owner' WHERE user_id = '{}'", grace.id)).await;
        host.request_deletion(Subject::Account(ada.id), ada.id, UnixMillis::now()).await.unwrap();
        host.purge_account(ada.id).await.unwrap();
        host.purge_account(ada.id).await.unwrap();
        assert!(host.user(ada.id).await.is_err());
        let due = host.due_deletions(later(1)).await.unwrap();
        assert_eq!(
            due.iter().map(|row| row.subject).collect::<Vec<_>>(),
            [Subject::Organisation(ada.tenant_id)]
        );
        host.purge_organisation(ada.tenant_id).await.unwrap();
        assert_eq!(left_of(&t, ada.tenant_id).await, Vec::<String>::new());
        assert!(!left_of(&t, shared.id).await.is_empty(), "the shared one stays");
    })
    .await;
}

#[tokio::test]
async fn the_last_administrator_stays() {
    on_both(async |t| {
        let root = world::user(&t, "root@example.com").await;
        t.execute(format!("UPDATE users SET role = 'admin' WHERE id = '{}'", root.id)).await;
        let refused =
            t.store.host().request_deletion(Subject::Account(root.id), root.id, later(1)).await.unwrap_err();
        assert!(matches!(refused, StoreError::LastAdministrator), "{refused}");
    })
    .await;
}

#[tokio::test]
async fn what_is_older_than_an_organisation_wants_goes_and_the_audit_log_still_verifies() {
    on_both(async |t| {
        let tenant = world::tenant(&t, "ada@example.com").await;
        let other = world::tenant(&t, "eve@example.com").await;
        for number in 0..700 {
            let of = if number % 2 == 0 { &tenant } else { &other };
            t.execute(format!(
                "INSERT INTO chat_messages (id, tenant_id, installation_id, platform, platform_id, author_id, \
                 author_name, message_text, kind, roles, received_at, extra, step) VALUES \
                 ('m{number}', '{}', 'i', 'p', 'p{number}', 'a', 'a', 'hi', 'message', '[]', {number}, '[]', 's')",
                of.tenant(),
            ))
            .await;
        }
        tenant.create_source(&world::source("Main"), 10).await.unwrap();
        let days = Retention { chat_days: Some(7), audit_days: Some(90), ..Retention::default() };
        tenant.set_retention(&days).await.unwrap();
        assert_eq!(tenant.retention().await.unwrap(), days);
        assert_eq!(other.retention().await.unwrap(), Retention::default());

        let host = t.store.host();
        assert_eq!(host.apply_retention(UnixMillis::now()).await.unwrap(), 350, "the messages of 1970");
        assert!(host.apply_retention(later(91)).await.unwrap() >= 2, "the audit log's beginning");
        let verified = tenant.verify_audit().await.unwrap();
        assert!(verified.broken.is_none() && verified.forgotten_sequence >= 2, "{verified:?}");
        let kept = copy_of(&t, Subject::Organisation(other.tenant())).await;
        assert_eq!(kept["chat_messages"].len(), 350);
        assert!(!kept["audit_entries"].is_empty());
    })
    .await;
}
