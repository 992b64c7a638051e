use std::io::Write;
use std::sync::{Arc, Mutex};

use neustream_contract::CallErrorKind;
use neustream_store::testing::on_both;
use neustream_store::{SealingKey, Store, StoreSettings};
use tokio::task::JoinSet;
use tracing_subscriber::fmt::MakeWriter;

use super::*;

/// A connected world whose token is over, so that the next call must refresh; the new one lasts.
async fn world_with_a_token_that_is_over(store: TestStore) -> World {
    let world = World::with(MANIFEST, ProviderRules::strict(), store).await;
    world.provider.site.set_lifetime(OVER);
    world.connect().await;
    world.provider.site.set_lifetime(LONG);
    world
}

#[tokio::test]
async fn a_token_that_lasts_is_used_without_asking_anybody() {
    let world = World::new().await;
    world.connect().await;
    let first = world.token().await.unwrap();
    for _ in 0..3 {
        assert_eq!(world.token().await.unwrap(), first);
    }
    assert_eq!(world.provider.site.token_requests(), ["authorization_code"]);
}

#[tokio::test]
async fn many_calls_on_two_hosts_make_one_refresh() {
    on_both(async |store| {
        let world = world_with_a_token_that_is_over(store).await;
        let mut calls = JoinSet::new();
        for number in 0..20 {
            let host = if number % 2 == 0 { world.oauth.clone() } else { world.another_host.clone() };
            let (tenant, installation) = (world.tenant, world.installation);
            let (manifest, grant) = (world.manifest.clone(), world.grant.clone());
            calls.spawn(async move {
                let secret = &manifest.capabilities.secrets[NAME];
                let consent =
                    Consent { tenant, installation, plugin: PLUGIN, name: NAME, secret, grant: &grant };
                host.secrets(&consent).await.unwrap().remove(NAME).unwrap()
            });
        }
        let tokens = calls.join_all().await;
        assert!(tokens.iter().all(|token| *token == tokens[0]));
        assert!(world.provider.site.is_alive(tokens[0].expose()), "no refresh token was used twice");
        assert_eq!(world.asked("refresh_token"), 1);
    })
    .await;
}

#[tokio::test]
async fn refresh_tokens_rotate_again_and_again_and_none_is_used_twice() {
    let world = World::new().await;
    world.provider.site.set_lifetime(OVER);
    world.connect().await;
    for round in 1..=5 {
        let token = world.token().await.unwrap();
        assert_eq!(world.asked("refresh_token"), round);
        drop(token);
    }
    world.provider.site.set_lifetime(LONG);
    assert!(world.provider.site.is_alive(world.token().await.unwrap().expose()));
}

#[tokio::test]
async fn a_token_that_the_platform_refuses_early_is_replaced_once() {
    let world = World::new().await;
    world.connect().await;
    let old = world.token().await.unwrap();
    world.provider.site.expire_access_tokens();
    let consent = world.consent();
    let (one, other) =
        tokio::join!(world.oauth.refused(&consent, &old), world.another_host.refused(&consent, &old));
    assert!(one && other);
    // Whoever hears of the old one later is told that there is another already.
    assert!(world.oauth.refused(&consent, &old).await);
    assert_eq!(world.asked("refresh_token"), 1);
    let new = world.token().await.unwrap();
    assert!(new != old && world.provider.site.is_alive(new.expose()));
    // A platform that refuses the new one too means something else: no third token a minute.
    assert!(!world.oauth.refused(&consent, &new).await || world.asked("refresh_token") == 2);
    let last = world.token().await.unwrap();
    assert!(!world.oauth.refused(&consent, &last).await);
    assert!(world.asked("refresh_token") <= 2);
}

#[tokio::test]
async fn a_provider_that_is_down_takes_nothing_away_while_the_token_lasts() {
    let world = World::new().await;
    // In the last quarter of its life from the beginning: worth refreshing, and still good.
    world.provider.site.set_lifetime(LONG);
    world.connect().await;
    let old = world.token().await.unwrap();
    world.provider.site.set_down(true);
    assert!(!world.oauth.refused(&world.consent(), &old).await);
    assert_eq!(world.token().await.unwrap(), old);
}

#[tokio::test]
async fn a_token_that_is_over_while_the_provider_is_down_is_an_outage_and_nobody_hammers() {
    let world = world_with_a_token_that_is_over(TestStore::sqlite().await).await;
    world.provider.site.set_down(true);
    let before = world.provider.requests().len();
    for _ in 0..10 {
        let error = world.token().await.unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::Unavailable, "oauth-refresh-failed"));
        assert!(error.retry_after.is_some());
    }
    assert_eq!(world.provider.requests().len(), before + 1);
    world.provider.site.set_down(false);
    // The other host has no pause of its own: as after one has passed.
    let secrets = world.another_host.secrets(&world.consent()).await.unwrap();
    assert!(world.provider.site.is_alive(secrets[NAME].expose()));
    assert_eq!(world.token().await.unwrap(), secrets[NAME], "what one host refreshed the other uses");
}

