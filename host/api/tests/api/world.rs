//! A tenant with one of everything, and the operations of the document that ask for it. A new route is in every test
//! that goes over them; what it needs is said here.

use axum::http::{Method, Request, StatusCode};
use neustream_accounts::{InvitationToken, Permission, Permissions, Role};
use neustream_api::openapi_document;
use neustream_contract::PublisherKey;
use neustream_model::{Secret, SignInId, SourceId, UnixMillis, UserId};
use neustream_store::{NewTeamInvitation, OauthClient, UserRow};
use serde_json::{Value, json};

use crate::drivers::{bare, chat_and_payment, order};
use crate::kit::{Account, Answer, TestApi, key_of, package_of, tenant_of, text, tube};
use crate::partners::bundle;

/// Who asks, for which organisation and app.
#[derive(Debug, Clone, Copy, Default)]
pub struct Credentials<'a> {
    pub token: Option<&'a str>,
    pub organisation: Option<&'a str>,
    pub app: Option<&'a str>,
}

/// What an operation needs, as the document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: it is for everybody.
    Nothing,
    /// Somebody who is signed in.
    Person,
    /// Somebody who runs the platform.
    Administrator,
    /// A permission; and whether a key may have it.
    Permission(Permission, bool),
}

pub struct Operation {
    pub method: Method,
    pub path: String,
    pub needs: Needs,
}

impl Operation {
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether it is for those who run the platform.
    pub fn is_administration(&self) -> bool {
        self.needs == Needs::Administrator
    }

    /// Whether the path names something that belongs to a tenant.
    pub fn names_tenant_data(&self) -> bool {
        ["{id}", "{sourceId}", "{userId}", "/api/publishers/{namespace}", "/api/charges/{key}"]
            .iter()
            .any(|part| self.path.contains(part))
    }

