//! The file with the JSON Schema of the configuration: read, judged, and made small for the package.

use std::fs;
use std::path::Path;

use neustream_contract::config::{ConfigSchema, SchemaError};
use neustream_contract::{Kind, Manifest};
use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::json_lines::line_of_pointer;
use crate::manifest_file::{MANIFEST_FILE, line_of_key};
use crate::secret_words::{NOT_SECRET, SecretProperty, is_secret_name, secret_properties};

/// The schema as it is packaged: without white space, keys in the order of the author, who chose that of the form.
///
/// # Errors
/// What is wrong with it, each with its line.
pub(crate) fn read(
    folder: &Path,
    manifest: &Manifest,
    manifest_text: &str,
) -> Result<Option<Vec<u8>>, Vec<Diagnostic>> {
    let Some(file) = &manifest.config.schema else {
        return unused(folder, manifest_text).map_or(Ok(None), |problem| Err(vec![problem]));
    };
    let in_manifest =
        |problem: Diagnostic| vec![problem.at(MANIFEST_FILE, line_of_key(manifest_text, "config.schema"))];
    let is_plain = Path::new(file).file_name().is_some_and(|name| name == file.as_str());
    if !is_plain {
        let message =
            format!("`config.schema` must name a file beside plugin.toml, not `{}`", file.escape_debug());
        return Err(in_manifest(Diagnostic::new("schema-invalid", message)));
    }
    let text = fs::read_to_string(folder.join(file)).map_err(|error| {
        let message = format!("`config.schema`: {file} cannot be read: {error}");
        in_manifest(Diagnostic::new("schema-invalid", message).help(format!(
            "write the JSON Schema of the settings into {file}, or take `schema` out where there are none"
        )))
    })?;
    let problems = problems_of(file, &text, manifest);
    if problems.is_empty() { Ok(Some(without_white_space(text.as_bytes()))) } else { Err(problems) }
}

/// A schema that nobody names would not be in the package.
fn unused(folder: &Path, manifest_text: &str) -> Option<Diagnostic> {
    const USUAL: &str = "config.schema.json";
    folder.join(USUAL).is_file().then(|| {
        let line = line_of_key(manifest_text, "config");
        Diagnostic::new("schema-unused", format!("there is a {USUAL}, but the manifest does not name it"))
            .at(MANIFEST_FILE, line)
            .help(format!("write\n[config]\nschema = \"{USUAL}\""))
    })
}

fn problems_of(file: &str, text: &str, manifest: &Manifest) -> Vec<Diagnostic> {
    let invalid = |message: String, line| Diagnostic::new("schema-invalid", message).at(file, line);
    let schema: Value = match serde_json::from_str(text) {
        Ok(schema) => schema,
        Err(error) => {
            let told = error.to_string();
            let told = told.split(" at line ").next().unwrap_or(&told);
            return vec![invalid(format!("is not JSON: {told}"), Some(error.line().max(1)))];
        }
    };
    match ConfigSchema::parse(text.as_bytes()) {
        Ok(_) => {}
        Err(SchemaError::NotSchema { pointer, problem }) => {
            let problem = if pointer.ends_with("/type") {
                "a type is one of string, number, integer, boolean, array, object and null".to_owned()
            } else {
                problem
            };
            let place = if pointer.is_empty() { String::new() } else { format!("`{pointer}`: ") };
            let message = format!("is not a JSON Schema (2020-12): {place}{problem}");
            return vec![
                invalid(message, line_of_pointer(text, &pointer))
                    .help("https://json-schema.org/understanding-json-schema explains each keyword"),
            ];
        }
        Err(error) => return vec![invalid(error.to_string(), None)],
    }
    let mut problems = Vec::new();
    if schema["type"] != "object" {
        let line = line_of_pointer(text, "/type");
        let message = "the settings of a plugin are an object, so the schema must say so".to_owned();
        problems.push(invalid(message, line).help("write `\"type\": \"object\"` at its top"));
    }
    problems.extend(unknown_required(file, text, &schema));
    problems.extend(bad_defaults(file, text, &schema));
    problems
        .extend(secret_properties(&schema).iter().map(|secret| secret_problem(file, text, secret, manifest)));
    problems
}

/// What is required must be there to be set: the dashboard's form has a field for each property.
fn unknown_required(file: &str, text: &str, schema: &Value) -> Vec<Diagnostic> {
    let required = schema["required"].as_array().into_iter().flatten().enumerate();
    let unknown = required.filter_map(|(index, name)| {
        let name = name.as_str()?;
        let is_known = schema["properties"].get(name).is_some() || schema.get("patternProperties").is_some();
        (!is_known).then(|| {
            let line = line_of_pointer(text, &format!("/required/{index}"));
            let message = format!("`{name}` is required, but no property is called so");
            Diagnostic::new("schema-invalid", message)
                .at(file, line)
                .help(format!("describe `{name}` in `properties`, or take it out of `required`"))
        })
    });
    unknown.collect()
}

