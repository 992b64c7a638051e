//! docs/API.md has every error code, every operation and every permission, as the code has them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use neustream_accounts::{Permission, Role};
use serde_json::Value;

use crate::documented::Document;

const GUIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/API.md");

#[test]
fn the_guide_has_every_error_code_operation_and_permission() {
    let guide = std::fs::read_to_string(GUIDE).unwrap();
    let mut current = guide.clone();
    for (name, table) in
        [("error codes", error_codes()), ("operations", operations()), ("permissions", permissions())]
    {
        current = with_table(&current, name, &table);
    }
    if std::env::var_os("NEUSTREAM_UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(GUIDE, &current).unwrap();
        return;
    }
    assert!(
        guide == current,
        "docs/API.md does not tell what the code does. Take it over with\n    \
         NEUSTREAM_UPDATE_SNAPSHOTS=1 cargo test -p neustream-api --test api guide"
    );
}

/// The text with what stands between the marks of `name` replaced.
fn with_table(text: &str, name: &str, table: &str) -> String {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("the guide lacks {begin}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("the guide lacks {end}"));
    format!("{before}{begin}\n{table}\n{end}{after}")
}

fn error_codes() -> String {
    let codes = Document::current().root["x-error-codes"].as_object().unwrap();
    let mut rows: Vec<_> =
        codes.iter().map(|(code, told)| (told["status"].as_u64().unwrap(), code, told)).collect();
    rows.sort_by_key(|(status, code, _)| (*status, *code));
    let mut table = "| Status | Code | What it means, and what to do |\n|---|---|---|\n".to_owned();
    for (status, code, told) in rows {
        let _ = writeln!(table, "| {status} | `{code}` | {} |", cell(&told["description"]));
    }
    table
}

/// Every operation below its tag.
fn operations() -> String {
    let document = Document::current();
    let mut by_tag: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (route, operation) in document.operations() {
        let tag = operation["tags"][0].as_str().unwrap();
        let row = format!("| `{route}` | {} | {} |", cell(&operation["summary"]), who_may(operation));
        by_tag.entry(tag).or_default().push(row);
    }
    let mut text = String::new();
    for tag in document.root["tags"].as_array().unwrap() {
        let Some(rows) = by_tag.get(tag["name"].as_str().unwrap()) else { continue };
        let heading = format!("### {}\n\n{}.", tag["name"].as_str().unwrap(), cell(&tag["description"]));
        let _ = write!(text, "{heading}\n\n| | | Who may |\n|---|---|---|\n{}\n\n", rows.join("\n"));
    }
    text.trim_end().to_owned() + "\n"
}

/// From the operation's security: nobody in particular, a person, a permission, an administrator.
fn who_may(operation: &Value) -> String {
    let Some(schemes) = operation["security"].as_array().filter(|schemes| !schemes.is_empty()) else {
        return "anybody".to_owned();
    };
    let scope = |name: &str| {
        let scheme = schemes.iter().find_map(|scheme| scheme.get(name))?;
        Some(scheme[0].as_str().unwrap_or_default())
    };
    match (scope("bearer"), scope("apiKey")) {
        (None, None) => "anybody".to_owned(),
        (Some("administrator"), _) => "administrators of the platform".to_owned(),
        (Some(""), None) => "whoever is signed in".to_owned(),
        (Some(permission), None) => format!("`{permission}`, people only"),
        (_, Some(permission)) => format!("`{permission}`"),
    }
}

fn permissions() -> String {
    let roles = [Role::Viewer, Role::Editor, Role::Admin, Role::Owner];
    let mut table =
        "| Permission | Viewer | Editor | Admin | Owner | API keys |\n|---|---|---|---|---|---|\n".to_owned();
    for permission in Permission::ALL {
        let mark = |may: bool| if may { "yes" } else { "" };
        let marks = roles.map(|role| mark(role.allows(*permission)));
        let _ = writeln!(
            table,
            "| `{}` | {} | {} |",
            permission.as_str(),
            marks.join(" | "),
            mark(permission.is_for_keys())
        );
    }
    table
}

fn cell(text: &Value) -> String {
    text.as_str().unwrap_or_default().replace('|', "\\|").replace('\n', " ")
}
