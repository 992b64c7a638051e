//! What people may ask of their data.

use std::io::Read;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use neustream_api::ApiSettings;
use serde_json::{Value, json};

use crate::kit::{Account, PASSWORD, TestApi, on_both, tenant_of, text};

const PATIENCE: Duration = Duration::from_secs(20);

/// Fetches the archive that a letter tells of.
async fn archive(api: &TestApi, account: &Account) -> Vec<(String, String)> {
    let letter = api.letters.take(&account.email, "export-ready").await;
    let link = letter.link.expect("a link");
    let path = link.split_once("//").and_then(|(_, rest)| rest.split_once('/')).expect("a path").1;
    let answer = api.ask(None, Method::GET, &format!("/{path}"), None).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/zip");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.header("content-disposition").starts_with("attachment"));
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(answer.bytes)).unwrap();
    let mut files = Vec::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let mut content = String::new();
        file.read_to_string(&mut content).unwrap();
        files.push((file.name().unwrap().into_owned(), content));
    }
    files
}

fn rows(files: &[(String, String)], table: &str) -> Vec<Value> {
    let name = format!("{table}.jsonl");
    let content = files.iter().find(|(known, _)| *known == name).map_or("", |(_, content)| content.as_str());
    content.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn organisation(api: &TestApi, account: &Account) -> (String, String) {
    let id = tenant_of(api, account);
    let shown = api.get(account, &format!("/api/organisations/{id}")).await;
    assert_eq!(shown.status, StatusCode::OK, "{shown:?}");
    (format!("/api/organisations/{id}"), text(&shown.json()["organisation"]["name"]))
}

/// Looks until what is asked for answers so.
async fn until_answers(api: &TestApi, account: &Account, path: &str, status: StatusCode) {
    let look = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(50));
        while api.get(account, path).await.status != status {
            ticks.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, look).await.unwrap_or_else(|_| panic!("{path} does not answer {status}"));
}

#[tokio::test]
async fn a_person_gets_an_archive_of_everything_about_oneself() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        api.account("eve@example.com").await;
        let answer = api.post(&ada, "/api/auth/exports", &json!({})).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
        let files = archive(&api, &ada).await;
        assert!(files[0].0 == "README.txt" && files[0].1.contains("JSON lines"));
        let users = rows(&files, "users");
        assert_eq!((users.len(), &users[0]["email"]), (1, &json!("ada@example.com")));
        assert!(users[0].get("password_hash").is_none());
        assert_eq!(rows(&files, "sign_ins").len(), 1);
        assert!(!format!("{files:?}").contains("eve@example.com"));
        let listed = api.get(&ada, "/api/auth/exports").await.json();
        assert_eq!(listed["exports"][0]["state"], "ready");
        assert!(text(&listed["exports"][0]["download_url"]).contains("/api/exports/nsd_"));
    })
    .await;
}

#[tokio::test]
async fn an_organisation_gets_an_archive_without_a_secret() {
    on_both(async |api| {
        let (ada, eve) = (api.account("ada@example.com").await, api.account("eve@example.com").await);
        let source = api.source(&ada).await;
        api.destination(&ada, &source).await;
        let (path, _) = organisation(&api, &ada).await;
        api.post(&eve, &format!("{path}/exports"), &json!({}))
            .await
            .is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
        let answer = api.post(&ada, &format!("{path}/exports"), &json!({})).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
        let files = archive(&api, &ada).await;
        assert_eq!(rows(&files, "sources")[0]["name"], "Main");
        assert_eq!(rows(&files, "destinations").len(), 1);
        assert!(!rows(&files, "audit_entries").is_empty());
        let whole = format!("{files:?}");
        assert!(!whole.contains(&text(&source["stream_key"])));
        assert!(!whole.contains("\"sealed\"") && !whole.contains("key_digest"));
    })
    .await;
}

