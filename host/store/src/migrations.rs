//! The schema's history, as it is built into this program.

use sqlx::migrate::Migrator;

/// Every migration, in order.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// Every table that a migration makes, in that order, whatever its name was quoted with.
pub(crate) fn tables_made() -> Vec<String> {
    let mut tables = Vec::new();
    for migration in MIGRATIONS.iter() {
        for statement in migration.sql.as_str().split("CREATE TABLE ").skip(1) {
            let statement = statement.trim_start().trim_start_matches("IF NOT EXISTS ");
            let name: String = statement.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !name.is_empty() && !tables.contains(&name) {
                tables.push(name);
            }
        }
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestStore;

    #[tokio::test]
    async fn every_table_that_migrations_make_is_known_by_name() {
        let t = TestStore::sqlite().await;
        let mut there: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' \
             AND name <> '_sqlx_migrations' ORDER BY name",
        )
        .fetch_all(&t.store.pool)
        .await
        .unwrap();
        there.sort();
        let mut known = tables_made();
        known.sort();
        assert_eq!(known, there);
    }
}
