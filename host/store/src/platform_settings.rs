//! What administrators decide while the host runs: kept in the database, so that it holds on every node.

use std::collections::BTreeMap;

use neustream_model::UnixMillis;
use serde_json::{Value, json};
use sqlx::{AnyConnection, Row};

use crate::audit::{Entry, Target};
use crate::row::to_sql;
use crate::store::within;
use crate::{HostStore, StoreError};

const MAINTENANCE: &str = "maintenance_mode";
const REGISTRATIONS: &str = "new_registrations_enabled";

/// What was decided; `None` where nobody has decided anything, and the settings file holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlatformSettings {
    /// Whether only administrators are let in.
    pub maintenance_mode: Option<bool>,
    /// Whether anybody may register an account.
    pub new_registrations_enabled: Option<bool>,
}

impl PlatformSettings {
    fn named(self) -> [(&'static str, Option<bool>); 2] {
        [(MAINTENANCE, self.maintenance_mode), (REGISTRATIONS, self.new_registrations_enabled)]
    }

    fn shown(self) -> Value {
        let decided = self.named().into_iter().filter_map(|(name, value)| Some((name, value?)));
        json!(decided.collect::<BTreeMap<_, _>>())
    }
}

impl HostStore {
    /// What was decided.
    pub async fn platform_settings(&self) -> Result<PlatformSettings, StoreError> {
        within(async {
            let mut connection = self.store.pool.acquire().await?;
            read(&mut connection).await
        })
        .await
    }

    /// Decides what `change` names and leaves the rest; answers everything that holds now.
    pub async fn change_platform_settings(
        &self,
        change: PlatformSettings,
        now: UnixMillis,
    ) -> Result<PlatformSettings, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let before = read(&mut transaction).await?;
            for (name, value) in change.named() {
                let Some(value) = value else { continue };
                sqlx::query(
                    "INSERT INTO platform_settings (name, value, updated_at) VALUES ($1, $2, $3) \
                     ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
                )
                .bind(name)
                .bind(json!(value).to_string())
                .bind(to_sql(now.0))
                .execute(&mut *transaction)
                .await?;
            }
            let after = read(&mut transaction).await?;
            let entry = Entry::new("platform-settings.update", Target::new("platform-settings", "platform"))
                .before(before.shown())
                .after(after.shown())
                .only_changes();
            self.audit(&mut transaction, entry);
            transaction.commit().await?;
            Ok(after)
        })
        .await
    }
}

async fn read(connection: &mut AnyConnection) -> Result<PlatformSettings, StoreError> {
    let rows = sqlx::query("SELECT name, value FROM platform_settings").fetch_all(connection).await?;
    let mut settings = PlatformSettings::default();
    for row in rows {
        let (name, value): (String, String) = (row.try_get("name")?, row.try_get("value")?);
        let value = serde_json::from_str(&value).ok();
        match name.as_str() {
            MAINTENANCE => settings.maintenance_mode = value,
            REGISTRATIONS => settings.new_registrations_enabled = value,
            // Of a later version.
            _ => {}
        }
    }
    Ok(settings)
}