#[tokio::test]
async fn a_link_that_was_not_given_leads_nowhere() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    for token in ["x", "nsd_", &format!("nsd_{}{}", "0".repeat(64), "0".repeat(8)), "..%2f"] {
        let answer = api.ask(None, Method::GET, &format!("/api/exports/{token}"), None).await;
        answer.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    }
}

#[tokio::test]
async fn an_account_is_deleted_only_with_proof_and_can_be_kept() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let path = "/api/auth/deletion";
        api.get(&ada, path).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
        let wrong = api.post(&ada, path, &json!({ "password": "not the password" })).await;
        wrong.is_error(StatusCode::FORBIDDEN, "PASSWORD_WRONG");
        let answer = api.post(&ada, path, &json!({ "password": PASSWORD })).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
        let letter = api.letters.take("ada@example.com", "deletion-scheduled").await;
        assert!(letter.text.contains("your account"), "{}", letter.text);
        assert_eq!(api.get(&ada, path).await.json()["due_at"], answer.json()["due_at"]);
        assert_eq!(api.delete(&ada, path).await.status, StatusCode::NO_CONTENT);
        api.delete(&ada, path).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
    })
    .await;
}

#[tokio::test]
async fn a_deletion_without_grace_leaves_nothing() {
    let settings = || ApiSettings { deletion_grace: Duration::ZERO, ..ApiSettings::default() };
    for api in [
        TestApi::on_sqlite(settings()).await,
        TestApi::new(neustream_store::testing::TestStore::postgres().await, settings()).await,
    ] {
        let ada = api.account("ada@example.com").await;
        let source = api.source(&ada).await;
        api.live.run(&source, &tenant_of(&api, &ada), None);
        let (path, name) = organisation(&api, &ada).await;
        let mistyped = api.post(&ada, &format!("{path}/deletion"), &json!({ "name": "Other" })).await;
        mistyped.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
        api.live.told();
        let answer = api.post(&ada, &format!("{path}/deletion"), &json!({ "name": name })).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
        until_answers(&api, &ada, &path, StatusCode::NOT_FOUND).await;
        let told = api.live.told();
        assert!(told.contains(&format!("deleted {}", text(&source["id"]))), "{told:?}");
        // The person is still there, and at home in an organisation without anything.
        let sources = api.get(&ada, "/api/sources").await;
        assert_eq!(sources.json()["sources"], json!([]), "{sources:?}");

        let answer = api.post(&ada, "/api/auth/deletion", &json!({ "password": PASSWORD })).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
        until_answers(&api, &ada, "/api/auth/profile", StatusCode::UNAUTHORIZED).await;
        let again = json!({ "email": "ada@example.com", "password": PASSWORD });
        let answer = api.ask(None, Method::POST, "/api/auth/login", Some(&again)).await;
        answer.is_error(StatusCode::UNAUTHORIZED, "INVALID_CREDENTIALS");
    }
}

#[tokio::test]
async fn an_organisation_says_how_long_it_keeps_what() {
    on_both(async |api| {
        let ada = api.account("ada@example.com").await;
        let path = format!("{}/retention", organisation(&api, &ada).await.0);
        let nothing =
            json!({ "chat_days": null, "activity_days": null, "audit_days": null, "sessions_days": null });
        assert_eq!(api.get(&ada, &path).await.json(), nothing);
        let wanted = json!({ "chat_days": 7, "activity_days": null, "audit_days": 90, "sessions_days": 400 });
        assert_eq!(api.put(&ada, &path, &wanted).await.json(), wanted);
        assert_eq!(api.get(&ada, &path).await.json(), wanted);
        for wrong in [
            json!({ "chat_days": 0 }),
            json!({ "audit_days": 89 }),
            json!({ "sessions_days": 399 }),
            json!({ "chat_days": 9999 }),
            json!({ "chats": 1 }),
        ] {
            let answer = api.put(&ada, &path, &wrong).await;
            answer.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
        }
    })
    .await;
}
