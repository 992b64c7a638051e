//! Ids, names and values of the domain; no IO.
//!
//! Every other crate speaks with these words. A value here is valid or does
//! not exist: parsing happens at the edge, through `FromStr` or `Deserialize`.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that panics has failed"))]

mod event;
mod health;
mod id;
mod playback_id;
mod policy;
mod secret;
mod status;
mod stream_key;
mod time;
mod viewing;

pub use self::time::UnixMillis;
pub use event::{LiveEvent, LiveEventKind, UsageWarning};
pub use health::{DestinationSample, HealthEvent, HealthSample, HealthState, LiveFigures, StreamHealth};
pub use id::{
    ApiKeyId, AppId, ClaimId, DataExportId, DestinationId, IdMalformed, InstallationId, PlaybackTokenId,
    RequestId, SessionId, SignInId, SourceId, SubscriptionId, TeamInvitationId, TenantId, UserId,
};
pub use playback_id::{PlaybackId, PlaybackIdMalformed};
pub use policy::SecondPublisher;
pub use secret::Secret;
pub use status::{DestinationState, DestinationStatus, Reason, SessionStatus, StreamState, TrackInfo};
pub use stream_key::{StreamKey, StreamKeyDigest, StreamKeyMalformed};
pub use viewing::{PlaybackClaims, Revocations, ViewerRefused, Viewing, ViewingAttempt, Visibility};
