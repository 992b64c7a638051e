//! Another tenant's id on every route: the matrix is made from the OpenAPI document, so a new route is in it.

use axum::http::{Method, Request, StatusCode};
use neustream_api::openapi_document;
use neustream_contract::PublisherKey;
use neustream_model::Secret;
use neustream_store::OauthClient;
use serde_json::{Value, json};

use crate::drivers::{chat_and_payment, order};
use crate::kit::{Account, Answer, TestApi, key_of, on_both, package_of, tenant_of, text, tube};
use crate::partners::bundle;

/// Operations that need no token, on purpose.
const PUBLIC: [&str; 10] = [
    "POST /api/auth/register",
    "POST /api/auth/setup",
    "POST /api/auth/login",
    "POST /api/auth/refresh",
    "POST /api/auth/logout",
    "POST /api/auth/invitation",
    "POST /hooks/{token}",
    "GET /api/oauth/callback/{namespace}/{name}/{secret}",
    "GET /hls/{playback_id}/{file}",
    "GET /health",
];

struct Operation {
    method: Method,
    path: String,
    is_public: bool,
}

impl Operation {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether it is for those who run the platform.
    fn is_administration(&self) -> bool {
        self.path.starts_with("/api/admin/")
    }

    /// Whether the path names something that belongs to a tenant.
    fn names_tenant_data(&self) -> bool {
        ["{id}", "{sourceId}", "/api/publishers/{namespace}", "/api/charges/{key}"]
            .iter()
            .any(|part| self.path.contains(part))
    }

    /// The path with the ids of `world` in it.
    fn path_in(&self, world: &World) -> String {
        let id = match self.path.as_str() {
            path if path.starts_with("/api/sources/destinations/") => text(&world.destination["id"]),
            path if path.starts_with("/api/admin/tenants/") => world.tenant.clone(),
            path if path.contains("/secrets/") => world.account_installation.clone(),
            path if path.contains("/connector") || path.contains("/messages") => world.chat.clone(),
            path if path.ends_with("/charges") => world.payment.clone(),
            path if path.starts_with("/api/installations/") => world.installation.clone(),
            _ => text(&world.source["id"]),
        };
        let path = self.path.replace("{id}", &id).replace("{sourceId}", &text(&world.source["id"]));
        let path = path.replace("{namespace}/{name}/{secret}", "neustream/tube/account");
        let path = path.replace("/secrets/{name}", "/secrets/account");
        let path =
            path.replace("/charges/{key}", &format!("/charges/{}", world.charge)).replace("{message}", "m-1");
        let path = path
            .replace("{namespace}/{name}/development", &format!("{}/plugin/development", world.namespace));
        let path = path.replace("{namespace}/{name}", "neustream/twitch").replace("{version}", "1.0.0");
        let path =
            path.replace("{namespace}", &world.namespace).replace("{key}", &key_text(&world.namespace));
        let path = path.replace("{digest}", &world.digest).replace("{decision}", "suspend");
        let path = path.replace("{plan}", "free");
        assert!(!path.contains('{'), "{}: the matrix does not know a parameter of it", self.name());
        path
    }

