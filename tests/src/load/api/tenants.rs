//! The organisations that ask: made over the API before anything is measured.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::kit::api::{Account, PASSWORD, post};
use crate::kit::server::Server;

/// Sources of each organisation.
pub const SOURCES: usize = 10;
/// Where destinations push to; never used, because nothing is live here.
pub const DESTINATION_URL: &str = "rtmp://127.0.0.1:1/live";
/// Destinations of each source.
const DESTINATIONS: usize = 3;

/// An organisation with what it has.
#[derive(Debug)]
pub struct Tenant {
    pub email: String,
    pub token: String,
    pub refresh_token: String,
    /// Ids of its sources.
    pub sources: Vec<String>,
    /// Ids of its destinations.
    pub destinations: Vec<String>,
}

/// All of them.
#[derive(Debug)]
pub struct Tenants(pub Vec<Tenant>);

impl Tenants {
    /// Makes `count` organisations.
    pub async fn make(server: &Server, count: usize) -> Result<Self> {
        let mut tenants = Vec::new();
        for number in 0..count {
            tenants.push(make(server, number).await.with_context(|| format!("organisation {number}"))?);
        }
        Ok(Self(tenants))
    }
}

async fn make(server: &Server, number: usize) -> Result<Tenant> {
    let email = format!("load{number}@example.com");
    let account = json!({ "email": email, "password": PASSWORD, "display_name": format!("Load {number}") });
    let answer = post(server.http(), "/api/auth/register", &account).await?.json()?;
    let token =
        |name: &str| answer[name].as_str().map(str::to_owned).with_context(|| format!("{name} in {answer}"));
    let mut tenant = Tenant {
        email,
        token: token("token")?,
        refresh_token: token("refresh_token")?,
        sources: Vec::new(),
        destinations: Vec::new(),
    };
    let account = Account::with(server.http(), &tenant.email, &tenant.token);
    for source in 0..SOURCES {
        let made = account.source(&format!("Source {source}")).await?;
        for destination in 0..DESTINATIONS {
            tenant.destinations.push(account.destination(&made, &new_destination(destination)).await?);
        }
        tenant.sources.push(made.id);
    }
    Ok(tenant)
}

fn new_destination(number: usize) -> Value {
    json!({
        "name": format!("Destination {number}"),
        "platform": "custom",
        "rtmp_url": DESTINATION_URL,
        "stream_key": "not-a-key",
    })
}
