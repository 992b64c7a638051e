//! The second wall between organisations: row-level security of PostgreSQL.
//!
//! A tenant's connections run as the role `neustream_tenant`, for which a row
//! is there only when it belongs to the organisation that the connection is
//! set to ([`crate::TenantStore`]). So a query that forgets to name its tenant
//! finds nothing of others, and can write nothing of theirs. Every table with
//! a column `tenant_id` is walled by itself; what others need is in [`RULES`],
//! and a table that is in neither is not there for tenants at all.
//!
//! The policies are compared with these rules at every start, and changed only
//! where they differ: changing them locks the tables.
//!
//! Absent: SQLite, which has no such thing, and guests of the database: who
//! can run any SQL can also leave the role.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// The role that tenants' connections run as.
pub(crate) const ROLE: &str = "neustream_tenant";
/// What every name of a policy begins with; the rest is a digest of what it says.
const POLICY_PREFIX: &str = "neustream_";
/// The organisation that a connection is set to.
macro_rules! tenant {
    () => {
        "(SELECT current_setting('neustream.tenant', true))"
    };
}

/// Rows of the organisation itself, in tables with `tenant_id` that no rule names.
const OWN_ROWS: Rule = Rule {
    table: "",
    privileges: &["SELECT", "INSERT", "UPDATE", "DELETE"],
    policies: &[("ALL", concat!("tenant_id = ", tenant!()))],
};

/// What tenants may do with a table, and which of its rows are there for them. Without a policy all are.
struct Rule {
    table: &'static str,
    privileges: &'static [&'static str],
    /// The command (`ALL` or `SELECT`) and the condition that a row must meet. Of several one must hold.
    policies: &'static [(&'static str, &'static str)],
}

/// Tables that have no `tenant_id`, or whose rows are not only their own tenant's.
const RULES: &[Rule] = &[
    Rule {
        table: "tenants",
        privileges: &["SELECT", "UPDATE"],
        policies: &[("ALL", concat!("id = ", tenant!()))],
    },
    // Whoever is a member; `tenant_id` is only where they are at home.
    Rule {
        table: "users",
        privileges: &["SELECT"],
        policies: &[(
            "SELECT",
            concat!(
                "EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = users.id AND m.tenant_id = ",
                tenant!(),
                ")"
            ),
        )],
    },
    // What is written there stays as it is.
    Rule {
        table: "audit_entries",
        privileges: &["SELECT", "INSERT"],
        policies: &[("ALL", concat!("tenant_id = ", tenant!()))],
    },
    Rule {
        table: "audit_heads",
        privileges: &["SELECT", "INSERT", "UPDATE"],
        policies: &[("ALL", concat!("tenant_id = ", tenant!()))],
    },
    Rule {
        table: "publisher_keys",
        privileges: &["SELECT", "INSERT", "UPDATE"],
        policies: &[(
            "ALL",
            concat!(
                "EXISTS (SELECT 1 FROM publishers p WHERE p.namespace = publisher_keys.namespace \
                 AND p.tenant_id = ",
                tenant!(),
                ")"
            ),
        )],
    },
    // The own ones, and those of others that may be installed.
    Rule {
        table: "plugin_versions",
        privileges: &["SELECT", "INSERT", "UPDATE", "DELETE"],
        policies: &[
            ("ALL", concat!("owner_id = ", tenant!())),
            ("SELECT", "state = 'verified' AND visibility = 'public'"),
            (
                "SELECT",
                concat!(
                    "state = 'verified' AND visibility = 'partner' AND owner_id = \
                     (SELECT t.partner_id FROM tenants t WHERE t.id = ",
                    tenant!(),
                    ")"
                ),
            ),
        ],
    },
    Rule {
        table: "plugin_transitions",
        privileges: &["SELECT", "INSERT", "DELETE"],
        policies: &[(
            "ALL",
            concat!(
                "EXISTS (SELECT 1 FROM plugin_versions v WHERE v.digest = plugin_transitions.digest \
                 AND v.owner_id = ",
                tenant!(),
                ")"
            ),
        )],
    },
    // What a change is marked with, by whoever knows the claim (see `idempotency`).
    Rule {
        table: "idempotency_keys",
        privileges: &["SELECT", "UPDATE"],
        policies: &[("ALL", "claim = (SELECT current_setting('neustream.claim', true))")],
    },
    // The bytes of development versions, which their tenant forgets.
    Rule {
        table: "packages",
        privileges: &["SELECT", "DELETE"],
        policies: &[(
            "ALL",
            concat!(
                "EXISTS (SELECT 1 FROM plugin_versions v WHERE v.digest = packages.digest AND v.owner_id = ",
                tenant!(),
                ")"
            ),
        )],
    },
    Rule { table: "catalogue_clock", privileges: &["SELECT", "UPDATE"], policies: &[] },
    Rule { table: "plan_ceilings", privileges: &["SELECT"], policies: &[] },
    Rule { table: "plans", privileges: &["SELECT"], policies: &[] },
    // Which plan it is on, and how long it streamed, is not for an organisation to say.
    Rule {
        table: "subscriptions",
        privileges: &["SELECT", "UPDATE"],
        policies: &[("ALL", concat!("tenant_id = ", tenant!()))],
    },
    Rule {
        table: "session_usage",
        privileges: &["SELECT"],
        policies: &[("ALL", concat!("tenant_id = ", tenant!()))],
    },
    // The own rules, and those of the partner that the organisation came with.
    Rule { table: "allow_lists", privileges: OWN_ROWS.privileges, policies: OF_SCOPE },
    Rule { table: "allowed_plugins", privileges: OWN_ROWS.privileges, policies: OF_SCOPE },
    Rule { table: "plugin_pins", privileges: OWN_ROWS.privileges, policies: OF_SCOPE },
    Rule {
        table: "partner_bundles",
        privileges: &["SELECT", "INSERT", "UPDATE", "DELETE"],
        policies: &[("ALL", concat!("partner_id = ", tenant!()))],
    },
    // An event belongs to an installation, which may be gone when it is asked about.
    Rule { table: "payment_events", privileges: &["SELECT", "INSERT"], policies: &[] },
    Rule {
        table: "ledger_lines",
        privileges: &["SELECT", "INSERT"],
        policies: &[(
            "ALL",
            concat!(
                "EXISTS (SELECT 1 FROM ledger_transfers t WHERE t.payment_key = ledger_lines.payment_key \
                 AND t.tenant_id = ",
                tenant!(),
                ")"
            ),
        )],
    },
];

