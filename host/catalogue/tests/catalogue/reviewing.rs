use std::time::{Duration, Instant};

use neustream_catalogue::{CatalogueError, Decision, Packages, Version, VersionState, Visibility};
use neustream_contract::PackageSource;

use crate::kit::{World, on_both, tamper};

#[tokio::test]
async fn a_version_goes_from_scanned_over_reviewed_to_verified() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let version = w.published(&acme, Visibility::Public, "1.0.0").await;
        assert_eq!(w.decide(&version, Decision::Review).await.unwrap().state, VersionState::Reviewed);
        let verified = w.decide(&version, Decision::Verify).await.unwrap();
        assert_eq!(verified.state, VersionState::Verified);
        assert!(verified.verified_at.is_some());
        verified.check_runnable().unwrap();
    })
    .await;
}

#[tokio::test]
async fn decisions_that_the_state_does_not_allow_are_refused() {
    use Decision as D;
    on_both(async |w| {
        let acme = w.author("acme").await;
        let version = w.published(&acme, Visibility::Public, "1.0.0").await;
        let steps: [(&[D], D); 4] = [
            (&[D::Verify, D::Reinstate], D::Review),
            (&[D::Review, D::Reinstate], D::Suspend),
            (&[D::Review, D::Verify, D::Suspend], D::Reinstate),
            (&[D::Review, D::Reinstate], D::Revoke),
        ];
        for (illegal, legal) in steps {
            for decision in illegal {
                let refused = w.decide(&version, *decision).await;
                assert!(
                    matches!(refused, Err(CatalogueError::DecisionIllegal { .. })),
                    "{decision} before {legal}: {refused:?}"
                );
            }
            w.decide(&version, legal).await.unwrap();
        }
        for decision in [D::Review, D::Verify, D::Suspend, D::Reinstate, D::Revoke] {
            let refused = w.decide(&version, decision).await;
            assert!(matches!(refused, Err(CatalogueError::DecisionIllegal { .. })), "revoked is for good");
        }
    })
    .await;
}

#[tokio::test]
async fn a_suspended_version_stops_and_comes_back_as_what_it_was() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let version = w.verified(&acme, Visibility::Public, "1.0.0").await;
        let digest = version.digest();
        let mut changes = w.catalogue.changes();
        w.catalogue.decide(&digest, Decision::Suspend, "spams chats", w.admin).await.unwrap();
        let forbidden = w.platform.forbidden(&digest).unwrap();
        assert_eq!(forbidden.code, "plugin-suspended");
        assert!(forbidden.message.ends_with("spams chats"), "{}", forbidden.message);
        assert_eq!(changes.recv().await.unwrap().state, VersionState::Suspended);
        assert_eq!(w.catalogue.version(&digest).await.unwrap().reason, "spams chats");

        w.decide(&version, Decision::Reinstate).await.unwrap();
        assert_eq!(w.platform.forbidden(&digest), None);
        let back = w.catalogue.version(&digest).await.unwrap();
        assert_eq!(back.state, VersionState::Verified);
        back.check_runnable().unwrap();
    })
    .await;
}

#[tokio::test]
async fn suspending_and_revoking_need_a_reason() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let digest = w.published(&acme, Visibility::Public, "1.0.0").await.digest();
        for reason in ["", "  ", &"x".repeat(501)] {
            for decision in [Decision::Suspend, Decision::Revoke] {
                let refused = w.catalogue.decide(&digest, decision, reason, w.admin).await;
                assert!(matches!(refused, Err(CatalogueError::ReasonMissing(_))), "{refused:?}");
            }
        }
        w.catalogue.decide(&digest, Decision::Review, "", w.admin).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn every_step_is_recorded_with_who_when_and_why() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let version = w.verified(&acme, Visibility::Public, "1.0.0").await;
        w.catalogue.decide(&version.digest(), Decision::Revoke, "steals\nkeys", w.admin).await.unwrap();
        let history = w.catalogue.history(&version.digest()).await.unwrap();
        let states: Vec<_> = history.iter().map(|step| step.to.as_str()).collect();
        assert_eq!(states, ["draft", "scanned", "reviewed", "verified", "revoked"]);
        assert_eq!(history[0].actor, Some(acme.user.id));
        assert_eq!(history[4].actor, Some(w.admin));
        assert_eq!(history[4].reason, "steals keys");
        assert!(history.is_sorted_by_key(|step| step.at));
    })
    .await;
}

