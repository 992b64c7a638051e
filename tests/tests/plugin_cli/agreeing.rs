//! What an author is asked to agree to, and the secrets that are typed: each with its yes and its no.

use neustream_tests::kit::api::{Account, PASSWORD};
use neustream_tests::kit::author::{built, republished};
use neustream_tests::kit::server::Server;
use neustream_tests::kit::{Result, ensure};
use serde_json::{Value, json};

use crate::kit::{BUILD, Desk, edit};
use crate::terminal::{CTRL_C, ENTER};

const PASSPHRASE: &str = "four words far apart";

/// A package of `id` that nobody signed.
fn unsigned(desk: &Desk, id: &str, name: &str) -> Result<()> {
    let package = republished(&built("destinations/custom-rtmp")?, |manifest| {
        manifest["id"] = json!(id);
        manifest["version"] = json!("1.0.0");
        manifest["changelog"] = json!("");
    })?;
    desk.write(name, package)?;
    Ok(())
}

async fn publishers(account: &Account) -> Result<Value> {
    Ok(account.ask("GET", "/api/publishers", None).await?["publishers"].take())
}

async fn installations(account: &Account) -> Result<Value> {
    Ok(account.ask("GET", "/api/installations", None).await?["installations"].take())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_asks_for_address_and_password_and_shows_no_letter_of_it() -> Result<()> {
    let server = Server::start().await?;
    let (desk, account) = (Desk::new()?, server.account().await?);
    let place = server.base_url();
    let password = format!("Password at {place} (not shown): ");

    let mut terminal = desk.terminal(&["login", &place])?;
    terminal.answers("E-mail address: ", "somebody\r").await?;
    terminal.sees("`somebody` is not an e-mail address").await?;
    terminal.answers("E-mail address: ", &format!("{}\r", account.email)).await?;
    terminal.answers(&password, CTRL_C).await?;
    terminal.ends_with(130).await?;
    ensure!(!desk.path("home/sessions.json").exists(), "nobody has signed in");

    let mut terminal = desk.terminal(&["login", &place, "--email", &account.email])?;
    terminal.answers(&password, "not my password\r").await?;
    let shown = terminal.ends_with(4).await?;
    ensure!(shown.contains("does not know this e-mail address with this password"), "{shown}");
    ensure!(!shown.contains("not my"), "what was typed was shown: {shown}");

    let mut terminal = desk.terminal(&["login", &place, "--email", &account.email])?;
    // Nothing is no password.
    terminal.answers(&password, ENTER).await?;
    terminal.types(&format!("{PASSWORD}\r")).await?;
    let shown = terminal.ends_with(0).await?;
    ensure!(shown.contains(&format!("Signed in at {place}")), "{shown}");
    ensure!(!shown.contains(PASSWORD), "the password was shown: {shown}");
    ensure!(desk.sessions()?["servers"][place].is_object(), "the session is kept");
    Ok(())
}

#[tokio::test]
async fn a_key_is_sealed_with_a_passphrase_that_is_typed_twice_and_opened_with_it() -> Result<()> {
    let (desk, other) = (Desk::new()?, Desk::new()?);
    desk.succeed(&["key", "new", "acme"]).await?;
    let (first, again) =
        ("A passphrase, at least 12 characters (not shown): ", "The same once more (not shown): ");
    let export = ["key", "export", "acme", "acme.key"];
    for (keys, code, told) in
        [("something else\r", 2, "are not the same"), (CTRL_C, 130, "Ended at a question")]
    {
        let mut terminal = desk.terminal(&export)?;
        terminal.answers(first, &format!("{PASSPHRASE}\r")).await?;
        terminal.answers(again, keys).await?;
        let shown = terminal.ends_with(code).await?;
        ensure!(shown.contains(told), "{shown}");
        ensure!(!desk.path("acme.key").exists(), "nothing was written");
    }
    // What is too short is told before it is typed again.
    let mut terminal = desk.terminal(&export)?;
    terminal.answers(first, "short\r").await?;
    let shown = terminal.ends_with(2).await?;
    ensure!(shown.contains("has 5 characters; it needs 12") && !shown.contains(again), "{shown}");

    let mut terminal = desk.terminal(&export)?;
    terminal.answers(first, &format!("{PASSPHRASE}\r")).await?;
    terminal.answers(again, &format!("{PASSPHRASE}\r")).await?;
    let sealed = terminal.ends_with(0).await?;
    ensure!(sealed.contains("Sealed the key of acme"), "{sealed}");

    other.write("acme.key", std::fs::read(desk.path("acme.key"))?)?;
    let question = "The passphrase of the key of acme (not shown): ";
    for (passphrase, code, told) in
        [("another passphrase", 2, "The key does not open"), (PASSPHRASE, 0, "Took in the key of acme")]
    {
        let mut terminal = other.terminal(&["key", "import", "acme.key"])?;
        terminal.answers(question, &format!("{passphrase}\r")).await?;
        let shown = terminal.ends_with(code).await?;
        ensure!(shown.contains(told), "{shown}");
        ensure!(
            !shown.contains(passphrase) && !sealed.contains(PASSPHRASE),
            "a passphrase was shown: {shown}"
        );
        let has_key = other.path("home/keys/acme.json").exists();
        ensure!(has_key == (code == 0), "the key is here only if it opened");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publishing_makes_a_key_and_takes_a_namespace_only_where_the_author_agrees() -> Result<()> {
    let server = Server::start().await?;
    let (desk, account) = Desk::signed_in(&server).await?;
    unsigned(&desk, "acme/calm", "calm.wasm")?;
    let make = "There is no key for the namespace acme on this machine. Make one? [y/n] ";
    let take = format!("Take the namespace acme at {}, with the key ed25519:", server.base_url());
    let key = desk.path("home/keys/acme.json");

    let mut terminal = desk.terminal(&["publish", "calm.wasm"])?;
    terminal.answers(make, "n").await?;
    let shown = terminal.ends_with(2).await?;
    ensure!(shown.contains("neustream-plugin key new acme") && !key.exists(), "{shown}");

    let mut terminal = desk.terminal(&["publish", "calm.wasm"])?;
    terminal.answers(make, "y").await?;
    terminal.sees(&take).await?;
    terminal.answers("[y/n] ", "n").await?;
    let shown = terminal.ends_with(2).await?;
    ensure!(shown.contains("Nothing was published") && key.exists(), "{shown}");
    ensure!(publishers(&account).await? == json!([]), "nothing was registered");

    let mut terminal = desk.terminal(&["publish", "calm.wasm"])?;
    terminal.sees(&take).await?;
    terminal.answers("[y/n] ", "y").await?;
    let shown = terminal.ends_with(0).await?;
    ensure!(shown.contains("Took the namespace acme") && shown.contains("draft > [scanned]"), "{shown}");

    // The same author at another machine, whose key is another one.
    let second = Desk::new()?;
    second.sign_in(&server, &account, PASSWORD).await?;
    second.succeed(&["key", "new", "acme"]).await?;
    unsigned(&second, "acme/other", "other.wasm")?;
    for (keys, code, count, told) in
        [("n", 2, 1, "Nothing was published"), (CTRL_C, 130, 1, "Ended at"), ("y", 0, 2, "Added the key")]
    {
        let mut terminal = second.terminal(&["publish", "other.wasm"])?;
        terminal.sees("Let the key ed25519:").await?;
        terminal.answers(&format!("sign for acme at {}? [y/n] ", server.base_url()), keys).await?;
        let shown = terminal.ends_with(code).await?;
        ensure!(shown.contains(told), "{shown}");
        let known = publishers(&account).await?[0]["keys"].as_array().map_or(0, Vec::len);
        ensure!(known == count, "{known} keys after {keys:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_in_development_runs_only_with_the_authors_consent_and_gets_secrets_that_are_typed()
-> Result<()> {
    let server = Server::start().await?;
    let (desk, account) = Desk::signed_in(&server).await?;
    let project = desk.project("acme/pay", "payment", "pay").await?;
    let grant = format!("Grant that at {}? [y/n] ", server.base_url());

    for (arguments, keys, code, told) in [
        (&["dev", "pay", "--once"][..], "n", 2, "was not granted what it asks for"),
        // Nothing but the question ends here: the command would go on for ever.
        (&["dev", "pay"], CTRL_C, 130, "Ended at a question"),
        (&["dev", "pay"], "n", 2, "was not granted what it asks for"),
    ] {
        let mut terminal = desk.terminal(arguments)?;
        terminal.sees_within(BUILD, &grant).await?;
        terminal.types(keys).await?;
        let shown = terminal.ends_with(code).await?;
        ensure!(shown.contains("acme/pay asks for:") && shown.contains(told), "{shown}");
        ensure!(installations(&account).await? == json!([]), "nothing was installed: {shown}");
    }

    let secret = "Secret api-key (not shown): ";
    let arguments = ["dev", "pay", "--once", "--secret", "api-key"];
    let mut terminal = desk.terminal(&arguments)?;
    terminal.answers(secret, CTRL_C).await?;
    terminal.ends_with(130).await?;
    ensure!(installations(&account).await? == json!([]), "nothing was installed");

    let mut terminal = desk.terminal(&arguments)?;
    terminal.answers(secret, "sk-9353-of-a-hand\r").await?;
    terminal.sees_within(BUILD, &grant).await?;
    terminal.types("y").await?;
    let shown = terminal.ends_with(0).await?;
    ensure!(shown.contains("It still misses:") && !shown.contains("9353"), "{shown}");
    let installed = installations(&account).await?;
    let id = installed[0]["id"].as_str().unwrap_or_default();
    let one = account.ask("GET", &format!("/api/installations/{id}"), None).await?;
    let secrets = &one["installation"]["secrets"];
    ensure!(secrets["api-key"]["set"] == true && secrets["webhook-secret"]["set"] != true, "{one}");

    // More than was granted is a question of its own; without consent the installation stays what it is.
    let kv = "[capabilities.kv]\nmax-bytes = 1024\n\n[capabilities.http]";
    edit(&project.join("plugin.toml"), &[("[capabilities.http]", kv)])?;
    let digest = |installed: &Value| installed[0]["digest"].clone();
    for (keys, code) in [("n", 2), ("y", 0)] {
        let mut terminal = desk.terminal(&["dev", "pay", "--once"])?;
        terminal.sees_within(BUILD, "acme/pay asks for more than it was granted:").await?;
        terminal.answers(&grant, keys).await?;
        let shown = terminal.ends_with(code).await?;
        let now = installations(&account).await?;
        ensure!((digest(&now) == digest(&installed)) == (code != 0), "{now} after {keys:?}: {shown}");
    }
    Ok(())
}
