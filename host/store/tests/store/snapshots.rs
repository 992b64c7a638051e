//! The whole database copied out and filled in again, from each kind into each.

use std::collections::BTreeMap;

use neustream_model::Secret;
use neustream_store::testing::{Postgres, TestStore, on_both};
use neustream_store::{
    Closeness, DatabaseKind, KeyFit, NewAccount, Restoration, SchemaState, SealingKey, Snapshot,
    SnapshotError, Store, StoreSettings, inspect,
};
use tempfile::TempDir;

use crate::world::{account, user};

/// What a snapshot tells: lines by table.
type Picture = BTreeMap<String, Vec<String>>;

/// A database that nobody has used.
struct Empty {
    settings: StoreSettings,
    _folder: TempDir,
}

impl Empty {
    async fn of(kind: DatabaseKind, key: &SealingKey) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = match kind {
            DatabaseKind::Sqlite => StoreSettings::sqlite_in(folder.path(), key.clone()),
            DatabaseKind::Postgres => {
                StoreSettings::by_url(Postgres::shared().new_database().await, key.clone())
            }
        };
        Self { settings, _folder: folder }
    }
}

fn settings(t: &TestStore) -> StoreSettings {
    StoreSettings::by_url(t.url.clone(), t.sealing_key.clone())
}

/// Everything of the database, each table's lines in an order that does not depend on the database.
async fn picture(settings: &StoreSettings) -> (Snapshot, Picture) {
    let mut snapshot = Snapshot::take(settings).await.unwrap();
    let mut picture = Picture::new();
    for table in snapshot.tables() {
        let mut lines: Vec<String> = Vec::new();
        let keep = |piece: neustream_store::Piece| -> Result<(), SnapshotError> {
            lines.extend(piece.lines.lines().map(str::to_owned));
            Ok(())
        };
        snapshot.read(&table, keep).await.unwrap();
        lines.sort();
        picture.insert(table, lines);
    }
    (snapshot, picture)
}

async fn fill(into: &StoreSettings, snapshot: &Snapshot, picture: &Picture) -> Result<(), SnapshotError> {
    let mut restoration = Restoration::begin(into, snapshot.migrations(), false).await?;
    for (table, lines) in picture {
        // The names of the columns come first: they begin with `["`, and so do rows; only they are in every piece.
        let names = header(lines);
        let rows = lines.iter().filter(|line| *line != names).map(|row| format!("\n{row}"));
        restoration.put(table, &format!("{names}{}", rows.collect::<String>())).await?;
    }
    restoration.finish().await
}

