//! The binary's front door: commands, settings, the first start.

use neustream_tests::kit::api::{PASSWORD, post};
use neustream_tests::kit::server::{Server, Settings};
use neustream_tests::kit::tool::workspace_dir;
use neustream_tests::kit::{Context, Result, ensure, http};
use serde_json::json;

#[tokio::test]
async fn version_and_help_say_what_this_is() -> Result<()> {
    let (code, said) = Settings::new()?.run(&["--version"]).await?;
    assert_eq!(code, Some(0));
    ensure!(said.trim() == format!("neustream {}", env!("CARGO_PKG_VERSION")), "{said}");
    let (code, said) = Settings::new()?.run(&["--help"]).await?;
    assert_eq!(code, Some(0));
    ensure!(said.contains("serve"), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_wrong_setting_stops_the_start_and_is_named() -> Result<()> {
    let wrong = [
        ("NEUSTREAM_HTTP_ADDR", "nonsense", "http_addr"),
        ("NEUSTREAM_RTMP_ADDR", "127.0.0.1:99999", "rtmp_addr"),
        ("NEUSTREAM_DATABASE_URL", "mysql://me:hidden@host/db", "database_url"),
        ("NEUSTREAM_ALLOW_PRIVATE_NETWORKS", "perhaps", "allow_private_networks"),
        ("NEUSTREAM_RECONNECT_WINDOW_S", "-1", "reconnect_window_s"),
        ("NEUSTREAM_OUTBOUND_CA_FILE", "/nowhere/ca.pem", "outbound_ca_file"),
        ("NEUSTREAM_OUTBOUND_RESOLVE", "nonsense", "outbound_resolve"),
        ("NEUSTREAM_LOG", "[[", "log"),
        ("NEUSTREAM_HTP_ADDR", "127.0.0.1:0", "htp_addr"),
    ];
    for (name, value, named) in wrong {
        let (code, said) = Settings::new()?.with(name, value).run(&["serve"]).await?;
        ensure!(code.is_some_and(|code| code != 0), "{name}={value} was taken: {code:?}");
        ensure!(said.to_lowercase().contains(named), "{name}={value} is not named in: {said}");
        ensure!(!said.contains("hidden") && !said.contains("panicked"), "{said}");
    }
    Ok(())
}

#[tokio::test]
async fn an_address_in_use_stops_the_start_and_is_named() -> Result<()> {
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?.to_string();
    for name in ["NEUSTREAM_HTTP_ADDR", "NEUSTREAM_RTMP_ADDR"] {
        let (code, said) = Settings::new()?.with(name, address.clone()).run(&["serve"]).await?;
        ensure!(code.is_some_and(|code| code != 0), "{name} was taken: {code:?}");
        ensure!(said.contains(&address), "{said}");
    }
    Ok(())
}

#[tokio::test]
async fn the_set_up_link_works_once() -> Result<()> {
    let settings = Settings::new()?;
    let mut server = settings.clone().start().await?;
    let link = server.set_up_link().context("a set-up link on the first start")?;
    ensure!(link.starts_with(&server.base_url()), "{link}");
    let token = link.split_once("token=").context("a token in the link")?.1;
    let body = json!({ "token": token, "email": "owner@example.com", "password": PASSWORD, "display_name": "Owner" });
    let wrong = json!({ "token": "x".repeat(token.len()), "email": "thief@example.com", "password": PASSWORD,
        "display_name": "Thief" });
    let refused = post(server.http(), "/api/auth/setup", &wrong).await?;
    ensure!((400..500).contains(&refused.status), "a wrong token: {} {}", refused.status, refused.text());
    let first = post(server.http(), "/api/auth/setup", &body).await?;
    ensure!((200..300).contains(&first.status), "{} {}", first.status, first.text());
    ensure!(first.json()?["token"].is_string(), "{}", first.text());
    let second = post(server.http(), "/api/auth/setup", &body).await?;
    ensure!((400..500).contains(&second.status), "a second time: {} {}", second.status, second.text());

    let mut restarted = server.kill_and_restart().await?;
    assert_eq!(restarted.set_up_link(), None, "the second start prints a link again");
    let credentials = json!({ "email": "owner@example.com", "password": PASSWORD });
    assert_eq!(post(restarted.http(), "/api/auth/login", &credentials).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn it_serves_pages_health_metrics_and_its_own_description() -> Result<()> {
    let server = Server::start().await?;
    for (path, expected) in [
        ("/", "<html"),
        ("/watch/abcdefghijkmnpqr", "id=\"player\""),
        ("/health", "ok"),
        ("/metrics", "neustream_"),
        ("/api/openapi.json", "\"openapi\""),
    ] {
        let answer = http::get(server.http(), path).await?;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        ensure!(answer.text().contains(expected), "{path}: no {expected} in {}", answer.text());
    }
    Ok(())
}

#[tokio::test]
async fn every_setting_is_documented_in_the_example_file() -> Result<()> {
    // The binary names what it knows when it is asked for something that it does not.
    let (_, said) = Settings::new()?.with("NEUSTREAM_NO_SUCH_SETTING", "1").run(&["serve"]).await?;
    let example = std::fs::read_to_string(workspace_dir().join("neustream.example.toml"))?;
    let known: Vec<&str> = said
        .split(|character: char| !character.is_ascii_alphanumeric() && character != '_')
        .filter(|word| word.contains('_') && word.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .filter(|word| *word != "no_such_setting")
        .collect();
    ensure!(known.contains(&"http_addr") && known.contains(&"data_dir"), "{said}");
    for name in known {
        ensure!(example.contains(name), "{name} is not documented");
        ensure!(example.contains(&format!("NEUSTREAM_{}", name.to_uppercase())), "no variable for {name}");
    }
    Ok(())
}
