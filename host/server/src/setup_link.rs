//! The one-time link by which the first administrator is made: there is no default password.

use neustream_accounts::SetupToken;
use neustream_store::Store;

use crate::addresses::Addresses;

/// A fresh link while the host has no administrator; a link of an earlier start stops working with it.
pub async fn offer(store: &Store, addresses: &Addresses) -> anyhow::Result<Option<String>> {
    let token = SetupToken::generate();
    let is_offered = store.host().offer_setup(token.digest().as_str()).await?;
    Ok(is_offered.then(|| format!("{}/setup?token={}", addresses.http, token.expose())))
}
