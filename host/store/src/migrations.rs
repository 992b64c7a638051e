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
