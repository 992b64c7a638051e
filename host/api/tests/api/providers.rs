//! Signing in with other providers, against strict ones.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use neustream_api::ApiSettings;
use neustream_outbound::{Outbound, OutboundSettings};
use neustream_store::testing::TestStore;
use neustream_tests::kit::oauth::{Holder, HttpsSite, IdentityProvider, IdentityRules, Registration};
use neustream_tests::kit::tls::Authority;
use serde_json::{Value, json};

use crate::kit::{Account, Answer, PASSWORD, TestApi, settings};

const WEB: &str = "https://stream.example.com";
const ADA: Holder = Holder { subject: "1080", email: "ada@gmail.com", is_verified: true };

struct World {
    api: TestApi,
    google: HttpsSite<IdentityProvider>,
    twitch: HttpsSite<IdentityProvider>,
}

async fn on_both(test: impl AsyncFn(World)) {
    test(World::on(TestStore::sqlite().await, settings()).await).await;
    test(World::on(TestStore::postgres().await, settings()).await).await;
}

impl World {
    async fn on(db: TestStore, settings: ApiSettings) -> Self {
        let authority = Authority::new().unwrap();
        let start = async |name: &str, rules: IdentityRules| {
            let site = IdentityProvider::new(rules.clone());
            site.register(Registration {
                client_id: "the-client".to_owned(),
                client_secret: format!("the-secret-at-{name}"),
                redirect_uris: vec![format!("{WEB}/api/auth/{name}/callback")],
            });
            HttpsSite::start(authority.acceptor(rules.name).unwrap(), site).await.unwrap()
        };
        let google = start("google", IdentityRules::google()).await;
        let twitch = start("twitch", IdentityRules::twitch()).await;
        let outbound = Outbound::new(OutboundSettings {
            allow_private_networks: true,
            extra_ca_pem: Some(std::fs::read(authority.file()).unwrap()),
            resolve: vec![
                format!("accounts.google.com:443={}", google.address()).parse().unwrap(),
                format!("id.twitch.tv:443={}", twitch.address()).parse().unwrap(),
            ],
        });
        let settings = ApiSettings { public_url: Some(WEB.to_owned()), ..settings };
        Self { api: TestApi::reaching(outbound.unwrap(), db, settings).await, google, twitch }
    }

    fn site(&self, provider: &str) -> &IdentityProvider {
        if provider == "google" { &self.google.site } else { &self.twitch.site }
    }

    /// Leaves for a provider; gives its page and the cookie that the browser keeps.
    async fn leave(&self, provider: &str) -> (String, String) {
        let answer = self.api.ask(None, Method::GET, &format!("/api/auth/{provider}"), None).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
        (answer.header("location").to_owned(), cookie_of(&answer))
    }

    /// Comes back with JSON in mind.
    async fn come_back(&self, back: &str, cookie: &str) -> Answer {
        let path = back.strip_prefix(WEB).expect(back);
        let request = Request::get(path).header("cookie", format!("theme=dark; {cookie}"));
        self.api.send(request.body(Body::empty()).unwrap()).await
    }

    async fn sign_in(&self, provider: &str, holder: &Holder) -> Answer {
        let (page, cookie) = self.leave(provider).await;
        let back = self.site(provider).consent(&page, holder, true).unwrap();
        self.come_back(&back, &cookie).await
    }

    /// An account whose address is proved.
    async fn verified(&self, email: &str) -> Account {
        let account = self.api.account(email).await;
        let code = self.api.letters.take(email, "verify-email").await.code.unwrap();
        let body = json!({ "email": email, "verification_code": code });
        let answer = self.api.ask(None, Method::POST, "/api/auth/verify-email", Some(&body)).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        account
    }

    async fn user(&self, account: &Account) -> Value {
        self.api.get(account, "/api/auth/profile").await.json()["user"].clone()
    }
}

