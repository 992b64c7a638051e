//! What every handler shares.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use neustream_accounts::{AccessTokens, PlaybackTokens};
use neustream_catalogue::{Catalogue, Partners};
use neustream_chat::moderation::VerdictLog;
use neustream_installations::Installations;
use neustream_installations::oauth::Oauth;
use neustream_model::{InstallationId, TenantId};
use neustream_oidc::OpenId;
use neustream_store::Store;
use tokio::sync::Notify;

use crate::limiter::Limiter;
use crate::mail::Letterhead;
use crate::maintenance::Switches;
use crate::password_work::PasswordWork;
use crate::rate_limits::RateLimiter;
use crate::seats::Seats;
use crate::standings::Standings;
use crate::{
    Allowance, ApiSettings, ChatControl, HookSink, Machine, ModerationControl, PaymentControl, Postbox,
    StreamControl,
};

/// Uploads at the same time: each may hold 20 MB. A user has one.
const MAX_UPLOADS: usize = 8;
/// Development versions of a tenant: more often than anybody saves a file, seldom enough to keep the compiler free.
const TRIALS: Allowance = Allowance { count: 60, window: Duration::from_mins(1) };
/// Pre-flights of a tenant: as often as somebody mends something, and no way to hammer a platform with keys.
const PRE_FLIGHTS: Allowance = Allowance { count: 30, window: Duration::from_mins(1) };
/// Invitations of an organisation: a large team in an hour, and no flood of strangers' mailboxes.
const INVITATION_MAILS: Allowance = Allowance { count: 100, window: Duration::from_hours(1) };
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
    /// Issues and reads playback tokens; the media path reads them with the same key.
    pub playback_tokens: PlaybackTokens,
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
    /// Signs people in with other providers.
    pub openid: OpenId,
    /// Where letters to people are put.
    pub mail: Postbox,
    /// What wakes those who make exports and delete.
    pub data_rights: Arc<Notify>,
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
    /// The machine that the host runs on.
    pub machine: Arc<dyn Machine>,
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
    /// Requests, by scope.
    pub rates: RateLimiter,
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
    /// Pre-flights of one tenant.
    pub pre_flights: Limiter<TenantId>,
    /// Letters of one organisation to people who are not in it.
    pub invitation_mails: Limiter<TenantId>,
    /// Whose standing changed.
    pub standings: Standings,
    /// What administrators switched.
    pub switches: Switches,
    /// The OpenAPI document as JSON.
    pub openapi: String,
}

impl AppState {
    pub fn new(parts: ApiParts, openapi: String) -> Self {
        Self(Arc::new(Shared {
            rates: RateLimiter::new(&parts.settings),
            passwords: PasswordWork::default(),
            hooks: Limiter::new(parts.settings.hooks),
            unknown_hooks: Limiter::with(parts.settings.rate_limits.anonymous.clone()),
            log_followers: Seats::new(MAX_LOG_FOLLOWERS, parts.settings.max_sockets_per_user),
            uploads: Seats::new(MAX_UPLOADS, 1),
            trials: Limiter::new(TRIALS),
            pre_flights: Limiter::new(PRE_FLIGHTS),
            invitation_mails: Limiter::new(INVITATION_MAILS),
            standings: Standings::default(),
            switches: Switches::default(),
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
