//! A machine that lacks room, and says so.

use async_trait::async_trait;
use neustream_api::{CheckStatus, DiskSpace, Machine, MachineCheck, MachineChecks, MachineFigures};
use neustream_model::UnixMillis;

/// When the machine began to serve, and was looked over.
pub const STARTED_AT: UnixMillis = UnixMillis(1_788_300_000_000);
pub const CHECKED_AT: UnixMillis = UnixMillis(1_788_300_060_000);

pub struct ScriptedMachine;

#[async_trait]
impl Machine for ScriptedMachine {
    async fn checks(&self) -> MachineChecks {
        let check = |code: &str, status, message: &str, advice: Option<&str>| MachineCheck {
            code: code.to_owned(),
            status,
            message: message.to_owned(),
            advice: advice.map(str::to_owned),
        };
        let checks = vec![
            check("clock", CheckStatus::Ok, "2026-09-01T22:00:00Z", None),
            check("mail", CheckStatus::Warning, "no mail server is set", Some("set `smtp_host`")),
            check("disk", CheckStatus::Problem, "90.0 MiB free at /data", Some("make room")),
        ];
        MachineChecks { checks, checked_at: CHECKED_AT }
    }

    fn figures(&self) -> MachineFigures {
        MachineFigures {
            started_at: STARTED_AT,
            disk: Some(DiskSpace { free_bytes: 94_371_840, total_bytes: 107_374_182_400 }),
            resident_bytes: Some(268_435_456),
            cpu_percent: 12.5,
            is_mail_configured: false,
        }
    }
}
