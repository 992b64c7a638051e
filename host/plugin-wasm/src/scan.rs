//! Looks packages and installations over before anybody depends on them.
//!
//! Every check has a name, a note of what was measured and the time it took;
//! the first that fails is the last. The final one is a call without a network:
//! the guest must answer something, an error will do; a trap, a time-out or an
//! answer that cannot be read will not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use neustream_contract::chat::ChatConnector as _;
use neustream_contract::destination::{Broadcast, DestinationAdapter as _};
use neustream_contract::moderation::{Message, ModerationFilter as _};
use neustream_contract::payment::PaymentProvider as _;
use neustream_contract::{
    Call, CallError, CallErrorKind, Check, Grant, Kind, Package, PlanCeilings, ScanReport, Secrets,
};
use neustream_model::{InstallationId, Reason, TenantId};
use serde_json::{Map, Value};
use wasmtime::component::Component;

use crate::call::{Caller, Calls};
use crate::chat::WasmConnector;
use crate::destination::WasmDestination;
use crate::error::LoadError;
use crate::kind::check_imports;
use crate::library::Library;
use crate::moderation::WasmFilter;
use crate::payment::WasmProvider;
use crate::plugin::{KnownPlugin, LoadedPlugin, has_script_engine};
use crate::text::printable;

/// The checks so far, and the clock of the one that runs.
struct Report {
    checks: Vec<Check>,
    began: Instant,
}

/// A check failed: the report says which and why.
struct Failed;

impl Report {
    fn new() -> Self {
        Self { checks: Vec::new(), began: Instant::now() }
    }

    /// Notes how the check `name` went.
    fn note<R>(&mut self, name: &str, result: Result<(R, String), Reason>) -> Result<R, Failed> {
        let took = std::mem::replace(&mut self.began, Instant::now()).elapsed();
        let mut check = |problem, note| {
            self.checks.push(Check { name: name.to_owned(), problem, note, took });
        };
        match result {
            Ok((value, note)) => {
                check(None, note);
                Ok(value)
            }
            Err(reason) => {
                check(Some(reason), String::new());
                Err(Failed)
            }
        }
    }
}

/// Looks a package over as an upload is.
pub(crate) async fn scan(library: &Library, calls: &Arc<Calls>, bytes: Bytes) -> ScanReport {
    let mut report = Report::new();
    // Failing is told by the report.
    let _ = scanned(&mut report, library, calls, bytes).await;
    ScanReport { checks: report.checks }
}

async fn scanned(
    report: &mut Report,
    library: &Library,
    calls: &Arc<Calls>,
    bytes: Bytes,
) -> Result<(), Failed> {
    let package = Package::read(&bytes).map_err(|error| Reason::new("package-invalid", told(&error)));
    let note = |package: &Package| package.digest.to_string();
    let package = report.note("structure", package.map(|package| (note(&package), package)).map(swap))?;
    let engine = if has_script_engine(&bytes) { ", an engine of a scripting language in it" } else { "" };
    let size = format!("{} kB{engine}", bytes.len().div_ceil(1000));
    let known = KnownPlugin::of(package, &bytes);
    let known = match known {
        Err(error @ LoadError::TooLarge { .. }) => report.note("size", Err(reason(&error)))?,
        known => report.note("size", Ok((known, size)))?,
    };
    let known = known.map_err(|error| reason(&error)).map(|known| {
        let permissions = known.info.permissions.len();
        let note = format!("{} {}, {permissions} permissions", known.info.id, known.info.version);
        (Arc::new(known), note)
    });
    let known = report.note("manifest", known)?;
    let compiled = library.component(&known, bytes).await.map_err(|error| reason(&error.into()));
    let component = report.note(
        "compile",
        compiled.map(|(component, size)| {
            let note = match size {
                Some(size) => format!("{} kB of machine code", size.div_ceil(1000)),
                None => "compiled before".to_owned(),
            };
            (component, note)
        }),
    )?;
    let imports = check_imports(&component, component.engine(), known.manifest());
    report
        .note("imports", imports.map(|imports| ((), imports.join(", "))).map_err(|error| reason(&error)))?;
    let bound = LoadedPlugin::bind(Arc::clone(&known), &component, library.linkers());
    let bound = report
        .note("exports", bound.map(|bound| (bound, exports(&component))).map_err(|error| reason(&error)))?;
    let caller = Caller { calls: Arc::clone(calls), plugin: Arc::new(bound), is_trial: true };
    let call = trial_call(&known);
    report.note("self-test", tried(&caller, &call).await.map(|note| ((), note)))
}

/// Looks an installation over.
pub(crate) async fn self_test(caller: Caller, call: &Call) -> ScanReport {
    let mut report = Report::new();
    // Failing is told by the report.
    let _ = self_tested(&mut report, caller, call).await;
    ScanReport { checks: report.checks }
}

async fn self_tested(report: &mut Report, caller: Caller, call: &Call) -> Result<(), Failed> {
    let plugin = &caller.plugin;
    let config = plugin.known.package.config_schema.validate_text(&call.config);
    let config = config.map(|_| ((), String::new()));
    report.note("config", config.map_err(|invalid| Reason::new("config-invalid", told(&invalid))))?;
    let mut needed = plugin.manifest().capabilities.secrets.iter().filter(|(_, secret)| secret.required);
    let missing = needed.find(|(name, _)| call.secrets.get(name).is_none());
    let secrets = match missing {
        Some((name, _)) => Err(Reason::new("secret-missing", format!("The secret `{name}` is not set."))),
        None => Ok(((), format!("{} set", call.secrets.names().count()))),
    };
    report.note("secrets", secrets)?;
    let trial = Caller { is_trial: true, ..caller };
    report.note("self-test", tried(&trial, call).await.map(|note| ((), note)))
}

