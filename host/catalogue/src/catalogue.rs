//! The catalogue of this host, and how it learns what other hosts decided.
//!
//! Every change, one's own too, is applied in one place and in the order of
//! the database: [`Catalogue::catch_up`] asks for the changes after the last
//! one it saw, stops or permits versions in the runtime and tells subscribers.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use neustream_contract::{Digest, PlanCeilings, PluginPlatform};
use neustream_model::{Reason, TenantId, UnixMillis};
use neustream_store::{Store, TransitionRow};
use tokio::sync::{Mutex, Semaphore, broadcast};

use crate::{CatalogueError, Packages, Version, VersionState};

/// How often other hosts' decisions are asked for: what they revoke must stop here within 5 s.
pub const POLL: Duration = Duration::from_secs(1);

/// Changes a subscriber may be behind. One that is further behind loses the oldest and is told so: what it keeps of
/// versions it must then read again.
const MAX_BEHIND: usize = 256;
/// Changes read at a time.
const PAGE: u32 = 256;
/// Packages that are looked over at a time: each takes a core for its while.
const SCANS_AT_ONCE: usize = 2;
/// How long the ceilings of a tenant are kept in memory, and of how many tenants. When there are more, all are dropped
/// and read again as needed.
const CEILINGS_KEPT: Duration = Duration::from_secs(10);
const MAX_CEILINGS: usize = 10_000;
/// How often tenants are looked for whose provisioning was cut short, and how long one may take.
const SWEEP: Duration = Duration::from_mins(1);
const PROVISIONING_PATIENCE: Duration = Duration::from_mins(10);

/// A version has another state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionChanged {
    /// `namespace/name`.
    pub plugin: String,
    /// Which version.
    pub digest: Digest,
    /// Its state now.
    pub state: VersionState,
    /// Why; may be empty.
    pub reason: String,
}

/// What plugins exist. Cheap to clone.
#[derive(Clone)]
pub struct Catalogue(pub(crate) Arc<Shared>);

pub(crate) struct Shared {
    pub packages: Packages,
    pub platform: Arc<dyn PluginPlatform>,
    pub scans: Semaphore,
    changes: broadcast::Sender<VersionChanged>,
    /// The number of the last change that was applied. Held while changes are read and applied, so that they are
    /// applied once and in order.
    seen: Mutex<u64>,
    /// By tenant, with the moment of their reading.
    ceilings: RwLock<HashMap<TenantId, (PlanCeilings, Instant)>>,
}

impl Catalogue {
    /// Opens the catalogue: what must not run is forbidden to `platform` from the beginning.
    pub async fn open(packages: Packages, platform: Arc<dyn PluginPlatform>) -> Result<Self, CatalogueError> {
        let (number, held) = packages.host().held_versions().await?;
        for version in held {
            if let (Ok(digest), Ok(state)) = (version.digest.parse(), version.state.parse()) {
                platform.forbid(&digest, why(state, &version.reason));
            } else {
                tracing::error!(digest = version.digest, "a row of the catalogue is malformed");
            }
        }
        Ok(Self(Arc::new(Shared {
            packages,
            platform,
            scans: Semaphore::new(SCANS_AT_ONCE),
            changes: broadcast::channel(MAX_BEHIND).0,
            seen: Mutex::new(number),
            ceilings: RwLock::default(),
        })))
    }

    /// Follows what is decided on this database until it is dropped. Run it in the background.
    pub async fn follow(&self) {
        let mut is_down = false;
        let mut swept: Option<Instant> = None;
        loop {
            tokio::time::sleep(POLL).await;
            let mut outcome = self.catch_up().await;
            if outcome.is_ok() && swept.is_none_or(|at| at.elapsed() >= SWEEP) {
                outcome = self.delete_unprovisioned().await;
                swept = Some(Instant::now());
            }
            match outcome {
                Ok(()) => is_down = false,
                Err(error) if !is_down => {
                    is_down = true;
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(
                        error,
                        "the catalogue cannot be followed; what was decided last still holds"
                    );
                }
                Err(_) => {}
            }
        }
    }

    /// Applies the changes that were made since this was last called, here and on other hosts.
    pub async fn catch_up(&self) -> Result<(), CatalogueError> {
        let mut seen = self.0.seen.lock().await;
        loop {
            let changes = self.0.packages.host().transitions_after(*seen, PAGE).await?;
            for change in &changes {
                self.apply(change);
                *seen = change.number;
            }
            if changes.len() < PAGE as usize {
                return Ok(());
            }
        }
    }

