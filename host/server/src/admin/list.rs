//! `neustream admin list users|organisations`: everybody, as a table or as JSON lines.

use clap::Subcommand;
use neustream_model::UnixMillis;
use neustream_store::{HostStore, NumberedPage, OrganisationListed, PersonListed};
use serde_json::{Value, json};

use super::{Place, rfc3339};

/// Rows that are asked for at once.
const PAGE: u32 = 500;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct List {
    #[command(subcommand)]
    what: What,
    /// Print one JSON object a line, with more fields.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum What {
    /// People who have an account, newest first.
    Users,
    /// Organisations, newest first.
    Organisations,
}

/// A row of the table: the same number of cells in each.
type Cells = Vec<String>;

impl List {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> anyhow::Result<()> {
        let store = place.open_store().await?;
        let host = store.host();
        match self.what {
            What::Users => self.print(&users(&host).await?, person_json, &PERSON_HEAD, person_cells),
            What::Organisations => {
                self.print(
                    &organisations(&host).await?,
                    organisation_json,
                    &ORGANISATION_HEAD,
                    organisation_cells,
                );
            }
        }
        store.close().await;
        Ok(())
    }

    fn print<Row>(
        &self,
        rows: &[Row],
        json: impl Fn(&Row) -> Value,
        head: &[&str],
        cells: impl Fn(&Row) -> Cells,
    ) {
        if self.json {
            for row in rows {
                println!("{}", json(row));
            }
            return;
        }
        let head: Cells = head.iter().map(|&name| name.to_owned()).collect();
        let lines: Vec<Cells> = std::iter::once(head).chain(rows.iter().map(cells)).collect();
        for line in table(&lines) {
            println!("{line}");
        }
    }
}

async fn users(host: &HostStore) -> anyhow::Result<Vec<PersonListed>> {
    let mut all = Vec::new();
    for number in 1.. {
        let page = host.people(NumberedPage { number, limit: PAGE }, None, UnixMillis::now()).await?;
        let is_last = page.rows.len() < PAGE as usize;
        all.extend(page.rows);
        if is_last {
            break;
        }
    }
    Ok(all)
}

async fn organisations(host: &HostStore) -> anyhow::Result<Vec<OrganisationListed>> {
    let mut all = Vec::new();
    for number in 1.. {
        let page = host.organisations(NumberedPage { number, limit: PAGE }, UnixMillis::now()).await?;
        let is_last = page.rows.len() < PAGE as usize;
        all.extend(page.rows);
        if is_last {
            break;
        }
    }
    Ok(all)
}

const PERSON_HEAD: [&str; 6] = ["E-MAIL", "NAME", "ROLE", "PLAN", "STATE", "SINCE"];

fn person_cells(person: &PersonListed) -> Cells {
    let state = if person.suspended_at.is_some() { "suspended" } else { "active" };
    vec![
        person.email.clone(),
        person.display_name.clone(),
        person.platform_role.clone(),
        person.plan_name.clone(),
        state.to_owned(),
        rfc3339(person.created_at),
    ]
}

fn person_json(person: &PersonListed) -> Value {
    json!({
        "id": person.id,
        "email": person.email,
        "display_name": person.display_name,
        "platform_role": person.platform_role,
        "organisation": { "id": person.organisation, "name": person.organisation_name },
        "plan_name": person.plan_name,
        "email_verified": person.email_verified_at.is_some(),
        "suspended_at": person.suspended_at.map(rfc3339),
        "suspension_reason": person.suspension_reason,
        "created_at": rfc3339(person.created_at),
    })
}

const ORGANISATION_HEAD: [&str; 6] = ["ORGANISATION", "NAME", "OWNER", "PLAN", "MEMBERS", "SOURCES"];

fn organisation_cells(organisation: &OrganisationListed) -> Cells {
    vec![
        organisation.id.to_string(),
        organisation.name.clone(),
        organisation.owner_email.clone(),
        organisation.plan_name.clone(),
        organisation.members.to_string(),
        organisation.sources.to_string(),
    ]
}

fn organisation_json(organisation: &OrganisationListed) -> Value {
    json!({
        "id": organisation.id,
        "name": organisation.name,
        "owner_email": organisation.owner_email,
        "plan_name": organisation.plan_name,
        "members": organisation.members,
        "sources": organisation.sources,
        "created_at": rfc3339(organisation.created_at),
    })
}

/// Lines with cells below each other. What people wrote may hold any character: control characters stay out of the
/// terminal.
fn table(rows: &[Cells]) -> Vec<String> {
    let shown = |cell: &String| -> String { cell.chars().filter(|letter| !letter.is_control()).collect() };
    let rows: Vec<Cells> = rows.iter().map(|row| row.iter().map(shown).collect()).collect();
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Cells| {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}", width = *width)).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_below_each_other_and_cannot_steer_the_terminal() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let lines = table(&[row(["A", "B"]), row(["Zoë\u{1b}[31m", "x"])]);
        assert_eq!(lines, ["A        B", "Zoë[31m  x"]);
    }
}