/// A call without a network, in which the guest must answer something.
async fn tried(caller: &Caller, call: &Call) -> Result<String, Reason> {
    let answered = asked(caller, call).await;
    match answered {
        Ok(()) => Ok("answered".to_owned()),
        Err(error) if is_answer(&error) => Ok(format!("answered the error {}", error.code)),
        Err(error) => Err(error.reason()),
    }
}

/// Whether the guest itself said so.
fn is_answer(error: &CallError) -> bool {
    use CallErrorKind::{Denied, InvalidConfig, Other, RateLimited, Unauthorized, Unavailable};
    let is_said =
        matches!(error.kind, Denied | InvalidConfig | Unauthorized | RateLimited | Unavailable | Other);
    is_said && error.code != "answer-invalid" && error.code != "plugins-busy"
}

async fn asked(caller: &Caller, call: &Call) -> Result<(), CallError> {
    let caller = caller.clone();
    match caller.plugin.known.kind() {
        Kind::Destination => {
            let broadcast = Broadcast {
                id: "self-test".to_owned(),
                title: "Self-test".to_owned(),
                visibility: "private".to_owned(),
            };
            WasmDestination(caller).prepare(call, &broadcast).await.map(|_| ())
        }
        Kind::Chat => WasmConnector(caller).open(call).await.map(|_| ()),
        Kind::Moderation => {
            let message = Message {
                id: "self-test".to_owned(),
                platform: "room".to_owned(),
                author_hash: "self-test".to_owned(),
                roles: vec![],
                text: "Hello, this is a self-test.".to_owned(),
                traits: vec![],
            };
            WasmFilter(caller).judge(call, &[message], &[]).await.map(|_| ())
        }
        Kind::Payment => WasmProvider(caller).find(call, "self-test").await.map(|_| ()),
    }
}

/// A call of nobody: with nothing granted, no secrets, and the least configuration that the schema asks for.
fn trial_call(known: &KnownPlugin) -> Call {
    Call {
        tenant: TenantId::new(),
        installation: InstallationId::new(),
        plugin: known.package.digest,
        grant: Grant::default(),
        // A machine that looks over packages of many authors must not make a plugin look slow. CPU time, instructions
        // and memory are as in production.
        ceilings: PlanCeilings { wall_percent: 400, ..PlanCeilings::default() },
        config: least(known.package.config_schema.schema(), 0).to_string(),
        secrets: Secrets::default(),
        attempt: 1,
        deadline: Duration::from_secs(10),
    }
}

/// A small value for `schema`: what is required and no more. It need not be valid; a guest that refuses it has
/// answered.
fn least(schema: &Value, depth: usize) -> Value {
    if let Some(value) = schema.get("default").or_else(|| schema.get("const")) {
        return value.clone();
    }
    if let Some(value) = schema.pointer("/enum/0").or_else(|| schema.pointer("/examples/0")) {
        return value.clone();
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => Value::from(""),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or_else(|| Value::from(0)),
        Some("boolean") => Value::from(false),
        Some("array") => Value::Array(Vec::new()),
        Some("null") => Value::Null,
        _ if depth > 8 => Value::Null,
        _ => {
            let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
            let fields = required.filter_map(Value::as_str).map(|name| {
                let field = schema.get("properties").and_then(|fields| fields.get(name));
                (name.to_owned(), field.map_or(Value::Null, |field| least(field, depth + 1)))
            });
            Value::Object(fields.collect::<Map<_, _>>())
        }
    }
}

fn exports(component: &Component) -> String {
    let exports = component.component_type();
    let names: Vec<_> = exports.exports(component.engine()).map(|(name, _)| name.to_owned()).collect();
    printable(&names.join(", "), 300)
}

/// Why a package does not load, by a code.
fn reason(error: &LoadError) -> Reason {
    let code = match error {
        LoadError::Package(_) => "package-invalid",
        LoadError::Pattern(_) => "manifest-invalid",
        LoadError::TooLarge { .. } => "package-too-large",
        LoadError::Compile(_) => "compile-failed",
        LoadError::PlatformTooNew { .. } => "platform-too-new",
        LoadError::PlatformTooOld { .. } => "platform-too-old",
        LoadError::WasiImport(_)
        | LoadError::FunctionUnknown { .. }
        | LoadError::ImportUnknown(_)
        | LoadError::ImportNotAsked { .. }
        | LoadError::ImportOfOtherKind { .. } => "import-refused",
        LoadError::ExportMissing(_) | LoadError::Mismatch(_) => "export-missing",
        LoadError::OtherDigest { .. } | LoadError::Unknown(_) | LoadError::Source(_) => "plugin-not-runnable",
    };
    Reason::new(code, told(error))
}

fn told(error: &dyn std::fmt::Display) -> String {
    printable(&error.to_string(), 500)
}

fn swap<A, B>((a, b): (A, B)) -> (B, A) {
    (b, a)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_least_configuration_has_what_is_required_and_no_more() {
        let schema = json!({
            "type": "object",
            "required": ["url", "level", "nested"],
            "properties": {
                "url": {"type": "string"},
                "level": {"enum": ["low", "high"]},
                "optional": {"type": "string"},
                "nested": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "minimum": 3}}},
            },
        });
        assert_eq!(least(&schema, 0), json!({"url": "", "level": "low", "nested": {"n": 3}}));
    }
}
