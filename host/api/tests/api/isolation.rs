//! Another tenant's id on every route: the matrix is made from the OpenAPI document, so a new route is in it.

use axum::http::{Method, StatusCode};
use neustream_api::openapi_document;
use serde_json::{Value, json};

use crate::kit::{Account, TestApi, on_both, tenant_of, text};

/// Operations that need no token, on purpose.
const PUBLIC: [&str; 7] = [
    "POST /api/auth/register",
    "POST /api/auth/setup",
    "POST /api/auth/login",
    "POST /api/auth/refresh",
    "POST /api/auth/logout",
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

    /// Whether the path names something that belongs to a tenant.
    fn names_tenant_data(&self) -> bool {
        self.path.contains("{id}") || self.path.contains("{sourceId}")
    }

    /// The path with the ids of `world` in it.
    fn path_in(&self, world: &World) -> String {
        let id = if self.path.starts_with("/api/sources/destinations/") {
            text(&world.destination["id"])
        } else {
            text(&world.source["id"])
        };
        let path = self.path.replace("{id}", &id).replace("{sourceId}", &text(&world.source["id"]));
        let path = path.replace("{namespace}/{name}", "neustream/twitch");
        assert!(!path.contains('{'), "{}: the matrix does not know a parameter of it", self.name());
        path
    }

    /// A body that the owner would be right to send.
    fn body(&self) -> Option<Value> {
        match self.name().as_str() {
            "POST /api/sources" | "PUT /api/sources/{id}" | "PUT /api/sources/destinations/{id}" => {
                Some(json!({ "name": "Renamed" }))
            }
            "POST /api/sources/{id}/destinations" => Some(json!({ "platform": "twitch", "stream_key": "k" })),
            "PUT /api/streams/{id}/settings" => Some(json!({ "title": "Evening show" })),
            "POST /api/sources/{id}/rotate-key" => None,
            name if self.method == Method::POST || self.method == Method::PUT => {
                panic!("{name}: the matrix has no body for it")
            }
            _ => None,
        }
    }
}

/// A tenant with one of everything.
struct World {
    account: Account,
    source: Value,
    destination: Value,
}

async fn world(api: &TestApi, email: &str) -> World {
    let account = api.account(email).await;
    let source = api.source(&account).await;
    let destination = api.destination(&account, &source).await;
    api.live.run(&source, &tenant_of(api, &account), Some(&destination));
    api.live.told();
    World { account, source, destination }
}

fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(&openapi_document()).unwrap();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            operations.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                is_public: operation["security"].is_null(),
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
            let body = operation.body();
            let answer =
                api.ask(None, operation.method.clone(), &operation.path_in(&ada), body.as_ref()).await;
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
            let (path, body) = (operation.path_in(&ada), operation.body());
            let answer =
                api.ask(Some(&eve.account.token), operation.method.clone(), &path, body.as_ref()).await;
            if operation.names_tenant_data() {
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
        for (number, operation) in operations().iter().filter(|operation| !operation.is_public).enumerate() {
            let own = world(&api, &format!("owner{number}@example.com")).await;
            let (path, body) = (operation.path_in(&own), operation.body());
            let answer =
                api.ask(Some(&own.account.token), operation.method.clone(), &path, body.as_ref()).await;
            assert!(answer.status.is_success(), "{}: {}", operation.name(), answer.text());
        }
    })
    .await;
}
