//! The second wall between organisations: what PostgreSQL holds when a query forgets to name its tenant.

use std::collections::BTreeMap;

use neustream_model::TenantId;
use neustream_store::testing::{Postgres, TestStore};
use neustream_store::{NewDestination, RowSecurity, SealingKey, Store, StoreError, StoreSettings};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::world;

/// An organisation with a row in every table that the store's own calls fill quickly.
async fn settled(t: &TestStore, email: &str) -> TenantId {
    let tenant = world::tenant(t, email).await;
    let (source, _) = tenant.create_source(&world::source("Main"), 10).await.unwrap();
    let new = NewDestination {
        plugin: "neustream/rtmp".to_owned(),
        installation: None,
        name: "Out".to_owned(),
        config: "{}".to_owned(),
        secrets: BTreeMap::from([("stream-key".to_owned(), neustream_model::Secret::new("s"))]),
        is_active: true,
    };
    tenant.create_destination(source.row.id, &new, 10).await.unwrap();
    tenant.create_publisher(&email.replace(['@', '.'], "-"), "ed25519:00", 10).await.unwrap();
    tenant.set_pins(&BTreeMap::from([("acme/one".to_owned(), "sha256:00".to_owned())])).await.unwrap();
    tenant.tenant()
}

/// Tables, each with the condition that its row is another organisation's.
const FOREIGN: &[(&str, &str)] = &[
    ("sources", "tenant_id <> '{}'"),
    ("destinations", "tenant_id <> '{}'"),
    ("destination_secrets", "tenant_id <> '{}'"),
    ("publishers", "tenant_id <> '{}'"),
    ("publisher_keys", "namespace NOT IN (SELECT namespace FROM publishers WHERE tenant_id = '{}')"),
    ("plugin_pins", "scope_id <> '{}'"),
    ("memberships", "tenant_id <> '{}'"),
    ("apps", "tenant_id <> '{}'"),
    ("users", "tenant_id <> '{}'"),
    ("tenants", "id <> '{}'"),
    ("audit_entries", "tenant_id <> '{}'"),
    ("audit_heads", "tenant_id <> '{}'"),
];

#[tokio::test]
async fn a_query_that_names_no_tenant_sees_and_changes_nothing_of_others() {
    let t = TestStore::postgres().await;
    assert_eq!(t.store.row_security(), &RowSecurity::Holds);
    let (ada, eve) = (settled(&t, "ada@example.com").await, settled(&t, "eve@example.com").await);
    let mut host = PgConnection::connect(&t.url).await.unwrap();
    for (table, condition) in FOREIGN {
        let foreign = condition.replace("{}", &eve.to_string());
        let count = format!("SELECT COUNT(*) FROM {table} WHERE {foreign}");
        let there: i64 = sqlx::query_scalar(AssertSqlSafe(count.clone())).fetch_one(&mut host).await.unwrap();
        assert!(there > 0, "{table}: the host sees Ada's rows, or this test shows nothing");
        assert_eq!(t.seen_by(eve, count).await.unwrap(), 0, "{table}: Eve sees Ada's rows");
        let own = format!("SELECT COUNT(*) FROM {table}");
        assert!(t.seen_by(eve, own).await.unwrap() > 0, "{table}: Eve does not see her own rows");
        // Some tables a tenant may not delete from at all; from none it deletes what is another's.
        let deleted = t.changed_by(eve, format!("DELETE FROM {table} WHERE {foreign}")).await;
        assert!(matches!(deleted, Ok(0) | Err(StoreError::Sql(_))), "{table}: {deleted:?}");
    }
    let steal = format!("UPDATE sources SET tenant_id = '{eve}' WHERE tenant_id = '{ada}'");
    assert_eq!(t.changed_by(eve, steal).await.unwrap(), 0);
    let give = format!("UPDATE sources SET tenant_id = '{ada}'");
    assert!(t.changed_by(eve, give).await.is_err(), "a row cannot be moved to another organisation");
    let plant = format!(
        "INSERT INTO destination_secrets (destination_id, name, tenant_id, sealed, updated_at) \
         SELECT id, 'planted', '{ada}', '', 0 FROM destinations"
    );
    assert!(t.changed_by(eve, plant).await.is_err(), "no row can be made for another organisation");
}

#[tokio::test]
async fn what_only_the_host_needs_is_not_there_for_tenants() {
    let t = TestStore::postgres().await;
    let eve = settled(&t, "eve@example.com").await;
    for table in ["meta", "sign_ins", "refresh_tokens", "oauth_clients", "rollouts", "invitations"] {
        let seen = t.seen_by(eve, format!("SELECT COUNT(*) FROM {table}")).await;
        assert!(matches!(seen, Err(StoreError::Sql(_))), "{table}: {seen:?}");
    }
    for deed in [
        "UPDATE audit_entries SET action = 'x'",
        "DELETE FROM audit_entries",
        "UPDATE users SET role = 'admin'",
    ] {
        let done = t.changed_by(eve, deed).await;
        assert!(matches!(done, Err(StoreError::Sql(_))), "{deed}: {done:?}");
    }
}