#[tokio::test]
async fn of_two_who_decide_at_once_one_is_told_that_it_is_too_late() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let version = w.published(&acme, Visibility::Public, "1.0.0").await;
        let (one, two) =
            tokio::join!(w.decide(&version, Decision::Review), w.decide(&version, Decision::Review));
        assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
        assert_eq!(w.catalogue.history(&version.digest()).await.unwrap().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_revocation_reaches_another_host_within_five_seconds_and_stops_the_version_there() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let version = w.verified(&acme, Visibility::Public, "1.0.0").await;
        let (second, platform) = w.second_host().await;
        assert_eq!(second.version(&version.digest()).await.unwrap().state, VersionState::Verified);
        let mut changes = second.changes();
        let following = tokio::spawn({
            let second = second.clone();
            async move { second.follow().await }
        });
        let decided = Instant::now();
        w.decide(&version, Decision::Revoke).await.unwrap();
        let change = changes.recv().await.unwrap();
        assert!(decided.elapsed() < Duration::from_secs(5), "{:?}", decided.elapsed());
        assert_eq!((change.digest, change.state), (version.digest(), VersionState::Revoked));
        assert_eq!(change.plugin, "acme/plugin");
        assert_eq!(platform.forbidden(&version.digest()).unwrap().code, "plugin-revoked");
        assert_eq!(second.version(&version.digest()).await.unwrap().state, VersionState::Revoked);
        following.abort();
    })
    .await;
}

#[tokio::test]
async fn a_host_that_starts_later_knows_what_must_not_run() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let revoked = w.verified(&acme, Visibility::Public, "1.0.0").await;
        w.decide(&revoked, Decision::Revoke).await.unwrap();
        let (second, platform) = w.second_host().await;
        assert_eq!(platform.forbidden(&revoked.digest()).unwrap().code, "plugin-revoked");
        let packages = Packages::open(w.t.store.clone()).await.unwrap();
        assert_eq!(packages.package(&revoked.digest()).await.unwrap(), None);
        // And it is told nothing twice.
        let mut changes = second.changes();
        second.catch_up().await.unwrap();
        assert!(changes.try_recv().is_err());
    })
    .await;
}

async fn refuses_to_run(w: &World, version: &Version) {
    let packages = Packages::open(w.t.store.clone()).await.unwrap();
    let refused = packages.runnable_package(&version.digest()).await;
    assert!(matches!(refused, Err(CatalogueError::Damaged { .. })), "{refused:?}");
    assert!(packages.package(&version.digest()).await.is_err());
}

#[tokio::test]
async fn a_state_that_was_written_into_the_database_runs_nothing() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let version = w.published(&acme, Visibility::Private, "1.0.0").await;
        tamper(&w, "UPDATE plugin_versions SET state = 'verified'").await;
        refuses_to_run(&w, &version).await;
    })
    .await;
}

#[tokio::test]
async fn a_private_version_that_was_made_public_in_the_database_runs_nothing() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let version = w.verified(&acme, Visibility::Private, "1.0.0").await;
        tamper(&w, "UPDATE plugin_versions SET visibility = 'public'").await;
        refuses_to_run(&w, &version).await;
        let stranger = w.tenant("eve@example.com").await;
        let (second, _) = w.second_host().await;
        let refused = second.resolve(stranger, "acme/plugin", None).await;
        assert!(matches!(refused, Err(CatalogueError::Damaged { .. })), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn bytes_that_were_changed_in_the_database_are_not_handed_out() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let version = w.verified(&acme, Visibility::Public, "1.0.0").await;
        let other = w.author("other").await;
        w.verified(&other, Visibility::Public, "1.0.0").await;
        tamper(&w, "DELETE FROM packages WHERE digest = (SELECT digest FROM plugin_versions WHERE plugin = 'acme/plugin')")
            .await;
        tamper(
            &w,
            "UPDATE packages SET digest = (SELECT digest FROM plugin_versions WHERE plugin = 'acme/plugin')",
        )
        .await;
        let packages = Packages::open(w.t.store.clone()).await.unwrap();
        assert!(packages.package(&version.digest()).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn the_review_queue_has_what_waits() {
    on_both(async |w| {
        let acme = w.author("acme").await;
        let first = w.published(&acme, Visibility::Public, "1.0.0").await;
        let second = w.published(&acme, Visibility::Public, "1.1.0").await;
        w.decide(&first, Decision::Review).await.unwrap();
        let waiting = w.catalogue.in_state(VersionState::Scanned, None, 10).await.unwrap();
        assert_eq!(waiting.iter().map(Version::digest).collect::<Vec<_>>(), [second.digest()]);
        let after = w.catalogue.in_state(VersionState::Scanned, Some(&second.digest()), 10).await.unwrap();
        assert!(after.is_empty());
    })
    .await;
}
