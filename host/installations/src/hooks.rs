//! URLs that platforms send webhooks to.
//!
//! A URL holds an unguessable token and belongs to one connection of one
//! installation. Whether a request that comes to it is genuine is for the
//! plugin to say; the token only tells where it goes.

use neustream_contract::{Kind, grant};
use neustream_model::{InstallationId, Secret, TenantId, UnixMillis};
use neustream_store::Scoped;
use sha2::{Digest as _, Sha256};

use crate::install::kind_of;
use crate::{InstallationError, InstallationView, Installations};

/// What every token begins with, so that scanners find a leaked one.
const PREFIX: &str = "nsh_";
const RANDOM_BYTES: usize = 24;
/// The connection of a payment provider's webhooks.
const PAYMENT: &str = "payment";

/// A webhook URL.
#[derive(Debug, Clone)]
pub struct Hook {
    /// The plugin's name of the connection.
    pub connection: String,
    /// The token: the URL is `<public URL>/hooks/<token>`.
    pub token: Secret,
    /// When it was made.
    pub created_at: UnixMillis,
}

/// To whom a webhook goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookOwner {
    /// The tenant.
    pub tenant: TenantId,
    /// Its installation.
    pub installation: InstallationId,
    /// The installation's kind.
    pub kind: Kind,
    /// The plugin's name of the connection.
    pub connection: String,
}

impl Installations {
    /// The token of the URL for `connection`; the first call makes it.
    ///
    /// # Errors
    /// [`InstallationError::NoWebhooks`] where manifest or grant do not have them.
    pub async fn ensure_hook(
        &self,
        tenant: TenantId,
        id: InstallationId,
        connection: &str,
    ) -> Result<Secret, InstallationError> {
        let view = self.show(tenant, id).await?;
        self.hook_of(&view, connection).await
    }

    /// The URLs of an installation. That of a payment provider is there from the beginning; a chat connector's are
    /// made when it opens a webhook connection.
    pub async fn hooks(
        &self,
        scope: impl Scoped,
        id: InstallationId,
    ) -> Result<Vec<Hook>, InstallationError> {
        let scope = scope.scope_in(&self.parts().store);
        let view = self.show(&scope, id).await?;
        self.default_hook(&view).await?;
        let rows = scope.hooks(id).await?;
        let hook = |(row, token): (neustream_store::HookRow, Secret)| Hook {
            connection: row.connection,
            token,
            created_at: row.created_at,
        };
        Ok(rows.into_iter().map(hook).collect())
    }

    /// To whom the webhook with this token goes; none for a token that is unknown or malformed.
    pub async fn hook_owner(&self, token: &str) -> Result<Option<HookOwner>, InstallationError> {
        if !is_well_formed(token) {
            return Ok(None);
        }
        let parts = self.parts();
        let Some(row) = parts.store.host().hook_by_digest(&digest(token)).await? else { return Ok(None) };
        let stored = parts.store.tenant(row.tenant_id).installation(row.installation_id).await?;
        Ok(Some(HookOwner {
            tenant: row.tenant_id,
            installation: row.installation_id,
            kind: kind_of(&stored.row.kind)?,
            connection: row.connection,
        }))
    }

    /// Makes the URL of a payment provider, where it takes webhooks.
    pub(crate) async fn default_hook(&self, view: &InstallationView) -> Result<(), InstallationError> {
        if view.kind() != Kind::Payment {
            return Ok(());
        }
        match self.hook_of(view, PAYMENT).await {
            Ok(_) | Err(InstallationError::NoWebhooks) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn hook_of(&self, view: &InstallationView, connection: &str) -> Result<Secret, InstallationError> {
        let is_asked_for = view.version.package.manifest.capabilities.webhook.is_some();
        if !is_asked_for || !view.grant.covers(grant::WEBHOOK_KEY) {
            return Err(InstallationError::NoWebhooks);
        }
        let fresh = fresh_token();
        let store = self.parts().store.tenant(view.row.tenant_id);
        Ok(store.ensure_hook(view.id(), connection, (&digest(fresh.expose()), &fresh)).await?)
    }
}

fn fresh_token() -> Secret {
    let random: [u8; RANDOM_BYTES] = rand::random();
    Secret::new(format!("{PREFIX}{}", hex::encode(random)))
}

/// Saves the database from texts that cannot be tokens.
fn is_well_formed(token: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    token
        .strip_prefix(PREFIX)
        .is_some_and(|digits| digits.len() == 2 * RANDOM_BYTES && digits.bytes().all(is_digit))
}

/// What is stored in place of a token; SHA-256 suffices for 192 random bits.
fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_token_is_well_formed_and_look_alikes_are_not() {
        let token = fresh_token();
        assert!(is_well_formed(token.expose()));
        let upper = token.expose().to_uppercase();
        for text in ["", "nsh_", &token.expose()[1..], &token.expose()[..20], &upper, &"x".repeat(100_000)] {
            assert!(!is_well_formed(text), "{}", &text[..text.len().min(60)]);
        }
        assert_ne!(digest(token.expose()), digest(fresh_token().expose()));
    }
}