fn cookie_of(answer: &Answer) -> String {
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

#[track_caller]
fn failed(answer: &Answer, reason: &str) {
    let details = answer.is_error(StatusCode::FORBIDDEN, "SIGN_IN_FAILED");
    assert_eq!(details["reason"], reason, "{details}");
}

#[tokio::test]
async fn a_stranger_gets_an_account_and_comes_back_to_it() {
    on_both(async |world| {
        for (provider, holder) in [("google", &ADA), ("twitch", &Holder { email: "eve@example.com", ..ADA })]
        {
            let first = world.sign_in(provider, holder).await;
            assert_eq!(first.status, StatusCode::OK, "{first:?}");
            let user = first.json()["user"].clone();
            assert_eq!(user["email"], holder.email);
            assert_eq!(user["email_verified"], true);
            assert_eq!(user["display_name"], "Ada at the provider");
            let again = world.sign_in(provider, holder).await;
            assert_eq!(again.json()["user"]["id"], user["id"]);
            let account = Account::of(&again);
            let shown = world.api.get(&account, "/api/auth/profile").await.json();
            assert_eq!(shown["has_password"], false);
            let listed = world.api.get(&account, "/api/auth/sign-ins").await.json();
            assert_eq!(listed["sign_ins"][0]["method"], provider);
        }
    })
    .await;
}

#[tokio::test]
async fn an_account_follows_the_providers_subject_and_not_the_address() {
    on_both(async |world| {
        let first = world.sign_in("google", &ADA).await.json();
        let moved = Holder { email: "ada.new@gmail.com", ..ADA };
        assert_eq!(world.sign_in("google", &moved).await.json()["user"]["id"], first["user"]["id"]);
        // Somebody else has the address at the provider now.
        let other = Holder { subject: "2000", ..ADA };
        failed(&world.sign_in("google", &other).await, "identity-taken");
    })
    .await;
}

#[tokio::test]
async fn an_account_of_the_same_address_is_opened_only_where_both_sides_are_sure() {
    on_both(async |world| {
        let unproved = world.api.account("ada@gmail.com").await;
        failed(&world.sign_in("google", &ADA).await, "account-exists");
        let code = world.api.letters.take("ada@gmail.com", "verify-email").await.code.unwrap();
        let body = json!({ "email": "ada@gmail.com", "verification_code": code });
        world.api.ask(None, Method::POST, "/api/auth/verify-email", Some(&body)).await;
        let opened = world.sign_in("google", &ADA).await;
        assert_eq!(opened.status, StatusCode::OK, "{opened:?}");
        assert_eq!(opened.json()["user"]["id"], world.user(&unproved).await["id"]);
        world.api.letters.take("ada@gmail.com", "identity-connected").await;

        // Neither provider gives these addresses out: it knows only who once read their mail.
        world.verified("bob@example.com").await;
        let bob = Holder { subject: "3000", email: "bob@example.com", is_verified: true };
        for provider in ["google", "twitch"] {
            failed(&world.sign_in(provider, &bob).await, "account-exists");
        }
        world.google.site.lie("hd", json!("example.com"));
        assert_eq!(world.sign_in("google", &bob).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn an_address_that_the_provider_did_not_verify_opens_nothing() {
    on_both(async |world| {
        let unverified = Holder { is_verified: false, ..ADA };
        for provider in ["google", "twitch"] {
            failed(&world.sign_in(provider, &unverified).await, "email-unverified");
        }
        assert!(world.api.db.store.host().user_by_email("ada@gmail.com").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_taken_once_and_from_the_browser_that_left() {
    on_both(async |world| {
        let (page, cookie) = world.leave("google").await;
        let (_, others) = world.leave("google").await;
        let back = world.google.site.consent(&page, &ADA, true).unwrap();
        for wrong in ["", &others, "neustream-sign-in=nonsense"] {
            failed(&world.come_back(&back, wrong).await, "state-unknown");
        }
        // An answer of one provider is none of another's.
        let elsewhere = back.replace("/google/", "/twitch/");
        failed(&world.come_back(&elsewhere, &cookie).await, "state-unknown");
        assert_eq!(world.come_back(&back, &cookie).await.status, StatusCode::OK);
        failed(&world.come_back(&back, &cookie).await, "provider-error");

        let (page, cookie) = world.leave("google").await;
        let denied = world.google.site.consent(&page, &ADA, false).unwrap();
        failed(&world.come_back(&denied, &cookie).await, "denied");
    })
    .await;
}

#[tokio::test]
async fn a_token_that_proves_nothing_opens_nothing() {
    let world = World::on(TestStore::sqlite().await, settings()).await;
    for (claim, value) in [
        ("iss", json!("https://evil.example.com")),
        ("aud", json!("another-client")),
        ("nonce", json!("another")),
        ("exp", json!(1)),
        ("sub", json!("")),
    ] {
        world.google.site.lie(claim, value);
        failed(&world.sign_in("google", &ADA).await, "token-invalid");
    }
    assert_eq!(world.sign_in("google", &ADA).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_browser_is_led_to_pages_and_gets_only_cookies() {
    let world = World::on(TestStore::sqlite().await, settings()).await;
    let browse = async |path: &str, cookie: &str| {
        let request = Request::get(path).header("accept", "text/html,*/*;q=0.8").header("cookie", cookie);
        world.api.send(request.body(Body::empty()).unwrap()).await
    };
    let left = browse("/api/auth/google?return_to=/sources", "").await;
    let back = world.google.site.consent(left.header("location"), &ADA, true).unwrap();
    let arrived = browse(back.strip_prefix(WEB).unwrap(), &cookie_of(&left)).await;
    assert_eq!((arrived.status, arrived.header("location")), (StatusCode::SEE_OTHER, "/sources"));
    assert!(arrived.bytes.is_empty());
    let cookies: Vec<_> = arrived.headers.get_all("set-cookie").iter().collect();
    assert!(cookies.iter().any(|cookie| cookie.to_str().unwrap().starts_with("neustream_refresh=nsr_")));
    assert!(cookies.iter().any(|cookie| cookie.to_str().unwrap().starts_with("neustream-sign-in=; ")));

    let lost = browse("/api/auth/google/callback?code=AUTH_CODE", "").await;
    assert_eq!(lost.header("location"), "/login?provider=google&failed=state-unknown");
    for path in ["//evil.example.com", "https://evil.example.com"] {
        let answer = browse(&format!("/api/auth/google?return_to={path}"), "").await;
        answer.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
    }
    browse("/api/auth/facebook", "").await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    let listed = world.api.ask(None, Method::GET, "/api/auth/providers", None).await.json();
    let google = json!({ "name": "google", "label": "Google" });
    assert_eq!(listed["providers"][0], google);
}

#[tokio::test]
async fn a_provider_is_connected_with_the_password_and_disconnected_unless_it_is_the_last_way_in() {
    on_both(async |world| {
        let api = &world.api;
        let account = api.account("bob@example.com").await;
        let path = "/api/auth/identities/twitch";
        let wrong = api.post(&account, path, &json!({ "current_password": "wrong" })).await;
        wrong.is_error(StatusCode::FORBIDDEN, "PASSWORD_WRONG");
        let body = json!({ "current_password": PASSWORD, "return_to": "/account" });
        let begun = api.post(&account, path, &body).await;
        assert_eq!(begun.status, StatusCode::OK, "{begun:?}");
        let page = begun.json()["authorize_url"].as_str().unwrap().to_owned();
        let back = world.twitch.site.consent(&page, &ADA, true).unwrap();
        let connected = world.come_back(&back, &cookie_of(&begun)).await;
        assert_eq!((connected.status, connected.header("location")), (StatusCode::SEE_OTHER, "/account"));
        api.letters.take("bob@example.com", "identity-connected").await;

        let listed = api.get(&account, "/api/auth/identities").await.json();
        assert_eq!(listed["identities"][0]["provider"], "twitch");
        assert_eq!(listed["identities"][0]["email"], "ada@gmail.com");
        let signed_in = world.sign_in("twitch", &ADA).await;
        assert_eq!(signed_in.json()["user"]["email"], "bob@example.com");
        assert_eq!(api.delete(&account, path).await.status, StatusCode::NO_CONTENT);
        api.delete(&account, path).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");

        let stranger = Account::of(&world.sign_in("google", &ADA).await);
        let last = api.delete(&stranger, "/api/auth/identities/google").await;
        last.is_error(StatusCode::CONFLICT, "LAST_WAY_IN");
        // A fresh sign-in is proof enough for a first password.
        let set = api.put(&stranger, "/api/auth/password", &json!({ "password": PASSWORD })).await;
        assert_eq!(set.status, StatusCode::NO_CONTENT, "{set:?}");
        let gone = api.delete(&stranger, "/api/auth/identities/google").await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT);
    })
    .await;
}

#[tokio::test]
async fn a_second_factor_is_asked_for_whichever_way_the_first_was_proved() {
    let world = World::on(TestStore::sqlite().await, settings()).await;
    let account = Account::of(&world.sign_in("google", &ADA).await);
    let begun = world.api.post(&account, "/api/auth/totp", &json!({})).await.json();
    let totp: neustream_accounts::Totp = begun["secret"].as_str().unwrap().parse().unwrap();
    let code = totp.code_at(neustream_model::UnixMillis::now());
    let on = world.api.post(&account, "/api/auth/totp/confirm", &json!({ "code": code })).await.json();
    let details =
        world.sign_in("google", &ADA).await.is_error(StatusCode::UNAUTHORIZED, "SECOND_FACTOR_REQUIRED");
    let body = json!({ "challenge": details["challenge"], "code": on["recovery_codes"][0] });
    let path = "/api/auth/login/second-factor";
    let met = world.api.ask(None, Method::POST, path, Some(&body)).await;
    assert_eq!(met.status, StatusCode::OK, "{met:?}");
}

#[tokio::test]
async fn where_registration_is_closed_strangers_stay_outside() {
    let closed = ApiSettings { registration_open: false, ..settings() };
    let world = World::on(TestStore::sqlite().await, closed).await;
    failed(&world.sign_in("google", &ADA).await, "registration-closed");
}
