//! One run of a host, as far as payments go: in this process, or in one of its own that is killed.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use neustream_billing::{
    Clock, Commit, Committed, Entry, EventId, Journal, JournalError, Lease, Opened, PaymentKey, Payments,
    PaymentsParts, PaymentsSettings, Transfer,
};
use neustream_contract::{Call, CallError, Digest, Grant, Installed, Package, PlanCeilings, Secrets};
use neustream_model::{InstallationId, Secret, TenantId, UnixMillis};
use neustream_outbound::{Outbound, OutboundSettings};
use neustream_plugin_wasm::{Compiler, Plugins, PluginsSettings};
use neustream_store::{SealingKey, Store, StoreSettings};
use neustream_tests::kit::tool::{target_profile_dir, workspace_dir};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::payment_journal::StoreJournal;
use crate::plugin_kv::StoreKv;

/// Everything that a run needs; goes to a process of its own as text.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Setup {
    /// Where the sealing key is, and the database where no other is named.
    pub database: PathBuf,
    /// A PostgreSQL by URL.
    pub database_url: Option<String>,
    /// Where compiled plugins are.
    pub compiled: PathBuf,
    /// The provider's plugin: `razorpay` or `stripe`.
    pub plugin: String,
    /// The provider's host name, and where it really is.
    pub api: (String, SocketAddr),
    /// The certificate of the stand-in's authority.
    pub authority: PathBuf,
    pub tenant: TenantId,
    pub installation: InstallationId,
    pub config: Value,
    pub secrets: BTreeMap<String, String>,
    /// How far the clock is ahead: leases of a killed host have ended then.
    pub clock_ahead: Duration,
}

/// A run.
pub struct Host {
    pub payments: Payments,
    pub store: Store,
}

/// A package that `cargo xtask plugins` has built.
pub fn package(plugin: &str) -> Bytes {
    let path = workspace_dir().join("plugins/dist/payments").join(plugin).with_added_extension("wasm");
    match std::fs::read(&path) {
        Ok(bytes) => bytes.into(),
        Err(error) => panic!("{}: {error}. Run `cargo xtask plugins` first.", path.display()),
    }
}

/// The platform of plugins with both providers, compiled plugins in `setup.compiled`.
pub fn platform(setup: &Setup, store: &Store) -> Arc<Plugins> {
    let (name, address) = &setup.api;
    let outbound = Outbound::new(OutboundSettings {
        allow_private_networks: true,
        extra_ca_pem: Some(std::fs::read(&setup.authority).unwrap()),
        resolve: vec![format!("{name}:443={address}").parse().unwrap()],
    });
    let program = target_profile_dir().unwrap().join("neustream-compile-plugin");
    assert!(
        program.exists(),
        "{} is missing: cargo build -p neustream-plugin-wasm --bins",
        program.display()
    );
    let compiler = Compiler { program, args: Vec::new() };
    let mut settings = PluginsSettings::new(setup.compiled.clone(), compiler, outbound.unwrap());
    settings.kv = Some(Arc::new(StoreKv(store.host())));
    let plugins = Plugins::new(settings).unwrap();
    plugins.register(package(&setup.plugin)).unwrap();
    plugins
}

pub async fn open_store(setup: &Setup) -> Store {
    let key = SealingKey::load_or_create(&setup.database.join("master.key")).unwrap();
    let settings = match &setup.database_url {
        Some(url) => StoreSettings::by_url(url, key),
        None => StoreSettings::sqlite_in(&setup.database, key),
    };
    Store::open(settings).await.unwrap()
}

impl Host {
    /// A host that has just started.
    pub async fn start(setup: &Setup) -> Self {
        Self::with_journal(setup, |journal| Arc::new(journal)).await
    }

    /// A host that says where it is at every point of its journal, and goes on when it is told.
    async fn announcing(setup: &Setup) -> Self {
        Self::with_journal(setup, |journal| Arc::new(Announcing(journal))).await
    }

    async fn with_journal(setup: &Setup, wrap: impl FnOnce(StoreJournal) -> Arc<dyn Journal>) -> Self {
        let store = open_store(setup).await;
        let ahead = setup.clock_ahead;
        let payments = Payments::new(PaymentsParts {
            journal: wrap(StoreJournal(store.clone())),
            providers: platform(setup, &store),
            installed: Arc::new(One(setup.clone())),
            clock: Clock::new(move || UnixMillis::now().plus(ahead)),
            settings: PaymentsSettings::default(),
        });
        Self { payments, store }
    }
}

