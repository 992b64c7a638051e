//! Maintenance: while it lasts, only administrators are let in.
//!
//! Streams, their playback, `/health`, webhooks of platforms and the pages go
//! on; signing in does, so that administrators come in. Everybody else is told
//! with 503 and `Retry-After` to come back.
//!
//! Each node reads the switches again when they are older than a second and
//! somebody asks; without the database the last ones hold.

use std::sync::RwLock;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use neustream_store::{HostStore, PlatformSettings};
use tokio::sync::Mutex;

use crate::error::ApiError;
use crate::identity::{Caller, Identity};
use crate::state::AppState;

/// How old the switches may be.
const FRESH: Duration = Duration::from_secs(1);
/// How long a request waits for fresh switches where older ones are known: the request itself may have to wait for the
/// database, too, and is to be answered within a second.
const PATIENCE: Duration = Duration::from_millis(50);
/// When people are told to come back.
pub(crate) const COME_BACK: Duration = Duration::from_mins(2);
/// Says who acts in the place of the person.
pub(crate) const IMPERSONATED_BY: HeaderName = HeaderName::from_static("neustream-impersonated-by");

/// What stays open: what administrators come in by, and what is no secret.
const OPEN: [&str; 9] = [
    "/api/auth/login",
    "/api/auth/login/second-factor",
    "/api/auth/refresh",
    "/api/auth/logout",
    "/api/auth/setup",
    "/api/auth/forgot-password",
    "/api/auth/reset-password",
    "/api/openapi.json",
    "/api/docs",
];

/// What administrators switched, as this node last read it.
#[derive(Debug, Default)]
pub(crate) struct Switches {
    known: RwLock<Option<(PlatformSettings, Instant)>>,
    reading: Mutex<()>,
}

impl Switches {
    /// What holds: read again where it is old.
    pub async fn now(&self, host: &HostStore) -> PlatformSettings {
        if let Some((settings, read_at)) = self.known() {
            if read_at.elapsed() < FRESH {
                return settings;
            }
            // One reads, the others go on with what was known.
            let Ok(_turn) = self.reading.try_lock() else { return settings };
            if let Ok(fresh) = tokio::time::timeout(PATIENCE, self.read(host)).await {
                return fresh;
            }
            self.took(settings);
            return settings;
        }
        let _turn = self.reading.lock().await;
        match self.known() {
            Some((settings, _)) => settings,
            None => self.read(host).await,
        }
    }

    /// These hold from now on.
    pub fn took(&self, settings: PlatformSettings) {
        if let Ok(mut known) = self.known.write() {
            *known = Some((settings, Instant::now()));
        }
    }

    fn known(&self) -> Option<(PlatformSettings, Instant)> {
        self.known.read().ok().and_then(|known| *known)
    }

    async fn read(&self, host: &HostStore) -> PlatformSettings {
        let settings = match host.platform_settings().await {
            Ok(settings) => settings,
            Err(error) => {
                tracing::warn!(%error, "the platform's settings were not read; the last ones hold");
                self.known().map(|(settings, _)| settings).unwrap_or_default()
            }
        };
        self.took(settings);
        settings
    }
}

/// Whether anybody may register an account now.
pub(crate) async fn registration_is_open(state: &AppState) -> bool {
    let decided = state.switches.now(&state.store.host()).await.new_registrations_enabled;
    decided.unwrap_or(state.settings.registration_open)
}

/// Lets administrators through while there is maintenance, and tells everybody else to come back. Says in every
/// answer when an administrator acts in the place of the person.
pub(crate) async fn doorkeeper(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let settings = state.switches.now(&state.store.host()).await;
    let is_open = OPEN.contains(&parts.uri.path());
    let identity = if is_open {
        None
    } else {
        match Identity::from_request_parts_if_signed_in(&mut parts, &state).await {
            Ok(identity) => identity,
            Err(error) => return error.into_response(),
        }
    };
    let impersonator = identity.as_ref().and_then(impersonator);
    let is_let_in =
        is_open || impersonator.is_some() || identity.as_ref().is_some_and(Identity::is_administrator);
    if settings.maintenance_mode == Some(true) && !is_let_in {
        return ApiError::Maintenance.into_response();
    }
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(value) = impersonator {
        response.headers_mut().insert(IMPERSONATED_BY, value);
    }
    response
}

/// The administrator who acts, as a header's value.
fn impersonator(identity: &Identity) -> Option<HeaderValue> {
    match identity.caller {
        Caller::Person { person, .. } => person.impersonator?.to_string().parse().ok(),
        Caller::Key { .. } => None,
    }
}
