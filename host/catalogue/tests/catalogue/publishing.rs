use bytes::Bytes;
use neustream_catalogue::testing::{manifest, package, signed};
use neustream_catalogue::{CatalogueError, Decision, VersionState, Visibility};
use neustream_contract::{Digest, PackageSource, PublisherKey, SigningKey};
use neustream_model::Reason;
use neustream_store::StoreError;

use crate::kit::on_both;

#[tokio::test]
async fn an_upload_is_scanned_and_its_bytes_are_handed_out_without_the_signature() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let bytes = acme.package("1.0.0");
        let version = w.upload(&acme, Visibility::Private, bytes.clone()).await.unwrap();
        assert_eq!(version.state, VersionState::Scanned);
        assert_eq!(version.signed_by, Some(PublisherKey::of(&acme.key).to_string()));

        let packages = neustream_catalogue::Packages::open(w.t.store.clone()).await.unwrap();
        let content = packages.package(&version.digest()).await.unwrap().unwrap();
        assert_eq!(Digest::of(&content), version.digest());
        assert!(bytes.starts_with(&content) && bytes.len() > content.len());
    })
    .await;
}

#[tokio::test]
async fn a_package_of_several_parts_comes_back_whole() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let mut bytes = b"\0asm\x0d\0\x01\0".to_vec();
        // A custom section of 2.5 MiB: name `x`, then zeros.
        let len = 2_621_440_u32;
        bytes.push(0);
        let mut rest = len;
        while rest >= 0x80 {
            bytes.push((rest as u8 & 0x7f) | 0x80);
            rest >>= 7;
        }
        bytes.push(rest as u8);
        bytes.extend([1, b'x']);
        bytes.resize(bytes.len() + len as usize - 2, 7);
        let manifest = manifest("acme/plugin", "1.0.0", "");
        let packed = neustream_contract::package::pack(bytes, &manifest, None).unwrap();
        let version =
            w.upload(&acme, Visibility::Private, signed(&packed.clone().into(), &acme.key)).await.unwrap();
        let packages = neustream_catalogue::Packages::open(w.t.store.clone()).await.unwrap();
        assert_eq!(packages.runnable_package(&version.digest()).await.unwrap(), Bytes::from(packed));
    })
    .await;
}

#[tokio::test]
async fn what_the_scan_refuses_stays_a_draft_with_its_report_and_is_scanned_again_when_it_comes_again() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        w.platform.find(Some(Reason::new("import-denied", "imports wasi:sockets")));
        let draft = w.upload(&acme, Visibility::Private, acme.package("1.0.0")).await.unwrap();
        assert_eq!(draft.state, VersionState::Draft);
        assert_eq!(draft.scan.problem().unwrap().code, "import-denied");
        assert_eq!(draft.reason, "imports wasi:sockets");
        let packages = neustream_catalogue::Packages::open(w.t.store.clone()).await.unwrap();
        assert_eq!(packages.package(&draft.digest()).await.unwrap(), None);

        w.platform.find(None);
        let again = w.upload(&acme, Visibility::Private, acme.package("1.0.0")).await.unwrap();
        assert_eq!((again.state, again.digest()), (VersionState::Scanned, draft.digest()));
        let kept = w.upload(&acme, Visibility::Private, acme.package("1.0.0")).await.unwrap();
        assert_eq!(kept.state, VersionState::Scanned);
        assert_eq!(w.platform.scans(), 2, "what is scanned is not scanned again");
    })
    .await;
}

#[tokio::test]
async fn an_unsigned_package_and_one_signed_by_a_stranger_are_refused() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let bare = package(&manifest("acme/plugin", "1.0.0", ""), None);
        let refused = w.upload(&acme, Visibility::Private, bare.clone()).await;
        assert!(matches!(refused, Err(CatalogueError::Unsigned { .. })), "{refused:?}");
        let stranger = SigningKey::from_bytes(&[99; 32]);
        let refused = w.upload(&acme, Visibility::Private, signed(&bare, &stranger)).await;
        assert!(matches!(refused, Err(CatalogueError::KeyForeign { .. })), "{refused:?}");
        assert_eq!(w.platform.scans(), 0);
    })
    .await;
}

