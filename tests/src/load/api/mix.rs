//! Which requests come how often.

use std::collections::VecDeque;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};
use serde_json::{Value, json};

use super::client::Outcome;
use super::tenants::{DESTINATION_URL, Tenant, Tenants};
use crate::kit::api::PASSWORD;

/// One kind of request.
#[derive(Debug)]
pub struct Kind {
    /// Its name in the table.
    pub name: &'static str,
    /// How many of a thousand requests are of it.
    per_mille: u32,
    make: fn(&mut Mix, usize) -> Request,
}

/// A request.
#[derive(Debug)]
pub struct Request {
    pub kind: &'static str,
    /// Whose it is: the place in the list.
    pub tenant: usize,
    pub method: &'static str,
    pub path: String,
    pub token: Option<String>,
    pub body: Option<Value>,
}

/// What is asked: dashboards that look, integrations that change something now and then, people who sign in.
pub const KINDS: [Kind; 16] = [
    Kind { name: "list sources", per_mille: 170, make: |mix, it| mix.get(it, "/api/sources") },
    Kind { name: "streams/info", per_mille: 140, make: |mix, it| mix.get(it, "/api/streams/info") },
    Kind { name: "show a source", per_mille: 120, make: |mix, it| mix.get_source(it, "") },
    Kind { name: "list destinations", per_mille: 110, make: |mix, it| mix.get_source(it, "/destinations") },
    Kind { name: "profile", per_mille: 110, make: |mix, it| mix.get(it, "/api/auth/profile") },
    Kind { name: "list installations", per_mille: 70, make: |mix, it| mix.get(it, "/api/installations") },
    Kind { name: "list plugins", per_mille: 60, make: |mix, it| mix.get(it, "/api/plugins") },
    Kind {
        name: "my subscription",
        per_mille: 40,
        make: |mix, it| mix.get(it, "/api/subscriptions/my-subscription"),
    },
    Kind { name: "audit log", per_mille: 20, make: |mix, it| mix.get(it, "/api/audit-log?limit=20") },
    Kind {
        name: "plans (nobody signed in)",
        per_mille: 60,
        make: |mix, it| mix.public(it, "/api/subscriptions/plans"),
    },
    Kind { name: "change a source", per_mille: 50, make: Mix::change_source },
    Kind { name: "create a source", per_mille: 15, make: Mix::create_source },
    Kind { name: "delete that source", per_mille: 15, make: Mix::delete_source },
    Kind { name: "change a destination", per_mille: 10, make: Mix::change_destination },
    Kind { name: "refresh the tokens", per_mille: 8, make: Mix::refresh },
    Kind { name: "sign in", per_mille: 2, make: Mix::sign_in },
];

/// Draws requests.
pub struct Mix {
    tenants: Vec<Tenant>,
    random: StdRng,
    /// Sources that were made meanwhile, and whose: they are deleted again, so that there are as many at the end.
    made: VecDeque<(usize, String)>,
}

impl Request {
    /// Whether it changes something.
    pub fn is_write(&self) -> bool {
        self.method != "GET"
    }
}

impl Mix {
    pub fn new(tenants: Tenants, random: StdRng) -> Self {
        Self { tenants: tenants.0, random, made: VecDeque::new() }
    }

    /// The next request.
    pub fn next_request(&mut self) -> Request {
        let mut number = self.random.random_range(0..1000);
        let tenant = self.random.random_range(0..self.tenants.len());
        for kind in &KINDS {
            if number < kind.per_mille {
                return Request { kind: kind.name, ..(kind.make)(self, tenant) };
            }
            number -= kind.per_mille;
        }
        unreachable!("the kinds make a thousand; a test counts")
    }

    /// Takes over what an answer brought.
    pub fn learn(&mut self, outcome: &Outcome) {
        let tenant = &mut self.tenants[outcome.request.tenant];
        match outcome.request.kind {
            "create a source" => {
                let id = outcome.answer["source"]["id"].as_str().map(str::to_owned);
                self.made.extend(id.map(|id| (outcome.request.tenant, id)));
            }
            "refresh the tokens" => {
                if let Some(token) = outcome.answer["refresh_token"].as_str() {
                    token.clone_into(&mut tenant.refresh_token);
                }
                if let Some(token) = outcome.answer["token"].as_str() {
                    token.clone_into(&mut tenant.token);
                }
            }
            _ => {}
        }
    }

    fn get(&mut self, tenant: usize, path: &str) -> Request {
        self.request(tenant, "GET", path.to_owned(), None)
    }

    fn public(&mut self, tenant: usize, path: &str) -> Request {
        Request { token: None, ..self.get(tenant, path) }
    }

    fn get_source(&mut self, tenant: usize, rest: &str) -> Request {
        let id = self.source(tenant);
        self.request(tenant, "GET", format!("/api/sources/{id}{rest}"), None)
    }

    fn change_source(&mut self, tenant: usize) -> Request {
        let id = self.source(tenant);
        let body = json!({ "description": format!("Changed {:x}", self.random.next_u32()) });
        self.request(tenant, "PUT", format!("/api/sources/{id}"), Some(body))
    }

    fn create_source(&mut self, tenant: usize) -> Request {
        self.request(tenant, "POST", "/api/sources".to_owned(), Some(json!({ "name": "Made meanwhile" })))
    }

    /// As many as were made; a look at the sources where there is none.
    fn delete_source(&mut self, tenant: usize) -> Request {
        match self.made.pop_front() {
            Some((owner, id)) => self.request(owner, "DELETE", format!("/api/sources/{id}"), None),
            None => self.get(tenant, "/api/sources"),
        }
    }

    fn change_destination(&mut self, tenant: usize) -> Request {
        let number = self.random.random_range(0..1_000_000);
        let id = self.tenants[tenant].destinations.choose(&mut self.random).cloned().unwrap_or_default();
        let body = json!({ "name": format!("Destination {number}"), "rtmp_url": DESTINATION_URL });
        self.request(tenant, "PUT", format!("/api/sources/destinations/{id}"), Some(body))
    }

    /// Each refresh token is taken once, so it leaves the pool until its answer brings the next.
    fn refresh(&mut self, tenant: usize) -> Request {
        let token = std::mem::take(&mut self.tenants[tenant].refresh_token);
        if token.is_empty() {
            return self.get(tenant, "/api/auth/profile");
        }
        let body = Some(json!({ "refresh_token": token }));
        Request { token: None, ..self.request(tenant, "POST", "/api/auth/refresh".to_owned(), body) }
    }

    fn sign_in(&mut self, tenant: usize) -> Request {
        let body = Some(json!({ "email": self.tenants[tenant].email, "password": PASSWORD }));
        Request { token: None, ..self.request(tenant, "POST", "/api/auth/login".to_owned(), body) }
    }

    fn source(&mut self, tenant: usize) -> String {
        self.tenants[tenant].sources.choose(&mut self.random).cloned().unwrap_or_default()
    }

    fn request(&self, tenant: usize, method: &'static str, path: String, body: Option<Value>) -> Request {
        let token = Some(self.tenants[tenant].token.clone());
        Request { kind: "", tenant, method, path, token, body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_make_a_thousand_and_one_in_ten_is_a_write() {
        assert_eq!(KINDS.iter().map(|kind| kind.per_mille).sum::<u32>(), 1000);
        let writes: u32 = KINDS[10..].iter().map(|kind| kind.per_mille).sum();
        assert_eq!(writes, 100);
    }
}
