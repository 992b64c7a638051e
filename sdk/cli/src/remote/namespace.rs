//! Namespaces of an author at a server, and the keys that sign in them.

use neustream_contract::PublisherKey;
use serde::Deserialize;
use serde_json::json;

use super::{Client, Refusal};
use crate::ask;
use crate::failure::{Diagnostic, Exit, Failure};

/// What a script says instead of being asked.
const FLAG: &str = "Say --register.";

#[derive(Deserialize)]
struct Publishers {
    publishers: Vec<Publisher>,
}

#[derive(Deserialize)]
struct Publisher {
    namespace: String,
    keys: Vec<Known>,
}

#[derive(Deserialize)]
struct Known {
    key: String,
    retired_at: Option<String>,
}

/// The namespace of a plugin's id.
pub(crate) fn of(id: &str) -> &str {
    id.split_once('/').map_or(id, |(namespace, _)| namespace)
}

/// Makes sure that packages of the plugin `id` signed with `key` are taken: takes the namespace where nobody has it,
/// and adds the key where it is new. Asks first, unless `is_agreed`. Answers what was done, if anything was.
///
/// # Errors
/// When the server refuses, the author declines, or the key was retired.
pub(crate) fn register(
    client: &Client,
    id: &str,
    key: &PublisherKey,
    is_agreed: bool,
) -> Result<Option<String>, Failure> {
    let (namespace, server, key) = (of(id), client.server(), key.to_string());
    let answer = client.get("/api/publishers")?.map_err(|refusal| client.failure(&refusal))?;
    let listed: Publishers =
        serde_json::from_value(answer).map_err(|_| client.failure(&Refusal::read(200, b"")))?;
    let Some(own) = listed.publishers.iter().find(|publisher| publisher.namespace == namespace) else {
        let question = format!("Take the namespace {namespace} at {server}, with the key {key}?");
        agree(is_agreed, &question)?;
        let body = json!({ "namespace": namespace, "key": key });
        let taken = client.post("/api/publishers", &body)?;
        taken.map_err(|refusal| not_taken(client, namespace, &refusal))?;
        return Ok(Some(format!("Took the namespace {namespace} at {server}, with the key {key}.")));
    };
    match own.keys.iter().find(|known| known.key == key) {
        Some(Known { retired_at: None, .. }) => Ok(None),
        Some(_) => {
            let message =
                format!("The key {key} was retired at {server}: it signs nothing more for {namespace}.");
            let current: Vec<_> = own.keys.iter().filter(|known| known.retired_at.is_none()).collect();
            let help = match current.as_slice() {
                [] => "Make a new key for the namespace.".to_owned(),
                [one, ..] => format!("Sign with {}.", one.key),
            };
            Err(Failure::new(Exit::Server, Diagnostic::new("key-retired", message).help(help)))
        }
        None => {
            agree(is_agreed, &format!("Let the key {key} sign for {namespace} at {server}?"))?;
            let added = client.post(&format!("/api/publishers/{namespace}/keys"), &json!({ "key": key }))?;
            added.map_err(|refusal| client.failure(&refusal))?;
            Ok(Some(format!("Added the key {key} to {namespace} at {server}.")))
        }
    }
}

fn agree(is_agreed: bool, question: &str) -> Result<(), Failure> {
    if is_agreed || ask::confirm(question, "not-registered", FLAG)? {
        return Ok(());
    }
    let message = "Nothing was published: the namespace and its key are not registered.";
    Err(Failure::new(Exit::Usage, Diagnostic::new("not-registered", message)))
}

fn not_taken(client: &Client, namespace: &str, refusal: &Refusal) -> Failure {
    let (message, help) = match refusal.code.as_str() {
        "NAMESPACE_TAKEN" => (
            format!("Somebody else has the namespace {namespace} at {}.", client.server()),
            "Take another one: change the first part of `id` in plugin.toml, up to the slash. If it is yours, sign in \
             with the account that has it."
                .to_owned(),
        ),
        "NAMESPACE_RESERVED" => (
            format!("The namespace {namespace} belongs to the platform itself."),
            "Take another one: change the first part of `id` in plugin.toml, up to the slash.".to_owned(),
        ),
        _ => return client.failure(refusal),
    };
    Failure::new(Exit::Server, Diagnostic::new(&refusal.word(), message).help(help))
}