const OF_SCOPE: &[(&str, &str)] = &[
    ("ALL", concat!("scope_id = ", tenant!())),
    ("SELECT", concat!("scope_id = (SELECT t.partner_id FROM tenants t WHERE t.id = ", tenant!(), ")")),
];

/// Whether the second wall stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowSecurity {
    /// PostgreSQL keeps organisations apart.
    Holds,
    /// The database is SQLite, which has no such thing.
    NotOffered,
    /// The login may not raise it: why, and what to do.
    Missing(String),
}

/// Raises the wall, or says why it does not stand. The schema is up to date already.
pub(crate) async fn raise(url: &str) -> RowSecurity {
    match try_raise(url).await {
        Ok(()) => RowSecurity::Holds,
        Err(error) => RowSecurity::Missing(format!(
            "row-level security is not in force, as the database login may not set it up ({error}). Queries keep \
             organisations apart, but nothing stands behind them. Let an administrator of PostgreSQL run: \
             CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO <login>; and make the login the owner of the tables. \
             Then restart."
        )),
    }
}

async fn try_raise(url: &str) -> sqlx::Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    let mut work = connection.begin().await?;
    // Of hosts that start together one does it. The number is this module's own.
    sqlx::raw_sql("SET LOCAL lock_timeout = '10s'; SELECT pg_advisory_xact_lock(7231400517)")
        .execute(&mut *work)
        .await?;
    make_role(&mut work).await?;
    let differences = differences(&mut work).await?;
    if !differences.is_empty() {
        sqlx::raw_sql(AssertSqlSafe(differences)).execute(&mut *work).await?;
    }
    // What tenants' connections will do.
    sqlx::raw_sql(AssertSqlSafe(format!("SET LOCAL ROLE {ROLE}"))).execute(&mut *work).await?;
    work.commit().await?;
    connection.close().await
}

