//! What every handler shares.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use neustream_accounts::AccessTokens;
use neustream_plugin::Catalogue;
use neustream_store::Store;

use crate::limiter::Limiter;
use crate::password_work::PasswordWork;
use crate::{ApiSettings, StreamControl};

/// Judges a destination's URL when it is configured; the text of a refusal is shown to the tenant. A first courtesy
/// only: whoever dials judges again, and the addresses too.
pub type DestinationUrlCheck = Arc<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

/// What the server hands to the API.
pub struct ApiParts {
    /// What the operator decides.
    pub settings: ApiSettings,
    /// The database.
    pub store: Store,
    /// Issues and checks access tokens.
    pub tokens: AccessTokens,
    /// The media path.
    pub live: Arc<dyn StreamControl>,
    /// The plugins of this host.
    pub plugins: Arc<dyn Catalogue>,
    /// Judges destination URLs.
    pub check_destination_url: DestinationUrlCheck,
    /// Renders `/metrics`; without it there is no such page.
    pub metrics: Option<PrometheusHandle>,
}

/// The shared state of handlers. Cheap to clone.
#[derive(Clone)]
pub(crate) struct AppState(Arc<Shared>);

pub(crate) struct Shared {
    pub parts: ApiParts,
    pub anonymous: Limiter<IpAddr>,
    pub failed_logins: Limiter<(IpAddr, String)>,
    pub passwords: PasswordWork,
    /// The OpenAPI document as JSON.
    pub openapi: String,
}

impl AppState {
    pub fn new(parts: ApiParts, openapi: String) -> Self {
        Self(Arc::new(Shared {
            anonymous: Limiter::new(parts.settings.anonymous),
            failed_logins: Limiter::new(parts.settings.failed_logins),
            passwords: PasswordWork::default(),
            openapi,
            parts,
        }))
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Deref for Shared {
    type Target = ApiParts;

    fn deref(&self) -> &ApiParts {
        &self.parts
    }
}
