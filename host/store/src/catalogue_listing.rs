//! What a tenant sees of the catalogue, and what it may install.
//!
//! One rule, in one place: a tenant's own versions once they are scanned (those
//! that it develops after all others, the last brought first), and
//! those of others once they are verified: public ones, and those that its
//! partner made for its tenants. For a partner's tenant the allow-lists and
//! pins of the partner and of the bundle it came with narrow that down.

use std::collections::HashMap;

use neustream_model::UnixMillis;

use crate::row::{number, to_sql};
use crate::store::within;
use crate::{HostStore, PluginVersionRow, StoreError, TenantStore};

/// What tenant `$1` may install: `v` is the version, `t` the tenant.
macro_rules! installable {
    () => {
        "FROM plugin_versions v JOIN tenants t ON t.id = $1 WHERE \
         ((v.owner_id = t.id AND v.state IN ('development', 'scanned', 'reviewed', 'verified')) \
          OR (v.state = 'verified' AND (v.visibility = 'public' \
              OR (v.visibility = 'partner' AND v.owner_id = t.partner_id)))) \
         AND (t.partner_id IS NULL OR ( \
             NOT EXISTS (SELECT 1 FROM allow_lists a WHERE a.scope_id IN (t.id, t.partner_id) \
                 AND NOT EXISTS (SELECT 1 FROM allowed_plugins l \
                     WHERE l.scope_id = a.scope_id AND l.plugin = v.plugin)) \
             AND NOT EXISTS (SELECT 1 FROM plugin_pins p WHERE p.plugin = v.plugin AND p.digest <> v.digest \
                 AND (p.scope_id = t.partner_id OR (p.scope_id = t.id AND NOT EXISTS ( \
                     SELECT 1 FROM plugin_pins o WHERE o.scope_id = t.partner_id AND o.plugin = v.plugin))))))"
    };
}

/// The order of versions `v`, the one to choose first: those under development after all others, the last brought first.
macro_rules! best_first {
    () => {
        "ORDER BY CASE WHEN v.visibility = 'development' THEN 1 ELSE 0 END, \
         CASE WHEN v.visibility = 'development' THEN v.offered_as ELSE 0 END DESC, \
         v.is_prerelease, v.precedence DESC, v.offered_as DESC"
    };
}

/// What is looked for among the plugins that a tenant may install.
#[derive(Debug, Clone, Default)]
pub struct PluginSearch {
    /// A text in id, name, description or publisher; in lower case.
    pub text: Option<String>,
    /// The kind's word.
    pub kind: Option<String>,
    /// Only ids after this one.
    pub after: String,
    /// How many at most.
    pub limit: u32,
}

/// A plugin in a listing: its newest version, and who uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPlugin {
    /// The newest version; a pre-release only where there is nothing else.
    pub newest: PluginVersionRow,
    /// Tenants that have it installed.
    pub installs: u64,
}

/// How a plugin does, over all tenants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PluginFigures {
    /// Tenants that have it installed.
    pub installs: u64,
    /// Calls since the moment that was asked about.
    pub calls: u64,
    /// Traps, time-outs and limits among them.
    pub faults: u64,
}

impl TenantStore {
    /// The plugins that the tenant may install, by id, each with its newest version.
    pub async fn installable_plugins(&self, search: &PluginSearch) -> Result<Vec<ListedPlugin>, StoreError> {
        within(async {
            let pattern = search.text.as_deref().map(like_pattern);
            let newest: Vec<PluginVersionRow> = sqlx::query_as(concat!(
                "SELECT n.* FROM (SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.plugin ",
                best_first!(),
                ") AS place ",
                installable!(),
                ") n WHERE n.place = 1 AND n.plugin > $2 AND ($3 IS NULL OR n.kind = $3) \
                 AND ($4 IS NULL OR n.search_text LIKE $4 ESCAPE '!') ORDER BY n.plugin LIMIT $5"
            ))
            .bind(self.tenant.to_string())
            .bind(&search.after)
            .bind(search.kind.as_deref())
            .bind(pattern)
            .bind(i64::from(search.limit))
            .fetch_all(&mut *self.connection().await?)
            .await?;
            self.with_installs(newest).await
        })
        .await
    }

