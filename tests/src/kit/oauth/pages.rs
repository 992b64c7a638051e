//! The provider's pages, for people with a browser: where a client is registered, and where consent is asked for.
//!
//! They decide nothing themselves: a button does what a test does by calling the provider.

use anyhow::{Context as _, Result, bail};
use url::Url;

use super::https::{Answer, Request};
use super::provider::{Decision, Provider, ProviderRules, Registration};

/// Where developers register a client.
const CLIENTS: &str = "/console";

impl Provider {
    /// The address of the page on which developers register a client.
    pub fn console_url(&self) -> String {
        format!("https://{}{CLIENTS}", self.rules().page_name)
    }

    /// A page for people, where there is one.
    pub(super) fn page(&self, request: &Request) -> Option<Answer> {
        let rules = self.rules();
        // Elsewhere people are asked under a name of its own, which is another server.
        let is_here = rules.page_name == rules.name;
        let outcome = match (request.method.as_str(), request.path.as_str()) {
            _ if !is_here => return None,
            ("GET", CLIENTS) => Ok(registration()),
            ("POST", CLIENTS) => self.registered(request),
            ("GET", path) if path == rules.authorize_path => self.question(request),
            ("POST", path) if path == rules.authorize_path => self.decided(request),
            _ => return None,
        };
        // RFC 6749 4.1.2.1: whoever asks wrongly is not sent back, the person is told.
        let wrong =
            |error: anyhow::Error| Answer::page(400, "That does not work", &paragraph(&format!("{error:#}")));
        Some(outcome.unwrap_or_else(wrong))
    }

    fn registered(&self, request: &Request) -> Result<Answer> {
        let form = request.form()?;
        let redirect_uri = form.get("redirect_uri").context("redirect_uri")?.clone();
        Url::parse(&redirect_uri).with_context(|| format!("`{redirect_uri}` is no address"))?;
        let (client_id, client_secret) = self.new_client();
        let shown = |label, text: &str| format!("<p><label>{label} <output>{text}</output></label></p>");
        let content = shown("Client ID", &client_id) + &shown("Client Secret", &client_secret);
        self.register(Registration { client_id, client_secret, redirect_uris: vec![redirect_uri] });
        Ok(Answer::page(200, "Your application", &content))
    }

    fn question(&self, request: &Request) -> Result<Answer> {
        let asked = self.asked(&opened(self.rules(), request)?)?;
        let scopes: Vec<String> = asked.scopes.iter().map(|scope| escaped(scope)).collect();
        let who = paragraph(&format!("{} asks for:", asked.client_id));
        let buttons = "<button name=\"decision\" value=\"allow\">Allow</button> \
            <button name=\"decision\" value=\"deny\">Deny</button>";
        let content = format!("{who}<p>{}</p><form method=\"post\">{buttons}</form>", scopes.join(", "));
        Ok(Answer::page(200, "Do you agree?", &content))
    }

    fn decided(&self, request: &Request) -> Result<Answer> {
        let form = request.form()?;
        let decision = match form.get("decision").map(String::as_str) {
            Some("allow") => Decision::Allow,
            Some("deny") => Decision::Deny,
            other => bail!("the decision is {other:?}"),
        };
        Ok(Answer::see_other(self.consent(&opened(self.rules(), request)?, decision)?))
    }
}

fn registration() -> Answer {
    let content = "<form method=\"post\"><label>OAuth Redirect URL <input name=\"redirect_uri\" size=\"80\"></label> \
        <button>Create</button></form>";
    Answer::page(200, "Register your application", content)
}

/// The address that the browser has opened.
fn opened(rules: &ProviderRules, request: &Request) -> Result<String> {
    let page = format!("https://{}{}", rules.page_name, request.path);
    Ok(Url::parse_with_params(&page, &request.query)?.into())
}

fn paragraph(text: &str) -> String {
    format!("<p>{}</p>", escaped(text))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
