//! Who may do what: every route of the document, with another tenant's ids, with every role, with every scope of a key.

use axum::http::{Method, StatusCode};
use neustream_accounts::{Permission, Role};
use neustream_api::{ApiSettings, RateLimits};
use neustream_store::testing::TestStore;
use serde_json::json;

use crate::audited;
use crate::kit::{Answer, TestApi, text};
use crate::world::{Credentials, Needs, Operation, World, key_with, operations, with_role, world};

/// Operations that need no token, on purpose.
const PUBLIC: &[&str] = &[
    "POST /api/auth/register",
    "POST /api/auth/setup",
    "POST /api/auth/login",
    "POST /api/auth/login/second-factor",
    "POST /api/auth/refresh",
    "POST /api/auth/logout",
    "POST /api/auth/invitation",
    "POST /api/auth/invitation/preview",
    "POST /api/auth/forgot-password",
    "POST /api/auth/reset-password",
    "POST /api/auth/verify-email",
    "POST /api/auth/verify-email/resend",
    "GET /api/auth/providers",
    "GET /api/auth/{provider}",
    "GET /api/auth/{provider}/callback",
    "GET /api/exports/{token}",
    "GET /api/streams/live",
    "GET /api/subscriptions/plans",
    "POST /hooks/{token}",
    "GET /api/oauth/callback/{namespace}/{name}/{secret}",
    "GET /hls/{playback_id}/{file}",
    "GET /hls/{playback_id}/{token}/{file}",
    "GET /health",
];

/// Operations that take a person, though their permission may be a key's: they send a browser elsewhere, or are about
/// the person's own part.
const FOR_PEOPLE: &[&str] = &[
    "POST /api/installations/{id}/secrets/{name}/authorize",
    "POST /api/organisations/{id}/leave",
    "GET /api/organisations/{id}/deletion",
];

/// What the owner of a fresh world is answered where it is no success: it takes more than a request.
const NOT_AT_ONCE: &[(&str, &str)] = &[
    ("POST /api/auth/email/confirm", "CODE_REFUSED"),
    ("POST /api/auth/totp/confirm", "SECOND_FACTOR_OFF"),
    ("POST /api/auth/totp/disable", "SECOND_FACTOR_OFF"),
    ("POST /api/auth/totp/recovery-codes", "SECOND_FACTOR_OFF"),
    ("POST /api/subscriptions/cancel", "NOT_SUBSCRIBED"),
    ("GET /api/auth/deletion", "NOT_FOUND"),
    ("DELETE /api/auth/deletion", "NOT_FOUND"),
    // There is another member, who would be left without an owner.
    ("POST /api/auth/deletion", "LAST_OWNER"),
    ("GET /api/organisations/{id}/deletion", "NOT_FOUND"),
    ("DELETE /api/organisations/{id}/deletion", "NOT_FOUND"),
    // No provider answers in these tests.
    ("POST /api/auth/identities/{provider}", "SIGN_IN_FAILED"),
    ("DELETE /api/auth/identities/{provider}", "NOT_FOUND"),
    ("POST /api/organisations/{id}/leave", "LAST_OWNER"),
];

/// What a refusal for want of a right looks like.
const NO_RIGHT: &[&str] = &[
    "UNAUTHENTICATED",
    "TOKEN_INVALID",
    "API_KEY_REFUSED",
    "SIGN_IN_ENDED",
    "PERMISSION_MISSING",
    "PEOPLE_ONLY",
    "NOT_ADMINISTRATOR",
    "ORGANISATION_FOREIGN",
    "APP_FOREIGN",
];

/// Runs `test` on both databases, without limits of how much may be asked.
async fn on_both_unlimited(test: impl AsyncFn(TestApi)) {
    let settings = || {
        let rate_limits = RateLimits {
            anonymous: Vec::new(),
            user: Vec::new(),
            key: Vec::new(),
            payments: Vec::new(),
            ..RateLimits::default()
        };
        ApiSettings { rate_limits, ..ApiSettings::default() }
    };
    test(TestApi::on_sqlite(settings()).await).await;
    test(TestApi::new(TestStore::postgres().await, settings()).await).await;
}