#[tokio::test]
async fn a_withdrawn_consent_asks_the_tenant_once_and_the_provider_never_again() {
    let world = world_with_a_token_that_is_over(TestStore::sqlite().await).await;
    world.provider.site.withdraw();
    for _ in 0..3 {
        let error = world.token().await.unwrap_err();
        assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::Unauthorized, "oauth-consent-needed"));
        assert!(error.message.contains("Tube account"), "{}", error.message);
    }
    assert_eq!(world.asked("refresh_token"), 1);
    assert!(world.oauth.connected(world.tenant, world.installation).await.unwrap().is_empty());
    world.connect().await;
    assert!(world.provider.site.is_alive(world.token().await.unwrap().expose()));
}

#[tokio::test]
async fn a_refresh_that_gives_less_asks_the_tenant() {
    let world = world_with_a_token_that_is_over(TestStore::sqlite().await).await;
    world.provider.site.narrow_next("read");
    assert_eq!(world.token().await.unwrap_err().code, "oauth-consent-needed");
    assert_eq!(world.token().await.unwrap_err().code, "oauth-consent-needed");
    assert_eq!(world.asked("refresh_token"), 1);
}

#[tokio::test]
async fn a_call_that_is_given_up_does_not_lose_the_new_tokens() {
    let world = world_with_a_token_that_is_over(TestStore::sqlite().await).await;
    let held = world.provider.site.hold().await.unwrap();
    let before = world.provider.requests().len();
    let mut call = Box::pin(world.token());
    while world.provider.requests().len() == before {
        let _pending = tokio::time::timeout(Duration::from_millis(5), &mut call).await;
    }
    drop(call);
    drop(held);
    let token = world.token().await.unwrap();
    assert!(world.provider.site.is_alive(token.expose()));
    assert_eq!(world.asked("refresh_token"), 1, "the answer of the call that was given up is used");
}

#[tokio::test]
async fn tokens_that_another_master_key_sealed_must_be_consented_to_again() {
    let world = World::new().await;
    world.connect().await;
    let settings = StoreSettings::by_url(world.store.url.clone(), SealingKey::generate());
    let moved = Oauth::new(Store::open(settings).await.unwrap(), world.outbound.clone());
    let error = moved.secrets(&world.consent()).await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::Unauthorized, "oauth-consent-needed"));
}

#[tokio::test]
async fn a_database_that_is_away_is_an_outage_and_says_nothing_else() {
    let world = World::new().await;
    world.connect().await;
    world.store.store.close().await;
    let error = world.token().await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (CallErrorKind::Unavailable, "host-busy"));
}

#[tokio::test]
async fn a_new_consent_during_a_refresh_wins() {
    let world = world_with_a_token_that_is_over(TestStore::sqlite().await).await;
    let revision = |tokens: neustream_store::OauthTokens| tokens.revision;
    let host = world.store.store.host();
    let read = || host.oauth_tokens(world.tenant, world.installation, NAME);
    let old = revision(read().await.unwrap().unwrap());
    // Another host is in the middle of a refresh, and dies.
    let lease = host.lease_oauth_tokens(world.tenant, world.installation, NAME, old, LONG).await.unwrap();
    assert!(lease.is_some());
    world.connect().await;
    assert!(world.provider.site.is_alive(world.token().await.unwrap().expose()));
}

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_log_line_error_or_answer_holds_a_secret() {
    let log = Log::default();
    // For the whole process: what the other tests log meanwhile must not hold a secret either.
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .init();
    let world = World::new().await;
    let mut said = Vec::new();
    let mut verifiers = Vec::new();
    for decision in [Decision::Deny, Decision::AllowOnly(&["read"]), Decision::Allow] {
        let begun = world.begin().await;
        verifiers.push(begun.browser.expose().to_owned());
        let back = world.decide(&begun, decision);
        verifiers.push(back.state.expose().to_owned());
        said.push(format!("{begun:?} {back:?}"));
        said.push(format!("{:?}", world.oauth.finish(back).await));
    }
    let token = world.token().await.unwrap();
    world.provider.site.set_down(true);
    said.push(format!("{}", world.oauth.refused(&world.consent(), &token).await));
    world.provider.site.set_down(false);
    world.provider.site.withdraw();
    said.push(format!("{}", world.another_host.refused(&world.consent(), &token).await));
    said.push(format!("{:?} {:?}", world.token().await, world.oauth.disconnect(&world.consent()).await));
    said.push(String::from_utf8(log.0.lock().unwrap().clone()).unwrap());
    let said = said.join(" ");
    assert!(
        said.contains("an account was connected") && said.contains("a token was not refreshed"),
        "{said}"
    );
    for secret in world.provider.site.secrets().into_iter().chain(verifiers) {
        assert!(!said.contains(&secret), "{secret} was told");
    }
}