    /// A body that the owner would be right to send.
    fn body(&self, world: &World) -> Option<Value> {
        match self.name().as_str() {
            "POST /api/sources" | "PUT /api/sources/{id}" | "PUT /api/sources/destinations/{id}" => {
                Some(json!({ "name": "Renamed" }))
            }
            "POST /api/sources/{id}/destinations" => Some(json!({ "platform": "twitch", "stream_key": "k" })),
            "PUT /api/streams/{id}/settings" => Some(json!({ "title": "Evening show" })),
            "POST /api/installations" => Some(json!({ "plugin": "neustream/twitch", "grant": [] })),
            "PATCH /api/installations/{id}" => Some(json!({ "name": "Renamed" })),
            "PUT /api/installations/{id}/config" => Some(json!({})),
            "PUT /api/installations/{id}/secrets" => Some(json!({ "stream-key": "fresh" })),
            "POST /api/installations/{id}/upgrade" => Some(json!({ "version": "1.0.0", "force": true })),
            "POST /api/installations/{id}/rollback" => Some(json!({ "force": true })),
            // The bodies of the first two are no JSON; see `ask`.
            "POST /api/plugins"
            | "PUT /api/plugins/{namespace}/{name}/development"
            | "POST /api/admin/rollouts/{digest}/resume"
            | "POST /api/sources/{id}/rotate-key"
            | "POST /api/installations/{id}/secrets/{name}/authorize"
            | "POST /api/installations/{id}/self-test"
            | "POST /api/installations/{id}/enable"
            | "POST /api/installations/{id}/disable" => None,
            "PUT /api/oauth-clients/{namespace}/{name}/{secret}"
            | "PUT /api/admin/oauth-clients/{namespace}/{name}/{secret}" => {
                Some(json!({ "client_id": "a-client", "client_secret": "a-secret" }))
            }
            "POST /api/installations/{id}/messages" => Some(json!({ "text": "Welcome!" })),
            "POST /api/moderation/judge" => Some(json!({ "messages": [{ "id": "1", "text": "hello" }] })),
            "POST /api/installations/{id}/charges" => Some(order()),
            "POST /api/charges/{key}/confirm" => Some(json!({ "returned": {} })),
            "POST /api/charges/{key}/refunds" => {
                Some(json!({ "reference": "r-1", "amount": { "minor": 1, "currency": "USD" } }))
            }
            "POST /api/publishers" => {
                let namespace = format!("{}-too", world.namespace);
                Some(json!({ "namespace": namespace, "key": key_text(&world.namespace) }))
            }
            "POST /api/publishers/{namespace}/keys" => Some(json!({ "key": key_text("another") })),
            "POST /api/admin/plugins/{digest}/{decision}" => Some(json!({ "reason": "a test" })),
            "PUT /api/admin/plans/{plan}/ceilings" => Some(json!({ "calls": 8 })),
            "PUT /api/admin/tenants/{id}/plan" => Some(json!({ "plan": "pro" })),
            "POST /api/admin/partners" => Some(json!({ "namespace": world.namespace, "name": "Partner" })),
            "PUT /api/partner/allow-list" => Some(json!({ "allowed": null })),
            "PUT /api/partner/pins" => Some(json!({ "pins": {} })),
            "POST /api/partner/bundles" => Some(bundle(&world.namespace, &world.digest)),
            "POST /api/partner/tenants" => {
                let email = format!("shop@{}.example.com", world.namespace);
                Some(json!({ "bundle": "starter", "email": email, "display_name": "Shop" }))
            }
            name if self.method == Method::POST || self.method == Method::PUT => {
                panic!("{name}: the matrix has no body for it")
            }
            _ => None,
        }
    }

    /// Asks for what is in `world` with this token.
    async fn ask(&self, api: &TestApi, token: Option<&str>, world: &World) -> Answer {
        let (path, body) = (self.path_in(world), self.body(world));
        let is_upload = ["POST /api/plugins", "PUT /api/plugins/{namespace}/{name}/development"];
        if is_upload.contains(&self.name().as_str()) {
            let request = Request::builder().method(self.method.clone()).uri(path);
            let mut request = request.header("content-type", "application/wasm");
            if let Some(token) = token {
                request = request.header("authorization", format!("Bearer {token}"));
            }
            return api.send(request.body(package_of(&world.namespace, "1.1.0").into()).unwrap()).await;
        }
        api.ask(token, self.method.clone(), &path, body.as_ref()).await
    }
}

/// A tenant with one of everything.
struct World {
    account: Account,
    tenant: String,
    namespace: String,
    digest: String,
    source: Value,
    destination: Value,
    installation: String,
    /// One whose plugin has an account.
    account_installation: String,
    /// A chat connector and a payment provider, with a charge.
    chat: String,
    payment: String,
    charge: String,
}

