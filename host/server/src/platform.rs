//! The plugin platform, wired: runtime, catalogue, installations, and the drivers of every kind.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use neustream_accounts::{PlaybackTokens, fresh_signing_key};
use neustream_billing::{Clock, Payments, PaymentsParts, PaymentsSettings};
use neustream_catalogue::{Catalogue, Packages, Partners};
use neustream_chat::connector::{ConnectorParts, ConnectorSettings, ConnectorStore, Connectors};
use neustream_chat::moderation::{Moderation, ModerationParts, ModerationSettings, VerdictLog};
use neustream_contract::{Digest, PluginPlatform};
use neustream_installations::oauth::Oauth;
use neustream_installations::{Installations, Parts};
use neustream_live::{Live, LiveSettings};
use neustream_model::UnixMillis;
use neustream_outbound::Outbound;
use neustream_plugin_wasm::{Compiler, Plugins, PluginsSettings};
use neustream_store::Store;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::changes::{self, Drivers};
use crate::chat_store::ChatStore;
use crate::config::Config;
use crate::directory::StoreDirectory;
use crate::filters::TenantFilters;
use crate::payment_journal::StoreJournal;
use crate::playback::SignedTokens;
use crate::plugin_kv::StoreKv;
use crate::replay::ConnectorReplay;
use crate::{author_key, bundled};

/// Everything that speaks to plugins.
pub struct Platform {
    pub plugins: Arc<Plugins>,
    pub catalogue: Catalogue,
    pub installations: Installations,
    pub oauth: Oauth,
    pub partners: Partners,
    pub live: Live,
    pub playback_tokens: PlaybackTokens,
    pub connectors: Connectors,
    pub moderation: Moderation,
    pub verdicts: Arc<dyn VerdictLog>,
    pub payments: Payments,
    store: Store,
    /// Packages of the host that are made ready ahead.
    bundled: Vec<Digest>,
}

impl Platform {
    /// Opens everything; nothing runs yet.
    pub async fn open(config: &Config, store: &Store, outbound: &Outbound) -> anyhow::Result<Self> {
        let packages = if config.plugin_development {
            Packages::open(store.clone()).await
        } else {
            Packages::open_without_development(store.clone()).await
        };
        let packages = packages.context("the catalogue cannot be opened")?;
        let plugins = runtime(config, store, outbound.clone(), packages.clone())?;
        let runtime: Arc<dyn PluginPlatform> = Arc::clone(&plugins) as _;
        let catalogue = Catalogue::open(packages, Arc::clone(&runtime))
            .await
            .context("the catalogue cannot be opened")?;
        let bundled = bundled::adopt(&catalogue, config.plugin_dir.as_deref()).await?;

        let chat_store = Arc::new(ChatStore(store.clone()));
        let oauth = Oauth::new(store.clone(), outbound.clone());
        let installations = Installations::new(Parts {
            store: store.clone(),
            catalogue: catalogue.clone(),
            platform: Arc::clone(&runtime),
            tokens: Arc::new(oauth.clone()),
            replay: Arc::new(ConnectorReplay {
                plugins: Arc::clone(&plugins),
                store: Arc::clone(&chat_store) as Arc<dyn ConnectorStore>,
            }),
            clock: Arc::new(UnixMillis::now),
            rings: neustream_installations::rings::RingSettings::default(),
            watch: neustream_installations::watch::WatchSettings::default(),
        });
        let adopted = installations.adopt_destinations().await.context("destinations were not adopted")?;
        if adopted > 0 {
            tracing::info!(adopted, "destinations of a former version got installations");
        }

        let playback_tokens = PlaybackTokens::new(&store.host().playback_key(fresh_signing_key).await?);
        let live = Live::new(
            LiveSettings {
                usage_interval: Duration::from_secs(config.usage_interval_s),
                usage_grace: Duration::from_secs(config.streaming_grace_s),
                ..LiveSettings::default()
            },
            Arc::new(StoreDirectory(store.host())),
            Arc::new(installations.clone()),
            Arc::clone(&plugins) as _,
            outbound.clone(),
            Arc::new(SignedTokens(playback_tokens.clone())),
        );
        let connectors = Connectors::new(
            ConnectorParts {
                installed: Arc::new(installations.clone()),
                connectors: Arc::clone(&plugins) as _,
                outbound: outbound.clone(),
                store: Arc::clone(&chat_store) as _,
                egress: Arc::new(Arc::clone(&runtime)),
            },
            ConnectorSettings::default(),
        );
        let verdicts = chat_store as Arc<dyn VerdictLog>;
        let moderation = Moderation::new(
            ModerationParts {
                installed: Arc::new(installations.clone()),
                filters: Arc::clone(&plugins) as _,
                chains: Arc::new(TenantFilters(installations.clone())),
                outbound: outbound.clone(),
                log: Arc::clone(&verdicts),
                egress: Arc::new(runtime),
                author_key: store.host().author_key(author_key::fresh).await?,
            },
            ModerationSettings::default(),
        );
        let payments = Payments::new(PaymentsParts {
            journal: Arc::new(StoreJournal(store.clone())),
            providers: Arc::clone(&plugins) as _,
            installed: Arc::new(installations.clone()),
            clock: Clock::wall(),
            settings: PaymentsSettings::default(),
        });
        let partners = Partners::new(catalogue.clone(), Arc::new(installations.clone()));
        Ok(Self {
            plugins,
            catalogue,
            installations,
            oauth,
            partners,
            live,
            playback_tokens,
            connectors,
            moderation,
            verdicts,
            payments,
            store: store.clone(),
            bundled,
        })
    }

