//! What one call of an installation may use: asked anew for every call.

use std::sync::{Arc, OnceLock};

use neustream_contract::{Call, CallError, CallErrorKind, Egress, Installed, Manifest, PluginPlatform};
use neustream_model::{InstallationId, TenantId};
use neustream_outbound::{Echoes, Rules};

/// Whose installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The tenant.
    pub tenant: TenantId,
    /// Its installation.
    pub installation: InstallationId,
}

/// Where is written down what left the platform.
pub trait EgressNotes: Send + Sync {
    /// Notes what was sent to `host` and received from it for an installation.
    fn note(&self, at: Place, host: &str, traffic: Egress);
}

/// The list that the plugins' runtime keeps anyway.
impl EgressNotes for Arc<dyn PluginPlatform> {
    fn note(&self, at: Place, host: &str, traffic: Egress) {
        self.note_egress(at.tenant, at.installation, host, traffic);
    }
}

/// One call's circumstances, the implementation it goes to, and what it may do.
pub(crate) struct Access<P: ?Sized> {
    /// Configuration, grant and secrets.
    pub(crate) call: Call,
    /// The plugin's implementation of its kind's trait.
    pub(crate) plugin: Arc<P>,
    /// What manifest and grant allow.
    pub(crate) rules: Arc<Rules>,
    echoes: OnceLock<Echoes>,
}

impl<P: ?Sized> Access<P> {
    /// The access of `call` to `plugin`. The rules of `before` serve again while package and grant are the same.
    pub(crate) fn new(
        call: Call,
        plugin: Arc<P>,
        manifest: impl FnOnce(&P) -> &Manifest,
        before: Option<&Self>,
    ) -> Result<Self, CallError> {
        let is_same = |before: &&Self| before.call.plugin == call.plugin && before.call.grant == call.grant;
        let rules = match before.filter(is_same) {
            Some(before) => Arc::clone(&before.rules),
            None => Arc::new(Rules::of(manifest(&plugin), &call.grant).map_err(|error| {
                CallError::new(CallErrorKind::NotRunnable, "manifest-unusable", error.to_string())
            })?),
        };
        Ok(Self { call, plugin, rules, echoes: OnceLock::new() })
    }

    /// What takes the call's secrets out of whatever comes back.
    pub(crate) fn echoes(&self) -> &Echoes {
        self.echoes.get_or_init(|| Echoes::of(&self.call.secrets))
    }
}

/// The circumstances of the next call at `place`.
pub(crate) async fn call_at(installed: &dyn Installed, place: Place) -> Result<Call, CallError> {
    installed.call(place.tenant, place.installation, None).await
}
