//! The interfaces in `wit/` are compatible with those that were frozen: what a guest imports is still there, and nothing
//! is asked of it that it does not have.

use std::fs;
use std::path::Path;

use neustream_tests::kit::tool::workspace_dir;
use neustream_tests::kit::{Context, Result, anyhow, ensure};
use wit_parser::{PackageId, Resolve, WorldId};

use crate::versions;

/// Packages of `wit/`, each after what it uses, with their worlds. A guest may be built for any of them.
const PACKAGES: [(&str, &[&str]); 5] = [
    ("host", &["pure", "authenticating", "connected"]),
    ("destination", &["destination", "destination-with-metadata"]),
    ("chat", &["chat"]),
    ("moderation", &["moderation"]),
    ("payment", &["payment"]),
];

/// A version that no package has: frozen packages take it, so that they stand beside today's of the same name.
const ASIDE: &str = "0.0.1";

/// The text of each package.
type Texts = Vec<(&'static str, String)>;

#[test]
fn todays_interfaces_are_compatible_with_every_frozen_version() -> Result<()> {
    let today = texts(&workspace_dir().join("wit"))?;
    for version in versions()? {
        let frozen = texts(&version.join("wit"))?;
        for (package, worlds) in PACKAGES {
            for world in worlds {
                compatible(&frozen, &today, package, world).with_context(|| {
                    format!(
                        "the world {package}/{world} breaks guests of {}; see tests/frozen/README.md for what may change",
                        version.display()
                    )
                })?;
            }
        }
    }
    Ok(())
}

#[test]
fn every_world_of_today_is_checked() -> Result<()> {
    let mut resolve = Resolve::default();
    let today = texts(&workspace_dir().join("wit"))?;
    push(&mut resolve, &today)?;
    for (_, world) in &resolve.worlds {
        let package = world.package.context("a package")?;
        let package = &resolve.packages[package].name.name;
        let is_known =
            PACKAGES.iter().any(|(name, worlds)| name == package && worlds.contains(&world.name.as_str()));
        ensure!(is_known, "the world {package}/{} is new: add it to PACKAGES", world.name);
    }
    Ok(())
}

#[test]
fn changes_that_break_a_guest_are_noticed() -> Result<()> {
    let today = texts(&workspace_dir().join("wit"))?;
    for (package, world, what, from, to) in [
        (
            "moderation",
            "moderation",
            "a function more that guests must export",
            "  plan: func(",
            "  explain: func(id: string) -> string;\n  plan: func(",
        ),
        (
            "moderation",
            "moderation",
            "a field more in a record",
            "    text: string,",
            "    text: string,\n    language: string,",
        ),
        ("moderation", "moderation", "a field less in a record", "    text: string,", ""),
        (
            "moderation",
            "moderation",
            "a case more in a variant",
            "    /// It is shown.\n    allow,",
            "    allow,\n    pin,",
        ),
        ("moderation", "moderation", "another type of a field", "timeout-s(u32)", "timeout-s(u64)"),
        (
            "destination",
            "destination",
            "another name of a parameter",
            "state: list<u8>) -> result<health",
            "memory: list<u8>) -> result<health",
        ),
        (
            "destination",
            "destination",
            "a parameter more",
            "broadcast: broadcast) ->",
            "broadcast: broadcast, again: bool) ->",
        ),
        (
            "payment",
            "payment",
            "another result",
            "-> result<option<status>, error>",
            "-> result<status, error>",
        ),
        ("host", "connected", "an import less", "  import kv;\n", ""),
        (
            "host",
            "connected",
            "a case more in the error",
            "    /// Anything else.\n    other(problem),",
            "    other(problem),\n    busy(problem),",
        ),
        (
            "host",
            "connected",
            "a field more in the request",
            "    timeout-ms: u32,",
            "    timeout-ms: u32,\n    follow: bool,",
        ),
        ("host", "pure", "an enum case more", "enum level { debug,", "enum level { trace, debug,"),
    ] {
        let changed = with(&today, package, from, to)?;
        // A text that is no WIT would be noticed for the wrong reason.
        push(&mut Resolve::default(), &changed).context(what)?;
        ensure!(compatible(&today, &changed, package, world).is_err(), "{what} passes for compatible");
    }
    Ok(())
}

#[test]
fn changes_that_no_guest_notices_are_taken() -> Result<()> {
    let today = texts(&workspace_dir().join("wit"))?;
    for (package, world, what, from, to) in [
        (
            "host",
            "connected",
            "a function more that guests may import",
            "  send: func(",
            "  @since(version = 0.1.0)\n  cancel: func(url: string);\n  send: func(",
        ),
        (
            "host",
            "pure",
            "an interface more that guests may import",
            "interface config {",
            "interface clock { now: func() -> u64; }\n\n@since(version = 0.1.0)\ninterface config {",
        ),
        (
            "destination",
            "destination-with-metadata",
            "an export that is no longer asked for",
            "  include destination;\n  export metadata;",
            "  include destination;",
        ),
        ("payment", "payment", "another comment", "/// What is to be paid.", "/// What the payer owes."),
    ] {
        let mut changed = with(&today, package, from, to)?;
        if what.contains("an interface more") {
            changed = with(&changed, package, "  import telemetry;", "  import telemetry;\n  import clock;")?;
        }
        compatible(&today, &changed, package, world).with_context(|| format!("{what} passes for a break"))?;
    }
    Ok(())
}

fn texts(folder: &Path) -> Result<Texts> {
    let text = |package: &'static str| {
        let file = folder.join(package).join(format!("{package}.wit"));
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        Ok((package, text))
    };
    PACKAGES.iter().map(|(package, _)| text(package)).collect()
}

/// `texts` with another passage in the package `package`.
fn with(texts: &Texts, package: &str, from: &str, to: &str) -> Result<Texts> {
    let mut changed = texts.clone();
    for (name, text) in &mut changed {
        if *name == package {
            ensure!(text.contains(from), "`{from}` does not stand in {package}.wit any more");
            *text = text.replacen(from, to, 1);
        }
    }
    Ok(changed)
}

/// Whether `today` serves the guests of `frozen`.
fn compatible(frozen: &Texts, today: &Texts, package: &str, world: &str) -> Result<()> {
    let mut resolve = Resolve::default();
    let former = push(&mut resolve, &aside(frozen)?)?;
    let new = push(&mut resolve, today)?;
    let find = |packages: &[PackageId]| -> Result<WorldId> {
        let index = PACKAGES.iter().position(|(name, _)| *name == package).context("a package")?;
        let worlds = &resolve.packages[packages[index]].worlds;
        worlds.get(world).copied().with_context(|| format!("there is no world {package}/{world} any more"))
    };
    let (former, new) = (find(&former)?, find(&new)?);
    wit_component::semver_check(resolve, former, new)
}

/// The same packages under a version of their own.
fn aside(texts: &Texts) -> Result<Texts> {
    let (_, host) = texts.first().context("the package host")?;
    let version = host.split("package neustream:host@").nth(1).and_then(|rest| rest.split(';').next());
    let version = version.context("the version of the package host")?;
    Ok(texts.iter().map(|(name, text)| (*name, text.replace(version, ASIDE))).collect())
}

fn push(resolve: &mut Resolve, texts: &Texts) -> Result<Vec<PackageId>> {
    let mut packages = Vec::new();
    for (name, text) in texts {
        let file = format!("{name}.wit");
        let pushed = resolve.push_source(&file, text);
        packages.push(pushed.map_err(|error| anyhow!("{}", resolve.render_error(&error)))?);
    }
    Ok(packages)
}
