//! The two scopes of the store.

use neustream_model::TenantId;

use crate::Store;

/// Everything that belongs to one tenant. Every query names the tenant.
#[derive(Debug, Clone)]
pub struct TenantStore {
    pub(crate) store: Store,
    pub(crate) tenant: TenantId,
}

impl TenantStore {
    /// Whose scope this is.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }
}

/// What the host itself needs across tenants: never hand it to a handler that acts for a tenant.
#[derive(Debug, Clone)]
pub struct HostStore {
    pub(crate) store: Store,
}
