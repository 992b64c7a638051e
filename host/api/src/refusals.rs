//! What the services below refuse, as HTTP: status, word for programs, details.
//!
//! Part of the one mapping in `error`; a case is added here when a service gets
//! a new way to refuse.

use axum::http::StatusCode;
use neustream_billing::BillingError;
use neustream_catalogue::{CatalogueError, ProvisionError};
use neustream_chat::connector::SendError;
use neustream_contract::{CallError, CallErrorKind};
use neustream_installations::InstallationError;
use neustream_installations::oauth::OauthError;
use neustream_store::{LimitKind, StoreError};
use serde_json::{Value, json};

use crate::error::field_text;
use crate::installations_upgrade::{config_error_body, upgrade_body};

/// Status, word for programs, details.
type Parts = (StatusCode, &'static str, Value);

pub(crate) fn store_parts(error: &StoreError, upgrade_url: Option<&str>) -> Parts {
    use StatusCode as S;
    match error {
        StoreError::Unavailable(_) => (S::SERVICE_UNAVAILABLE, "UNAVAILABLE", Value::Null),
        StoreError::NotFound(_) => (S::NOT_FOUND, "NOT_FOUND", Value::Null),
        StoreError::EmailTaken => (S::CONFLICT, "EMAIL_TAKEN", Value::Null),
        // Not the asker's limit but the host's: its mail server is away.
        StoreError::LimitReached { kind: LimitKind::Mails, .. } => {
            (S::SERVICE_UNAVAILABLE, "UNAVAILABLE", Value::Null)
        }
        StoreError::LimitReached { current, max, .. } => {
            let details = json!({ "current": current, "max": max, "upgrade_url": upgrade_url });
            (S::FORBIDDEN, "LIMIT_REACHED", details)
        }
        StoreError::NotSubscribed => (S::CONFLICT, "NOT_SUBSCRIBED", Value::Null),
        StoreError::Running(count) => (S::CONFLICT, "IN_USE", json!({ "installations": count })),
        StoreError::InUse(count) => (S::CONFLICT, "IN_USE", json!({ "destinations": count })),
        StoreError::Changed(_) => (S::CONFLICT, "CHANGED", Value::Null),
        StoreError::NamespaceTaken => (S::CONFLICT, "NAMESPACE_TAKEN", Value::Null),
        StoreError::KeyRetired => (S::CONFLICT, "KEY_RETIRED", Value::Null),
        StoreError::VersionNotHigher { version, highest } => {
            let details = json!({ "version": version, "highest": highest, "place": "version" });
            (S::CONFLICT, "VERSION_NOT_HIGHER", details)
        }
        StoreError::TooManyExports { max } => (S::CONFLICT, "TOO_MANY_EXPORTS", json!({ "max": max })),
        StoreError::LastAdministrator => (S::CONFLICT, "LAST_ADMINISTRATOR", Value::Null),
        StoreError::TooManyRevocations { max } => {
            (S::CONFLICT, "TOO_MANY_REVOCATIONS", json!({ "max": max }))
        }
        StoreError::StateChanged { now } => (S::CONFLICT, "STATE_CHANGED", json!({ "state": now })),
        StoreError::ClaimLost => (S::CONFLICT, "IDEMPOTENCY_RUNNING", Value::Null),
        StoreError::OwnerNeeded => (S::FORBIDDEN, "OWNER_NEEDED", Value::Null),
        StoreError::LastOwner => (S::CONFLICT, "LAST_OWNER", Value::Null),
        StoreError::AlreadyMember => (S::CONFLICT, "ALREADY_MEMBER", Value::Null),
        StoreError::InvitationForOther => (S::FORBIDDEN, "INVITATION_FOR_OTHER", Value::Null),
        StoreError::AppIsDefault => (S::CONFLICT, "APP_IS_DEFAULT", Value::Null),
        StoreError::AppNotArchived => (S::CONFLICT, "APP_NOT_ARCHIVED", Value::Null),
        StoreError::AppInUse => (S::CONFLICT, "APP_IN_USE", Value::Null),
        StoreError::InvitationRefused => (S::FORBIDDEN, "INVITATION_REFUSED", Value::Null),
        StoreError::CodeRefused => (S::FORBIDDEN, "CODE_REFUSED", Value::Null),
        StoreError::SecondFactorOn => (S::CONFLICT, "SECOND_FACTOR_ON", Value::Null),
        StoreError::SecondFactorOff => (S::CONFLICT, "SECOND_FACTOR_OFF", Value::Null),
        StoreError::IdentityTaken => (S::CONFLICT, "IDENTITY_TAKEN", Value::Null),
        StoreError::LastWayIn => (S::CONFLICT, "LAST_WAY_IN", Value::Null),
        StoreError::SetupRefused => (S::FORBIDDEN, "SETUP_REFUSED", Value::Null),
        StoreError::RefreshTokenRefused | StoreError::RefreshTokenReused => {
            (S::UNAUTHORIZED, "REFRESH_TOKEN_REFUSED", Value::Null)
        }
        StoreError::Sealing(_) | StoreError::Url(_) | StoreError::Migration(_) | StoreError::Sql(_) => {
            (S::INTERNAL_SERVER_ERROR, "INTERNAL", Value::Null)
        }
    }
}

pub(crate) fn catalogue_parts(error: &CatalogueError) -> Parts {
    use CatalogueError as E;
    use StatusCode as S;
    let text = |text: &dyn std::fmt::Display| Value::String(text.to_string());
    match error {
        E::Package(error) => (S::UNPROCESSABLE_ENTITY, "PACKAGE_INVALID", text(error)),
        E::Unsigned { plugin, version, namespace } => {
            let details = json!({ "plugin": plugin, "version": version, "namespace": namespace });
            (S::UNPROCESSABLE_ENTITY, "PACKAGE_UNSIGNED", details)
        }
        E::KeyForeign { key, namespace, current } => {
            let details = json!({ "key": key, "namespace": namespace, "keys": current });
            (S::UNPROCESSABLE_ENTITY, "KEY_UNKNOWN", details)
        }
        E::PluginOther { expected, found } => {
            let details = json!({ "expected": expected, "found": found, "place": "id" });
            (S::UNPROCESSABLE_ENTITY, "PLUGIN_OTHER", details)
        }
        E::DevelopmentOff => (S::FORBIDDEN, "DEVELOPMENT_OFF", Value::Null),
        E::NamespaceMalformed | E::ReasonMissing(_) => {
            (S::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED", text(error))
        }
        E::Bundle(error) => {
            let details = json!({ "place": error.place, "problem": error.problem });
            (S::UNPROCESSABLE_ENTITY, "BUNDLE_INVALID", details)
        }
        E::Provision(ProvisionError::Refused { plugin, problem }) => {
            let details = json!({ "plugin": plugin, "problem": problem });
            (S::UNPROCESSABLE_ENTITY, "PLUGIN_REFUSED", details)
        }
        E::NamespaceReserved(namespace) => {
            (S::FORBIDDEN, "NAMESPACE_RESERVED", json!({ "namespace": namespace, "place": "id" }))
        }
        E::NamespaceForeign { namespace, plugin, own } => {
            let details = json!({ "namespace": namespace, "plugin": plugin, "yours": own, "place": "id" });
            (S::FORBIDDEN, "NAMESPACE_FOREIGN", details)
        }
        E::VisibilityFixed(visibility) => {
            (S::CONFLICT, "VISIBILITY_FIXED", json!({ "visibility": visibility.as_str() }))
        }
        E::PartnerImpossible(_) => (S::CONFLICT, "PARTNER_IMPOSSIBLE", Value::Null),
        E::NotPartner => (S::FORBIDDEN, "NOT_PARTNER", Value::Null),
        E::NotAllowed => (S::FORBIDDEN, "PLUGIN_NOT_ALLOWED", Value::Null),
        E::PluginUnknown | E::VersionUnknown => (S::NOT_FOUND, "NOT_FOUND", text(error)),
        E::NotRunnable { state, reason } => {
            (S::CONFLICT, "PLUGIN_NOT_RUNNABLE", json!({ "state": state.as_str(), "reason": reason }))
        }
        E::DecisionIllegal { from, .. } => {
            (S::CONFLICT, "DECISION_ILLEGAL", json!({ "state": from.as_str() }))
        }
        E::Busy | E::Provision(ProvisionError::Unavailable(_)) => {
            (S::SERVICE_UNAVAILABLE, "UNAVAILABLE", Value::Null)
        }
        E::Store(error) => store_parts(error, None),
        // The one that asks for the scan tells its checks; see `error`.
        E::ScanRefused { digest, .. } => {
            (S::UNPROCESSABLE_ENTITY, "SCAN_REFUSED", json!({ "digest": digest, "checks": [] }))
        }
        E::Damaged { .. } | E::KeyDamaged => (S::INTERNAL_SERVER_ERROR, "INTERNAL", Value::Null),
    }
}

/// What keeps somebody from being sent to a provider. What happens there is told by the way back, in its redirect.
pub(crate) fn oauth_parts(error: &OauthError) -> Parts {
    use OauthError as E;
    use StatusCode as S;
    match error {
        E::NotOauth => (S::UNPROCESSABLE_ENTITY, "NOT_BY_CONSENT", Value::Null),
        E::AddressInvalid(_) => (S::UNPROCESSABLE_ENTITY, "OAUTH_ADDRESS_INVALID", Value::Null),
        E::ClientMissing => (S::CONFLICT, "OAUTH_CLIENT_MISSING", Value::Null),
        E::ClientBoundElsewhere => (S::CONFLICT, "OAUTH_CLIENT_BOUND_ELSEWHERE", Value::Null),
        _ => (S::INTERNAL_SERVER_ERROR, "INTERNAL", Value::Null),
    }
}

pub(crate) fn billing_parts(error: &BillingError) -> Parts {
    use BillingError as E;
    use StatusCode as S;
    match error {
        E::Invalid(error) => (S::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED", Value::String(error.to_string())),
        E::TooLarge(_) => (S::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", Value::Null),
        E::ChargeUnknown => (S::NOT_FOUND, "NOT_FOUND", Value::Null),
        E::ReferenceInUse => (S::CONFLICT, "REFERENCE_IN_USE", Value::Null),
        E::NothingToConfirm => (S::CONFLICT, "NOTHING_TO_CONFIRM", Value::Null),
        E::NotSettled => (S::CONFLICT, "NOT_SETTLED", Value::Null),
        E::ExceedsPaid { left } => {
            let details = json!({ "left": { "minor": left.minor, "currency": left.currency } });
            (S::CONFLICT, "EXCEEDS_PAID", details)
        }
        E::Plugin(error) => plugin_call_parts(error),
        E::Journal(_) | E::Contended => (S::SERVICE_UNAVAILABLE, "UNAVAILABLE", Value::Null),
    }
}

/// A plugin that was called for a request could not do it.
fn plugin_call_parts(error: &CallError) -> Parts {
    use CallErrorKind as K;
    use StatusCode as S;
    let details = json!({ "code": error.code, "message": error.message });
    match error.kind {
        K::InvalidConfig | K::NotRunnable | K::Denied => (S::CONFLICT, "PLUGIN_NOT_READY", details),
        K::Unauthorized => (S::UNPROCESSABLE_ENTITY, "PLUGIN_REFUSED", details),
        K::RateLimited | K::Unavailable | K::BreakerOpen => {
            (S::SERVICE_UNAVAILABLE, "PLUGIN_UNAVAILABLE", details)
        }
        K::Other | K::Trap | K::Timeout | K::Limit => (S::BAD_GATEWAY, "PLUGIN_FAILED", details),
    }
}

pub(crate) fn chat_parts(error: &SendError) -> Parts {
    use StatusCode as S;
    match error {
        SendError::NotRunning => (S::CONFLICT, "CONNECTOR_NOT_RUNNING", Value::Null),
        SendError::Text => (S::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED", Value::String(error.to_string())),
        SendError::Store(_) | SendError::Busy => (S::SERVICE_UNAVAILABLE, "UNAVAILABLE", Value::Null),
    }
}

pub(crate) fn installation_parts(error: &InstallationError) -> Parts {
    use InstallationError as E;
    use StatusCode as S;
    let text = |text: &dyn std::fmt::Display| Value::String(text.to_string());
    let invalid = |field| Value::String(field_text(field, &error.to_string()));
    match error {
        E::Store(error) => store_parts(error, None),
        E::Catalogue(error) => catalogue_parts(error),
        E::ConfigInvalid(errors) => {
            let errors: Vec<_> = errors.iter().map(config_error_body).collect();
            (S::UNPROCESSABLE_ENTITY, "CONFIG_INVALID", json!(errors))
        }
        E::GrantUnknown(_) => (S::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED", invalid("grant")),
        E::SecretRefused(_) => (S::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED", invalid("secrets")),
        E::NotDestination(_) | E::NotInstalled(_) => {
            (S::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED", invalid("plugin"))
        }
        E::ConsentNeeded(plan) => (S::CONFLICT, "CONSENT_NEEDED", json!({ "upgrade": upgrade_body(plan) })),
        E::NothingNewer => (S::CONFLICT, "NOTHING_NEWER", Value::Null),
        E::NothingFormer => (S::CONFLICT, "NOTHING_FORMER", Value::Null),
        E::StateSchema { version, from, to } => {
            (S::CONFLICT, "STATE_SCHEMA", json!({ "version": version, "from": from, "to": to }))
        }
        E::PluginOther { installed, wanted } => {
            let details = json!({ "expected": wanted, "found": installed });
            (S::UNPROCESSABLE_ENTITY, "PLUGIN_OTHER", details)
        }
        E::NotUsable(why) => (S::CONFLICT, "PLUGIN_NOT_USABLE", text(why)),
        E::NoWebhooks => (S::CONFLICT, "NO_WEBHOOKS", Value::Null),
        E::Damaged(_) => (S::INTERNAL_SERVER_ERROR, "INTERNAL", Value::Null),
    }
}
