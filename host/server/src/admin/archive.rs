//! The file of a backup: a gzipped tar that any tar opens.
//!
//! | Entry | |
//! |---|---|
//! | `backup.json` | what it is of: format, versions, schema, tables |
//! | `keys/master.key` | the key that secrets in the database are sealed with, unless it was left out |
//! | `settings/neustream.toml` | the settings file, where there is one |
//! | `database/<table>/<number>.jsonl` | rows: see `neustream_store::Snapshot` |
//! | `SHA256SUMS` | the digest of every entry before it, as `sha256sum -c` reads them |
//!
//! The sums come last, so a file that was cut short has none and is refused.
//! They find damage; they do not tell who made the file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use neustream_model::UnixMillis;
use neustream_store::AppliedMigration;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The form described above.
const FORMAT: u32 = 1;
/// Bytes of the largest entry that is read: a piece of a table is 4 MiB and a row.
const MAX_ENTRY_BYTES: u64 = 128 * 1024 * 1024;

const HEADER: &str = "backup.json";
const SUMS: &str = "SHA256SUMS";
/// Where the master key is.
pub const MASTER_KEY: &str = "keys/master.key";
/// Where the settings file is.
pub const SETTINGS: &str = "settings/neustream.toml";

/// What a backup is of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Header {
    /// The form of the file.
    pub format: u32,
    /// The version of the program that made it.
    pub neustream: String,
    /// When the snapshot was taken, in RFC 3339.
    pub created_at: String,
    /// `sqlite` or `postgresql`.
    pub database: String,
    /// What the schema had been through.
    pub migrations: Vec<Migration>,
    /// The tables, in the order of their making.
    pub tables: Vec<String>,
    /// Names the master key without telling it.
    pub master_key_id: Option<String>,
}

/// A migration of the schema.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Migration {
    /// Its number.
    pub version: i64,
    /// Its SHA-384 in hexadecimal.
    pub checksum: String,
}

impl Header {
    /// Of this program, now.
    pub fn new(database: &str, migrations: &[AppliedMigration], tables: Vec<String>) -> Self {
        let migration =
            |had: &AppliedMigration| Migration { version: had.version, checksum: had.checksum.clone() };
        Self {
            format: FORMAT,
            neustream: env!("CARGO_PKG_VERSION").to_owned(),
            created_at: super::rfc3339(UnixMillis::now()),
            database: database.to_owned(),
            migrations: migrations.iter().map(migration).collect(),
            tables,
            master_key_id: None,
        }
    }

    /// As the store takes them.
    pub fn migrations(&self) -> Vec<AppliedMigration> {
        let applied =
            |had: &Migration| AppliedMigration { version: had.version, checksum: had.checksum.clone() };
        self.migrations.iter().map(applied).collect()
    }
}

/// Writes a backup.
pub struct Writer<W: Write> {
    tar: tar::Builder<GzEncoder<W>>,
    sums: String,
    modified_s: u64,
}

impl<W: Write> Writer<W> {
    /// Begins with the header.
    pub fn new(to: W, header: &Header) -> anyhow::Result<Self> {
        let tar = tar::Builder::new(GzEncoder::new(to, Compression::default()));
        let mut writer = Self { tar, sums: String::new(), modified_s: UnixMillis::now().0 / 1000 };
        writer.add(HEADER, serde_json::to_string_pretty(header)?.as_bytes())?;
        Ok(writer)
    }

    /// Adds an entry.
    pub fn add(&mut self, path: &str, content: &[u8]) -> anyhow::Result<()> {
        let digest = hex::encode(Sha256::digest(content));
        writeln!(self.sums, "{digest}  {path}")?;
        self.append(path, content)
    }

    /// Adds a part of a table; `number` counts the table's parts from 1.
    pub fn add_piece(&mut self, table: &str, number: u32, lines: &str) -> anyhow::Result<()> {
        self.add(&format!("database/{table}/{number:06}.jsonl"), lines.as_bytes())
    }

    /// Writes the sums and the end.
    pub fn finish(mut self) -> anyhow::Result<W> {
        let sums = std::mem::take(&mut self.sums);
        self.append(SUMS, sums.as_bytes())?;
        Ok(self.tar.into_inner()?.finish()?)
    }

    fn append(&mut self, path: &str, content: &[u8]) -> anyhow::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        // A backup holds the master key: whoever unpacks it keeps it to themselves.
        header.set_mode(0o600);
        header.set_mtime(self.modified_s);
        self.tar.append_data(&mut header, path, content)?;
        Ok(())
    }
}

/// What a verified backup holds, apart from the tables.
#[derive(Debug)]
pub struct Contents {
    /// What it is of.
    pub header: Header,
    /// The master key's text.
    pub master_key: Option<String>,
    /// The settings file's text.
    pub settings: Option<String>,
}

