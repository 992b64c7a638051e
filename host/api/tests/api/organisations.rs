//! Organisations, apps and teams.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use neustream_accounts::{PlatformRole, Role};
use neustream_api::ApiSettings;
use neustream_store::NewAccount;
use serde_json::{Value, json};

use crate::kit::{Account, Answer, PASSWORD, TestApi, on_both, text};
use crate::world::with_role;

/// Asks for an organisation, and maybe an app of it.
async fn ask_for(
    api: &TestApi,
    account: &Account,
    (organisation, app): (&str, Option<&str>),
    (method, path): (Method, &str),
    body: Option<&Value>,
) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {}", account.token))
        .header("neustream-organisation", organisation);
    if let Some(app) = app {
        request = request.header("neustream-app", app);
    }
    let body = match body {
        Some(body) => {
            request = request.header("content-type", "application/json");
            Body::from(body.to_string())
        }
        None => Body::empty(),
    };
    api.send(request.body(body).unwrap()).await
}

/// The token in the link of the last invitation to `email`.
async fn link_to(api: &TestApi, email: &str) -> String {
    let letter = api.letters.take(email, "team-invitation").await;
    letter.link.unwrap().split_once("?token=").unwrap().1.to_owned()
}

async fn invite(api: &TestApi, by: &Account, email: &str, role: &str) -> Answer {
    api.post(by, "/api/team/invitations", &json!({ "email": email, "role": role })).await
}

async fn organisations(api: &TestApi, account: &Account) -> Vec<(String, String, bool)> {
    let answer = api.get(account, "/api/organisations").await.json();
    let shown = answer["organisations"].as_array().unwrap().iter();
    shown.map(|one| (text(&one["name"]), text(&one["role"]), one["is_home"] == true)).collect()
}

#[tokio::test]
async fn a_person_has_a_home_and_may_make_more_organisations() {
    on_both(async |api| {
        let ada = api.member("ada@example.com").await;
        assert_eq!(organisations(&api, &ada).await, [("Ada".into(), "owner".into(), true)]);
        let made = api.post(&ada, "/api/organisations", &json!({ "name": "  Acme Live " })).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        let id = text(&made.json()["organisation"]["id"]);
        assert_eq!(made.json()["organisation"]["name"], "Acme Live");
        assert_eq!(organisations(&api, &ada).await[1], ("Acme Live".into(), "owner".into(), false));

        // Each has its own sources, and the path names an organisation as the header does.
        let body = json!({ "name": "Acme's" });
        let post = (Method::POST, "/api/sources");
        let source = ask_for(&api, &ada, (&id, None), post, Some(&body)).await;
        assert_eq!(source.status, StatusCode::CREATED, "{source:?}");
        assert_eq!(api.get(&ada, "/api/sources").await.json()["sources"], json!([]));
        let path = format!("/api/organisations/{id}");
        let renamed = api.ask(Some(&ada.token), Method::PATCH, &path, Some(&json!({ "name": "Acme" }))).await;
        assert_eq!(renamed.json()["organisation"]["name"], "Acme");
        assert_eq!(api.get(&ada, &path).await.json()["organisation"]["role"], "owner");
        let eve = api.member("eve@example.com").await;
        api.get(&eve, &path).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    })
    .await;
}

#[tokio::test]
async fn a_header_that_names_what_one_has_no_part_in_is_refused() {
    on_both(async |api| {
        let ada = api.member("ada@example.com").await;
        let eve = api.member("eve@example.com").await;
        let get = (Method::GET, "/api/sources");
        let answer = ask_for(&api, &eve, (&ada.tenant, None), get.clone(), None).await;
        answer.is_error(StatusCode::FORBIDDEN, "ORGANISATION_FOREIGN");
        let answer = ask_for(&api, &eve, ("nonsense", None), get.clone(), None).await;
        answer.is_error(StatusCode::BAD_REQUEST, "MALFORMED_REQUEST");
        let foreign = text(&api.get(&ada, "/api/apps").await.json()["apps"][0]["id"]);
        let answer = ask_for(&api, &eve, (&eve.tenant, Some(&foreign)), get, None).await;
        answer.is_error(StatusCode::FORBIDDEN, "APP_FOREIGN");
    })
    .await;
}

