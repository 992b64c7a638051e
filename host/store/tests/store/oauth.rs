use std::time::Duration;

use neustream_model::{InstallationId, Secret, TenantId, UnixMillis, UserId};
use neustream_store::testing::{TestStore, on_both};
use neustream_store::{AuditFilter, AuditOrder, NewOauthConsent, NewOauthTokens, OauthClient, TenantStore};
use sqlx::{Connection, Row};

use crate::world;

const PLUGIN: &str = "neustream/youtube";
const SECRET: &str = "account";
const LEASE: Duration = Duration::from_secs(30);

fn client(id: &str) -> OauthClient {
    OauthClient {
        client_id: id.to_owned(),
        client_secret: Secret::new(format!("secret-of-{id}")),
        token_url: "https://id.example.com/token".to_owned(),
    }
}

fn tokens(pair: &str) -> NewOauthTokens {
    NewOauthTokens {
        client_id: "client".to_owned(),
        token_url: "https://id.example.com/token".to_owned(),
        scopes: "read write".to_owned(),
        pair: Secret::new(pair),
        issued_at: UnixMillis(1_000),
        expires_at: Some(UnixMillis(2_000)),
    }
}

fn consent(state: &str, user: UserId, installation: InstallationId) -> NewOauthConsent {
    NewOauthConsent {
        state_digest: state.to_owned(),
        user,
        installation,
        plugin: PLUGIN.to_owned(),
        secret: SECRET.to_owned(),
        flow: Secret::new("a-verifier-in-clear"),
        expires_at: UnixMillis::now().plus(Duration::from_mins(10)),
    }
}

async fn tenant(t: &TestStore) -> (TenantStore, TenantId, UserId) {
    let user = world::user(t, "ada@example.com").await;
    (t.store.tenant(user.tenant_id), user.tenant_id, user.id)
}

