//! Every mutating request leaves an entry in the audit log. `matrix` sends each one that the document knows as its
//! owner, and asks here.

use neustream_api::openapi_document;
use neustream_model::RequestId;
use serde_json::Value;

use crate::kit::{Answer, TestApi};

/// Requests that change nothing that is kept, though their method says so, or nothing that the log is about.
const NOTHING_CHANGES: &[(&str, &str)] = &[
    ("POST /api/installations/{id}/self-test", "a call in the sandbox, whose outcome is answered"),
    (
        "POST /api/installations/{id}/secrets/{name}/authorize",
        "begins a consent; what comes of it is an entry",
    ),
    ("POST /api/installations/{id}/messages", "a chat message is not a change of the organisation"),
    ("POST /api/sources/{id}/pre-flight", "looks and asks, and changes nothing"),
    ("POST /api/moderation/judge", "judges, and keeps nothing"),
    ("POST /api/charges/{key}/confirm", "an entry when the charge moves, which is the provider's to say"),
    ("POST /api/streams/active/{sourceId}", "tells where to publish"),
    ("POST /api/sources/{id}/playback-tokens", "a signed token for a viewer; nothing is kept of it"),
    ("POST /api/subscriptions/check-limits", "asks"),
    ("PUT /api/auth/email", "mails a code; the entry comes when it is confirmed"),
    ("DELETE /api/auth/sign-ins", "there is no other one here; the store's tests end some"),
    ("POST /api/admin/users/{id}/activate", "nobody is suspended here; `administration` sees the entry"),
    ("POST /api/installations/{id}/enable", "it is on already: what does not change leaves no entry"),
    (
        "DELETE /api/installations/{id}/secrets/{name}",
        "nothing is connected here; the store's tests see the entry",
    ),
    ("POST /api/installations/{id}/charges", "a stand-in takes it here; the store's tests see the entry"),
    ("POST /api/charges/{key}/refunds", "a stand-in takes it here; the store's tests see the entry"),
];

/// The operation `name` where its successful answer should have left an entry and did not.
pub async fn silent(api: &TestApi, name: &str, answer: &Answer) -> Option<String> {
    if NOTHING_CHANGES.iter().any(|(known, _)| *known == name) {
        return None;
    }
    let request: RequestId = answer.header("x-request-id").parse().unwrap();
    api.db.audited(request).await.is_empty().then(|| name.to_owned())
}

#[test]
fn only_operations_that_exist_are_exempt_from_the_audit_log() {
    let document: Value = serde_json::from_str(&openapi_document()).unwrap();
    for (name, _) in NOTHING_CHANGES {
        let (method, path) = name.split_once(' ').unwrap();
        assert!(document["paths"][path][method.to_lowercase()].is_object(), "{name} is gone");
    }
}
