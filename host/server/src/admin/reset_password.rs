//! `neustream admin reset-password`: for somebody who cannot sign in any more and gets no mail.

use anyhow::Context as _;
use neustream_accounts::Email;
use neustream_store::Actor;

use super::{NewPassword, Place};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct ResetPassword {
    /// The account's e-mail address.
    #[arg(long)]
    email: String,
    /// Read the password from standard input (its first line); without this one is made up and shown once.
    #[arg(long)]
    password_stdin: bool,
    /// Take away the second factor as well, for somebody who lost the phone and the recovery codes.
    #[arg(long)]
    remove_second_factor: bool,
}

impl ResetPassword {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> anyhow::Result<()> {
        let email: Email = self.email.parse().with_context(|| format!("`{}`", self.email))?;
        let store = place.open_store().await?;
        let host = store.host().acting_as(Actor::operator());
        let user = host.user_by_email(email.as_str()).await?;
        let user = user.with_context(|| format!("there is no account with the address {email}"))?;
        let password = NewPassword::get(self.password_stdin, &email)?;
        host.reset_password_of(user.id, password.hash.as_str(), self.remove_second_factor).await?;
        println!("Account:       {email}; whoever was signed in is signed out");
        password.show();
        if self.remove_second_factor {
            println!("Second factor: taken away");
        }
        store.close().await;
        Ok(())
    }
}
