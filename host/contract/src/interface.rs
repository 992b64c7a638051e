//! What sets the kinds apart in `wit/`: the interface that each must export, and those of the host that it may import.

use crate::manifest::{Kind, Manifest, SecretKind};

/// The version of the packages in `wit/` that this host speaks.
pub const PLATFORM_VERSION: &str = "0.1.0";

/// What the interfaces that a plugin imports begin with.
pub const HOST_PACKAGE: &str = "neustream:host/";

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Destination, Self::Chat, Self::Moderation, Self::Payment];

    /// The interface that a plugin of this kind must export, without its version.
    pub fn interface(self) -> &'static str {
        match self {
            Self::Destination => "neustream:destination/adapter",
            Self::Chat => "neustream:chat/connector",
            Self::Moderation => "neustream:moderation/filter",
            Self::Payment => "neustream:payment/provider",
        }
    }

    /// The interfaces of `neustream:host` that a plugin of this kind may import: those of its world.
    pub fn offered_interfaces(self) -> &'static [&'static str] {
        match self {
            Self::Moderation => &["types", "config", "telemetry"],
            Self::Chat => &["types", "config", "telemetry", "crypto"],
            Self::Destination | Self::Payment => &["types", "config", "telemetry", "crypto", "kv", "http"],
        }
    }
}

impl Manifest {
    /// The table that must be in the manifest of a plugin that imports `interface` (`http`, `kv`, ...), where it is
    /// not there.
    pub fn table_missing_for(&self, interface: &str) -> Option<&'static str> {
        let capabilities = &self.capabilities;
        let mut secrets = capabilities.secrets.values();
        let (is_there, key) = match interface {
            "kv" => (capabilities.kv.is_some(), "capabilities.kv"),
            "http" => (capabilities.http.is_some(), "capabilities.http"),
            "crypto" => {
                let has_mac_key = secrets.any(|secret| secret.mac || secret.kind == SecretKind::Hmac);
                (has_mac_key, "capabilities.secrets.<name>")
            }
            _ => return None,
        };
        (!is_there).then_some(key)
    }
}
