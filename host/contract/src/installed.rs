//! How a driver learns what a call of an installation needs.

use async_trait::async_trait;
use neustream_model::{InstallationId, TenantId};

use crate::{Call, CallError, Digest};

/// The installations of all tenants, as those who call plugins see them.
///
/// A driver asks anew for every call (it is cheap): so an upgrade, a new
/// configuration or a refreshed OAuth token holds from the next call on, and a
/// plugin that was revoked or disabled is not called again.
#[async_trait]
pub trait Installed: Send + Sync {
    /// The circumstances of the next call: package, grant, configuration and secrets as they are now, OAuth tokens
    /// refreshed. `attempt` is 1 and `deadline` the kind's ceiling; the driver changes both as it likes.
    ///
    /// `pin` is the package with which something was begun that this call continues: it is used for as long as it
    /// may run, even after an upgrade.
    ///
    /// # Errors
    /// [`crate::CallErrorKind::NotRunnable`] with the code `installation-unknown`, `installation-disabled`,
    /// `plugin-suspended` or `plugin-revoked`; [`crate::CallErrorKind::Unauthorized`] when an OAuth token is missing
    /// or refused; [`crate::CallErrorKind::Unavailable`] when the answer cannot be had now.
    async fn call(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        pin: Option<Digest>,
    ) -> Result<Call, CallError>;

    /// Hears that the platform refused the credentials of `call`
    /// ([`crate::CallErrorKind::Unauthorized`]). OAuth tokens that the platform no longer takes are refreshed,
    /// however long they were said to last.
    ///
    /// True when the next call has other credentials, so that asking once more makes sense.
    async fn refused(&self, call: &Call) -> bool {
        let _ = call;
        false
    }
}
