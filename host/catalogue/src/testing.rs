//! For tests: a runtime that does what the test says, and packages without code.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use neustream_contract::package::pack;
use neustream_contract::{
    Activity, Call, CallError, CallErrorKind, Check, Digest, Egress, LogLine, Manifest, PluginPlatform,
    ScanReport, SigningKey, sign,
};
use neustream_model::{InstallationId, Reason, TenantId};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A runtime that runs nothing. It finds in packages what the test says, and remembers what it must not run.
#[derive(Debug, Default)]
pub struct ScriptedPlatform {
    problem: Mutex<Option<Reason>>,
    forbidden: Mutex<HashMap<Digest, Reason>>,
    scans: AtomicUsize,
    done: Mutex<Vec<(TenantId, InstallationId, Activity)>>,
    lines: Mutex<Vec<(InstallationId, LogLine)>>,
    followers: Mutex<Vec<(InstallationId, UnboundedSender<LogLine>)>>,
    forgotten: Mutex<Vec<InstallationId>>,
    resets: Mutex<Vec<InstallationId>>,
    broken: Mutex<Vec<Digest>>,
}

impl ScriptedPlatform {
    /// From now on scans and self-tests find this problem, or none.
    pub fn find(&self, problem: Option<Reason>) {
        *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = problem;
    }

    /// Why a package must not run, if it must not.
    pub fn forbidden(&self, plugin: &Digest) -> Option<Reason> {
        self.forbidden.lock().unwrap_or_else(PoisonError::into_inner).get(plugin).cloned()
    }

    /// Lets an installation do something, which is told and can be taken away once.
    pub fn happen(&self, tenant: TenantId, installation: InstallationId, activity: Activity) {
        lock(&self.done).push((tenant, installation, activity));
    }

    /// Lets an installation write a line.
    pub fn write(&self, installation: InstallationId, line: LogLine) {
        let mut followers = lock(&self.followers);
        followers
            .retain(|(followed, follower)| *followed != installation || follower.send(line.clone()).is_ok());
        lock(&self.lines).push((installation, line));
    }

    /// How many follow an installation's log.
    pub fn followers(&self, installation: InstallationId) -> usize {
        lock(&self.followers).iter().filter(|(followed, _)| *followed == installation).count()
    }

    /// From now on a package cannot be made ready.
    pub fn spoil(&self, plugin: &Digest) {
        lock(&self.broken).push(*plugin);
    }

    /// The installations that were forgotten.
    pub fn forgotten(&self) -> Vec<InstallationId> {
        lock(&self.forgotten).clone()
    }

    /// The installations whose breaker was closed, in order.
    pub fn resets(&self) -> Vec<InstallationId> {
        lock(&self.resets).clone()
    }

    /// How many packages were looked over.
    pub fn scans(&self) -> usize {
        self.scans.load(Ordering::Relaxed)
    }

    fn report(&self) -> ScanReport {
        let problem = self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let check = Check { name: "imports".to_owned(), problem, note: String::new(), took: Duration::ZERO };
        ScanReport { checks: vec![check] }
    }
}

#[async_trait]
impl PluginPlatform for ScriptedPlatform {
    async fn scan(&self, _package: Bytes) -> ScanReport {
        self.scans.fetch_add(1, Ordering::Relaxed);
        self.report()
    }

    async fn self_test(&self, _call: &Call) -> ScanReport {
        self.report()
    }

    async fn make_ready(&self, plugin: &Digest) -> Result<(), CallError> {
        if lock(&self.broken).contains(plugin) {
            return Err(CallError::new(CallErrorKind::NotRunnable, "compile-failed", "it does not compile"));
        }
        Ok(())
    }

    fn forbid(&self, plugin: &Digest, reason: Reason) {
        self.forbidden.lock().unwrap_or_else(PoisonError::into_inner).insert(*plugin, reason);
    }

    fn permit(&self, plugin: &Digest) {
        self.forbidden.lock().unwrap_or_else(PoisonError::into_inner).remove(plugin);
    }

    fn activity(&self, _: TenantId, installation: InstallationId) -> Activity {
        let done = lock(&self.done);
        let last = done.iter().rev().find(|(_, of, _)| *of == installation);
        last.map(|(_, _, activity)| activity.clone()).unwrap_or_default()
    }

    fn take_activity(&self) -> Vec<(TenantId, InstallationId, Activity)> {
        std::mem::take(&mut *lock(&self.done))
    }

    fn note_egress(&self, _: TenantId, _: InstallationId, _: &str, _: Egress) {}

    fn log(&self, _: TenantId, installation: InstallationId) -> Vec<LogLine> {
        let lines = lock(&self.lines);
        lines.iter().filter(|(of, _)| *of == installation).map(|(_, line)| line.clone()).collect()
    }

    fn follow_log(&self, _: TenantId, installation: InstallationId) -> BoxStream<'static, LogLine> {
        let (follower, lines) = unbounded_channel();
        lock(&self.followers).push((installation, follower));
        futures_util::stream::unfold(lines, async |mut lines: UnboundedReceiver<LogLine>| {
            lines.recv().await.map(|line| (line, lines))
        })
        .boxed()
    }

    fn reset_breaker(&self, _: TenantId, installation: InstallationId) {
        lock(&self.resets).push(installation);
    }

    async fn forget(&self, _: TenantId, installation: InstallationId) {
        lock(&self.forgotten).push(installation);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The manifest of a destination `id`; `more` is TOML that follows.
///
/// # Panics
/// When that is not a manifest.
pub fn manifest(id: &str, version: &str, more: &str) -> Manifest {
    let text = format!(
        "schema = 1\nid = \"{id}\"\nversion = \"{version}\"\nkind = \"destination\"\nname = \"A plugin\"\n\
         license = \"MIT\"\n{more}"
    );
    Manifest::from_toml(&text).expect("the test's manifest is one")
}

/// A package of `manifest` around an empty component.
///
/// # Panics
/// When the parts do not fit together.
pub fn package(manifest: &Manifest, config_schema: Option<&str>) -> Bytes {
    let component = b"\0asm\x0d\0\x01\0".to_vec();
    pack(component, manifest, config_schema.map(str::as_bytes)).expect("the test's package is one").into()
}

/// `package`, signed.
///
/// # Panics
/// When it is signed already.
pub fn signed(package: &Bytes, key: &SigningKey) -> Bytes {
    sign(package.to_vec(), key).expect("the test's package is not signed yet").into()
}
