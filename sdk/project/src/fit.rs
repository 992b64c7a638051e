//! Whether a component fits its kind and its manifest. The host checks the same when it loads a package; here the
//! author is told which line to write.

use std::fs;
use std::path::{Path, PathBuf};

use neustream_contract::{HOST_PACKAGE, Kind, Manifest, PLATFORM_VERSION, Package};
use wit_parser::Resolve;

use crate::component::Interfaces;
use crate::diagnostic::Diagnostic;
use crate::language::Language;
use crate::manifest_file::MANIFEST_FILE;
use crate::project::Project;

/// Everything in which a package does not fit its own manifest, so that every host refuses it.
pub fn problems_of_package(bytes: &[u8], package: &Package, interfaces: &Interfaces) -> Vec<Diagnostic> {
    problems(&Subject { manifest: &package.manifest, project: None }, bytes, interfaces)
}

/// Everything in which a component does not fit the manifest of its project.
pub(crate) fn problems_of_component(
    project: &Project,
    component: &[u8],
    interfaces: &Interfaces,
) -> Vec<Diagnostic> {
    problems(&Subject { manifest: project.manifest(), project: Some(project) }, component, interfaces)
}

/// What a component should fit, and whose sources can be pointed at.
struct Subject<'a> {
    manifest: &'a Manifest,
    project: Option<&'a Project>,
}

impl Subject<'_> {
    fn language(&self) -> Option<Language> {
        self.project.map(Project::language)
    }

    /// `problem` at a key of `plugin.toml`, where that can be pointed at.
    fn at_key(&self, problem: Diagnostic, key: &str) -> Diagnostic {
        match self.project {
            Some(project) => problem.at(MANIFEST_FILE, project.line_of_key(key)),
            None => problem,
        }
    }
}

fn problems(subject: &Subject<'_>, component: &[u8], interfaces: &Interfaces) -> Vec<Diagnostic> {
    let mut problems: Vec<_> = other_platform(subject, interfaces).into_iter().collect();
    if problems.is_empty() {
        problems.extend(interfaces.imports.iter().filter_map(|import| import_problem(subject, import)));
        problems.extend(export_problem(subject, &interfaces.exports));
    }
    if problems.is_empty() {
        problems.extend(type_problem(subject.manifest.kind, component, interfaces));
    }
    problems
}

/// An interface of ours in a version that is not compatible with this platform's: the whole SDK is another one.
fn other_platform(subject: &Subject<'_>, interfaces: &Interfaces) -> Option<Diagnostic> {
    let all = interfaces.imports.iter().chain(&interfaces.exports);
    let (interface, version) = all
        .filter(|interface| interface.starts_with("neustream:"))
        .filter_map(|interface| interface.split_once('@'))
        .find(|(_, version)| !is_compatible(version))?;
    let message = format!(
        "the plugin is for platform {version} (`{interface}@{version}`); this neustream-plugin and its hosts speak \
         {PLATFORM_VERSION}"
    );
    let help = if numbers(version) > numbers(PLATFORM_VERSION) {
        format!(
            "use the SDK of version {PLATFORM_VERSION}; or update neustream-plugin, and publish where the host speaks \
             {version}"
        )
    } else {
        format!("use the SDK of version {PLATFORM_VERSION}")
    };
    let problem = Diagnostic::new("platform-incompatible", message).help(help);
    let Some(project) = subject.project else { return Some(problem) };
    let file = project.language().project_file();
    let text = fs::read_to_string(project.folder().join(file)).unwrap_or_default();
    let names_sdk = |line: &str| line.contains("neustream-plugin") || line.contains("neustream_plugin");
    Some(problem.at(file, text.lines().position(names_sdk).map(|index| index + 1)))
}

/// Below 1.0.0 the second number says what is compatible, from then on the first.
fn is_compatible(version: &str) -> bool {
    let (ours, theirs) = (numbers(PLATFORM_VERSION), numbers(version));
    if ours.0 == 0 { (ours.0, ours.1) == (theirs.0, theirs.1) } else { ours.0 == theirs.0 }
}

