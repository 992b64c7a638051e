//! Asking a colleague into the team by the dashboard, with and without a mail server.

use std::time::Duration;

use neustream_tests::kit::api::Account;
use neustream_tests::kit::browser::Script;
use neustream_tests::kit::port::free_port;
use neustream_tests::kit::server::{Server, Settings};
use neustream_tests::kit::smtp::MailServer;
use neustream_tests::kit::stand_in::Platforms;
use neustream_tests::kit::wait::until;
use neustream_tests::kit::{Context, Result, ensure};

const ADA: &str = "ada@example.com";
const GRACE: &str = "grace@example.com";
const SOON: Duration = Duration::from_mins(1);
const SMTP_PASSWORD: &str = "the-hosts-password-at-the-mail-server";

#[tokio::test]
async fn a_colleague_joins_by_the_link_that_comes_by_mail() -> Result<()> {
    let platforms = Platforms::new()?;
    let mail = MailServer::start(platforms.acceptor("localhost")?, "neustream", SMTP_PASSWORD).await?;
    let settings = platforms
        .lead(reached_by_name()?)
        .with("NEUSTREAM_SMTP_HOST", "localhost")
        .with("NEUSTREAM_SMTP_PORT", mail.address().port().to_string())
        .with("NEUSTREAM_SMTP_USERNAME", "neustream")
        .with("NEUSTREAM_SMTP_PASSWORD", SMTP_PASSWORD)
        .with("NEUSTREAM_MAIL_FROM", "Neustream <live@example.com>");
    let mut server = settings.start().await?;
    invite(&mut server).await?;
    let letter = mail.take(GRACE, "invites you to").await?;
    let link = letter.word(&format!("{}/invitation?token=", server.base_url()))?;
    join(&server, &link).await
}

#[tokio::test]
async fn without_a_mail_server_the_operator_hands_the_link_on() -> Result<()> {
    let mut server = reached_by_name()?.start().await?;
    invite(&mut server).await?;
    let beginning = format!("{}/invitation?token=", server.base_url());
    let (link, _) = until(SOON, "the link in the log", || {
        let line = server.log().into_iter().find(|line| line.contains(&beginning));
        let link = line.and_then(|line| {
            let link = &line[line.find(&beginning)?..];
            Some(link.split(|c: char| c.is_whitespace() || c == '"').next()?.to_owned())
        });
        async move { Ok(link) }
    })
    .await?;
    join(&server, &link).await
}

/// A host that is told under which address people reach it.
fn reached_by_name() -> Result<Settings> {
    let address = format!("127.0.0.1:{}", free_port()?);
    let public_url = format!("http://{address}");
    Ok(Settings::new()?.with("NEUSTREAM_HTTP_ADDR", address).with("NEUSTREAM_PUBLIC_URL", public_url))
}

async fn invite(server: &mut Server) -> Result<()> {
    let link = server.set_up_link().context("a set-up link")?;
    let mut page = Script::start("invite", &[&link, GRACE])?;
    page.says("invited", SOON).await?;
    page.finish(SOON).await?;
    page.expect_no_problem()
}

async fn join(server: &Server, link: &str) -> Result<()> {
    let mut page = Script::start("join", &[link, GRACE])?;
    let said = page.says("joined", SOON).await?;
    ensure!(said["mayInvite"] == 0, "a viewer is offered to invite others: {said}");
    let said = page.says("refused", SOON).await?;
    ensure!(said["refused"].as_str().is_some_and(|words| words.contains("invitation")), "{said}");
    page.finish(SOON).await?;
    page.expect_no_problem()?;
    let ada = Account::log_in(server.http(), ADA).await?;
    let team = ada.ask("GET", "/api/team", None).await?;
    let grace = team["members"].as_array().into_iter().flatten().find(|member| member["email"] == GRACE);
    ensure!(grace.is_some_and(|grace| grace["role"] == "viewer"), "{team}");
    Ok(())
}
