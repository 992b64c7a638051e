//! `neustream-plugin inspect`: what any package is, and whether a host would take it.

use neustream_contract::package::{MAX_NATIVE_PACKAGE_BYTES, MAX_PACKAGE_BYTES};
use neustream_contract::{Ceilings, Package, PlanCeilings, PublisherKey};
use neustream_plugin_project::{Interfaces, problems_of_package};
use neustream_plugin_wasm::has_script_engine;
use serde_json::{Value, json};

use crate::cli::Inspect;
use crate::failure::{Diagnostic, Exit, Failure};
use crate::keys::Key;
use crate::output::{Output, Tint};
use crate::project;
use crate::sheet::{self, Room, size};

pub(crate) fn run(args: &Inspect, output: &Output) -> Result<(), Failure> {
    let (path, _, bytes) = project::package_at(&args.package)?;
    let shown = project::shown(&path);
    let refused = |message: String, help: &str| {
        Failure::new(Exit::Plugin, Diagnostic::new("package-invalid", message).help(help))
    };
    let package = Package::read(&bytes).map_err(|error| {
        refused(format!("{shown} is no package: {error}."), "A package is made by: neustream-plugin build")
    })?;
    let interfaces = Interfaces::of(&bytes).map_err(|error| {
        refused(format!("{shown} is damaged: {error}."), "Build it again: neustream-plugin build")
    })?;
    let signer =
        package.signature.map(|signature| Signer::of(signature.key, &package.manifest.id)).transpose()?;
    let ceilings = Ceilings::of(&package, &PlanCeilings::default());
    let max_bytes = if has_script_engine(&bytes) { MAX_PACKAGE_BYTES } else { MAX_NATIVE_PACKAGE_BYTES };
    let manifest = &package.manifest;
    let schema = manifest.config.schema.as_ref().map(|_| package.config_schema.schema());
    let rooms =
        Room::of_package(bytes.len(), max_bytes, manifest, schema.map(|schema| schema.to_string().len()));
    let mut problems = problems_of_package(&bytes, &package, &interfaces);
    if bytes.len() > max_bytes {
        let message = format!("the package has {}; {} are allowed", size(bytes.len()), size(max_bytes));
        problems.push(Diagnostic::new("package-too-large", message));
    }

    output.line(format!("{} {} ({})", manifest.id, manifest.version, manifest.kind.as_str()));
    sheet::fact(output, "Name", &manifest.name);
    if !manifest.description.is_empty() {
        sheet::fact(output, "", &manifest.description);
    }
    sheet::fact(output, "License", &manifest.license);
    sheet::fact(output, "Digest", package.digest.to_string());
    let signed_by = signer.as_ref().map_or_else(|| "by nobody".to_owned(), |signer| signer.told(output));
    sheet::fact(output, "Signed", signed_by);
    sheet::print_rooms(output, &rooms);
    let per_call = format!(
        "{}, {} ms of CPU, {} ms in all",
        size(ceilings.memory_bytes),
        ceilings.cpu.as_millis(),
        ceilings.wall.as_millis()
    );
    sheet::fact(output, "A call has", per_call);
    sheet::print_interfaces(output, &interfaces);
    sheet::fact(output, "Settings", settings(schema));
    sheet::print_permissions(output, manifest);
    for problem in &problems {
        output.line(format!("\n{} {problem}", output.tinted(Tint::Red, "A host refuses it:")));
    }
    output.document(&json!({
        "package": path,
        "manifest": manifest,
        "config-schema": schema,
        "digest": package.digest,
        "signature": signer.map(|signer| json!({
            "key": signer.key.to_string(),
            "is-own": signer.is_own,
        })),
        "sizes": rooms,
        "limits": {
            "memory-bytes": ceilings.memory_bytes,
            "cpu-ms": ceilings.cpu.as_millis() as u64,
            "wall-ms": ceilings.wall.as_millis() as u64,
        },
        "imports": interfaces.imports,
        "exports": interfaces.exports,
        "permissions": manifest.permissions(),
        "problems": problems,
    }));
    Ok(())
}

/// Who signed a package.
struct Signer {
    key: PublisherKey,
    namespace: String,
    /// Whether the key is that of the namespace on this machine; none where the machine has none for it.
    is_own: Option<bool>,
}

impl Signer {
    fn of(key: PublisherKey, id: &str) -> Result<Self, Failure> {
        let namespace = id.split_once('/').map_or(id, |(namespace, _)| namespace).to_owned();
        let own = Key::find(&namespace)?;
        Ok(Self { key, namespace, is_own: own.map(|own| own.public() == key) })
    }

    fn told(&self, output: &Output) -> String {
        let Self { key, namespace, is_own } = self;
        let whose = match is_own {
            Some(true) => output.tinted(Tint::Green, &format!("your key of {namespace}")),
            Some(false) => output.tinted(Tint::Yellow, &format!("not your key of {namespace}")),
            None => format!("no key of {namespace} is on this machine"),
        };
        format!("by {key} ({whose})")
    }
}

/// The names of the settings.
fn settings(schema: Option<&Value>) -> String {
    let names = schema.and_then(|schema| schema["properties"].as_object());
    let names: Vec<_> = names.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
