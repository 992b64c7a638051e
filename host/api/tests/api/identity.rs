//! How people prove who they are, and change it.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use neustream_accounts::Totp;
use neustream_model::UnixMillis;
use serde_json::{Value, json};

use crate::kit::{Account, Answer, PASSWORD, TestApi, on_both};
use crate::mail::token_of;

const ADA: &str = "ada@example.com";
const NEW_PASSWORD: &str = "staple battery horse";

async fn post(api: &TestApi, path: &str, body: Value) -> Answer {
    api.ask(None, Method::POST, path, Some(&body)).await
}

async fn login(api: &TestApi, password: &str) -> Answer {
    post(api, "/api/auth/login", json!({ "email": ADA, "password": password })).await
}

async fn verify(api: &TestApi, email: &str, code: &str) -> Answer {
    let body = json!({ "email": email, "verification_code": code });
    post(api, "/api/auth/verify-email", body).await
}

async fn profile(api: &TestApi, account: &Account) -> Value {
    let answer = api.get(account, "/api/auth/profile").await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}

/// The authenticator app of somebody, and when its clock stands.
struct App {
    totp: Totp,
    now: UnixMillis,
}

impl App {
    /// The next code that was not shown yet: the second is one step ahead of the host's clock, which is taken. There is no
    /// third without waiting.
    fn code(&mut self) -> String {
        let code = self.totp.code_at(self.now);
        self.now = UnixMillis(self.now.0 + 30_000);
        code
    }
}

/// Turns the second factor on; gives the app and the recovery codes.
async fn with_second_factor(api: &TestApi, account: &Account) -> (App, Vec<String>) {
    let begun = api.post(account, "/api/auth/totp", &json!({ "current_password": PASSWORD })).await;
    assert_eq!(begun.status, StatusCode::OK, "{begun:?}");
    let url = begun.json()["otpauth_url"].as_str().unwrap().to_owned();
    assert!(url.starts_with("otpauth://totp/") && url.contains("ada%40example.com"), "{url}");
    let totp: Totp = begun.json()["secret"].as_str().unwrap().parse().unwrap();
    let mut app = App { totp, now: UnixMillis::now() };
    let on = api.post(account, "/api/auth/totp/confirm", &json!({ "code": app.code() })).await;
    assert_eq!(on.status, StatusCode::OK, "{on:?}");
    api.letters.take(ADA, "second-factor-on").await;
    let told = on.json();
    let codes = told["recovery_codes"].as_array().unwrap().iter();
    (app, codes.map(|code| code.as_str().unwrap().to_owned()).collect())
}

#[tokio::test]
async fn an_address_is_verified_by_the_six_digits_of_the_mail() {
    on_both(async |api| {
        let account = api.account(ADA).await;
        assert_eq!(profile(&api, &account).await["user"]["email_verified"], false);
        let mail = api.letters.take(ADA, "verify-email").await;
        let code = mail.code.clone().unwrap();
        assert!(mail.subject.contains(&code) && mail.text.contains(&code), "{}", mail.text);

        let wrong = if code == "000000" { "000001" } else { "000000" };
        for (email, code) in [(ADA, wrong), ("eve@example.com", code.as_str()), ("no address", "x")] {
            verify(&api, email, code).await.is_error(StatusCode::FORBIDDEN, "CODE_REFUSED");
        }
        let verified = verify(&api, ADA, &code).await;
        assert_eq!(verified.status, StatusCode::OK, "{verified:?}");
        assert_eq!(verified.json(), json!({ "email": ADA, "email_verified": true }));
        assert_eq!(profile(&api, &account).await["user"]["email_verified"], true);
        verify(&api, ADA, &code).await.is_error(StatusCode::FORBIDDEN, "CODE_REFUSED");
    })
    .await;
}

#[tokio::test]
async fn an_address_is_verified_by_the_link_of_the_mail() {
    on_both(async |api| {
        api.account(ADA).await;
        let mail = api.letters.take(ADA, "verify-email").await;
        let link = mail.link.clone().unwrap();
        assert!(link.starts_with("http://localhost:3000/verify-email?token=nse_"), "{link}");
        assert!(mail.html.contains(&link) && mail.text.contains(&link));
        let body = json!({ "token": token_of(&mail) });
        let verified = post(&api, "/api/auth/verify-email", body.clone()).await;
        assert_eq!(verified.status, StatusCode::OK, "{verified:?}");
        let again = post(&api, "/api/auth/verify-email", body).await;
        again.is_error(StatusCode::FORBIDDEN, "CODE_REFUSED");
    })
    .await;
}