fn numbers(version: &str) -> (u32, u32, u32) {
    let mut numbers = version.split(['.', '-', '+']).map(|number| number.parse().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    (next(), next(), next())
}

fn import_problem(subject: &Subject<'_>, import: &str) -> Option<Diagnostic> {
    let kind = subject.manifest.kind;
    let interface = import.strip_prefix(HOST_PACKAGE).and_then(|rest| rest.split('@').next());
    let Some(interface) = interface.filter(|name| Kind::Payment.offered_interfaces().contains(name)) else {
        return Some(foreign_import(subject.language(), import));
    };
    if !kind.offered_interfaces().contains(&interface) {
        let message =
            format!("the plugin calls `{import}`, which plugins of kind {} do not have", kind.as_str());
        let help = match (kind, interface) {
            (Kind::Chat, "http") => {
                "answer an effect `request` instead: the host sends it and brings the answer as an event"
            }
            (Kind::Chat, "kv") => "keep it in the state that each step answers: the host keeps that",
            (Kind::Moderation, "http") => {
                "ask for a lookup in `plan`: the host sends it and brings the answer to `judge`"
            }
            (Kind::Moderation, _) => {
                "a filter only computes: what it answers must follow from its arguments alone"
            }
            _ => "see docs/PLUGINS.md for what each kind may ask of its host",
        };
        let problem = Diagnostic::new("import-of-other-kind", message).help(help);
        return Some(subject.at_key(problem, "kind"));
    }
    let table = subject.manifest.table_missing_for(interface)?;
    let (what, lines) = match interface {
        "http" => (
            "sends requests",
            "[capabilities.http]\nhosts = [\"https://api.example.com\"]\nmethods = [\"GET\"]\nreason = \"What for, as tenants will read it\"",
        ),
        "kv" => ("uses its memory (kv)", "[capabilities.kv]\nmax-bytes = 65536"),
        _ => ("uses secrets as keys of MACs", "[capabilities.secrets.webhook-secret]\nkind = \"hmac\""),
    };
    let message = format!("the plugin {what}, but its manifest has no [{table}]");
    let help = format!("write in plugin.toml\n{lines}\nor take the calls out of the code");
    Some(subject.at_key(Diagnostic::new("permission-missing", message), "capabilities").help(help))
}

fn foreign_import(language: Option<Language>, import: &str) -> Diagnostic {
    let message = format!("the plugin imports `{import}`, which no host offers");
    let help = match (language, import.starts_with("wasi:")) {
        (Some(Language::Rust), true) => {
            "WASI is not there for plugins: build for wasm32-unknown-unknown, without a .cargo/config.toml that says otherwise"
        }
        (Some(Language::Rust), false) => {
            "only the SDK speaks to the host: look for a dependency that wants imports of its own (cargo tree)"
        }
        (_, true) => {
            "WASI is not there for plugins: no files, no clock, no sockets; `ctx.now` is the time, and the host's `send` makes requests"
        }
        (_, false) => "only the SDK speaks to the host",
    };
    Diagnostic::new("import-unknown", message).help(help)
}

/// The interface of its kind must be there.
fn export_problem(subject: &Subject<'_>, exports: &[String]) -> Option<Diagnostic> {
    let kind = subject.manifest.kind;
    let unversioned = |export: &String| export.split('@').next().unwrap_or_default().to_owned();
    let exports: Vec<_> = exports.iter().map(unversioned).collect();
    if exports.iter().any(|export| export == kind.interface()) {
        return None;
    }
    let other = Kind::ALL.into_iter().find(|other| exports.iter().any(|export| export == other.interface()));
    let (interface, word) = (kind.interface(), kind.as_str());
    let message = match other {
        Some(other) => format!(
            "the plugin exports `{}`, so it is of kind {}; its manifest says kind {word}, which exports `{interface}`",
            other.interface(),
            other.as_str()
        ),
        None => format!("the plugin exports nothing that a host can call; kind {word} exports `{interface}`"),
    };
    let problem = Diagnostic::new("export-missing", message);
    let Some(project) = subject.project else {
        return Some(
            problem
                .help(format!("build it from a project of kind {word} (neustream-plugin new --kind {word})")),
        );
    };
    let mut help = export_line(project.language(), kind);
    if let Some(other) = other {
        let other = other.as_str();
        help = format!("write `kind = \"{other}\"` in plugin.toml; or, for a plugin of kind {word}, {help}");
    }
    let problem = problem.help(help);
    Some(match (project.language(), other) {
        (Language::Rust, _) => match macro_line(project.folder()) {
            Some((file, line)) => problem.at(file, Some(line)),
            None => problem.at("src/lib.rs", None),
        },
        (_, Some(_)) => subject.at_key(problem, "kind"),
        _ => problem,
    })
}

/// What to write, and where, so that the plugin exports its kind.
fn export_line(language: Language, kind: Kind) -> String {
    let (trait_name, example) = match kind {
        Kind::Destination => ("DestinationAdapter", "Adapter"),
        Kind::Chat => ("ChatConnector", "Connector"),
        Kind::Moderation => ("ModerationFilter", "Filter"),
        Kind::Payment => ("PaymentProvider", "Provider"),
    };
    let word = kind.as_str();
    match language {
        Language::Rust => format!(
            "write `neustream_plugin::export_{word}!({example});` in src/lib.rs, where `{example}` is your \
             type that implements {trait_name}"
        ),
        Language::Javascript => format!(
            "write `export default {word}({{ ... }});` at the end of the main module, with `import {{ {word} }} from \
             \"neustream-plugin\"`, where `...` has the functions of {trait_name}"
        ),
        Language::Python => format!(
            "write `plugin = {word}({example})` at the end of the main module, with `from neustream_plugin.{word} import \
             {trait_name}, {word}`, where `{example}` is your class of {trait_name}"
        ),
    }
}

/// Where a Rust project writes an `export_...!` line: file relative to the project, and line.
fn macro_line(folder: &Path) -> Option<(PathBuf, usize)> {
    let mut folders = vec![folder.join("src")];
    while let Some(next) = folders.pop() {
        let mut entries: Vec<_> = fs::read_dir(next).ok()?.flatten().map(|entry| entry.path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap_or_default();
            let is_export = |line: &str| {
                let line = line.trim_start();
                let called = line.strip_prefix("neustream_plugin::").unwrap_or(line);
                called.starts_with("export_") && called.contains("!(")
            };
            if let Some(index) = text.lines().position(is_export) {
                return Some((path.strip_prefix(folder).ok()?.to_owned(), index + 1));
            }
        }
    }
    None
}

/// The interfaces of `wit/`, as hosts of this version have them.
pub(crate) const WIT: [(&str, &str); 5] = [
    ("host.wit", include_str!("../../../wit/host/host.wit")),
    ("destination.wit", include_str!("../../../wit/destination/destination.wit")),
    ("chat.wit", include_str!("../../../wit/chat/chat.wit")),
    ("moderation.wit", include_str!("../../../wit/moderation/moderation.wit")),
    ("payment.wit", include_str!("../../../wit/payment/payment.wit")),
];

/// Functions with other types than those of `wit/`, which only happens to bindings that were made from something else.
fn type_problem(kind: Kind, component: &[u8], interfaces: &Interfaces) -> Option<Diagnostic> {
    let has_metadata =
        interfaces.exports.iter().any(|export| export.starts_with("neustream:destination/metadata"));
    let world = if has_metadata { "destination-with-metadata" } else { kind.as_str() };
    let mut resolve = Resolve::default();
    let mut own = None;
    for (name, text) in WIT {
        let package = resolve.push_source(name, text).expect("the interfaces of this repository are valid");
        own = if name.strip_suffix(".wit") == Some(kind.as_str()) { Some(package) } else { own };
    }
    let own: Vec<_> = own.into_iter().collect();
    let world = resolve.select_world(&own, Some(world)).expect("each kind has a package and a world");
    let error = wit_component::targets(&resolve, world, component).err()?;
    let message = format!("the plugin does not fit the interface of its kind: {:#}", error.root_cause());
    Some(Diagnostic::new("export-mismatch", message).help(format!(
        "build it with the SDK of version {PLATFORM_VERSION}, which has its types from the host"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_below_one_are_compatible_within_their_second_number() {
        for (version, is_it) in
            [("0.1.0", true), ("0.1.7", true), ("0.2.0", false), ("1.0.0", false), ("x", false)]
        {
            assert_eq!(is_compatible(version), is_it, "{version}");
        }
    }

    #[test]
    fn every_kind_has_a_world_in_the_interfaces() {
        for kind in Kind::ALL {
            let empty = wat::parse_str("(component)").unwrap();
            let problem = type_problem(kind, &empty, &Interfaces::default()).unwrap();
            assert_eq!(problem.code, "export-mismatch", "{problem}");
        }
    }
}
