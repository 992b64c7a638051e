//! `neustream-plugin login`

use serde_json::json;

use crate::ask;
use crate::cli::Login;
use crate::failure::Failure;
use crate::output::Output;
use crate::remote::{Client, ServerAddress};

pub(crate) fn run(args: &Login, output: &Output) -> Result<(), Failure> {
    let server: ServerAddress = args.server.parse()?;
    if !args.allow_http {
        server.expect_private()?;
    }
    let email = match &args.email {
        Some(email) => email.clone(),
        None => ask::text("E-mail address", "Say --email you@example.com.", check_email)?,
    };
    let password = if args.password_stdin {
        ask::piped("password")?
    } else {
        ask::secret(&format!("Password at {server}"), "Pipe the password in and say --password-stdin.")?
    };
    let email = Client::sign_in(server.clone(), &email, &password)?;
    output.line(format!("Signed in at {server} as {email}."));
    output.document(&json!({ "server": server.as_str(), "email": email }));
    Ok(())
}

/// What is plainly no address is told before a password is typed.
fn check_email(email: &str) -> Result<(), String> {
    if email.contains('@') {
        Ok(())
    } else {
        Err(format!("`{email}` is not an e-mail address: it has no `@`."))
    }
}
