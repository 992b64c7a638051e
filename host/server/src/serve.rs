//! The life of the process: open, wire, announce, wait for the signal, drain.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use neustream_accounts::{AccessTokens, fresh_signing_key};
use neustream_api::{
    ApiParts, ApiSettings, DataRights, DataRightsParts, Postman, router, serve as serve_http,
};
use neustream_oidc::{OpenId, OpenIdClient};
use neustream_outbound::Outbound;
use neustream_store::{Missing, SealingKey, Store, StoreError};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::addresses::Addresses;
use crate::admin::Place;
use crate::config::Config;
use crate::data_lock::DataLock;
use crate::hooks::Hooks;
use crate::machine::ThisMachine;
use crate::platform::Platform;
use crate::{limits, mail, playback, setup_link, telemetry};

/// How long an address in use is tried, and how often.
const BIND_PATIENCE: Duration = Duration::from_secs(1);
const BIND_PAUSE: Duration = Duration::from_millis(50);

/// Serves until the process is told to stop.
pub fn run(place: Place) -> anyhow::Result<()> {
    let metrics = telemetry::start(&place.config)?;
    limits::raise_open_files();
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("another TLS provider is installed already"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("host")
        .build()
        .context("no threads can be started")?;
    runtime.block_on(serve(place, metrics))
}

async fn serve(place: Place, metrics: metrics_exporter_prometheus::PrometheusHandle) -> anyhow::Result<()> {
    let config = place.config.clone();
    let mut stop_signals = StopSignals::listen()?;
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("wrong setting `data_dir`: {} cannot be made", config.data_dir.display()))?;

    let _in_use = DataLock::shared(&config.data_dir)?;

    // Sockets first: an address in use is the most likely mistake, and encoders may queue while the rest opens.
    let rtmp = bind("rtmp_addr", config.rtmp_addr).await?;
    let http = bind("http_addr", config.http_addr).await?;
    let addresses = Addresses::new(&config, http.local_addr()?, rtmp.local_addr()?);

    let store = open_store(&config).await?;
    let outbound = Outbound::new(config.outbound()?)?;
    let platform = Platform::open(&config, &store, &outbound).await?;
    let live = platform.live.clone();
    let clients = config.sign_in_clients().into_iter();
    let clients = clients.map(|(name, id, secret)| (name.to_owned(), OpenIdClient { id, secret }));
    let openid = OpenId::new(outbound.clone(), clients);
    let postman = Postman::new(store.host(), mail::mailer(&config, &addresses)?.into());
    let settings = api_settings(&config, &addresses, rtmp.local_addr()?.port())?;
    let data_rights = DataRights::new(DataRightsParts {
        store: store.clone(),
        live: Arc::new(live.clone()),
        installations: platform.installations.clone(),
        mail: postman.postbox(),
        settings: settings.clone(),
    });
    let api = router(ApiParts {
        settings,
        tokens: AccessTokens::new(&store.host().signing_key(fresh_signing_key).await?),
        playback_tokens: platform.playback_tokens.clone(),
        data_rights: data_rights.bell(),
        store: store.clone(),
        live: Arc::new(live.clone()),
        catalogue: platform.catalogue.clone(),
        partners: platform.partners.clone(),
        installations: platform.installations.clone(),
        oauth: platform.oauth.clone(),
        mail: postman.postbox(),
        openid,
        chat: Arc::new(platform.connectors.clone()),
        moderation: Arc::new(platform.moderation.clone()),
        verdicts: Arc::clone(&platform.verdicts),
        payments: Arc::new(platform.payments.clone()),
        hook_sink: Arc::new(Hooks {
            connectors: platform.connectors.clone(),
            payments: platform.payments.clone(),
        }),
        machine: Arc::new(ThisMachine::new(place)),
        check_destination_url: Arc::new(move |url| {
            outbound.check_url(url).map(|_| ()).map_err(|error| error.to_string())
        }),
        metrics: Some(metrics),
    });

    let setup = setup_link::offer(&store, &addresses).await?;
    announce(&addresses, setup.as_deref());
    let http_stop = CancellationToken::new();
    let http_server = tokio::spawn(serve_http(http, api, http_stop.clone().cancelled_owned()));
    let mail = AbortOnDropHandle::new(tokio::spawn(postman.run()));
    let data_rights = AbortOnDropHandle::new(tokio::spawn(data_rights.run()));
    let rtmp_server = AbortOnDropHandle::new(tokio::spawn({
        let live = live.clone();
        async move { live.serve_rtmp(rtmp).await }
    }));
    let running = platform.start();
    let accounts = AbortOnDropHandle::new(tokio::spawn({
        let live = live.clone();
        async move { tokio::join!(live.keep_accounts(), live.keep_health()) }
    }));

    let viewers = AbortOnDropHandle::new(tokio::spawn({
        let (live, store) = (live.clone(), store.clone());
        async move { tokio::join!(live.follow_viewers(), playback::prune_revocations(store)) }
    }));

    let signal = stop_signals.next().await;
    tracing::info!(signal, "stopping: destinations are told the end");
    live.shutdown().await;
    http_stop.cancel();
    http_server.await.context("the HTTP server broke")?;
    drop((mail, data_rights, rtmp_server, accounts, viewers));
    running.stop(&platform).await;
    store.close().await;
    // The platform's threads may not be ended from within this runtime.
    tokio::task::spawn_blocking(move || drop((platform, live))).await.context("the plugin platform broke")?;
    tracing::info!("stopped");
    Ok(())
}

