//! Both databases for tests: a SQLite file, and a private PostgreSQL that ends with the test process.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use neustream_model::{RequestId, TenantId};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

use crate::transaction::Transaction;
use crate::{SealingKey, Store, StoreError, StoreSettings};

const INSTALL: &str = "apt-get update && apt-get install -y postgresql-15";
/// Where Debian keeps the server's binaries, which are not on the `PATH`.
const BINARIES: &str = "/usr/lib/postgresql/15/bin";
/// The user that runs PostgreSQL when tests run as root: it refuses to run as root.
const USER: &str = "postgres";

/// Waits for the end of its standard input, which is a pipe held by the test process: however that process ends,
/// the server stops and its folder goes.
const KEEPER: &str = r#"
"$1/postgres" -D "$2/data" -p "$3" -k "$2" -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off \
    -c synchronous_commit=off -c max_connections=200 -c shared_buffers=32MB -c logging_collector=off \
    -c lc_messages=C </dev/null &
server=$!
exec 3<&0
( read -r _ <&3; kill -INT "$server" ) >/dev/null 2>&1 &
wait "$server"
rm -rf "$2"
"#;

/// A store on a fresh database.
pub struct TestStore {
    /// The store, on the current schema.
    pub store: Store,
    /// The URL of its database, for a second look at it.
    pub url: String,
    /// The master key it seals with.
    pub sealing_key: SealingKey,
    _folder: Option<TempDir>,
}

impl TestStore {
    /// A store in a new SQLite file.
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let settings = StoreSettings::sqlite_in(folder.path(), SealingKey::generate());
        Self::open(settings, Some(folder)).await
    }

    /// A store in a new database of the PostgreSQL that this test process shares.
    pub async fn postgres() -> Self {
        let url = Postgres::shared().new_database().await;
        Self::open(StoreSettings::by_url(url, SealingKey::generate()), None).await
    }

    /// Another store, on a new database of the same kind.
    pub async fn fresh(&self) -> Self {
        if self.store.is_sqlite { Self::sqlite().await } else { Self::postgres().await }
    }

    /// Counts what a query that names no tenant sees through a tenant's door: what is left when the first wall is gone.
    pub async fn seen_by(&self, tenant: TenantId, sql: impl Into<String>) -> Result<i64, StoreError> {
        let mut connection = self.store.tenant_connection(tenant).await?;
        Ok(sqlx::query_scalar(AssertSqlSafe(sql.into())).fetch_one(&mut *connection).await?)
    }

    /// Runs SQL that names no tenant through a tenant's door; tells how many rows it changed.
    pub async fn changed_by(&self, tenant: TenantId, sql: impl Into<String>) -> Result<u64, StoreError> {
        let mut transaction = Transaction::changing_tenant(&self.store, tenant).await?;
        let changed = sqlx::query(AssertSqlSafe(sql.into())).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(changed.rows_affected())
    }

    /// What the audit log says, in every chain, that a request did.
    pub async fn audited(&self, request: RequestId) -> Vec<String> {
        sqlx::query_scalar(
            "SELECT action FROM audit_entries WHERE request_id = $1 ORDER BY tenant_id, sequence",
        )
        .bind(request.to_string())
        .fetch_all(&self.store.pool)
        .await
        .expect("the audit log is there")
    }

    /// Runs SQL behind the store's back.
    pub async fn execute(&self, sql: impl Into<String>) {
        sqlx::query(AssertSqlSafe(sql.into()))
            .execute(&self.store.pool)
            .await
            .expect("the test's SQL is right");
    }

    async fn open(mut settings: StoreSettings, folder: Option<TempDir>) -> Self {
        // Many tests at once share one PostgreSQL.
        settings.max_connections = Some(4);
        let (url, sealing_key) = (settings.url.clone(), settings.sealing_key.clone());
        let store = Store::open(settings).await.expect("a fresh database opens");
        Self { store, url, sealing_key, _folder: folder }
    }
}

/// Runs `test` on a fresh SQLite file and on a fresh PostgreSQL database.
pub async fn on_both(test: impl AsyncFn(TestStore)) {
    test(TestStore::sqlite().await).await;
    test(TestStore::postgres().await).await;
}

/// A private PostgreSQL server.
pub struct Postgres {
    port: u16,
    keeper: Child,
    databases: AtomicU32,
}

impl Postgres {
    /// The server that all tests of this process share.
    ///
    /// # Panics
    /// When it does not start; the message says what to install.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// A server of one's own, for tests that stop it.
    ///
    /// # Panics
    /// When it does not start; the message says what to install.
    pub fn start() -> Self {
        let binaries = Path::new(BINARIES);
        assert!(binaries.join("postgres").exists(), "PostgreSQL 15 is missing; install it with: {INSTALL}");
        // Another process may take the free port before the server does.
        (0..5).find_map(|_| Self::start_on_free_port(binaries)).expect("PostgreSQL starts on a free port")
    }

    fn start_on_free_port(binaries: &Path) -> Option<Self> {
        let folder = new_folder();
        run(as_postgres(&binaries.join("initdb"))
            .args(["--auth=trust", "--username=postgres", "--no-sync"])
            .args(["--encoding=UTF8", "--locale=C", "--pgdata"])
            .arg(folder.join("data")));
        let port = free_port();
        let mut keeper = as_postgres(Path::new("sh"))
            .args(["-c", KEEPER, "sh"])
            .args([binaries.as_os_str(), folder.as_os_str()])
            .arg(port.to_string())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the shell starts");
        let mut log = BufReader::new(keeper.stderr.take().expect("stderr is piped"));
        let mut line = String::new();
        while log.read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
            if line.contains("ready to accept connections") {
                // The server must never wait for a reader of its log.
                std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
                return Some(Self { port, keeper, databases: AtomicU32::new(0) });
            }
            if line.contains("FATAL") {
                eprintln!("{line}");
            }
            line.clear();
        }
        drop(keeper.stdin.take());
        let _ended = keeper.wait();
        None
    }

    /// Makes an empty database; returns its URL.
    pub async fn new_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut connection =
            PgConnection::connect(&self.url("postgres")).await.expect("the private PostgreSQL answers");
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&mut connection)
            .await
            .expect("a database is made");
        self.url(&name)
    }

    /// The TCP port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ended = self.keeper.wait();
    }
}

fn new_folder() -> PathBuf {
    let output = as_postgres(Path::new("mktemp"))
        .args(["-d", "/tmp/neustream-postgres.XXXXXX"])
        .output()
        .expect("mktemp runs");
    assert!(output.status.success(), "mktemp: {}", String::from_utf8_lossy(&output.stderr));
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

/// A command as a user that PostgreSQL accepts.
fn as_postgres(program: &Path) -> Command {
    let id = Command::new("id").arg("-u").output().expect("id runs");
    if id.stdout.trim_ascii() == b"0" {
        let mut command = Command::new("runuser");
        command.args(["-u", USER, "--"]).arg(program).current_dir("/");
        command
    } else {
        Command::new(program)
    }
}

fn run(command: &mut Command) {
    let output = command.output().expect("the command starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
