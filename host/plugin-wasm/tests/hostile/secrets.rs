//! Secret bytes never enter a guest, and nothing of them is in logs, answers or errors.
//!
//! A guest may learn a secret by asking a server that repeats it. So the galleries send every secret in every way,
//! to a mirror, and then hand out all that they have: what they were answered, and their whole linear memory.

use std::collections::BTreeSet;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use neustream_contract::{CallErrorKind, Kind, PluginPlatform as _};

use crate::kit::{KINDS, Platform, SECRETS};
use crate::mirror::Mirror;

/// A secret in the forms in which somebody could still read it.
fn forms(secret: &str) -> Vec<String> {
    let percent: String = secret
        .bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    let json = serde_json::Value::from(secret).to_string();
    let mut forms = BTreeSet::from([
        secret.to_owned(),
        percent.to_ascii_lowercase(),
        percent,
        json[1..json.len() - 1].to_owned(),
        json[1..json.len() - 1].replace('/', "\\/"),
        hex::encode(secret),
        // Half of it is as good as all of it to whoever guesses.
        secret[..secret.len() / 2 + 2].to_owned(),
        secret[secret.len() / 2 - 2..].to_owned(),
    ]);
    for user in ["user", "use", "us"] {
        forms.insert(BASE64_STANDARD.encode(format!("{user}:{secret}")));
    }
    forms.into_iter().collect()
}

/// Fails if `bytes` hold one of the secrets in any form.
pub fn hold_no_secret(what: &str, bytes: &[u8]) {
    let lower = bytes.to_ascii_lowercase();
    for (name, secret) in SECRETS {
        for form in forms(secret) {
            let is_there = memchr::memmem::find(bytes, form.as_bytes()).is_some()
                || memchr::memmem::find(&lower, form.to_ascii_lowercase().as_bytes()).is_some();
            assert!(!is_there, "{what} holds `{name}` as {form}");
        }
    }
}

const PATHS: [&str; 5] = ["/", "/encoded", "/chunks", "/refused", "/elsewhere"];

#[tokio::test]
async fn the_search_finds_what_it_looks_for() {
    for (_, secret) in SECRETS {
        let found = std::panic::catch_unwind(|| hold_no_secret("a text", format!("x{secret}y").as_bytes()));
        assert!(found.is_err(), "{secret}");
    }
}

#[tokio::test]
async fn an_echo_in_any_form_reaches_the_guest_with_stars() {
    let mirror = Mirror::start().await;
    let platform = Platform::open_with(mirror.settings.clone(), |_| {}).await;
    for kind in [Kind::Destination, Kind::Payment] {
        for path in PATHS {
            let deed = format!("send-twice api-token https://api.hostile.test{path}");
            let call = platform.call(kind);
            let learned = platform.deed_of(kind, &call, &deed).await;
            let sent = mirror.requests().join("\n");
            assert!(sent.contains(crate::kit::API_TOKEN), "the secret reached its host: {sent}");
            match learned {
                Ok(learned) => {
                    assert!(!learned.is_empty());
                    hold_no_secret(&format!("what {} learned of {path}", kind.as_str()), &learned);
                }
                // More than its state may have: told with less.
                Err(error) => assert_eq!(error.kind, CallErrorKind::Limit, "{path}: {error}"),
            }
        }
    }
}

#[tokio::test]
async fn a_guest_that_logs_and_fails_with_an_echo_tells_nothing() {
    let mirror = Mirror::start().await;
    let platform = Platform::open_with(mirror.settings.clone(), |_| {}).await;
    for kind in [Kind::Destination, Kind::Payment] {
        for path in PATHS {
            let call = platform.call(kind);
            let deed = format!("tell api-token https://api.hostile.test{path}");
            let error =
                platform.deed_of(kind, &call, &deed).await.expect_err("it fails with what it was told");
            hold_no_secret("an error", format!("{error:?}").as_bytes());
            let lines = platform.plugins.log(platform.tenant, call.installation);
            assert!(!lines.is_empty());
            hold_no_secret("the log", format!("{lines:?}").as_bytes());
        }
    }
}

#[tokio::test]
async fn a_guest_that_hands_out_its_whole_memory_hands_out_no_secret() {
    let mirror = Mirror::start().await;
    let platform = Platform::open_with(mirror.settings.clone(), |_| {}).await;
    for kind in [Kind::Destination, Kind::Payment] {
        let call = platform.call(kind);
        // In one instance: every request, its echo, and then all of memory over the wire.
        let deed = "confess-after api-token https://api.hostile.test/encoded";
        platform.deed_of(kind, &call, deed).await.expect("it confesses");
        let bodies = mirror.requests();
        let confessed: usize = bodies.iter().map(String::len).sum();
        assert!(confessed > 50_000, "{confessed}");
        for request in bodies.iter().filter(|request| request.starts_with("POST /confess")) {
            let body = request.split_once("\r\n\r\n").map_or("", |(_, body)| body);
            hold_no_secret("a guest's memory", body.as_bytes());
        }
        assert!(bodies.iter().any(|request| request.starts_with("POST /confess")));
    }
    for kind in [Kind::Chat, Kind::Moderation] {
        let call = platform.call(kind);
        if let Ok(memory) = platform.deed_of(kind, &call, "confess").await {
            hold_no_secret("a guest's memory", &memory);
        }
    }
}

#[tokio::test]
async fn secrets_go_only_where_they_are_bound() {
    let mirror = Mirror::start().await;
    let platform = Platform::open_with(mirror.settings.clone(), |_| {}).await;
    for kind in [Kind::Destination, Kind::Payment] {
        for deed in [
            "send-header api-token http://plain.hostile.test/",
            "send-basic api-token http://plain.hostile.test/",
            "send-query api-token http://plain.hostile.test/",
            "send-form api-token http://plain.hostile.test/",
            "send-header webhook https://api.hostile.test/",
            "send-header stream-key https://api.hostile.test/",
            "send-header chat-token https://api.hostile.test/",
            "send-header nobody-s https://api.hostile.test/",
            // A destination's deed has its own words.
            if kind == Kind::Destination { "mac-with-stream-key x" } else { "mac api-token x" },
            if kind == Kind::Destination { "mac-with-stream-key y" } else { "mac nobody-s x" },
            "verify api-token x",
        ] {
            let error = platform.deed(kind, deed).await.expect_err(deed);
            assert_eq!(error.kind, CallErrorKind::Denied, "{} does {deed}: {error}", kind.as_str());
            hold_no_secret("an error", format!("{error:?}").as_bytes());
        }
    }
    hold_no_secret("what was sent", mirror.requests().join("\n").as_bytes());
}

#[tokio::test]
async fn a_mac_is_made_without_its_key_in_every_kind_that_has_one() {
    let platform = Platform::open().await;
    for kind in [Kind::Destination, Kind::Chat, Kind::Payment] {
        let deed = if kind == Kind::Destination { "mac x" } else { "mac webhook x" };
        let mac = platform.deed(kind, deed).await.expect("a MAC");
        assert_eq!(mac.len(), 32);
        let verified = platform.deed(kind, "verify webhook x").await.expect("an answer");
        assert_eq!(verified, b"false", "a tag of 31 zeroes");
    }
}

#[tokio::test]
async fn printing_a_call_prints_no_secret() {
    let platform = Platform::open().await;
    for kind in KINDS {
        let call = platform.call(kind);
        hold_no_secret("a printed call", format!("{call:?} {:#?}", call.secrets).as_bytes());
    }
}
