//! The OpenAPI document as one plain page: no script, nothing from elsewhere.

use std::fmt::Write as _;

use serde_json::Value;

const HEAD: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
    <meta name=\"color-scheme\" content=\"light dark\"><title>Neustream API</title><style>\
    body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem}\
    code,.path{font-family:ui-monospace,monospace}.method{font-weight:700;display:inline-block;min-width:5rem}\
    section{border-top:1px solid #8886;padding:.75rem 0}h2{margin-top:2.5rem}table{border-collapse:collapse}\
    td,th{text-align:left;padding:.15rem .8rem .15rem 0;vertical-align:top}</style></head><body>";

/// Renders the document.
pub(crate) fn page(openapi: &str) -> String {
    let document: Value = serde_json::from_str(openapi).unwrap_or_default();
    let mut html = HEAD.to_owned();
    let info = &document["info"];
    let title = format!("{} API {}", word(&info["title"]), word(&info["version"]));
    push(&mut html, &format!("<h1>{title}</h1><p>{}</p>", word(&info["description"])));
    html.push_str("<p>For programs: <a href=\"/api/openapi.json\">openapi.json</a> (OpenAPI 3.1).</p>");
    for tag in items(&document["tags"]) {
        push(&mut html, &format!("<h2>{}</h2><p>{}</p>", word(&tag["name"]), word(&tag["description"])));
        for (path, methods) in fields(&document["paths"]) {
            for (method, operation) in fields(methods) {
                if items(&operation["tags"]).any(|name| name == &tag["name"]) {
                    operation_section(&mut html, method, path, operation);
                }
            }
        }
    }
    html.push_str("<h2>Shapes</h2>");
    for (name, schema) in fields(&document["components"]["schemas"]) {
        push(
            &mut html,
            &format!(
                "<section id=\"{0}\"><h3>{0}</h3><p>{1}</p>",
                escape(name),
                word(&schema["description"])
            ),
        );
        fields_table(&mut html, schema);
        html.push_str("</section>");
    }
    html.push_str("</body></html>");
    html
}

fn operation_section(html: &mut String, method: &str, path: &str, operation: &Value) {
    let method = escape(&method.to_uppercase());
    push(
        html,
        &format!(
            "<section><span class=\"method\">{method}</span> <span class=\"path\">{}</span>",
            escape(path)
        ),
    );
    push(
        html,
        &format!("<p><b>{}.</b> {}</p>", word(&operation["summary"]), word(&operation["description"])),
    );
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    if !body.is_null() {
        push(html, &format!("<p>Takes {}</p>", shape(body)));
    }
    html.push_str("<table>");
    for (status, response) in fields(&operation["responses"]) {
        let answer = shape(&response["content"]["application/json"]["schema"]);
        push(
            html,
            &format!(
                "<tr><td>{}</td><td>{answer}</td><td>{}</td></tr>",
                escape(status),
                word(&response["description"])
            ),
        );
    }
    html.push_str("</table></section>");
}

fn fields_table(html: &mut String, schema: &Value) {
    html.push_str("<table>");
    // A flattened struct is an `allOf` of its parts.
    for part in items(&schema["allOf"]).chain([schema]) {
        if let Some(reference) = part["$ref"].as_str() {
            push(html, &format!("<tr><td colspan=\"3\">everything of {}</td></tr>", link(reference)));
        }
        for (name, field) in fields(&part["properties"]) {
            let description = word(&field["description"]);
            push(
                html,
                &format!(
                    "<tr><td><code>{}</code></td><td>{}</td><td>{description}</td></tr>",
                    escape(name),
                    shape(field)
                ),
            );
        }
    }
    html.push_str("</table>");
}

/// A schema in a word or a link.
fn shape(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return link(reference);
    }
    if let Some(kinds) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
        return kinds.iter().map(shape).collect::<Vec<_>>().join(" or ");
    }
    match &schema["type"] {
        Value::String(kind) if kind == "array" => format!("array of {}", shape(&schema["items"])),
        Value::String(kind) => escape(kind),
        Value::Array(kinds) => kinds.iter().map(word).collect::<Vec<_>>().join(" or "),
        _ => String::new(),
    }
}

fn link(reference: &str) -> String {
    let name = escape(reference.rsplit('/').next().unwrap_or_default());
    format!("<a href=\"#{name}\">{name}</a>")
}

fn word(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn push(html: &mut String, text: &str) {
    // Writing to a string cannot fail.
    let _ = html.write_str(text);
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
