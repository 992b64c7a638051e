//! What is installed, changed at will.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use neustream_contract::chat::{ChatConnector, ChatConnectors};
use neustream_contract::moderation::{ModerationFilter, ModerationFilters};
use neustream_contract::{
    Call, CallError, CallErrorKind, Digest, Egress, Grant, Installed, PlanCeilings, Secrets,
};
use neustream_model::{InstallationId, Secret, TenantId};

use crate::{EgressNotes, Place};

/// Installations of any number of tenants, in memory. Clones are the same.
#[derive(Clone, Default)]
pub struct Installations(Arc<Mutex<HashMap<Place, Entry>>>);

#[derive(Clone)]
struct Entry {
    call: Call,
    refusal: Option<CallError>,
}

impl Installations {
    /// Installs `plugin` for a new tenant.
    pub fn install(&self, plugin: Digest, grant: Grant) -> Place {
        self.install_for(TenantId::new(), plugin, grant)
    }

    /// Installs `plugin` for a tenant.
    pub fn install_for(&self, tenant: TenantId, plugin: Digest, grant: Grant) -> Place {
        let place = Place { tenant, installation: InstallationId::new() };
        let call = Call {
            tenant: place.tenant,
            installation: place.installation,
            plugin,
            grant,
            ceilings: PlanCeilings::default(),
            config: "{}".to_owned(),
            secrets: Secrets::default(),
            attempt: 1,
            deadline: Duration::from_secs(1),
        };
        self.0.lock().unwrap().insert(place, Entry { call, refusal: None });
        place
    }

    /// Changes what the next call is made with.
    pub fn change(&self, place: Place, change: impl FnOnce(&mut Call)) {
        change(&mut self.0.lock().unwrap().get_mut(&place).unwrap().call);
    }

    /// Upgrades or rolls back.
    pub fn pin(&self, place: Place, plugin: Digest) {
        self.change(place, |call| call.plugin = plugin);
    }

    /// Sets secrets.
    pub fn set_secrets(&self, place: Place, secrets: &[(&str, &str)]) {
        let secrets = secrets.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value)));
        let secrets = Secrets::new(secrets.collect());
        self.change(place, |call| call.secrets = secrets);
    }

    /// From now on every call is refused so.
    pub fn refuse(&self, place: Place, kind: CallErrorKind, code: &str) {
        let refusal = CallError::new(kind, code, "it may not run");
        self.0.lock().unwrap().get_mut(&place).unwrap().refusal = Some(refusal);
    }

    /// Takes [`Installations::refuse`] back.
    pub fn permit(&self, place: Place) {
        self.0.lock().unwrap().get_mut(&place).unwrap().refusal = None;
    }
}

#[async_trait]
impl Installed for Installations {
    async fn call(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        pin: Option<Digest>,
    ) -> Result<Call, CallError> {
        let entries = self.0.lock().unwrap();
        let unknown = || CallError::new(CallErrorKind::NotRunnable, "installation-unknown", "not installed");
        let entry = entries.get(&Place { tenant, installation }).ok_or_else(unknown)?;
        if let Some(refusal) = &entry.refusal {
            return Err(refusal.clone());
        }
        let mut call = entry.call.clone();
        call.plugin = pin.unwrap_or(call.plugin);
        Ok(call)
    }
}

/// Native implementations by digest, and a list of what left. Clones are the same.
#[derive(Clone, Default)]
pub struct Natives(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    connectors: HashMap<Digest, Arc<dyn ChatConnector>>,
    filters: HashMap<Digest, Arc<dyn ModerationFilter>>,
    egress: HashMap<(Place, String), Egress>,
    trials: usize,
}

impl Natives {
    /// Adds a connector under a name; answers its digest.
    pub fn connector(&self, name: &str, connector: impl ChatConnector + 'static) -> Digest {
        let digest = Digest::of(name.as_bytes());
        self.0.lock().unwrap().connectors.insert(digest, Arc::new(connector));
        digest
    }

    /// Adds a filter under a name; answers its digest.
    pub fn filter(&self, name: &str, filter: impl ModerationFilter + 'static) -> Digest {
        let digest = Digest::of(name.as_bytes());
        self.0.lock().unwrap().filters.insert(digest, Arc::new(filter));
        digest
    }

    fn filter_of(&self, plugin: &Digest) -> Result<Arc<dyn ModerationFilter>, CallError> {
        let found = self.0.lock().unwrap().filters.get(plugin).cloned();
        found.ok_or_else(|| CallError::new(CallErrorKind::NotRunnable, "plugin-unknown", "no such package"))
    }

    /// How often a filter was asked for that is not counted as the installation's.
    pub fn trials(&self) -> usize {
        self.0.lock().unwrap().trials
    }

    /// What an installation sent to `host` and received from it.
    pub fn egress(&self, place: Place, host: &str) -> Egress {
        self.0.lock().unwrap().egress.get(&(place, host.to_owned())).cloned().unwrap_or_default()
    }
}

#[async_trait]
impl ChatConnectors for Natives {
    async fn connector(&self, plugin: &Digest) -> Result<Arc<dyn ChatConnector>, CallError> {
        let found = self.0.lock().unwrap().connectors.get(plugin).cloned();
        found.ok_or_else(|| CallError::new(CallErrorKind::NotRunnable, "plugin-unknown", "no such package"))
    }
}

#[async_trait]
impl ModerationFilters for Natives {
    async fn filter(&self, plugin: &Digest) -> Result<Arc<dyn ModerationFilter>, CallError> {
        self.filter_of(plugin)
    }

    async fn trial_filter(&self, plugin: &Digest) -> Result<Arc<dyn ModerationFilter>, CallError> {
        self.0.lock().unwrap().trials += 1;
        self.filter_of(plugin)
    }
}

impl EgressNotes for Natives {
    fn note(&self, at: Place, host: &str, traffic: Egress) {
        let mut kept = self.0.lock().unwrap();
        let sum = kept.egress.entry((at, host.to_owned())).or_default();
        sum.requests += traffic.requests;
        sum.bytes_out += traffic.bytes_out;
        sum.bytes_in += traffic.bytes_in;
        sum.secrets.extend(traffic.secrets);
    }
}
