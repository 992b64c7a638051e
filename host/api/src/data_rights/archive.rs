//! Archives: a zip file with a JSON-lines file a table, written on a thread of its own.

use std::io::{Read, Seek, SeekFrom, Write};

use neustream_model::DataExportId;
use neustream_store::{EXPORT_PART_BYTES, ExportedRow, HostStore, StoreError, Subject};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Rows on their way to the thread that writes.
const ROWS_WAITING: usize = 256;
/// The largest archive.
const MAX_BYTES: u64 = 2 * 1024 * 1024 * 1024;

const READ_ME: &str = "\
This archive holds everything that the host kept at the moment of its making, about the organisation or the person
that asked for it. Each file is a table in JSON lines (https://jsonlines.org): one object a line, a field a column.
Moments (fields that end in _at, and days) are milliseconds since 1970-01-01T00:00:00Z. Booleans are 0 or 1. Fields
that hold JSON hold it as text. Secrets (passwords, keys, tokens, and what they are recognised by) are not in it.
";

/// Why an archive was not made.
#[derive(Debug, thiserror::Error)]
pub(super) enum ArchiveError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the archive cannot be written: {0}")]
    Io(#[from] std::io::Error),
    #[error("the archive cannot be written: {0}")]
    Zip(#[from] zip::result::ZipError),
    #[error("the thread that writes the archive broke")]
    Broken,
    #[error("the archive would be larger than {} GiB", MAX_BYTES >> 30)]
    TooLarge,
}

/// Makes the archive of a subject and keeps it in parts.
pub(super) async fn make(host: &HostStore, id: DataExportId, subject: Subject) -> Result<(), ArchiveError> {
    let (rows, waiting) = mpsc::channel(ROWS_WAITING);
    let writing = tokio::task::spawn_blocking(move || write(waiting));
    let read = host.read_subject(subject, rows).await;
    let written = writing.await.map_err(|_| ArchiveError::Broken)?;
    read?;
    let mut file = written?;

    let mut digest = Sha256::new();
    let (mut size, mut part) = (0, 0);
    loop {
        let mut bytes = Vec::with_capacity(EXPORT_PART_BYTES);
        (&mut file).take(EXPORT_PART_BYTES as u64).read_to_end(&mut bytes)?;
        if bytes.is_empty() {
            break;
        }
        digest.update(&bytes);
        size += bytes.len() as u64;
        host.put_export_part(id, part, &bytes).await?;
        part += 1;
    }
    host.finish_export(id, size, &hex::encode(digest.finalize())).await?;
    Ok(())
}

/// Writes rows as they come, table by table, into a file without a name; gives it from its beginning.
fn write(mut rows: mpsc::Receiver<ExportedRow>) -> Result<std::fs::File, ArchiveError> {
    let options =
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(true);
    let mut zip = ZipWriter::new(tempfile::tempfile()?);
    zip.start_file("README.txt", options)?;
    zip.write_all(READ_ME.as_bytes())?;
    let mut open = String::new();
    let mut bytes = 0;
    while let Some(ExportedRow { table, row }) = rows.blocking_recv() {
        let row = row.to_string();
        if table != open {
            zip.start_file(format!("{table}.jsonl"), options)?;
            open = table;
        }
        bytes += row.len() as u64 + 1;
        if bytes > MAX_BYTES {
            return Err(ArchiveError::TooLarge);
        }
        zip.write_all(row.as_bytes())?;
        zip.write_all(b"\n")?;
    }
    let mut file = zip.finish()?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}