async fn world(api: &TestApi, email: &str) -> World {
    let account = api.member(email).await;
    let source = api.source(&account).await;
    let destination = api.destination(&account, &source).await;
    api.live.run(&source, &tenant_of(api, &account), Some(&destination));
    api.live.told();
    let namespace = email.split('@').next().unwrap().to_owned();
    api.publisher(&account, &namespace).await;
    api.partner(&namespace).await;
    let digest = api.verified(&account, &namespace, "partner").await;
    let answer = api.post(&account, "/api/partner/bundles", &bundle(&namespace, &digest)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    let installation = api.upgraded_twitch(&account).await;
    api.catalogue.adopt(tube()).await.unwrap();
    let account_installation = text(&api.install(&account, "neustream/tube", &json!({})).await["id"]);
    let client = OauthClient {
        client_id: "a-client".to_owned(),
        client_secret: Secret::new("a-secret"),
        token_url: "https://id.example.com/token".to_owned(),
    };
    let tenant = tenant_of(api, &account);
    let own = api.db.store.tenant(tenant.parse().unwrap());
    own.set_oauth_client("neustream/tube", "account", &client).await.unwrap();
    api.db.store.host().set_oauth_client("neustream/tube", "account", &client).await.unwrap();
    let trial = api.try_out(&account, &namespace, "", package_of(&namespace, "1.1.0")).await;
    assert_eq!(trial.status, StatusCode::OK, "{trial:?}");
    let host = api.db.store.host();
    host.ensure_rollout(&digest, "a/plugin", neustream_model::UnixMillis(0)).await.unwrap();
    host.halt_rollout(&digest, "faults").await.unwrap();
    let (chat, payment) = chat_and_payment(api, &account).await;
    let answer = api.post(&account, &format!("/api/installations/{payment}/charges"), &order()).await;
    let charge = text(&answer.json()["charge"]["key"]);
    World {
        account,
        tenant,
        namespace,
        digest,
        source,
        destination,
        installation,
        account_installation,
        chat,
        payment,
        charge,
    }
}

fn key_text(namespace: &str) -> String {
    PublisherKey::of(&key_of(namespace)).to_string()
}

fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(&openapi_document()).unwrap();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            operations.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                is_public: operation["security"].is_null() || operation["security"] == json!([{}]),
            });
        }
    }
    assert!(operations.len() > 20, "the document holds the routes");
    operations
}

#[test]
fn only_what_is_meant_to_be_is_open_to_everyone() {
    for operation in operations() {
        let name = operation.name();
        assert_eq!(operation.is_public, PUBLIC.contains(&name.as_str()), "{name}");
    }
}

#[tokio::test]
async fn without_a_token_every_other_route_refuses() {
    on_both(async |api| {
        let ada = world(&api, "ada@example.com").await;
        for operation in operations().iter().filter(|operation| !operation.is_public) {
            let answer = operation.ask(&api, None, &ada).await;
            answer.is_error(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED");
        }
        assert!(api.live.told().is_empty());
    })
    .await;
}

#[tokio::test]
async fn another_tenants_ids_are_refused_on_every_route() {
    on_both(async |api| {
        let ada = world(&api, "ada@example.com").await;
        let eve = world(&api, "eve@example.com").await;
        let before = api.get(&ada.account, "/api/streams/info").await.json();
        let mut refused = 0;
        for operation in operations().iter().filter(|operation| !operation.is_public) {
            let answer = operation.ask(&api, Some(&eve.account.token), &ada).await;
            if operation.is_administration() {
                answer.is_error(StatusCode::FORBIDDEN, "NOT_ADMINISTRATOR");
            } else if operation.name() == "PUT /api/plugins/{namespace}/{name}/development" {
                answer.is_error(StatusCode::FORBIDDEN, "NAMESPACE_FOREIGN");
            } else if operation.name() == "DELETE /api/plugins/{namespace}/{name}/development" {
                answer.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
            } else if operation.names_tenant_data() {
                answer.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
                refused += 1;
            }
            for secret in ["id", "stream_key", "playback_id"] {
                let foreign = text(&ada.source[secret]);
                assert!(!answer.text().contains(&foreign), "{} shows {secret}", operation.name());
            }
        }
        assert!(refused >= 9, "the document holds the routes with ids");
        assert!(api.live.told().is_empty(), "nothing was told about another tenant's source");
        assert_eq!(api.get(&ada.account, "/api/streams/info").await.json(), before);
    })
    .await;
}

#[tokio::test]
async fn the_same_requests_are_answered_to_their_owner() {
    on_both(async |api| {
        let admin = api.administrator().await;
        let read = world(&api, "reader@example.com").await;
        for (number, operation) in operations().iter().filter(|operation| !operation.is_public).enumerate() {
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
            assert!(answer.status.is_success(), "{}: {}", operation.name(), answer.text());
        }
    })
    .await;
}
