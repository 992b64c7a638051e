//! A tenant with one payment installation, its provider on loopback, and hosts that come and go.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use neustream_billing::{ChargeView, Order, PaymentKey, RefundOrder, RefundView};
use neustream_contract::Package;
use neustream_contract::payment::{Money, Webhook};
use neustream_model::{InstallationId, TenantId};
use neustream_store::{NewAccount, NewInstallation};
use neustream_tests::kit::oauth::{HttpsSite, Site};
use neustream_tests::kit::payments::{Delivery, RazorpaySite, StripeSite};
use neustream_tests::kit::tls::Authority;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::host::{Host, Setup, open_store, package, platform};

pub const RAZORPAY_KEY_ID: &str = "rzp_test_Stand1n4567890";
pub const RAZORPAY_SECRET: &str = "thisIsTheKeySecret0123456";
pub const STRIPE_KEY: &str = "sk_test_Stand1n456789012345678901234";
pub const WEBHOOK_SECRET: &str = "whsec_Stand1nWebhookSecret";

/// A world around one site.
pub struct World<S> {
    pub setup: Setup,
    pub site: Arc<S>,
    _server: Option<HttpsSite<S>>,
    _authority: Authority,
    _folder: TempDir,
}

impl World<RazorpaySite> {
    pub async fn razorpay() -> Self {
        Self::razorpay_on(None).await
    }

    /// On the PostgreSQL of this URL.
    pub async fn razorpay_on(database_url: Option<String>) -> Self {
        let site = RazorpaySite::new(RAZORPAY_KEY_ID, RAZORPAY_SECRET, WEBHOOK_SECRET);
        let secrets = [("key-secret", RAZORPAY_SECRET), ("webhook-secret", WEBHOOK_SECRET)];
        Self::new(
            database_url,
            "razorpay",
            site,
            json!({ "key_id": RAZORPAY_KEY_ID, "shop_name": "Acme Live" }),
            &secrets,
        )
        .await
    }
}

impl World<StripeSite> {
    pub async fn stripe() -> Self {
        Self::stripe_with(json!({})).await
    }

    pub async fn stripe_with(config: Value) -> Self {
        let site = StripeSite::new(STRIPE_KEY, WEBHOOK_SECRET);
        let secrets = [("api-key", STRIPE_KEY), ("webhook-secret", WEBHOOK_SECRET)];
        Self::new(None, "stripe", site, config, &secrets).await
    }
}

impl<S: Site> World<S> {
    async fn new(
        database_url: Option<String>,
        plugin: &str,
        site: S,
        config: Value,
        secrets: &[(&str, &str)],
    ) -> Self {
        let (authority, name) = (Authority::new().unwrap(), site.name().to_owned());
        let server = HttpsSite::start(authority.acceptor(&name).unwrap(), site).await.unwrap();
        let (site, api) = (Arc::clone(&server.site), (name, server.address()));
        let (setup, folder) = setup(database_url, plugin, api, &authority, config, secrets).await;
        Self { setup, site, _server: Some(server), _authority: authority, _folder: folder }
    }

    /// A host that has just started, so much later.
    pub async fn host_after(&self, time: Duration) -> Host {
        Host::start(&Setup { clock_ahead: time, ..self.setup.clone() }).await
    }

    pub async fn host(&self) -> Host {
        self.host_after(Duration::ZERO).await
    }

    /// Starts the order on `host`.
    pub async fn start(&self, host: &Host) -> ChargeView {
        host.payments.start(self.setup.tenant, self.setup.installation, &order()).await.unwrap()
    }

    pub async fn charge(&self, host: &Host, key: &PaymentKey) -> ChargeView {
        host.payments.charge(self.setup.tenant, key).await.unwrap()
    }

    pub async fn refund(&self, host: &Host, key: &PaymentKey, minor: u64) -> RefundView {
        let refund = refund(&format!("r-{minor}"), minor);
        host.payments.refund(self.setup.tenant, key, &refund).await.unwrap()
    }

