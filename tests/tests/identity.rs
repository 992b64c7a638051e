//! Identity, end to end: the real server, a strict mail server, and a strict identity provider.

use std::time::Duration;

use neustream_tests::kit::api::PASSWORD;
use neustream_tests::kit::http::{self, Answer};
use neustream_tests::kit::oauth::{Holder, HttpsSite, IdentityProvider, IdentityRules, Registration};
use neustream_tests::kit::port::free_port;
use neustream_tests::kit::server::{Server, Settings};
use neustream_tests::kit::smtp::MailServer;
use neustream_tests::kit::stand_in::Platforms;
use neustream_tests::kit::tls::found_in_files;
use neustream_tests::kit::wait::until;
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(30);
const ADA: &str = "ada@example.com";
const NEW_PASSWORD: &str = "staple battery horse";
const SMTP_PASSWORD: &str = "the-hosts-password-at-the-mail-server";

async fn send(
    server: &Server,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: &Value,
) -> Result<Answer> {
    let bearer = token.map(|token| format!("Bearer {token}")).unwrap_or_default();
    let mut headers = vec![("content-type", "application/json")];
    if token.is_some() {
        headers.push(("authorization", bearer.as_str()));
    }
    http::send(server.http(), method, path, &headers, Some(body.to_string().as_bytes())).await
}

async fn post(server: &Server, path: &str, body: &Value) -> Result<Answer> {
    send(server, "POST", path, None, body).await
}

async fn register(server: &Server) -> Result<Value> {
    let body = json!({ "email": ADA, "password": PASSWORD, "display_name": "Ada" });
    let answer = post(server, "/api/auth/register", &body).await?;
    ensure!(answer.status == 201, "{} {}", answer.status, answer.text());
    answer.json()
}

async fn line_of_log(server: &Server, text: &str) -> Result<String> {
    let (line, _) = until(SOON, &format!("`{text}` in the log"), || {
        let found = server.log().into_iter().find(|line| line.contains(text));
        async move { Ok(found) }
    })
    .await?;
    Ok(line)
}

/// A host that is told under which address people reach it.
fn reached_by_name() -> Result<Settings> {
    let address = format!("127.0.0.1:{}", free_port()?);
    let public_url = format!("http://{address}");
    Ok(Settings::new()?.with("NEUSTREAM_HTTP_ADDR", address).with("NEUSTREAM_PUBLIC_URL", public_url))
}

/// A host whose mail goes to a strict mail server.
async fn with_mail() -> Result<(Server, MailServer, Platforms)> {
    let platforms = Platforms::new()?;
    let mail = MailServer::start(platforms.acceptor("localhost")?, "neustream", SMTP_PASSWORD).await?;
    let settings = platforms
        .lead(reached_by_name()?)
        .with("NEUSTREAM_SMTP_HOST", "localhost")
        .with("NEUSTREAM_SMTP_PORT", mail.address().port().to_string())
        .with("NEUSTREAM_SMTP_USERNAME", "neustream")
        .with("NEUSTREAM_SMTP_PASSWORD", SMTP_PASSWORD)
        .with("NEUSTREAM_MAIL_FROM", "Neustream <live@example.com>");
    Ok((settings.start().await?, mail, platforms))
}

#[tokio::test]
async fn an_address_is_verified_and_a_password_reset_by_mail_over_smtp() -> Result<()> {
    let (server, mail, _platforms) = with_mail().await?;
    register(&server).await?;
    let letter = mail.take(ADA, "is your code").await?;
    ensure!(letter.from == "live@example.com", "{letter:?}");
    ensure!(letter.header("from") == Some("Neustream <live@example.com>"), "{:?}", letter.header("from"));
    ensure!(letter.header("auto-submitted") == Some("auto-generated"), "{letter:?}");
    let code = letter.code()?;
    let body = json!({ "email": ADA, "verification_code": code });
    let verified = post(&server, "/api/auth/verify-email", &body).await?;
    ensure!(verified.status == 200, "{} {}", verified.status, verified.text());

    let asked = post(&server, "/api/auth/forgot-password", &json!({ "email": ADA })).await?;
    ensure!(asked.status == 202, "{} {}", asked.status, asked.text());
    let letter = mail.take(ADA, "Choose a new password").await?;
    let link = letter.word(&format!("{}/reset-password?token=", server.base_url()))?;
    let token = link.split_once("token=").context("a token")?.1;
    let body = json!({ "token": token, "password": NEW_PASSWORD });
    let reset = post(&server, "/api/auth/reset-password", &body).await?;
    ensure!(reset.status == 204, "{} {}", reset.status, reset.text());
    mail.take(ADA, "Your password is changed").await?;
    let body = json!({ "email": ADA, "password": NEW_PASSWORD });
    let signed_in = post(&server, "/api/auth/login", &body).await?;
    ensure!(signed_in.status == 200, "{} {}", signed_in.status, signed_in.text());
    ensure!(signed_in.json()?["user"]["email_verified"] == true, "{}", signed_in.text());

    ensure!(mail.mistakes().is_empty(), "{:?}", mail.mistakes());
    let log = server.log().join("\n");
    for secret in [token, &code, SMTP_PASSWORD, NEW_PASSWORD] {
        ensure!(!log.contains(secret), "a secret was logged");
    }
    let found = found_in_files(&server.data_dir(), &[token, SMTP_PASSWORD, NEW_PASSWORD])?;
    ensure!(found.is_none(), "a secret is in {found:?}");
    Ok(())
}