#[tokio::test]
async fn nobody_publishes_in_anothers_namespace_or_in_the_platforms() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let other = w.author("evil-corp").await;
        let bytes = acme.package("1.0.0");
        let refused = w.upload(&other, Visibility::Private, bytes).await;
        assert!(matches!(refused, Err(CatalogueError::NamespaceForeign { .. })), "{refused:?}");

        let own = signed(&package(&manifest("neustream/twitch", "9.0.0", ""), None), &acme.key);
        let refused = w.upload(&acme, Visibility::Private, own).await;
        assert!(matches!(refused, Err(CatalogueError::NamespaceReserved(_))), "{refused:?}");
        let key = PublisherKey::of(&acme.key);
        for namespace in ["neustream", "neustream-labs"] {
            let refused = w.catalogue.create_publisher(acme.user.tenant_id, namespace, &key).await;
            assert!(matches!(refused, Err(CatalogueError::NamespaceReserved(_))), "{refused:?}");
        }
        let taken = w.catalogue.create_publisher(other.user.tenant_id, "acme", &key).await;
        assert!(matches!(taken, Err(CatalogueError::Store(StoreError::NamespaceTaken))), "{taken:?}");
        for namespace in ["A", "a", "1a", "a/b", "", "a b", &"a".repeat(41)] {
            let refused = w.catalogue.create_publisher(acme.user.tenant_id, namespace, &key).await;
            assert!(matches!(refused, Err(CatalogueError::NamespaceMalformed)), "{namespace}: {refused:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_retired_key_signs_nothing_more_and_what_it_signed_stays() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let first = w.published(&acme, Visibility::Private, "1.0.0").await;
        let next = SigningKey::from_bytes(&[42; 32]);
        let tenant = acme.user.tenant_id;
        w.catalogue.add_publisher_key(tenant, "acme", &PublisherKey::of(&next)).await.unwrap();
        let old = PublisherKey::of(&acme.key);
        w.t.store.tenant(tenant).retire_publisher_key("acme", &old.to_string()).await.unwrap();

        let refused = w.upload(&acme, Visibility::Private, acme.package("1.1.0")).await;
        assert!(matches!(refused, Err(CatalogueError::KeyForeign { .. })), "{refused:?}");
        let by_next = signed(&package(&manifest("acme/plugin", "1.1.0", ""), None), &next);
        w.upload(&acme, Visibility::Private, by_next).await.unwrap();
        assert_eq!(w.catalogue.version(&first.digest()).await.unwrap().state, VersionState::Scanned);

        let back = w.catalogue.add_publisher_key(tenant, "acme", &old).await;
        assert!(matches!(back, Err(CatalogueError::Store(StoreError::KeyRetired))), "{back:?}");
    })
    .await;
}

#[tokio::test]
async fn a_version_must_be_above_all_others_and_is_never_used_for_other_bytes() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        w.published(&acme, Visibility::Private, "1.10.0").await;
        for version in ["1.9.0", "1.10.0-rc.1", "0.1.0"] {
            let refused = w.upload(&acme, Visibility::Private, acme.package(version)).await;
            let Err(CatalogueError::Store(StoreError::VersionNotHigher { highest, version: brought })) =
                refused
            else {
                panic!("{version}: {refused:?}");
            };
            assert_eq!((brought.as_str(), highest.as_str()), (version, "1.10.0"));
        }
        let changed = acme.package_with("1.10.0", "description = \"Other bytes\"\n", None);
        let refused = w.upload(&acme, Visibility::Private, changed).await;
        assert!(
            matches!(refused, Err(CatalogueError::Store(StoreError::VersionNotHigher { .. }))),
            "{refused:?}"
        );
        w.published(&acme, Visibility::Private, "1.11.0-rc.1").await;
        w.published(&acme, Visibility::Private, "1.11.0").await;
    })
    .await;
}

#[tokio::test]
async fn of_racing_uploads_of_one_version_one_wins() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let uploads = (0..4).map(|n| {
            let more = format!("description = \"Build {n}\"\n");
            w.upload(&acme, Visibility::Private, acme.package_with("1.0.0", &more, None))
        });
        let outcomes = futures_util::future::join_all(uploads).await;
        let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(won, 1, "{outcomes:?}");
    })
    .await;
}