/// A default that its own property refuses would be refused when the tenant keeps it.
fn bad_defaults(file: &str, text: &str, schema: &Value) -> Vec<Diagnostic> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let bad = properties.filter_map(|(name, property)| {
        let default = property.get("default")?;
        // In its own schema, so that references into `$defs` resolve.
        let mut own = schema.clone();
        own.as_object_mut()?.remove("required");
        let own = ConfigSchema::parse(own.to_string().as_bytes()).ok()?;
        let invalid = own.validate_part(&serde_json::json!({ name: default }));
        let invalid = invalid.iter().find(|invalid| invalid.pointer.starts_with('/'))?;
        let pointer = format!("/properties/{}/default", name.replace('~', "~0").replace('/', "~1"));
        let message = format!("the default of `{name}` does not fit the property: {}", invalid.message);
        Some(Diagnostic::new("schema-invalid", message).at(file, line_of_pointer(text, &pointer)))
    });
    bad.collect()
}

fn secret_problem(file: &str, text: &str, secret: &SecretProperty, manifest: &Manifest) -> Diagnostic {
    let SecretProperty { pointer, name, sign } = secret;
    let mut message = format!(
        "`{name}` holds a secret (its {sign} says so), but settings are stored and shown as they are"
    );
    if *sign == "default" {
        message.push_str("; whoever has the package has this one");
    }
    let key = secret_key(name);
    let binding = if manifest.kind == Kind::Destination && name.to_lowercase().contains("stream") {
        "push = true"
    } else {
        "hosts = [\"<the API's host>\"]"
    };
    let help = format!(
        "take it out of the schema, and write in plugin.toml\n[capabilities.secrets.{key}]\nkind = \"string\"\n\
         {binding}\nThe plugin then names it (`{key}`) and the host puts it in.\nIf it is no secret, write \
         `\"{NOT_SECRET}\": false` beside its type."
    );
    Diagnostic::new("secret-in-config", message).at(file, line_of_pointer(text, pointer)).help(help)
}

/// `apiToken` as the name of a secret: `api-token`.
fn secret_key(name: &str) -> String {
    let key = crate::secret_words::words_of(name).join("-");
    let key: String =
        key.chars().filter(|char| char.is_ascii_alphanumeric() || *char == '-').take(40).collect();
    if is_secret_name(&key) { key } else { "account".to_owned() }
}

/// JSON text without the white space between its tokens.
fn without_white_space(json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len());
    let mut is_in_text = false;
    let mut is_escaped = false;
    for &byte in json {
        if is_in_text || !byte.is_ascii_whitespace() {
            out.push(byte);
        }
        is_in_text ^= byte == b'"' && !is_escaped;
        is_escaped = is_in_text && byte == b'\\' && !is_escaped;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(schema: &str) -> Vec<String> {
        let manifest = "schema = 1\nid = \"a/b\"\nversion = \"0.1.0\"\nkind = \"destination\"\nname = \"B\"\nlicense = \"MIT\"\n";
        let manifest = Manifest::from_toml(manifest).unwrap();
        problems_of("config.schema.json", schema, &manifest).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn white_space_goes_between_tokens_and_stays_in_texts() {
        let json = br#"{ "a \" b" : [ 1 ,
            "c\\" , "d e" ] }"#;
        assert_eq!(without_white_space(json), br#"{"a \" b":[1,"c\\","d e"]}"#);
    }

    #[test]
    fn what_is_wrong_with_a_schema_is_told_with_its_line() {
        for (schema, told) in [
            ("{\n  \"type\": \"object\",\n}", "config.schema.json:3: is not JSON: trailing comma"),
            (
                "{\n  \"type\": \"object\",\n  \"properties\": {\n    \"port\": { \"type\": \"integr\" }\n  }\n}",
                "config.schema.json:4: is not a JSON Schema (2020-12): `/properties/port/type`: ",
            ),
            ("{\n  \"properties\": {}\n}", "config.schema.json:1: the settings of a plugin are an object"),
            (
                "{\n  \"type\": \"object\",\n  \"required\": [\"prot\"],\n  \"properties\": { \"port\": {} }\n}",
                "config.schema.json:3: `prot` is required, but no property is called so",
            ),
            (
                "{\n  \"type\": \"object\",\n  \"properties\": {\n    \"port\": {\n      \"type\": \"integer\",\n      \"default\": \"80\"\n} } }",
                "config.schema.json:6: the default of `port` does not fit the property: ",
            ),
            (
                "{\n  \"type\": \"object\",\n  \"properties\": {\n    \"streamKey\": { \"type\": \"string\" }\n} }",
                "config.schema.json:4: `streamKey` holds a secret (its name says so)",
            ),
        ] {
            let problems = problems(schema);
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(problems[0].starts_with(told), "{problems:?}");
        }
    }

    #[test]
    fn a_secret_among_the_settings_is_sent_to_the_table_of_secrets() {
        let schema = "{ \"type\": \"object\", \"properties\": { \"streamKey\": { \"type\": \"string\" } } }";
        let problem = problems(schema).remove(0);
        assert!(problem.contains("[capabilities.secrets.stream-key]"), "{problem}");
        assert!(problem.contains("push = true"), "{problem}");
    }
}
