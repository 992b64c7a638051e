//! Opening the database, and the bounds of every call.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use neustream_model::TenantId;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Connection};
use tokio::sync::Semaphore;
use url::Url;

use crate::migrations::MIGRATIONS;
use crate::row_security::{self, RowSecurity};
use crate::{HostStore, SealingKey, StoreError, TenantStore};

/// Time for a connection of the pool to be had.
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(800);
/// Time for a whole call: the API promises 503 within a second.
const CALL_TIMEOUT: Duration = Duration::from_millis(900);
/// Time for the first connection and for bringing the schema up to date.
const OPEN_TIMEOUT: Duration = Duration::from_secs(30);
/// SQLite has one writer anyway; the others read.
const SQLITE_CONNECTIONS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 16;

/// How to open the store. Prints no URL: it may hold a password.
#[derive(Clone)]
pub struct StoreSettings {
    /// `sqlite:` or `postgres:` URL.
    pub url: String,
    /// The master key that secrets are sealed with.
    pub sealing_key: SealingKey,
    /// Connections of a pool, of which PostgreSQL has two: the host's and the tenants'. `None` for what suits the
    /// database.
    pub max_connections: Option<u32>,
    /// A file that is made, for its owner alone, before the database makes it for everyone.
    own_file: Option<PathBuf>,
}

impl StoreSettings {
    /// The embedded default: `neustream.db` in the folder `data`.
    pub fn sqlite_in(data: &Path, sealing_key: SealingKey) -> Self {
        let path = std::path::absolute(data).unwrap_or_else(|_| data.to_owned()).join("neustream.db");
        // `set_path` escapes what a folder's name may hold, except for the escape sign itself.
        let mut url = Url::parse("sqlite:///").expect("a constant URL");
        url.set_path(&path.to_string_lossy().replace('%', "%25"));
        url.set_query(Some("mode=rwc"));
        Self { url: url.to_string(), sealing_key, max_connections: None, own_file: Some(path) }
    }

    /// A database by URL.
    pub fn by_url(url: impl Into<String>, sealing_key: SealingKey) -> Self {
        Self { url: url.into(), sealing_key, max_connections: None, own_file: None }
    }
}

impl fmt::Debug for StoreSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreSettings").field("sealing_key", &self.sealing_key).finish_non_exhaustive()
    }
}

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) pool: AnyPool,
    /// On PostgreSQL a pool that sees one tenant at a time; on SQLite the same pool.
    pub(crate) tenant_pool: AnyPool,
    pub(crate) is_sqlite: bool,
    /// On SQLite, whose turn it is to write.
    pub(crate) writers: Arc<Semaphore>,
    pub(crate) sealing_key: Arc<SealingKey>,
    row_security: Arc<RowSecurity>,
}

impl Store {
    /// Connects, brings the schema up to date and makes the pool.
    ///
    /// # Errors
    /// [`StoreError::Url`] for a URL it cannot use, [`StoreError::Unavailable`] when the database does not answer,
    /// [`StoreError::Migration`] when its schema is not one that this version can continue from.
    pub async fn open(settings: StoreSettings) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let options: AnyConnectOptions =
            settings.url.parse().map_err(|error: sqlx::Error| StoreError::Url(error.to_string()))?;
        let is_sqlite = match options.database_url.scheme() {
            "sqlite" => true,
            "postgres" | "postgresql" => false,
            other => {
                return Err(StoreError::Url(format!("`{other}` is neither `sqlite` nor `postgres`")));
            }
        };
        if let Some(path) = &settings.own_file {
            make_private(path)
                .map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display()).into()))?;
        }
        tokio::time::timeout(OPEN_TIMEOUT, migrate(&options, is_sqlite))
            .await
            .map_err(|_| StoreError::Unavailable("no answer while opening it".into()))??;

        let row_security =
            if is_sqlite { RowSecurity::NotOffered } else { row_security::raise(&settings.url).await };
        if let RowSecurity::Missing(why) = &row_security {
            tracing::warn!("{why}");
        }
        let default_connections = if is_sqlite { SQLITE_CONNECTIONS } else { POSTGRES_CONNECTIONS };
        let pool_options = AnyPoolOptions::new()
            .max_connections(settings.max_connections.unwrap_or(default_connections))
            .acquire_timeout(ACQUIRE_TIMEOUT);
        let pool = pool_options
            .clone()
            .after_connect(move |connection, _| Box::pin(prepare(connection, is_sqlite)))
            .connect_lazy_with(options.clone());
        let tenant_pool = match row_security {
            RowSecurity::Holds => pool_options
                .after_connect(|connection, _| Box::pin(become_tenant(connection)))
                .connect_lazy_with(options),
            RowSecurity::NotOffered | RowSecurity::Missing(_) => pool.clone(),
        };
        Ok(Self {
            tenant_pool,
            pool,
            is_sqlite,
            writers: Arc::new(Semaphore::new(1)),
            sealing_key: Arc::new(settings.sealing_key),
            row_security: Arc::new(row_security),
        })
    }

    /// The scope of one tenant.
    pub fn tenant(&self, tenant: TenantId) -> TenantStore {
        TenantStore::new(self.clone(), tenant)
    }

    /// The scope of the host itself.
    pub fn host(&self) -> HostStore {
        HostStore::new(self.clone())
    }

    /// Whether the database itself keeps organisations apart, too.
    pub fn row_security(&self) -> &RowSecurity {
        &self.row_security
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        within(async {
            sqlx::query("SELECT 1").execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

    /// Closes every connection; calls that come later find the store unavailable.
    pub async fn close(&self) {
        self.writers.close();
        self.pool.close().await;
        self.tenant_pool.close().await;
    }
}

/// Bounds one call of the store.
pub(crate) async fn within<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    tokio::time::timeout(CALL_TIMEOUT, work)
        .await
        .unwrap_or_else(|_| Err(StoreError::Unavailable("no answer in time".into())))
}

/// Makes an empty file that only its owner reads; SQLite gives its journals the same mode.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

async fn migrate(options: &AnyConnectOptions, is_sqlite: bool) -> Result<(), StoreError> {
    let mut connection = AnyConnection::connect_with(options).await.map_err(|error| match error {
        sqlx::Error::Configuration(error) => StoreError::Url(error.to_string()),
        other => StoreError::Unavailable(other.to_string().into()),
    })?;
    prepare(&mut connection, is_sqlite).await?;
    MIGRATIONS.run(&mut connection).await.map_err(StoreError::Migration)?;
    connection.close().await?;
    Ok(())
}

/// Makes a new connection one of tenants: it sees the rows of the tenant that it is set to.
async fn become_tenant(connection: &mut AnyConnection) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(format!("SET ROLE {}", row_security::ROLE))).execute(connection).await?;
    Ok(())
}

/// Makes a new connection behave: on SQLite readers and the writer do not block each other, an acknowledged write
/// survives a power cut, foreign keys hold.
async fn prepare(connection: &mut AnyConnection, is_sqlite: bool) -> sqlx::Result<()> {
    if is_sqlite {
        sqlx::raw_sql(
            "PRAGMA busy_timeout = 700; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;",
        )
        .execute(connection)
        .await?;
    }
    Ok(())
}
