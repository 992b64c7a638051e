//! Which moderation filters a tenant has, and in which order.

use async_trait::async_trait;
use neustream_chat::moderation::{ChainLink, ChainUnavailable, FilterChains, OnFailure};
use neustream_contract::Kind;
use neustream_installations::{InstallationView, Installations, OnFailure as Choice, State};
use neustream_model::TenantId;

/// The enabled filters, as tenants ordered them.
pub struct TenantFilters(pub Installations);

#[async_trait]
impl FilterChains for TenantFilters {
    async fn chain(&self, tenant: TenantId) -> Result<Vec<ChainLink>, ChainUnavailable> {
        let all = self.0.list(tenant).await.map_err(|error| ChainUnavailable(error.to_string()))?;
        // One that is broken or suspended stays in the chain: its tenant chose what happens then.
        let is_filter =
            |view: &InstallationView| view.kind() == Kind::Moderation && view.state() != State::Disabled;
        let mut filters: Vec<_> = all.into_iter().filter(is_filter).collect();
        filters.sort_by_key(|view| (view.row.position, view.id()));
        let link = |view: InstallationView| ChainLink {
            installation: view.id(),
            on_failure: match view.on_failure() {
                Choice::Hold => OnFailure::Hold,
                Choice::Allow => OnFailure::Allow,
                Choice::Delete => OnFailure::Delete,
            },
        };
        Ok(filters.into_iter().map(link).collect())
    }
}