/// Listens on `address`. After a kill -9 a child that is just being started may hold the former socket for a moment, so
/// an address in use is tried again for [`BIND_PATIENCE`].
async fn bind(setting: &str, address: std::net::SocketAddr) -> anyhow::Result<TcpListener> {
    let deadline = tokio::time::Instant::now() + BIND_PATIENCE;
    let bound = loop {
        match TcpListener::bind(address).await {
            Err(error) if error.kind() == ErrorKind::AddrInUse && tokio::time::Instant::now() < deadline => {
                tokio::time::sleep(BIND_PAUSE).await;
            }
            bound => break bound,
        }
    };
    bound.with_context(|| format!("wrong setting `{setting}`: cannot listen on {address}"))
}

async fn open_store(config: &Config) -> anyhow::Result<Store> {
    let key = SealingKey::load_or_create(&config.data_dir.join("master.key"))?;
    let store = Store::open(config.store_settings(key))
        .await
        .context("the database cannot be opened (setting `database_url`)")?;
    use_default_plan(&store, &config.default_plan).await?;
    let abandoned = store.host().end_abandoned_sessions().await?;
    if abandoned > 0 {
        tracing::info!(abandoned, "sessions of a former run were closed");
    }
    Ok(store)
}

async fn use_default_plan(store: &Store, plan: &str) -> anyhow::Result<()> {
    match store.host().set_default_plan(plan).await {
        Err(StoreError::NotFound(Missing::Plan)) => {
            let known: Vec<_> = store.host().plans().await?.into_iter().map(|known| known.row.id).collect();
            bail!("wrong setting `default_plan`: there is no plan `{plan}`, only {}", known.join(", "))
        }
        other => Ok(other?),
    }
}

fn api_settings(config: &Config, addresses: &Addresses, rtmp_port: u16) -> anyhow::Result<ApiSettings> {
    Ok(ApiSettings {
        own_url: addresses.http.clone(),
        public_url: config.public_url.as_ref().map(|_| addresses.http.clone()),
        public_rtmp_url: config.rtmp_public_url.as_ref().map(|_| format!("{}/live", addresses.rtmp)),
        rtmp_port,
        registration_open: config.registrations_open,
        reconnect_window: Duration::from_secs(config.reconnect_window_s),
        deletion_grace: Duration::from_hours(24 * config.deletion_grace_days),
        playback_token_max_age: Duration::from_secs(config.playback_token_max_age_s),
        upgrade_url: config.upgrade_url.clone(),
        metrics_public: config.metrics_public,
        trusted_proxies: config.trusted_proxies()?,
        cors_origins: config.cors_origins(),
        rate_limits: config.rate_limits()?,
        redis: config.redis()?,
        max_sockets_per_user: config.sockets_per_user,
        ..ApiSettings::default()
    })
}

/// What a person needs to begin, on standard output; everything else is log, on standard error.
fn announce(addresses: &Addresses, setup: Option<&str>) {
    println!("Dashboard: {}", addresses.http);
    println!("RTMP:      {}/live", addresses.rtmp);
    if let Some(link) = setup {
        println!("Set up:    {link}");
    }
}

/// SIGTERM and SIGINT.
struct StopSignals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl StopSignals {
    fn listen() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("signals cannot be listened to");
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