    /// Changes from now on, in order.
    pub fn changes(&self) -> broadcast::Receiver<VersionChanged> {
        self.0.changes.subscribe()
    }

    /// The version with this digest, whatever its state. From memory as a rule; the state in it is never older than
    /// [`POLL`] and a query while [`Catalogue::follow`] runs.
    ///
    /// # Errors
    /// [`CatalogueError::VersionUnknown`].
    pub async fn version(&self, digest: &Digest) -> Result<Version, CatalogueError> {
        self.0.packages.version(digest).await
    }

    /// What the tenant's plan makes of the ceilings. From memory as a rule, because drivers ask before every call; what
    /// the platform changes holds within 10 s.
    pub async fn ceilings(&self, tenant: TenantId) -> Result<PlanCeilings, CatalogueError> {
        let now = Instant::now();
        let kept = self.0.ceilings.read().unwrap_or_else(PoisonError::into_inner).get(&tenant).copied();
        if let Some((ceilings, at)) = kept
            && now.duration_since(at) < CEILINGS_KEPT
        {
            return Ok(ceilings);
        }
        let text = self.store().host().plan_ceilings(tenant).await?;
        let ceilings = ceilings_of(text.as_deref());
        let mut all = self.0.ceilings.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_CEILINGS {
            all.clear();
        }
        all.insert(tenant, (ceilings, now));
        Ok(ceilings)
    }

    /// The ceilings of a plan; the defaults where nobody has set any.
    pub async fn ceilings_of_plan(&self, plan: &str) -> Result<PlanCeilings, CatalogueError> {
        Ok(ceilings_of(self.store().host().ceilings_of_plan(plan).await?.as_deref()))
    }

    /// Sets the ceilings of a plan, which have no [`PlanCeilings::problem`].
    pub async fn set_ceilings_of_plan(
        &self,
        plan: &str,
        ceilings: PlanCeilings,
    ) -> Result<(), CatalogueError> {
        let text = serde_json::to_string(&ceilings).expect("figures with text keys are JSON");
        self.store().host().set_plan_ceilings(plan, &text).await?;
        self.forget_ceilings();
        Ok(())
    }

    /// Tells that tenants were put on other plans: their ceilings are asked for anew.
    pub fn forget_ceilings(&self) {
        self.0.ceilings.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Tenants whose bundle was not installed to its end are deleted.
    async fn delete_unprovisioned(&self) -> Result<(), CatalogueError> {
        let patience = u64::try_from(PROVISIONING_PATIENCE.as_millis()).unwrap_or(u64::MAX);
        let begun_before = UnixMillis(UnixMillis::now().0.saturating_sub(patience));
        let deleted = self.store().host().delete_unprovisioned(begun_before).await?;
        if deleted > 0 {
            tracing::warn!(deleted, "tenants were removed whose provisioning was cut short");
        }
        Ok(())
    }

    pub(crate) fn store(&self) -> &Store {
        self.0.packages.store()
    }

    fn apply(&self, change: &TransitionRow) {
        let (Ok(digest), Ok(state)) = (change.digest.parse::<Digest>(), change.to.parse::<VersionState>())
        else {
            tracing::error!(number = change.number, "a change of the catalogue is malformed");
            return;
        };
        self.0.packages.changed(&digest);
        match state {
            VersionState::Suspended | VersionState::Revoked => {
                self.0.platform.forbid(&digest, why(state, &change.reason));
            }
            _ if change.from.as_deref() == Some(VersionState::Suspended.as_str()) => {
                self.0.platform.permit(&digest);
            }
            _ => {}
        }
        tracing::info!(plugin = change.plugin, %digest, %state, reason = change.reason, "a version changed");
        let plugin = change.plugin.clone();
        // Nobody may be listening.
        let _ = self.0.changes.send(VersionChanged { plugin, digest, state, reason: change.reason.clone() });
    }
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Catalogue").field(&self.0.packages).finish()
    }
}

fn why(state: VersionState, reason: &str) -> Reason {
    let colon = if reason.is_empty() { "" } else { ": " };
    Reason::new(format!("plugin-{state}"), format!("this version of the plugin was {state}{colon}{reason}"))
}

/// A plan without ceilings has the defaults, and so has one whose row another version of this host wrote.
fn ceilings_of(text: Option<&str>) -> PlanCeilings {
    let Some(text) = text else { return PlanCeilings::default() };
    serde_json::from_str(text).unwrap_or_else(|error| {
        tracing::error!(%error, "the ceilings of a plan are malformed; the defaults hold");
        PlanCeilings::default()
    })
}