#[tokio::test]
async fn a_version_tells_what_it_changes_against_the_one_before() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let schema = r#"{"type":"object","properties":{"server":{"type":"string"}},"additionalProperties":false}"#;
        let config = "[config]\nschema = \"config.schema.json\"\n";
        w.upload(&acme, Visibility::Private, acme.package_with("1.0.0", config, Some(schema))).await.unwrap();
        let tighter = schema.replace("\"additionalProperties\"", "\"required\":[\"server\"],\"additionalProperties\"");
        let more = format!(
            "state-schema = 2\n[capabilities.http]\nhosts = [\"https://api.example.com\"]\nreason = \"To ask\"\n{config}"
        );
        let next = acme.package_with("2.0.0", &more, Some(&tighter));
        let difference = w.upload(&acme, Visibility::Private, next).await.unwrap().difference;
        assert_eq!(difference.before.as_deref(), Some("1.0.0"));
        assert_eq!(difference.state_schema_before, Some(1));
        assert_eq!(difference.config_breaks, ["/properties/server is required now"]);
        assert_eq!(difference.more_permissions[0].keys, ["http:https://api.example.com"]);
    })
    .await;
}

#[tokio::test]
async fn the_hosts_own_packages_are_verified_and_the_newest_replaces_the_older() {
    on_both(async |w| {
        let tenant = w.tenant("ada@example.com").await;
        let of = |version: &str, more: &str| package(&manifest("neustream/twitch", version, more), None);
        let old = w.catalogue.adopt(of("1.0.0", "")).await.unwrap();
        assert_eq!(old.state, VersionState::Verified);
        let new = w.catalogue.adopt(of("1.1.0", "")).await.unwrap();
        let current = w.catalogue.resolve(tenant, "neustream/twitch", None).await.unwrap();
        assert_eq!(current.digest(), new.digest());
        // The older one still runs for those who have it.
        w.catalogue.resolve(tenant, "neustream/twitch", Some("1.0.0")).await.unwrap();

        // A rebuilt one of the same number counts from when it was brought, and so does the former when it is back.
        let rebuilt = w.catalogue.adopt(of("1.1.0", "description = \"Rebuilt\"\n")).await.unwrap();
        let current = w.catalogue.resolve(tenant, "neustream/twitch", None).await.unwrap();
        assert_eq!(current.digest(), rebuilt.digest());
        w.catalogue.adopt(of("1.1.0", "")).await.unwrap();
        let current = w.catalogue.resolve(tenant, "neustream/twitch", None).await.unwrap();
        assert_eq!(current.digest(), new.digest());
    })
    .await;
}

#[tokio::test]
async fn a_start_that_brings_nothing_new_changes_nothing() {
    on_both(async |w| {
        let bytes = package(&manifest("neustream/twitch", "1.0.0", ""), None);
        let first = w.catalogue.adopt(bytes.clone()).await.unwrap();
        let (before, _) = w.t.store.host().held_versions().await.unwrap();
        let again = w.catalogue.adopt(bytes).await.unwrap();
        assert_eq!((again.digest(), again.created_at), (first.digest(), first.created_at));
        assert_eq!(w.t.store.host().held_versions().await.unwrap().0, before);
    })
    .await;
}

#[tokio::test]
async fn a_plugin_of_the_host_that_was_suspended_stays_so_after_a_restart() {
    on_both(async |w| {
        let bytes = package(&manifest("neustream/twitch", "1.0.0", ""), None);
        let version = w.catalogue.adopt(bytes.clone()).await.unwrap();
        w.decide(&version, Decision::Suspend).await.unwrap();
        let again = w.catalogue.adopt(bytes).await.unwrap();
        assert_eq!(again.state, VersionState::Suspended);
        assert!(w.platform.forbidden(&version.digest()).is_some());
    })
    .await;
}

#[tokio::test]
async fn what_is_no_package_is_refused() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        for bytes in [&b""[..], b"\0asm\x01\0\0\0", b"GIF89a"] {
            let refused = w.upload(&acme, Visibility::Private, Bytes::from_static(bytes)).await;
            assert!(matches!(refused, Err(CatalogueError::Package(_))), "{refused:?}");
        }
    })
    .await;
}
