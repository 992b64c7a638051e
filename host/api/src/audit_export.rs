//! `/api/audit-log/export`: the audit log as a file, written while it is read.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::try_unfold;
use neustream_model::UnixMillis;
use neustream_store::{AuditEntry, AuditFilter, AuditOrder, StoreError};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::access::{Access, may};
use crate::audit_log::{AuditEntryBody, AuditQuery, Log};
use crate::error::{ApiError, ErrorBody};
use crate::extract::QueryString;
use crate::identity::Administrator;
use crate::state::AppState;

/// Entries that are read at once.
const PAGE: u32 = 500;

/// In which form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ExportFormat {
    /// JSON Lines: an entry a line, as the list shows it.
    #[default]
    Jsonl,
    /// Comma-separated values (RFC 4180) with a line of names.
    Csv,
}

/// In which form the log is written.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    /// `jsonl` (an entry a line, as the list shows it) or `csv`.
    #[serde(default)]
    #[param(inline, default = "jsonl")]
    format: ExportFormat,
}

/// Export the audit log
///
/// All entries that match, the oldest first, as a file.
#[utoipa::path(
    get, path = "/api/audit-log/export", operation_id = "exportAuditLog", tag = "audit",
    security(("bearer" = ["audit:read"]), ("apiKey" = ["audit:read"])), params(AuditQuery, ExportQuery),
    responses(
        (status = 200, content((String = "application/x-ndjson"), (String = "text/csv"))),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn export(
    access: Access<may::AuditRead>,
    QueryString(query): QueryString<AuditQuery>,
    QueryString(form): QueryString<ExportQuery>,
) -> Result<Response, ApiError> {
    written(Log::Organisation(access.store.clone()), &query, form.format).await
}

/// Export the platform's audit log
#[utoipa::path(
    get, path = "/api/admin/audit-log/export", operation_id = "exportPlatformAuditLog", tag = "administration",
    security(("bearer" = ["administrator"])), params(AuditQuery, ExportQuery),
    responses(
        (status = 200, content((String = "application/x-ndjson"), (String = "text/csv"))),
        (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody),
        (status = 422, body = ErrorBody),
    ),
)]
pub(crate) async fn export_of_platform(
    State(state): State<AppState>,
    _admin: Administrator,
    QueryString(query): QueryString<AuditQuery>,
    QueryString(form): QueryString<ExportQuery>,
) -> Result<Response, ApiError> {
    written(Log::Platform(state.store.host()), &query, form.format).await
}

/// How far an export is.
struct Progress {
    log: Log,
    filter: AuditFilter,
    format: ExportFormat,
    /// What was read and is not written yet; none when everything was.
    next: Option<Vec<AuditEntry>>,
    is_begun: bool,
}

/// The answer. Its first page is read before it begins, so that a database that does not answer is told by a status;
/// one that goes away later breaks the connection, and nobody takes half a log for a whole one.
async fn written(log: Log, query: &AuditQuery, format: ExportFormat) -> Result<Response, ApiError> {
    let mut filter = query.filter()?;
    // What is done from now on is not in it, or a busy log would never end.
    let now = UnixMillis::now();
    filter.until = Some(filter.until.map_or(now, |until| until.min(now)));
    let first = log.entries(&filter, AuditOrder::OldestFirst(0), PAGE).await?;
    let begun = Progress { log, filter, format, next: Some(first), is_begun: false };
    let parts = try_unfold(begun, |progress| async move { progress.step().await });
    let (kind, name) = match format {
        ExportFormat::Jsonl => ("application/x-ndjson", "attachment; filename=\"audit-log.jsonl\""),
        ExportFormat::Csv => {
            ("text/csv; charset=utf-8; header=present", "attachment; filename=\"audit-log.csv\"")
        }
    };
    Ok(([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, name)], Body::from_stream(parts)).into_response())
}

impl Progress {
    /// Writes a page and reads the next one.
    async fn step(mut self) -> Result<Option<(Bytes, Self)>, StoreError> {
        let Some(page) = self.next.take() else { return Ok(None) };
        let mut text = String::new();
        if self.format == ExportFormat::Csv && !self.is_begun {
            push_row(&mut text, &AuditEntryBody::COLUMNS);
        }
        self.is_begun = true;
        let last = page.last().map(|entry| entry.sequence);
        let is_full = page.len() as u64 >= u64::from(PAGE);
        for entry in page {
            self.push(&mut text, AuditEntryBody::from(entry));
        }
        if let Some(last) = last.filter(|_| is_full) {
            self.next = Some(self.log.entries(&self.filter, AuditOrder::OldestFirst(last), PAGE).await?);
        }
        Ok(Some((Bytes::from(text), self)))
    }

    fn push(&self, text: &mut String, entry: AuditEntryBody) {
        match self.format {
            ExportFormat::Jsonl => {
                text.push_str(&serde_json::to_string(&entry).expect("an entry is plain data"));
                text.push('\n');
            }
            ExportFormat::Csv => push_row(text, &entry.cells()),
        }
    }
}

/// A line of comma-separated values (RFC 4180). A cell that a spreadsheet would take for a formula gets an apostrophe
/// before it: names in it were chosen by others than those who open the file.
fn push_row(text: &mut String, cells: &[impl AsRef<str>]) {
    for (index, cell) in cells.iter().enumerate() {
        let cell = cell.as_ref();
        let separator = if index == 0 { "" } else { "," };
        let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
        if cell.contains([',', '"', '\n', '\r']) {
            let quoted = cell.replace('"', "\"\"");
            text.extend([separator, "\"", guard, &quoted, "\""]);
        } else {
            text.extend([separator, guard, cell]);
        }
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::push_row;

    #[test]
    fn cells_are_quoted_and_never_become_formulas() {
        let mut text = String::new();
        push_row(&mut text, &["a", "b,c", "say \"so\"", "=1+1", "two\nlines", ""]);
        assert_eq!(text, "a,\"b,c\",\"say \"\"so\"\"\",'=1+1,\"two\nlines\",\r\n");
    }
}
