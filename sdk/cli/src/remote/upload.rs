//! What a server says about a package: the checks of its scan, what comes next, or why it does not take it.

use neustream_plugin_project::{MANIFEST_FILE, Project};
use serde::Deserialize;
use serde_json::Value;

use super::ServerAddress;
use super::refusal::{self, Refusal};
use crate::failure::{Diagnostic, Exit, Failure};

/// One check of a scan.
#[derive(Debug, Deserialize)]
pub(crate) struct Check {
    /// `structure`, `size`, `imports`, ...
    pub name: String,
    /// What is wrong, as a word; none where nothing is.
    pub code: Option<String>,
    /// What is wrong, or what was measured.
    pub message: String,
}

/// What has to happen next with a version, and who does it.
#[derive(Debug, Deserialize)]
pub(crate) struct Next {
    /// A sentence.
    pub message: String,
}

/// A refused upload as diagnostics, with the line of `plugin.toml` where the project is known.
pub(crate) fn upload_failure(
    server: &ServerAddress,
    refusal: &Refusal,
    project: Option<&Project>,
) -> Failure {
    if refusal.code == "SCAN_REFUSED" {
        let diagnostics = scan_diagnostics(refusal);
        if !diagnostics.is_empty() {
            return Failure { exit: Exit::Server, diagnostics };
        }
    }
    let Some(told) = told(server, refusal) else { return refusal::failure(server, refusal) };
    let (message, help) = told;
    let diagnostic = Diagnostic::new(&refusal.word(), message).help(help);
    let place = refusal.details["place"].as_str();
    let diagnostic = match (place, project) {
        (Some(key), Some(project)) => diagnostic.at(MANIFEST_FILE, project.line_of_key(key)),
        _ => diagnostic,
    };
    Failure::new(Exit::Server, diagnostic)
}

/// What is wrong, and what to do about it.
fn told(server: &ServerAddress, refusal: &Refusal) -> Option<(String, String)> {
    let details = &refusal.details;
    let word = |key: &str| details[key].as_str().unwrap_or("?");
    let list = |key: &str| {
        let words = details[key].as_array().into_iter().flatten().filter_map(Value::as_str);
        words.collect::<Vec<_>>().join(", ")
    };
    Some(match refusal.code.as_str() {
        "PACKAGE_UNSIGNED" => (
            format!("{server} takes signed packages only, and this one is not signed."),
            "Sign it with `neustream-plugin sign`; `publish` in the project's folder does it by itself.".to_owned(),
        ),
        "KEY_UNKNOWN" => (
            format!("The package is signed with {}, which is no key of {} at {server}.", word("key"), word("namespace")),
            match list("keys") {
                keys if keys.is_empty() => "Register the key with `neustream-plugin publish --register`.".to_owned(),
                keys => format!(
                    "Sign it with one of its keys ({keys}), or register this one with `neustream-plugin publish --register`."
                ),
            },
        ),
        "NAMESPACE_FOREIGN" => (
            format!("The namespace {} is not yours at {server}.", word("namespace")),
            match list("yours") {
                yours if yours.is_empty() => "Take another one: change the first part of `id`, up to the slash.".to_owned(),
                yours => format!("Change the first part of `id`, up to the slash. Yours there: {yours}."),
            },
        ),
        "NAMESPACE_RESERVED" => (
            format!("The namespace {} belongs to the platform itself.", word("namespace")),
            "Take another one: change the first part of `id`, up to the slash.".to_owned(),
        ),
        "VERSION_NOT_HIGHER" => (
            match details["version"].as_str() {
                Some(version) if version == word("highest") => {
                    format!("Version {version} is at {server} already, with other content.")
                }
                Some(version) => format!("Version {version} is not above {}, the highest at {server}.", word("highest")),
                None => format!("The version is not above {}, the highest at {server}.", word("highest")),
            },
            match next_version(word("highest")) {
                Some(next) => format!("Raise it: version = \"{next}\", or more where more has changed."),
                None => format!("Raise it above {}.", word("highest")),
            },
        ),
        "VISIBILITY_FIXED" => (
            format!("This version is at {server} already, as {}.", word("visibility")),
            match word("visibility") {
                "private" => "Publish it with --private, or raise `version` to publish it for everybody.".to_owned(),
                _ => "Publish it without --private, or raise `version`.".to_owned(),
            },
        ),
        "PLUGIN_OTHER" => (
            format!("The package is of {}, not of {}.", word("found"), word("expected")),
            "Build it again.".to_owned(),
        ),
        "DEVELOPMENT_OFF" => (
            format!("{server} takes no plugins in development."),
            "Whoever runs it can allow them. Otherwise publish a version for yourself: `neustream-plugin publish --private`."
                .to_owned(),
        ),
        "PACKAGE_INVALID" => (
            format!("{server} does not take the package: {}", refusal.sentence()),
            "Build it again with `neustream-plugin build`, and look at it with `neustream-plugin inspect`.".to_owned(),
        ),
        _ => return None,
    })
}

