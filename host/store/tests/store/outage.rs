use std::time::{Duration, Instant};

use neustream_store::testing::{Postgres, TestStore, on_both};
use neustream_store::{SealingKey, Store, StoreError, StoreSettings};

use crate::world;

#[tokio::test]
async fn a_stopped_database_is_reported_within_a_second() {
    let postgres = Postgres::start();
    let settings = StoreSettings::by_url(postgres.new_database().await, SealingKey::generate());
    let store = Store::open(settings).await.unwrap();
    let user = store.host().create_account(&world::account("ada@example.com")).await.unwrap();
    drop(postgres);

    let asked = Instant::now();
    let sources = store.tenant(user.tenant_id).sources().await;
    assert!(matches!(sources, Err(StoreError::Unavailable(_))), "{sources:?}");
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?} for two calls", asked.elapsed());
}

#[tokio::test]
async fn a_locked_sqlite_file_is_reported_within_a_second() {
    use sqlx::Connection;
    let t = TestStore::sqlite().await;
    let mut writer = sqlx::AnyConnection::connect(&t.url).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut writer).await.unwrap();

    let asked = Instant::now();
    let refused = t.store.host().create_account(&world::account("ada@example.com")).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    // Readers do not wait for the writer.
    assert!(t.store.host().user_by_email("ada@example.com").await.unwrap().is_none());
}

#[tokio::test]
async fn a_closed_store_is_unavailable() {
    on_both(async |t| {
        t.store.close().await;
        assert!(matches!(t.store.ping().await, Err(StoreError::Unavailable(_))));
    })
    .await;
}

#[tokio::test]
async fn a_database_url_that_cannot_work_is_named() {
    for url in ["mysql://localhost/x", "not a url", "redis:"] {
        let refused = Store::open(StoreSettings::by_url(url, SealingKey::generate())).await;
        assert!(matches!(refused, Err(StoreError::Url(_))), "{url}: {refused:?}");
    }
}

#[tokio::test]
async fn a_folder_name_with_spaces_and_signs_works() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("my data?#%41");
    std::fs::create_dir(&data).unwrap();
    let store = Store::open(StoreSettings::sqlite_in(&data, SealingKey::generate())).await.unwrap();
    store.ping().await.unwrap();
    assert!(data.join("neustream.db").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_of_the_database_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(StoreSettings::sqlite_in(folder.path(), SealingKey::generate())).await.unwrap();
    store.host().create_account(&world::account("ada@example.com")).await.unwrap();
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
    assert!(files.len() >= 2, "the database and its journal");
    for file in files {
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", file.file_name());
    }
}

#[test]
fn settings_never_print_the_databases_password() {
    let settings = StoreSettings::by_url("postgres://root:hunter2@db/neustream", SealingKey::generate());
    assert!(!format!("{settings:?}").contains("hunter2"));
}

#[tokio::test]
async fn opening_twice_finds_the_schema_up_to_date() {
    on_both(async |t| {
        world::user(&t, "ada@example.com").await;
        let again = Store::open(StoreSettings::by_url(t.url.clone(), t.sealing_key.clone())).await.unwrap();
        assert!(again.host().user_by_email("ada@example.com").await.unwrap().is_some());
    })
    .await;
}