fn header(lines: &[String]) -> &String {
    let is_header = |line: &&String| {
        serde_json::from_str::<Vec<String>>(line).is_ok_and(|names| {
            names.iter().all(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        })
    };
    lines.iter().find(is_header).unwrap()
}

/// A small world with every kind of value: numbers, nothing, letters of every script, and bytes.
async fn world(t: &TestStore) {
    let name = "Zoë's \"Ünïcode\" \\ \n 频道 🎥".to_owned();
    let ada = NewAccount { display_name: name, ..account("ada@example.com") };
    t.store.host().create_account(&ada).await.unwrap();
    user(t, "bob@example.com").await;
    t.store.host().put_package("sha256:00", &[0, 1, 2, 0xff, 0x80].repeat(300_000)).await.unwrap();
    t.store.host().signing_key(|| Secret::new("kept and sealed")).await.unwrap();
}

#[tokio::test]
async fn a_snapshot_of_each_kind_fills_each_kind_with_the_same_rows() {
    on_both(async |t: TestStore| {
        world(&t).await;
        let (snapshot, before) = picture(&settings(&t)).await;
        assert!(before["packages"].len() > 2, "bytes are there in parts");
        for kind in [DatabaseKind::Sqlite, DatabaseKind::Postgres] {
            let empty = Empty::of(kind, &t.sealing_key).await;
            fill(&empty.settings, &snapshot, &before).await.unwrap();
            let (copy, after) = picture(&empty.settings).await;
            assert_eq!(copy.kind(), kind);
            assert_eq!(after, before, "into {kind}");
            copy.close().await.unwrap();

            let store = Store::open(empty.settings.clone()).await.unwrap();
            assert!(store.host().user_by_email("ada@example.com").await.unwrap().is_some());
            let key = store.host().signing_key(|| Secret::new("another")).await.unwrap();
            assert_eq!(key.expose(), "kept and sealed");
            store.close().await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_written_after_the_snapshot_was_taken_is_not_in_it() {
    on_both(async |t: TestStore| {
        user(&t, "before@example.com").await;
        let mut snapshot = Snapshot::take(&settings(&t)).await.unwrap();
        user(&t, "after@example.com").await;
        let mut text = String::new();
        snapshot
            .read("users", |piece| -> Result<(), SnapshotError> {
                text.push_str(&piece.lines);
                Ok(())
            })
            .await
            .unwrap();
        assert!(text.contains("before@example.com") && !text.contains("after@example.com"), "{text}");
    })
    .await;
}

#[tokio::test]
async fn a_database_in_use_is_not_overwritten_without_being_told_to() {
    on_both(async |t: TestStore| {
        world(&t).await;
        let (snapshot, before) = picture(&settings(&t)).await;
        let migrations = snapshot.migrations().to_vec();
        snapshot.close().await.unwrap();
        let kind = settings(&t).kind().unwrap();
        if kind == DatabaseKind::Postgres {
            let refused = Restoration::begin(&settings(&t), &migrations, true).await.unwrap_err();
            assert!(matches!(refused, SnapshotError::InUse(1..)), "{refused}");
        }
        t.store.close().await;
        let refused = Restoration::begin(&settings(&t), &migrations, false).await.unwrap_err();
        assert!(matches!(refused, SnapshotError::NotEmpty { people: 2, organisations: 2 }), "{refused}");

        // Begun and dropped: nothing has changed.
        drop(Restoration::begin(&settings(&t), &migrations, true).await.unwrap());
        let (snapshot, after) = picture(&settings(&t)).await;
        assert_eq!(after, before);
        snapshot.close().await.unwrap();

        let restoration = Restoration::begin(&settings(&t), &migrations, true).await.unwrap();
        restoration.finish().await.unwrap();
        let (snapshot, after) = picture(&settings(&t)).await;
        assert!(
            after["users"].len() == 1 && after["packages"].len() == 1,
            "only the names of columns are left"
        );
        snapshot.close().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_snapshot_of_another_history_or_with_missing_rows_changes_nothing() {
    on_both(async |t: TestStore| {
        world(&t).await;
        let (snapshot, mut rows) = picture(&settings(&t)).await;
        let empty = Empty::of(settings(&t).kind().unwrap(), &t.sealing_key).await;

        let mut newer = snapshot.migrations().to_vec();
        newer.last_mut().unwrap().version = 9999;
        let refused = Restoration::begin(&empty.settings, &newer, false).await.unwrap_err();
        assert!(matches!(refused, SnapshotError::Newer { theirs: 9999, .. }), "{refused}");
        let mut other = snapshot.migrations().to_vec();
        other[0].checksum = "00".to_owned();
        let refused = Restoration::begin(&empty.settings, &other, false).await.unwrap_err();
        assert!(matches!(refused, SnapshotError::OtherHistory(1)), "{refused}");

        let names = header(&rows["tenants"]).clone();
        rows.insert("tenants".to_owned(), vec![names]);
        let refused = fill(&empty.settings, &snapshot, &rows).await.unwrap_err();
        assert!(
            matches!(&refused, SnapshotError::Dangling { parent, .. } if parent == "tenants"),
            "{refused}"
        );
        let nothing = Snapshot::take(&empty.settings).await.unwrap_err();
        assert!(matches!(nothing, SnapshotError::Absent), "{nothing}");
    })
    .await;
}

#[tokio::test]
async fn a_damaged_piece_is_named_with_its_line() {
    on_both(async |t: TestStore| {
        let (snapshot, _) = picture(&settings(&t)).await;
        let empty = Empty::of(settings(&t).kind().unwrap(), &t.sealing_key).await;
        let mut restoration =
            Restoration::begin(&empty.settings, snapshot.migrations(), false).await.unwrap();
        for (table, lines, expected) in [
            ("nobody", "[\"id\"]", "no such table"),
            ("meta", "nonsense", "line 1"),
            ("meta", "[\"colour\"]", "no column `colour`"),
            ("meta", "[\"name\", \"value\", \"updated_at\"]\n[\"a\", \"b\", 1]\n[\"c\", \"d\"]", "line 3"),
            ("meta", "[\"name\", \"value\", \"updated_at\"]\n[\"a\", \"b\", \"c\"]", "`updated_at`"),
        ] {
            let refused = restoration.put(table, lines).await.unwrap_err().to_string();
            assert!(refused.contains(expected), "{refused}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_older_schema_is_restored_and_brought_up_to_date() {
    on_both(async |t: TestStore| {
        let (snapshot, _) = picture(&settings(&t)).await;
        let first = &snapshot.migrations()[..1];
        let empty = Empty::of(settings(&t).kind().unwrap(), &t.sealing_key).await;
        let mut restoration = Restoration::begin(&empty.settings, first, false).await.unwrap();
        restoration.put("tenants", "[\"id\", \"name\", \"created_at\"]\n[\"t\", \"Old\", 7]").await.unwrap();
        restoration.finish().await.unwrap();
        let (copy, after) = picture(&empty.settings).await;
        assert_eq!(copy.migrations(), snapshot.migrations());
        assert!(after["tenants"].iter().any(|line| line.contains("\"Old\"")));
    })
    .await;
}

#[tokio::test]
async fn an_inspection_tells_the_state_of_schema_and_key_and_changes_nothing() {
    on_both(async |t: TestStore| {
        let fresh = Empty::of(settings(&t).kind().unwrap(), &t.sealing_key).await;
        match inspect(&fresh.settings, Closeness::Whole).await {
            Ok(found) => assert_eq!((found.schema, found.key), (SchemaState::Absent, KeyFit::Untried)),
            Err(error) => assert!(matches!(error, SnapshotError::Absent), "{error}"),
        }
        assert!(matches!(Snapshot::take(&fresh.settings).await, Err(SnapshotError::Absent)));

        world(&t).await;
        let found = inspect(&settings(&t), Closeness::Whole).await.unwrap();
        assert_eq!((found.schema, &found.key, &found.damage), (SchemaState::Current, &KeyFit::Fits, &None));
        assert!(found.last_written.is_some());
        if let Some(wall) = &found.second_wall {
            assert!(wall.may_make_role && wall.tables > 10, "{wall:?}");
        }
        let other = StoreSettings::by_url(t.url.clone(), SealingKey::generate());
        assert!(matches!(inspect(&other, Closeness::Whole).await.unwrap().key, KeyFit::Misfit(_)));

        t.execute("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 1").await;
        assert_eq!(inspect(&settings(&t), Closeness::Whole).await.unwrap().schema, SchemaState::Ahead);
    })
    .await;
}
