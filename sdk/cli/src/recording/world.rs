//! The real platform, behind the rules of production. What it answers has the author's secrets starred before anybody
//! sees it: the plugin, the terminal, the recording.

use std::env;
use std::fs;

use futures_util::future::BoxFuture;
use neustream_contract::Secrets;
use neustream_outbound::{
    CheckedRequest, Echoes, HttpResponse, Network as _, Outbound, OutboundError, OutboundSettings,
};

use crate::failure::{Diagnostic, Exit, Failure};

/// The settings of a server for its way out, which hold here too.
const RESOLVE: &str = "NEUSTREAM_OUTBOUND_RESOLVE";
const CA_FILE: &str = "NEUSTREAM_OUTBOUND_CA_FILE";
const PRIVATE_NETWORKS: &str = "NEUSTREAM_ALLOW_PRIVATE_NETWORKS";

/// Headers of answers that hold secrets of their own.
const SECRET_HEADERS: [&str; 2] = ["set-cookie", "set-cookie2"];

/// The way to real platforms.
#[derive(Clone)]
pub(crate) struct World {
    outbound: Outbound,
}

impl World {
    /// As a server would reach it that has the same environment.
    ///
    /// # Errors
    /// When a setting is wrong.
    pub fn open() -> Result<Self, Failure> {
        let wrong = |variable: &str, why: String| {
            let message = format!("{variable}: {why}.");
            let help = "It is set as for a Neustream; leave it out to reach platforms as everybody does.";
            Failure::new(Exit::Usage, Diagnostic::new("outbound-setting", message).help(help))
        };
        let text = |variable| env::var(variable).ok().filter(|text| !text.trim().is_empty());
        let resolve = text(RESOLVE).unwrap_or_default();
        let resolve = resolve.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let resolve: Result<_, _> = resolve.map(str::parse).collect();
        let resolve = resolve
            .map_err(|error: neustream_outbound::ResolveOverrideInvalid| wrong(RESOLVE, error.to_string()))?;
        let read = |file: String| fs::read(&file).map_err(|error| wrong(CA_FILE, format!("{file}: {error}")));
        let extra_ca_pem = text(CA_FILE).map(read).transpose()?;
        let allow_private_networks = text(PRIVATE_NETWORKS).is_some_and(|word| word.trim() == "true");
        let settings = OutboundSettings { allow_private_networks, extra_ca_pem, resolve };
        let outbound = Outbound::new(settings).map_err(|error| wrong(CA_FILE, error.to_string()))?;
        Ok(Self { outbound })
    }

    /// Asks.
    pub fn ask(
        &self,
        request: CheckedRequest,
        secrets: &Secrets,
    ) -> BoxFuture<'static, Result<HttpResponse, OutboundError>> {
        let echoes = Echoes::of(secrets);
        let answer = self.outbound.exchange(request);
        Box::pin(async move { Ok(starred(answer.await?, &echoes)) })
    }
}

fn starred(response: HttpResponse, echoes: &Echoes) -> HttpResponse {
    let header = |(name, value): (String, String)| {
        let is_secret = SECRET_HEADERS.contains(&name.as_str());
        let value = if is_secret { "***".to_owned() } else { echoes.starred_text(value) };
        (name, value)
    };
    HttpResponse {
        status: response.status,
        headers: response.headers.into_iter().map(header).collect(),
        body: echoes.starred(response.body.to_vec()).into(),
    }
}
