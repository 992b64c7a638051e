//! The author's command line: a transcript whose steps are the deeds, and what `--update` writes into it.

use std::process::Stdio;
use std::time::Duration;

use neustream_tests::kit::tool::{plugin_command, workspace_dir};
use neustream_tests::kit::{Context, Result, ensure};
use serde_json::{Map, Value, json};
use tokio::process::Command;

use crate::{ANSWER, ATTEMPTS, End, SECRETS, text};

/// A debug build compiles a gallery and does sixty deeds.
const PATIENCE: Duration = Duration::from_mins(3);
/// Requests that one call may make.
const REQUESTS_OF_A_CALL: usize = 20;

/// What the platform answers to the requests of a deed.
pub fn answers(deed: &str) -> Value {
    let (word, rest) = deed.split_once(' ').unwrap_or((deed, ""));
    let url = rest.rsplit(' ').next().unwrap_or_default();
    let plain = json!({ "method": "GET", "url": url });
    // As the stand-in of the platform answers the server.
    let headers = json!([
        ["connection", "close"],
        ["content-type", "application/json; charset=UTF-8"],
        ["content-length", ANSWER.len().to_string()],
    ]);
    let response = json!({ "status": 200, "headers": headers, "body": ANSWER });
    let authorized = || {
        let header = json!(["authorization", { "prefixed": ["Bearer ", "api-token"] }]);
        json!({ "method": "GET", "url": url, "headers": [header] })
    };
    let requests = match (word, rest.split(' ').next()) {
        _ if !url.contains("/answer") => vec![],
        ("get", _) => vec![plain],
        ("many-requests", _) => vec![plain; REQUESTS_OF_A_CALL],
        ("send-header", Some("api-token")) => vec![authorized()],
        _ => vec![],
    };
    requests.into_iter().map(|request| json!({ "request": request, "response": response })).collect()
}

/// Has the gallery make the calls of `steps` on the command line; tells how each ended. Where the machine was too busy
/// for one of them, they are made again.
pub async fn called(gallery: &str, config: &Value, steps: &[Value]) -> Result<Vec<End>> {
    let mut ended = called_once(gallery, config, steps).await?;
    for _ in 1..ATTEMPTS {
        if !ended.iter().any(End::is_late) {
            break;
        }
        ended = called_once(gallery, config, steps).await?;
    }
    Ok(ended)
}

async fn called_once(gallery: &str, config: &Value, steps: &[Value]) -> Result<Vec<End>> {
    let package = workspace_dir().join("plugins/dist/hostile").join(gallery).with_added_extension("wasm");
    ensure!(package.is_file(), "{}: build it with: cargo xtask plugins", package.display());
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("transcripts/parity.json");
    std::fs::create_dir(folder.path().join("transcripts"))?;
    let transcript = json!({
        "about": "What hostile guests come to.",
        "config": config,
        "secrets": secrets_of(gallery),
        "steps": steps,
    });
    std::fs::write(&file, serde_json::to_string_pretty(&transcript)?)?;
    let mut command = Command::new(plugin_command()?);
    command
        .args(["test", "--update", "--filter", "parity", "--package"])
        .arg(&package)
        .arg(folder.path())
        .env("NEUSTREAM_PLUGIN_HOME", folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, command.output())
        .await
        .context("the command line takes too long")??;
    let updated: Value = serde_json::from_str(&std::fs::read_to_string(&file)?)?;
    let told =
        || String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let ended = updated["steps"].as_array().context("steps")?;
    ended.iter().map(end_of).collect::<Result<_>>().with_context(told)
}

/// The secrets that a gallery's manifest knows.
pub fn secrets_of(gallery: &str) -> Map<String, Value> {
    let known: &[&str] = match gallery {
        "payment-gallery" => &["api-token", "webhook"],
        "moderation-gallery" => &["api-token"],
        "chat-gallery" => &["api-token", "chat-token", "webhook"],
        _ => &["api-token", "stream-key", "webhook"],
    };
    let given = SECRETS.into_iter().filter(|(name, _)| known.contains(name));
    given.map(|(name, secret)| (name.to_owned(), json!(secret))).collect()
}

/// How the step ended, from what was written into it.
fn end_of(step: &Value) -> Result<End> {
    let told = |outcome: &Value| -> Result<(String, String)> {
        let inner = outcome.as_object().and_then(|cases| cases.values().next()).context("a case")?;
        Ok((text(inner, "code")?.to_owned(), text(inner, "message")?.to_owned()))
    };
    if let Some(error) = step.get("error") {
        let (code, message) = told(error).with_context(|| format!("{step}"))?;
        return Ok(End::Error { code, message });
    }
    if let Some(fault) = step.get("fault") {
        let (code, message) = told(fault).with_context(|| format!("{step}"))?;
        return Ok(End::Fault { code, message });
    }
    Ok(End::Answer(learned(&step["answer"])))
}

/// What a gallery shows of what it learned: a payment's parameter, a filter's verdict.
fn learned(answer: &Value) -> Option<String> {
    if let Some(verdicts) = answer.as_array() {
        let shown = |verdict: &Value| {
            let action = &verdict["action"];
            let word = action.as_str().or_else(|| action.as_object()?.keys().next().map(String::as_str));
            let word = word.map(|word| if word == "timeout-s" { "timeout" } else { word });
            match word.unwrap_or_default() {
                "allow" => "allow".to_owned(),
                word => {
                    format!("{word} {} {}", verdict["rule"], verdict["reason"].as_str().unwrap_or_default())
                }
            }
        };
        return Some(verdicts.iter().map(shown).collect::<Vec<_>>().join("; "));
    }
    let parameters = answer["action-required"]["parameters"].as_array()?;
    let learned = parameters.iter().find(|pair| pair[0] == "learned")?;
    learned[1].as_str().map(str::to_owned)
}
