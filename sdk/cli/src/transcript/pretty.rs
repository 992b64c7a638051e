//! JSON as transcripts are written: short values on one line, keys in the order in which people read them.

use serde_json::{Map, Value};

const WIDTH: usize = 110;

/// Keys that come first, in this order; others follow by name.
const ORDER: [&str; 48] = [
    "about",
    "config",
    "secrets",
    "grant",
    "now",
    "kv",
    "steps",
    "call",
    "with",
    "http",
    "request",
    "response",
    "fails",
    "answer",
    "error",
    "fault",
    "code",
    "message",
    "retry-after-ms",
    "status",
    "headers",
    "id",
    "event-id",
    "key",
    "provider-id",
    "connection",
    "transport",
    "method",
    "protocol",
    "url",
    "backup-url",
    "query",
    "body",
    "payload",
    "author-id",
    "author",
    "text",
    "kind",
    "roles",
    "action",
    "rule",
    "reason",
    "minor",
    "currency",
    "amount",
    "fee",
    "effects",
    "state",
];

/// `value`, whose first line stands at `indent`.
pub fn pretty(value: &Value, indent: usize) -> String {
    pretty_within(value, indent, WIDTH)
}

/// [`pretty`] within `width` columns.
pub fn pretty_within(value: &Value, indent: usize, width: usize) -> String {
    let mut out = String::new();
    write(value, indent, indent, width, &mut out);
    out
}

/// Writes `value`; `column` is where it begins.
fn write(value: &Value, indent: usize, column: usize, width: usize, out: &mut String) {
    let line = on_one_line(value);
    if column + line.chars().count() <= width || !has_members(value) {
        out.push_str(&line);
        return;
    }
    let inner = " ".repeat(indent + 2);
    let (open, close) = if value.is_object() { ("{", "}") } else { ("[", "]") };
    out.push_str(open);
    for (index, (key, member)) in members(value).into_iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.push_str(&inner);
        let key = key.map(|key| format!("{}: ", Value::from(key))).unwrap_or_default();
        out.push_str(&key);
        write(member, indent + 2, indent + 2 + key.chars().count(), width, out);
    }
    out.push('\n');
    out.push_str(&" ".repeat(indent));
    out.push_str(close);
}

fn on_one_line(value: &Value) -> String {
    let members: Vec<_> = members(value)
        .into_iter()
        .map(|(key, member)| {
            let key = key.map(|key| format!("{}: ", Value::from(key))).unwrap_or_default();
            key + &on_one_line(member)
        })
        .collect();
    match value {
        Value::Object(_) if members.is_empty() => "{}".to_owned(),
        Value::Object(_) => format!("{{ {} }}", members.join(", ")),
        Value::Array(_) => format!("[{}]", members.join(", ")),
        scalar => scalar.to_string(),
    }
}

fn has_members(value: &Value) -> bool {
    value.as_object().is_some_and(|members| !members.is_empty())
        || value.as_array().is_some_and(|list| !list.is_empty())
}

fn members(value: &Value) -> Vec<(Option<&str>, &Value)> {
    match value {
        Value::Object(members) => {
            ordered(members).into_iter().map(|(key, value)| (Some(key), value)).collect()
        }
        Value::Array(list) => list.iter().map(|value| (None, value)).collect(),
        _ => Vec::new(),
    }
}

fn ordered(members: &Map<String, Value>) -> Vec<(&str, &Value)> {
    let mut members: Vec<_> = members.iter().map(|(key, value)| (key.as_str(), value)).collect();
    members.sort_by_key(|(key, _)| ORDER.iter().position(|known| known == key).unwrap_or(ORDER.len()));
    members
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn short_values_take_a_line_and_long_ones_a_block() {
        let short = json!({"rule": "caps", "id": "m1", "action": {"replace": "***"}});
        assert_eq!(pretty(&short, 0), r#"{ "id": "m1", "action": { "replace": "***" }, "rule": "caps" }"#);
        let long = json!({"text": "x".repeat(70), "list": [[], {}], "url": "y".repeat(40)});
        let expected = format!(
            "{{\n    \"url\": \"{}\",\n    \"text\": \"{}\",\n    \"list\": [[], {{}}]\n  }}",
            "y".repeat(40),
            "x".repeat(70)
        );
        assert_eq!(pretty(&long, 2), expected);
        assert_eq!(serde_json::from_str::<Value>(&pretty(&long, 2)).unwrap(), long);
    }
}