#[tokio::test]
async fn every_table_with_a_tenant_has_its_policy() {
    let t = TestStore::postgres().await;
    let mut host = PgConnection::connect(&t.url).await.unwrap();
    let open: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = 'public' AND c.relkind = 'r' AND NOT (c.relrowsecurity AND EXISTS ( \
         SELECT 1 FROM pg_policies p WHERE p.tablename = c.relname AND p.cmd IN ('ALL', 'SELECT') \
         AND p.roles::text[] = ARRAY['neustream_tenant'] AND p.qual LIKE '%neustream.tenant%'))",
    )
    .fetch_all(&mut host)
    .await
    .unwrap();
    assert_eq!(open, [""; 0], "tables with tenant_id and without a wall");
    let walled: i64 = sqlx::query_scalar("SELECT COUNT(DISTINCT tablename) FROM pg_policies")
        .fetch_one(&mut host)
        .await
        .unwrap();
    assert!(walled > 25, "{walled}");
    let privileged: bool = sqlx::query_scalar(
        "SELECT rolsuper OR rolbypassrls OR rolcanlogin FROM pg_roles WHERE rolname = 'neustream_tenant'",
    )
    .fetch_one(&mut host)
    .await
    .unwrap();
    assert!(!privileged, "the role cannot sign in and is above no policy");
}

#[tokio::test]
async fn a_changed_policy_is_put_right_at_the_next_start_and_a_right_one_is_left_alone() {
    let t = TestStore::postgres().await;
    let mut host = PgConnection::connect(&t.url).await.unwrap();
    let policies = "SELECT oid::text FROM pg_policy ORDER BY 1";
    let before: Vec<String> = sqlx::query_scalar(policies).fetch_all(&mut host).await.unwrap();
    reopen(&t.url).await;
    let again: Vec<String> = sqlx::query_scalar(policies).fetch_all(&mut host).await.unwrap();
    assert_eq!(before, again, "a start that finds everything right changes nothing");

    sqlx::raw_sql(
        "CREATE POLICY neustream_leak ON sources FOR SELECT TO neustream_tenant USING (true); \
         ALTER TABLE destinations DISABLE ROW LEVEL SECURITY; GRANT SELECT ON meta TO neustream_tenant;",
    )
    .execute(&mut host)
    .await
    .unwrap();
    reopen(&t.url).await;
    let (ada, eve) = (settled(&t, "ada@example.com").await, settled(&t, "eve@example.com").await);
    for table in ["sources", "destinations"] {
        let foreign = format!("SELECT COUNT(*) FROM {table} WHERE tenant_id = '{ada}'");
        assert_eq!(t.seen_by(eve, foreign).await.unwrap(), 0, "{table}");
    }
    assert!(t.seen_by(eve, "SELECT COUNT(*) FROM meta").await.is_err());
}

#[tokio::test]
async fn a_login_that_may_not_make_roles_is_told_what_to_do_and_works_on() {
    let postgres = Postgres::start();
    let url = postgres.new_database().await;
    let mut administrator = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("CREATE ROLE plain LOGIN; GRANT CREATE ON SCHEMA public TO plain;")
        .execute(&mut administrator)
        .await
        .unwrap();
    let plain = url.replace("postgres@", "plain@");
    let store = reopen(&plain).await;
    let RowSecurity::Missing(why) = store.row_security() else { panic!("{:?}", store.row_security()) };
    assert!(why.contains("CREATE ROLE neustream_tenant NOLOGIN; GRANT neustream_tenant TO"), "{why}");
    let user = store.host().create_account(&world::account("ada@example.com")).await.unwrap();
    store.tenant(user.tenant_id).create_source(&world::source("Main"), 10).await.unwrap();

    // What the message says helps.
    sqlx::raw_sql("CREATE ROLE neustream_tenant NOLOGIN; GRANT neustream_tenant TO plain;")
        .execute(&mut administrator)
        .await
        .unwrap();
    let store = reopen(&plain).await;
    assert_eq!(store.row_security(), &RowSecurity::Holds);
    assert_eq!(store.tenant(user.tenant_id).sources().await.unwrap().len(), 1);
}

#[tokio::test]
async fn sqlite_offers_no_second_wall_and_says_so() {
    let t = TestStore::sqlite().await;
    assert_eq!(t.store.row_security(), &RowSecurity::NotOffered);
}

async fn reopen(url: &str) -> Store {
    Store::open(StoreSettings::by_url(url, SealingKey::generate())).await.unwrap()
}

/// Every file of the store, with its text.
fn sources() -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        files.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
    }
    assert!(files.len() > 30, "the files of the store");
    files
}

#[test]
fn tenants_reach_the_database_by_their_own_doors_alone() {
    let mut blocks = 0;
    for (file, text) in sources() {
        let starts = ["\nimpl TenantStore {\n", "\nimpl AppStore {\n"];
        for start in starts.iter().flat_map(|start| text.match_indices(start)) {
            let block = &text[start.0..];
            let block = &block[..block.find("\n}\n").unwrap_or(block.len())];
            blocks += 1;
            for (at, _) in block.match_indices("store.pool") {
                // What is of several organisations says so just before.
                let before = &block[at.saturating_sub(700)..at];
                assert!(
                    before.contains("the host's door"),
                    "{file}: a query of a tenant goes by the host's pool"
                );
            }
        }
    }
    assert!(blocks > 20, "{blocks}");
}
