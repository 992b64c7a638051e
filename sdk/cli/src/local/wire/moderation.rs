//! `neustream:moderation`.

use neustream_contract::moderation::{Action, Message, Verdict};
use serde_json::{Value, json};

use super::{At, Read};

/// `message`; what is left out is empty.
pub fn message(at: &At<'_>) -> Read<Message> {
    let at = at.clone().with_keys(&["id", "platform", "author-hash", "roles", "text", "traits"])?;
    let text = |key: &str, default: &str| {
        at.optional(key)?.map_or_else(|| Ok(default.to_owned()), |field| field.text())
    };
    Ok(Message {
        id: at.field("id")?.text()?,
        platform: text("platform", "room")?,
        author_hash: text("author-hash", "author")?,
        roles: at.optional_list("roles", At::text)?,
        text: at.field("text")?.text()?,
        traits: at.optional_list("traits", At::texts)?,
    })
}

/// `verdict`
pub fn verdict(verdict: &Verdict) -> Value {
    json!({
        "id": verdict.id,
        "action": action(&verdict.action),
        "rule": verdict.rule,
        "reason": verdict.reason,
    })
}

fn action(action: &Action) -> Value {
    match action {
        Action::Allow => Value::from("allow"),
        Action::Replace(text) => json!({ "replace": text }),
        Action::Hold => Value::from("hold"),
        Action::Hide => Value::from("hide"),
        Action::Delete => Value::from("delete"),
        Action::Timeout(duration) => json!({ "timeout-s": duration.as_secs() }),
    }
}