    /// Starts what runs by itself, until the answer is dropped or stopped.
    pub fn start(&self) -> Running {
        let stop = CancellationToken::new();
        let installations = tokio::spawn({
            let (installations, stop) = (self.installations.clone(), stop.clone());
            async move { installations.run(stop).await }
        });
        let drivers = Drivers {
            live: self.live.clone(),
            connectors: self.connectors.clone(),
            moderation: self.moderation.clone(),
            store: self.store.clone(),
        };
        let (catalogue, payments) = (self.catalogue.clone(), self.payments.clone());
        let background = vec![
            AbortOnDropHandle::new(tokio::spawn(async move { catalogue.follow().await })),
            AbortOnDropHandle::new(tokio::spawn(async move { payments.run().await })),
            AbortOnDropHandle::new(tokio::spawn(changes::prune_chats(self.store.clone()))),
            AbortOnDropHandle::new(tokio::spawn(changes::give_hooks(
                self.installations.clone(),
                self.connectors.clone(),
            ))),
            AbortOnDropHandle::new(tokio::spawn(changes::follow(self.installations.clone(), drivers))),
            AbortOnDropHandle::new(tokio::spawn(bundled::make_ready(
                self.bundled.clone(),
                Arc::clone(&self.plugins),
            ))),
        ];
        Running { stop, installations, background }
    }
}

/// The tasks of a running platform.
pub struct Running {
    stop: CancellationToken,
    installations: JoinHandle<()>,
    background: Vec<AbortOnDropHandle<()>>,
}

impl Running {
    /// Ends the connectors and the tasks; what installations did is kept once more.
    pub async fn stop(self, platform: &Platform) {
        drop(self.background);
        platform.connectors.shutdown().await;
        self.stop.cancel();
        if let Err(error) = self.installations.await {
            tracing::error!(%error, "what installations did of late was not kept");
        }
    }
}

fn runtime(
    config: &Config,
    store: &Store,
    outbound: Outbound,
    packages: Packages,
) -> anyhow::Result<Arc<Plugins>> {
    let compiler = Compiler::this_program(vec![OsString::from("compile-plugin")])
        .context("the path of this program is not known")?;
    let settings = PluginsSettings {
        packages: Some(Arc::new(packages)),
        kv: Some(Arc::new(StoreKv(store.host()))),
        ..PluginsSettings::new(config.data_dir.clone(), compiler, outbound)
    };
    Ok(Plugins::new(settings)?)
}
