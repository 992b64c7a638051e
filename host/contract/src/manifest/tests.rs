use super::*;

const ODYSEE: &str = r#"
schema = 1
id = "acme/odysee"
version = "1.4.0"
kind = "destination"
name = "Odysee"
license = "Apache-2.0"
state-schema = 3
[capabilities.http]
hosts = ["https://api.odysee.com"]
methods = ["GET", "POST"]
reason = "Create and end broadcasts"
[capabilities.push]
hosts = ["rtmps://*.odysee.com"]
from-config = ["/rtmp_url"]
[capabilities.kv]
max-bytes = 1048576
[capabilities.secrets.stream-key]
kind = "string"
label = "Stream key"
push = true
[capabilities.secrets.api-token]
kind = "oauth2"
authorize-url = "https://odysee.com/authorize"
token-url = "https://odysee.com/token"
scopes = ["stream.write"]
hosts = ["api.odysee.com"]
[data]
reads = ["broadcast-title"]
leaves-platform = ["broadcast-title"]
[limits]
memory-mib = 32
[config]
schema = "config.schema.json"
[pricing]
model = "free"
"#;

fn error_of(from: &str, to: &str) -> String {
    assert!(ODYSEE.contains(from), "{from}");
    Manifest::from_toml(&ODYSEE.replace(from, to)).unwrap_err().to_string()
}

#[test]
fn a_manifest_survives_its_packaged_form_and_that_form_is_stable() {
    let manifest = Manifest::from_toml(ODYSEE).unwrap();
    let json = manifest.to_canonical_json();
    assert_eq!(Manifest::from_json(&json).unwrap(), manifest);
    assert_eq!(Manifest::from_json(&json).unwrap().to_canonical_json(), json);
    assert!(String::from_utf8(json).unwrap().starts_with(r#"{"capabilities":{"http":{"hosts":["#));
}

#[test]
fn how_a_platform_differs_from_plain_oauth_is_data() {
    let more = "client-auth = \"body\"\nrevoke-url = \"https://odysee.com/revoke\"\nissuer = \"https://odysee.com\"\n\
        authorize-parameters = { access_type = \"offline\", prompt = \"consent\" }\nscopes";
    let manifest = Manifest::from_toml(&ODYSEE.replace("scopes", more)).unwrap();
    let secret = &manifest.capabilities.secrets["api-token"];
    assert_eq!(secret.client_auth, ClientAuth::Body);
    assert_eq!(secret.authorize_parameters["prompt"], "consent");
    assert_eq!(Manifest::from_json(&manifest.to_canonical_json()).unwrap(), manifest);
    assert!(
        !String::from_utf8(Manifest::from_toml(ODYSEE).unwrap().to_canonical_json())
            .unwrap()
            .contains("client-auth")
    );
}

#[test]
fn the_order_of_keys_does_not_change_the_packaged_form() {
    let other = ODYSEE
        .replace("id = \"acme/odysee\"\nversion = \"1.4.0\"", "version = \"1.4.0\"\nid = \"acme/odysee\"");
    let manifest = Manifest::from_toml(&other).unwrap();
    assert_eq!(manifest.to_canonical_json(), Manifest::from_toml(ODYSEE).unwrap().to_canonical_json());
}

#[test]
fn errors_name_the_key() {
    for (from, to, key) in [
        ("schema = 1", "schema = 2", "`schema`"),
        ("acme/odysee", "Acme", "`id`"),
        ("1.4.0", "1.4", "`version`"),
        ("kind = \"destination\"", "kind = \"virus\"", "`kind`"),
        ("https://api.odysee.com", "https://*", "`capabilities.http.hosts[0]`"),
        ("https://api.odysee.com", "ftp://api.odysee.com", "`capabilities.http.hosts[0]`"),
        ("\"POST\"", "\"BREW\"", "`capabilities.http.methods[1]`"),
        ("reason = \"Create and end broadcasts\"", "", "`capabilities.http`"),
        ("rtmps://*.odysee.com", "https://*.odysee.com", "`capabilities.push.hosts[0]`"),
        ("\"/rtmp_url\"", "\"rtmp_url\"", "`capabilities.push.from-config[0]`"),
        ("max-bytes = 1048576", "max-bytes = 1048577", "`capabilities.kv.max-bytes`"),
        (
            "hosts = [\"api.odysee.com\"]",
            "hosts = [\"evil.example\"]",
            "`capabilities.secrets.api-token.hosts[0]`",
        ),
        ("token-url = \"https://odysee.com/token\"", "", "`capabilities.secrets.api-token.token-url`"),
        (
            "scopes = [\"stream.write\"]",
            "scopes = [\"stream write\"]",
            "`capabilities.secrets.api-token.scopes[0]`",
        ),
        (
            "scopes = [\"stream.write\"]",
            "revoke-url = \"http://odysee.com/revoke\"",
            "`capabilities.secrets.api-token.revoke-url`",
        ),
        (
            "scopes = [\"stream.write\"]",
            "authorize-parameters = { redirect_uri = \"https://evil.example\" }",
            "`capabilities.secrets.api-token.authorize-parameters.redirect_uri`",
        ),
        (
            "push = true",
            "push = true\nclient-auth = \"body\"",
            "`capabilities.secrets.stream-key.client-auth`",
        ),
        ("push = true", "", "`capabilities.secrets.stream-key`"),
        ("memory-mib = 32", "memory-mib = \"much\"", "`limits.memory-mib`"),
        ("model = \"free\"", "model = \"usage()\"", "`pricing.model`"),
    ] {
        let error = error_of(from, to);
        assert!(error.contains(key), "{to}: {error}");
    }
}

#[test]
fn an_unknown_key_is_an_error_and_not_ignored() {
    let error = error_of("[capabilities.kv]\nmax-bytes", "[capabilities.kv]\nmax-size = 1\nmax-bytes");
    assert!(error.contains("`capabilities.kv") && error.contains("max-size"), "{error}");
    let error = error_of("[capabilities.kv]", "[capabilities.sockets]\n[capabilities.kv]");
    assert!(error.contains("sockets"), "{error}");
}

#[test]
fn the_permission_sheet_says_who_gets_what() {
    let manifest = Manifest::from_toml(ODYSEE).unwrap();
    let summaries: Vec<String> = manifest.permissions().into_iter().map(|p| p.summary).collect();
    assert_eq!(
        summaries,
        [
            "Send your broadcasts to rtmps://*.odysee.com and the server that you set as `rtmp_url`",
            "Read from and write to https://api.odysee.com",
            "Act for you (stream.write) by “api-token”, without seeing it. Use “api-token” without seeing it, only toward api.odysee.com",
            "Use “Stream key” without seeing it, only toward where your broadcasts are sent",
            "Remember up to 1024 KiB",
            "Pass on broadcast-title",
        ]
    );
}

#[test]
fn a_plugin_that_asks_for_nothing_has_an_empty_sheet() {
    let manifest = Manifest::from_toml(
        "schema = 1\nid = \"a/b\"\nversion = \"0.1.0\"\nkind = \"moderation\"\nname = \"B\"\nlicense = \"MIT\"\n",
    )
    .unwrap();
    assert_eq!(manifest.permissions(), []);
}