#[test]
fn only_what_is_meant_to_be_is_open_to_everyone() {
    for operation in operations() {
        let name = operation.name();
        assert_eq!(operation.needs == Needs::Nothing, PUBLIC.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn administration_and_only_that_stands_below_its_path() {
    for operation in operations() {
        let is_below = operation.path.starts_with("/api/admin/");
        assert_eq!(operation.needs == Needs::Administrator, is_below, "{}", operation.name());
    }
}

#[test]
fn a_key_may_ask_wherever_the_table_lets_keys_have_the_permission() {
    for operation in operations() {
        if let Needs::Permission(permission, is_for_keys) = operation.needs {
            let name = operation.name();
            let is_for_people = FOR_PEOPLE.contains(&name.as_str());
            assert_eq!(is_for_keys, permission.is_for_keys() && !is_for_people, "{name}");
        }
    }
}

#[tokio::test]
async fn without_a_token_every_other_route_refuses() {
    on_both_unlimited(async |api| {
        let ada = world(&api, "ada@example.com").await;
        for operation in operations().iter().filter(|operation| operation.needs != Needs::Nothing) {
            let answer = operation.ask(&api, None, &ada).await;
            answer.is_error(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED");
        }
        assert!(api.live.told().is_empty());
    })
    .await;
}

#[tokio::test]
async fn another_tenants_ids_are_refused_on_every_route() {
    on_both_unlimited(async |api| {
        let ada = world(&api, "ada@example.com").await;
        let eve = world(&api, "eve@example.com").await;
        let key = key_with(&api, &eve.account, Role::Owner.permissions().for_keys()).await;
        let before = api.get(&ada.account, "/api/streams/info").await.json();
        for token in [&eve.account.token, &key] {
            let mut refused = 0;
            let is_key = *token == key;
            for operation in asked_of(is_key) {
                let answer = operation.ask(&api, Some(token), &ada).await;
                refused += usize::from(foreign_is_refused(&operation, &answer, is_key));
                for secret in ["id", "stream_key", "playback_id"] {
                    let foreign = text(&ada.source[secret]);
                    assert!(!answer.text().contains(&foreign), "{} shows {secret}", operation.name());
                }
            }
            assert!(refused >= 40, "the document holds the routes with ids: {refused}");
        }
        assert!(api.live.told().is_empty(), "nothing was told about another tenant's source");
        assert_eq!(api.get(&ada.account, "/api/streams/info").await.json(), before);
    })
    .await;
}

/// Everything that is not public. A person asks in the order of the document, what ends the person's own rights last.
fn asked_of(is_key: bool) -> Vec<Operation> {
    let mut all: Vec<_> = operations().into_iter().filter(|one| one.needs != Needs::Nothing).collect();
    if is_key {
        all.retain(|one| matches!(one.needs, Needs::Permission(_, true)));
    }
    all.sort_by_key(|one| ENDING.iter().position(|name| *name == one.name()).map_or(0, |place| place + 1));
    all
}

/// Operations after which whoever asked has less: they come last, in this order.
const ENDING: &[&str] = &[
    "PUT /api/auth/password",
    "PUT /api/auth/email",
    "DELETE /api/auth/sign-ins",
    "POST /api/team/hand-over",
    "POST /api/organisations/{id}/deletion",
    "POST /api/auth/deletion",
    "POST /api/organisations/{id}/leave",
];

/// Holds the answer to a request with another's ids against what it must be; whether it named any.
fn foreign_is_refused(operation: &Operation, answer: &Answer, is_key: bool) -> bool {
    let name = operation.name();
    match name.as_str() {
        _ if operation.is_administration() => {
            answer.is_error(StatusCode::FORBIDDEN, "NOT_ADMINISTRATOR");
        }
        "PUT /api/plugins/{namespace}/{name}/development" => {
            answer.is_error(StatusCode::FORBIDDEN, "NAMESPACE_FOREIGN");
        }
        "DELETE /api/plugins/{namespace}/{name}/development" | "POST /api/team/hand-over" => {
            answer.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
        }
        "POST /api/chat/connectors" => {
            assert!(!answer.status.is_success(), "{name}: {}", answer.text());
        }
        "POST /api/team/join" => {
            answer.is_error(StatusCode::FORBIDDEN, "INVITATION_FOR_OTHER");
        }
        _ if operation.names_tenant_data() => {
            assert!(!is_key || matches!(operation.needs, Needs::Permission(_, true)));
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}: {}", answer.text());
            answer.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
        }
        _ => return false,
    }
    true
}

#[tokio::test]
async fn the_same_requests_are_answered_to_their_owner() {
    on_both_unlimited(async |api| {
        let admin = api.administrator().await;
        let read = world(&api, "reader@example.com").await;
        let mut surprises: Vec<String> = Vec::new();
        let mut silent: Vec<String> = Vec::new();
        for (number, operation) in asked_of(false).iter().enumerate() {
            // What only reads leaves its world as it was.
            let changed;
            let own = if operation.method == Method::GET {
                &read
            } else {
                changed = world(&api, &format!("owner{number}@example.com")).await;
                &changed
            };
            let token = if operation.is_administration() { &admin.token } else { &own.account.token };
            let answer = operation.ask(&api, Some(token), own).await;
            let name = operation.name();
            let expected = NOT_AT_ONCE.iter().find(|(known, _)| *known == name).map(|(_, code)| *code);
            if expected.map_or(answer.status.is_success(), |code| answer.json()["code"] == code) {
                let is_change = expected.is_none() && operation.method != Method::GET;
                if is_change {
                    silent.extend(audited::silent(&api, &name, &answer).await);
                }
            } else {
                surprises.push(format!("{name}: {}", answer.text()));
            }
        }
        assert!(surprises.is_empty(), "{}", surprises.join("\n"));
        assert_eq!(silent, [""; 0], "left no entry in the audit log: write one, or say in `audited` why not");
    })
    .await;
}

#[tokio::test]
async fn each_role_may_do_what_the_table_says_and_no_more() {
    on_both_unlimited(async |api| {
        let ada = world(&api, "ada@example.com").await;
        let nothing = ada.with_ids_of_nothing();
        for role in Role::ALL {
            let email = format!("{role}@example.com");
            let (_, account) = with_role(&api, &ada.tenant, &email, role).await;
            let who = Credentials { token: Some(&account.token), organisation: Some(&ada.tenant), app: None };
            for operation in asked_of(false) {
                match operation.needs {
                    Needs::Permission(permission, _) if !role.allows(permission) => {
                        // With ids that are right: nothing else refuses it.
                        let answer = operation.ask_as(&api, who, &ada).await;
                        let details = answer.is_error(StatusCode::FORBIDDEN, "PERMISSION_MISSING");
                        assert_eq!(details["permission"], permission.as_str(), "{}", operation.name());
                    }
                    Needs::Administrator => {
                        let answer = operation.ask_as(&api, who, &ada).await;
                        answer.is_error(StatusCode::FORBIDDEN, "NOT_ADMINISTRATOR");
                    }
                    _ => is_let_through(&operation, &operation.ask_as(&api, who, &nothing).await, &email),
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn each_scope_of_a_key_opens_what_the_table_says_and_no_more() {
    on_both_unlimited(async |api| {
        let ada = world(&api, "ada@example.com").await;
        let nothing = ada.with_ids_of_nothing();
        for scope in Permission::ALL.iter().copied().filter(|scope| scope.is_for_keys()) {
            let key = key_with(&api, &ada.account, [scope].into_iter().collect()).await;
            let who = Credentials { token: Some(&key), ..Credentials::default() };
            for operation in operations().iter().filter(|one| one.needs != Needs::Nothing) {
                let is_open = operation.needs == Needs::Permission(scope, true);
                let answer = operation.ask_as(&api, who, if is_open { &nothing } else { &ada }).await;
                if is_open {
                    is_let_through(operation, &answer, scope.as_str());
                } else {
                    let codes = refusals_of_keys(operation, scope);
                    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} with {scope}", operation.name());
                    let code = text(&answer.json()["code"]);
                    assert!(codes.contains(&code.as_str()), "{} with {scope}: {code}", operation.name());
                }
            }
        }
    })
    .await;
}

/// As what an operation refuses a key with another scope.
fn refusals_of_keys(operation: &Operation, scope: Permission) -> &'static [&'static str] {
    match &operation.needs {
        Needs::Administrator => &["NOT_ADMINISTRATOR"],
        Needs::Person => &["PEOPLE_ONLY"],
        Needs::Permission(_, false) => &["PEOPLE_ONLY", "PERMISSION_MISSING"],
        Needs::Permission(permission, true) => {
            assert_ne!(*permission, scope);
            &["PERMISSION_MISSING"]
        }
        Needs::Nothing => unreachable!("{} is for everybody", operation.name()),
    }
}

/// Whatever else comes of a request for what is nowhere: the right to ask was there, and nothing broke.
fn is_let_through(operation: &Operation, answer: &Answer, who: &str) {
    let name = operation.name();
    assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{name} by {who}: {}", answer.text());
    if answer.status.is_client_error() {
        let code = text(&answer.json()["code"]);
        assert!(!NO_RIGHT.contains(&code.as_str()), "{name} by {who}: {}", answer.text());
    }
}

/// Somebody may belong to an organisation and still not see what is another app's.
#[tokio::test]
async fn another_apps_ids_are_refused_on_every_route() {
    on_both_unlimited(async |api| {
        let ada = world(&api, "ada@example.com").await;
        let body = json!({ "name": "Concerts" });
        let other = text(&api.post(&ada.account, "/api/apps", &body).await.json()["app"]["id"]);
        let who = Credentials { token: Some(&ada.account.token), organisation: None, app: Some(&other) };
        let mut refused = 0;
        for operation in asked_of(false).iter().filter(|one| belongs_to_app(one)) {
            let answer = operation.ask_as(&api, who, &ada).await;
            answer.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
            refused += 1;
        }
        assert!(refused >= 25, "the document holds the routes with ids: {refused}");
        assert!(still_there(&api, &ada).await);
    })
    .await;
}

/// Whether the path names something of an app: a source or an installation, or what hangs off one.
fn belongs_to_app(operation: &Operation) -> bool {
    let of_apps = ["/api/sources/", "/api/streams/", "/api/installations/", "/api/chat/", "/api/api-keys/"];
    operation.names_tenant_data() && of_apps.iter().any(|path| operation.path.starts_with(path))
}

async fn still_there(api: &TestApi, ada: &World) -> bool {
    let path = format!("/api/sources/{}", text(&ada.source["id"]));
    api.get(&ada.account, &path).await.status == StatusCode::OK
}
