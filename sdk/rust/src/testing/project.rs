//! Comparing the code with the other files of a project.

use crate::destination::Platform;

/// The configuration that the first example of every property of a schema makes, as the dashboard's form shows it.
///
/// # Panics
/// When the schema is no JSON, or a property has no `examples`.
///
/// ```
/// use neustream_plugin::testing::config_of_examples;
///
/// // In a plugin: include_str!("../config.schema.json").
/// let schema = r#"{"properties": {"channel": {"type": "string", "examples": ["ronni"]}}}"#;
/// assert_eq!(config_of_examples(schema), r#"{"channel":"ronni"}"#);
/// ```
pub fn config_of_examples(schema: &str) -> String {
    let schema: serde_json::Value = serde_json::from_str(schema).expect("the schema is JSON");
    let properties = schema["properties"].as_object().expect("the schema has properties");
    let example = |(name, property): (&String, &serde_json::Value)| {
        let example = property["examples"].get(0);
        (name.clone(), example.unwrap_or_else(|| panic!("the property `{name}` has no `examples`")).clone())
    };
    serde_json::Value::Object(properties.iter().map(example).collect()).to_string()
}

/// Makes sure that a manifest's `[capabilities.push]` names all of the platform's hosts, and no others.
///
/// # Panics
/// When they differ.
///
/// ```
/// use neustream_plugin::destination::Platform;
/// use neustream_plugin::testing::assert_same_hosts;
///
/// const EXAMPLE: Platform =
///     Platform { name: "Example", hosts: &["*.ingest.example"], application: "live" };
///
/// // In a plugin: include_str!("../plugin.toml").
/// let manifest = r#"
/// [capabilities.push]
/// hosts = ["rtmps://*.ingest.example", "rtmp://*.ingest.example"]
/// "#;
/// assert_same_hosts(manifest, EXAMPLE);
/// ```
pub fn assert_same_hosts(manifest: &str, platform: Platform) {
    let schemes = ["\"rtmps://", "\"rtmp://"];
    let named: Vec<_> = schemes
        .into_iter()
        .flat_map(|scheme| manifest.split(scheme).skip(1))
        .filter_map(|rest| rest.split('"').next())
        .collect();
    for host in platform.hosts {
        assert!(named.contains(host), "{host} is not in the manifest");
    }
    for host in named {
        assert!(platform.hosts.contains(&host), "{host} is only in the manifest");
    }
}
