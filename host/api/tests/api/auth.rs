use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use neustream_accounts::{SetupToken, fresh_signing_key};
use neustream_api::ApiSettings;
use serde_json::json;

use crate::kit::{Account, Answer, PASSWORD, TestApi, on_both, text};

const REFRESH: &str = "/api/auth/refresh";

async fn login(api: &TestApi, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    api.ask(None, Method::POST, "/api/auth/login", Some(&body)).await
}

async fn refresh(api: &TestApi, token: &str) -> Answer {
    api.ask(None, Method::POST, REFRESH, Some(&json!({ "refresh_token": token }))).await
}

async fn with_cookie(api: &TestApi, path: &str, cookie: &str) -> Answer {
    let request = Request::post(path).header("cookie", cookie).body(Body::empty()).unwrap();
    api.send(request).await
}

fn cookie_of(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_account_is_opened_and_signs_in() {
    on_both(async |api| {
        let body = json!({ "email": "Ada@Example.com", "password": PASSWORD, "display_name": " Ada " });
        let answer = api.ask(None, Method::POST, "/api/auth/register", Some(&body)).await;
        assert_eq!(answer.status, StatusCode::CREATED);
        let registered = answer.json();
        assert_eq!(registered["user"]["email"], "ada@example.com");
        assert_eq!(registered["user"]["display_name"], "Ada");
        assert_eq!(registered["user"]["role"], "member");
        assert_eq!(registered["expires_in"], 900);
        assert!(!answer.text().contains(PASSWORD) && !answer.text().contains("argon2"));

        let signed_in = login(&api, "ada@example.com", PASSWORD).await;
        assert_eq!(signed_in.status, StatusCode::OK);
        let account = Account::of(&signed_in);
        let profile = api.get(&account, "/api/auth/profile").await.json();
        assert_eq!(profile["user"], registered["user"]);
    })
    .await;
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_are_refused_alike() {
    on_both(async |api| {
        api.account("ada@example.com").await;
        let wrong = login(&api, "ada@example.com", "wrong password").await;
        let unknown = login(&api, "eve@example.com", "wrong password").await;
        wrong.is_error(StatusCode::UNAUTHORIZED, "INVALID_CREDENTIALS");
        assert_eq!(wrong.bytes, unknown.bytes);
        login(&api, "no address", "x").await.is_error(StatusCode::UNAUTHORIZED, "INVALID_CREDENTIALS");
    })
    .await;
}

#[tokio::test]
async fn an_email_is_registered_once() {
    on_both(async |api| {
        api.account("ada@example.com").await;
        let body = json!({ "email": "ADA@example.com", "password": PASSWORD, "display_name": "Eve" });
        let again = api.ask(None, Method::POST, "/api/auth/register", Some(&body)).await;
        again.is_error(StatusCode::CONFLICT, "EMAIL_TAKEN");
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_an_account_is_said() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    for (field, email, password, display_name) in [
        ("email", "ada", PASSWORD, "Ada"),
        ("password", "ada@example.com", "short", "Ada"),
        ("password", "ada@example.com", "ada@example.com", "Ada"),
        ("display_name", "ada@example.com", PASSWORD, " "),
        ("display_name", "ada@example.com", PASSWORD, "two\nlines"),
    ] {
        let body = json!({ "email": email, "password": password, "display_name": display_name });
        let answer = api.ask(None, Method::POST, "/api/auth/register", Some(&body)).await;
        let details = text(&answer.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED"));
        assert!(details.starts_with(&format!("{field}: ")), "{details}");
    }
}

#[tokio::test]
async fn registration_can_be_closed() {
    let settings = ApiSettings { registration_open: false, ..ApiSettings::default() };
    let api = TestApi::on_sqlite(settings).await;
    let body = json!({ "email": "ada@example.com", "password": PASSWORD, "display_name": "Ada" });
    let answer = api.ask(None, Method::POST, "/api/auth/register", Some(&body)).await;
    answer.is_error(StatusCode::FORBIDDEN, "REGISTRATION_CLOSED");
}

#[tokio::test]
async fn a_refresh_token_is_exchanged_once_and_its_reuse_ends_the_sign_in() {
    on_both(async |api| {
        let first = api.account("ada@example.com").await;
        let second = Account::of(&refresh(&api, &first.refresh_token).await);
        assert_eq!(api.get(&second, "/api/auth/profile").await.status, StatusCode::OK);

        let reused = refresh(&api, &first.refresh_token).await;
        reused.is_error(StatusCode::UNAUTHORIZED, "REFRESH_TOKEN_REFUSED");
        let revoked = refresh(&api, &second.refresh_token).await;
        revoked.is_error(StatusCode::UNAUTHORIZED, "REFRESH_TOKEN_REFUSED");
    })
    .await;
}

#[tokio::test]
async fn a_browser_stays_signed_in_by_its_cookie_alone() {
    on_both(async |api| {
        api.account("ada@example.com").await;
        let signed_in = login(&api, "ada@example.com", PASSWORD).await;
        let cookie = signed_in.header("set-cookie").to_owned();
        for attribute in ["HttpOnly", "SameSite=Strict", "Path=/api/auth", "Max-Age=604800"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        let refreshed = with_cookie(&api, REFRESH, &format!("theme=dark; {}", cookie_of(&signed_in))).await;
        assert_eq!(refreshed.status, StatusCode::OK, "{refreshed:?}");

        let out = with_cookie(&api, "/api/auth/logout", &cookie_of(&refreshed)).await;
        assert_eq!(out.status, StatusCode::NO_CONTENT);
        assert!(out.header("set-cookie").contains("Max-Age=0"));
        let after = with_cookie(&api, REFRESH, &cookie_of(&refreshed)).await;
        after.is_error(StatusCode::UNAUTHORIZED, "REFRESH_TOKEN_REFUSED");
    })
    .await;
}

#[tokio::test]
async fn an_empty_body_is_no_body_whatever_its_type() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    api.account("ada@example.com").await;
    let signed_in = login(&api, "ada@example.com", PASSWORD).await;
    let request = Request::post(REFRESH)
        .header("cookie", cookie_of(&signed_in))
        .header("content-type", "application/json")
        .body(Body::empty())
        .unwrap();
    assert_eq!(api.send(request).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_cookie_is_secure_where_the_host_is_reached_over_tls() {
    let settings =
        ApiSettings { public_url: Some("https://stream.example.com".to_owned()), ..ApiSettings::default() };
    let api = TestApi::on_sqlite(settings).await;
    api.account("ada@example.com").await;
    let signed_in = login(&api, "ada@example.com", PASSWORD).await;
    assert!(signed_in.header("set-cookie").ends_with("; Secure"));
    assert_eq!(signed_in.header("strict-transport-security"), "max-age=31536000");
}

#[tokio::test]
async fn the_set_up_link_makes_the_first_administrator_once() {
    on_both(async |api| {
        let token = SetupToken::generate();
        api.db.store.host().offer_setup(token.digest().as_str()).await.unwrap();
        assert_eq!(api.ask(None, Method::GET, "/health", None).await.json()["setup_required"], true);

        let set_up = async |token: &str, email: &str| {
            let body =
                json!({ "token": token, "email": email, "password": PASSWORD, "display_name": "Root" });
            api.ask(None, Method::POST, "/api/auth/setup", Some(&body)).await
        };
        let wrong = set_up(SetupToken::generate().expose(), "root@example.com").await;
        wrong.is_error(StatusCode::FORBIDDEN, "SETUP_REFUSED");
        set_up("nonsense", "root@example.com").await.is_error(StatusCode::FORBIDDEN, "SETUP_REFUSED");

        let answer = set_up(token.expose(), "root@example.com").await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        assert_eq!(answer.json()["user"]["role"], "admin");
        let again = set_up(token.expose(), "eve@example.com").await;
        again.is_error(StatusCode::FORBIDDEN, "SETUP_REFUSED");
        assert_eq!(api.ask(None, Method::GET, "/health", None).await.json()["setup_required"], false);
    })
    .await;
}

#[tokio::test]
async fn a_token_that_is_not_ours_is_refused() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let account = api.account("ada@example.com").await;
    let claims = api.tokens.verify(&account.token, neustream_model::UnixMillis::now()).unwrap();
    let issue = |tokens: &neustream_accounts::AccessTokens, at| {
        tokens.issue(claims.sub, claims.sid, neustream_model::UnixMillis(at))
    };
    let forged = neustream_accounts::AccessTokens::new(&fresh_signing_key());
    let now = neustream_model::UnixMillis::now().0;
    for (token, code) in [
        (issue(&forged, now).expose().to_owned(), "TOKEN_INVALID"),
        (issue(&api.tokens, now - 901_000).expose().to_owned(), "TOKEN_EXPIRED"),
        ("nonsense".to_owned(), "TOKEN_INVALID"),
        (account.refresh_token.clone(), "TOKEN_INVALID"),
    ] {
        let answer = api.ask(Some(&token), Method::GET, "/api/auth/profile", None).await;
        answer.is_error(StatusCode::UNAUTHORIZED, code);
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    let basic = Request::get("/api/auth/profile").header("authorization", "Basic YTpi");
    let answer = api.send(basic.body(Body::empty()).unwrap()).await;
    answer.is_error(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_cookie_opens_no_other_route() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let account = api.account("ada@example.com").await;
    let request = Request::get("/api/sources")
        .header("cookie", format!("neustream_refresh={}", account.refresh_token))
        .body(Body::empty())
        .unwrap();
    api.send(request).await.is_error(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED");
}

#[tokio::test]
async fn no_answer_of_the_api_is_kept_by_caches() {
    let api = TestApi::on_sqlite(ApiSettings::default()).await;
    let account = api.account("ada@example.com").await;
    let answer = api.get(&account, "/api/sources").await;
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.json()["sources"], json!([]));
}