    /// The path with the ids of `world` in it.
    fn path_in(&self, world: &World) -> String {
        let id = match self.path.as_str() {
            path if path.starts_with("/api/sources/destinations/") => text(&world.destination["id"]),
            path if path.starts_with("/api/admin/tenants/") => world.tenant.clone(),
            path if path.starts_with("/api/admin/users/") => world.member.clone(),
            path if path.starts_with("/api/admin/impersonations/") => world.impersonation.clone(),
            path if path.starts_with("/api/organisations/") => world.tenant.clone(),
            path if path.starts_with("/api/apps/") && path.ends_with("/archive") => world.open_app.clone(),
            path if path.starts_with("/api/apps/") => world.app.clone(),
            path if path.starts_with("/api/api-keys/") => world.key.clone(),
            path if path.starts_with("/api/team/invitations/") => world.invitation.clone(),
            path if path.starts_with("/api/auth/sign-ins/") => world.sign_in.clone(),
            path if path.starts_with("/api/chat/connectors/") && self.method == Method::DELETE => {
                world.chat.clone()
            }
            path if path.starts_with("/api/chat/connectors/") => text(&world.source["id"]),
            path if path.contains("/secrets/") => world.account_installation.clone(),
            path if path.contains("/connector") || path.contains("/messages") => world.chat.clone(),
            path if path.ends_with("/charges") => world.payment.clone(),
            path if path.starts_with("/api/installations/") => world.installation.clone(),
            _ => text(&world.source["id"]),
        };
        let path =
            self.path.replace("{userId}", &world.member).replace("{tokenId}", &SourceId::new().to_string());
        let path = path.replace("{id}", &id).replace("{sourceId}", &text(&world.source["id"]));
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
        let path = path.replace("{plan}", "free").replace("{provider}", "google");
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
            "POST /api/organisations" | "PATCH /api/organisations/{id}" => Some(json!({ "name": "Acme" })),
            "POST /api/apps" | "PATCH /api/apps/{id}" => Some(json!({ "name": "Concerts" })),
            "PATCH /api/team/{userId}" => Some(json!({ "role": "admin" })),
            "POST /api/team/hand-over" => Some(json!({ "user_id": world.member })),
            "POST /api/team/invitations" => {
                Some(json!({ "email": format!("new@{}.example.com", world.namespace), "role": "viewer" }))
            }
            "POST /api/team/join" => Some(json!({ "token": world.join_token })),
            "POST /api/api-keys" => Some(json!({ "name": "CI", "scopes": ["sources:read"] })),
            "PUT /api/api-keys/{id}" | "PATCH /api/installations/{id}" => Some(json!({ "name": "Renamed" })),
            "PUT /api/auth/profile" => Some(json!({ "display_name": "Ada King" })),
            "PUT /api/auth/password" => Some(json!({ "password": "an even better horse battery" })),
            "PUT /api/auth/email" => {
                Some(json!({ "email": format!("other@{}.example.com", world.namespace) }))
            }
            "POST /api/auth/email/confirm" => {
                Some(json!({ "email": world.account.email, "verification_code": "000000" }))
            }
            "POST /api/auth/totp/confirm" => Some(json!({ "code": "000000" })),
            "POST /api/auth/totp/disable" | "POST /api/auth/totp/recovery-codes" => {
                Some(json!({ "code": "000000" }))
            }
            "POST /api/auth/totp"
            | "POST /api/auth/identities/{provider}"
            | "PUT /api/installations/{id}/config" => Some(json!({})),
            "PUT /api/admin/settings" => Some(json!({ "new_registrations_enabled": true })),
            "PUT /api/admin/plans/{plan}" => Some(json!({
                "name": "Free",
                "description": "To begin with",
                "audience": "creator",
                "limits": { "max_sources": 10, "max_destinations": 30, "max_streaming_hours_monthly": 50,
                    "max_chat_connectors": 10 },
                "features": [],
                "prices": [],
                "is_offered": true,
                "position": 1,
            })),
            "POST /api/admin/users/{id}/impersonate" | "POST /api/admin/users/{id}/suspend" => {
                Some(json!({ "reason": "ticket 4711" }))
            }
            "POST /api/chat/connectors" => {
                Some(json!({ "source_id": text(&world.source["id"]), "platform": "twitch", "config": {} }))
            }
            "POST /api/organisations/{id}/deletion" => Some(json!({ "name": "Ada" })),
            "PUT /api/organisations/{id}/retention" => Some(json!({ "chat_days": 7 })),
            "POST /api/subscriptions/check-limits" => Some(json!({ "operation": "create_source" })),
            "PUT /api/streams/{id}/settings" => Some(json!({ "title": "Evening show" })),
            "POST /api/installations" => Some(json!({ "plugin": "neustream/twitch", "grant": [] })),
            "PUT /api/installations/{id}/secrets" => Some(json!({ "stream-key": "fresh" })),
            "POST /api/installations/{id}/upgrade" => Some(json!({ "version": "1.0.0", "force": true })),
            "POST /api/installations/{id}/rollback" => Some(json!({ "force": true })),
            // The bodies of the first two are no JSON; see `ask`.
            "POST /api/plugins"
            | "PUT /api/plugins/{namespace}/{name}/development"
            | "POST /api/admin/rollouts/{digest}/resume"
            | "POST /api/sources/{id}/rotate-key"
            | "POST /api/sources/{id}/pre-flight"
            | "POST /api/sources/destinations/{id}/retry"
            | "POST /api/installations/{id}/secrets/{name}/authorize"
            | "POST /api/installations/{id}/self-test"
            | "POST /api/installations/{id}/enable"
            | "POST /api/organisations/{id}/leave"
            | "POST /api/organisations/{id}/exports"
            | "POST /api/auth/exports"
            | "POST /api/auth/deletion"
            | "POST /api/apps/{id}/archive"
            | "POST /api/apps/{id}/restore"
            | "POST /api/team/invitations/{id}/resend"
            | "POST /api/api-keys/{id}/rotate"
            | "POST /api/admin/users/{id}/activate"
            | "POST /api/sources/{id}/playback-tokens"
            | "POST /api/streams/active/{sourceId}"
            | "POST /api/subscriptions/cancel"
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
    pub async fn ask(&self, api: &TestApi, token: Option<&str>, world: &World) -> Answer {
        self.ask_as(api, Credentials { token, ..Credentials::default() }, world).await
    }

    /// Asks for what is in `world`, for an organisation and an app.
    pub async fn ask_as(&self, api: &TestApi, who: Credentials<'_>, world: &World) -> Answer {
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(self.path_in(world))
            .header("host", "stream.example.com:3000");
        let headers = [
            ("authorization", who.token.map(|token| format!("Bearer {token}"))),
            ("neustream-organisation", who.organisation.map(str::to_owned)),
            ("neustream-app", who.app.map(str::to_owned)),
        ];
        for (name, value) in headers {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let is_upload = ["POST /api/plugins", "PUT /api/plugins/{namespace}/{name}/development"];
        let (kind, body) = if is_upload.contains(&self.name().as_str()) {
            ("application/wasm", package_of(&world.namespace, "1.1.0"))
        } else {
            (
                "application/json",
                self.body(world).map(|body| body.to_string()).unwrap_or_default().into_bytes(),
            )
        };
        if !body.is_empty() {
            request = request.header("content-type", kind);
        }
        api.send(request.body(body.into()).unwrap()).await
    }
}

/// A tenant with one of everything.
#[derive(Clone)]
pub struct World {
    pub account: Account,
    pub tenant: String,
    /// Somebody else who belongs to it, as a viewer.
    pub member: String,
    /// An app that is archived, and has nothing.
    pub app: String,
    /// An app that is not.
    pub open_app: String,
    /// An API key of the default app.
    pub key: String,
    /// Another sign-in of the account.
    pub sign_in: String,
    /// Somebody who is invited.
    pub invitation: String,
    /// The link of an invitation of another organisation to the account.
    pub join_token: String,
    /// An impersonation of the member.
    pub impersonation: String,
    pub namespace: String,
    pub digest: String,
    pub source: Value,
    pub destination: Value,
    pub installation: String,
    /// One whose plugin has an account.
    pub account_installation: String,
    /// A chat connector and a payment provider, with a charge.
    pub chat: String,
    pub payment: String,
    pub charge: String,
}

/// A world whose owner has this address.
pub async fn world(api: &TestApi, email: &str) -> World {
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
    host.ensure_rollout(&digest, "a/plugin", UnixMillis(0)).await.unwrap();
    host.halt_rollout(&digest, "faults").await.unwrap();
    api.catalogue.adopt(bare("neustream/twitch-chat", "chat")).await.unwrap();
    let (chat, payment) = chat_and_payment(api, &account).await;
    let answer = api.post(&account, &format!("/api/installations/{payment}/charges"), &order()).await;
    let charge = text(&answer.json()["charge"]["key"]);
    let people = People::of(api, &account, &namespace).await;
    let answer =
        api.post(&account, "/api/api-keys", &json!({ "name": "A key", "scopes": ["sources:read"] })).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    let key = text(&answer.json()["api_key"]["id"]);
    let new_app = async |name: &str| {
        text(&api.post(&account, "/api/apps", &json!({ "name": name })).await.json()["app"]["id"])
    };
    let (app, open_app) = (new_app("Old").await, new_app("Present").await);
    let answer = api.post(&account, &format!("/api/apps/{app}/archive"), &json!({})).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    World {
        member: people.member,
        app,
        open_app,
        key,
        sign_in: people.sign_in,
        invitation: people.invitation,
        join_token: people.join_token,
        impersonation: people.impersonation,
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

/// The people around an account.
struct People {
    member: String,
    sign_in: String,
    invitation: String,
    join_token: String,
    impersonation: String,
}

impl People {
    async fn of(api: &TestApi, account: &Account, namespace: &str) -> Self {
        let host = api.db.store.host();
        let owner = host.user_by_email(&account.email).await.unwrap().unwrap();
        let member =
            with_role(api, &account.tenant, &format!("member@{namespace}.example.com"), Role::Viewer).await;
        let impersonation = {
            let path = format!("/api/admin/users/{}/impersonate", member.0.id);
            let body = json!({ "reason": "ticket 4711", "organisation": account.tenant });
            let answer = api.post(&api.administrator().await, &path, &body).await;
            assert!(answer.status.is_success(), "{answer:?}");
            text(&answer.json()["id"])
        };
        let body = json!({ "email": format!("guest@{namespace}.example.com"), "role": "editor" });
        let invited = api.post(account, "/api/team/invitations", &body).await;
        assert_eq!(invited.status, StatusCode::CREATED, "{invited:?}");
        let token = InvitationToken::generate();
        let other = api.member(&format!("friend@{namespace}.example.com")).await;
        let new = NewTeamInvitation {
            email: account.email.clone(),
            role: "editor".to_owned(),
            invited_by: owner.id,
            digest: token.digest().as_str().to_owned(),
            expires_at: UnixMillis(UnixMillis::now().0 + 60_000),
        };
        api.db.store.tenant(other.tenant.parse().unwrap()).invite(&new, 10).await.unwrap();
        let second = api.signed_in(&owner).await;
        let sign_in = api.tokens.verify(&second.token, UnixMillis::now()).unwrap().sid;
        Self {
            member: member.0.id.to_string(),
            sign_in: sign_in.to_string(),
            invitation: text(&invited.json()["invitation"]["id"]),
            join_token: token.expose().to_owned(),
            impersonation,
        }
    }
}

/// Somebody new who belongs to an organisation as `role`, signed in.
pub async fn with_role(api: &TestApi, tenant: &str, email: &str, role: Role) -> (UserRow, Account) {
    let account = api.member(email).await;
    let user = api.db.store.host().user_by_email(email).await.unwrap().unwrap();
    let sql = "INSERT INTO memberships (tenant_id, user_id, role, created_at) VALUES";
    api.db.execute(format!("{sql} ('{tenant}', '{}', '{role}', 1)", user.id)).await;
    (user, account)
}

impl World {
    /// The same organisation, with ids of things that are nowhere.
    pub fn with_ids_of_nothing(&self) -> Self {
        let id = || SourceId::new().to_string();
        Self {
            member: UserId::new().to_string(),
            app: id(),
            open_app: id(),
            key: id(),
            sign_in: SignInId::new().to_string(),
            invitation: id(),
            join_token: InvitationToken::generate().expose().to_owned(),
            impersonation: id(),
            source: json!({ "id": id() }),
            destination: json!({ "id": id() }),
            installation: id(),
            account_installation: id(),
            chat: id(),
            payment: id(),
            ..self.clone()
        }
    }
}

fn key_text(namespace: &str) -> String {
    PublisherKey::of(&key_of(namespace)).to_string()
}

/// The operations of the document.
pub fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(&openapi_document()).unwrap();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let needs = needs(&format!("{method} {path}"), &operation["security"]);
            operations.push(Operation { method, path: path.clone(), needs });
        }
    }
    assert!(operations.len() > 100, "the document holds the routes");
    operations
}

/// What `security` says: nothing, or scopes of the bearer and, where a key may, the same of a key.
fn needs(name: &str, security: &Value) -> Needs {
    let schemes = security.as_array().cloned().unwrap_or_default();
    let scopes = |scheme: &str| {
        let mut found = schemes.iter().filter_map(|one| one[scheme].as_array());
        let scopes: Option<Vec<String>> = found.next().map(|all| all.iter().map(text).collect());
        scopes
    };
    let is_public = security.is_null() || schemes.contains(&json!({}));
    match (scopes("bearer").as_deref(), scopes("apiKey")) {
        (None, None) if is_public => Needs::Nothing,
        (Some([]), None) => Needs::Person,
        (Some([one]), None) if one == "administrator" => Needs::Administrator,
        (Some([one]), key) => {
            assert!(key.is_none() || key.as_deref() == Some(std::slice::from_ref(one)), "{name}: {security}");
            Needs::Permission(one.parse().unwrap_or_else(|error| panic!("{name}: {error}")), key.is_some())
        }
        _ => panic!("{name}: the matrix does not understand {security}"),
    }
}

/// A key of the default app with these scopes, made behind the API's back, so that it may have any.
pub async fn key_with(api: &TestApi, account: &Account, scopes: Permissions) -> String {
    let words: Vec<_> = scopes.iter().map(Permission::as_str).collect();
    let answer = api.post(account, "/api/api-keys", &json!({ "name": "A key", "scopes": words })).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    text(&answer.json()["api_key"]["key"])
}
