//! `neustream admin restore`: a backup back into a database, of the same kind or of the other one.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use neustream_store::{Restoration, SealingKey, SnapshotError};

use super::archive::{self, Contents, entries, table_of};
use super::{Place, settings_file};
use crate::data_lock::DataLock;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Restore {
    /// The file that `neustream admin backup` wrote.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace the database and the master key that are there.
    #[arg(long)]
    overwrite: bool,
    /// Only read the file and check it; change nothing.
    #[arg(long, conflicts_with = "overwrite")]
    check: bool,
}

/// What becomes of the master key.
enum KeyPlan {
    /// The one that is there is the right one.
    Keep,
    /// The one of the backup takes its place; a former one is kept beside it.
    Write { text: String, former: Option<SealingKey> },
}

impl Restore {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> anyhow::Result<()> {
        // Everything is read and checked before anything is touched.
        let contents = archive::verify(&self.file)
            .with_context(|| format!("{} is not restored", self.file.display()))?;
        let header = &contents.header;
        println!(
            "Backup:    of {}, made by Neustream {} from {}; whole and undamaged",
            header.created_at, header.neustream, header.database
        );
        if self.check {
            return Ok(());
        }
        let data_dir = &place.config.data_dir;
        fs::create_dir_all(data_dir)
            .with_context(|| format!("wrong setting `data_dir`: {} cannot be made", data_dir.display()))?;
        let _alone = DataLock::alone(data_dir)?;
        let key = self.key_plan(place, &contents)?;
        let settings = place.store_settings()?;
        let mut restoration = Restoration::begin(&settings, &header.migrations(), self.overwrite)
            .await
            .map_err(|error| with_advice(error, place))?;
        let rows = fill(&mut restoration, &self.file).await?;
        let fresh_key = write_beside(&place.master_key_file(), &key)?;
        restoration.finish().await.map_err(|error| with_advice(error, place))?;
        if let (Some(fresh), KeyPlan::Write { former, .. }) = (fresh_key, key) {
            put_in_place(&fresh, &place.master_key_file(), former.as_ref())?;
        }
        println!("Restored:  {rows} rows into {}", settings.kind()?);
        tell_settings(place, &contents)?;
        println!("Next:      neustream admin doctor, then start the server");
        Ok(())
    }

    fn key_plan(&self, place: &Place, contents: &Contents) -> anyhow::Result<KeyPlan> {
        let there = place.sealing_key()?;
        let path = place.master_key_file();
        let Some(text) = &contents.master_key else {
            // Made without the key: the right one must be here.
            let wanted = contents.header.master_key_id.as_deref().unwrap_or("unknown");
            let there = there.with_context(|| {
                format!("the backup was made without the master key: put it to {} first", path.display())
            })?;
            ensure!(
                there.id() == wanted,
                "the backup's secrets are sealed with the master key {wanted}, but {} holds {}",
                path.display(),
                there.id()
            );
            return Ok(KeyPlan::Keep);
        };
        let theirs: SealingKey = text.trim().parse().context("the backup's master key cannot be read")?;
        match there {
            Some(there) if there.id() == theirs.id() => Ok(KeyPlan::Keep),
            Some(there) if !self.overwrite => bail!(
                "{} holds another master key ({}) than the backup ({}); --overwrite keeps it beside the new one",
                path.display(),
                there.id(),
                theirs.id()
            ),
            former => Ok(KeyPlan::Write { text: text.clone(), former }),
        }
    }
}

/// Puts the rows of the file into the database.
async fn fill(restoration: &mut Restoration, file: &Path) -> anyhow::Result<u64> {
    // Reading the file blocks, and nobody else has this thread.
    let (pieces, mut incoming) = tokio::sync::mpsc::channel::<(String, Vec<u8>)>(1);
    let path = file.to_owned();
    let reader = tokio::task::spawn_blocking(move || {
        entries(&path, |entry, content| {
            let Some(table) = table_of(entry) else { return Ok(()) };
            pieces.blocking_send((table.to_owned(), content)).context("the database refused")
        })
    });
    let mut rows = 0;
    while let Some((table, content)) = incoming.recv().await {
        rows += restoration.put(&table, std::str::from_utf8(&content)?).await?;
    }
    reader.await??;
    Ok(rows)
}

/// The new key in a file of its own, safe on the disk.
fn write_beside(master_key: &Path, plan: &KeyPlan) -> anyhow::Result<Option<PathBuf>> {
    let KeyPlan::Write { text, .. } = plan else { return Ok(None) };
    let fresh = master_key.with_extension("key.restored");
    let mut options = fs::File::options();
    options.write(true).create(true).truncate(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh).with_context(|| format!("{} cannot be written", fresh.display()))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(Some(fresh))
}

fn put_in_place(fresh: &Path, master_key: &Path, former: Option<&SealingKey>) -> anyhow::Result<()> {
    if let Some(former) = former {
        let aside = master_key.with_extension(format!("key.{}", former.id()));
        fs::rename(master_key, &aside)
            .with_context(|| format!("{} cannot be moved aside", master_key.display()))?;
        println!("Key:       the former one is kept as {}", aside.display());
    }
    fs::rename(fresh, master_key).with_context(|| {
        format!("{} cannot be written: rename {} to it", master_key.display(), fresh.display())
    })
}

/// Settings are the operator's: those of the backup are laid beside, never put in force.
fn tell_settings(place: &Place, contents: &Contents) -> anyhow::Result<()> {
    let Some(theirs) = &contents.settings else { return Ok(()) };
    let own = settings_file(place.config_file.as_deref()).and_then(|file| fs::read_to_string(file).ok());
    if own.as_ref() == Some(theirs) {
        return Ok(());
    }
    let beside = place.config.data_dir.join("neustream.toml.restored");
    let mut options = fs::File::options();
    options.write(true).create(true).truncate(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&beside)?.write_all(theirs.as_bytes())?;
    println!(
        "Settings:  those of the backup are in {}; compare and take over what you want",
        beside.display()
    );
    Ok(())
}

fn with_advice(error: SnapshotError, place: &Place) -> anyhow::Error {
    let advice = match &error {
        SnapshotError::NotEmpty { .. } => {
            "--overwrite replaces it, and `neustream admin backup` before that keeps what is there".to_owned()
        }
        SnapshotError::Store(_) if place.config.database_url.is_none() => format!(
            "if {} itself is damaged, move it away first",
            place.config.data_dir.join("neustream.db").display()
        ),
        _ => return error.into(),
    };
    anyhow::anyhow!("{:#}; {advice}", anyhow::Error::from(error))
}
