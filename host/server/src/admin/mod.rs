//! `neustream admin`: what an operator does on the machine itself.
//!
//! Each command is a file. They read the same settings as the server and work
//! on the database directly, whether a server runs or not; only `restore`
//! wants the servers stopped. What they print on standard output is for
//! people, or for programs with `--json`.
//!
//! Absent: anything that needs the running server; that is the API's.

mod archive;
mod backup;
mod create_administrator;
pub mod doctor;
mod list;
mod reset_password;
mod restore;
mod verify_audit;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use neustream_accounts::{Email, Password, PasswordHash, generated_password};
use neustream_model::{Secret, UnixMillis};
use neustream_store::{SealingKey, Store, StoreSettings};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::config::{Config, DEFAULT_FILE};

/// Run the platform from the command line: accounts, backups, checks.
#[derive(Debug, Args)]
pub struct Admin {
    /// Settings file; by default neustream.toml in the current folder, if there is one.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make an account that runs the platform.
    CreateAdministrator(create_administrator::CreateAdministrator),
    /// Set the password of somebody who cannot sign in any more.
    ResetPassword(reset_password::ResetPassword),
    /// Show who and what there is.
    List(list::List),
    /// Check that nothing was changed in, or taken out of, the audit log.
    VerifyAudit(verify_audit::VerifyAudit),
    /// Write database, master key and settings into one file, while the server runs or not.
    Backup(backup::Backup),
    /// Put a backup back, into SQLite or PostgreSQL whichever it came from. Stop the servers first.
    Restore(restore::Restore),
    /// Check settings, ports, disk, clock, database, tools and services, and say what to fix.
    Doctor(doctor::Doctor),
}

/// What a command works on.
pub struct Place {
    pub config: Config,
    /// The settings file that was named.
    pub config_file: Option<PathBuf>,
}

impl Admin {
    /// Runs the command to its end.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        // Some services are reached over TLS, and every connection of this process uses this provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let config = Config::load(self.config.as_deref());
        if let Command::Doctor(doctor) = self.command {
            return Ok(runtime.block_on(doctor.run(config, self.config)));
        }
        let place = Place { config: config?, config_file: self.config };
        runtime.block_on(async {
            let done = match self.command {
                Command::CreateAdministrator(create) => create.run(&place).await,
                Command::ResetPassword(reset) => reset.run(&place).await,
                Command::List(list) => list.run(&place).await,
                Command::VerifyAudit(verify) => return verify.run(&place).await,
                Command::Backup(backup) => backup.run(&place).await,
                Command::Restore(restore) => restore.run(&place).await,
                Command::Doctor(_) => Ok(()),
            };
            done.map(|()| ExitCode::SUCCESS)
        })
    }
}

impl Place {
    /// The file with the master key.
    pub fn master_key_file(&self) -> PathBuf {
        self.config.data_dir.join("master.key")
    }

    /// The master key, where there is one.
    pub fn sealing_key(&self) -> anyhow::Result<Option<SealingKey>> {
        let path = self.master_key_file();
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let key = text.trim().parse();
                key.map(Some).with_context(|| format!("{} holds no master key", path.display()))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }

    /// How the database is reached; nothing is made for it.
    pub fn store_settings(&self) -> anyhow::Result<StoreSettings> {
        // Without a key nothing is sealed yet, and any key will do to look.
        let key = self.sealing_key()?.unwrap_or_else(SealingKey::generate);
        Ok(self.config.store_settings(key))
    }
}

impl Place {
    /// The database, brought up to date as by a start of the server, which need not run.
    pub async fn open_store(&self) -> anyhow::Result<Store> {
        let data_dir = &self.config.data_dir;
        std::fs::create_dir_all(data_dir)
            .with_context(|| format!("wrong setting `data_dir`: {} cannot be made", data_dir.display()))?;
        let key = SealingKey::load_or_create(&self.master_key_file())?;
        let opened = Store::open(self.config.store_settings(key)).await;
        opened.context("the database cannot be opened (setting `database_url`)")
    }
}

/// A password that an operator sets for somebody.
struct NewPassword {
    hash: PasswordHash,
    /// Where it was made up here: whoever ran the command must be told.
    made_up: Option<Secret>,
}

impl NewPassword {
    /// The first line of standard input, or one that nobody guesses.
    fn get(from_stdin: bool, email: &Email) -> anyhow::Result<Self> {
        let (text, made_up) = if from_stdin {
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).context("no password on standard input")?;
            (Secret::new(line.trim_end_matches(['\r', '\n'])), None)
        } else {
            let made_up = generated_password();
            (made_up.clone(), Some(made_up))
        };
        let password = Password::choose(text.expose(), email)?;
        Ok(Self { hash: PasswordHash::of(&password), made_up })
    }

    fn show(&self) {
        if let Some(password) = &self.made_up {
            println!("Password:      {} (shown once; let it be changed after signing in)", password.expose());
        }
    }
}

/// The settings file in force.
pub fn settings_file(named: Option<&Path>) -> Option<PathBuf> {
    let file = named.unwrap_or(Path::new(DEFAULT_FILE));
    file.is_file().then(|| file.to_owned())
}

/// RFC 3339 in UTC, to the second.
pub fn rfc3339(moment: UnixMillis) -> String {
    let seconds = i64::try_from(moment.0 / 1000).unwrap_or(i64::MAX);
    let moment = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    moment.format(&Rfc3339).unwrap_or_else(|_| moment.to_string())
}

/// A number of bytes for people.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let mut size = count as f64;
    let mut unit = "B";
    for larger in UNITS {
        if size < 1024.0 {
            break;
        }
        size /= 1024.0;
        unit = larger;
    }
    if unit == "B" { format!("{count} B") } else { format!("{size:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_moments_are_written_for_people() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(5 << 30), "5.0 GiB");
        assert_eq!(rfc3339(UnixMillis(1_705_312_800_250)), "2024-01-15T10:00:00Z");
    }
}
