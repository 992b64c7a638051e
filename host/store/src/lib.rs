//! The only crate with SQL: rows, queries, sealing at rest.
//!
//! [`Store`] opens a SQLite file or a PostgreSQL database and hands out two
//! scopes. [`TenantStore`] holds everything that belongs to a tenant, and
//! every query of it names that tenant: another tenant's row is simply not
//! there. [`HostStore`] is for the host itself: signing people in, finding the
//! source of a stream key, unsealing secrets for the media path.
//!
//! Invariants: stream keys and tokens are stored as digests, secrets sealed
//! ([`SealingKey`]); secrets leave through [`HostStore`] only (the URLs of webhooks,
//! which a tenant pastes elsewhere, are shown to it). The same SQL
//! runs on both databases (see `migrations/`), and every test runs on both.
//! Every call ends within a second, if need be with [`StoreError::Unavailable`].
//!
//! Absent: rules about passwords and tokens (`neustream-accounts`), HTTP, and
//! anything that only one of the two databases can do.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod activity;
mod actor;
mod administration;
mod api_key;
mod app;
mod audit;
mod audit_log;
mod audit_verification;
mod catalogue;
mod catalogue_development;
mod catalogue_listing;
mod catalogue_package;
mod chat_message;
mod connector;
mod connector_outgoing;
mod credentials;
mod data_export;
mod deletion;
mod destination;
mod error;
mod hook;
mod idempotency;
mod inspection;
mod installation;
mod installation_history;
mod invitation;
mod keyset;
mod mail;
mod mailed_code;
mod membership;
mod meta;
mod migrations;
mod oauth;
mod oauth_tokens;
mod organisation;
mod partner;
mod payment;
mod payment_ledger;
mod payment_row;
mod people;
mod plan;
mod platform_settings;
mod playback;
mod plugin_kv;
mod publisher;
mod quota;
mod retention;
mod rollout;
mod row;
mod row_security;
mod schema;
mod scope;
mod sealing;
mod second_factor;
mod session;
mod sign_in;
mod snapshot;
mod snapshot_restore;
mod source;
mod standing;
mod store;
mod subscription;
mod team_invitation;
#[cfg(feature = "testing")]
pub mod testing;
mod transaction;
mod user;
mod user_identity;
mod verdict;

pub use activity::ActivityRow;
pub use actor::{Actor, Who};
pub use administration::{
    Listed, NumberedPage, OrganisationListed, PersonListed, PlatformFigures, REVENUE_CURRENCY, SourceListed,
    SubscriptionListed,
};
pub use api_key::{
    ApiKeyChange, ApiKeyInfo, ApiKeyRow, ApiKeyStanding, ApiKeyText, FormerText, MAX_API_KEYS, NewApiKey,
};
pub use app::{AppChange, AppRow};
pub use audit::{Chain, Entry, Target, changed};
pub use audit_log::{AuditEntry, AuditFilter, AuditOrder};
pub use audit_verification::{AuditBreak, AuditVerification};
pub use catalogue::{HeldVersion, NewPluginVersion, NewTransition, PluginVersionRow, TransitionRow};
pub use catalogue_development::DevelopmentRoom;
pub use catalogue_listing::{ListedPlugin, PluginFigures, PluginSearch};
pub use catalogue_package::PACKAGE_PART_BYTES;
pub use chat_message::{ChatMessageRow, NewChatMessage};
pub use connector::{ConnectorMemoryRow, ConnectorRow, ConnectorStep, StepOutcome};
pub use connector_outgoing::{FinishedRow, OutgoingRow};
pub use data_export::{DataExportRow, EXPORT_PART_BYTES, ExportedRow, Subject};
pub use deletion::DeletionRow;
pub use destination::{
    ActiveDestination, Destination, DestinationChange, DestinationRow, NewDestination, OldDestination,
    SecretInfo,
};
pub use error::{LimitKind, Missing, StoreError};
pub use hook::HookRow;
pub use idempotency::{Claimed, IdempotencyKey, MAX_IDEMPOTENCY_KEYS};
pub use inspection::{Closeness, Inspection, KeyFit, SchemaState, SecondWall, inspect};
pub use installation::{
    Installation, InstallationChange, InstallationRow, NewInstallation, OpenInstallation,
};
pub use installation_history::{FormerPackage, PackageChange};
pub use keyset::Keyset;
pub use mail::{DueMail, NewMail};
pub use mailed_code::{CodePurpose, ConfirmedEmail, NewMailedCode};
pub use membership::MemberRow;
pub use oauth::{NewOauthConsent, OauthClient, OauthClientInfo, OauthConsent};
pub use oauth_tokens::{NewOauthTokens, OauthConnection, OauthTokens};
pub use organisation::{OrganisationRow, OwnOrganisation};
pub use partner::{BundleRow, InstallRules, NewPartnerTenant, PartnerRow};
pub use payment_ledger::TransferRow;
pub use payment_row::{PaymentCommitted, PaymentEvent, PaymentOpened, PaymentPurpose, PaymentRow};
pub use people::Suspension;
pub use plan::{Plan, PlanLimits, PlanPrice, PlanRow};
pub use platform_settings::PlatformSettings;
pub use playback::RevokedTokens;
pub use plugin_kv::{KvPut, KvPutOutcome, KvRow};
pub use publisher::{Publisher, PublisherKeyRow, PublisherRow};
pub use retention::Retention;
pub use rollout::RolloutRow;
pub use row_security::RowSecurity;
pub use schema::{AppliedMigration, DatabaseKind};
pub use scope::{AppStore, HostStore, Scoped, TenantStore};
pub use sealing::{SealError, SealingKey, SealingKeyError};
pub use second_factor::{Challenge, SecondFactor};
pub use session::{SessionRow, Streamed, StreamedSession, Usage};
pub use sign_in::{NewRefreshToken, NewSignIn, SignInKind, SignInRow};
pub use snapshot::{Piece, Snapshot, SnapshotError};
pub use snapshot_restore::Restoration;
pub use source::{NewSource, Source, SourceChange, SourceRow};
pub use standing::{AppStanding, MemberStanding, Standing, Wanted};
pub use store::{Store, StoreSettings};
pub use subscription::{BillingCycle, BillingCycleMalformed, PlanUse, StreamingUse, SubscriptionRow};
pub use team_invitation::{NewTeamInvitation, OpenTeamInvitation, TeamInvitationRow};
pub use user::{NewAccount, UserRow};
pub use user_identity::{NewUserIdentity, UserIdentityRow};
pub use verdict::NewVerdictRecording;