#[tokio::test]
async fn a_verification_needs_a_code_with_its_address_or_a_token() {
    let api = TestApi::on_sqlite(neustream_api::ApiSettings::default()).await;
    for (body, field) in [(json!({}), "email"), (json!({ "email": ADA }), "verification_code")] {
        let answer = post(&api, "/api/auth/verify-email", body).await;
        let details = answer.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
        assert!(details.to_string().contains(field), "{details}");
    }
}

#[tokio::test]
async fn who_has_an_account_is_not_told_to_who_asks_for_mail() {
    on_both(async |api| {
        api.account(ADA).await;
        api.letters.take(ADA, "verify-email").await;
        for path in ["/api/auth/forgot-password", "/api/auth/verify-email/resend"] {
            let known = post(&api, path, json!({ "email": ADA })).await;
            let unknown = post(&api, path, json!({ "email": "nobody@example.com" })).await;
            assert_eq!(known.status, StatusCode::ACCEPTED, "{known:?}");
            assert_eq!((known.status, &known.bytes), (unknown.status, &unknown.bytes));
        }
        api.letters.take(ADA, "reset-password").await;
        // The verification mail was sent less than a minute ago; the second password mail would be, too.
        post(&api, "/api/auth/forgot-password", json!({ "email": ADA })).await;
        api.account("eve@example.com").await;
        api.letters.take("eve@example.com", "verify-email").await;
        assert_eq!(api.letters.count(ADA, "verify-email") + api.letters.count(ADA, "reset-password"), 0);
        assert_eq!(api.letters.count("nobody@example.com", "reset-password"), 0);
    })
    .await;
}

#[tokio::test]
async fn a_forgotten_password_is_chosen_anew_once_and_signs_everybody_out() {
    on_both(async |api| {
        let account = api.account(ADA).await;
        post(&api, "/api/auth/forgot-password", json!({ "email": "ADA@Example.com " })).await;
        let mail = api.letters.take(ADA, "reset-password").await;
        assert!(mail.link.as_deref().unwrap().starts_with("http://localhost:3000/reset-password?token=nsp_"));
        let reset = async |token: &str, password: &str| {
            post(&api, "/api/auth/reset-password", json!({ "token": token, "password": password })).await
        };
        let token = token_of(&mail);
        reset("nonsense", NEW_PASSWORD).await.is_error(StatusCode::FORBIDDEN, "CODE_REFUSED");
        let short = reset(&token, "short").await;
        short.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
        assert_eq!(reset(&token, NEW_PASSWORD).await.status, StatusCode::NO_CONTENT);
        reset(&token, "another password").await.is_error(StatusCode::FORBIDDEN, "CODE_REFUSED");
        api.letters.take(ADA, "password-changed").await;

        let old = api.get(&account, "/api/auth/profile").await;
        old.is_error(StatusCode::UNAUTHORIZED, "SIGN_IN_ENDED");
        let refreshed =
            post(&api, "/api/auth/refresh", json!({ "refresh_token": account.refresh_token })).await;
        refreshed.is_error(StatusCode::UNAUTHORIZED, "REFRESH_TOKEN_REFUSED");
        login(&api, PASSWORD).await.is_error(StatusCode::UNAUTHORIZED, "INVALID_CREDENTIALS");
        let signed_in = login(&api, NEW_PASSWORD).await;
        assert_eq!(signed_in.status, StatusCode::OK, "{signed_in:?}");
        // Whoever reads the mail of the address has proved it.
        assert_eq!(signed_in.json()["user"]["email_verified"], true);
    })
    .await;
}

#[tokio::test]
async fn links_lead_to_this_host_whatever_the_asker_calls_it() {
    let api = TestApi::on_sqlite(neustream_api::ApiSettings::default()).await;
    api.account(ADA).await;
    let request = Request::post("/api/auth/forgot-password")
        .header("host", "evil.example.com")
        .header("x-forwarded-host", "evil.example.com")
        .header("content-type", "application/json")
        .body(Body::from(json!({ "email": ADA }).to_string()))
        .unwrap();
    assert_eq!(api.send(request).await.status, StatusCode::ACCEPTED);
    let mail = api.letters.take(ADA, "reset-password").await;
    assert!(!mail.text.contains("evil"), "{}", mail.text);
}

