//! `/api/admin/settings`: what administrators switch while the host runs.

use axum::extract::State;
use neustream_model::UnixMillis;
use neustream_store::PlatformSettings;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{ApiError, ErrorBody};
use crate::extract::Json;
use crate::identity::Administrator;
use crate::state::AppState;

/// The settings that hold.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlatformSettingsBody {
    /// Whether only administrators are let in. Running streams go on.
    #[schema(example = false)]
    maintenance_mode: bool,
    /// Whether anybody may register an account.
    #[schema(example = true)]
    new_registrations_enabled: bool,
}

/// The settings that hold.
#[derive(Serialize, ToSchema)]
pub(crate) struct SettingsBody {
    settings: PlatformSettingsBody,
}

/// Settings to be changed; what is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsChangeBody {
    /// Whether only administrators are let in.
    #[schema(example = false)]
    maintenance_mode: Option<bool>,
    /// Whether anybody may register an account.
    #[schema(example = true)]
    new_registrations_enabled: Option<bool>,
}

/// Show the settings of the platform
#[utoipa::path(
    get, path = "/api/admin/settings", operation_id = "getPlatformSettings", tag = "administration",
    security(("bearer" = ["administrator"])),
    responses(
        (status = 200, body = SettingsBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform: `NOT_ADMINISTRATOR`."),
    ),
)]
pub(crate) async fn show(
    State(state): State<AppState>,
    admin: Administrator,
) -> Result<Json<SettingsBody>, ApiError> {
    let decided = admin.host(&state).platform_settings().await?;
    Ok(Json(body(&state, decided)))
}

/// Change the settings of the platform
///
/// They hold at once here and within two seconds on every other node, also after a restart.
#[utoipa::path(
    put, path = "/api/admin/settings", operation_id = "updatePlatformSettings", tag = "administration",
    security(("bearer" = ["administrator"])), request_body = SettingsChangeBody,
    responses(
        (status = 200, body = SettingsBody),
        (status = 403, body = ErrorBody, description = "You do not run this platform: `NOT_ADMINISTRATOR`."),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn update(
    State(state): State<AppState>,
    admin: Administrator,
    Json(body_in): Json<SettingsChangeBody>,
) -> Result<Json<SettingsBody>, ApiError> {
    let change = PlatformSettings {
        maintenance_mode: body_in.maintenance_mode,
        new_registrations_enabled: body_in.new_registrations_enabled,
    };
    let decided = admin.host(&state).change_platform_settings(change, UnixMillis::now()).await?;
    state.switches.took(decided);
    Ok(Json(body(&state, decided)))
}

fn body(state: &AppState, decided: PlatformSettings) -> SettingsBody {
    SettingsBody {
        settings: PlatformSettingsBody {
            maintenance_mode: decided.maintenance_mode.unwrap_or(false),
            new_registrations_enabled: decided
                .new_registrations_enabled
                .unwrap_or(state.settings.registration_open),
        },
    }
}
