//! `neustream admin create-administrator`: an account that runs the platform, or the right to for one that is there.

use anyhow::{Context as _, bail};
use neustream_accounts::{Email, PlatformRole};
use neustream_store::{Actor, NewAccount, StoreError};

use super::{NewPassword, Place};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct CreateAdministrator {
    /// The e-mail address to sign in with.
    #[arg(long)]
    email: String,
    /// The name that people see; by default what stands before the @.
    #[arg(long)]
    name: Option<String>,
    /// Read the password from standard input (its first line); without this one is made up and shown once.
    #[arg(long)]
    password_stdin: bool,
    /// Make the account with this address an administrator instead of making one.
    #[arg(long, conflicts_with_all = ["name", "password_stdin"])]
    existing: bool,
}

impl CreateAdministrator {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> anyhow::Result<()> {
        let email: Email = self.email.parse().with_context(|| format!("`{}`", self.email))?;
        let store = place.open_store().await?;
        let host = store.host().acting_as(Actor::operator());
        if self.existing {
            let user = host.user_by_email(email.as_str()).await?;
            let user = user.with_context(|| format!("there is no account with the address {email}"))?;
            host.make_administrator(user.id).await?;
            println!("Administrator: {email} (as of the next request)");
            return Ok(());
        }
        let name = self.name.unwrap_or_else(|| email.local().to_owned());
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
            bail!("a name has 1 to 100 characters and no control characters");
        }
        // Asked for before anything is made up or read.
        if host.user_by_email(email.as_str()).await?.is_some() {
            bail!("{}", taken(&email));
        }
        let password = NewPassword::get(self.password_stdin, &email)?;
        let account = NewAccount {
            email: email.as_str().to_owned(),
            display_name: name.to_owned(),
            password_hash: password.hash.as_str().to_owned(),
            role: PlatformRole::Admin.as_str().to_owned(),
        };
        match host.create_administrator(&account).await {
            Err(StoreError::EmailTaken) => bail!("{}", taken(&email)),
            made => made?,
        };
        println!("Administrator: {email}");
        password.show();
        store.close().await;
        Ok(())
    }
}

fn taken(email: &Email) -> String {
    format!("there is an account with the address {email}: --existing makes it an administrator")
}