    /// Delivers a webhook.
    pub async fn deliver(
        &self,
        host: &Host,
        delivery: Delivery,
    ) -> Result<neustream_billing::Received, neustream_billing::BillingError> {
        let webhook = Webhook { headers: delivery.headers, body: delivery.body };
        host.payments.receive(self.setup.tenant, self.setup.installation, &webhook).await
    }

    /// What stands on an account of the tenant.
    pub async fn balance(&self, host: &Host, account: &str) -> i64 {
        host.store.tenant(self.setup.tenant).balance(account, "INR").await.unwrap()
    }
}

/// A SQLite file, or the PostgreSQL of this URL, with a tenant and its installation.
pub async fn setup(
    database_url: Option<String>,
    plugin: &str,
    api: (String, std::net::SocketAddr),
    authority: &Authority,
    config: Value,
    secrets: &[(&str, &str)],
) -> (Setup, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let mut setup = Setup {
        database: folder.path().to_owned(),
        database_url,
        compiled: compiled().await.to_owned(),
        plugin: plugin.to_owned(),
        api,
        authority: authority.file(),
        tenant: TenantId::new(),
        installation: InstallationId::new(),
        config,
        secrets: secrets.iter().map(pair).collect::<BTreeMap<_, _>>(),
        clock_ahead: Duration::ZERO,
    };
    let store = open_store(&setup).await;
    let account = NewAccount {
        email: format!("{}@example.com", setup.tenant),
        display_name: "Ada".to_owned(),
        password_hash: "$argon2id$".to_owned(),
        role: "member".to_owned(),
    };
    setup.tenant = store.host().create_account(&account).await.unwrap().tenant_id;
    let read = Package::read(&package(plugin)).unwrap();
    let installation = NewInstallation {
        plugin: read.manifest.id.clone(),
        kind: "payment".to_owned(),
        digest: read.digest.to_string(),
        version: read.manifest.version.clone(),
        state_schema: 1,
        name: String::new(),
        granted: "[]".to_owned(),
        config: setup.config.to_string(),
        secrets: BTreeMap::new(),
        is_enabled: true,
        on_failure: "hold".to_owned(),
        ring: None,
        is_auto_upgraded: false,
    };
    let made = store.tenant(setup.tenant).create_installations(&[installation], 10).await.unwrap();
    setup.installation = made[0].row.id;
    store.close().await;
    (setup, folder)
}

/// The folder with both plugins compiled, once for all tests and their processes: that takes seconds.
async fn compiled() -> &'static Path {
    static COMPILED: OnceCell<PathBuf> = OnceCell::const_new();
    let compile = || async {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("payment-plugins");
        std::fs::create_dir_all(&folder).unwrap();
        let database = tempfile::tempdir().unwrap();
        let authority = Authority::new().unwrap();
        for plugin in ["razorpay", "stripe"] {
            let setup = Setup {
                database: database.path().to_owned(),
                database_url: None,
                compiled: folder.clone(),
                plugin: plugin.to_owned(),
                api: ("api.example.com".to_owned(), "127.0.0.1:1".parse().unwrap()),
                authority: authority.file(),
                tenant: TenantId::new(),
                installation: InstallationId::new(),
                config: json!({}),
                secrets: BTreeMap::new(),
                clock_ahead: Duration::ZERO,
            };
            let store = open_store(&setup).await;
            let plugins = platform(&setup, &store);
            plugins.load(package(plugin)).await.unwrap();
            tokio::task::spawn_blocking(move || drop(plugins)).await.unwrap();
        }
        folder
    };
    COMPILED.get_or_init(compile).await
}

/// The order of every test here.
pub fn order() -> Order {
    Order {
        reference: "o-1".to_owned(),
        amount: money(79_900),
        description: "Pro, a month".to_owned(),
        payer_ref: "user-7".to_owned(),
        return_url: "https://example.com/thanks?order=1".to_owned(),
    }
}

pub fn refund(reference: &str, minor: u64) -> RefundOrder {
    RefundOrder { reference: reference.to_owned(), amount: money(minor) }
}

pub fn money(minor: u64) -> Money {
    Money { minor, currency: "INR".to_owned() }
}
