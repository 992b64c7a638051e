//! Doing what was asked: archives are made, deletions done when they are due, what is too old deleted.

use std::sync::Arc;
use std::time::Duration;

use neustream_installations::Installations;
use neustream_model::{SourceId, TenantId, UnixMillis};
use neustream_store::{DataExportRow, DeletionRow, Store, StoreError, Subject};
use tokio::sync::Notify;

use super::archive;
use crate::mail::{Letter, Letterhead};
use crate::moment::rfc3339;
use crate::{ApiSettings, Postbox, StreamControl};

/// How often it is looked for what other nodes were asked, and for what has become due.
const IDLE: Duration = Duration::from_secs(30);
/// How often it is looked for what is too old.
const TIDYING: Duration = Duration::from_mins(30);

/// What the work needs.
pub struct DataRightsParts {
    /// The database.
    pub store: Store,
    /// The media path: streams of what is deleted end.
    pub live: Arc<dyn StreamControl>,
    /// Installations of what is deleted stop.
    pub installations: Installations,
    /// Where letters to people are put.
    pub mail: Postbox,
    /// Under which name the host writes.
    pub settings: ApiSettings,
}

/// Makes archives and deletes, for this host and every other on its database. Run it once a process.
pub struct DataRights {
    parts: DataRightsParts,
    bell: Arc<Notify>,
}

impl DataRights {
    /// Works with these parts.
    pub fn new(parts: DataRightsParts) -> Self {
        Self { parts, bell: Arc::default() }
    }

    /// What wakes it; the API rings it for what it was asked.
    pub fn bell(&self) -> Arc<Notify> {
        Arc::clone(&self.bell)
    }

    /// Works until it is dropped.
    pub async fn run(self) {
        let mut tidied = None;
        loop {
            self.work(UnixMillis::now()).await;
            if tidied.is_none_or(|at: tokio::time::Instant| at.elapsed() >= TIDYING) {
                self.tidy(UnixMillis::now()).await;
                tidied = Some(tokio::time::Instant::now());
            }
            let _rang = tokio::time::timeout(IDLE, self.bell.notified()).await;
        }
    }

    /// Does everything that waits at `now`.
    async fn work(&self, now: UnixMillis) {
        if let Err(error) = self.export_all(now).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "exports wait for the database");
        }
        if let Err(error) = self.delete_due(now).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "a deletion is tried again");
        }
    }

    async fn tidy(&self, now: UnixMillis) {
        let host = self.parts.store.host();
        let tidied = async {
            host.prune_exports(now).await?;
            host.apply_retention(now).await
        };
        match tidied.await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "what was kept long enough was deleted"),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "old data were not deleted");
            }
        }
    }

    async fn export_all(&self, now: UnixMillis) -> Result<(), StoreError> {
        let host = self.parts.store.host();
        while let Some(export) = host.take_export(now).await? {
            match archive::make(&host, export.id, export.subject()).await {
                Ok(()) => self.tell_ready(&export).await,
                // It is tried again when its lease has ended, and fails for good after some times.
                Err(error) => {
                    tracing::warn!(export = %export.id, error = &error as &dyn std::error::Error, "an archive was not made");
                }
            }
        }
        Ok(())
    }

    async fn tell_ready(&self, export: &DataExportRow) {
        let head = Letterhead::of(&self.parts.settings);
        let host = self.parts.store.host();
        let told = async {
            let user = host.user(export.user).await?;
            let link = head.page(&format!("/api/exports/{}", host.export_link(export)?.expose()));
            let until = rfc3339(export.expires_at);
            let letter = Letter::ExportReady { host: head.host(), link: &link, until: &until };
            self.parts.mail.post(&user.email, &letter).await
        };
        if told.await.is_err() {
            tracing::warn!(export = %export.id, "no mail was kept that an archive is ready; the list shows it");
        }
    }

    async fn delete_due(&self, now: UnixMillis) -> Result<(), StoreError> {
        let host = self.parts.store.host();
        loop {
            let due = host.due_deletions(now).await?;
            if due.is_empty() {
                return Ok(());
            }
            let mut done = 0;
            for deletion in &due {
                match self.delete(deletion).await {
                    Ok(()) => done += 1,
                    Err(error @ (StoreError::LastOwner | StoreError::LastAdministrator)) => {
                        tracing::warn!(subject = ?deletion.subject, %error, "a deletion waits");
                    }
                    Err(error) => return Err(error),
                }
            }
            if done == 0 {
                return Ok(());
            }
        }
    }

    async fn delete(&self, deletion: &DeletionRow) -> Result<(), StoreError> {
        let host = self.parts.store.host();
        match deletion.subject {
            Subject::Organisation(tenant) => {
                let sources = self.stop(tenant).await?;
                host.purge_organisation(tenant).await?;
                // Whoever began to publish meanwhile finds nothing any more.
                for source in sources {
                    self.parts.live.source_deleted(source).await;
                }
                tracing::info!(organisation = %tenant, "an organisation was deleted");
            }
            Subject::Account(user) => {
                host.purge_account(user).await?;
                tracing::info!(%user, "an account was deleted");
            }
        }
        Ok(())
    }

    /// Ends what runs of an organisation; gives its sources.
    async fn stop(&self, tenant: TenantId) -> Result<Vec<SourceId>, StoreError> {
        let scope = self.parts.store.tenant(tenant).every_app();
        for installation in scope.installations().await? {
            let id = installation.row.id;
            if installation.row.is_enabled
                && let Err(error) = self.parts.installations.set_enabled(&scope, id, false).await
            {
                tracing::warn!(installation = %id, %error, "an installation was not stopped before its deletion");
            }
        }
        let sources: Vec<SourceId> = scope.sources().await?.iter().map(|source| source.row.id).collect();
        for source in &sources {
            self.parts.live.source_deleted(*source).await;
        }
        Ok(sources)
    }
}
