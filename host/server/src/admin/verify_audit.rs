//! `neustream admin verify-audit`: every chain of the audit log, from its first entry to its head.

use std::process::ExitCode;

use neustream_model::TenantId;
use neustream_store::{AuditVerification, Chain};
use serde_json::json;

use super::Place;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct VerifyAudit {
    /// Only the chain of this organisation; by default the platform's and every organisation's.
    #[arg(long, value_name = "ID")]
    organisation: Option<TenantId>,
    /// Print one JSON object a chain.
    #[arg(long)]
    json: bool,
}

impl VerifyAudit {
    /// Runs the command: exit code 0 when every chain holds, 1 when one is broken.
    pub async fn run(self, place: &Place) -> anyhow::Result<ExitCode> {
        let store = place.open_store().await?;
        let host = store.host();
        let chains = match self.organisation {
            Some(organisation) => vec![Chain::Organisation(organisation)],
            None => host.audit_chains().await?,
        };
        let (mut entries, mut broken) = (0, 0);
        for &chain in &chains {
            let found = host.verify_audit(chain).await?;
            entries += found.entries;
            broken += usize::from(found.broken.is_some());
            self.tell(chain, &found);
        }
        store.close().await;
        if !self.json {
            println!("chains: {}, entries: {entries}, broken: {broken}", chains.len());
        }
        Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn tell(&self, chain: Chain, found: &AuditVerification) {
        let name = match chain {
            Chain::Platform => "platform".to_owned(),
            Chain::Organisation(organisation) => organisation.to_string(),
        };
        let broken = found.broken.as_ref().map(ToString::to_string);
        if self.json {
            let line = json!({
                "chain": name,
                "entries": found.entries,
                "forgotten": found.forgotten_sequence,
                "head": { "sequence": found.head_sequence, "hash": found.head_hash },
                "broken": broken,
            });
            println!("{line}");
            return;
        }
        match broken {
            Some(broken) => println!("BROKEN   {name:<36}  {broken}"),
            None => {
                println!(
                    "ok       {name:<36}  entries: {}, head: {}",
                    found.entries,
                    short(&found.head_hash)
                );
            }
        }
    }
}

/// Enough of a hash for people to compare.
fn short(hash: &str) -> &str {
    hash.get(..16).unwrap_or(hash)
}
