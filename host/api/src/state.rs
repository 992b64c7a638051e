//! What every handler shares.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use neustream_accounts::AccessTokens;
use neustream_catalogue::{Catalogue, Partners};
use neustream_chat::moderation::VerdictLog;
use neustream_installations::Installations;
use neustream_installations::oauth::Oauth;
use neustream_model::{InstallationId, TenantId};
use neustream_store::Store;

use crate::limiter::Limiter;
use crate::mail::Letterhead;
use crate::password_work::PasswordWork;
use crate::seats::Seats;
use crate::{
    Allowance, ApiSettings, ChatControl, HookSink, ModerationControl, PaymentControl, Postbox, StreamControl,
};

/// Uploads at the same time: each may hold 20 MB. A user has one.
const MAX_UPLOADS: usize = 8;
/// Development versions of a tenant: more often than anybody saves a file, seldom enough to keep the compiler free.
const TRIALS: Allowance = Allowance { count: 60, window: Duration::from_mins(1) };
/// Logs that are followed at the same time.
const MAX_LOG_FOLLOWERS: usize = 1000;

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
    /// What plugins exist.
    pub catalogue: Catalogue,
    /// Partners, their bundles and tenants.
    pub partners: Partners,
    /// What is installed where.
    pub installations: Installations,
    /// Accounts that are connected by consent; the same that gives tokens to `installations`.
    pub oauth: Oauth,
    /// Where letters to people are put.
    pub mail: Postbox,
    /// Chat connectors.
    pub chat: Arc<dyn ChatControl>,
    /// Moderation filters.
    pub moderation: Arc<dyn ModerationControl>,
    /// What filters said.
    pub verdicts: Arc<dyn VerdictLog>,
    /// Payments.
    pub payments: Arc<dyn PaymentControl>,
    /// Takes webhooks.
    pub hook_sink: Arc<dyn HookSink>,
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
    /// Webhooks of one installation.
    pub hooks: Limiter<InstallationId>,
    /// Webhooks with a token that leads nowhere.
    pub unknown_hooks: Limiter<IpAddr>,
    pub log_followers: Seats,
    /// Uploads of packages that are under way.
    pub uploads: Seats,
    /// Development versions of one tenant.
    pub trials: Limiter<TenantId>,
    /// The OpenAPI document as JSON.
    pub openapi: String,
}

impl AppState {
    pub fn new(parts: ApiParts, openapi: String) -> Self {
        Self(Arc::new(Shared {
            anonymous: Limiter::new(parts.settings.anonymous),
            failed_logins: Limiter::new(parts.settings.failed_logins),
            passwords: PasswordWork::default(),
            hooks: Limiter::new(parts.settings.hooks),
            unknown_hooks: Limiter::new(parts.settings.anonymous),
            log_followers: Seats::new(MAX_LOG_FOLLOWERS, parts.settings.max_sockets_per_user),
            uploads: Seats::new(MAX_UPLOADS, 1),
            trials: Limiter::new(TRIALS),
            openapi,
            parts,
        }))
    }
}

impl AppState {
    /// Under which name this host writes letters.
    pub fn letterhead(&self) -> Letterhead {
        Letterhead::of(&self.settings)
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