/// The one installation.
struct One(Setup);

#[async_trait]
impl Installed for One {
    async fn call(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        pin: Option<Digest>,
    ) -> Result<Call, CallError> {
        let package = Package::read(&package(&self.0.plugin)).unwrap();
        let secrets = self.0.secrets.iter().map(|(name, text)| (name.clone(), Secret::new(text.clone())));
        Ok(Call {
            tenant,
            installation,
            plugin: pin.unwrap_or(package.digest),
            grant: Grant::all_of(&package.manifest),
            ceilings: PlanCeilings::default(),
            config: self.0.config.to_string(),
            secrets: Secrets::new(secrets.collect()),
            attempt: 1,
            deadline: Duration::from_secs(30),
        })
    }
}

/// What a host says at a point.
pub const POINT: &str = "@point";
/// What a host says when it has done what it was told.
pub const DONE: &str = "@done";

/// The store's journal; before and after every operation it says so and waits for a line.
struct Announcing(StoreJournal);

fn point() {
    println!("\n{POINT}");
    std::io::stdout().flush().unwrap();
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line).unwrap();
    assert_ne!(read, 0, "nobody is there any more");
}

macro_rules! announced {
    ($operation:expr) => {{
        point();
        let outcome = $operation.await;
        point();
        outcome
    }};
}

#[async_trait]
impl Journal for Announcing {
    async fn open(&self, entry: &Entry) -> Result<Opened, JournalError> {
        announced!(self.0.open(entry))
    }

    async fn entry(&self, tenant: TenantId, key: &PaymentKey) -> Result<Option<Entry>, JournalError> {
        announced!(self.0.entry(tenant, key))
    }

    async fn charges(
        &self,
        tenant: TenantId,
        before: Option<&PaymentKey>,
        limit: u32,
    ) -> Result<Vec<Entry>, JournalError> {
        announced!(self.0.charges(tenant, before, limit))
    }

    async fn refunds_of(&self, tenant: TenantId, charge: &PaymentKey) -> Result<Vec<Entry>, JournalError> {
        announced!(self.0.refunds_of(tenant, charge))
    }

    async fn transfer(&self, tenant: TenantId, key: &PaymentKey) -> Result<Option<Transfer>, JournalError> {
        announced!(self.0.transfer(tenant, key))
    }

    async fn claim(
        &self,
        tenant: TenantId,
        key: &PaymentKey,
        lease: &Lease,
        now: UnixMillis,
    ) -> Result<Option<Entry>, JournalError> {
        announced!(self.0.claim(tenant, key, lease, now))
    }

    async fn claim_due(
        &self,
        lease: &Lease,
        now: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Entry>, JournalError> {
        announced!(self.0.claim_due(lease, now, limit))
    }

    async fn commit(&self, commit: Commit<'_>) -> Result<Committed, JournalError> {
        announced!(self.0.commit(commit))
    }

    async fn note_event(&self, event: &EventId) -> Result<bool, JournalError> {
        announced!(self.0.note_event(event))
    }

    async fn forget_events(&self, before: UnixMillis) -> Result<u64, JournalError> {
        announced!(self.0.forget_events(before))
    }
}

/// What a process of its own is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Order {
    pub setup: Setup,
    pub deed: Deed,
}

/// What it does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Deed {
    /// Starts the world's order.
    Start,
    /// Pays 400 of this charge back.
    Refund(PaymentKey),
    /// Works off what is due.
    Recover,
}

/// The variable that carries an [`Order`].
pub const ORDER: &str = "NEUSTREAM_TEST_PAYMENT_HOST";

/// Not a test: the process that the tests of `killed` start and kill.
#[test]
#[ignore = "the process that other tests of this file start and kill"]
fn a_host_that_is_killed() {
    let Some(order) = std::env::var_os(ORDER) else { return };
    let Order { setup, deed } = serde_json::from_str(&order.into_string().unwrap()).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let host = Host::announcing(&setup).await;
        let (tenant, installation) = (setup.tenant, setup.installation);
        match deed {
            Deed::Start => {
                let order = crate::world::order();
                host.payments.start(tenant, installation, &order).await.map(drop).unwrap();
            }
            Deed::Refund(charge) => {
                let refund = crate::world::refund("r-1", 400);
                host.payments.refund(tenant, &charge, &refund).await.map(drop).unwrap();
            }
            Deed::Recover => host.payments.recover().await.map(drop).unwrap(),
        }
        println!("\n{DONE}");
        std::io::stdout().flush().unwrap();
    });
}
