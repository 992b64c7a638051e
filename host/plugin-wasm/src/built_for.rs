//! Which version of the platform a component was built for, and whether this host is one.
//!
//! A linker takes every version that is compatible by its number, newer ones
//! too, and tells what is missing in words of its own. So numbers and the
//! names of functions are compared here first.

use neustream_contract::PLATFORM_VERSION;
use semver::Version;
use wasmtime::Engine;
use wasmtime::component::types::{ComponentInstance, ComponentItem};

use crate::error::LoadError;

/// What the interfaces of `wit/host` offer. A test holds it against the file.
const FUNCTIONS: [(&str, &[&str]); 6] = [
    ("types", &[]),
    ("config", &["get"]),
    ("telemetry", &["log", "count", "panicked"]),
    ("kv", &["get", "put", "delete"]),
    ("http", &["send"]),
    ("crypto", &["verify-hmac-sha256", "hmac-sha256"]),
];

/// The name of an interface, such as `neustream:host/http@0.1.0`, in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named<'a> {
    /// `neustream:host`.
    pub(crate) package: &'a str,
    /// `http`.
    pub(crate) interface: &'a str,
    /// None where it is not said, or is no version.
    version: Option<Version>,
}

impl<'a> Named<'a> {
    /// Reads the name of an interface of ours; none where it is somebody else's.
    pub(crate) fn read(name: &'a str) -> Option<Self> {
        let (id, version) = name.split_once('@').unwrap_or((name, ""));
        let (package, interface) = id.split_once('/')?;
        package.starts_with("neustream:").then(|| Self { package, interface, version: version.parse().ok() })
    }

    /// Whether a component that was built for this version fits this host by the number.
    ///
    /// # Errors
    /// [`LoadError::PlatformTooNew`] or [`LoadError::PlatformTooOld`].
    pub(crate) fn check_number(&self) -> Result<(), LoadError> {
        let (Some(built_for), offered) = (&self.version, offered()) else { return Ok(()) };
        if built_for.major == offered.major && (built_for.major > 0 || built_for.minor == offered.minor) {
            return Ok(());
        }
        if *built_for > offered {
            return Err(self.too_new("what is new in it"));
        }
        Err(LoadError::PlatformTooOld { package: self.package.to_owned(), built_for: built_for.to_string() })
    }

    /// That what the component wants is not here: because it is newer, or because nobody has it.
    pub(crate) fn lacks(&self, what: &str, otherwise: LoadError) -> LoadError {
        let is_newer = self.version.as_ref().is_some_and(|built_for| *built_for > offered());
        if is_newer { self.too_new(what) } else { otherwise }
    }

    /// Whether every function that `instance` wants of this interface is here.
    ///
    /// # Errors
    /// [`LoadError::PlatformTooNew`] or [`LoadError::FunctionUnknown`].
    pub(crate) fn check_functions(
        &self,
        instance: &ComponentInstance,
        engine: &Engine,
    ) -> Result<(), LoadError> {
        let known = FUNCTIONS.iter().find(|(interface, _)| *interface == self.interface);
        let known = known.map_or(&[][..], |(_, functions)| functions);
        let mut wanted = instance.exports(engine).filter_map(|(name, extern_)| {
            matches!(extern_.ty, ComponentItem::ComponentFunc(_)).then_some(name)
        });
        let Some(missing) = wanted.find(|name| !known.contains(name)) else { return Ok(()) };
        let unknown = LoadError::FunctionUnknown {
            interface: format!("{}/{}", self.package, self.interface),
            function: missing.to_owned(),
        };
        Err(self.lacks(&format!("the function `{missing}` of `{}`", self.interface), unknown))
    }

    fn too_new(&self, what: &str) -> LoadError {
        LoadError::PlatformTooNew {
            package: self.package.to_owned(),
            built_for: self.version.as_ref().map(Version::to_string).unwrap_or_default(),
            what: what.to_owned(),
        }
    }
}

fn offered() -> Version {
    Version::parse(PLATFORM_VERSION).expect("the version of `wit/` is one")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fit_as_semantic_versions_do() {
        let judged = |version: &str| {
            let name = format!("neustream:host/http@{version}");
            match Named::read(&name).unwrap().check_number() {
                Ok(()) => "fits",
                Err(LoadError::PlatformTooNew { .. }) => "too new",
                Err(LoadError::PlatformTooOld { .. }) => "too old",
                Err(other) => panic!("{other}"),
            }
        };
        assert_eq!(PLATFORM_VERSION, "0.1.0", "the numbers below are around it");
        for (version, expected) in [
            ("0.1.0", "fits"),
            ("0.1.9", "fits"),
            ("0.2.0", "too new"),
            ("1.0.0", "too new"),
            ("0.0.9", "too old"),
            ("", "fits"),
            ("one", "fits"),
        ] {
            assert_eq!(judged(version), expected, "{version}");
        }
    }

    #[test]
    fn what_is_not_ours_has_no_version_of_ours() {
        for name in ["acme:sockets/raw@1.0.0", "wasi:cli/environment@0.2.3", "run", ""] {
            assert_eq!(Named::read(name), None, "{name}");
        }
    }

    #[test]
    fn the_functions_are_those_of_the_file() {
        let wit = include_str!("../../../wit/host/host.wit");
        let mut found: Vec<(&str, Vec<&str>)> = Vec::new();
        for line in wit.lines() {
            if let Some(rest) = line.strip_prefix("interface ") {
                found.push((rest.trim_end_matches([' ', '{']), Vec::new()));
            } else if line.starts_with("world ") {
                break;
            } else if let Some((name, _)) = line.trim().split_once(": func(") {
                found.last_mut().unwrap().1.push(name);
            }
        }
        let sorted = |mut all: Vec<(&'static str, Vec<&'static str>)>| {
            for (_, functions) in &mut all {
                functions.sort_unstable();
            }
            all.sort_unstable();
            all
        };
        let known = FUNCTIONS.iter().map(|(interface, functions)| (*interface, functions.to_vec())).collect();
        assert_eq!(sorted(found), sorted(known));
    }
}