#[tokio::test]
async fn an_invited_stranger_opens_an_account_and_belongs_to_the_team() {
    on_both(async |api| {
        let ada = api.member("ada@example.com").await;
        let invited = invite(&api, &ada, "Grace@Example.com", "editor").await;
        assert_eq!(invited.status, StatusCode::CREATED, "{invited:?}");
        assert_eq!(invited.json()["invitation"]["email"], "grace@example.com");
        let token = link_to(&api, "grace@example.com").await;
        assert!(!invited.text().contains(&token), "the link goes to the address alone");

        let path = "/api/auth/invitation/preview";
        let seen = api.ask(None, Method::POST, path, Some(&json!({ "token": token }))).await.json();
        assert_eq!((&seen["organisation"], &seen["role"]), (&json!("Ada"), &json!("editor")));
        assert_eq!(seen["has_account"], false);

        let body = json!({ "token": token, "password": PASSWORD, "display_name": "Grace" });
        let opened = api.ask(None, Method::POST, "/api/auth/invitation", Some(&body)).await;
        assert_eq!(opened.status, StatusCode::OK, "{opened:?}");
        let grace = Account::of(&opened);
        assert_eq!(grace.tenant, ada.tenant, "the organisation is the home of whoever comes by it");
        assert_eq!(organisations(&api, &grace).await, [("Ada".into(), "editor".into(), true)]);
        assert_eq!(
            api.post(&grace, "/api/sources", &json!({ "name": "Main" })).await.status,
            StatusCode::CREATED
        );
        let again = api.ask(None, Method::POST, "/api/auth/invitation", Some(&body)).await;
        again.is_error(StatusCode::FORBIDDEN, "INVITATION_REFUSED");
        let team = api.get(&ada, "/api/team").await.json();
        let emails: Vec<_> = team["members"].as_array().unwrap().iter().map(|one| &one["email"]).collect();
        assert_eq!(emails, ["ada@example.com", "grace@example.com"]);
    })
    .await;
}

#[tokio::test]
async fn an_invited_person_joins_with_the_own_account() {
    on_both(async |api| {
        let ada = api.member("ada@example.com").await;
        let grace = api.member("grace@example.com").await;
        let eve = api.member("eve@example.com").await;
        invite(&api, &ada, "grace@example.com", "viewer").await;
        let token = link_to(&api, "grace@example.com").await;
        let body = json!({ "token": token, "password": PASSWORD, "display_name": "Grace" });
        let refused = api.ask(None, Method::POST, "/api/auth/invitation", Some(&body)).await;
        refused.is_error(StatusCode::CONFLICT, "EMAIL_TAKEN");
        let stolen = api.post(&eve, "/api/team/join", &json!({ "token": token })).await;
        stolen.is_error(StatusCode::FORBIDDEN, "INVITATION_FOR_OTHER");
        let joined = api.post(&grace, "/api/team/join", &json!({ "token": token })).await;
        assert_eq!(joined.status, StatusCode::OK, "{joined:?}");
        assert_eq!(joined.json()["organisation_id"], ada.tenant);
        let get = (Method::GET, "/api/sources");
        assert_eq!(ask_for(&api, &grace, (&ada.tenant, None), get, None).await.status, StatusCode::OK);
        invite(&api, &ada, "grace@example.com", "admin")
            .await
            .is_error(StatusCode::CONFLICT, "ALREADY_MEMBER");
    })
    .await;
}

