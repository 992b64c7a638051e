//! What those who run the platform look at and do.

use neustream_model::{SignInId, UnixMillis};
use neustream_store::testing::on_both;
use neustream_store::{
    Actor, Chain, Missing, NewMail, NewSignIn, NumberedPage, PlatformSettings, SignInKind, StoreError,
};
use std::time::Duration;

use crate::world::{account, source, user};

fn page(number: u32, limit: u32) -> NumberedPage {
    NumberedPage { number, limit }
}

#[tokio::test]
async fn people_are_found_by_page_and_by_text() {
    on_both(async |t| {
        for name in ["ada", "bob", "eve"] {
            user(&t, &format!("{name}@example.com")).await;
        }
        let host = t.store.host();
        let now = UnixMillis::now();
        let first = host.people(page(1, 2), None, now).await.unwrap();
        let emails: Vec<_> = first.rows.iter().map(|person| person.email.as_str()).collect();
        assert_eq!((emails, first.total), (vec!["eve@example.com", "bob@example.com"], 3));
        let second = host.people(page(2, 2), None, now).await.unwrap();
        assert_eq!(second.rows.len(), 1);
        assert!(host.people(page(3, 2), None, now).await.unwrap().rows.is_empty());
        let found = host.people(page(1, 2), Some("BOB@"), now).await.unwrap();
        assert_eq!((found.rows[0].email.as_str(), found.total), ("bob@example.com", 1));
        assert_eq!(host.people(page(1, 2), Some("_"), now).await.unwrap().total, 0);
        assert_eq!((found.rows[0].plan_name.as_str(), found.rows[0].is_subscribed), ("Unlimited", false));
    })
    .await;
}

#[tokio::test]
async fn an_organisation_whose_owners_are_all_suspended_is_kept_out() {
    on_both(async |t| {
        let ada = user(&t, "ada@example.com").await;
        let tenant = t.store.tenant(ada.tenant_id);
        let (made, key) = tenant.every_app().create_source(&source("Main"), 10).await.unwrap();
        let host = t.store.host();
        let now = UnixMillis::now();
        let is_known = async || host.source_by_key_digest(&key.digest()).await.unwrap().is_some();
        assert!(is_known().await);

        let done = host.suspend(ada.id, "ticket 7", now).await.unwrap();
        assert_eq!((done.suspended_at, done.reason.as_deref()), (Some(now), Some("ticket 7")));
        let again = host.suspend(ada.id, "another", now.plus(Duration::from_secs(9))).await.unwrap();
        assert_eq!(again, done, "the first suspension stays");
        assert!(!is_known().await);
        assert_eq!(host.sources_without_owner(ada.id).await.unwrap(), [made.row.id]);
        assert_eq!(host.activate(ada.id).await.unwrap().suspended_at, None);
        assert!(is_known().await);
        assert!(host.sources_without_owner(ada.id).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_the_operator_does_to_an_account_is_in_both_audit_logs() {
    on_both(async |t| {
        let host = t.store.host().acting_as(Actor::operator());
        let root = host.create_administrator(&account("root@example.com")).await.unwrap();
        assert_eq!(root.role, "admin");
        let twice = host.create_administrator(&account("root@example.com")).await;
        assert!(matches!(twice, Err(StoreError::EmailTaken)));
        let ada = user(&t, "ada@example.com").await;
        host.make_administrator(ada.id).await.unwrap();
        host.reset_password_of(ada.id, "$argon2id$new", true).await.unwrap();
        assert_eq!(host.user(ada.id).await.unwrap().password_hash, "$argon2id$new");
        for chain in [Chain::Platform, Chain::Organisation(ada.tenant_id)] {
            let found = host.verify_audit(chain).await.unwrap();
            assert!(found.broken.is_none() && found.entries >= 2, "{found:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_impersonation_ends_once_and_with_its_administrator() {
    on_both(async |t| {
        let host = t.store.host();
        let root = host.create_administrator(&account("root@example.com")).await.unwrap();
        let ada = user(&t, "ada@example.com").await;
        let now = UnixMillis::now();
        let sign_in = || NewSignIn {
            id: SignInId::new(),
            user: ada.id,
            kind: SignInKind::Impersonation { impersonator: root.id, tenant: ada.tenant_id },
            method: "impersonation".to_owned(),
            device: String::new(),
            address: None,
            expires_at: now.plus(Duration::from_mins(15)),
        };
        let mail = NewMail {
            letter: "impersonated".to_owned(),
            content: neustream_model::Secret::new("{}"),
            expires_at: now.plus(Duration::from_hours(1)),
        };
        let (one, other) = (sign_in(), sign_in());
        for begun in [&one, &other] {
            host.begin_impersonation(begun, ada.tenant_id, "ticket 9", &mail).await.unwrap();
        }
        assert_eq!(host.sign_ins(ada.id).await.unwrap().len(), 2);
        host.end_impersonation(one.id, now).await.unwrap();
        let again = host.end_impersonation(one.id, now).await;
        assert!(matches!(again, Err(StoreError::NotFound(Missing::SignIn))), "{again:?}");
        host.suspend(root.id, "left the company", now).await.unwrap();
        assert!(host.sign_ins(ada.id).await.unwrap().is_empty(), "none is left");
    })
    .await;
}

#[tokio::test]
async fn settings_change_one_by_one_and_nothing_is_decided_at_first() {
    on_both(async |t| {
        let host = t.store.host();
        assert_eq!(host.platform_settings().await.unwrap(), PlatformSettings::default());
        let now = UnixMillis::now();
        let closed =
            PlatformSettings { new_registrations_enabled: Some(false), ..PlatformSettings::default() };
        host.change_platform_settings(closed, now).await.unwrap();
        let maintained = PlatformSettings { maintenance_mode: Some(true), ..PlatformSettings::default() };
        let both = host.change_platform_settings(maintained, now).await.unwrap();
        assert_eq!((both.maintenance_mode, both.new_registrations_enabled), (Some(true), Some(false)));
        assert_eq!(t.store.host().platform_settings().await.unwrap(), both);
    })
    .await;
}
