//! `neustream-plugin login`

use std::io::{self, BufRead as _};

use neustream_model::Secret;
use serde_json::json;
use zeroize::Zeroizing;

use crate::ask;
use crate::cli::Login;
use crate::failure::{Diagnostic, Exit, Failure};
use crate::output::Output;
use crate::remote::{Client, ServerAddress};

pub(crate) fn run(args: &Login, output: &Output) -> Result<(), Failure> {
    let server: ServerAddress = args.server.parse()?;
    if !args.allow_http {
        server.expect_private()?;
    }
    let email = match &args.email {
        Some(email) => email.clone(),
        None => ask::text("E-mail address", "Say --email you@example.com.")?,
    };
    let password = if args.password_stdin {
        piped_password()?
    } else {
        ask::secret(&format!("Password at {server}"), "Pipe the password in and say --password-stdin.")?
    };
    let email = Client::sign_in(server.clone(), &email, &password)?;
    output.line(format!("Signed in at {server} as {email}."));
    output.document(&json!({ "server": server.as_str(), "email": email }));
    Ok(())
}

/// The first line of standard input.
fn piped_password() -> Result<Secret, Failure> {
    let mut line = Zeroizing::new(String::new());
    io::stdin().lock().read_line(&mut line).map_err(|error| ask::unread(&error.into()))?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        let message = "There is no password on standard input.";
        let help = "Pipe it in: its first line is taken.";
        return Err(Failure::new(Exit::Usage, Diagnostic::new("not-given", message).help(help)));
    }
    Ok(Secret::new(password))
}