/// Makes the role, which all databases of the server share, and lets the login become it.
async fn make_role(connection: &mut PgConnection) -> sqlx::Result<()> {
    // Two databases of one server may come to it at once: whoever loses finds it made.
    let make = format!(
        "DO $$ BEGIN \
         IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}') THEN \
           BEGIN CREATE ROLE {ROLE} NOLOGIN; \
           EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END; \
         END IF; \
         IF NOT pg_has_role(current_user, '{ROLE}', 'MEMBER') THEN \
           EXECUTE format('GRANT {ROLE} TO %I', current_user); \
         END IF; \
         IF NOT has_schema_privilege('{ROLE}', current_schema(), 'USAGE') THEN \
           EXECUTE format('GRANT USAGE ON SCHEMA %I TO {ROLE}', current_schema()); \
         END IF; END $$"
    );
    sqlx::raw_sql(AssertSqlSafe(make)).execute(connection).await?;
    Ok(())
}

/// The statements that lead from how the database is to how it should be.
async fn differences(connection: &mut PgConnection) -> sqlx::Result<String> {
    let tables: Vec<(String, bool, bool)> = sqlx::query_as(
        "SELECT c.relname::text, c.relrowsecurity, EXISTS (SELECT 1 FROM pg_attribute a \
         WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped) \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') ORDER BY 1",
    )
    .fetch_all(&mut *connection)
    .await?;
    let policies = pairs(
        connection,
        "SELECT tablename::text, policyname::text FROM pg_policies WHERE schemaname = current_schema()",
    )
    .await?;
    let grants = pairs(
        connection,
        "SELECT table_name::text, privilege_type::text FROM information_schema.table_privileges \
         WHERE table_schema = current_schema() AND grantee = 'neustream_tenant'",
    )
    .await?;

    let mut statements = String::new();
    for (table, is_secured, has_tenant) in tables {
        let rule = RULES.iter().find(|rule| rule.table == table).or(has_tenant.then_some(&OWN_ROWS));
        let none = BTreeSet::new();
        let grants = grants.get(&table).unwrap_or(&none);
        let policies = policies.get(&table).unwrap_or(&none);
        grant(&mut statements, &table, rule, grants);
        secure(&mut statements, &table, rule, is_secured, policies);
    }
    Ok(statements)
}

/// Pairs of texts, by the first.
async fn pairs(
    connection: &mut PgConnection,
    sql: &'static str,
) -> sqlx::Result<BTreeMap<String, BTreeSet<String>>> {
    let rows: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(connection).await?;
    let mut by_first: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (first, second) in rows {
        by_first.entry(first).or_default().insert(second);
    }
    Ok(by_first)
}

fn grant(statements: &mut String, table: &str, rule: Option<&Rule>, present: &BTreeSet<String>) {
    let wanted: BTreeSet<String> =
        rule.map(|rule| rule.privileges.iter().map(ToString::to_string).collect()).unwrap_or_default();
    if wanted == *present {
        return;
    }
    let _ = write!(statements, "REVOKE ALL ON \"{table}\" FROM {ROLE};");
    if !wanted.is_empty() {
        let wanted: Vec<String> = wanted.into_iter().collect();
        let _ = write!(statements, "GRANT {} ON \"{table}\" TO {ROLE};", wanted.join(", "));
    }
}

fn secure(
    statements: &mut String,
    table: &str,
    rule: Option<&Rule>,
    is_secured: bool,
    present: &BTreeSet<String>,
) {
    let wanted: BTreeMap<String, &(&str, &str)> = rule
        .map(|rule| rule.policies.iter().map(|policy| (name(policy), policy)).collect())
        .unwrap_or_default();
    for stale in present.iter().filter(|name| name.starts_with(POLICY_PREFIX) && !wanted.contains_key(*name))
    {
        let _ = write!(statements, "DROP POLICY \"{stale}\" ON \"{table}\";");
    }
    for (name, (command, condition)) in wanted.iter().filter(|(name, _)| !present.contains(*name)) {
        let _ = write!(
            statements,
            "CREATE POLICY \"{name}\" ON \"{table}\" FOR {command} TO {ROLE} USING ({condition});"
        );
    }
    if is_secured == wanted.is_empty() {
        let verb = if wanted.is_empty() { "DISABLE" } else { "ENABLE" };
        let _ = write!(statements, "ALTER TABLE \"{table}\" {verb} ROW LEVEL SECURITY;");
    }
}

/// A policy's name tells what it says, so that a changed one is found by its name.
fn name((command, condition): &(&str, &str)) -> String {
    let digest = hex::encode(Sha256::digest(format!("{command}: {condition}")));
    format!("{POLICY_PREFIX}{}", &digest[..16])
}
