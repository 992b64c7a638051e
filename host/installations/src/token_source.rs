//! Where the access tokens of `oauth2` secrets come from.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use neustream_contract::manifest::SecretCapability;
use neustream_contract::{CallError, Grant};
use neustream_model::{InstallationId, Secret, TenantId};

/// The consent that a token is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Consent<'a> {
    /// Who consented.
    pub tenant: TenantId,
    /// For which installation.
    pub installation: InstallationId,
    /// The plugin's id.
    pub plugin: &'a str,
    /// The secret's name in the manifest.
    pub name: &'a str,
    /// What the manifest says about it.
    pub secret: &'a SecretCapability,
    /// What the tenant granted.
    pub grant: &'a Grant,
}

/// Keeps and refreshes OAuth tokens.
#[async_trait]
pub trait TokenSource: Send + Sync {
    /// What the call's secrets get for this consent: the access token by the secret's name, fresh enough for the
    /// call, and what goes with it, such as `<name>.client-id`. Empty where the tenant never consented.
    ///
    /// # Errors
    /// [`neustream_contract::CallErrorKind::Unauthorized`] when only a new consent helps,
    /// [`neustream_contract::CallErrorKind::Unavailable`] when the platform does not answer now.
    async fn secrets(&self, consent: &Consent<'_>) -> Result<BTreeMap<String, Secret>, CallError>;

    /// Hears that the platform refused `token`. True when another one is there now.
    async fn refused(&self, consent: &Consent<'_>, token: &Secret) -> bool;

    /// The names of the secrets that the tenant has consented to.
    ///
    /// # Errors
    /// [`neustream_contract::CallErrorKind::Unavailable`] when the answer cannot be had now.
    async fn connected(
        &self,
        tenant: TenantId,
        installation: InstallationId,
    ) -> Result<BTreeSet<String>, CallError>;

    /// Forgets every token of an installation.
    async fn forget(&self, tenant: TenantId, installation: InstallationId);
}

/// The source of a host without OAuth: nobody ever consented.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTokens;

#[async_trait]
impl TokenSource for NoTokens {
    async fn secrets(&self, _consent: &Consent<'_>) -> Result<BTreeMap<String, Secret>, CallError> {
        Ok(BTreeMap::new())
    }

    async fn refused(&self, _consent: &Consent<'_>, _token: &Secret) -> bool {
        false
    }

    async fn connected(
        &self,
        _tenant: TenantId,
        _installation: InstallationId,
    ) -> Result<BTreeSet<String>, CallError> {
        Ok(BTreeSet::new())
    }

    async fn forget(&self, _tenant: TenantId, _installation: InstallationId) {}
}
