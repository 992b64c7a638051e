//! What a version waits for, and who acts.

use neustream_catalogue::{Version, VersionState, Visibility};
use serde::Serialize;
use utoipa::ToSchema;

/// What happens next with a version.
#[derive(Serialize, ToSchema)]
pub(crate) struct NextBody {
    /// Who acts: `author`, `reviewer` or `nobody`.
    #[schema(example = "reviewer")]
    who: &'static str,
    /// `fix`, `install`, `review`, `verify`, `done`, `wait`, `raise-version` or `publish`.
    #[schema(example = "review")]
    code: &'static str,
    /// What it waits for, in a sentence.
    message: String,
}

/// What `version` waits for, told to its author.
pub(crate) fn next_step(version: &Version) -> NextBody {
    let (who, code, message) = match (version.state, version.visibility) {
        (VersionState::Development, _) => (
            "author",
            "publish",
            "it runs in your tenant alone: sign it and publish it when others shall have it".to_owned(),
        ),
        (VersionState::Draft, _) => (
            "author",
            "fix",
            format!("the scan refused it ({}): mend that and upload it again", first_problem(version)),
        ),
        (VersionState::Scanned | VersionState::Reviewed, Visibility::Private) => (
            "author",
            "install",
            "it is yours alone: install it; for others, publish a higher version as public".to_owned(),
        ),
        (VersionState::Scanned, _) => (
            "reviewer",
            "review",
            "whoever runs this platform reads code, permissions and reasons; until then only your own tenant may \
             install it"
                .to_owned(),
        ),
        (VersionState::Reviewed, _) => (
            "reviewer",
            "verify",
            "it was read and waits to be countersigned by whoever runs this platform".to_owned(),
        ),
        (VersionState::Verified, _) => {
            ("nobody", "done", format!("it is verified: {} may install it", who_sees(version.visibility)))
        }
        (VersionState::Suspended, _) => (
            "reviewer",
            "wait",
            format!("it was suspended{}: whoever runs this platform decides about it", because(version)),
        ),
        (VersionState::Revoked, _) => (
            "author",
            "raise-version",
            format!("it was revoked for good{}: mend it and publish a higher version", because(version)),
        ),
    };
    NextBody { who, code, message }
}

fn first_problem(version: &Version) -> String {
    version
        .scan
        .problem()
        .map_or_else(|| "it was not looked over".to_owned(), |problem| problem.message.clone())
}

fn because(version: &Version) -> String {
    if version.reason.is_empty() { String::new() } else { format!(" ({})", version.reason) }
}

fn who_sees(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "everybody",
        Visibility::Partner => "your tenants",
        Visibility::Private | Visibility::Development => "your own tenant",
    }
}
