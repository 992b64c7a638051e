//! `neustream admin backup`: database, master key and settings in one file, while the server runs or not.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use neustream_model::UnixMillis;
use neustream_store::{SealingKey, Snapshot};

use super::archive::{Header, MASTER_KEY, SETTINGS, Writer};
use super::{Place, settings_file};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Backup {
    /// The file to write, or `-` for standard output; by default a name with the time, in this folder.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Leave the master key out: keep it elsewhere, the secrets in the database are lost without it.
    #[arg(long)]
    without_key: bool,
}

/// What was written.
struct Written {
    tables: usize,
    rows: u64,
}

impl Backup {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> anyhow::Result<()> {
        let to = self.to.clone().unwrap_or_else(|| {
            let time = super::rfc3339(UnixMillis::now()).replace([':', '-'], "");
            PathBuf::from(format!("neustream-{}.tar.gz", time.split('.').next().unwrap_or(&time)))
        });
        let key = if self.without_key { None } else { Some(Self::key_text(place)?) };
        if to == Path::new("-") {
            let written = write(place, key, io::stdout().lock()).await?.0;
            eprintln!("Backup:    {} rows of {} tables", written.rows, written.tables);
            return Ok(());
        }
        let partial = partial_name(&to);
        let outcome = write_file(place, key, &partial).await;
        let written = match outcome {
            Ok(written) => written,
            Err(error) => {
                // What is half a backup is none.
                let _ = std::fs::remove_file(&partial);
                return Err(error);
            }
        };
        std::fs::rename(&partial, &to).with_context(|| format!("{} cannot be written", to.display()))?;
        let size = std::fs::metadata(&to)?.len();
        println!("Backup:    {} ({})", to.display(), super::bytes(size));
        println!("Database:  {} rows of {} tables, as they were at one moment", written.rows, written.tables);
        if self.without_key {
            println!("Not in it: {}. Keep that file as well", place.master_key_file().display());
        } else {
            println!("In it:     the master key. Whoever has the file can read the secrets in the database");
        }
        Ok(())
    }

    fn key_text(place: &Place) -> anyhow::Result<String> {
        let path = place.master_key_file();
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!("{} cannot be read; --without-key makes a backup without it", path.display())
        })?;
        text.trim().parse::<SealingKey>().with_context(|| format!("{} holds no key", path.display()))?;
        Ok(text)
    }
}

fn partial_name(to: &Path) -> PathBuf {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    to.with_file_name(name)
}

async fn write_file(place: &Place, key: Option<String>, path: &Path) -> anyhow::Result<Written> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).with_context(|| format!("{} cannot be written", path.display()))?;
    let (written, file) = write(place, key, file).await?;
    file.sync_all()?;
    Ok(written)
}

async fn write<W: Write>(place: &Place, key: Option<String>, to: W) -> anyhow::Result<(Written, W)> {
    let settings = place.store_settings()?;
    let mut snapshot = Snapshot::take(&settings).await?;
    let mut header = Header::new(snapshot.kind().as_str(), snapshot.migrations(), snapshot.tables());
    header.master_key_id = place.sealing_key()?.map(|key| key.id().to_owned());
    let mut archive = Writer::new(to, &header)?;
    if let Some(key) = key {
        archive.add(MASTER_KEY, key.as_bytes())?;
    }
    if let Some(file) = settings_file(place.config_file.as_deref()) {
        let text = std::fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        archive.add(SETTINGS, &text)?;
    }
    let mut written = Written { tables: 0, rows: 0 };
    for table in snapshot.tables() {
        let mut number = 0;
        written.rows += snapshot
            .read(&table, |piece| {
                number += 1;
                archive.add_piece(&table, number, &piece.lines)
            })
            .await?;
        written.tables += 1;
    }
    snapshot.close().await?;
    ensure!(written.tables > 0, "the database has no tables");
    let mut to = archive.finish()?;
    to.flush()?;
    Ok((written, to))
}
