//! `neustream-plugin login`

use std::io::{self, BufRead as _, IsTerminal as _};

use dialoguer::{Input, Password};
use neustream_model::Secret;
use serde_json::json;

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
        None => asked_email()?,
    };
    let password = if args.password_stdin { piped_password()? } else { asked_password(&server)? };
    let email = Client::sign_in(server.clone(), &email, &password)?;
    output.line(format!("Signed in at {server} as {email}."));
    output.document(&json!({ "server": server.as_str(), "email": email }));
    Ok(())
}

fn asked_email() -> Result<String, Failure> {
    if !is_terminal() {
        return Err(unasked("Whose account is it?", "Say --email you@example.com."));
    }
    Input::new().with_prompt("E-mail address").interact_text().map_err(|error| unread(&error))
}

fn asked_password(server: &ServerAddress) -> Result<Secret, Failure> {
    if !is_terminal() {
        let help = "Pipe the password in and say --password-stdin.";
        return Err(unasked("The password cannot be asked for: this is no terminal.", help));
    }
    let asked = Password::new().with_prompt(format!("Password at {server}")).interact();
    asked.map(Secret::new).map_err(|error| unread(&error))
}

/// The first line of standard input.
fn piped_password() -> Result<Secret, Failure> {
    let mut line = zeroize::Zeroizing::new(String::new());
    io::stdin().lock().read_line(&mut line).map_err(|error| unread(&error.into()))?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(unasked(
            "There is no password on standard input.",
            "Pipe it in: its first line is taken.",
        ));
    }
    Ok(Secret::new(password))
}

fn is_terminal() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

fn unasked(message: &str, help: &str) -> Failure {
    Failure::new(Exit::Usage, Diagnostic::new("not-given", message).help(help))
}

fn unread(error: &dialoguer::Error) -> Failure {
    Failure::new(
        Exit::Environment,
        Diagnostic::new("terminal", format!("Cannot read what you type: {error}.")),
    )
}
