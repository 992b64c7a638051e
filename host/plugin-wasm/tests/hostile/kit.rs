//! A platform with the galleries of all kinds, and deeds of every kind in the same words.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use neustream_contract::chat::{ChatConnectors as _, Event, Outgoing, Step};
use neustream_contract::destination::{Broadcast, DestinationAdapters as _, Target};
use neustream_contract::moderation::{Action, Message, ModerationFilters as _, Verdict};
use neustream_contract::payment::{
    Charge, Money, PayerAction, PaymentFailure, PaymentProviders as _, PaymentStatus,
};
use neustream_contract::{Call, CallError, CallErrorKind, Grant, Kind, Package, PlanCeilings, Secrets};
use neustream_hostile::Stock;
use neustream_model::{InstallationId, Secret, TenantId};
use neustream_outbound::{Outbound, OutboundSettings};
use neustream_plugin_wasm::{Compiler, Plugins, PluginsSettings};
use tempfile::TempDir;

pub const KINDS: [Kind; 4] = [Kind::Destination, Kind::Chat, Kind::Moderation, Kind::Payment];
pub const STREAM_KEY: &str = "live_1234567890_SeCrEt";
pub const API_TOKEN: &str = "token/with+odd=\"characters\"";
pub const CHAT_TOKEN: &str = "oauth_CHAT_0987654321";
pub const WEBHOOK_KEY: &str = "whsec_Jefe_0123456789";
pub const SECRETS: [(&str, &str); 4] = [
    ("stream-key", STREAM_KEY),
    ("api-token", API_TOKEN),
    ("chat-token", CHAT_TOKEN),
    ("webhook", WEBHOOK_KEY),
];

/// What packages and interfaces are made from, read once.
pub fn stock() -> &'static Stock {
    static STOCK: OnceLock<Stock> = OnceLock::new();
    STOCK.get_or_init(|| Stock::of_the_workspace().expect("the stock; `cargo xtask plugins` makes it"))
}

pub fn hostile_kind(kind: Kind) -> neustream_hostile::Kind {
    match kind {
        Kind::Destination => neustream_hostile::Kind::Destination,
        Kind::Chat => neustream_hostile::Kind::Chat,
        Kind::Moderation => neustream_hostile::Kind::Moderation,
        Kind::Payment => neustream_hostile::Kind::Payment,
    }
}

/// The compiled gallery of `kind`.
pub fn gallery(kind: Kind) -> Bytes {
    Bytes::copy_from_slice(stock().gallery(hostile_kind(kind)))
}

/// A package of the hostile generator around `component`.
pub fn packed(kind: Kind, component: &[u8]) -> Bytes {
    neustream_hostile::package(component, hostile_kind(kind), "hostile/made").into()
}

/// A package by hand.
pub fn crafted(kind: Kind, crafted: &neustream_hostile::Crafted) -> Bytes {
    packed(kind, &stock().crafted(hostile_kind(kind), crafted).expect("a component"))
}

pub struct Platform {
    pub plugins: Arc<Plugins>,
    pub tenant: TenantId,
    _folder: TempDir,
}

impl Platform {
    /// A platform with the four galleries that finds nothing outside.
    pub async fn open() -> Self {
        Self::open_with(OutboundSettings::default(), |_| {}).await
    }

    pub async fn open_with(outbound: OutboundSettings, change: impl FnOnce(&mut PluginsSettings)) -> Self {
        let folder = copy_of_template();
        let plugins = start(folder.path(), outbound, change);
        for kind in KINDS {
            plugins.load(gallery(kind)).await.expect("the gallery loads");
        }
        Self { plugins, tenant: TenantId::new(), _folder: folder }
    }

    /// A call of the gallery of `kind` for a new installation that granted everything.
    pub fn call(&self, kind: Kind) -> Call {
        self.call_of(&gallery(kind))
    }

    /// A call of `package` for a new installation that granted everything.
    pub fn call_of(&self, package: &[u8]) -> Call {
        let package = Package::read(package).expect("a package");
        let secrets = SECRETS.map(|(name, secret)| (name.to_owned(), Secret::new(secret)));
        Call {
            tenant: self.tenant,
            installation: InstallationId::new(),
            plugin: package.digest,
            grant: Grant::all_of(&package.manifest),
            ceilings: PlanCeilings::default(),
            config: "{}".to_owned(),
            secrets: Secrets::new(BTreeMap::from(secrets)),
            attempt: 1,
            deadline: Duration::from_secs(30),
        }
    }

    /// Has the gallery of `kind` do `deed` for an installation of its own; what it learned.
    pub async fn deed(&self, kind: Kind, deed: &str) -> Result<Vec<u8>, CallError> {
        self.deed_of(kind, &self.call(kind), deed).await
    }

    /// Has a plugin of `kind` do `deed`, in the way of its kind; what it learned.
    pub async fn deed_of(&self, kind: Kind, call: &Call, deed: &str) -> Result<Vec<u8>, CallError> {
        match kind {
            Kind::Destination => self.prepare(call, deed).await.map(|target| target.state),
            Kind::Chat => self.handle(call, b"", deed).await.map(|step| step.state),
            Kind::Moderation => {
                let verdicts = self.moderate(call, &format!("judge {deed}")).await?;
                Ok(verdicts.into_iter().next().map(|verdict| replacement(&verdict)).unwrap_or_default())
            }
            Kind::Payment => match self.start(call, deed).await {
                Ok(status) => Ok(learned(&status)),
                Err(PaymentFailure::NotSent(error) | PaymentFailure::Unknown(error)) => Err(error),
            },
        }
    }