#[tokio::test]
async fn a_password_is_changed_with_the_current_one_and_ends_other_sign_ins() {
    on_both(async |api| {
        let account = api.account(ADA).await;
        let elsewhere = Account::of(&login(&api, PASSWORD).await);
        let change = async |current: Option<&str>, password: &str| {
            let body = json!({ "current_password": current, "password": password });
            api.put(&account, "/api/auth/password", &body).await
        };
        for wrong in [None, Some("wrong password")] {
            change(wrong, NEW_PASSWORD).await.is_error(StatusCode::FORBIDDEN, "PASSWORD_WRONG");
        }
        let short = change(Some(PASSWORD), "short").await;
        short.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
        assert_eq!(change(Some(PASSWORD), NEW_PASSWORD).await.status, StatusCode::NO_CONTENT);
        api.letters.take(ADA, "password-changed").await;
        profile(&api, &account).await;
        let ended = api.get(&elsewhere, "/api/auth/profile").await;
        ended.is_error(StatusCode::UNAUTHORIZED, "SIGN_IN_ENDED");
        assert_eq!(login(&api, NEW_PASSWORD).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_new_address_counts_once_it_is_proved_and_the_old_one_is_told() {
    on_both(async |api| {
        let account = api.account(ADA).await;
        api.member("eve@example.com").await;
        let change = async |email: &str| {
            let body = json!({ "email": email, "current_password": PASSWORD });
            api.put(&account, "/api/auth/email", &body).await
        };
        let taken = change("eve@example.com").await;
        let free = change("new@example.com").await;
        assert_eq!((taken.status, &taken.bytes), (free.status, &free.bytes));
        assert_eq!(free.status, StatusCode::ACCEPTED, "{free:?}");
        let mail = api.letters.take("new@example.com", "change-email").await;
        assert_eq!(api.letters.count("eve@example.com", "change-email"), 0);
        assert_eq!(profile(&api, &account).await["user"]["email"], ADA);

        // Strangers cannot use the digits of a new address.
        let code = mail.code.clone().unwrap();
        verify(&api, "new@example.com", &code).await.is_error(StatusCode::FORBIDDEN, "CODE_REFUSED");
        let body = json!({ "email": "new@example.com", "verification_code": code });
        let confirmed = api.post(&account, "/api/auth/email/confirm", &body).await;
        assert_eq!(confirmed.status, StatusCode::OK, "{confirmed:?}");
        let told = api.letters.take(ADA, "email-changed").await;
        assert!(told.text.contains("new@example.com"));
        let shown = profile(&api, &account).await;
        assert_eq!(shown["user"]["email"], "new@example.com");
        assert_eq!(shown["user"]["email_verified"], true);
    })
    .await;
}

#[tokio::test]
async fn a_profile_is_shown_and_its_name_changed() {
    on_both(async |api| {
        let account = api.account(ADA).await;
        let shown = profile(&api, &account).await;
        assert_eq!(shown["has_password"], true);
        assert_eq!(shown["second_factor"], false);
        assert_eq!(shown["impersonated_by"], Value::Null);
        let renamed = api.put(&account, "/api/auth/profile", &json!({ "display_name": " Countess " })).await;
        assert_eq!(renamed.status, StatusCode::OK, "{renamed:?}");
        assert_eq!(profile(&api, &account).await["user"]["display_name"], "Countess");
        let empty = api.put(&account, "/api/auth/profile", &json!({ "display_name": " " })).await;
        empty.is_error(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED");
    })
    .await;
}

#[tokio::test]
async fn sign_ins_are_listed_and_ended() {
    on_both(async |api| {
        let account = api.account(ADA).await;
        let request = Request::post("/api/auth/login")
            .header("content-type", "application/json")
            .header("user-agent", "A Phone/1.0")
            .body(Body::from(json!({ "email": ADA, "password": PASSWORD }).to_string()))
            .unwrap();
        let phone = Account::of(&api.send_from("198.51.100.7".parse().unwrap(), request).await);
        let eve = api.member("eve@example.com").await;

        let listed = api.get(&account, "/api/auth/sign-ins").await.json();
        let rows = listed["sign_ins"].as_array().unwrap();
        assert_eq!(rows.len(), 2, "{listed}");
        let of_phone = rows.iter().find(|row| row["device"] == "A Phone/1.0").unwrap();
        assert_eq!(of_phone["address"], "198.51.100.7");
        assert_eq!((&of_phone["is_current"], &of_phone["method"]), (&json!(false), &json!("password")));
        assert!(rows.iter().any(|row| row["is_current"] == true));

        let path = format!("/api/auth/sign-ins/{}", of_phone["id"].as_str().unwrap());
        api.delete(&eve, &path).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");
        assert_eq!(api.delete(&account, &path).await.status, StatusCode::NO_CONTENT);
        api.get(&phone, "/api/auth/profile").await.is_error(StatusCode::UNAUTHORIZED, "SIGN_IN_ENDED");
        api.delete(&account, &path).await.is_error(StatusCode::NOT_FOUND, "NOT_FOUND");

        let laptop = Account::of(&login(&api, PASSWORD).await);
        let ended = api.delete(&laptop, "/api/auth/sign-ins").await;
        assert_eq!(ended.json(), json!({ "ended": 1 }));
        api.get(&account, "/api/auth/profile").await.is_error(StatusCode::UNAUTHORIZED, "SIGN_IN_ENDED");
        profile(&api, &laptop).await;
        profile(&api, &eve).await;
    })
    .await;
}

#[tokio::test]
async fn a_signed_out_access_token_is_taken_no_more() {
    on_both(async |api| {
        let account = api.account(ADA).await;
        post(&api, "/api/auth/logout", json!({ "refresh_token": account.refresh_token })).await;
        api.get(&account, "/api/auth/profile").await.is_error(StatusCode::UNAUTHORIZED, "SIGN_IN_ENDED");
    })
    .await;
}

#[tokio::test]
async fn a_second_factor_is_asked_for_once_it_is_confirmed() {
    on_both(async |api| {
        let account = api.account(ADA).await;
        let wrong = api.post(&account, "/api/auth/totp", &json!({ "current_password": "wrong" })).await;
        wrong.is_error(StatusCode::FORBIDDEN, "PASSWORD_WRONG");
        let not_begun = api.post(&account, "/api/auth/totp/confirm", &json!({ "code": "123456" })).await;
        not_begun.is_error(StatusCode::CONFLICT, "SECOND_FACTOR_OFF");
        let (mut app, codes) = with_second_factor(&api, &account).await;
        let state = api.get(&account, "/api/auth/totp").await.json();
        assert_eq!(state, json!({ "enabled": true, "recovery_codes_left": 10 }));

        let details =
            login(&api, PASSWORD).await.is_error(StatusCode::UNAUTHORIZED, "SECOND_FACTOR_REQUIRED");
        let challenge = details["challenge"].as_str().unwrap().to_owned();
        let answer = async |challenge: &str, code: &str| {
            let body = json!({ "challenge": challenge, "code": code });
            post(&api, "/api/auth/login/second-factor", body).await
        };
        answer("nsc_x", "123456").await.is_error(StatusCode::UNAUTHORIZED, "CHALLENGE_REFUSED");
        answer(&challenge, "12345x").await.is_error(StatusCode::UNAUTHORIZED, "SECOND_FACTOR_WRONG");
        let code = app.code();
        let signed_in = answer(&challenge, &code).await;
        assert_eq!(signed_in.status, StatusCode::OK, "{signed_in:?}");
        assert_eq!(profile(&api, &Account::of(&signed_in)).await["second_factor"], true);

        // Neither a challenge nor a code works twice.
        answer(&challenge, &code).await.is_error(StatusCode::UNAUTHORIZED, "CHALLENGE_REFUSED");
        let body = json!({ "email": ADA, "password": PASSWORD, "code": code });
        post(&api, "/api/auth/login", body).await.is_error(StatusCode::UNAUTHORIZED, "SECOND_FACTOR_WRONG");
        let body = json!({ "email": ADA, "password": PASSWORD, "code": codes[0] });
        assert_eq!(post(&api, "/api/auth/login", body).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_wrong_password_tells_nothing_about_a_second_factor() {
    on_both(async |api| {
        let account = api.account(ADA).await;
        with_second_factor(&api, &account).await;
        login(&api, "wrong password").await.is_error(StatusCode::UNAUTHORIZED, "INVALID_CREDENTIALS");
    })
    .await;
}

#[tokio::test]
async fn a_recovery_code_stands_for_the_app_once_and_its_owner_is_told() {
    on_both(async |api| {
        let account = api.account(ADA).await;
        let (mut app, codes) = with_second_factor(&api, &account).await;
        assert_eq!(codes.len(), 10);
        let log_in = async |code: &str| {
            let body = json!({ "email": ADA, "password": PASSWORD, "code": code });
            post(&api, "/api/auth/login", body).await
        };
        assert_eq!(log_in(&codes[0].to_uppercase()).await.status, StatusCode::OK);
        let told = api.letters.take(ADA, "recovery-code-used").await;
        assert!(told.text.contains('9'), "{}", told.text);
        log_in(&codes[0]).await.is_error(StatusCode::UNAUTHORIZED, "SECOND_FACTOR_WRONG");

        let body = json!({ "current_password": PASSWORD, "code": app.code() });
        let replaced = api.post(&account, "/api/auth/totp/recovery-codes", &body).await;
        assert_eq!(replaced.status, StatusCode::OK, "{replaced:?}");
        log_in(&codes[1]).await.is_error(StatusCode::UNAUTHORIZED, "SECOND_FACTOR_WRONG");
        let fresh = replaced.json()["recovery_codes"][0].as_str().unwrap().to_owned();
        assert_eq!(log_in(&fresh).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_second_factor_is_turned_off_with_both_factors_only() {
    on_both(async |api| {
        let account = api.account(ADA).await;
        let (_, codes) = with_second_factor(&api, &account).await;
        let disable = async |password: &str, code: &str| {
            let body = json!({ "current_password": password, "code": code });
            api.post(&account, "/api/auth/totp/disable", &body).await
        };
        disable("wrong", &codes[0]).await.is_error(StatusCode::FORBIDDEN, "PASSWORD_WRONG");
        let wrong = disable(PASSWORD, "0000-0000-0000-0000").await;
        wrong.is_error(StatusCode::UNAUTHORIZED, "SECOND_FACTOR_WRONG");
        assert_eq!(disable(PASSWORD, &codes[0]).await.status, StatusCode::NO_CONTENT);
        api.letters.take(ADA, "second-factor-off").await;
        assert_eq!(login(&api, PASSWORD).await.status, StatusCode::OK);
        let off = disable(PASSWORD, &codes[1]).await;
        off.is_error(StatusCode::CONFLICT, "SECOND_FACTOR_OFF");
    })
    .await;
}

#[tokio::test]
async fn six_digits_are_guessed_at_five_times_wherever_the_guesses_come_from() {
    on_both(async |api| {
        let account = api.account(ADA).await;
        let (mut app, codes) = with_second_factor(&api, &account).await;
        let log_in = async |n: u8, code: &str| {
            let body = json!({ "email": ADA, "password": PASSWORD, "code": code }).to_string();
            let request = Request::post("/api/auth/login").header("content-type", "application/json");
            api.send_from([192, 0, 2, n].into(), request.body(Body::from(body)).unwrap()).await
        };
        for n in 0..5 {
            log_in(n, "00000x").await.is_error(StatusCode::UNAUTHORIZED, "SECOND_FACTOR_WRONG");
        }
        let locked = log_in(9, &app.code()).await;
        locked.is_error(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_FAILED_LOGINS");
        assert_eq!(locked.header("retry-after"), "900");
        // The owner has a way in that nobody guesses.
        assert_eq!(log_in(10, &codes[0]).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn whoever_held_an_unproved_address_loses_it_to_its_owner() {
    on_both(async |api| {
        // A stranger opens an account under Ada's address and prepares to come back.
        let stranger = api.account(ADA).await;
        with_second_factor(&api, &stranger).await;
        post(&api, "/api/auth/forgot-password", json!({ "email": ADA })).await;
        let token = token_of(&api.letters.take(ADA, "reset-password").await);
        let body = json!({ "token": token, "password": NEW_PASSWORD });
        assert_eq!(post(&api, "/api/auth/reset-password", body).await.status, StatusCode::NO_CONTENT);
        api.get(&stranger, "/api/auth/profile").await.is_error(StatusCode::UNAUTHORIZED, "SIGN_IN_ENDED");
        // No second factor of the stranger's is in the way.
        assert_eq!(login(&api, NEW_PASSWORD).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn no_answer_holds_a_secret_of_another_step() {
    let api = TestApi::on_sqlite(neustream_api::ApiSettings::default()).await;
    let account = api.account(ADA).await;
    let mail = api.letters.take(ADA, "verify-email").await;
    let (token, code) = (token_of(&mail), mail.code.unwrap());
    for path in ["/api/auth/profile", "/api/auth/sign-ins", "/api/auth/totp"] {
        let text = api.get(&account, path).await.text();
        for secret in [token.as_str(), &code, PASSWORD, "argon2", &account.refresh_token] {
            assert!(!text.contains(secret), "{path}: {text}");
        }
    }
}