fn scan_diagnostics(refusal: &Refusal) -> Vec<Diagnostic> {
    let checks: Vec<Check> = serde_json::from_value(refusal.details["checks"].clone()).unwrap_or_default();
    let wrong = checks.into_iter().filter_map(|check| {
        let code = check.code?;
        let message = format!("The scan refused it at `{}`: {}", check.name, sentence(&check.message));
        let help = match code.as_str() {
            "platform-too-new" => {
                "Build it with the SDK of the server's version, or publish where the platform is newer."
            }
            _ => "`neustream-plugin test` runs the same checks on your machine.",
        };
        Some(Diagnostic::new(&code, message).help(help))
    });
    wrong.collect()
}

fn sentence(text: &str) -> String {
    format!("{}.", text.trim_end_matches('.'))
}

/// The smallest version above `highest`, which is semantic.
fn next_version(highest: &str) -> Option<String> {
    let (release, is_ahead) = match highest.split_once(['-', '+']) {
        // What is before a release is below it.
        Some((release, _)) => (release, highest.contains('-')),
        None => (highest, false),
    };
    let numbers: Vec<u64> = release.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [major, minor, patch] = numbers[..] else { return None };
    let patch = if is_ahead { patch } else { patch.checked_add(1)? };
    Some(format!("{major}.{minor}.{patch}"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::*;

    fn said(code: &str, details: &Value) -> String {
        let folder = tempfile::tempdir().unwrap();
        let manifest = "schema = 1\nid = \"acme/calm\"\nversion = \"0.1.0\"\nkind = \"moderation\"\nname = \"Calm\"\n\
                        license = \"Apache-2.0\"\n";
        fs::write(folder.path().join("plugin.toml"), manifest).unwrap();
        fs::write(folder.path().join("Cargo.toml"), "").unwrap();
        let project = Project::open(folder.path()).unwrap();
        let body = json!({ "error": "refused", "details": details, "code": code }).to_string();
        let refusal = Refusal::read(422, body.as_bytes());
        let failure = upload_failure(&"https://live.example.com".parse().unwrap(), &refusal, Some(&project));
        failure.diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_version_that_was_not_raised_has_its_line_and_the_next_number() {
        let details = json!({ "version": "0.1.0", "highest": "0.4.1", "place": "version" });
        assert_eq!(
            said("VERSION_NOT_HIGHER", &details),
            "plugin.toml:3: Version 0.1.0 is not above 0.4.1, the highest at https://live.example.com.\n  \
             help: Raise it: version = \"0.4.2\", or more where more has changed."
        );
    }

    #[test]
    fn a_namespace_of_somebody_else_has_the_line_of_the_id_and_names_the_own_ones() {
        let details = json!({ "namespace": "acme", "plugin": "acme/calm", "yours": ["ada", "ada-labs"], "place": "id" });
        assert_eq!(
            said("NAMESPACE_FOREIGN", &details),
            "plugin.toml:2: The namespace acme is not yours at https://live.example.com.\n  \
             help: Change the first part of `id`, up to the slash. Yours there: ada, ada-labs."
        );
    }

    #[test]
    fn a_scan_that_found_something_is_told_check_by_check() {
        let checks = json!([
            { "name": "structure", "code": null, "message": "", "took_ms": 1 },
            { "name": "imports", "code": "platform-too-new", "message": "built for 0.9.0; this host has 0.1.0", "took_ms": 1 },
        ]);
        let said = said("SCAN_REFUSED", &json!({ "digest": "sha256:00", "checks": checks }));
        assert!(
            said.starts_with(
                "The scan refused it at `imports`: built for 0.9.0; this host has 0.1.0.\n  help: "
            ),
            "{said}"
        );
    }

    #[test]
    fn what_is_not_known_is_told_in_the_servers_words() {
        assert_eq!(
            said("SOMETHING_NEW", &json!("a detail")),
            "https://live.example.com refused: refused: a detail."
        );
    }

    #[test]
    fn the_next_version_is_above_the_highest() {
        for (highest, next) in
            [("1.2.3", Some("1.2.4")), ("1.2.3-rc.1", Some("1.2.3")), ("1.2.3+5", Some("1.2.4")), ("1", None)]
        {
            assert_eq!(next_version(highest).as_deref(), next, "{highest}");
        }
    }
}