/// Reads the file to its end and holds every entry against its sum. Nothing of it is used before.
pub fn verify(file: &Path) -> anyhow::Result<Contents> {
    let mut found = BTreeMap::new();
    let mut sums = None;
    let (mut header, mut master_key, mut settings) = (None, None, None);
    entries(file, |path, content| {
        ensure!(sums.is_none(), "the file goes on after its sums");
        if path == SUMS {
            sums = Some(String::from_utf8(content)?);
            return Ok(());
        }
        found.insert(path.to_owned(), hex::encode(Sha256::digest(&content)));
        match path {
            HEADER => header = Some(read_header(&content)?),
            MASTER_KEY => master_key = Some(String::from_utf8(content)?),
            SETTINGS => settings = Some(String::from_utf8(content)?),
            _ => {}
        }
        Ok(())
    })?;
    let sums = sums.context("the file is cut short: its sums are missing")?;
    let mut listed = 0;
    for line in sums.lines() {
        let (digest, path) = line.split_once("  ").context("its sums cannot be read")?;
        let actual = found.get(path).with_context(|| format!("{path} is missing"))?;
        ensure!(actual == digest, "{path} is damaged: its digest is not the one that was written down");
        listed += 1;
    }
    ensure!(listed == found.len(), "the file has entries that its sums do not name");
    let header = header.context("backup.json is missing: this is no backup of Neustream")?;
    Ok(Contents { header, master_key, settings })
}

fn read_header(content: &[u8]) -> anyhow::Result<Header> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let Format { format } = serde_json::from_slice(content).context("backup.json cannot be read")?;
    if format > FORMAT {
        bail!("the file has form {format}, this program reads up to {FORMAT}: use a later version");
    }
    serde_json::from_slice(content).context("backup.json cannot be read")
}

/// Tells every entry of the file: its path and its content.
pub fn entries(file: &Path, mut tell: impl FnMut(&str, Vec<u8>) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let opened = File::open(file).with_context(|| format!("{} cannot be opened", file.display()))?;
    let mut tar = tar::Archive::new(MultiGzDecoder::new(BufReader::new(opened)));
    let not_readable = || format!("{} is damaged, or no backup", file.display());
    for entry in tar.entries().with_context(not_readable)? {
        let mut entry = entry.with_context(not_readable)?;
        let path = String::from_utf8(entry.path_bytes().into_owned()).with_context(not_readable)?;
        let content = read_bounded(&mut entry).with_context(|| format!("{}: {path}", not_readable()))?;
        tell(&path, content).with_context(not_readable)?;
    }
    // A tar ends before its gzip does, which has a checksum at its very end.
    io::copy(&mut tar.into_inner(), &mut io::sink()).with_context(not_readable)?;
    Ok(())
}

fn read_bounded(entry: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    entry.take(MAX_ENTRY_BYTES + 1).read_to_end(&mut content)?;
    if content.len() as u64 > MAX_ENTRY_BYTES {
        return Err(io::Error::other(format!("an entry has more than {MAX_ENTRY_BYTES} bytes")));
    }
    Ok(content)
}

/// The table that an entry is a part of.
pub fn table_of(path: &str) -> Option<&str> {
    path.strip_prefix("database/")?.split_once('/').map(|(table, _)| table)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that panics has failed")]
mod tests {
    use super::*;

    fn written(folder: &Path) -> std::path::PathBuf {
        let path = folder.join("a.tar.gz");
        let header = Header::new("sqlite", &[], vec!["users".to_owned()]);
        let mut writer = Writer::new(File::create(&path).unwrap(), &header).unwrap();
        writer.add(MASTER_KEY, b"key").unwrap();
        writer.add_piece("users", 1, "[\"id\"]\n").unwrap();
        writer.finish().unwrap();
        path
    }

    #[test]
    fn what_was_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let contents = verify(&path).unwrap();
        assert_eq!(contents.master_key.as_deref(), Some("key"));
        assert_eq!(contents.settings, None);
        assert_eq!(contents.header.tables, ["users"]);
        let mut tables = Vec::new();
        entries(&path, |path, _| {
            tables.extend(table_of(path).map(str::to_owned));
            Ok(())
        })
        .unwrap();
        assert_eq!(tables, ["users"]);
    }

    #[test]
    fn a_file_that_was_cut_short_or_changed_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(verify(&path).is_err(), "{length} of {} bytes were taken", whole.len());
        }
        std::fs::write(&path, b"PK\x03\x04 something else").unwrap();
        assert!(format!("{:#}", verify(&path).unwrap_err()).contains("no backup"));
    }

    #[test]
    fn an_entry_that_is_not_what_was_summed_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.tar.gz");
        let header = Header::new("sqlite", &[], Vec::new());
        let mut writer = Writer::new(File::create(&path).unwrap(), &header).unwrap();
        writer.add(MASTER_KEY, b"key").unwrap();
        writer.append("database/users/000001.jsonl", b"[]").unwrap();
        writer.finish().unwrap();
        assert!(format!("{:#}", verify(&path).unwrap_err()).contains("sums do not name"));

        let mut writer = Writer::new(File::create(&path).unwrap(), &header).unwrap();
        writeln!(writer.sums, "{}  {MASTER_KEY}", hex::encode(Sha256::digest(b"another"))).unwrap();
        writer.append(MASTER_KEY, b"key").unwrap();
        writer.finish().unwrap();
        assert!(format!("{:#}", verify(&path).unwrap_err()).contains("keys/master.key is damaged"));
    }
}