#[tokio::test]
async fn a_mail_survives_a_busy_mail_server_and_a_kill() -> Result<()> {
    let (server, mail, _platforms) = with_mail().await?;
    mail.be_busy(1);
    register(&server).await?;
    line_of_log(&server, "a mail was not delivered yet").await?;
    let server = server.kill_and_restart().await?;
    let letter = mail.take(ADA, "is your code").await?;
    let body = json!({ "email": ADA, "verification_code": letter.code()? });
    let verified = post(&server, "/api/auth/verify-email", &body).await?;
    ensure!(verified.status == 200, "{} {}", verified.status, verified.text());
    Ok(())
}

#[tokio::test]
async fn without_a_mail_server_the_operator_finds_the_code_in_the_log() -> Result<()> {
    let server = Server::start().await?;
    register(&server).await?;
    let line = line_of_log(&server, "no mail server is set").await?;
    ensure!(line.contains(ADA) && line.contains("/verify-email?token=nse_"), "{line}");
    let code = line.split("code=").nth(1).context("a code in the log")?;
    let code: String = code.chars().filter(char::is_ascii_digit).take(6).collect();
    let body = json!({ "email": ADA, "verification_code": code });
    let verified = post(&server, "/api/auth/verify-email", &body).await?;
    ensure!(verified.status == 200, "{} {}", verified.status, verified.text());
    Ok(())
}

/// A browser opens the page that begins a sign-in; gives where it is sent and the cookie it keeps.
async fn leave(server: &Server) -> Result<(String, String)> {
    let answer =
        http::send(server.http(), "GET", "/api/auth/google", &[("accept", "text/html")], None).await?;
    ensure!(answer.status == 303, "{} {}", answer.status, answer.text());
    let cookie = answer.header("set-cookie").context("a cookie")?;
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/api/auth/google/callback"] {
        ensure!(cookie.contains(attribute), "{cookie}");
    }
    let pair = cookie.split(';').next().unwrap_or_default().to_owned();
    Ok((answer.header("location").context("a page")?.to_owned(), pair))
}

#[tokio::test]
async fn a_browser_signs_in_with_google() -> Result<()> {
    let mut platforms = Platforms::new()?;
    let google: HttpsSite<IdentityProvider> =
        platforms.https(IdentityProvider::new(IdentityRules::google())).await?;
    let settings = platforms
        .lead(reached_by_name()?)
        .with("NEUSTREAM_GOOGLE_CLIENT_ID", "the-client")
        .with("NEUSTREAM_GOOGLE_CLIENT_SECRET", "the-clients-secret");
    let server = settings.start().await?;
    let here = server.base_url();
    google.site.register(Registration {
        client_id: "the-client".to_owned(),
        client_secret: "the-clients-secret".to_owned(),
        redirect_uris: vec![format!("{here}/api/auth/google/callback")],
    });
    let ada = Holder { subject: "1080", email: "ada@gmail.com", is_verified: true };

    let (page, cookie) = leave(&server).await?;
    let back = google.site.consent(&page, &ada, true)?;
    let path = back.strip_prefix(&here).context("back to this host")?;
    let come_back = async |cookie: &str| {
        let headers = [("accept", "text/html"), ("cookie", cookie)];
        http::send(server.http(), "GET", path, &headers, None).await
    };
    // Another browser brings the same answer: it learns nothing.
    let stranger = come_back("theme=dark").await?;
    ensure!(
        stranger.header("location") == Some("/login?provider=google&failed=state-unknown"),
        "{:?}",
        stranger.header("location")
    );
    let answer = come_back(&cookie).await?;
    ensure!(answer.status == 303 && answer.header("location") == Some("/"), "{answer:?}");
    let cookies = answer.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value);
    let refresh = cookies.filter_map(|value| value.split(';').next());
    let refresh = refresh.into_iter().find(|pair| pair.starts_with("neustream_refresh=nsr_"));
    let headers = [("cookie", refresh.context("a sign-in")?)];
    let signed_in = http::send(server.http(), "POST", "/api/auth/refresh", &headers, None).await?;
    ensure!(signed_in.status == 200, "{} {}", signed_in.status, signed_in.text());
    let user = signed_in.json()?["user"].clone();
    ensure!(user["email"] == "ada@gmail.com" && user["email_verified"] == true, "{user}");

    // The same person comes again, and is the same person.
    let (page, cookie) = leave(&server).await?;
    let back = google.site.consent(&page, &ada, true)?;
    let path = back.strip_prefix(&here).context("back to this host")?;
    let again = http::send(server.http(), "GET", path, &[("cookie", &cookie)], None).await?;
    ensure!(again.status == 200 && again.json()?["user"]["id"] == user["id"], "{}", again.text());
    Ok(())
}