    /// Counts how many tenants have these plugins installed, which are in the order of their ids: over all tenants, so
    /// through the host's door.
    async fn with_installs(&self, newest: Vec<PluginVersionRow>) -> Result<Vec<ListedPlugin>, StoreError> {
        let (Some(first), Some(last)) = (newest.first(), newest.last()) else { return Ok(Vec::new()) };
        let counts: Vec<(String, i64)> = sqlx::query_as(
            "SELECT plugin, COUNT(DISTINCT tenant_id) FROM installations \
             WHERE plugin >= $1 AND plugin <= $2 GROUP BY plugin",
        )
        .bind(&first.plugin)
        .bind(&last.plugin)
        .fetch_all(&self.store.pool)
        .await?;
        let counts: HashMap<String, i64> = counts.into_iter().collect();
        let installs = |plugin: &str| counts.get(plugin).map_or(0, |count| count.unsigned_abs());
        Ok(newest
            .into_iter()
            .map(|row| ListedPlugin { installs: installs(&row.plugin), newest: row })
            .collect())
    }

    /// The versions of a plugin that the tenant may install, the one to choose first.
    pub async fn installable_versions(
        &self,
        plugin: &str,
        limit: u32,
    ) -> Result<Vec<PluginVersionRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as(concat!(
                "SELECT v.* ",
                installable!(),
                " AND v.plugin = $2 ",
                best_first!(),
                " LIMIT $3"
            ))
            .bind(self.tenant.to_string())
            .bind(plugin)
            .bind(i64::from(limit))
            .fetch_all(&mut *self.connection().await?)
            .await?;
            Ok(rows)
        })
        .await
    }

    /// The version `version` of a plugin, if the tenant may install it; of several with that name the last brought.
    pub async fn installable_version(
        &self,
        plugin: &str,
        version: &str,
    ) -> Result<Option<PluginVersionRow>, StoreError> {
        within(async {
            let row = sqlx::query_as(concat!(
                "SELECT v.* ",
                installable!(),
                " AND v.plugin = $2 AND v.version = $3 ",
                best_first!(),
                " LIMIT 1"
            ))
            .bind(self.tenant.to_string())
            .bind(plugin)
            .bind(version)
            .fetch_optional(&mut *self.connection().await?)
            .await?;
            Ok(row)
        })
        .await
    }

    /// Whether the tenant may install the version with this digest.
    pub async fn may_install(&self, digest: &str) -> Result<bool, StoreError> {
        within(async {
            let count: i64 =
                sqlx::query_scalar(concat!("SELECT COUNT(*) ", installable!(), " AND v.digest = $2"))
                    .bind(self.tenant.to_string())
                    .bind(digest)
                    .fetch_one(&mut *self.connection().await?)
                    .await?;
            Ok(count > 0)
        })
        .await
    }

    /// The versions that the tenant published itself, drafts included: of one plugin or of all, highest first.
    pub async fn own_versions(
        &self,
        plugin: Option<&str>,
        limit: u32,
    ) -> Result<Vec<PluginVersionRow>, StoreError> {
        within(async {
            let rows = sqlx::query_as(
                "SELECT * FROM plugin_versions WHERE owner_id = $1 AND ($2 IS NULL OR plugin = $2) \
                 ORDER BY plugin, precedence DESC LIMIT $3",
            )
            .bind(self.tenant.to_string())
            .bind(plugin)
            .bind(i64::from(limit))
            .fetch_all(&mut *self.connection().await?)
            .await?;
            Ok(rows)
        })
        .await
    }
}

impl HostStore {
    /// How a plugin does over all tenants, since `since`. What runs a development version does not count.
    pub async fn plugin_figures(&self, plugin: &str, since: UnixMillis) -> Result<PluginFigures, StoreError> {
        within(async {
            let row = sqlx::query(
                "SELECT (SELECT COUNT(DISTINCT tenant_id) FROM installations WHERE plugin = $1 \
                 AND digest NOT IN (SELECT digest FROM plugin_versions WHERE visibility = 'development')) AS installs, \
                 CAST(COALESCE(SUM(a.calls), 0) AS BIGINT) AS calls, \
                 CAST(COALESCE(SUM(a.faults), 0) AS BIGINT) AS faults \
                 FROM installation_activity a JOIN installations i ON i.id = a.installation_id \
                 WHERE i.plugin = $1 AND a.day >= $2 \
                 AND i.digest NOT IN (SELECT digest FROM plugin_versions WHERE visibility = 'development')",
            )
            .bind(plugin)
            .bind(to_sql(since.0))
            .fetch_one(&self.store.pool)
            .await?;
            Ok(PluginFigures {
                installs: number(&row, "installs")?,
                calls: number(&row, "calls")?,
                faults: number(&row, "faults")?,
            })
        })
        .await
    }
}

/// A pattern for `LIKE … ESCAPE '!'` that finds `text` anywhere.
fn like_pattern(text: &str) -> String {
    let escaped = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
}
