//! The store on both databases.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod accounts;
mod administration;
mod api_keys;
mod audit;
mod catalogue;
mod chats;
mod data_rights;
mod destinations;
mod idempotency;
mod identity;
mod installations;
mod oauth;
mod outage;
mod payments;
mod plans;
mod playback;
mod plugin_kv;
mod sessions;
mod sign_ins;
mod snapshots;
mod sources;
mod walls;

/// The words of a small world: a tenant to act for.
mod world {
    use neustream_model::{SecondPublisher, Visibility};
    use neustream_store::testing::TestStore;
    use neustream_store::{NewAccount, NewSource, TenantStore, UserRow};

    pub fn account(email: &str) -> NewAccount {
        NewAccount {
            email: email.to_owned(),
            display_name: "Ada".to_owned(),
            password_hash: "$argon2id$".to_owned(),
            role: "member".to_owned(),
        }
    }

    pub async fn user(t: &TestStore, email: &str) -> UserRow {
        t.store.host().create_account(&account(email)).await.unwrap()
    }

    pub async fn tenant(t: &TestStore, email: &str) -> TenantStore {
        t.store.tenant(user(t, email).await.tenant_id)
    }

    pub fn source(name: &str) -> NewSource {
        NewSource {
            name: name.to_owned(),
            description: String::new(),
            second_publisher: SecondPublisher::Reject,
            reconnect_window_s: 60,
            visibility: Visibility::Unlisted,
            is_encrypted: false,
        }
    }
}