#[tokio::test]
async fn a_new_link_ends_the_former_and_a_revoked_one_leads_nowhere() {
    on_both(async |api| {
        let ada = api.member("ada@example.com").await;
        let grace = api.member("grace@example.com").await;
        let id = text(&invite(&api, &ada, &grace.email, "viewer").await.json()["invitation"]["id"]);
        let first = link_to(&api, &grace.email).await;
        let path = format!("/api/team/invitations/{id}");
        let sent = api.post(&ada, &format!("{path}/resend"), &json!({})).await;
        assert_eq!(sent.status, StatusCode::OK, "{sent:?}");
        let second = link_to(&api, &grace.email).await;
        let join = async |token: &str| api.post(&grace, "/api/team/join", &json!({ "token": token })).await;
        join(&first).await.is_error(StatusCode::FORBIDDEN, "INVITATION_REFUSED");
        assert_eq!(api.delete(&ada, &path).await.status, StatusCode::NO_CONTENT);
        join(&second).await.is_error(StatusCode::FORBIDDEN, "INVITATION_REFUSED");
        assert_eq!(api.get(&ada, "/api/team/invitations").await.json()["invitations"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn an_admin_runs_the_team_but_only_owners_make_and_unmake_owners() {
    on_both(async |api| {
        let ada = api.member("ada@example.com").await;
        let (_, admin) = with_role(&api, &ada.tenant, "admin@example.com", Role::Admin).await;
        let (viewer, _) = with_role(&api, &ada.tenant, "viewer@example.com", Role::Viewer).await;
        let owner = api.db.store.host().user_by_email(&ada.email).await.unwrap().unwrap();
        let tenant = ada.tenant.as_str();
        let change = async |who: &Account, user: &str, role: &str| {
            let path = format!("/api/team/{user}");
            let body = json!({ "role": role });
            ask_for(&api, who, (tenant, None), (Method::PATCH, &path), Some(&body)).await
        };
        let (viewer, owner) = (viewer.id.to_string(), owner.id.to_string());
        assert_eq!(change(&admin, &viewer, "editor").await.json()["member"]["role"], "editor");
        change(&admin, &viewer, "owner").await.is_error(StatusCode::FORBIDDEN, "OWNER_NEEDED");
        change(&admin, &owner, "viewer").await.is_error(StatusCode::FORBIDDEN, "OWNER_NEEDED");
        let removal = (Method::DELETE, format!("/api/team/{owner}"));
        let removed = ask_for(&api, &admin, (tenant, None), (removal.0, &removal.1), None).await;
        removed.is_error(StatusCode::FORBIDDEN, "OWNER_NEEDED");
        change(&ada, &owner, "admin").await.is_error(StatusCode::CONFLICT, "LAST_OWNER");
        assert_eq!(change(&ada, &viewer, "owner").await.status, StatusCode::OK);
        assert_eq!(change(&ada, &owner, "admin").await.status, StatusCode::OK, "there is another owner");
    })
    .await;
}

#[tokio::test]
async fn whoever_is_removed_acts_for_the_organisation_no_longer_and_has_another_home() {
    on_both(async |api| {
        let ada = api.member("ada@example.com").await;
        invite(&api, &ada, "grace@example.com", "admin").await;
        let token = link_to(&api, "grace@example.com").await;
        let body = json!({ "token": token, "password": PASSWORD, "display_name": "Grace" });
        let grace = Account::of(&api.ask(None, Method::POST, "/api/auth/invitation", Some(&body)).await);
        let get = (Method::GET, "/api/sources");
        assert_eq!(
            ask_for(&api, &grace, (&ada.tenant, None), get.clone(), None).await.status,
            StatusCode::OK
        );
        let user = api.db.store.host().user_by_email(&grace.email).await.unwrap().unwrap();
        let gone = api.delete(&ada, &format!("/api/team/{}", user.id)).await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT, "{gone:?}");
        // The same token, at once.
        let refused = ask_for(&api, &grace, (&ada.tenant, None), get, None).await;
        refused.is_error(StatusCode::FORBIDDEN, "ORGANISATION_FOREIGN");
        assert_eq!(organisations(&api, &grace).await, [("Grace".into(), "owner".into(), true)]);
        assert_eq!(api.get(&grace, "/api/sources").await.json()["sources"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn the_last_owner_hands_over_before_leaving() {
    on_both(async |api| {
        let ada = api.member("ada@example.com").await;
        let (grace, _) = with_role(&api, &ada.tenant, "grace@example.com", Role::Editor).await;
        let leave = format!("/api/organisations/{}/leave", ada.tenant);
        api.post(&ada, &leave, &json!({})).await.is_error(StatusCode::CONFLICT, "LAST_OWNER");
        let body = json!({ "user_id": grace.id.to_string() });
        let handed = api.post(&ada, "/api/team/hand-over", &body).await;
        assert_eq!(handed.json()["member"]["role"], "owner", "{handed:?}");
        assert_eq!(organisations(&api, &ada).await[0].1, "admin");
        api.post(&ada, "/api/team/hand-over", &body)
            .await
            .is_error(StatusCode::FORBIDDEN, "PERMISSION_MISSING");
        assert_eq!(api.post(&ada, &leave, &json!({})).await.status, StatusCode::NO_CONTENT);
    })
    .await;
}

#[tokio::test]
async fn of_two_owners_who_leave_at_once_one_stays() {
    on_both(async |api| {
        for round in 0..5 {
            let ada = api.member(&format!("ada{round}@example.com")).await;
            let (_, grace) =
                with_role(&api, &ada.tenant, &format!("grace{round}@example.com"), Role::Owner).await;
            let leave = format!("/api/organisations/{}/leave", ada.tenant);
            let body = json!({});
            let (one, other) = tokio::join!(api.post(&ada, &leave, &body), api.post(&grace, &leave, &body));
            let mut codes = [one.status, other.status];
            codes.sort();
            assert_eq!(codes, [StatusCode::NO_CONTENT, StatusCode::CONFLICT], "{one:?} {other:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_app_holds_its_own_things_and_nothing_of_an_archived_one_changes() {
    on_both(async |api| {
        let ada = api.member("ada@example.com").await;
        let apps = api.get(&ada, "/api/apps").await.json();
        assert_eq!(apps["apps"][0]["is_default"], true);
        let default = format!("/api/apps/{}", text(&apps["apps"][0]["id"]));
        for refused in [
            api.post(&ada, &format!("{default}/archive"), &json!({})).await,
            api.delete(&ada, &default).await,
        ] {
            refused.is_error(StatusCode::CONFLICT, "APP_IS_DEFAULT");
        }
        let made = api.post(&ada, "/api/apps", &json!({ "name": "Concerts" })).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        let app = text(&made.json()["app"]["id"]);
        let path = format!("/api/apps/{app}");
        let (there, post) = ((ada.tenant.as_str(), Some(app.as_str())), (Method::POST, "/api/sources"));
        let body = json!({ "name": "Stage" });
        let stage = ask_for(&api, &ada, there, post.clone(), Some(&body)).await;
        assert_eq!(stage.status, StatusCode::CREATED, "{stage:?}");
        let stage = stage.json()["source"].clone();
        assert_eq!(
            api.get(&ada, "/api/sources").await.json()["sources"],
            json!([]),
            "not of the default app"
        );
        api.get(&ada, &format!("/api/sources/{}", text(&stage["id"])))
            .await
            .is_error(StatusCode::NOT_FOUND, "NOT_FOUND");

        api.live.run(&stage, &ada.tenant, None);
        api.live.told();
        api.delete(&ada, &path).await.is_error(StatusCode::CONFLICT, "APP_NOT_ARCHIVED");
        let archived = api.post(&ada, &format!("{path}/archive"), &json!({})).await;
        assert!(archived.json()["app"]["archived_at"].is_string(), "{archived:?}");
        assert_eq!(api.live.told(), [format!("end {}", text(&stage["id"]))]);
        let refused = ask_for(&api, &ada, there, post.clone(), Some(&body)).await;
        refused.is_error(StatusCode::CONFLICT, "APP_ARCHIVED");
        let shown = ask_for(&api, &ada, there, (Method::GET, "/api/sources"), None).await.json();
        assert_eq!(shown["sources"].as_array().unwrap().len(), 1, "it still shows what it has");

        let restored = api.post(&ada, &format!("{path}/restore"), &json!({})).await;
        assert!(restored.json()["app"]["archived_at"].is_null(), "{restored:?}");
        assert_eq!(ask_for(&api, &ada, there, post, Some(&body)).await.status, StatusCode::CREATED);
        api.post(&ada, &format!("{path}/archive"), &json!({})).await;
        api.live.told();
        let deleted = api.delete(&ada, &path).await;
        assert_eq!(deleted.status, StatusCode::NO_CONTENT, "{deleted:?}");
        assert_eq!(api.live.told().len(), 2, "the media path learns of both sources");
        api.get(&ada, &path).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    })
    .await;
}

#[tokio::test]
async fn a_team_is_read_in_pages() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.member("ada@example.com").await;
    for number in 0..4 {
        with_role(&api, &ada.tenant, &format!("member{number}@example.com"), Role::Viewer).await;
    }
    let mut seen = Vec::new();
    let mut path = "/api/team?limit=2".to_owned();
    loop {
        let page = api.get(&ada, &path).await.json();
        seen.extend(page["members"].as_array().unwrap().iter().map(|one| text(&one["email"])));
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/api/team?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    let expected =
        ["ada", "member0", "member1", "member2", "member3"].map(|name| format!("{name}@example.com"));
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn those_who_run_the_platform_have_no_part_in_organisations_by_that() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let ada = api.member("ada@example.com").await;
    let account = NewAccount {
        email: "root@example.com".to_owned(),
        display_name: "Root".to_owned(),
        password_hash: "!".to_owned(),
        role: PlatformRole::Admin.as_str().to_owned(),
    };
    let root = api.db.store.host().create_account(&account).await.unwrap();
    let root = api.signed_in(&root).await;
    let answer = ask_for(&api, &root, (&ada.tenant, None), (Method::GET, "/api/sources"), None).await;
    answer.is_error(StatusCode::FORBIDDEN, "ORGANISATION_FOREIGN");
}
