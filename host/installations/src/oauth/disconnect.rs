//! Giving tokens up (RFC 7009) and forgetting them.

use neustream_model::{InstallationId, TenantId};
use neustream_store::{OauthClient, OauthTokens, StoreError};

use super::provider::{Form, post};
use super::{Oauth, OauthError, Pair};
use crate::Consent;

impl Oauth {
    /// Disconnects an account: its tokens are forgotten at once, then given up at the provider where it has a place
    /// for that. True when the provider confirmed it.
    ///
    /// # Errors
    /// The store. A provider that does not answer is no error: what is forgotten here is useless here.
    pub async fn disconnect(&self, consent: &Consent<'_>) -> Result<bool, OauthError> {
        let (tenant, installation, name) = (consent.tenant, consent.installation, consent.name);
        let tokens = self.0.store.host().oauth_tokens(tenant, installation, name).await?;
        self.0.store.tenant(tenant).forget_oauth(installation, Some(name)).await?;
        self.0.flights.forget(installation, name);
        let Some(tokens) = tokens else { return Ok(false) };
        tracing::info!(%tenant, %installation, secret = name, "an account was disconnected");
        Ok(self.give_up(tenant, name, &tokens).await)
    }

    /// Forgets every token of an installation that is no more, and gives up what can be given up.
    pub(super) async fn forget_all(
        &self,
        tenant: TenantId,
        installation: InstallationId,
    ) -> Result<(), StoreError> {
        let scope = self.0.store.tenant(tenant);
        let mut given_up = Vec::new();
        for connection in scope.oauth_connections(installation).await? {
            let tokens = self.0.store.host().oauth_tokens(tenant, installation, &connection.secret).await;
            self.0.flights.forget(installation, &connection.secret);
            // Tokens that cannot be unsealed can still be forgotten.
            if let Ok(Some(tokens)) = tokens {
                given_up.push((connection.secret, tokens));
            }
        }
        scope.forget_oauth(installation, None).await?;
        for (name, tokens) in given_up {
            self.give_up(tenant, &name, &tokens).await;
        }
        Ok(())
    }

    async fn give_up(&self, tenant: TenantId, name: &str, tokens: &OauthTokens) -> bool {
        let Ok(pair) = Pair::read(&tokens.pair) else { return false };
        let clients = self.0.store.host().oauth_clients_for(tenant, &pair.plugin, name).await;
        let is_theirs = |client: &OauthClient| client.client_id == tokens.client_id;
        match clients.unwrap_or_default().into_iter().find(is_theirs) {
            Some(client) => self.revoke(&pair, &client).await,
            None => false,
        }
    }

    /// RFC 7009 2.1: the refresh token first, since its end should end the access tokens made with it; then the
    /// access token, since not every provider takes the first. True when one was taken.
    pub(super) async fn revoke(&self, pair: &Pair, client: &OauthClient) -> bool {
        let Some(url) = &pair.revoke_url else { return false };
        let mut is_taken = false;
        let tokens =
            [(pair.refresh.as_deref(), "refresh_token"), (Some(pair.access.as_str()), "access_token")];
        for (token, hint) in tokens.into_iter().filter_map(|(token, hint)| Some((token?, hint))) {
            let mut form = Form::of(pair.client_auth, client);
            form.pair("token", token);
            form.pair("token_type_hint", hint);
            match post(&self.0.outbound, url, form).await {
                Ok(response) => is_taken |= response.status == 200,
                Err(error) => tracing::warn!(code = error.code(), %error, "tokens were not given up"),
            }
        }
        is_taken
    }
}