    /// Does `deed`, expects it to fail so, and sees that the platform still serves. Gives the message.
    pub async fn fails(&self, kind: Kind, deed: &str, wanted: CallErrorKind, code: &str) -> String {
        let error = self.deed(kind, deed).await.expect_err(deed);
        let what = format!("{} does {deed}: {error}", kind.as_str());
        assert_eq!((error.kind, error.code.as_str()), (wanted, code), "{what}");
        self.still_serves(kind).await;
        println!("{what}");
        error.message
    }

    /// A plugin that behaves is served.
    pub async fn still_serves(&self, kind: Kind) {
        assert_eq!(self.deed(kind, "good afterwards").await.expect("served"), b"afterwards");
    }

    pub async fn prepare(&self, call: &Call, deed: &str) -> Result<Target, CallError> {
        let adapter = self.plugins.adapter(&call.plugin).await?;
        let broadcast =
            Broadcast { id: "b".to_owned(), title: deed.to_owned(), visibility: "public".to_owned() };
        adapter.prepare(call, &broadcast).await
    }

    /// Has a connector write `deed`.
    pub async fn handle(&self, call: &Call, state: &[u8], deed: &str) -> Result<Step, CallError> {
        let connector = self.plugins.connector(&call.plugin).await?;
        let outgoing = Outgoing { id: "o".to_owned(), text: deed.to_owned(), reply_to: None };
        connector.handle(call, state, &[Event::Send(outgoing)]).await
    }

    /// Has a filter plan and judge a batch of one message; what it planned is not asked.
    pub async fn moderate(&self, call: &Call, text: &str) -> Result<Vec<Verdict>, CallError> {
        let filter = self.plugins.filter(&call.plugin).await?;
        let batch = [message("m", text)];
        filter.plan(call, &batch).await?;
        filter.judge(call, &batch, &[]).await
    }

    /// Has a provider start a charge of 10 EUR with this description.
    pub async fn start(&self, call: &Call, deed: &str) -> Result<PaymentStatus, PaymentFailure> {
        let provider = self.plugins.provider(&call.plugin).await.map_err(PaymentFailure::NotSent)?;
        provider.start(call, &charge(deed)).await
    }
}

pub fn message(id: &str, text: &str) -> Message {
    Message {
        id: id.to_owned(),
        platform: "room".to_owned(),
        author_hash: "hash".to_owned(),
        roles: vec![],
        text: text.to_owned(),
        traits: vec![],
    }
}

pub fn charge(description: &str) -> Charge {
    Charge {
        key: "charge-1".to_owned(),
        amount: Money { minor: 1000, currency: "EUR".to_owned() },
        description: description.to_owned(),
        payer_ref: "payer".to_owned(),
        return_url: "https://neustream.example/return".to_owned(),
    }
}

/// What a verdict puts in the place of a message, byte for byte as the gallery wrote it.
fn replacement(verdict: &Verdict) -> Vec<u8> {
    match &verdict.action {
        Action::Replace(text) => text.chars().map(|character| character as u8).collect(),
        _ => Vec::new(),
    }
}

fn learned(status: &PaymentStatus) -> Vec<u8> {
    let PaymentStatus::ActionRequired(PayerAction { parameters, .. }) = status else { return Vec::new() };
    let text = parameters.iter().find(|(name, _)| name == "learned").map(|(_, text)| text.as_str());
    text.unwrap_or_default().chars().map(|character| character as u8).collect()
}

pub fn start(
    data_dir: &Path,
    outbound: OutboundSettings,
    change: impl FnOnce(&mut PluginsSettings),
) -> Arc<Plugins> {
    let compiler = Compiler { program: env!("CARGO_BIN_EXE_neustream-compile-plugin").into(), args: vec![] };
    let outbound = Outbound::new(outbound).expect("settings of the way out");
    let mut settings = PluginsSettings::new(data_dir.to_owned(), compiler, outbound);
    change(&mut settings);
    Plugins::new(settings).expect("the platform starts")
}

/// A data folder in which the galleries were compiled: once for all tests, since that takes seconds.
fn template() -> &'static Path {
    static TEMPLATE: OnceLock<TempDir> = OnceLock::new();
    let template = TEMPLATE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data_dir = folder.path().to_owned();
        let compiling = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            let plugins = start(&data_dir, OutboundSettings::default(), |_| {});
            for kind in KINDS {
                runtime.block_on(plugins.load(gallery(kind))).expect("the gallery loads");
            }
        });
        compiling.join().expect("compiled");
        folder
    });
    template.path()
}

fn copy_of_template() -> TempDir {
    let template = template();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cache = folder.path().join("plugin-cache");
    fs::create_dir(&cache).expect("a folder");
    for entry in fs::read_dir(template.join("plugin-cache")).expect("a cache") {
        let path = entry.expect("an entry").path();
        fs::copy(&path, cache.join(path.file_name().expect("a name"))).expect("a copy");
    }
    let key = "plugin-cache.key";
    fs::copy(template.join(key), folder.path().join(key)).expect("a copy");
    folder
}

/// The gallery of `kind` with another manifest.
pub fn remade(kind: Kind, change: impl FnOnce(&mut serde_json::Value)) -> Bytes {
    let component = neustream_hostile::without_custom_sections(stock().gallery(hostile_kind(kind)));
    neustream_hostile::package_with(&component, hostile_kind(kind), "hostile/remade", change).into()
}
