//! The database: reached, of the right schema, undamaged, its clock and ours, the second wall, the key.

use std::time::Duration;

use neustream_model::UnixMillis;
use neustream_store::{
    Closeness, DatabaseKind, Inspection, KeyFit, SchemaState, SecondWall, SnapshotError, StoreError, inspect,
};

use super::Check;
use crate::admin::{Place, rfc3339};

/// A question to a database that serves well is answered in far less.
const SLOW: Duration = Duration::from_millis(50);
/// Tokens and playback links live for minutes: clocks may differ by seconds.
const CLOCK_WARNING_MS: u64 = 2_000;
const CLOCK_PROBLEM_MS: u64 = 30_000;
/// Connections that one server wants, both pools together.
const WANTED_CONNECTIONS: u64 = 40;
/// No server of this version ran before: 1 September 2026.
const BUILT_AFTER: UnixMillis = UnixMillis(1_788_220_800_000);

/// Everything about the database.
pub async fn look(place: &Place, closeness: Closeness) -> Vec<Check> {
    let name = "database";
    let settings = match place.store_settings() {
        Ok(settings) => settings,
        Err(error) => return vec![Check::problem(name, format!("{error:#}"), "mend the master key first")],
    };
    let found = match inspect(&settings, closeness).await {
        Ok(found) => found,
        Err(SnapshotError::Absent) => {
            return vec![Check::ok(name, "no file yet; the first start makes it"), clock(None)];
        }
        Err(error) => return vec![unreachable(&error), clock(None)],
    };
    let mut checks = vec![reached(&found), schema(&found)];
    checks.extend(found.second_wall.as_ref().map(second_wall));
    checks.extend(key(&found));
    checks.push(clock(Some(&found)));
    checks
}

fn unreachable(error: &SnapshotError) -> Check {
    let advice = match error {
        SnapshotError::Store(StoreError::Url(_)) => "set `database_url` to a sqlite: or postgres: URL",
        _ => "is it running, and is `database_url` right (host, port, name, user, password)?",
    };
    Check::problem("database", format!("it cannot be used: {error}"), advice)
}

fn reached(found: &Inspection) -> Check {
    let name = "database";
    let shown =
        format!("{} {}, answers in {:.1} ms", found.kind, found.version, found.latency.as_secs_f64() * 1e3);
    if let Some(damage) = &found.damage {
        return Check::problem(
            name,
            format!("the SQLite file is damaged: {damage}"),
            "stop the server, move the file and its -wal and -shm away, and restore a backup",
        );
    }
    if found.encoding.as_deref().is_some_and(|encoding| encoding != "UTF8") {
        return Check::problem(
            name,
            format!("{shown}, but texts are kept as {}", found.encoding.as_deref().unwrap_or_default()),
            "make the database again with ENCODING 'UTF8'",
        );
    }
    if let Some((allowed, taken)) = found.connections
        && allowed.saturating_sub(taken) < WANTED_CONNECTIONS
    {
        return Check::warning(
            name,
            format!("{shown}; {taken} of {allowed} connections are taken"),
            format!(
                "a server wants up to {WANTED_CONNECTIONS}: raise max_connections, or end what holds them"
            ),
        );
    }
    if found.latency > SLOW {
        return Check::warning(
            name,
            shown,
            "that is slow: put the database nearer to the server, or look at its load",
        );
    }
    Check::ok(name, shown)
}

fn schema(found: &Inspection) -> Check {
    let name = "schema";
    match found.schema {
        SchemaState::Absent => Check::ok(name, "none yet; the first start makes it"),
        SchemaState::Current => Check::ok(name, "up to date"),
        SchemaState::Behind(missing) => Check::ok(
            name,
            format!(
                "{missing} migrations are still to come; the next start makes them (make a backup first)"
            ),
        ),
        SchemaState::Ahead => Check::problem(
            name,
            "a later version of Neustream has used this database",
            "start that version or a later one, or restore a backup of before",
        ),
        SchemaState::OtherHistory(version) => Check::problem(
            name,
            format!(
                "migration {version} is not the one that this program has: another build has used this database"
            ),
            "start that build, or restore a backup of before",
        ),
    }
}

/// On PostgreSQL every organisation is behind a second wall, if the login may build it.
fn second_wall(found: &SecondWall) -> Check {
    let name = "row security";
    let SecondWall { may_take_role, may_make_role, tables, guarded, login } = found;
    if !may_take_role && !may_make_role {
        return Check::warning(
            name,
            format!(
                "the login {login} may neither use nor make the role neustream_tenant: the second wall between organisations is down"
            ),
            format!(
                "as a superuser: CREATE ROLE neustream_tenant NOLOGIN; GRANT neustream_tenant TO \"{login}\";"
            ),
        );
    }
    if guarded < tables {
        return Check::ok(
            name,
            format!("{guarded} of {tables} tables have a policy; the next start makes the others"),
        );
    }
    Check::ok(name, format!("all {tables} tables that name an organisation have a policy"))
}

fn key(found: &Inspection) -> Option<Check> {
    let name = "sealed secrets";
    match &found.key {
        KeyFit::Untried => None,
        KeyFit::Fits => Some(Check::ok(name, "the master key opens them")),
        KeyFit::Misfit(error) => Some(Check::problem(
            name,
            error.to_string(),
            "put the master.key that belongs to this database into the data folder",
        )),
    }
}

/// Whether this machine's clock can be right.
fn clock(found: Option<&Inspection>) -> Check {
    let name = "clock";
    let now = UnixMillis::now();
    let advice = "let the machine keep its time by NTP (systemd-timesyncd, chrony)";
    if now < BUILT_AFTER {
        return Check::problem(name, format!("it is {} here, which is long past", rfc3339(now)), advice);
    }
    if let Some(ahead_ms) = found.and_then(|found| found.clock_ahead_ms) {
        let apart_ms = ahead_ms.unsigned_abs();
        let shown = format!(
            "the database's clock is {:.1} s {} this machine's",
            apart_ms as f64 / 1e3,
            if ahead_ms > 0 { "ahead of" } else { "behind" }
        );
        match apart_ms {
            CLOCK_PROBLEM_MS.. => return Check::problem(name, shown, advice),
            CLOCK_WARNING_MS.. => return Check::warning(name, shown, advice),
            _ => {}
        }
    }
    if let Some(written) = found.and_then(|found| found.last_written)
        && written.0 > now.0 + CLOCK_WARNING_MS
    {
        return Check::problem(
            name,
            format!("it is {} here, but something was written down at {}", rfc3339(now), rfc3339(written)),
            format!("the clock was set back, or was ahead then: {advice}"),
        );
    }
    let kind = found.map(|found| found.kind);
    let compared = if kind == Some(DatabaseKind::Postgres) { ", as the database's" } else { "" };
    Check::ok(name, format!("{}{compared}", rfc3339(now)))
}
