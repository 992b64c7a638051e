//! Signing in, staying signed in, and asking the API.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;

use neustream_tests::kit::api::PASSWORD;
use neustream_tests::kit::port::loopback;
use neustream_tests::kit::server::Server;
use neustream_tests::kit::tls::Authority;
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::kit::Desk;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_author_signs_in_and_no_token_is_ever_shown() -> Result<()> {
    let server = Server::start().await?;
    let (desk, account) = Desk::signed_in(&server).await?;
    let mut said = Vec::new();
    for arguments in [
        &["api", "GET", "/api/auth/profile"][..],
        &["api", "GET", "/api/auth/profile", "--json"],
        &["api", "GET", "/api/nowhere"],
        &["logs", "acme/none"],
        &["login", &server.base_url(), "--email", &account.email],
    ] {
        let ran = desk.run(arguments).await?;
        said.push(format!("{arguments:?} {} {}", ran.out, ran.err));
    }
    ensure!(said[0].contains(&account.email) && said[1].contains(&account.email), "{said:?}");
    ensure!(said[2].contains("there is no such thing here"), "{said:?}");
    ensure!(said[3].contains("acme/none is not installed"), "{said:?}");
    ensure!(said[4].contains("--password-stdin"), "without a terminal the flag is told: {said:?}");

    let sessions = desk.sessions()?;
    let session = &sessions["servers"][server.base_url()];
    for secret in ["access-token", "refresh-token"] {
        let secret = session[secret].as_str().with_context(|| format!("{secret} in {session}"))?;
        let shown = said.iter().find(|said| said.contains(secret));
        ensure!(shown.is_none() && secret.len() > 20, "a token was shown: {shown:?}");
    }
    ensure!(!said.iter().any(|said| said.contains(PASSWORD)), "the password was shown");
    let mode = std::fs::metadata(desk.path("home/sessions.json"))?.permissions().mode() & 0o777;
    ensure!(mode == 0o600, "others may read the sessions: {mode:o}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_that_fails_says_what_to_do() -> Result<()> {
    let server = Server::start().await?;
    let (desk, account) = (Desk::new()?, server.account().await?);
    let unknown = desk.fail(4, &["api", "GET", "/api/installations"]).await?;
    ensure!(unknown.contains("neustream-plugin login"), "{unknown}");

    let wrong = desk.sign_in(&server, &account, "not my password").await?;
    ensure!(
        wrong.code == Some(4) && wrong.err.contains("does not know this e-mail address with this password"),
        "{wrong:?}"
    );

    let login = |place: &'static str| ["login", place, "--email", "a@example.com", "--password-stdin"];
    let readable = desk.run_with_input(&login("http://198.51.100.7:3000"), "secret\n").await?;
    ensure!(readable.code == Some(2) && readable.err.contains("--allow-http"), "{readable:?}");
    let nobody = desk.run_with_input(&login("http://127.0.0.1:9"), "secret\n").await?;
    ensure!(nobody.code == Some(4) && nobody.err.contains("Cannot reach http://127.0.0.1:9"), "{nobody:?}");
    let empty = desk.run_with_input(&login("http://127.0.0.1:9"), "").await?;
    ensure!(empty.code == Some(2) && empty.err.contains("no password on standard input"), "{empty:?}");
    ensure!(!desk.path("home/sessions.json").exists(), "nobody is signed in");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_renewed_by_one_process_for_all_of_them() -> Result<()> {
    let server = Server::start().await?;
    let (desk, _) = Desk::signed_in(&server).await?;
    let token =
        |name: &str| -> Result<Value> { Ok(desk.sessions()?["servers"][server.base_url()][name].clone()) };
    let first = token("refresh-token")?;

    // Several at once: a refresh token that is used twice would end the sign-in.
    desk.change_session(&server, |session| session["expires-at"] = json!(0))?;
    let ask = ["api", "GET", "/api/auth/profile"];
    tokio::try_join!(desk.succeed(&ask), desk.succeed(&ask), desk.succeed(&ask), desk.succeed(&ask))?;
    let second = token("refresh-token")?;
    ensure!(second != first, "the refresh token was exchanged");
    desk.succeed(&ask).await?;
    ensure!(token("refresh-token")? == second, "and only once");

    // A token that the server does not take after all.
    desk.change_session(&server, |session| session["access-token"] = json!("no.such.token"))?;
    desk.succeed(&ask).await?;

    // The sign-in was ended elsewhere.
    let body = json!({ "refresh_token": token("refresh-token")? }).to_string();
    desk.succeed(&["api", "POST", "/api/auth/logout", &body]).await?;
    desk.change_session(&server, |session| session["expires-at"] = json!(0))?;
    let ended = desk.fail(4, &ask).await?;
    ensure!(
        ended.contains("has ended") && ended.contains(&format!("login {}", server.base_url())),
        "{ended}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_servers_are_kept_apart_and_the_last_sign_in_is_the_current_one() -> Result<()> {
    let (one, other) = tokio::try_join!(Server::start(), Server::start())?;
    let (desk, at_one) = Desk::signed_in(&one).await?;
    let at_other = other.account().await?;
    desk.sign_in(&other, &at_other, PASSWORD).await?;
    let profile = ["api", "GET", "/api/auth/profile"];
    let email = |document: &Value| document["user"]["email"].clone();
    ensure!(email(&desk.document(&profile).await?) == at_other.email, "the last one is asked");
    let place = one.base_url();
    let there = [&profile[..], &["--server", &place]].concat();
    ensure!(email(&desk.document(&there).await?) == at_one.email, "or the one that is named");
    Ok(())
}

/// TLS in front of a server, as a reverse proxy is.
async fn tls_before(server: SocketAddr, acceptor: TlsAcceptor) -> Result<SocketAddr> {
    let listener = TcpListener::bind(loopback(0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut outside = acceptor.accept(stream).await?;
                let mut inside = TcpStream::connect(server).await?;
                copy_bidirectional(&mut outside, &mut inside).await
            });
        }
    });
    Ok(address)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_must_prove_who_it_is() -> Result<()> {
    let (server, authority) = (Server::start().await?, Authority::new()?);
    let account = server.account().await?;
    let proxy = tls_before(server.http(), authority.acceptor("localhost")?).await?;
    let place = format!("https://localhost:{}", proxy.port());
    let login = ["login", &place, "--email", &account.email, "--password-stdin"];
    let input = format!("{PASSWORD}\n");

    let desk = Desk::new()?;
    let refused = desk.run_with_input(&login, &input).await?;
    ensure!(refused.code == Some(4) && refused.err.contains("NEUSTREAM_CA_FILE"), "{refused:?}");
    let desk = desk.with("NEUSTREAM_CA_FILE", authority.file().display().to_string());
    let taken = desk.run_with_input(&login, &input).await?;
    ensure!(taken.code == Some(0) && taken.out.contains(&place), "{taken:?}");
    let profile = desk.document(&["api", "GET", "/api/auth/profile"]).await?;
    ensure!(profile["user"]["email"] == account.email, "{profile}");

    desk.write("ca.pem", "no certificate")?;
    let file = desk.path("ca.pem").display().to_string();
    let desk = desk.with("NEUSTREAM_CA_FILE", file);
    let wrong = desk.fail(3, &["api", "GET", "/api/auth/profile"]).await?;
    ensure!(wrong.contains("NEUSTREAM_CA_FILE names") && wrong.contains("no certificate"), "{wrong}");
    Ok(())
}