#[tokio::test]
async fn a_tenants_own_client_comes_before_the_operators() {
    on_both(async |t| {
        let (ada, id, _) = tenant(&t).await;
        let host = t.store.host();
        host.set_oauth_client(PLUGIN, SECRET, &client("first")).await.unwrap();
        host.set_oauth_client(PLUGIN, SECRET, &client("operator")).await.unwrap();
        ada.set_oauth_client(PLUGIN, SECRET, &client("own")).await.unwrap();
        let found = host.oauth_clients_for(id, PLUGIN, SECRET).await.unwrap();
        assert_eq!(found, [client("own"), client("operator")]);
        let others = host.oauth_clients_for(TenantId::new(), PLUGIN, SECRET).await.unwrap();
        assert_eq!(others, [client("operator")]);
        assert_eq!(ada.oauth_clients().await.unwrap()[0].client_id, "own");
        assert_eq!(host.oauth_clients().await.unwrap()[0].client_id, "operator");

        assert!(ada.delete_oauth_client(PLUGIN, SECRET).await.unwrap());
        assert!(!ada.delete_oauth_client(PLUGIN, SECRET).await.unwrap());
        assert!(host.delete_oauth_client(PLUGIN, SECRET).await.unwrap());
        assert_eq!(host.oauth_clients_for(id, PLUGIN, SECRET).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_consent_is_taken_once() {
    on_both(async |t| {
        let (ada, id, user) = tenant(&t).await;
        let installation = InstallationId::new();
        ada.begin_oauth_consent(&consent("digest", user, installation)).await.unwrap();
        let host = t.store.host();
        let (first, second) =
            tokio::join!(host.take_oauth_consent("digest"), host.take_oauth_consent("digest"));
        let taken: Vec<_> = [first.unwrap(), second.unwrap()].into_iter().flatten().collect();
        assert_eq!(taken.len(), 1);
        assert_eq!((taken[0].tenant, taken[0].user, taken[0].installation), (id, user, installation));
        assert_eq!(taken[0].flow.expose(), "a-verifier-in-clear");
        assert!(host.take_oauth_consent("another").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_second_flow_of_the_same_person_ends_the_first() {
    on_both(async |t| {
        let (ada, _, user) = tenant(&t).await;
        let installation = InstallationId::new();
        for state in ["first", "second"] {
            ada.begin_oauth_consent(&consent(state, user, installation)).await.unwrap();
        }
        ada.begin_oauth_consent(&consent("elsewhere", user, InstallationId::new())).await.unwrap();
        let host = t.store.host();
        assert!(host.take_oauth_consent("first").await.unwrap().is_none());
        assert!(host.take_oauth_consent("second").await.unwrap().is_some());
        assert!(host.take_oauth_consent("elsewhere").await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn one_of_two_hosts_gets_the_lease_and_only_it_can_renew() {
    on_both(async |t| {
        let (_, id, _) = tenant(&t).await;
        let (host, installation) = (t.store.host(), InstallationId::new());
        host.keep_oauth_tokens(id, installation, SECRET, &tokens("one")).await.unwrap();
        let kept = host.oauth_tokens(id, installation, SECRET).await.unwrap().unwrap();
        let (a, b) = tokio::join!(
            host.lease_oauth_tokens(id, installation, SECRET, kept.revision, LEASE),
            host.lease_oauth_tokens(id, installation, SECRET, kept.revision, LEASE),
        );
        let leases: Vec<_> = [a.unwrap(), b.unwrap()].into_iter().flatten().collect();
        assert_eq!(leases.len(), 1);
        assert!(host.oauth_tokens(id, installation, SECRET).await.unwrap().unwrap().lease_until.is_some());

        let renew = |lease: &str, pair| {
            let (host, lease) = (host.clone(), lease.to_owned());
            async move {
                host.renew_oauth_tokens(id, installation, SECRET, &lease, &tokens(pair)).await.unwrap()
            }
        };
        assert!(!renew("another lease", "evil").await);
        assert!(renew(&leases[0], "two").await);
        assert!(!renew(&leases[0], "again").await, "a lease ends with its renewal");
        let now = host.oauth_tokens(id, installation, SECRET).await.unwrap().unwrap();
        assert_eq!((now.pair.expose(), now.revision, now.lease_until), ("two", kept.revision + 1, None));
        // Whoever still holds the former pair is too late.
        let late = host.lease_oauth_tokens(id, installation, SECRET, kept.revision, LEASE).await.unwrap();
        assert_eq!(late, None);
    })
    .await;
}

#[tokio::test]
async fn a_lease_ends_with_its_time() {
    on_both(async |t| {
        let (_, id, _) = tenant(&t).await;
        let (host, installation) = (t.store.host(), InstallationId::new());
        host.keep_oauth_tokens(id, installation, SECRET, &tokens("one")).await.unwrap();
        let revision = host.oauth_tokens(id, installation, SECRET).await.unwrap().unwrap().revision;
        let take = |length| host.lease_oauth_tokens(id, installation, SECRET, revision, length);
        assert!(take(Duration::ZERO).await.unwrap().is_some());
        let lease = take(LEASE).await.unwrap().expect("the first has ended");
        assert!(take(LEASE).await.unwrap().is_none());
        host.release_oauth_tokens(id, installation, SECRET, &lease, Some("invalid_grant")).await.unwrap();
        let kept = host.oauth_tokens(id, installation, SECRET).await.unwrap().unwrap();
        assert_eq!((kept.refused.as_deref(), kept.lease_until), (Some("invalid_grant"), None));
        assert!(take(LEASE).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn a_new_consent_ends_every_lease_and_every_refusal() {
    on_both(async |t| {
        let (ada, id, _) = tenant(&t).await;
        let (host, installation) = (t.store.host(), InstallationId::new());
        host.keep_oauth_tokens(id, installation, SECRET, &tokens("one")).await.unwrap();
        let revision = host.oauth_tokens(id, installation, SECRET).await.unwrap().unwrap().revision;
        let lease =
            host.lease_oauth_tokens(id, installation, SECRET, revision, LEASE).await.unwrap().unwrap();
        host.keep_oauth_tokens(id, installation, SECRET, &tokens("new")).await.unwrap();
        let renewed =
            host.renew_oauth_tokens(id, installation, SECRET, &lease, &tokens("old")).await.unwrap();
        assert!(!renewed);
        let kept = host.oauth_tokens(id, installation, SECRET).await.unwrap().unwrap();
        assert_eq!((kept.pair.expose(), kept.refused), ("new", None));
        assert!(kept.revision > revision);
        assert_eq!(ada.oauth_connections(installation).await.unwrap()[0].scopes, "read write");
    })
    .await;
}

#[tokio::test]
async fn tokens_are_of_their_tenant_and_are_forgotten_with_the_installation() {
    on_both(async |t| {
        let (ada, id, user) = tenant(&t).await;
        let bob = world::tenant(&t, "bob@example.com").await;
        let (host, installation) = (t.store.host(), InstallationId::new());
        host.keep_oauth_tokens(id, installation, SECRET, &tokens("one")).await.unwrap();
        ada.begin_oauth_consent(&consent("digest", user, installation)).await.unwrap();

        assert_eq!(bob.oauth_connections(installation).await.unwrap(), []);
        assert!(host.oauth_tokens(bob.tenant(), installation, SECRET).await.unwrap().is_none());
        bob.forget_oauth(installation, None).await.unwrap();
        assert_eq!(ada.oauth_connections(installation).await.unwrap().len(), 1);

        ada.forget_oauth(installation, Some("another")).await.unwrap();
        assert_eq!(ada.oauth_connections(installation).await.unwrap().len(), 1);
        ada.forget_oauth(installation, None).await.unwrap();
        assert_eq!(ada.oauth_connections(installation).await.unwrap(), []);
        assert!(host.take_oauth_consent("digest").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn no_row_holds_a_token_a_verifier_or_a_client_secret_in_clear() {
    on_both(async |t| {
        let (ada, id, user) = tenant(&t).await;
        let (host, installation) = (t.store.host(), InstallationId::new());
        host.set_oauth_client(PLUGIN, SECRET, &client("operator")).await.unwrap();
        ada.set_oauth_client(PLUGIN, SECRET, &client("own")).await.unwrap();
        ada.begin_oauth_consent(&consent("digest", user, installation)).await.unwrap();
        host.keep_oauth_tokens(id, installation, SECRET, &tokens("ya29.a-token-in-clear")).await.unwrap();

        let mut connection = sqlx::AnyConnection::connect(&t.url).await.unwrap();
        for table in ["oauth_clients", "oauth_tenant_clients", "oauth_consents", "oauth_tokens"] {
            let statement = sqlx::AssertSqlSafe(format!("SELECT sealed FROM {table}"));
            let rows = sqlx::query(statement).fetch_all(&mut connection).await.unwrap();
            assert_eq!(rows.len(), 1, "{table}");
            let sealed: String = rows[0].get(0);
            assert!(sealed.starts_with("v1."), "{table}");
            assert!(!sealed.contains("in-clear") && !sealed.contains("secret-of"), "{table}");
        }
        let debugged =
            format!("{:?} {:?}", host.oauth_clients_for(id, PLUGIN, SECRET).await, tokens("ya29.x"));
        assert!(!debugged.contains("secret-of") && !debugged.contains("ya29"), "{debugged}");
    })
    .await;
}

#[tokio::test]
async fn connecting_and_disconnecting_leave_entries_without_tokens() {
    on_both(async |t| {
        let (ada, id, _) = tenant(&t).await;
        let installation = InstallationId::new();
        t.store.host().keep_oauth_tokens(id, installation, SECRET, &tokens("top-secret-pair")).await.unwrap();
        ada.forget_oauth(installation, Some(SECRET)).await.unwrap();
        ada.forget_oauth(installation, Some(SECRET)).await.unwrap();
        let filter = AuditFilter { action: Some("connection".to_owned()), ..AuditFilter::default() };
        let told = ada.audit_log(&filter, AuditOrder::OldestFirst(0), 10).await.unwrap();
        let actions: Vec<_> = told.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(actions, ["connection.create", "connection.delete"], "what is gone goes only once");
        assert!(!format!("{told:?}").contains("top-secret-pair"));
    })
    .await;
}
